"""A part of the card that the engine has to be asked for."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from app.workspace import Workspace

__all__ = ["MoleculePart"]

# The arrow keys run through candidates: what is asked for is about the one they come to rest on.
_REST = 150


class MoleculePart(QWidget):
    """Asks when it is seen and the molecule has come to rest; answers for an earlier one are dropped.

    Parameters
    ----------
    purpose : str
        Its own: two parts on show at a time ask for themselves.
    """

    def __init__(self, workspace: Workspace, purpose: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.purpose = purpose
        self._asked: Hashable = None
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._rest.timeout.connect(self._look)
        workspace.molecule_changed.connect(self.renew)
        workspace.current_changed.connect(self.renew)

    def wanted(self) -> Hashable:
        """What the answer depends on; None where there is nothing to ask."""
        raise NotImplementedError

    def ask(self) -> None:
        """Ask the engine, for :attr:`purpose`."""
        raise NotImplementedError

    def empty(self, text: str) -> None:
        """Show nothing but a line."""
        raise NotImplementedError

    def renew(self, *_: Any) -> None:
        """Look again at what is wanted."""
        if self.wanted() == self._asked and self._asked is not None:
            return
        self._asked = None
        self.workspace.requests.withdraw(self.purpose)
        self.empty("…" if self.wanted() is not None else "")
        if self.isVisible():
            self._rest.start()

    def again(self) -> None:
        """Ask once more when next seen: the answer did not come."""
        self._asked = None

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._asked is None:
            self._rest.start()

    def _look(self) -> None:
        if not self.isVisible():
            return
        wanted = self.wanted()
        if wanted is None:
            self.empty("")
        elif wanted != self._asked:
            self._asked = wanted
            self.ask()
