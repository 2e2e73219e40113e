"""Hits of a whole file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.tasks.state import State
from molphenix_core.progress import Progress
from molphenix_core.retrieval.hit_files import write_hits
from molphenix_core.retrieval.hits import hits_table

__all__ = ["TASKS"]

_HITS_A_TREATMENT = 10


def _export_hits(state: State, progress: Progress, *, path: str, token: str, out: str) -> dict[str, Any]:
    workbench = state.workbench(path, token, progress)
    bundle, library = state.models.bundle(progress), state.models.library(progress)
    hits = hits_table(workbench, bundle, library, top=_HITS_A_TREATMENT, progress=progress)
    write_hits(hits, out, progress=progress)
    return {"path": out, "rows": len(hits)}


TASKS: dict[str, Callable[..., Any]] = {"export_hits": _export_hits}
"""Tasks by the names that the window uses."""
