"""Molecules most like the chosen one in structure."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.engine import EngineError
from app.numbers import fixed, integer
from app.records import Molecule
from app.views.molecule_part import MoleculePart
from app.views.panel import Muted
from app.views.row_list import Row, RowList
from app.workspace import Workspace

__all__ = ["Neighbours"]

_TIP = "Tanimoto over counts of circular environments of radius 3\nClick to choose this molecule"


class Neighbours(MoleculePart):
    """The nearest in the library and among the training molecules, with their Tanimoto similarity."""

    def __init__(self, workspace: Workspace, purpose: str, parent: QWidget | None = None) -> None:
        super().__init__(workspace, purpose, parent)
        self.lines = {"library": Muted(wrap=True), "training": Muted(wrap=True)}
        self.lists = {
            "library": RowList("Nearest in the library"),
            "training": RowList("Nearest training molecules"),
        }
        self._molecules: dict[str, list[Molecule]] = {"library": [], "training": []}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for name, rows in self.lists.items():
            layout.addWidget(self.lines[name])
            layout.addWidget(rows)
            rows.chosen.connect(lambda row, name=name: self._choose(name, row))
        self.renew()

    def wanted(self) -> Hashable:
        molecule = self.workspace.molecule
        return (molecule.smiles, molecule.inchikey) if molecule is not None and molecule.smiles else None

    def ask(self) -> None:
        molecule = self.workspace.molecule
        assert molecule is not None
        self.workspace.ask(
            self.purpose,
            "molecule_neighbours",
            "Looking for similar structures",
            self._use,
            self._refuse,
            background=True,
            smiles=molecule.smiles,
            inchikey=molecule.inchikey,
        )

    def empty(self, text: str) -> None:
        for name in self.lists:
            self._molecules[name] = []
            self.lists[name].hide()
            self.lines[name].hide()
        self.lines["library"].setText(text or "No structure is known.")
        self.lines["library"].show()

    def _refuse(self, error: EngineError) -> None:
        self.empty("Stopped." if error.cancelled else "Not available.")
        self.again()

    def _use(self, told: dict[str, Any]) -> None:
        for name, where in (("library", "Library"), ("training", "Training data")):
            part = told[name]
            found = [Molecule.unpack(one) for one in part.get("molecules", ())]
            self._molecules[name] = found
            rows = [
                Row(one.name or "Unnamed molecule", fixed(float(s), 2), one.mechanism, f"{one.name}\n{_TIP}")
                for one, s in zip(found, part.get("similarity", ()), strict=True)
            ]
            self.lists[name].set_rows(rows)
            self.lists[name].setVisible(bool(rows))
            among = f"{where}: nearest of {integer(part['of'])}" if rows else f"{where}: {part['reason']}"
            self.lines[name].setText(among)
            self.lines[name].show()

    def _choose(self, name: str, row: int) -> None:
        if row < len(self._molecules[name]):
            self.workspace.choose_molecule(self._molecules[name][row])
