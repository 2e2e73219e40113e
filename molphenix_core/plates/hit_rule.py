"""A rule for hits on plain arrays, quick enough to be applied at every key stroke; nothing here needs pandas."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from molphenix_core.errors import InputError

__all__ = [
    "CRITERIA",
    "Columns",
    "Criterion",
    "HitRule",
    "count_hits",
    "failed_criterion",
    "not_checked",
    "reason",
]

Columns = Mapping[str, NDArray[np.floating]]
"""Columns of treatments, float (n,) each, NaN where not known; flags are 1 and 0."""

_SOURCE = "hit rule"
# What switches a criterion off, where that is not None.
_NOT_ASKED = {"min_replicates": 1, "exclude_pains": False, "exclude_autofluorescent": False}


@dataclass(frozen=True)
class Criterion:
    """One thing that a rule can ask of a treatment.

    Parameters
    ----------
    field : str
        Of :class:`HitRule`.
    column : str
        What it asks of a treatment.
    title : str
        The same in words.
    kind : {"least", "most", "flag"}
        Whether the number of the rule is the smallest or the largest allowed, or a flag leaves treatments out.
    """

    field: str
    column: str
    title: str
    kind: Literal["least", "most", "flag"]


CRITERIA = (
    Criterion("min_replicates", "n_wells", "replicates", "least"),
    Criterion("max_q", "q_value", "q-value", "most"),
    Criterion("min_distance", "distance_to_control", "distance to control", "least"),
    Criterion("min_relative_cell_count", "relative_cell_count", "relative cell count", "least"),
    Criterion("exclude_pains", "pains", "PAINS", "flag"),
    Criterion("exclude_autofluorescent", "autofluorescent", "autofluorescent", "flag"),
)
"""In the order in which treatments are asked."""


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


def failed_criterion(columns: Columns, rule: HitRule) -> NDArray[np.int8]:
    """The first criterion that each treatment fails.

    Parameters
    ----------
    columns : mapping of str to float (n,)
        At least those that the rule asks for.
    rule : HitRule

    Returns
    -------
    int8 (n,)
        Index into :data:`CRITERIA`, -1 for hits. A number that is not known fails, a flag does not.

    Raises
    ------
    InputError
        The rule asks for a column that there is not.
    """
    first: NDArray[np.int8] | None = None
    for place, fails in _failures(columns, rule):
        first = np.full(len(fails), -1, dtype=np.int8) if first is None else first
        first[fails & (first < 0)] = place
    assert first is not None, "every rule asks for replicates"
    return first


def _failures(columns: Columns, rule: HitRule) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    for place, criterion in enumerate(CRITERIA):
        limit = getattr(rule, criterion.field)
        if limit is None or limit is False:
            continue
        values = _asked(columns, criterion)
        if criterion.kind == "flag":
            yield place, values == 1
        else:
            yield place, ~(values <= limit) if criterion.kind == "most" else ~(values >= limit)


def _asked(columns: Columns, criterion: Criterion) -> NDArray[np.floating]:
    if criterion.column not in columns:
        expected = f"what the rule's {criterion.field} asks for"
        raise InputError("hit table", criterion.column, "not available", expected)
    return columns[criterion.column]


def count_hits(
    columns: Columns, rule: HitRule, field: str, values: Sequence[float | None] | NDArray[np.floating]
) -> NDArray[np.int64]:
    """Count the hits as one number of a rule changes and the rest stays.

    Parameters
    ----------
    columns : mapping of str to float (n,)
    rule : HitRule
    field : str
        Of the rule, such as "max_q".
    values : sequence of (float or None), (m,)
        That the field takes in turn.

    Returns
    -------
    int64 (m,)

    Raises
    ------
    InputError
        The rule has no such field, a value is outside its range, or there is no column for what it asks.
    """
    criterion = next((each for each in CRITERIA if each.field == field), None)
    if criterion is None:
        expected = ", ".join(each.name for each in dataclasses.fields(HitRule))
        raise InputError(_SOURCE, field, "no such field", expected)
    # NumPy's numbers print badly in messages.
    limits = [value.item() if isinstance(value, np.generic) else value for value in values]
    for limit in limits:
        _with(rule, field, limit)
    rest = failed_criterion(columns, _with(rule, field, _NOT_ASKED.get(field))) < 0
    if not all(limit is None or limit is False for limit in limits):
        # Also with nothing left to ask, a column that there is not is an error.
        asked = _asked(columns, criterion)[rest]
        ordered = np.sort(asked[~np.isnan(asked)])
    counts: list[int] = []
    for limit in limits:
        if limit is None or limit is False:
            counts.append(int(np.count_nonzero(rest)))
        elif criterion.kind == "flag":
            counts.append(len(asked) - int(np.count_nonzero(ordered == 1)))
        elif criterion.kind == "most":
            counts.append(int(np.searchsorted(ordered, limit, side="right")))
        else:
            counts.append(len(ordered) - int(np.searchsorted(ordered, limit, side="left")))
    return np.array(counts, dtype=np.int64)


def _with(rule: HitRule, field: str, value: Any) -> HitRule:
    changed: dict[str, Any] = {field: value}
    return dataclasses.replace(rule, **changed)


def reason(
    columns: Columns, rule: HitRule, row: int, failed: int, *, number: Callable[[float], str] = "{:.3g}".format
) -> str:
    """Why a treatment is no hit.

    Parameters
    ----------
    columns : mapping of str to float (n,)
    rule : HitRule
    row : int
        The treatment.
    failed : int
        What :func:`failed_criterion` says of it.
    number : callable
        Writes the treatment's number and the rule's.

    Returns
    -------
    str
        As "q-value 0.31 above 0.05"; "" for a hit.
    """
    if failed < 0:
        return ""
    criterion = CRITERIA[failed]
    if criterion.kind == "flag":
        return criterion.title
    value, limit = float(columns[criterion.column][row]), getattr(rule, criterion.field)
    if math.isnan(value):
        return f"no {criterion.title}"
    return f"{criterion.title} {number(value)} {'above' if criterion.kind == 'most' else 'below'} {number(limit)}"


def not_checked(columns: Columns, rule: HitRule) -> tuple[tuple[str, NDArray[np.bool_]], ...]:
    """Flags that a rule asks for, and the treatments of which they are not known.

    Parameters
    ----------
    columns : mapping of str to float (n,)
    rule : HitRule

    Returns
    -------
    tuple of (str, bool (n,))
        Title of the flag, and of which treatments it is not known.
    """
    return tuple(
        (criterion.title, np.isnan(columns[criterion.column]))
        for criterion in CRITERIA
        if criterion.kind == "flag" and getattr(rule, criterion.field)
    )
