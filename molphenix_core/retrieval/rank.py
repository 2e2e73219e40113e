"""Ranking of molecules for phenotypes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from molphenix_core.progress import Progress, silent
from molphenix_core.retrieval.library import Library
from molphenix_core.retrieval.search import checked_queries, score_segments, top_k

__all__ = ["Ranking", "rank_molecules", "rank_of_molecule", "scored_at"]

NEAR = 1.5
"""A query is scored at a dose of the library's grid that is within this factor of its own."""

# Rows at once, where scores or embeddings at every dose are held.
_ROWS = 256

# A library of so many numbers (256 MB as float32) is converted whole; its scores are held so many at a time.
_HELD_WHOLE = 2**26
_SCORES = 2**25

# Equal embeddings score alike only up to the rounding of a float32 sum.
_TIE = 1e-6


@dataclass(frozen=True, eq=False)
class Ranking:
    """The best molecules for each query; a molecule stands once, whatever its doses.

    Attributes
    ----------
    molecule : ndarray of int64, (q, top)
        Row in the library's table, best first.
    dose_index : ndarray of int64, (q, top)
        Which dose of the library's grid scored.
    score : ndarray of float32, (q, top)
        Cosine similarity.
    scored_at : ndarray of float64, (q,)
        Micromolar: the grid dose at which every molecule was scored, since the query's own is near it; NaN where
        each molecule is scored at whichever dose of the grid fits best.
    """

    molecule: NDArray[np.int64]
    dose_index: NDArray[np.int64]
    score: NDArray[np.float32]
    scored_at: NDArray[np.float64]


def scored_at(doses: ArrayLike | None, count: int, grid: NDArray[np.float64]) -> NDArray[np.int64]:
    """Choose for each query the dose of a grid at which molecules are scored.

    Parameters
    ----------
    doses : array_like, (count,), optional
        Of the queries, micromolar; NaN where unknown.
    count : int
        Number of queries.
    grid : ndarray of float64, (k,)
        Micromolar, NaN for the unknown dose.

    Returns
    -------
    ndarray of int64, (count,)
        Index into the grid of the dose nearest in its logarithm, if within a factor of 1.5; else -1, meaning the
        whole grid.

    Raises
    ------
    ValueError
        There is not one dose for each query, or one is zero, negative or infinite.
    """
    chosen = np.full(count, -1, dtype=np.int64)
    if doses is None:
        return chosen
    values = np.asarray(doses, dtype=np.float64)
    if values.shape != (count,):
        raise ValueError(f"doses must be of shape ({count},), not {values.shape}")
    if (values <= 0).any() or np.isinf(values).any():
        raise ValueError("doses must be finite and above zero, or NaN where unknown")
    known = np.flatnonzero(np.isfinite(values))
    on_grid = np.flatnonzero(np.isfinite(grid))
    if known.size and on_grid.size:
        distance = np.abs(np.log(values[known])[:, None] - np.log(grid[on_grid])[None, :])
        nearest = distance.argmin(axis=1)
        near = distance[np.arange(len(known)), nearest] <= np.log(NEAR) + 1e-9
        chosen[known[near]] = on_grid[nearest[near]]
    return chosen


def _groups(chosen: NDArray[np.int64], library: Library) -> Iterator[tuple[NDArray[np.int64], list[int]]]:
    """Queries that are scored at the same dose, and the doses to score them at."""
    for dose in np.unique(chosen):
        yield np.flatnonzero(chosen == dose), [int(dose)] if dose >= 0 else list(range(len(library.doses)))


def rank_molecules(
    queries: NDArray[np.floating],
    library: Library,
    *,
    doses: ArrayLike | None = None,
    top: int = 100,
    progress: Progress = silent,
) -> Ranking:
    """Rank the molecules of a library for phenotypes.

    A query whose dose is known, and within a factor of 1.5 of one of the grid, is scored there; any other at
    the best dose of the grid, which is the same for every molecule: with lists of unequal length a plain maximum
    would favour molecules with more doses.

    Parameters
    ----------
    queries : ndarray, (q, width)
        Unit vectors of phenotypes in the joint space.
    library : Library
        Embedded by the same model (:meth:`Library.require`).
    doses : array_like, (q,), optional
        Of the queries, micromolar; NaN where unknown. All unknown by default.
    top : int
        How many molecules for each; at most all.
    progress : callable
        Told the share done.

    Returns
    -------
    Ranking

    Raises
    ------
    ValueError
        The shapes do not fit, a query is not finite, or a dose is zero, negative or infinite.
    """
    values = checked_queries(queries, library.width)
    chosen = scored_at(doses, len(values), library.doses)
    top = min(top, len(library))
    molecule = np.empty((len(values), top), dtype=np.int64)
    score = np.empty((len(values), top), dtype=np.float32)
    dose_index = np.repeat(chosen[:, None], top, axis=1)
    done = 0
    for rows, planes in _groups(chosen, library):

        def report(share: float, message: str, done: int = done, count: int = len(rows)) -> None:
            progress((done + share * count) / len(values), message)

        if len(planes) > 1 and library.embeddings.size <= _HELD_WHOLE:
            molecule[rows], dose_index[rows], score[rows] = _over_whole_grid(values[rows], library, top)
        else:
            molecule[rows], score[rows] = top_k(
                values[rows], [library.embeddings[plane] for plane in planes], top, progress=report
            )
            if len(planes) > 1:
                dose_index[rows] = _best_doses(values[rows], library, molecule[rows])
        report(1.0, "Searching the library")
        done += len(rows)
    at = np.where(chosen >= 0, library.doses[chosen], np.nan)
    return Ranking(molecule, dose_index, score, at)


