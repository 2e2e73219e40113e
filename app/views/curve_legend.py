"""What the marks and bands of a dose response mean."""

from __future__ import annotations

from dataclasses import dataclass

from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import font, theme_of
from app.views.dose_chart import SYMBOLS, curve_colour

__all__ = ["CurveLegend"]

_MARK = 10.0
_GAP = 18.0
_LONGEST = 260


@dataclass(frozen=True)
class _Placed:
    rect: QRectF
    text: str
    number: int


class CurveLegend(QWidget):
    """Names beside their marks, on as many lines as they need; the controls' band comes last."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Legend")
        self.setFont(font(self.font(), step=-0.5))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._names: tuple[str, ...] = ()
        self._band = ""

    def set_entries(self, names: tuple[str, ...], band: str) -> None:
        """Explain the marks of some compounds, and a band ("" for none)."""
        self._names, self._band = names, band
        self.setAccessibleDescription(", ".join((*names, band) if band else names))
        self.updateGeometry()
        self.update()

    def _flow(self, width: int) -> list[_Placed]:
        metrics = self.fontMetrics()
        height = metrics.height() + 2.0
        x, y, placed = 0.0, 0.0, []
        entries = [(name, place) for place, name in enumerate(self._names)]
        for text, place in [*entries, *([(self._band, -1)] if self._band else [])]:
            room = width if place < 0 else min(_LONGEST, width)
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(int(room - _MARK - 8), 20))
            advance = _MARK + 8 + metrics.horizontalAdvance(shown)
            if x > 0 and x + advance > width:
                x, y = 0.0, y + height
            placed.append(_Placed(QRectF(x, y, advance, height), shown, place))
            x += advance + _GAP
        return placed

    def heightForWidth(self, width: int) -> int:
        placed = self._flow(width)
        return int(placed[-1].rect.bottom()) + 2 if placed else 0

    def sizeHint(self) -> QSize:
        return QSize(300, self.heightForWidth(max(self.width(), 300)))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.heightForWidth(max(self.width(), 120)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = theme_of(self.palette())
        for one in self._flow(self.width()):
            middle = QPointF(one.rect.left() + _MARK / 2, one.rect.center().y())
            if one.number < 0:
                painter.fillRect(QRectF(middle.x() - 6, middle.y() - 5, 12, 10), QColor(theme.no_value))
                painter.setPen(QPen(QColor(theme.muted), 1, Qt.PenStyle.DashLine))
                painter.drawLine(QPointF(middle.x() - 6, middle.y()), QPointF(middle.x() + 6, middle.y()))
            else:
                painter.save()
                painter.translate(middle)
                painter.scale(_MARK, _MARK)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(curve_colour(one.number, theme.dark))
                painter.drawPath(Symbols[SYMBOLS[one.number]])
                painter.restore()
            painter.setPen(QColor(theme.text if one.number >= 0 else theme.muted))
            painter.drawText(
                one.rect.adjusted(_MARK + 8, 0, 4, 0),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                one.text,
            )
