"""How well an embedding finds the replicates of a well, on other plates and at other well positions.

Every well in turn is a query; the candidates are ranked by a score such as the cosine similarity. Where replicates
share a well position, as they do in most screens, position effects alone find them: so candidates at the query's
own position can be left out, and a score that knows nothing but positions stands beside every other.

Mean average precision as a measure of replicate retrieval follows Kalinin et al., Nature Communications 16:5181
(2025).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from molphenix_core.evaluation.recall import bootstrap_interval

__all__ = [
    "QueryResults",
    "ReplicateFigures",
    "WellLabels",
    "chance_average_precision",
    "cosine_scores",
    "nearness_scores",
    "paired_difference",
    "replicate_retrieval",
    "summarise",
]

Scores = Callable[[NDArray[np.intp]], NDArray[np.floating]]

_QUERIES_AT_ONCE = 256


@dataclass(frozen=True, eq=False)
class WellLabels:
    """What is known of n wells besides their embedding.

    Parameters
    ----------
    same : int (n,)
        Wells that share it are positives of each other: the row of their treatment, or of their molecule.
    treatment, molecule : int (n,)
        What averages are taken over: first the queries of a treatment, then the treatments of a molecule.
    plate : int (n,)
        Physical plate; -1 where there is none.
    position : int (n, 2)
        Zero-based row and column; -1 where there is none.
    """

    same: NDArray[np.integer]
    treatment: NDArray[np.integer]
    molecule: NDArray[np.integer]
    plate: NDArray[np.integer]
    position: NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class QueryResults:
    """What was measured of q queries, each with one positive at least.

    Parameters
    ----------
    treatment, molecule : int64 (q,)
    average_precision, recall : float64 (q,)
        Recall: the share of the positives among the first ``k = ceil(0.01 N)`` of N candidates.
    nearest : float64 (q,)
        One where the first candidate is a positive; with ties for the first place, the share of positives in them.
    chance_precision, chance_recall : float64 (q,)
        What a random order gives, exactly.
    candidates, positives : int64 (q,)
    without_positives : int
        Further wells that were no queries, for want of a positive.
    """

    treatment: NDArray[np.int64]
    molecule: NDArray[np.int64]
    average_precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    nearest: NDArray[np.float64]
    chance_precision: NDArray[np.float64]
    chance_recall: NDArray[np.float64]
    candidates: NDArray[np.int64]
    positives: NDArray[np.int64]
    without_positives: int

    def __len__(self) -> int:
        return len(self.molecule)


@dataclass(frozen=True)
class ReplicateFigures:
    """Replicate retrieval in figures; averages are over the queries of a treatment, its molecule, then molecules.

    Parameters
    ----------
    queries, without_positives, treatments, molecules : int
    candidates, positives : int
        Of the median query.
    mean_average_precision, recall_top_1_percent, recall_at_1 : float
    precision_interval, recall_interval : (float, float)
        95 %, by bootstrap over molecules.
    chance_precision, chance_recall : float
    """

    queries: int
    without_positives: int
    treatments: int
    molecules: int
    candidates: int
    positives: int
    mean_average_precision: float
    precision_interval: tuple[float, float]
    chance_precision: float
    recall_top_1_percent: float
    recall_interval: tuple[float, float]
    chance_recall: float
    recall_at_1: float

    def to_dict(self) -> dict[str, object]:
        """As JSON values, floats rounded to four digits."""
        return {key: _rounded(value) for key, value in asdict(self).items()}


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 4)
    return [round(v, 4) for v in value] if isinstance(value, tuple) else value


def cosine_scores(embeddings: NDArray[np.floating]) -> Scores:
    """Cosine similarity of embeddings, for :func:`replicate_retrieval`; a zero vector is like no other.

    Parameters
    ----------
    embeddings : float (n, d)

    Returns
    -------
    callable
        Wells, intp (q,), to their scores with all wells, float32 (q, n).
    """
    values = np.asarray(embeddings, dtype=np.float32)
    norms = np.linalg.norm(values, axis=1, keepdims=True)
    unit = values / np.where(norms > 0, norms, 1.0)
    return lambda rows: unit[rows] @ unit.T


def nearness_scores(position: NDArray[np.integer]) -> Scores:
    """Nearness of well positions, the same position first: what position alone retrieves.

    Parameters
    ----------
    position : int (n, 2)
        Row and column of each well on its plate.

    Returns
    -------
    callable
        Wells, intp (q,), to minus their distance in wells from all wells, float32 (q, n).
    """
    place = position.astype(np.float32)
    return lambda rows: -np.linalg.norm(place[rows][:, None] - place[None], axis=2)


def chance_average_precision(
    positives: NDArray[np.integer], candidates: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Expected average precision of a random order, exactly.

    With M positives among N candidates, up to a positive at rank k there are on average
    ``1 + (k - 1)(M - 1)/(N - 1)`` positives; the mean of the precision over ranks is
    ``[(M - 1)/(N - 1) (N - H_N) + H_N] / N``, H_N the N-th harmonic number (Bestgen, Prague Bulletin of
    Mathematical Linguistics 103, 2015).

    Parameters
    ----------
    positives, candidates : int (q,)
        M and N, both at least one.

    Returns
    -------
    float64 (q,)
    """
    harmonic = np.concatenate([[0.0], np.cumsum(1.0 / np.arange(1, int(candidates.max(initial=1)) + 1))])
    n, m = candidates.astype(np.float64), positives.astype(np.float64)
    return ((m - 1) / np.maximum(n - 1, 1) * (n - harmonic[candidates]) + harmonic[candidates]) / n


