"""Ranking wells against the library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.tasks.packing import records
from app.tasks.state import State
from molphenix_core.progress import Progress
from molphenix_core.retrieval.chance import Chance
from molphenix_core.retrieval.ranking import TrueMolecule, rank_wells
from molphenix_core.retrieval.scores import score_library

__all__ = ["TASKS"]


def _rank(
    state: State, progress: Progress, *, path: str, token: str, rows: NDArray[np.integer], top: int
) -> dict[str, Any]:
    workbench = state.workbench(path, token, progress)
    bundle, library = state.models.bundle(progress), state.models.library(progress)
    ranking = rank_wells(workbench, rows, bundle, library, top=top, progress=progress)
    chance, domain = ranking.chance, ranking.applicability
    return {
        "candidates": records(ranking.candidates),
        "measured": records(ranking.measured),
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


def _library_scores(
    state: State, progress: Progress, *, path: str, token: str, rows: NDArray[np.integer]
) -> dict[str, Any]:
    """Scores of the whole library for some wells, as :class:`app.library_table.LibraryScores` reads them."""
    workbench = state.workbench(path, token, progress)
    bundle, library = state.models.bundle(progress), state.models.require_library(progress)
    assert bundle is not None, "without a model nothing was ranked"
    scores = score_library(workbench, rows, bundle, library, progress=progress)
    rank = np.empty(len(library), dtype=np.int32)
    rank[scores.order] = np.arange(1, len(library) + 1, dtype=np.int32)
    return {
        "at_doses": scores.at_doses,
        "dose_index": scores.dose_index,
        "score": scores.score,
        "rank": rank,
        "best_dose": library.doses[scores.at_doses.argmax(axis=0)].astype(np.float32),
        "spread": np.ptp(scores.at_doses, axis=0),
        "chance": scores.chance[rank - 1].astype(np.float32),
    }


TASKS: dict[str, Callable[..., Any]] = {"rank": _rank, "library_scores": _library_scores}
"""Tasks by the names that the window uses."""
