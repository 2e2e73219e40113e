"""Nearest measured treatments: phenotypes compared with phenotypes, without any model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from molphenix_core.progress import Progress, silent

__all__ = ["Measured", "nearest_measured"]

_ROWS = 256


@dataclass(frozen=True, eq=False)
class Measured:
    """The most similar references of each query.

    Attributes
    ----------
    index : ndarray of int64, (q, top)
        Row among the references, best first; -1 where fewer are left.
    similarity : ndarray of float32, (q, top)
        Cosine; NaN where fewer are left.
    """

    index: NDArray[np.int64]
    similarity: NDArray[np.float32]


def _unit(name: str, values: NDArray[np.floating]) -> NDArray[np.float32]:
    array = np.asarray(values, dtype=np.float32)
    if array.ndim != 2 or not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite and of shape (n, d), not of shape {array.shape}")
    norm = np.linalg.norm(array, axis=1, keepdims=True)
    return np.divide(array, norm, out=np.zeros_like(array), where=norm > 0)


def _group(name: str, values: ArrayLike, count: int) -> NDArray[np.int64]:
    group = np.asarray(values)
    if group.shape != (count,) or group.dtype.kind not in "iu":
        raise ValueError(f"{name} must be {count} whole numbers, not {group.dtype} of shape {group.shape}")
    return group.astype(np.int64)


def nearest_measured(
    queries: NDArray[np.floating],
    references: NDArray[np.floating],
    *,
    query_group: ArrayLike,
    reference_group: ArrayLike,
    top: int = 50,
    progress: Progress = silent,
) -> Measured:
    """Find the measured treatments or wells whose phenotype is most similar, other than the query's own treatment.

    Parameters
    ----------
    queries, references : ndarray, (q, d) and (n, d)
        Plate embeddings of one space. A vector of zeros is similar to nothing: 0.
    query_group, reference_group : array_like of int, (q,) and (n,)
        Number of the treatment; references of the query's are left out. A negative query group leaves none out.
    top : int
        How many; at most n are returned.
    progress : callable
        Told the share done.

    Returns
    -------
    Measured

    Raises
    ------
    ValueError
        The shapes do not fit, or a value is not finite.
    """
    left, right = _unit("queries", queries), _unit("references", references)
    if left.shape[1] != right.shape[1]:
        raise ValueError(f"queries and references must be of one width, not {left.shape[1]} and {right.shape[1]}")
    if top < 1:
        raise ValueError(f"top must be at least 1, not {top}")
    own, group = (
        _group("query_group", query_group, len(left)),
        _group("reference_group", reference_group, len(right)),
    )
    top = min(top, len(right))
    index = np.empty((len(left), top), dtype=np.int64)
    similarity = np.empty((len(left), top), dtype=np.float32)
    for start in range(0, len(left), _ROWS):
        rows = slice(start, start + _ROWS)
        scores = left[rows] @ right.T
        scores[(own[rows, None] == group) & (own[rows, None] >= 0)] = -np.inf
        best = np.argsort(-scores, axis=1, kind="stable")[:, :top]
        index[rows], similarity[rows] = best, np.take_along_axis(scores, best, axis=1)
        progress(min(1.0, (start + _ROWS) / len(left)), "Comparing with measured treatments")
    missing = np.isneginf(similarity)
    index[missing], similarity[missing] = -1, np.nan
    return Measured(index, similarity)
