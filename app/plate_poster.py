"""Plates as a picture file: barcodes, heat maps and the colour bar, at any size and off the Qt thread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPicture
from PySide6.QtSvg import QSvgGenerator

from app.colouring import Colouring
from app.open_plate import OpenPlate
from app.theme import Theme, font
from app.views.plate_heads import head_size, paint_heads
from app.views.plate_image import paint_well, plate_grid, wells_image
from molphenix_core.errors import InputError
from molphenix_core.progress import Progress, silent
from molphenix_core.writing import written_aside

__all__ = ["PlatePoster", "PosterPlate", "save_poster"]

_MARGIN, _GAP = 24, 22
# Pixels of a picture file to one of the poster.
_SCALE = 2.0


@dataclass(frozen=True, eq=False)
class PosterPlate:
    """A plate of a poster.

    Parameters
    ----------
    plate : OpenPlate
    barcode : int
    title : str
    colouring : Colouring
        Of all wells of the file.
    """

    plate: OpenPlate
    barcode: int
    title: str
    colouring: Colouring


@dataclass(frozen=True, eq=False)
class PlatePoster:
    """What is on the picture.

    Parameters
    ----------
    title, subtitle : str
        The files, and what has to be known of them.
    plates : sequence of PosterPlate
    legend : QPicture
        The colour bar, as it paints itself.
    legend_size : QSize
    base : QFont
        Of the window.
    theme : Theme
    """

    title: str
    subtitle: str
    plates: Sequence[PosterPlate]
    legend: QPicture
    legend_size: QSize
    base: QFont
    theme: Theme

    @property
    def across(self) -> int:
        """Plates in a row: plates are wider than high, and pictures of them a little."""
        return math.ceil(0.9 * math.sqrt(len(self.plates)))

    @property
    def tile_width(self) -> int:
        """Width of a plate."""
        return max(self.legend_size.width() if len(self.plates) == 1 else 0, 260, min(640, 1800 // self.across))

    def side(self, one: PosterPlate) -> int:
        """Size of the wells of a plate."""
        across = head_size(QFontMetrics(self.base))[0]
        return max(4, (self.tile_width - across) // one.plate.format(one.barcode).columns)

    def tile_height(self, one: PosterPlate) -> int:
        """Height of a plate with its name and heads."""
        metrics = QFontMetrics(self.base)
        return metrics.height() + 8 + head_size(metrics)[1] + self.side(one) * one.plate.format(one.barcode).rows


def save_poster(path: str | Path, poster: PlatePoster, *, progress: Progress = silent) -> None:
    """Write a poster, aside and then renamed; every well of a drawing is a shape of its own.

    Parameters
    ----------
    path : path
        Ending in ``.png`` (two pixels for each of the poster) or ``.svg``.
    poster : PlatePoster
    progress : callable
        Told the share done.

    Raises
    ------
    InputError
        For another ending, or a place that cannot be written to.
    Cancelled
        From ``progress``; nothing is written then.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in {".png", ".svg"}:
        raise InputError(path, "file name", path.suffix or "no ending", ".png or .svg")
    rows = [poster.plates[start : start + poster.across] for start in range(0, len(poster.plates), poster.across)]
    heights = [max(poster.tile_height(one) for one in row) for row in rows]
    metrics = QFontMetrics(poster.base)
    head = 2 * metrics.height() + 18
    width = 2 * _MARGIN + poster.across * poster.tile_width + (poster.across - 1) * _GAP
    height = head + sum(heights) + len(rows) * _GAP + poster.legend_size.height() + 2 * _MARGIN
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if ending == ".png":
        image = QImage(QSize(width, height) * _SCALE, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(_SCALE)
        _paint(QPainter(image), poster, rows, heights, QSize(width, height), progress, vector=False)
        image.save(buffer, "PNG")  # type: ignore[call-overload]
    else:
        drawing = QSvgGenerator()
        drawing.setOutputDevice(buffer)
        drawing.setSize(QSize(width, height))
        drawing.setViewBox(QRectF(0, 0, width, height))
        drawing.setTitle(poster.title)
        drawing.setResolution(96)
        _paint(QPainter(drawing), poster, rows, heights, QSize(width, height), progress, vector=True)
    with written_aside(path) as aside:
        aside.write_bytes(bytes(buffer.data().data()))


def _paint(
    painter: QPainter,
    poster: PlatePoster,
    rows: Sequence[Sequence[PosterPlate]],
    heights: Sequence[int],
    size: QSize,
    progress: Progress,
    *,
    vector: bool,
) -> None:
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(0, 0, size.width(), size.height()), QColor(poster.theme.base))
        line = QFontMetrics(poster.base).height()
        room = QRectF(_MARGIN, _MARGIN, size.width() - 2 * _MARGIN, line + 4)
        painter.setFont(font(poster.base, step=1.5, bold=True))
        painter.setPen(QColor(poster.theme.text))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, poster.title)
        painter.setFont(poster.base)
        painter.setPen(QColor(poster.theme.muted))
        painter.drawText(room.translated(0, line + 4), Qt.AlignmentFlag.AlignVCenter, poster.subtitle)
        y = _MARGIN + 2.0 * line + 18
        done = 0
        for row, height in zip(rows, heights, strict=True):
            for place, one in enumerate(row):
                progress(done / len(poster.plates), f"Painting {one.title}")
                corner = QPointF(_MARGIN + place * (poster.tile_width + _GAP), y)
                _paint_plate(painter, poster, one, corner, vector=vector)
                done += 1
            y += height + _GAP
        painter.translate(_MARGIN, y)
        poster.legend.play(painter)
    finally:
        # A painter that is still on its device when both go takes the process with it.
        painter.end()


def _paint_plate(
    painter: QPainter, poster: PlatePoster, one: PosterPlate, corner: QPointF, *, vector: bool
) -> None:
    metrics = QFontMetrics(poster.base)
    across, down = head_size(metrics)
    side = poster.side(one)
    grid = plate_grid(one.plate, one.barcode)
    painter.setFont(font(poster.base, bold=True))
    painter.setPen(QColor(poster.theme.text))
    name = QRectF(corner.x(), corner.y(), poster.tile_width, metrics.height())
    title = painter.fontMetrics().elidedText(one.title, Qt.TextElideMode.ElideMiddle, poster.tile_width)
    painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, title)
    wells = QPointF(corner.x() + across, corner.y() + metrics.height() + 8 + down)
    chosen = np.zeros(grid.shape[0], dtype=bool), np.zeros(grid.shape[1], dtype=bool)
    paint_heads(painter, chosen, wells, side, poster.base, poster.theme)
    if not vector:
        pixels = round(side * _SCALE)
        image = wells_image(grid, one.colouring, one.plate.kind, pixels, _SCALE, poster.theme)
        painter.drawImage(wells, image)
        return
    for (row, column), well in np.ndenumerate(grid):
        rect = QRectF(wells.x() + column * side, wells.y() + row * side, side, side)
        colour, mark = QColor(), 0
        if well >= 0:
            colour = QColor(*(int(value) for value in one.colouring.rgb[well]))
            kind = int(one.plate.kind[well])
            mark = 0 if kind == 0 else 2 if kind == 2 else 1
        known = bool(one.colouring.known[well]) if well >= 0 else True
        paint_well(painter, rect, colour, mark, poster.theme, known=known)
