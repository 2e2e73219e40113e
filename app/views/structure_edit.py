"""A line to type a structure in, which takes pasted and dropped ones too."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QWidget

from app.dragging import MOLFILE, SMILES
from app.views.undo_line import UndoLine

__all__ = ["StructureEdit", "structure_of"]

# The first that is there counts: a molfile says more than its text.
_MOLFILES = (MOLFILE, "chemical/x-mdl-sdfile")


def structure_of(mime: QMimeData | None) -> tuple[str, bool]:
    """The structure that is dragged or copied, as text, and whether it is one beyond doubt; "" for none."""
    if mime is None:
        return "", False
    for kind in (*_MOLFILES, SMILES):
        if mime.hasFormat(kind):
            text = bytes(mime.data(kind).data()).decode("utf-8", errors="replace")
            # Of several molecules the first; a name may follow the SMILES.
            return (text if kind != SMILES else " ".join(text.split("\n")[0].split()[:1])), True
    return (mime.text() if mime.hasText() and not mime.hasUrls() else ""), False


class StructureEdit(UndoLine):
    """A line for SMARTS and SMILES.

    Signals
    -------
    taken(str, bool)
        A structure was dropped, or a molfile pasted: it takes the place of what stood there. True where it is
        SMILES and no SMARTS.
    """

    taken = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)

    def _paste_or_insert(self) -> None:
        if not self._paste():
            self.paste()

    def _paste(self) -> bool:
        """Take a structure from the clipboard; whether there was one beyond doubt."""
        text, drawn = structure_of(QGuiApplication.clipboard().mimeData())
        if drawn or "\n" in text.strip():
            self.taken.emit(text, drawn)
            return True
        return False

    def event(self, event: QEvent) -> bool:
        pressed = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and bool(self.text())
        if pressed and event.type() == QEvent.Type.ShortcutOverride:
            # Elsewhere it clears the selection of wells.
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste) and self._paste():
            return
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self.textEdited.emit("")
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.context_menu()
        for action in menu.actions():
            if action.objectName() == "edit-paste":
                action.triggered.disconnect()
                action.triggered.connect(self._paste_or_insert)
        menu.popup(event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() == Qt.FocusReason.ShortcutFocusReason:
            self.selectAll()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if structure_of(event.mimeData())[0].strip():
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        text, drawn = structure_of(event.mimeData())
        if text.strip():
            event.acceptProposedAction()
            self.taken.emit(text, drawn)
