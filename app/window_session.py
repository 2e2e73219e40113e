"""The session of a window as the user meets it: its name in the title, what was left behind, how it ends."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox

from app.engine import EngineError
from app.numbers import local_time
from app.session_keeper import Reopened
from app.session_recovery import Abandoned
from app.views.message_bar import Offer
from app.views.words import plural
from molphenix_core.errors import InputError

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
    """Keeps the title and the words of undo and redo, offers what was left behind, asks before work is lost.

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
        self._left: tuple[Abandoned, ...] = ()
        self.question: QMessageBox | None = None
        self._keeper.path_changed.connect(self.update)
        self._keeper.modified_changed.connect(self.update)
        self._keeper.reopened.connect(self._reopened)
        self._workspace.current_changed.connect(self.update)
        self._workspace.not_opened.connect(self._not_opened)
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

    def _not_opened(self, path: str, error: EngineError) -> None:
        if not error.cancelled:
            self._window.settings = self._window.settings.without_recent(path)

    def _word_undo(self) -> None:
        stack, actions = self._workspace.undo_stack, self._window.actions_by_id
        for name, word, text in (("undo", "&Undo", stack.undoText()), ("redo", "&Redo", stack.redoText())):
            # An ampersand in a name is no mnemonic.
            actions[name].setText(f"{word} {text.replace('&', '&&')}".strip())

    # Sessions that come back ----------------------------------------------------------------------------

    def offer_recovery(self) -> None:
        """Offer the latest session that a killed program left; others are offered at later starts."""
        self._left, earlier = (found := self._keeper.abandoned())[:1], found[1:]
        for one in earlier:
            one.leave()
        for one in self._left:
            if one.error is not None:
                self._window.message_bar.show_error(
                    "A session was left behind",
                    EngineError.of(one.error),
                    Offer("Discard", functools.partial(self._drop, one)),
                )
            elif one.session is not None:
                held = ((len(one.session.plates), "plate file"), (len(one.session.hit_lists), "hit list"))
                self._window.message_bar.show_warning(
                    f"A session of {local_time(one.session.saved)} was not saved: "
                    + " and ".join(plural(n, word) for n, word in held if n),
                    offers=(
                        Offer("Recover", functools.partial(self._recover, one)),
                        Offer("Discard", functools.partial(self._drop, one)),
                    ),
                )

    def _drop(self, abandoned: Abandoned) -> None:
        self._left = ()
        abandoned.discard()

    def _recover(self, abandoned: Abandoned) -> None:
        try:
            self._keeper.recover(abandoned)
        except InputError as error:
            self._window.message_bar.show_error("Recovering a session", EngineError.of(error))
            return
        self._left = ()
        self._window.commands.file.ask_for_missing()

    def _reopened(self, how: Reopened) -> None:
        parts = (
            ("changed since, and open without the selection", how.changed),
            ("not opened", how.failed),
            ("left out", how.left_out),
        )
        told = [f"{Path(path).name}: {what}" for what, paths in parts for path in paths]
        told += ["Another model or library was in use: rankings may differ"] if how.other_model else []
        if told:
            more = f" (and {len(told) - 1} more, in the details)" if len(told) > 1 else ""
            self._window.message_bar.show_warning(told[0] + more, "\n".join(told))

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

    def close(self) -> None:
        """End the session: what was offered and not taken is offered again."""
        for one in self._left:
            one.leave()
        self._left = ()
        # Of what the user wants gone no copy is kept to be recovered.
        self._keeper.close(discard=self._discard)
