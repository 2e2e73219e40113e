"""The wells of a plate as one image: a small picture for each colour and mark, laid out by their places."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from app.colouring import Colouring
from app.open_plate import OpenPlate
from app.theme import DARK, LIGHT, Theme, rgb_of

__all__ = ["paint_well", "plate_grid", "rings_image", "wells_image"]

_ABSENT, _KNOWN = -1, 1 << 28
_DARK_INK, _LIGHT_INK = "#1c2128", "#ffffff"


def plate_grid(plate: OpenPlate, barcode: int) -> NDArray[np.intp]:
    """Row of the file's table at each position of a physical plate, -1 where there is no well; (rows, columns)."""
    rows = plate.rows_on(barcode)
    rows = rows[plate.positions[rows, 0] >= 0]
    if not len(rows):
        return np.full((0, 0), -1, dtype=np.intp)
    size = plate.format(barcode)
    grid = np.full((size.rows, size.columns), -1, dtype=np.intp)
    grid[plate.positions[rows, 0], plate.positions[rows, 1]] = rows
    return grid


def wells_image(
    grid: NDArray[np.intp],
    colouring: Colouring | None,
    kind: NDArray[np.int8],
    side: int,
    ratio: float,
    theme: Theme,
) -> QImage:
    """Paint the wells of a plate.

    Parameters
    ----------
    grid : intp (rows, columns)
        Row of the file's table at each position, -1 where the file has no well.
    colouring : Colouring or None
        Of the file's wells; None paints all as without a value.
    kind : int8 (n,)
        See :data:`app.open_plate.KINDS`; controls are marked.
    side : int
        Of a well, in pixels of the device.
    ratio : float
        Pixels of the device to one of the window.
    theme : Theme

    Returns
    -------
    QImage
        Transparent between the wells.
    """
    looks = np.full(grid.shape, _ABSENT, dtype=np.int64)
    there = grid >= 0
    wells = grid[there]
    if colouring is None:
        red, green, blue = rgb_of(theme.no_value)
        colours = np.full(len(wells), red << 16 | green << 8 | blue, dtype=np.int64)
    else:
        colours = colouring.rgb[wells].astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
        colours += colouring.known[wells].astype(np.int64) * _KNOWN
    # Other controls than positive ones carry the mark of the negative ones.
    marks = np.select([kind[wells] == 0, kind[wells] == 2], [0, 2], 1)
    looks[there] = marks << 24 | colours
    unique, index = np.unique(looks, return_inverse=True)
    atlas = np.stack([_well_pixels(int(look), side, ratio, theme.dark) for look in unique])
    return _laid_out(atlas, index.reshape(grid.shape), side, ratio)


def rings_image(chosen: NDArray[np.bool_], side: int, ratio: float, theme: Theme) -> QImage:
    """Paint rings around selected wells.

    Parameters
    ----------
    chosen : bool (rows, columns)
    side, ratio, theme
        As for :func:`wells_image`.
    """
    atlas = np.stack([np.zeros((side, side), dtype=np.uint32), _ring_pixels(side, ratio, theme.dark)])
    return _laid_out(atlas, chosen.astype(np.intp), side, ratio)


def paint_well(
    painter: QPainter, rect: QRectF, colour: QColor, mark: int, theme: Theme, *, known: bool = True
) -> None:
    """Paint one well.

    Parameters
    ----------
    painter : QPainter
    rect : QRectF
        Its place, the gap to its neighbours included.
    colour : QColor
        Not valid where the file has no such well.
    mark : int
        0 for a treatment, 1 for a control, 2 for a positive one.
    theme : Theme
    known : bool
        Whether the well has a value; one without is smaller, as its grey is near the middle of some maps.
    """
    side = rect.width()
    gap = 1.0 if side >= 8 else 0.5
    gap += 0.0 if known else side * 0.1
    rect = rect.adjusted(gap, gap, -gap, -gap)
    radius = side * 0.22
    if not colour.isValid():
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = side * 0.22
        painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius / 2, radius / 2)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(rect, radius, radius)
    if not mark:
        return
    # Controls carry a mark of their own, so that they are told from treatments under any colouring.
    painter.setPen(QPen(QColor(_DARK_INK if _is_light(colour) else _LIGHT_INK), max(1.0, side * 0.09)))
    centre, arm = rect.center(), rect.width() * 0.2
    painter.drawLine(QPointF(centre.x() - arm, centre.y()), QPointF(centre.x() + arm, centre.y()))
    if mark == 2:
        painter.drawLine(QPointF(centre.x(), centre.y() - arm), QPointF(centre.x(), centre.y() + arm))


def _is_light(colour: QColor) -> bool:
    """Whether dark ink stands out better, by relative luminance (ITU-R BT.709)."""
    return 0.2126 * colour.redF() + 0.7152 * colour.greenF() + 0.0722 * colour.blueF() > 0.45


def _laid_out(atlas: NDArray[np.uint32], index: NDArray[np.intp], side: int, ratio: float) -> QImage:
    rows, columns = index.shape
    pixels = np.empty((rows, side, columns, side), dtype=np.uint32)
    pixels[:] = atlas[index].transpose(0, 2, 1, 3)
    width, height = columns * side, rows * side
    image = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied).copy()
    image.setDevicePixelRatio(ratio)
    return image


def _canvas(side: int, ratio: float) -> QImage:
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    return image


def _pixels(image: QImage, side: int) -> NDArray[np.uint32]:
    return np.frombuffer(image.constBits(), dtype=np.uint32).reshape(side, side).copy()


@lru_cache(maxsize=1024)
def _well_pixels(look: int, side: int, ratio: float, dark: bool) -> NDArray[np.uint32]:
    image = _canvas(side, ratio)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = QColor() if look == _ABSENT else QColor(look >> 16 & 255, look >> 8 & 255, look & 255)
    mark, known = (0, True) if look == _ABSENT else (look >> 24 & 3, bool(look & _KNOWN))
    place = QRectF(0, 0, side / ratio, side / ratio)
    paint_well(painter, place, colour, mark, DARK if dark else LIGHT, known=known)
    painter.end()
    return _pixels(image, side)


@lru_cache(maxsize=64)
def _ring_pixels(side: int, ratio: float, dark: bool) -> NDArray[np.uint32]:
    theme = DARK if dark else LIGHT
    image = _canvas(side, ratio)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    size = side / ratio
    outer = max(1.2, min(2.4, size * 0.12))
    # Two rings, one of which stands out against any fill; small wells have room for one.
    inner = outer + 1.6 if size >= 9 else outer
    rect = QRectF(0, 0, size, size).adjusted(outer / 2, outer / 2, -outer / 2, -outer / 2)
    painter.setPen(QPen(QColor(theme.base), inner))
    painter.drawRoundedRect(rect, size * 0.22, size * 0.22)
    painter.setPen(QPen(QColor(theme.text), outer))
    painter.drawRoundedRect(rect, size * 0.22, size * 0.22)
    painter.end()
    return _pixels(image, side)
