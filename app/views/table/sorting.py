"""Order of rows by several columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["SortKey", "sort_order"]


_FEW_GROUPS = 1 << 16


@dataclass(frozen=True)
class SortKey:
    """A column to sort by, named by its key."""

    column: str
    descending: bool = False


def sort_order(keys: Sequence[tuple[NDArray[Any], bool]], n: int) -> NDArray[np.intp]:
    """Rows in order of the first key, among equals of the next; rows that are equal in all keep their place.

    Parameters
    ----------
    keys : sequence of (array (n,), bool)
        Numbers and whether they go down; NaN comes last either way.
    n : int
        Rows.

    Returns
    -------
    intp (n,)
    """
    if not keys:
        return np.arange(n)
    oriented = [_oriented(values, descending) for values, descending in keys]
    # The unstable sort is many times faster than the stable one, and most first keys have few equals.
    order: NDArray[np.intp] = np.argsort(oriented[0])
    first = oriented[0][order]
    equal = first[1:] == first[:-1]
    if first.dtype.kind == "f":
        # NaN is at the end.
        known = np.searchsorted(first, np.nan)
        equal[known:] = True
    if not equal.any():
        return order
    if equal.mean() <= 0.5:
        return _settle(order, equal, oriented[1:])
    group = np.append(0, np.cumsum(~equal))
    if group[-1] >= _FEW_GROUPS:
        return np.lexsort(oriented[::-1])
    # Few groups: whatever comes after the first key is sorted on its own, then its order within the groups kept.
    # Of 16 bits numpy sorts stably by radix.
    group_of = np.empty(n, dtype=np.uint16)
    group_of[order] = group
    rest = sort_order(keys[1:], n)
    return rest[np.argsort(group_of[rest], kind="stable")]


def _settle(order: NDArray[np.intp], equal: NDArray[np.bool_], keys: Sequence[NDArray[Any]]) -> NDArray[np.intp]:
    """Sort within runs of rows that the first key leaves equal."""
    tied = np.flatnonzero(np.append(equal, False) | np.append(False, equal))
    starts = np.append(True, ~equal)[tied]
    rows = order[tied]
    within = [key[rows] for key in keys]
    order[tied] = rows[np.lexsort((rows, *within[::-1], np.cumsum(starts)))]
    return order


def _oriented(values: NDArray[Any], descending: bool) -> NDArray[Any]:
    if not descending:
        return values
    if values.dtype.kind == "f":
        return -values
    # ~ turns the order of whole numbers around without an overflow.
    return ~values
