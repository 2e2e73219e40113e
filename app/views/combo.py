"""A box of choices that shows where its text is cut."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent, QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QToolTip

__all__ = ["Combo"]


class Combo(QComboBox):
    """Elides what is chosen, and says all of it in the tool tip."""

    def _room(self, option: QStyleOptionComboBox) -> int:
        field = QStyle.SubControl.SC_ComboBoxEditField
        # The style leaves a little on both sides of the text.
        return self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self).width() - 4

    def shown(self) -> str:
        """What there is room for."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, self._room(option))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        option.currentText = self.shown()
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ToolTip
            and isinstance(event, QHelpEvent)
            and self.shown() != self.currentText()
        ):
            tip = "\n".join(text for text in (self.currentText(), self.toolTip()) if text)
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)
