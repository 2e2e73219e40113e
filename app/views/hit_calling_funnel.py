"""How many treatments fall at one criterion, as a bar and a number."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.numbers import integer, percent
from app.theme import font, theme_of
from app.views.words import plural

__all__ = ["FunnelBar"]

_GAP = 8


class FunnelBar(QWidget):
    """A share of all treatments, beside its number.

    Parameters
    ----------
    what : str
        In the accessible name, as "fall at q-value".
    words : tuple of str
        Behind one and behind another number, as "fails" and "fail".
    tone : str
        The theme's name for the colour of the bar.
    """

    def __init__(
        self, what: str, words: tuple[str, str], tone: str = "muted", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._what, self._words, self._tone = what, words, tone
        self._before = self._count = self._total = 0
        self._asked, self._note = True, ""
        self.setFont(font(self.font(), step=-0.5))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_share(0, 0, 0)

    def set_share(self, before: int, count: int, total: int, *, asked: bool = True) -> None:
        """Show ``count`` of ``total`` treatments, behind ``before`` that fell earlier."""
        self._before, self._count, self._total, self._asked = before, count, total, asked
        told = f"{plural(count, 'treatment')} {self._what}"
        if total:
            told += f", {percent(count / total)} of {integer(total)}"
        self.setAccessibleName(told if asked else f"Not asked: {self._what}")
        self.setToolTip(told if asked else "")
        self._note = ""
        self.update()

    def set_note(self, note: str) -> None:
        """Say instead why there is nothing to count; "" goes back to the bar."""
        self._note = note[:1].upper() + note[1:]
        if note:
            self.setAccessibleName(f"Not asked: {note}")
            self.setToolTip(self._note)
        self.update()

    def text(self) -> str:
        """The number beside the bar, or what is said in its place."""
        if self._note:
            return self._note
        return f"{integer(self._count)} {self._words[self._count != 1]}" if self._asked and self._total else ""

    def _room(self) -> int:
        """Pixels for the number and its word: the same in all bars, so that they end under each other."""
        return self.fontMetrics().horizontalAdvance(f"{integer(10_000)} fail") + _GAP

    def sizeHint(self) -> QSize:
        return QSize(self._room() + 60, self.fontMetrics().height() + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._room() + 20, self.fontMetrics().height() + 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self.palette())
        painter = QPainter(self)
        if self._note:
            painter.setPen(QColor(theme.muted))
            elided = self.fontMetrics().elidedText(self._note, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = self.width() - self._room()
        middle = self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        if self._asked and self._total:
            painter.setBrush(QColor(theme.no_value))
            painter.drawRoundedRect(QRectF(0, middle - 3, room, 6), 3, 3)
            start, width = room * self._before / self._total, room * self._count / self._total
            painter.setBrush(QColor(getattr(theme, self._tone)))
            if self._count:
                painter.drawRoundedRect(QRectF(start, middle - 3, max(width, 2), 6), 3, 3)
        painter.setPen(QColor(theme.text if self._count else theme.muted))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), right, self.text())
