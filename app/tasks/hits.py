"""Hits of a whole file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.tasks.state import State
from molphenix_core.progress import Progress
from molphenix_core.retrieval.hit_files import require_hits_format, write_hits
from molphenix_core.retrieval.hits import hits_table, selection_hits

__all__ = ["TASKS"]

_HITS_A_TREATMENT = 10


def _export_hits(state: State, progress: Progress, *, path: str, token: str, out: str) -> dict[str, Any]:
    workbench = state.workbench(path, token, progress)
    bundle, library = state.models.bundle(progress), state.models.library(progress)
    hits = hits_table(workbench, bundle, library, top=_HITS_A_TREATMENT, progress=progress)
    written = write_hits(hits, out, progress=progress)
    of_wells = workbench.treatment_of_well
    treatments = len(np.unique(of_wells[of_wells >= 0]))
    return {"path": out, "rows": written, "left_out": len(hits) - written, "treatments": treatments}


def _export_candidates(
    state: State, progress: Progress, *, path: str, token: str, rows: NDArray[np.integer], top: int, out: str
) -> dict[str, Any]:
    """Rank the mean of some wells and write what is found; ``.csv``, ``.xlsx`` or ``.sdf``."""
    require_hits_format(out)
    workbench = state.workbench(path, token, progress)
    bundle, library = state.models.bundle(progress), state.models.library(progress)
    hits = selection_hits(workbench, rows, bundle, library, top=top, progress=progress)
    written = write_hits(hits, out, progress=progress)
    return {"path": out, "rows": written, "left_out": len(hits) - written}


TASKS: dict[str, Callable[..., Any]] = {"export_hits": _export_hits, "export_candidates": _export_candidates}
"""Tasks by the names that the window uses."""
