"""Which treatments are hits by a rule, and how their share changes with the rule."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.plates.hit_rule import (
    CRITERIA,
    HitRule,
    count_hits,
    failed_criterion,
    not_checked,
    reason,
)

__all__ = ["HitRule", "call_hits", "hit_rate_curve", "rule_columns"]


def rule_columns(table: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    """What a rule can ask of treatments, as plain arrays.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a treatment, from :func:`~molphenix_core.plates.hit_table.hit_table`.

    Returns
    -------
    dict of str to float64 (n,)
        Those columns of :data:`~molphenix_core.plates.hit_rule.CRITERIA` that the table has; flags as 1 and 0, NaN
        where not known.
    """
    found = {}
    for column in (criterion.column for criterion in CRITERIA):
        if column in table:
            known = table[column].notna().to_numpy()
            values = np.full(len(table), np.nan)
            values[known] = table[column].to_numpy()[known].astype(np.float64)
            found[column] = values
    return found


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
    columns = rule_columns(table)
    failed = failed_criterion(columns, rule)
    fields = np.array([*(criterion.field for criterion in CRITERIA), ""], dtype=object)
    unknown = not_checked(columns, rule)
    return pd.DataFrame(
        {
            "hit": failed < 0,
            "reason": [reason(columns, rule, row, int(place)) for row, place in enumerate(failed)],
            "criterion": fields[failed],
            "not_checked": [
                ", ".join(title for title, missing in unknown if missing[row]) for row in range(len(table))
            ],
        },
        index=table.index,
    )


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
    counts = count_hits(rule_columns(table), rule, field, values)
    rate = counts / len(table) if len(table) else np.full(len(counts), np.nan)
    return pd.DataFrame({"value": list(values), "hits": counts, "hit_rate": rate})
