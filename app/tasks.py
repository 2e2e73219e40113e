"""Tasks of the engine: each calls the library and packs the answer for the window.

The window's process names this module but never imports it: torch and pandas are loaded here, while the window
is being built.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.models import Models
from molphenix_core.errors import PlateFileError
from molphenix_core.plates.plate import CONTROL_TYPE, PLATE
from molphenix_core.progress import Progress
from molphenix_core.retrieval.chance import Chance
from molphenix_core.retrieval.hits import hits_table, write_hits
from molphenix_core.retrieval.ranking import TrueMolecule, rank_wells
from molphenix_core.retrieval.workbench import Workbench, open_workbench

__all__ = ["TASKS", "State"]

_HITS_A_TREATMENT = 10
_OPEN_AT_ONCE = 8


class State:
    """The model, the library and the plates that are open in this process."""

    def __init__(self) -> None:
        self.models = Models()
        self._workbenches: dict[tuple[str, str], Workbench] = {}

    def workbench(self, path: str, token: str, progress: Progress) -> Workbench:
        """A plate as it was when its token was given out, whatever has become of the file since.

        Raises
        ------
        PlateFileError
            When this process has to read the file, and it is no longer what it was: row numbers of the one
            would name wells of the other.
        """
        if (path, token) not in self._workbenches:
            now = file_token(path)
            if now != token:
                found = "changed since it was opened" if now else "nothing there any more"
                raise PlateFileError(path, "file", found, "the content that is on screen: open it again")
            self._workbenches[path, token] = open_workbench(path, self.models.bundle(progress), progress=progress)
            while len(self._workbenches) > _OPEN_AT_ONCE:
                self._workbenches.pop(next(iter(self._workbenches)))
        return self._workbenches[path, token]


def file_token(path: str) -> str:
    """What tells one content of a file from the next: time of change and size; "" where there is no file."""
    # Taken before the file is read: a change meanwhile can then only make the token too old, never too new.
    try:
        stat = Path(path).stat()
    except OSError:
        return ""
    return f"{stat.st_mtime_ns} {stat.st_size}"


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
    treatments |= {name: _texts(table[name]) for name in ("name", "smiles", "inchikey", "mechanism", "null")}
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
        "columns": {str(name): _column(plate.wells[name]) for name in plate.wells},
        "pca": workbench.well_pca,
        "space_known": workbench.space_known,
        "space_reason": workbench.space_reason,
        "simulated": plate.simulated,
        "notes": [
            *workbench.notes,
            *(f"SMILES {r.smiles!r} was not used in {r.wells} wells: {r.reason}" for r in workbench.rejected),
        ],
    }


def _rank(
    state: State, progress: Progress, *, path: str, token: str, rows: NDArray[np.integer], top: int
) -> dict[str, Any]:
    workbench = state.workbench(path, token, progress)
    bundle, library = state.models.bundle(progress), state.models.library(progress)
    ranking = rank_wells(workbench, rows, bundle, library, top=top, progress=progress)
    chance, domain = ranking.chance, ranking.applicability
    return {
        "candidates": _records(ranking.candidates),
        "measured": _records(ranking.measured),
        "own": ranking.own and _own(ranking.own),
        "chance": {
            "text": chance.text,
            "holds_for": chance.stratum.in_words if isinstance(chance, Chance) else "",
            "basis": chance.basis if isinstance(chance, Chance) else "",
            "calibrated": isinstance(chance, Chance),
        },
        "training_percentile": domain and domain.percentile,
        "library_size": len(library) if library is not None else 0,
        "scored_at": None if np.isnan(ranking.scored_at) else ranking.scored_at,
        "note": ranking.note,
        "n_wells": ranking.n_wells,
        "n_treatments": ranking.n_treatments,
    }


def _own(own: TrueMolecule) -> dict[str, Any]:
    packed = {"name": own.name, "key": own.key, "rank": own.rank, "of": own.of, "chance_rank": own.chance_rank}
    if (nearest := own.nearest) is not None:
        packed |= {
            "nearest_training": nearest.name,
            "nearest_training_similarity": nearest.similarity,
            "nearest_training_percentile": nearest.percentile,
            "outside": nearest.is_outside,
        }
    return packed


def _export_hits(state: State, progress: Progress, *, path: str, token: str, out: str) -> dict[str, Any]:
    workbench = state.workbench(path, token, progress)
    bundle, library = state.models.bundle(progress), state.models.library(progress)
    hits = hits_table(workbench, bundle, library, top=_HITS_A_TREATMENT, progress=progress)
    write_hits(hits, out)
    return {"path": out, "rows": len(hits)}


def _flag(value: bool | float | None) -> float:
    return float("nan") if value is None or value != value else float(value)


def _kinds(workbench: Workbench) -> NDArray[np.int8]:
    """Codes of :data:`app.open_plate.KINDS`."""
    plate = workbench.plate
    positive = plate.wells[CONTROL_TYPE].astype(object).map(lambda kind: str(kind).startswith("poscon"))
    kinds = np.select([plate.is_treated, plate.is_negative_control, positive.to_numpy(bool)], [0, 1, 2], 3)
    return kinds.astype(np.int8)


def _texts(column: pd.Series) -> dict[str, Any]:
    codes, categories = pd.factorize(column.astype(object).mask(column.isna()))
    return {"codes": codes.astype(np.int32), "categories": [str(category) for category in categories]}


def _column(column: pd.Series) -> dict[str, Any]:
    if pd.api.types.is_numeric_dtype(column.dtype) and column.dtype != bool:
        return {"values": column.to_numpy(np.float64)}
    return _texts(column)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries, with None where a value is missing."""
    columns = {str(name): [None if value != value else value for value in table[name]] for name in table}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


TASKS: dict[str, Callable[..., Any]] = {
    "describe": _describe,
    "open_plate": _open_plate,
    "rank": _rank,
    "export_hits": _export_hits,
}
"""Tasks by the names that the window uses."""
