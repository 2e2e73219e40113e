"""Which treatments are hits by a rule, and how their share changes with the rule."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.errors import InputError

__all__ = ["HitRule", "call_hits", "hit_rate_curve"]

_SOURCE = "hit rule"

# Field of the rule, column it asks, and what the column holds, in the order in which treatments are asked.
_CRITERIA = (
    ("min_replicates", "n_wells", "replicates"),
    ("max_q", "q_value", "q-value"),
    ("min_distance", "distance_to_control", "distance to control"),
    ("min_relative_cell_count", "relative_cell_count", "relative cell count"),
)
_FLAGS = (
    ("exclude_pains", "pains", "PAINS"),
    ("exclude_autofluorescent", "autofluorescent", "autofluorescent"),
)


@dataclass(frozen=True, kw_only=True)
class HitRule:
    """What makes a treatment a hit: all that is asked must hold.

    Parameters
    ----------
    max_q : float or None
        Largest q-value (Benjamini and Hochberg) of replicate consistency: the expected share of treatments among
        those that pass which do nothing. None asks for none, as for a screen without replicates.
    min_distance : float or None
        Smallest distance to control, 1 being a treatment that does nothing.
    min_replicates : int
        Fewest wells.
    min_relative_cell_count : float or None
        Smallest cell count relative to the negative controls; fewer cells are toxicity.
    exclude_pains, exclude_autofluorescent : bool
        Leave out treatments with the flag. One that is not known to have it stays, and is listed as not checked.

    Raises
    ------
    InputError
        A number outside its range.
    """

    max_q: float | None = 0.05
    min_distance: float | None = None
    min_replicates: int = 2
    min_relative_cell_count: float | None = None
    exclude_pains: bool = False
    exclude_autofluorescent: bool = False

    def __post_init__(self) -> None:
        ranges = {"max_q": 1.0, "min_distance": math.inf, "min_relative_cell_count": math.inf}
        for name, most in ranges.items():
            value = getattr(self, name)
            if value is not None and not (0 <= value <= most and math.isfinite(value)):
                upper = "" if most == math.inf else f" to {most:g}"
                raise InputError(_SOURCE, name, repr(value), f"a number from 0{upper}, or none")
        if isinstance(self.min_replicates, bool) or self.min_replicates != int(self.min_replicates):
            raise InputError(_SOURCE, "min_replicates", repr(self.min_replicates), "a whole number from 1")
        if self.min_replicates < 1:
            raise InputError(_SOURCE, "min_replicates", repr(self.min_replicates), "a whole number from 1")


def call_hits(table: pd.DataFrame, rule: HitRule) -> pd.DataFrame:
    """Apply a rule to treatments.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a treatment, from :func:`~molphenix_core.plates.hit_table.hit_table`.
    rule : HitRule

    Returns
    -------
    pandas.DataFrame
        Same index: ``hit``, bool; ``reason``, the first criterion that a treatment fails, as "q-value 0.31 above
        0.05" ("" for hits); ``criterion``, the field of the rule that it fails ("" for hits), to count by;
        ``not_checked``, flags that were asked and are not known for it.

    Raises
    ------
    InputError
        The rule asks for a column that the table does not have.
    """
    criterion = np.full(len(table), "", dtype=object)
    reason = np.full(len(table), "", dtype=object)
    for field, fails in _failures(table, rule):
        first = np.flatnonzero(fails & (criterion == ""))
        criterion[first] = field
        reason[first] = _reasons(table, rule, field, first)
    return pd.DataFrame(
        {"hit": criterion == "", "reason": reason, "criterion": criterion, "not_checked": _unknown(table, rule)},
        index=table.index,
    )


def _failures(table: pd.DataFrame, rule: HitRule) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Each criterion asked, and which treatments fail it; a number that is not known fails, a flag does not."""
    for field, column, _ in _CRITERIA:
        limit = getattr(rule, field)
        if limit is not None:
            values = _column(table, field, column).to_numpy(np.float64)
            yield field, ~(values <= limit) if field.startswith("max") else ~(values >= limit)
    for field, column, _ in _FLAGS:
        if getattr(rule, field):
            flags = _column(table, field, column)
            flagged = flags.notna().to_numpy(copy=True)
            flagged[flagged] = flags.to_numpy()[flagged].astype(bool)
            yield field, flagged


def _reasons(table: pd.DataFrame, rule: HitRule, field: str, rows: NDArray[np.intp]) -> list[str]:
    """What some treatments that fail a criterion are told."""
    for flag, _, title in _FLAGS:
        if flag == field:
            return [title] * len(rows)
    column, title = next((column, title) for name, column, title in _CRITERIA if name == field)
    side = "above" if field.startswith("max") else "below"
    values = table[column].to_numpy(np.float64)[rows]
    limit = getattr(rule, field)
    return [f"no {title}" if np.isnan(v) else f"{title} {v:.3g} {side} {limit:g}" for v in values]


def _unknown(table: pd.DataFrame, rule: HitRule) -> list[str]:
    """Flags that are asked and not known, for each treatment."""
    asked = [(title, table[column].isna().to_numpy()) for field, column, title in _FLAGS if getattr(rule, field)]
    return [", ".join(title for title, missing in asked if missing[row]) for row in range(len(table))]


def _column(table: pd.DataFrame, field: str, column: str) -> pd.Series:
    if column not in table:
        raise InputError("hit table", column, "not available", f"what the rule's {field} asks for")
    return table[column]


def hit_rate_curve(
    table: pd.DataFrame, rule: HitRule, field: str, values: Sequence[float | None] | NDArray[np.floating]
) -> pd.DataFrame:
    """How many treatments are hits as one number of the rule changes and the rest stays.

    Parameters
    ----------
    table : pandas.DataFrame
        As for :func:`call_hits`.
    rule : HitRule
    field : str
        Of the rule, such as "max_q".
    values : sequence of float, (n,)
        That the field takes in turn.

    Returns
    -------
    pandas.DataFrame
        One row a value, in their order: ``value``; ``hits``, int64; ``hit_rate``, float64, of all treatments in
        the table (NaN for an empty one).

    Raises
    ------
    InputError
        The rule has no such field, a value is outside its range, or the table lacks what the rule asks for.
    """
    names = [each.name for each in dataclasses.fields(HitRule)]
    if field not in names:
        raise InputError(_SOURCE, field, "no such field", ", ".join(names))
    hits = []
    for value in values:
        # NumPy's numbers print badly in messages.
        changed: dict[str, Any] = {field: value.item() if isinstance(value, np.generic) else value}
        is_hit = np.ones(len(table), dtype=bool)
        for _, fails in _failures(table, dataclasses.replace(rule, **changed)):
            is_hit &= ~fails
        hits.append(int(is_hit.sum()))
    counts = np.array(hits, dtype=np.int64)
    rate = counts / len(table) if len(table) else np.full(len(counts), np.nan)
    return pd.DataFrame({"value": list(values), "hits": counts, "hit_rate": rate})
