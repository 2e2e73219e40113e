"""Two treatments side by side: how alike, what differs, and which candidates they share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.tasks.state import State
from molphenix_core.molecules.common_substructure import common_substructure
from molphenix_core.molecules.standardise import parse
from molphenix_core.plates.plate import Plate
from molphenix_core.plates.treatment_difference import feature_differences, profile_cosines
from molphenix_core.progress import Progress
from molphenix_core.retrieval.ranking import WellRanking, rank_queries
from molphenix_core.retrieval.workbench import Workbench

__all__ = ["TASKS"]

_TOP = 100
_FEATURES = 200
_NO_NAMES = (
    "The embedding was made by {}: its {:,} features have numbers, not meanings. What differs in the picture "
    "cannot be named from them."
)


def _compare(
    state: State, progress: Progress, *, path: str, token: str, first: int, second: int
) -> dict[str, Any]:
    """Two treatments of a file, by their rows in its table of treatments."""
    workbench = state.workbench(path, token, progress)
    bundle, library = state.models.bundle(progress), state.models.library(progress)
    a, b = (np.flatnonzero(workbench.treatment_of_well == one) for one in (first, second))
    progress(0.1, "Comparing profiles")
    molecule = pd.factorize(workbench.treatments["key"])[0]
    alike = profile_cosines(workbench.prepared, a, b, workbench.treatment_of_well, molecule)
    answer: dict[str, Any] = {
        "cosine": alike.cosine,
        "chance": alike.chance and list(alike.chance),
        "share_above": alike.share_above,
        "replicates": alike.replicates and list(alike.replicates),
        "joint_cosine": _joint_cosine(workbench, a, b),
        **_features(workbench, a, b),
    }
    progress(0.5, "Ranking both")
    rankings = rank_queries(workbench, [a, b], bundle, library, top=_TOP, progress=progress)
    of = len(library) if library is not None else 0
    return {**answer, "ranks": [_own(one) for one in rankings], **_common(rankings[0], rankings[1], of)}


def _joint_cosine(workbench: Workbench, first: NDArray[np.intp], second: NDArray[np.intp]) -> float | None:
    if workbench.joint is None:
        return None
    a, b = (workbench.joint[rows].astype(np.float64).mean(axis=0) for rows in (first, second))
    norms = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / norms if norms > 0 else None


def _features(workbench: Workbench, first: NDArray[np.intp], second: NDArray[np.intp]) -> dict[str, Any]:
    named = workbench.plate.embedding.encoder == "cellprofiler"
    plate: Plate = workbench.plate if named else workbench.prepared
    found = feature_differences(plate, first, second)
    known = np.flatnonzero(np.isfinite(found.difference))
    order = known[np.lexsort((-np.abs(found.difference[known]), np.nan_to_num(found.q_value[known], nan=2.0)))]
    kept = order[:_FEATURES]
    few = min(len(first), len(second))
    return {
        "features": [plate.feature_names[i] for i in kept],
        "difference": found.difference[kept],
        "p_value": found.p_value[kept],
        "q_value": found.q_value[kept],
        "spread": found.spread,
        "tested": len(known),
        "significant": int((found.q_value[known] < 0.05).sum()),
        "no_names": "" if named else _NO_NAMES.format(plate.embedding.encoder, len(plate.feature_names)),
        "no_test": "" if few > 1 else "no test: a treatment has a single well",
    }


def _own(ranking: WellRanking) -> dict[str, Any]:
    own = ranking.own
    return {"rank": None if own is None else own.rank, "of": 0 if own is None else own.of}


def _common(first: WellRanking, second: WellRanking, of: int) -> dict[str, Any]:
    """Candidates among the first of both, by the sum of their ranks."""
    if first.candidates.empty or second.candidates.empty:
        return {"common": [], "common_ranks": np.empty((0, 2), dtype=np.int64), "top": 0, "of": of}
    columns = ["molecule", "rank", "score", "name", "smiles", "inchikey", "mechanism", "seen"]
    both = first.candidates[columns].merge(second.candidates[["molecule", "rank", "score"]], on="molecule")
    both = both.assign(total=both["rank_x"] + both["rank_y"]).sort_values("total", kind="stable")
    texts = ("name", "smiles", "inchikey", "mechanism")
    return {
        "common": [
            {**{name: str(row[name]) for name in texts}, "seen": bool(row["seen"])} for _, row in both.iterrows()
        ],
        "common_ranks": both[["rank_x", "rank_y"]].to_numpy(np.int64),
        "common_scores": both[["score_x", "score_y"]].to_numpy(np.float64),
        "top": min(_TOP, len(first.candidates)),
        "of": of,
    }


def _compare_structures(_state: State, progress: Progress, *, smiles: list[str]) -> dict[str, Any]:
    """Atoms that two structures have in common, and those that only one has; by the order of their SMILES."""
    progress(0.0, "Looking for what the structures share")
    counts = [parse(text).GetNumAtoms() for text in smiles]
    found = common_substructure(smiles)
    common = [sorted(atoms) for atoms in found.atoms] if found is not None else [[] for _ in smiles]
    different = [sorted(set(range(n)) - set(atoms)) for n, atoms in zip(counts, common, strict=True)]
    return {
        "common": common,
        "different": different if found is not None else [[] for _ in smiles],
        "complete": found is None or found.complete,
    }


TASKS: dict[str, Callable[..., Any]] = {"compare": _compare, "compare_structures": _compare_structures}
"""Tasks by the names that the window uses."""
