"""Columns of a table: arrays with what is needed to show, sort and copy them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from app.numbers import fixed, integer, number

__all__ = ["NO_VALUE", "Kind", "TableColumn"]

Kind = Literal["number", "text", "flag"]

# Rows that are looked at to choose the decimals of a column, and how much larger than the typical value is much.
_SAMPLE = 2000
_MANY_SIZES = 30

NO_VALUE = "–"
"""Shown where there is no value."""


@dataclass(frozen=True, eq=False)
class TableColumn:
    """One column of a table of n rows.

    Parameters
    ----------
    key : str
        Names the column in settings and calls; unique in its table.
    title : str
        In the header.
    values : float or int (n,)
        Numbers (NaN where missing); for texts the int32 index into ``categories``, -1 where missing; for flags
        1, 0 or NaN.
    kind : {"number", "text", "flag"}
    tip : str
        What the column says, in the header's tip.
    unit : str
        Shown after the title.
    digits : int
        Significant digits of a number that is shown.
    decimals : int or None
        Of a number that is shown; None to choose them by ``digits``, so that cells stand under each other.
    categories : sequence of str or None
        The texts.
    ranks : int or float (n_categories,) or None
        What the categories are sorted by, where it has been worked out already.
    largest_first : bool
        Whether a first click on the title brings the largest values to the top, because they are the best.
    """

    key: str
    title: str
    values: NDArray[Any]
    kind: Kind = "number"
    tip: str = ""
    unit: str = ""
    digits: int = 3
    categories: Sequence[str] | None = None
    ranks: NDArray[Any] | None = None
    decimals: int | None = None
    largest_first: bool = False

    def __post_init__(self) -> None:
        if self.values.ndim != 1:
            raise ValueError(f"column {self.key!r}: values of shape {self.values.shape}, expected one dimension")
        if (self.kind == "text") != (self.categories is not None):
            raise ValueError(f"column {self.key!r}: texts come with categories, and nothing else does")

    def __len__(self) -> int:
        return len(self.values)

    @property
    def heading(self) -> str:
        """Title and unit."""
        return f"{self.title}, {self.unit}" if self.unit else self.title

    def value(self, row: int) -> float | int | str | bool | None:
        """The value of one row; None where it is missing."""
        value = self.values[row]
        if self.categories is not None:
            return self.categories[int(value)] if value >= 0 else None
        # Only NaN differs from itself.
        if value != value:
            return None
        if self.kind == "flag":
            return bool(value)
        plain: float | int = value.item()
        return plain

    def text(self, row: int) -> str:
        """What a cell shows, in the user's locale."""
        value = self.value(row)
        if value is None:
            return NO_VALUE
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, str):
            return value
        if isinstance(value, int):
            return integer(value)
        decimals = self._decimals
        if decimals is None or (0 < value < 10.0**-decimals and self._no_negatives):
            return number(value, self.digits)
        return fixed(value, decimals)

    @cached_property
    def _no_negatives(self) -> bool:
        """Whether small values tell more than that they are small, as p does; explicit decimals are kept."""
        return self.decimals is None and not bool((self.values < 0).any())

    @cached_property
    def _decimals(self) -> int | None:
        """Decimals that all cells show; None for values of many sizes."""
        if self.decimals is not None:
            return self.decimals
        sample = np.abs(self.values[:: max(1, len(self) // _SAMPLE)].astype(np.float64))
        sample = sample[np.isfinite(sample) & (sample > 0)]
        if not len(sample):
            return 0
        typical = np.median(sample)
        if np.quantile(sample, 0.95) > _MANY_SIZES * typical or np.quantile(sample, 0.05) * _MANY_SIZES < typical:
            return None
        decimals = max(0, self.digits - 1 - math.floor(math.log10(typical)))
        rounded = np.round(sample, decimals)
        # Zeros at the end of every cell say nothing.
        while decimals and np.allclose(np.round(rounded, decimals - 1), rounded, rtol=0, atol=1e-12):
            decimals -= 1
        return decimals

    def plain(self, row: int) -> str:
        """The same for other programs: all digits, no locale, empty where missing."""
        value = self.value(row)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, float):
            # Of a float32 the digits that it has, not those of its double.
            return str(self.values[row])
        return str(value)

    def sort_key(self) -> NDArray[Any]:
        """Numbers in the order of the values, NaN for what is missing."""
        if self.categories is None:
            return self.values if self.values.dtype != np.bool_ else self.values.astype(np.int8)
        ranks = self.ranks if self.ranks is not None else text_ranks(self.categories)
        # The last place is taken by codes of -1.
        return np.append(ranks.astype(np.float64), np.nan)[self.values]


def text_ranks(texts: Sequence[str]) -> NDArray[np.int32]:
    """Place of each text in an order that knows no capitals, int32 (n,); equal texts share a place."""
    folded = np.array([text.casefold() for text in texts], dtype=object)
    if not len(folded):
        return np.empty(0, dtype=np.int32)
    _, ranks = np.unique(folded, return_inverse=True)
    return ranks.astype(np.int32)
