"""Tanimoto similarity of many fingerprints at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["nearest", "tanimoto"]

_ROWS = 2_000


def _counts(values: NDArray[np.generic]) -> NDArray[np.float32]:
    counts = np.asarray(values, dtype=np.float32)
    if counts.ndim != 2:
        raise ValueError(f"fingerprints must be of shape (n, width), not {counts.shape}")
    if not np.isfinite(counts).all() or (counts < 0).any() or (counts != np.floor(counts)).any():
        raise ValueError("fingerprints must be whole numbers, zero or above")
    return counts


def tanimoto(a: NDArray[np.generic], b: NDArray[np.generic]) -> NDArray[np.float32]:
    """Tanimoto similarity of fingerprints, sum of minima over sum of maxima, exact for bits and counts.

    Parameters
    ----------
    a, b : ndarray, (n, width) and (m, width)
        Bits or counts: whole numbers, zero or above.

    Returns
    -------
    ndarray of float32, (n, m)
        Zero where both fingerprints are empty.
    """
    a, b = _counts(a), _counts(b)
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"fingerprints must be of one width, not {a.shape[1]} and {b.shape[1]}")
    minima = np.zeros((len(a), len(b)), dtype=np.float32)
    if a.size and b.size:
        # min(x, y) counts the thresholds that both reach, so the sum of minima is one matrix product a threshold,
        # over the few columns that reach it in both.
        reach = np.minimum(a.max(axis=0), b.max(axis=0))
        for threshold in range(1, int(reach.max()) + 1):
            columns = reach >= threshold
            minima += (a[:, columns] >= threshold).astype(np.float32) @ (
                (b[:, columns] >= threshold).astype(np.float32).T
            )
    maxima = a.sum(axis=1)[:, None] + b.sum(axis=1)[None, :] - minima
    return np.divide(minima, maxima, out=minima, where=maxima > 0)


def nearest(a: NDArray[np.generic], b: NDArray[np.generic]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find for each fingerprint the most similar of a set, such as the nearest training molecule.

    Parameters
    ----------
    a : ndarray, (n, width)
        Whose neighbours are sought.
    b : ndarray, (m, width)
        Among which; at least one.

    Returns
    -------
    index : ndarray of int64, (n,)
        Row of ``b``; the first where several are equally similar.
    similarity : ndarray of float32, (n,)
        Tanimoto.
    """
    if len(b) == 0:
        raise ValueError("there is nothing to be near to")
    index = np.empty(len(a), dtype=np.int64)
    similarity = np.empty(len(a), dtype=np.float32)
    for start in range(0, len(a), _ROWS):
        rows = slice(start, start + _ROWS)
        block = tanimoto(a[rows], b)
        index[rows] = block.argmax(axis=1)
        similarity[rows] = block.max(axis=1)
    return index, similarity
