"""Opening a plate file, and what model and library are in use."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.tasks.packing import column, texts
from app.tasks.state import State, file_token
from molphenix_core.errors import PlateFileError
from molphenix_core.plates.plate import CONTROL_TYPE, PLATE
from molphenix_core.progress import Progress
from molphenix_core.retrieval.workbench import Workbench

__all__ = ["TASKS"]


def _sha256(path: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _describe(state: State, progress: Progress) -> dict[str, Any]:
    return state.models.describe(progress)


def _open_plate(state: State, progress: Progress, *, path: str) -> dict[str, Any]:
    token = file_token(path)
    workbench = state.workbench(path, token, progress)
    digest = _sha256(path)
    if file_token(path) != token:
        raise PlateFileError(path, "file", "changed while it was read", "a file that nobody writes: open it again")
    plate, table = workbench.plate, workbench.treatments
    numbers = ("concentration", "n_wells", "p_value", "q_value", "distance_to_control", "consistency")
    treatments = {name: {"values": table[name].to_numpy(np.float64)} for name in numbers}
    treatments |= {name: texts(table[name]) for name in ("name", "smiles", "inchikey", "mechanism", "null")}
    treatments["seen"] = {"values": np.array([_flag(value) for value in table["seen"]])}
    codes = pd.Categorical(plate.wells[PLATE], categories=list(plate.barcodes)).codes
    return {
        "path": path,
        "token": token,
        "sha256": digest,
        "barcodes": list(plate.barcodes),
        "plate_of_well": codes.astype(np.int32),
        "positions": plate.positions,
        "kind": _kinds(workbench),
        "treatment_of_well": workbench.treatment_of_well,
        "treatments": treatments,
        "columns": {str(name): column(plate.wells[name]) for name in plate.wells},
        "pca": workbench.well_pca,
        "space_known": workbench.space_known,
        "space_reason": workbench.space_reason,
        "simulated": plate.simulated,
        "notes": [
            *workbench.notes,
            *(f"SMILES {r.smiles!r} was not used in {r.wells} wells: {r.reason}" for r in workbench.rejected),
        ],
    }


def _flag(value: bool | float | None) -> float:
    return float("nan") if value is None or value != value else float(value)


def _kinds(workbench: Workbench) -> NDArray[np.int8]:
    """Codes of :data:`app.open_plate.KINDS`."""
    plate = workbench.plate
    positive = plate.wells[CONTROL_TYPE].astype(object).map(lambda kind: str(kind).startswith("poscon"))
    kinds = np.select([plate.is_treated, plate.is_negative_control, positive.to_numpy(bool)], [0, 1, 2], 3)
    return kinds.astype(np.int8)


TASKS: dict[str, Callable[..., Any]] = {"describe": _describe, "open_plate": _open_plate}
"""Tasks by the names that the window uses."""
