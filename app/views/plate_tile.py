"""One plate among several: its barcode over its heat map."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.open_plate import OpenPlate
from app.theme import font, theme_of
from app.views.plate_heads import head_size
from app.views.plate_map import PlateMap

__all__ = ["PlateTile", "tile_has_heads", "tile_size"]

_MARGIN = 8
# Wells of this size, and larger ones, have room for names of rows and columns beside them.
_SIDE_FOR_HEADS = 11


def tile_has_heads(width: int, columns: int) -> bool:
    """Whether a tile of some width has room for the names of rows and columns."""
    return (width - 2 * _MARGIN) / max(columns, 1) >= _SIDE_FOR_HEADS


def tile_size(width: int, rows: int, columns: int, metrics: QFontMetrics) -> QSize:
    """Size of a tile of some width, for a plate of so many rows and columns."""
    line = metrics.height()
    across, down = head_size(metrics) if tile_has_heads(width, columns) else (0, 0)
    # Wells are of whole pixels.
    side = max((width - 2 * _MARGIN - across) // max(columns, 1), 3)
    return QSize(width, round(2 * _MARGIN + line + 4 + down + side * rows))


class PlateTile(QWidget):
    """A plate that is one of several; a click on its name makes it the current one.

    Signals
    -------
    chosen()
        The user wants this plate in the other views.

    Parameters
    ----------
    plate : OpenPlate
    barcode : int
    title, subtitle : str
        Its name, and how many wells it has or which file it is of.
    heads : bool
        Whether rows and columns are named.
    """

    chosen = Signal()

    def __init__(
        self, plate: OpenPlate, barcode: int, title: str, subtitle: str, heads: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.plate, self.barcode = plate, barcode
        self._title, self._subtitle = title, subtitle
        self._current = False
        self.map = PlateMap(self, heads=heads)
        self.map.setMinimumSize(1, 1)
        self.map.setAccessibleName(f"Plate map of {title}")
        # One stop of the Tab key for all plates: Ctrl+PgUp and Ctrl+PgDown go from plate to plate.
        self.map.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.map.set_plate(plate, barcode)
        self.setToolTip(f"{title}\n{subtitle}")

    def set_current(self, current: bool) -> None:
        """Mark it as the plate that the other views show."""
        if current != self._current:
            self._current = current
            self.map.setFocusPolicy(Qt.FocusPolicy.StrongFocus if current else Qt.FocusPolicy.ClickFocus)
            self.update()

    def _line(self) -> int:
        return self.fontMetrics().height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        top = _MARGIN + self._line() + 4
        self.map.setGeometry(_MARGIN, top, self.width() - 2 * _MARGIN, self.height() - top - _MARGIN + 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit()
            self.map.setFocus(Qt.FocusReason.MouseFocusReason)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = theme_of(self.palette())
        frame = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
        painter.setPen(QPen(QColor(theme.accent if self._current else theme.line), 1.5 if self._current else 1))
        painter.setBrush(QColor(theme.base))
        painter.drawRoundedRect(frame, 6, 6)
        line = QRect(_MARGIN + 2, _MARGIN - 1, self.width() - 2 * _MARGIN - 4, self._line())
        painter.setFont(font(self.font(), bold=True))
        painter.setPen(QColor(theme.text))
        metrics = painter.fontMetrics()
        title = metrics.elidedText(self._title, Qt.TextElideMode.ElideMiddle, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, title)
        line.setLeft(line.left() + metrics.horizontalAdvance(title) + 8)
        painter.setFont(font(self.font(), step=-1))
        painter.setPen(QColor(theme.muted))
        subtitle = painter.fontMetrics().elidedText(self._subtitle, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, subtitle)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)
