"""How alike two profiles are, on a line beside what chance and replicates give."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.comparison import Comparison
from app.numbers import fixed
from app.theme import font, theme_of

__all__ = ["LikenessStrip"]

_BAR = 10
_LABEL = 150


class LikenessStrip(QWidget):
    """Two bars, from the 5th to the 95th percentile with their medians, and the cosine as a line through both."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Likeness beside chance")
        self.setFont(font(self.font(), step=-0.5))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._found: Comparison | None = None

    def set_comparison(self, found: Comparison | None) -> None:
        """Show how alike two treatments are."""
        self._found = found
        self.setAccessibleDescription(found.likeness_details if found is not None else "")
        self.setVisible(found is not None and found.chance is not None and found.cosine == found.cosine)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, 4 * self.fontMetrics().height() + 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        found = self._found
        if found is None or found.chance is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = theme_of(self.palette())
        line = self.fontMetrics().height()
        left, right = float(_LABEL), float(self.width() - 14)
        known = [found.cosine, 0.0, *found.chance, *(found.replicates or ())]
        low, high = min(known), max(known)
        margin = 0.06 * max(high - low, 0.1)
        low, high = max(low - margin, -1.0), min(high + margin, 1.0)

        def place(value: float) -> float:
            return left + (value - low) / (high - low) * (right - left)

        rows = [("random treatments", found.chance, theme.muted)]
        rows += [("halves of replicates", found.replicates, theme.seen[1])] if found.replicates is not None else []
        top = line + 4.0
        for text, (fifth, middle, last), ink in rows:
            centre = top + line / 2
            painter.setPen(QColor(theme.muted))
            painter.drawText(QRectF(0, top, _LABEL - 10, line), Qt.AlignmentFlag.AlignVCenter, text)
            ground = QColor(ink)
            ground.setAlpha(70)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(
                QRectF(place(fifth), centre - _BAR / 2, place(last) - place(fifth), _BAR), 3, 3
            )
            painter.setPen(QPen(QColor(ink), 2))
            painter.drawLine(QPointF(place(middle), centre - _BAR / 2), QPointF(place(middle), centre + _BAR / 2))
            top += line + 2
        x = place(found.cosine)
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.drawLine(QPointF(x, line + 1), QPointF(x, top + 1))
        words = f"these two {fixed(found.cosine, 2)}"
        painter.setFont(font(self.font(), bold=True))
        width = painter.fontMetrics().horizontalAdvance(words) + 4
        start = min(max(x - width / 2, left), self.width() - width - 2.0)
        painter.drawText(QRectF(start, 0, width, line), Qt.AlignmentFlag.AlignHCenter, words)
        painter.setFont(self.font())
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawLine(QPointF(left, top + 3), QPointF(right, top + 3))
        painter.setPen(QColor(theme.muted))
        last_right = -1e9
        for tick in (-1.0, -0.5, 0.0, 0.25, 0.5, 0.75, 1.0):
            if low <= tick <= high:
                text = fixed(tick, 2)
                width = self.fontMetrics().horizontalAdvance(text)
                if place(tick) - width / 2 > last_right + 8:
                    painter.drawText(
                        QRectF(place(tick) - width / 2 - 2, top + 4, width + 4, line),
                        Qt.AlignmentFlag.AlignHCenter,
                        text,
                    )
                    last_right = place(tick) + width / 2
