"""Wells most like the chosen molecule: as predicted, and as it was measured."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
from PySide6.QtWidgets import QWidget

from app.numbers import fixed
from app.open_plate import OpenPlate
from app.views.molecule_lists import MoleculeLists
from app.views.row_list import Row
from app.views.words import dose_text, treatment_text
from app.workspace import Workspace

__all__ = ["SimilarWells"]


class SimilarWells(MoleculeLists):
    """Treated wells nearest to where the model places the molecule, and to its own wells."""

    def __init__(self, workspace: Workspace, purpose: str, parent: QWidget | None = None) -> None:
        titles = {
            "predicted": "Wells like the predicted phenotype",
            "measured": "Wells like the measured phenotype",
        }
        super().__init__(workspace, purpose, titles, "Open a plate file to compare with its wells.", parent)

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
            self.refuse,
            path=plate.path,
            token=plate.token,
            smiles=molecule.smiles,
            key=molecule.key or molecule.name,
        )

    def _use(self, plate: OpenPlate, told: dict[str, Any]) -> None:
        for name in self.lists:
            part = told[name]
            wells = [] if part["reason"] else np.asarray(part["rows"]).tolist()
            rows = [
                _row(plate, well, float(part["similarity"][i]), float(part["doses"][i]))
                for i, well in enumerate(wells)
            ]
            self.fill(name, _heading(name, part), wells, rows)

    def open_entry(self, entry: int) -> None:
        self.workspace.select([entry])


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
