"""Values of all wells of a file that the window does not hold: features, and how the retriever does on each."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from app.exporting.packed import save_packed
from app.tasks.packing import texts
from app.tasks.state import State
from molphenix_core.errors import PlateFileError
from molphenix_core.progress import Progress
from molphenix_core.retrieval.true_molecules import true_molecules

__all__ = ["TASKS"]


def _feature_names(state: State, progress: Progress, *, path: str, token: str) -> dict[str, Any]:
    """Names of the features of a file."""
    return {"names": list(state.workbench(path, token, progress).plate.feature_names)}


def _feature_values(state: State, progress: Progress, *, path: str, token: str, feature: str) -> dict[str, Any]:
    """One feature of every well, float32 (n,), as it stands in the file."""
    plate = state.workbench(path, token, progress).plate
    if feature not in plate.feature_names:
        raise PlateFileError(
            path, "var_names", f"no {feature!r}", "the features that were there when it was opened"
        )
    return {"values": np.ascontiguousarray(plate.embeddings[:, plate.feature_names.index(feature)])}


def _true_molecules(state: State, progress: Progress, *, path: str, token: str) -> dict[str, Any]:
    """Rank and calibrated chance of each treatment's own molecule; arrays by treatment."""
    workbench = state.workbench(path, token, progress)
    bundle = state.models.bundle(progress)
    found = true_molecules(workbench, bundle, state.models.library(progress), progress=progress)
    numbers = ("rank", "chance", "chance_low", "chance_high", "chance_first")
    return {
        **{name: found[name].to_numpy(np.float64) for name in numbers},
        "of": int(found["of"].max()) if len(found) else 0,
        "note": texts(pd.Series(found["note"], dtype=object)),
    }


def _save_table(
    _state: State, progress: Progress, *, out: str, columns: list[dict[str, Any]], rows: Any
) -> dict[str, Any]:
    """Write a table of the window, which may be long, as CSV or XLSX."""
    saved = save_packed(out, columns, rows, progress)
    return dataclasses.asdict(saved)


TASKS: dict[str, Callable[..., Any]] = {
    "feature_names": _feature_names,
    "feature_values": _feature_values,
    "true_molecules": _true_molecules,
    "save_table": _save_table,
}
"""Tasks by the names that the window uses."""
