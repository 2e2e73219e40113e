"""A slim scroll bar without arrows."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollBar, QStyle, QStyleOptionSlider

from app.theme import theme_of

__all__ = ["SlimScrollBar"]


class SlimScrollBar(QScrollBar):
    """Paints the handle alone; everything else is Qt's."""

    _hover = False

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return (
            QSize(hint.width(), 11)
            if self.orientation() == Qt.Orientation.Horizontal
            else QSize(11, hint.height())
        )

    def enterEvent(self, _event: QEnterEvent) -> None:
        self._hover = True
        self.update()

    def leaveEvent(self, _event: QEvent) -> None:
        self._hover = False
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.base))
        if self.maximum() <= self.minimum():
            return
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        slider = self.style().subControlRect(
            QStyle.ComplexControl.CC_ScrollBar, option, QStyle.SubControl.SC_ScrollBarSlider, self
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        colour = QColor(theme.muted)
        colour.setAlphaF(0.75 if self._hover or self.isSliderDown() else 0.4)
        painter.setBrush(colour)
        level = self.orientation() == Qt.Orientation.Horizontal
        handle = QRectF(slider).adjusted(0, 3, 0, -2) if level else QRectF(slider).adjusted(3, 0, -2, 0)
        painter.drawRoundedRect(handle, 3, 3)
