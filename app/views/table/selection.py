"""Which rows are selected, by their numbers in the source: sorting and filtering leave it as it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["RowSelection"]


class RowSelection:
    """Selected rows of a table of n rows.

    Qt keeps a selection as ranges of what is shown: sorted by another column, 100,000 selected rows are nearly as
    many ranges, and each cell that is painted looks through them all.
    """

    def __init__(self, n: int = 0) -> None:
        self.reset(n)

    def reset(self, n: int) -> None:
        """Be about n other rows, none of them selected."""
        self.mask: NDArray[np.bool_] = np.zeros(n, dtype=bool)
        self.anchor = 0
        self._before = self.mask.copy()

    def rows(self) -> NDArray[np.intp]:
        """Selected rows, ascending."""
        return np.flatnonzero(self.mask)

    def set(self, rows: NDArray[np.integer]) -> None:
        """Select these rows alone."""
        self.mask[:] = False
        self.mask[rows] = True

    def put(self, order: NDArray[np.intp], position: int, *, toggle: bool = False) -> None:
        """Select the row at a position of the order alone, or turn it over; ranges begin there."""
        row = order[position]
        if toggle:
            self.mask[row] = not self.mask[row]
        else:
            self.set(np.array([row]))
        self.anchor = position
        self._before = self.mask.copy()

    def extend(self, order: NDArray[np.intp], position: int, *, add: bool = False) -> None:
        """Select from where the range began to a position, beside what was selected before it or alone."""
        self.mask[:] = self._before if add else False
        anchor = min(self.anchor, len(order) - 1)
        self.mask[order[min(anchor, position) : max(anchor, position) + 1]] = True
