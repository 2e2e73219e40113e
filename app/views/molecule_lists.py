"""A part of the card with headed lists, whose entries are chosen by a click."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.engine import EngineError
from app.views.molecule_part import MoleculePart
from app.views.panel import Muted
from app.views.row_list import Row, RowList
from app.workspace import Workspace

__all__ = ["MoleculeLists"]


class MoleculeLists(MoleculePart):
    """Lists by name, one below the other, each under its line.

    Parameters
    ----------
    titles : mapping
        Accessible name of each list, by its name here.
    nothing : str
        What the first line says where there is nothing to ask.
    """

    def __init__(
        self,
        workspace: Workspace,
        purpose: str,
        titles: Mapping[str, str],
        nothing: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(workspace, purpose, parent)
        self._nothing = nothing
        self.lines = {name: Muted(wrap=True) for name in titles}
        self.lists = {name: RowList(title) for name, title in titles.items()}
        self._entries: dict[str, Sequence[Any]] = dict.fromkeys(titles, ())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for name, rows in self.lists.items():
            layout.addWidget(self.lines[name])
            layout.addWidget(rows)
            rows.chosen.connect(lambda row, name=name: self._choose(name, row))
        self.renew()

    def empty(self, text: str) -> None:
        for name in self.lists:
            self._entries[name] = ()
            self.lists[name].hide()
            self.lines[name].hide()
        first = next(iter(self.lines.values()))
        first.setText(text or self._nothing)
        first.show()

    def fill(self, name: str, line: str, entries: Sequence[Any], rows: list[Row]) -> None:
        """Show one list: ``entries`` are what :meth:`open_entry` gets, a row each."""
        self._entries[name] = entries
        self.lists[name].set_rows(rows)
        self.lists[name].setVisible(bool(rows))
        self.lines[name].setText(line)
        self.lines[name].show()

    def refuse(self, error: EngineError) -> None:
        """Say that there was no answer, and ask again when next seen."""
        self.empty("Stopped." if error.cancelled else "Not available.")
        self.again()

    def open_entry(self, entry: Any) -> None:
        """Do what a click on an entry means."""
        raise NotImplementedError

    def _choose(self, name: str, row: int) -> None:
        if row < len(self._entries[name]):
            self.open_entry(self._entries[name][row])