def replicate_retrieval(scores: Scores, labels: WellLabels, *, other_positions: bool) -> QueryResults:
    """Rank, for every well, the wells of other plates, and see where its replicates are.

    The precision at a positive counts ties as the ranks of :mod:`~molphenix_core.evaluation.recall` do: a
    candidate of the same score counts half, so that a constant score stays near chance.

    Parameters
    ----------
    scores : callable
        Takes q rows (intp) and gives float (q, n), higher is more alike. Asked for blocks of at most 256 queries:
        the n x n matrix is never held.
    labels : WellLabels
        Of the n wells. Those without a plate, or a position where positions count, are neither query nor
        candidate.
    other_positions : bool
        Candidates are wells at other positions only; otherwise at any position.

    Returns
    -------
    QueryResults

    Raises
    ------
    ValueError
        A score is NaN or infinite.
    """
    code = labels.position[:, 0].astype(np.int64) * 10_000 + labels.position[:, 1]
    usable = labels.plate >= 0
    if other_positions:
        usable &= labels.position[:, 0] >= 0
    asked: list[int] = []
    measured: list[tuple[float, ...]] = []
    rows = np.flatnonzero(usable)
    for start in range(0, len(rows), _QUERIES_AT_ONCE):
        block = rows[start : start + _QUERIES_AT_ONCE]
        values = scores(block)
        if not np.isfinite(values).all():
            raise ValueError("scores must be finite: no number ranks above and below all others")
        for query, own in zip(block, values, strict=True):
            allowed = usable & (labels.plate != labels.plate[query])
            if other_positions:
                allowed &= code != code[query]
            positive = allowed & (labels.same == labels.same[query])
            if positive.any():
                asked.append(int(query))
                measured.append(_measure(own[allowed], own[positive]))
    found = np.array(measured, dtype=np.float64).reshape(len(asked), 5)
    candidates, positives = found[:, 3].astype(np.int64), found[:, 4].astype(np.int64)
    return QueryResults(
        treatment=labels.treatment[asked].astype(np.int64),
        molecule=labels.molecule[asked].astype(np.int64),
        average_precision=found[:, 0],
        recall=found[:, 1],
        nearest=found[:, 2],
        chance_precision=chance_average_precision(positives, candidates),
        chance_recall=np.ceil(0.01 * candidates) / np.maximum(candidates, 1),
        candidates=candidates,
        positives=positives,
        without_positives=len(usable) - len(asked),
    )


