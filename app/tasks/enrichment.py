"""Mechanisms that the best candidates share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.tasks.library_mechanisms import mechanism_classes
from app.tasks.state import State
from molphenix_core.progress import Progress
from molphenix_core.retrieval.enrichment import enrichment

__all__ = ["TASKS"]


def _enrich(state: State, progress: Progress, *, keys: list[str]) -> dict[str, Any]:
    """Test the mechanisms of the best candidates, given by InChIKey, against the annotated library."""
    library = state.models.require_library(progress)
    classes = state.keep("mechanisms", library, lambda: mechanism_classes(library))
    row_of = state.keep("rows by key", library, lambda: _rows(library.molecules["inchikey"].tolist()))
    progress(0.5, "Testing mechanisms")
    top: NDArray[np.int64] = np.array([row_of[key] for key in keys if key in row_of], dtype=np.int64)
    found = enrichment(top, classes)
    table = found.table
    drawn, annotated = max(found.top_annotated, 1), max(found.library_annotated, 1)
    return {
        "mechanism": table["mechanism"].tolist(),
        "in_top": table["in_top"].to_numpy(np.int64),
        "expected": drawn * table["in_library"].to_numpy(np.float64) / annotated,
        "in_library": table["in_library"].to_numpy(np.int64),
        "fold": table["fold"].to_numpy(np.float64),
        "p_value": table["p_value"].to_numpy(np.float64),
        "q_value": table["q_value"].to_numpy(np.float64),
        "top": found.top,
        "top_annotated": found.top_annotated,
        "library": found.library,
        "library_annotated": found.library_annotated,
        "tested": found.tested,
    }


def _rows(keys: list[str]) -> dict[str, int]:
    return {key: row for row, key in enumerate(keys)}


TASKS: dict[str, Callable[..., Any]] = {"enrich": _enrich}
"""Tasks by the names that the window uses."""
