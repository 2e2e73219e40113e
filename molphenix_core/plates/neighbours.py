"""The nearest neighbours of every point, exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from molphenix_core.progress import Progress, silent

__all__ = ["nearest_neighbours"]

_BLOCK = 24_000_000


def nearest_neighbours(
    units: NDArray[np.float32],
    count: int,
    *,
    among: NDArray[np.float32] | None = None,
    progress: Progress = silent,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The most similar points of every point, by cosine.

    Parameters
    ----------
    units : float32 (n, d)
        Unit vectors.
    count : int
        Neighbours of a point; at most as many as there are points to choose from.
    among : float32 (m, d), optional
        Unit vectors to choose from; by default the points themselves, and each is its own first neighbour.
    progress : callable
        Told the share done, block by block.

    Returns
    -------
    int32 (n, count)
        Rows of the neighbours, by distance.
    float32 (n, count)
        Cosine distances, 0 to 2.
    """
    own = among is None
    others = units if among is None else among
    n = len(units)
    count = min(count, len(others))
    index = np.empty((n, count), dtype=np.int32)
    distance = np.empty((n, count), dtype=np.float32)
    step = max(1, _BLOCK // max(len(others), 1))
    for start in range(0, n, step):
        progress(start / n, "Looking for neighbours")
        rows = np.arange(start, min(start + step, n))
        apart = 1 - units[rows] @ others.T
        if own:
            # Rounding may put a twin before the point itself.
            apart[np.arange(len(rows)), rows] = -1
        near = np.argpartition(apart, count - 1, axis=1)[:, :count]
        there = np.take_along_axis(apart, near, axis=1)
        order = np.lexsort((near, there))
        index[rows] = np.take_along_axis(near, order, axis=1)
        distance[rows] = np.clip(np.take_along_axis(there, order, axis=1), 0, 2)
    return index, distance