def _over_whole_grid(
    queries: NDArray[np.float32], library: Library, top: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Molecules, dose indices and scores (q, top) of a library small enough to hold all scores at once."""
    doses, count, width = library.embeddings.shape
    vectors = torch.from_numpy(library.embeddings.reshape(doses * count, width)).float()
    rows = max(1, _SCORES // (doses * count))
    found = []
    with torch.inference_mode():
        for start in range(0, len(queries), rows):
            scores = torch.from_numpy(queries[start : start + rows]) @ vectors.T
            best, dose = scores.view(-1, doses, count).max(dim=1)
            values, place = best.topk(top, dim=1)
            found.append((place.numpy(), dose.gather(1, place).numpy(), values.numpy()))
    molecule, dose_index, score = (np.concatenate(parts) for parts in zip(*found, strict=True))
    if (np.diff(score, axis=1) != 0).all():
        return molecule, dose_index, score
    order = np.lexsort((molecule, -score))
    return (
        np.take_along_axis(molecule, order, axis=1),
        np.take_along_axis(dose_index, order, axis=1),
        np.take_along_axis(score, order, axis=1),
    )


def _best_doses(queries: NDArray[np.float32], library: Library, molecule: NDArray[np.int64]) -> NDArray[np.int64]:
    best = np.empty_like(molecule)
    for row, (query, found) in enumerate(zip(queries, molecule, strict=True)):
        vectors = library.embeddings[:, found].astype(np.float32)
        best[row] = (vectors @ query).argmax(axis=0)
    return best


def rank_of_molecule(
    queries: NDArray[np.floating],
    library: Library,
    molecule_index: ArrayLike,
    *,
    doses: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Find the rank of a given molecule for each query, such as of the one that is in the well.

    Parameters
    ----------
    queries, library, doses
        As in :func:`rank_molecules`, and scored alike.
    molecule_index : array_like of int, (q,)
        Row in the library's table; -1 where there is none.

    Returns
    -------
    ndarray of float64, (q,)
        One, plus the number of other molecules scored strictly higher, plus half of those that tie; NaN where
        the index is -1.

    Raises
    ------
    ValueError
        As :func:`rank_molecules`, or an index is beyond the library.
    """
    values = checked_queries(queries, library.width)
    index = np.asarray(molecule_index)
    if index.shape != (len(values),) or index.dtype.kind not in "iu":
        raise ValueError(f"molecule_index must be {len(values)} whole numbers, not {index.dtype} {index.shape}")
    if (index < -1).any() or (index >= len(library)).any():
        raise ValueError(f"molecule_index must lie between -1 and {len(library) - 1}")
    chosen = scored_at(doses, len(values), library.doses)
    rank = np.full(len(values), np.nan)
    asked = np.flatnonzero(index >= 0)
    for members, planes in _groups(chosen[asked], library):
        for start in range(0, len(members), _ROWS):
            rows = asked[members[start : start + _ROWS]]
            rank[rows] = _ranks(values[rows], library, index[rows].astype(np.int64), planes)
    return rank


def _ranks(
    queries: NDArray[np.float32], library: Library, index: NDArray[np.int64], planes: list[int]
) -> NDArray[np.float64]:
    vectors = (
        library.embeddings[planes][:, index] if len(planes) > 1 else library.embeddings[planes[0]][index][None]
    )
    own = np.einsum("qd,kqd->kq", queries, vectors.astype(np.float32)).max(axis=0)
    threshold = torch.from_numpy(own)[:, None]
    higher = torch.zeros(len(queries), dtype=torch.int64)
    tied = torch.zeros(len(queries), dtype=torch.int64)
    with torch.inference_mode():
        for start, scores in score_segments(queries, [library.embeddings[plane] for plane in planes]):
            inside = np.flatnonzero((index >= start) & (index < start + scores.shape[1]))
            scores[inside, index[inside] - start] = -torch.inf
            above = (scores > threshold + _TIE).sum(dim=1)
            higher += above
            tied += (scores >= threshold - _TIE).sum(dim=1) - above
    return 1 + higher.numpy() + tied.numpy() / 2
