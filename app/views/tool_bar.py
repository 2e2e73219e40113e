"""The tool bar, flat."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolBar

from app.theme import theme_of

__all__ = ["ToolBar"]


class ToolBar(QToolBar):
    """A tool bar with words beside the icons, on plain ground."""

    def __init__(self) -> None:
        super().__init__("Commands")
        self.setObjectName("commands")
        self.setMovable(False)
        self.setIconSize(QSize(18, 18))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.window))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(theme.line))
