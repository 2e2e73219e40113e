"""What of a session stands on the window's frame: its name, whether it is saved, and the question at the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox

if TYPE_CHECKING:
    from app.main_window import MainWindow

__all__ = ["WindowSession", "window_title"]

_PROGRAM = "MolPhenix Desktop"


def window_title(session: str, plate: str) -> str:
    """The window's title, with Qt's mark where it says that something is not saved.

    Parameters
    ----------
    session : str
        The session file, "" without one.
    plate : str
        What the file on show is called, "" for none.
    """
    # A file's name may have Qt's mark in it.
    name = Path(session).stem.replace("[*]", "[*][*]")
    parts = (f"{name}[*]" if name else "", plate.replace("[*]", "[*][*]"), _PROGRAM)
    return " — ".join(part for part in parts if part)


class WindowSession(QObject):
    """Keeps the title and the words of undo and redo, and asks before unsaved work is lost.

    Parameters
    ----------
    window : MainWindow
        With its actions made.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._keeper, self._workspace = window.keeper, window.workspace
        self._discard = False
        self.question: QMessageBox | None = None
        self._keeper.path_changed.connect(self.update)
        self._keeper.modified_changed.connect(self.update)
        self._workspace.current_changed.connect(self.update)
        self._workspace.undo_changed.connect(self._word_undo)
        self.update()
        self._word_undo()

    def update(self) -> None:
        """Write the title anew."""
        plate = self._workspace.plate
        # Modified first: Qt takes a mark without a place for it as a mistake.
        if not self._keeper.path:
            self._window.setWindowModified(False)
        self._window.setWindowTitle(window_title(self._keeper.path, plate.name if plate is not None else ""))
        if self._keeper.path:
            self._window.setWindowModified(self._keeper.modified)
        self._window.setWindowFilePath(self._keeper.path or (plate.path if plate is not None else ""))

    def _word_undo(self) -> None:
        stack, actions = self._workspace.undo_stack, self._window.actions_by_id
        for name, word, text in (("undo", "&Undo", stack.undoText()), ("redo", "&Redo", stack.redoText())):
            # An ampersand in a name is no mnemonic.
            actions[name].setText(f"{word} {text.replace('&', '&&')}".strip())

    # The end --------------------------------------------------------------------------------------------

    def may_close(self) -> bool:
        """Whether the window may close now; else the user is asked, and the window closes after the answer."""
        if self._discard or not self._keeper.modified:
            return True
        if self.question is None:
            self._ask()
        return False

    def _ask(self) -> None:
        name = Path(self._keeper.path).name
        box = self.question = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Save session")
        box.setText(f"Save the changes of {name}?")
        box.setInformativeText("If you don't, its hit lists and plates will be as they were saved last.")
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.button(buttons.Discard).setText("&Don't save")
        box.setDefaultButton(buttons.Save)
        box.finished.connect(self._answered)
        box.open()

    def _answered(self, button: int) -> None:
        box, self.question = self.question, None
        if box is not None:
            box.deleteLater()
        if button == QMessageBox.StandardButton.Save:
            self._window.commands.file.save_session()
            if not self._keeper.modified:
                self._window.close()
        elif button == QMessageBox.StandardButton.Discard:
            self._discard = True
            self._window.close()

    @property
    def discards(self) -> bool:
        """Whether the user wants the changes gone: no copy is kept to be recovered."""
        return self._discard
