"""Labels that give way where the room is short, and say all of it in their tool tips."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolTip, QWidget

__all__ = ["FittingLabel", "ShortLabel"]

_NARROW = 40


class FittingLabel(QLabel):
    """A label whose wrapped text is never wider than its room: a word that is too long is broken."""

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), _NARROW), hint.height()) if self.wordWrap() else hint

    def _breaks(self, width: int) -> bool:
        if not self.wordWrap():
            return False
        return any(self.fontMetrics().horizontalAdvance(word) > width for word in self.text().split())

    def _flags(self) -> int:
        return int(Qt.TextFlag.TextWrapAnywhere.value) | int(Qt.AlignmentFlag.AlignTop.value)

    def heightForWidth(self, width: int) -> int:
        if not self._breaks(width):
            return super().heightForWidth(width)
        return self.fontMetrics().boundingRect(0, 0, width, 10_000, self._flags(), self.text()).height()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._breaks(self.width()):
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), self._flags(), self.text())


class ShortLabel(QLabel):
    """A label of one line that takes what its text needs, or less.

    Parameters
    ----------
    text : str
    short : str or None
        What stands there where the text has no room; None: the text, elided.
    mode : Qt.TextElideMode
    least : int
        Letters for which there is always room.
    """

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        short: str | None = None,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        least: int = 3,
    ) -> None:
        super().__init__(text, parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.mode = mode
        self._short, self._least = short, least

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), self._least * self.fontMetrics().averageCharWidth()), hint.height())

    @property
    def is_cut(self) -> bool:
        """Whether the room is too short for the text."""
        return self.width() < super().minimumSizeHint().width()

    def shown(self) -> str:
        """What there is room for."""
        if not self.is_cut:
            return self.text()
        text = self.text() if self._short is None else self._short
        return self.fontMetrics().elidedText(text, self.mode, self.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.is_cut:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), self.alignment(), self.shown())

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ToolTip
            and isinstance(event, QHelpEvent)
            and self.is_cut
            and not self.toolTip()
        ):
            QToolTip.showText(event.globalPos(), self.text(), self)
            return True
        return super().event(event)
