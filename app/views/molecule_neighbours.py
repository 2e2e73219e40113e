"""Molecules most like the chosen one in structure."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from PySide6.QtWidgets import QWidget

from app.numbers import fixed, integer
from app.records import Molecule
from app.views.molecule_lists import MoleculeLists
from app.views.row_list import Row
from app.workspace import Workspace

__all__ = ["Neighbours"]

_TIP = "Tanimoto over counts of circular environments of radius 3\nClick to choose this molecule"


class Neighbours(MoleculeLists):
    """The nearest in the library and among the training molecules, with their Tanimoto similarity."""

    def __init__(self, workspace: Workspace, purpose: str, parent: QWidget | None = None) -> None:
        titles = {"library": "Nearest in the library", "training": "Nearest training molecules"}
        super().__init__(workspace, purpose, titles, "No structure is known.", parent)

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
            self.refuse,
            background=True,
            smiles=molecule.smiles,
            inchikey=molecule.inchikey,
        )

    def _use(self, told: dict[str, Any]) -> None:
        for name, where in (("library", "Library"), ("training", "Training data")):
            part = told[name]
            found = [Molecule.unpack(one) for one in part.get("molecules", ())]
            rows = [
                Row(one.name or "Unnamed molecule", fixed(float(s), 2), one.mechanism, f"{one.name}\n{_TIP}")
                for one, s in zip(found, part.get("similarity", ()), strict=True)
            ]
            among = f"{where}: nearest of {integer(part['of'])}" if rows else f"{where}: {part['reason']}"
            self.fill(name, among, found, rows)

    def open_entry(self, entry: Molecule) -> None:
        self.workspace.choose_molecule(entry)
