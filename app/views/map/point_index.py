"""Points by where they are: the nearest to the pointer, and those within a rectangle or a lasso."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.views.map.lasso import inside_polygon

__all__ = ["PointIndex"]

_A_CELL = 4
_MOST_CELLS = 1024
_NONE = np.empty(0, dtype=np.intp)


class PointIndex:
    """Points in a grid of cells.

    Parameters
    ----------
    at : float32 (n, 2)
        Finite coordinates.
    """

    def __init__(self, at: NDArray[np.float32]) -> None:
        self._at = at
        self._side = int(np.clip(np.sqrt(len(at) / _A_CELL), 1, _MOST_CELLS))
        low = at.min(axis=0) if len(at) else np.zeros(2, dtype=np.float32)
        high = at.max(axis=0) if len(at) else np.ones(2, dtype=np.float32)
        self._low = low.astype(np.float64)
        self._step = np.maximum((high.astype(np.float64) - self._low) / self._side, 1e-30)
        column, row = self._cells(at).T
        cell = row * self._side + column
        self._order = np.argsort(cell, kind="stable")
        self._start = np.zeros(self._side**2 + 1, dtype=np.int64)
        np.cumsum(np.bincount(cell, minlength=self._side**2), out=self._start[1:])

    def __len__(self) -> int:
        return len(self._at)

    def _cells(self, at: NDArray[np.floating]) -> NDArray[np.int64]:
        return np.clip(np.floor((at - self._low) / self._step), 0, self._side - 1).astype(np.int64)

    def in_rectangle(self, x0: float, y0: float, x1: float, y1: float) -> NDArray[np.intp]:
        """Points between two corners, ascending."""
        near = self._near(x0, y0, x1, y1)
        at = self._at[near]
        within = (at >= (min(x0, x1), min(y0, y1))) & (at <= (max(x0, x1), max(y0, y1)))
        return np.sort(near[within.all(axis=1)])

    def in_polygon(self, polygon: NDArray[np.floating]) -> NDArray[np.intp]:
        """Points within a closed line, float (m, 2), ascending."""
        if len(polygon) < 3:
            return _NONE
        (x0, y0), (x1, y1) = polygon.min(axis=0).tolist(), polygon.max(axis=0).tolist()
        near = self._near(x0, y0, x1, y1)
        return np.sort(near[inside_polygon(self._at[near], polygon)])

    def nearest(self, x: float, y: float, reach: float) -> int:
        """The nearest point no further than a reach, the last among equals; -1 where there is none."""
        near = self._near(x - reach, y - reach, x + reach, y + reach)
        if not len(near):
            return -1
        distance = np.hypot(self._at[near, 0] - x, self._at[near, 1] - y)
        best = float(distance.min())
        return int(near[distance <= best].max()) if best <= reach else -1

    def _near(self, x0: float, y0: float, x1: float, y1: float) -> NDArray[np.intp]:
        """Points of all cells that a rectangle touches."""
        if not len(self._at):
            return _NONE
        corners = self._cells(np.array([[min(x0, x1), min(y0, y1)], [max(x0, x1), max(y0, y1)]]))
        (left, bottom), (right, top) = corners.tolist()
        parts = []
        for row in range(bottom, top + 1):
            first = row * self._side
            parts.append(self._order[self._start[first + left] : self._start[first + right + 1]])
        return np.concatenate(parts)
