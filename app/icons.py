"""Icons, drawn as strokes in the colour of the text, so that they suit both themes at any size."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

__all__ = ["NAMES", "icon", "program_icon"]

_PATHS = {
    "open": "M3.5 18.5v-13h6l2 2.5h9v3M3.5 18.5l3-7.5h15.5l-3 7.5z",
    "export": "M12 15.5V4M7.5 8 12 3.5 16.5 8M4.5 14.5v5h15v-5",
    "replicates": "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 17h6M17 14v6",
    "copy": "M8.5 8.5h11v11h-11zM15.5 8.5v-4h-11v11h4",
    "structure": "M10 4.5 16.5 8.25v7.5L10 19.5l-6.5-3.75v-7.5zM16.5 8.25 20.5 6M10 8 6.8 9.9v4.2",
    "help": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.5 9.5a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.1.9-1.1 1.7M12 16.6v.2",
}
NAMES = tuple(_PATHS)

_PROGRAM = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
<rect width="64" height="64" rx="14" fill="#1f3a63"/>
<g fill="#2f5a94"><circle cx="15" cy="15" r="4.5"/><circle cx="32" cy="15" r="4.5"/>
<circle cx="49" cy="15" r="4.5"/>
<circle cx="15" cy="49" r="4.5"/><circle cx="49" cy="49" r="4.5"/><circle cx="15" cy="32" r="4.5"/>
<circle cx="49" cy="32" r="4.5"/><circle cx="32" cy="49" r="4.5"/></g>
<path d="M32 15 46.7 23.5v17L32 49 17.3 40.5v-17z" fill="none" stroke="#fde725" stroke-width="4"
 stroke-linejoin="round"/><path d="M32 22.5 40.2 27.2v9.6" fill="none" stroke="#fde725" stroke-width="3"
 stroke-linecap="round" stroke-linejoin="round"/></svg>"""


def _render(svg: str, side: int) -> QPixmap:
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    return pixmap


def icon(name: str, colour: str, disabled: str) -> QIcon:
    """An icon in two colours, "#rrggbb"."""
    result = QIcon()
    for mode, ink in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="{_PATHS[name]}" fill="none" '
            f'stroke="{ink}" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/></svg>'
        )
        for side in (18, 36):
            pixmap = _render(svg, side)
            pixmap.setDevicePixelRatio(side / 18)
            result.addPixmap(pixmap, mode)
    return result


def program_icon() -> QIcon:
    """The program's own icon."""
    result = QIcon()
    for side in (16, 32, 64, 128, 256):
        result.addPixmap(_render(_PROGRAM, side))
    return result
