"""Recall and its relatives, from a matrix of scores.

The rank of the true candidate is one, plus the candidates scored strictly higher, plus half of its ties, so that
a constant score ranks in the middle and never on top. The recall in the top 1 % counts ranks up to
``k = ceil(0.01 N)``; its exact chance level is ``k / N``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "RetrievalFigures",
    "bootstrap_interval",
    "collapse_doses",
    "figures_from_ranks",
    "ranks_of_true",
    "retrieval_figures",
]

_DRAWS = 1000


@dataclass(frozen=True)
class RetrievalFigures:
    """How well true candidates are found.

    Parameters
    ----------
    queries, candidates, molecules : int
        Number of queries, of candidates in the gallery, and of molecules among the queries.
    k : int
        Candidates in the top 1 %.
    chance : float
        Recall in the top 1 % of a random order, ``k / candidates``.
    recall_top_1_percent, recall_top_5_percent : float
    recall_interval : (float, float)
        95 % interval of the recall in the top 1 %, by bootstrap over molecules.
    recall_at_1, recall_at_5, recall_at_10 : float
    mean_reciprocal_rank : float
    median_rank_percentile : float
        Median of ``100 rank / candidates``; a random order gives 50.
    """

    queries: int
    candidates: int
    molecules: int
    k: int
    chance: float
    recall_top_1_percent: float
    recall_interval: tuple[float, float]
    recall_top_5_percent: float
    recall_at_1: float
    recall_at_5: float
    recall_at_10: float
    mean_reciprocal_rank: float
    median_rank_percentile: float

    def to_dict(self) -> dict[str, object]:
        """As JSON values, floats rounded to four digits."""
        return {key: _rounded(value) for key, value in asdict(self).items()}


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 4)
    return [round(v, 4) for v in value] if isinstance(value, tuple) else value


def ranks_of_true(scores: NDArray[np.floating], true: NDArray[np.integer]) -> NDArray[np.float64]:
    """Rank of the true candidate of every query.

    Parameters
    ----------
    scores : float (n_queries, n_candidates)
    true : int (n_queries,)
        Column of the true candidate.

    Returns
    -------
    float64 (n_queries,)
        From 1; halves occur with ties.

    Raises
    ------
    ValueError
        A score is NaN or infinite.
    """
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite: no number ranks above and below all others")
    own = scores[np.arange(len(scores)), true][:, None]
    return 1.0 + (scores > own).sum(axis=1) + 0.5 * ((scores == own).sum(axis=1) - 1)


def collapse_doses(
    scores: NDArray[np.floating], candidate_molecule: NDArray[np.integer]
) -> tuple[NDArray[np.floating], NDArray[np.integer]]:
    """The best score over the doses of each molecule.

    Parameters
    ----------
    scores : float (n_queries, n_candidates)
    candidate_molecule : int (n_candidates,)
        Molecule of each candidate, which is a molecule at a dose.

    Returns
    -------
    float (n_queries, n_molecules)
    int (n_molecules,)
        The molecules, ascending.
    """
    molecules, column = np.unique(candidate_molecule, return_inverse=True)
    out = np.full((len(scores), len(molecules)), -np.inf, dtype=scores.dtype)
    for candidate, target in enumerate(column):
        np.maximum(out[:, target], scores[:, candidate], out=out[:, target])
    return out, molecules


def bootstrap_interval(
    hits: NDArray[np.floating], groups: NDArray[np.integer], *, seed: int = 0
) -> tuple[float, float]:
    """95 % interval of a mean, resampling whole groups (molecules): queries of one molecule are not independent.

    Parameters
    ----------
    hits : float (n,)
        What is averaged, such as 1 for a hit and 0 for a miss.
    groups : int (n,)
        Molecule of each.
    seed : int

    Returns
    -------
    (float, float)
        The 2.5th and 97.5th percentile of the mean over 1,000 draws.
    """
    names, index = np.unique(groups, return_inverse=True)
    totals = np.bincount(index, weights=hits)
    counts = np.bincount(index)
    drawn = np.random.default_rng(seed).integers(0, len(names), (_DRAWS, len(names)))
    means = totals[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def retrieval_figures(
    scores: NDArray[np.floating], true: NDArray[np.integer], molecule: NDArray[np.integer]
) -> RetrievalFigures:
    """All figures of one gallery.

    Parameters
    ----------
    scores : float (n_queries, n_candidates)
    true : int (n_queries,)
        Column of each query's true candidate.
    molecule : int (n_queries,)
        Molecule of each query, for the bootstrap.

    Returns
    -------
    RetrievalFigures

    Raises
    ------
    ValueError
        Without queries or candidates.
    """
    if scores.size == 0:
        raise ValueError("no queries or no candidates")
    sizes = np.full(len(scores), scores.shape[1])
    return figures_from_ranks(ranks_of_true(scores, true), sizes, molecule)


def figures_from_ranks(
    ranks: NDArray[np.floating], sizes: NDArray[np.integer], molecule: NDArray[np.integer]
) -> RetrievalFigures:
    """The same from ranks, of one gallery or pooled over several (as over folds).

    Parameters
    ----------
    ranks : float (n_queries,)
        Of the true candidate, from 1.
    sizes : int (n_queries,)
        Candidates in the gallery of each query. Of galleries of several sizes, ``candidates`` and ``k`` of the
        result are those of the median one; recall and chance use each query's own.
    molecule : int (n_queries,)

    Returns
    -------
    RetrievalFigures
    """
    k = np.ceil(0.01 * sizes)
    hits = (ranks <= k).astype(np.float64)
    typical = int(np.median(sizes))
    return RetrievalFigures(
        queries=len(ranks),
        candidates=typical,
        molecules=len(np.unique(molecule)),
        k=ceil(0.01 * typical),
        chance=float((k / sizes).mean()),
        recall_top_1_percent=float(hits.mean()),
        recall_interval=bootstrap_interval(hits, molecule),
        recall_top_5_percent=float((ranks <= np.ceil(0.05 * sizes)).mean()),
        recall_at_1=float((ranks <= 1).mean()),
        recall_at_5=float((ranks <= 5).mean()),
        recall_at_10=float((ranks <= 10).mean()),
        mean_reciprocal_rank=float((1 / ranks).mean()),
        median_rank_percentile=float(np.median(100 * ranks / sizes)),
    )
