"""Splitters whose handles are a quiet line."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QWidget

from app.theme import theme_of

__all__ = ["Splitter"]

_WIDTH = 5


class _Handle(QSplitterHandle):
    _hover = False

    def enterEvent(self, _event: QEnterEvent) -> None:
        self._hover = True
        self.update()

    def leaveEvent(self, _event: QEvent) -> None:
        self._hover = False
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.window))
        if self._hover:
            painter.fillRect(self.rect().adjusted(1, 1, -1, -1), QColor(theme.accent))


class Splitter(QSplitter):
    """Parts side by side or one above the other, each with its stretch."""

    def __init__(self, orientation: Qt.Orientation, *parts: tuple[QWidget, int]) -> None:
        super().__init__(orientation)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(_WIDTH)
        for place, (part, stretch) in enumerate(parts):
            self.addWidget(part)
            self.setStretchFactor(place, stretch)

    def createHandle(self) -> QSplitterHandle:
        return _Handle(self.orientation(), self)
