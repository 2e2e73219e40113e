"""Which rows of a table pass a text and ranges of numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.texts import PackedTexts
from app.views.table.columns import TableColumn

__all__ = ["RowFilter", "passing_rows"]

_LONGEST = 200


@dataclass(frozen=True)
class RowFilter:
    """What rows must hold.

    Parameters
    ----------
    text : str
        Each of its words stands in one of the columns of texts.
    ranges : dict of str to (float, float)
        By the key of a column of numbers, its least and largest value; infinite where open.
    """

    text: str = ""
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether every row passes."""
        return not self.text.strip() and not self.ranges

    def to_json(self) -> dict[str, Any]:
        """JSON values; an open end is null."""
        ends = {key: [v if math.isfinite(v) else None for v in pair] for key, pair in self.ranges.items()}
        return {"text": self.text, "ranges": ends}

    @classmethod
    def of(cls, state: object) -> RowFilter:
        """Read what :meth:`to_json` gave, dropping what does not fit."""
        if not isinstance(state, dict):
            return cls()
        text = state.get("text")
        ranges = {}
        stored = state.get("ranges")
        for key, pair in (stored if isinstance(stored, dict) else {}).items():
            sound = isinstance(pair, list) and len(pair) == 2 and all(_is_end(end) for end in pair)
            if sound and isinstance(key, str):
                low, high = pair
                ranges[key] = (-math.inf if low is None else low, math.inf if high is None else high)
        return cls(text[:_LONGEST] if isinstance(text, str) else "", ranges)


def _is_end(end: object) -> bool:
    return end is None or (isinstance(end, int | float) and not isinstance(end, bool) and math.isfinite(end))


def passing_rows(
    columns: Sequence[TableColumn], wanted: RowFilter, *, without: Sequence[str] = ()
) -> NDArray[np.bool_]:
    """Which rows pass a filter, bool (n,).

    Parameters
    ----------
    columns : sequence of TableColumn
        One at least.
    wanted : RowFilter
        Ranges of columns that are not there let all rows pass; rows without a value pass no range.
    without : sequence of str
        Keys of columns whose texts are not looked at.
    """
    passing = np.ones(len(columns[0]), dtype=bool)
    searched = [column for column in columns if column.kind == "text" and column.key not in without]
    for word in wanted.text.split():
        anywhere = np.zeros(len(passing), dtype=bool)
        for column in searched:
            anywhere |= _containing(column, word)
        passing &= anywhere
    for column in columns:
        if column.kind == "number" and column.key in wanted.ranges:
            low, high = wanted.ranges[column.key]
            passing &= (column.values >= low) & (column.values <= high)
    return passing


def _containing(column: TableColumn, word: str) -> NDArray[np.bool_]:
    categories = column.categories
    assert categories is not None, "texts have categories"
    if isinstance(categories, PackedTexts):
        holds = categories.containing(word)
    else:
        small = word.casefold()
        holds = np.array([small in text.casefold() for text in categories], dtype=bool)
    # The last place is taken by codes of -1.
    return np.append(holds, False)[column.values]
