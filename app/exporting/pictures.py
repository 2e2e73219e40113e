"""Views as pictures: PNG at twice the size on screen, or SVG."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRect
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from molphenix_core.errors import InputError
from molphenix_core.writing import written_aside

__all__ = ["PICTURE_ENDINGS", "save_picture"]

PICTURE_ENDINGS = {".png": "Picture", ".svg": "Drawing, for editing and print"}
"""The formats of pictures by the ending of a file's name."""

_SCALE = 2.0


def save_picture(widget: QWidget, path: str | Path) -> None:
    """Write what a widget shows, as it stands on screen and in its theme; aside, and then renamed.

    Parameters
    ----------
    widget : QWidget
    path : path
        Ending in ``.png`` (with two pixels for each of the widget) or ``.svg`` (lines and texts stay such; what is
        painted as an image stays one); a file that is there is replaced.

    Raises
    ------
    InputError
        For another ending, a widget without size, or a place that cannot be written to.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in PICTURE_ENDINGS:
        raise InputError(path, "file name", path.suffix or "no ending", " or ".join(PICTURE_ENDINGS))
    if widget.size().isEmpty():
        raise InputError(path, "picture", "a view without any size", "a view that is shown")
    content = _png(widget) if ending == ".png" else _svg(widget, path.stem)
    with written_aside(path) as aside:
        aside.write_bytes(content)


def _png(widget: QWidget) -> bytes:
    image = QImage(widget.size() * _SCALE, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(_SCALE)
    image.fill(widget.palette().window().color())
    widget.render(image)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def _svg(widget: QWidget, title: str) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(widget.size())
    generator.setViewBox(QRect(QPoint(0, 0), widget.size()))
    generator.setTitle(title)
    # A pixel of the screen is one of the drawing, so that text keeps its size beside the lines.
    generator.setResolution(widget.logicalDpiX())
    painter = QPainter(generator)
    painter.fillRect(widget.rect(), widget.palette().window())
    widget.render(painter, QPoint())
    painter.end()
    return bytes(buffer.data().data())
