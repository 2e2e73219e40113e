"""What the engine processes do when the window asks: each task calls the library and packs the answer.

The window's process names this module but never imports it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from molphenix_core.progress import Progress

__all__ = ["TASKS", "State"]


class State:
    """What a process keeps between requests."""

    def __init__(self) -> None:
        self.plates: dict[str, Any] = {}


def _describe(state: State, progress: Progress) -> dict[str, str]:
    return {"model": "", "model_detail": "", "library": "", "library_detail": ""}


def _pack(column: Any) -> dict[str, Any]:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column.dtype) and column.dtype != bool:
        return {"values": column.to_numpy(np.float64)}
    codes, categories = pd.factorize(column.astype(object).where(column.notna(), None))
    return {"codes": codes.astype(np.int32), "categories": [str(c) for c in categories]}


def _open_plate(state: State, progress: Progress, *, path: str) -> dict[str, Any]:
    import pandas as pd

    from molphenix_core.plates.activity import activity
    from molphenix_core.plates.files import read_plate
    from molphenix_core.plates.plate import CONTROL_TYPE, PLATE
    from molphenix_core.plates.treatments import group_treatments

    progress(0.1, "Reading")
    plate = read_plate(path)
    treatments = group_treatments(plate)
    stats = activity(plate, treatments)
    table = treatments.table
    centred = plate.embeddings - plate.embeddings.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    kind = np.where(plate.is_treated, 0, np.where(plate.is_negative_control, 1, 3)).astype(np.int8)
    kind[plate.wells[CONTROL_TYPE].fillna("").str.startswith("poscon").to_numpy(bool)] = 2
    columns = {n: _pack(table[n]) for n in ("name", "smiles", "inchikey", "concentration", "mechanism", "n_wells")}
    columns["seen"] = {"values": np.full(len(table), np.nan)}
    for n in ("p_value", "q_value", "distance_to_control"):
        columns[n] = _pack(stats[n])
    codes = pd.Categorical(plate.wells[PLATE], categories=list(plate.barcodes)).codes
    return {
        "path": path,
        "barcodes": list(plate.barcodes),
        "plate_of_well": codes.astype(np.int32),
        "positions": plate.positions,
        "kind": kind,
        "treatment_of_well": treatments.of_well,
        "treatments": columns,
        "columns": {str(n): _pack(plate.wells[n]) for n in plate.wells},
        "pca": (u[:, :2] * s[:2]).astype(np.float32),
        "space_known": False,
        "space_reason": "No model.",
        "simulated": plate.simulated,
    }


def _draw(
    state: State, progress: Progress, *, smiles: list[str], width: int, height: int, scale: float, dark: bool
) -> list[bytes | None]:
    from molphenix_core.errors import MoleculeError
    from molphenix_core.molecules.depict import depict_png

    pictures: list[bytes | None] = []
    for text in smiles:
        try:
            pictures.append(depict_png(text, width=width, height=height, scale=scale, dark=dark))
        except MoleculeError:
            # The place stays without a picture, and the view says so; the others are drawn.
            pictures.append(None)
    return pictures


def _properties(state: State, progress: Progress, *, smiles: str) -> dict[str, Any]:
    from molphenix_core.molecules.properties import properties

    return dict(properties(smiles))


TASKS: dict[str, Callable[..., Any]] = {
    "describe": _describe,
    "open_plate": _open_plate,
    "draw": _draw,
    "properties": _properties,
}
"""Tasks by the names that the window uses."""
