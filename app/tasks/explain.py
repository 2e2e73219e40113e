"""Why a candidate scores what it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.tasks.packing import records
from app.tasks.state import State
from molphenix_core.progress import Progress
from molphenix_core.retrieval.explanation import explain

__all__ = ["TASKS"]

_TOLD = 6


def _explain(
    state: State,
    progress: Progress,
    *,
    path: str,
    token: str,
    rows: NDArray[np.integer],
    smiles: str,
    dose: float | None,
) -> dict[str, Any]:
    """The parts of the score of a molecule for the mean of some wells; ``without`` alone where there is none."""
    workbench, bundle = state.workbench(path, token, progress), state.models.bundle(progress)
    if bundle is None or not workbench.space_known:
        return {"without": "the model does not know the embedding space of this plate"}
    progress(0.0, "Taking the score apart")
    mean = workbench.prepared.embeddings[rows].mean(axis=0, dtype=np.float64)
    why = explain(bundle, workbench.prepared.space, mean, smiles, np.nan if dose is None else dose)
    return {
        "without": why.without,
        "score": why.score,
        "towers": why.towers,
        "shared": why.shared,
        "far": why.far,
        "rest": float(why.training["pull"].iloc[_TOLD:].sum()),
        "others": max(len(why.training) - _TOLD, 0),
        "training": records(why.training.head(_TOLD)),
    }


TASKS: dict[str, Callable[..., Any]] = {"explain": _explain}
"""Tasks by the names that the window uses."""
