"""A line to type in whose changes the window undoes, with all else that it undoes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QMenu

__all__ = ["SearchField", "UndoLine"]


class UndoLine(QLineEdit):
    """A line without an undo of its own.

    Signals
    -------
    undo_pressed()
        The user is about to undo or redo: what was typed and not told yet is to be told now.
    """

    undo_pressed = Signal()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and _undoes(event):
            self.undo_pressed.emit()
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # It comes here where the window has nothing to undo.
        if _undoes(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def context_menu(self) -> QMenu:
        """The menu of a line, but for what the window does itself."""
        menu = self.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in menu.actions():
            if action.objectName() in {"edit-undo", "edit-redo"}:
                action.setVisible(False)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.context_menu().popup(event.globalPos())


class SearchField(UndoLine):
    """A field that Esc clears, whatever the window does on Esc."""

    def event(self, event: QEvent) -> bool:
        pressed = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and bool(self.text())
        if pressed and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


def _undoes(event: QEvent) -> bool:
    keys = QKeySequence.StandardKey
    return isinstance(event, QKeyEvent) and (event.matches(keys.Undo) or event.matches(keys.Redo))
