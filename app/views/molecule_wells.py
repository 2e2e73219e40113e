"""Wells most like the chosen molecule: as predicted, and as it was measured."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.engine import EngineError
from app.numbers import fixed
from app.open_plate import OpenPlate
from app.views.molecule_part import MoleculePart
from app.views.panel import Muted
from app.views.row_list import Row, RowList
from app.views.words import dose_text, treatment_text
from app.workspace import Workspace

__all__ = ["SimilarWells"]


class SimilarWells(MoleculePart):
    """Treated wells nearest to where the model places the molecule, and to its own wells."""

    def __init__(self, workspace: Workspace, purpose: str, parent: QWidget | None = None) -> None:
        super().__init__(workspace, purpose, parent)
        self.lines = {"predicted": Muted(wrap=True), "measured": Muted(wrap=True)}
        self.lists = {
            "predicted": RowList("Wells like the predicted phenotype"),
            "measured": RowList("Wells like the measured phenotype"),
        }
        self._rows: dict[str, list[int]] = {"predicted": [], "measured": []}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for name, rows in self.lists.items():
            layout.addWidget(self.lines[name])
            layout.addWidget(rows)
            rows.chosen.connect(lambda row, name=name: self._choose(name, row))
        self.renew()

    def wanted(self) -> Hashable:
        plate, molecule = self.workspace.plate, self.workspace.molecule
        if plate is None or molecule is None:
            return None
        return plate.path, plate.token, molecule.smiles, molecule.key or molecule.name

    def ask(self) -> None:
        plate, molecule = self.workspace.plate, self.workspace.molecule
        assert plate is not None
        assert molecule is not None
        self.workspace.ask(
            self.purpose,
            "similar_wells",
            "Looking for similar wells",
            lambda told: self._use(plate, told),
            self._refuse,
            path=plate.path,
            token=plate.token,
            smiles=molecule.smiles,
            key=molecule.key or molecule.name,
        )

    def empty(self, text: str) -> None:
        for name in self.lists:
            self._rows[name] = []
            self.lists[name].hide()
            self.lines[name].hide()
        self.lines["predicted"].setText(text or "Open a plate file to compare with its wells.")
        self.lines["predicted"].show()

    def _refuse(self, error: EngineError) -> None:
        self.empty("Stopped." if error.cancelled else "Not available.")
        self.again()

    def _use(self, plate: OpenPlate, told: dict[str, Any]) -> None:
        for name in self.lists:
            part = told[name]
            rows = [] if part["reason"] else np.asarray(part["rows"]).tolist()
            self._rows[name] = rows
            self.lists[name].set_rows(
                [
                    _row(plate, row, float(part["similarity"][i]), float(part["doses"][i]))
                    for i, row in enumerate(rows)
                ]
            )
            self.lists[name].setVisible(bool(rows))
            self.lines[name].setText(_heading(name, part))
            self.lines[name].show()

    def _choose(self, name: str, row: int) -> None:
        if row < len(self._rows[name]):
            self.workspace.select([self._rows[name][row]])


def _heading(name: str, part: dict[str, Any]) -> str:
    what = {
        "predicted": "Nearest to its predicted phenotype, a well a molecule",
        "measured": "Others nearest to its measured phenotype",
    }[name]
    if part["reason"]:
        return f"{what}: not available, {part['reason']}."
    if name == "measured" and part["at"] is not None:
        what += f" at {dose_text(part['at'])}"
    return f"{what}. Half of all wells are below {fixed(part['middle'], 2)}, 95 % below {fixed(part['high'], 2)}."


def _row(plate: OpenPlate, row: int, similarity: float, dose: float) -> Row:
    treatment = int(plate.treatment_of_well[row])
    name = treatment_text(plate, treatment) if treatment >= 0 else "no treatment"
    barcode = int(plate.plate_of_well[row])
    facts = [plate.well(row)]
    facts += [plate.barcodes[barcode]] if barcode >= 0 else []
    facts += [] if np.isnan(dose) else [f"fits best at {dose_text(dose)}"]
    return Row(
        name,
        fixed(similarity, 2),
        " · ".join(facts),
        f"{name}\nCosine {fixed(similarity, 3)}\nClick to select the well",
    )