def _measure(scores: NDArray[np.floating], positive: NDArray[np.floating]) -> tuple[float, ...]:
    """Average precision, recall in the top 1 %, share of positives in first place, and both numbers."""
    every, own = np.sort(scores), np.sort(positive)
    rank = _ranks(every, own)
    precision = _ranks(own, own) / rank
    first = every[-1]
    return (
        float(precision.mean()),
        float((rank <= np.ceil(0.01 * len(every))).mean()),
        float((own == first).sum() / (every == first).sum()),
        len(every),
        len(own),
    )


def _ranks(ascending: NDArray[np.floating], values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Rank of some of these values: one, those above, and half of the other ties."""
    above = len(ascending) - np.searchsorted(ascending, values, side="right")
    ties = len(ascending) - np.searchsorted(ascending, values, side="left") - above - 1
    return 1.0 + above + 0.5 * ties


def summarise(results: Sequence[QueryResults]) -> ReplicateFigures:
    """Pool queries, such as those of several folds, into figures.

    Parameters
    ----------
    results : sequence of QueryResults
        Treatments and molecules numbered alike in all of them.

    Returns
    -------
    ReplicateFigures

    Raises
    ------
    ValueError
        Without a query.
    """
    pooled = {
        f.name: np.concatenate([getattr(r, f.name) for r in results])
        for f in fields(QueryResults)
        if f.name != "without_positives"
    }
    if len(pooled["molecule"]) == 0:
        raise ValueError("no query has a positive")

    def over_molecules(name: str) -> NDArray[np.float64]:
        return _by_molecule(pooled["treatment"], pooled["molecule"], pooled[name])[1]

    precision, recall = over_molecules("average_precision"), over_molecules("recall")
    each = np.arange(len(precision))
    return ReplicateFigures(
        queries=len(pooled["molecule"]),
        without_positives=sum(r.without_positives for r in results),
        treatments=len(np.unique(pooled["treatment"])),
        molecules=len(precision),
        candidates=int(np.median(pooled["candidates"])),
        positives=int(np.median(pooled["positives"])),
        mean_average_precision=float(precision.mean()),
        precision_interval=bootstrap_interval(precision, each),
        chance_precision=float(over_molecules("chance_precision").mean()),
        recall_top_1_percent=float(recall.mean()),
        recall_interval=bootstrap_interval(recall, each),
        chance_recall=float(over_molecules("chance_recall").mean()),
        recall_at_1=float(over_molecules("nearest").mean()),
    )


def paired_difference(
    first: Sequence[QueryResults], second: Sequence[QueryResults]
) -> tuple[float, tuple[float, float]]:
    """Mean average precision of the first less that of the second, on the same queries, and its 95 % interval.

    Paired, by bootstrap over molecules: two figures whose own intervals overlap may still differ surely.

    Parameters
    ----------
    first, second : sequence of QueryResults
        Of two embeddings, the parts (such as folds) in the same order.

    Returns
    -------
    difference : float
        Of the means over molecules.
    interval : (float, float)

    Raises
    ------
    ValueError
        When the queries are not the same, or there is none.
    """
    sides = []
    for results in (first, second):
        treatment = np.concatenate([r.treatment for r in results])
        molecule = np.concatenate([r.molecule for r in results])
        sides.append((treatment, molecule, np.concatenate([r.average_precision for r in results])))
    (treatment, molecule, one), (treatment_2, molecule_2, two) = sides
    if len(one) == 0 or not (np.array_equal(treatment, treatment_2) and np.array_equal(molecule, molecule_2)):
        raise ValueError("the difference needs the same queries on both sides, and one at least")
    _, difference = _by_molecule(treatment, molecule, one - two)
    return float(difference.mean()), bootstrap_interval(difference, np.arange(len(difference)))


def _by_molecule(
    treatment: NDArray[np.int64], molecule: NDArray[np.int64], values: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Molecules, ascending, and the mean over their treatments of the mean over each one's queries."""
    treatments, first, group = np.unique(treatment, return_index=True, return_inverse=True)
    means = np.bincount(group, weights=values) / np.bincount(group)
    molecules, group = np.unique(molecule[first], return_inverse=True)
    return molecules, np.bincount(group, weights=means[: len(treatments)]) / np.bincount(group)
