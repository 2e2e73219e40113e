"""What wells can be coloured by, and its value in each well."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.open_plate import KINDS, OpenPlate

__all__ = [
    "COLUMN",
    "FEATURE",
    "RETRIEVED",
    "Choice",
    "Computed",
    "Quantity",
    "choices",
    "is_offered",
    "label_of",
    "quantity",
]

COLUMN, FEATURE = "column:", "feature:"
"""Before the names of metadata columns and of features, in keys."""

RETRIEVED = ("rank", "confidence")
"""Keys of what the retriever has to compute for every treatment of a file."""


@dataclass(frozen=True)
class Choice:
    """Something wells can be coloured by.

    Parameters
    ----------
    key, label : str
        For settings, and for the user.
    group : str
        "Wells", "Metadata" or "Features".
    """

    key: str
    label: str
    group: str = "Wells"


@dataclass(frozen=True, eq=False)
class Computed:
    """Values of the wells of a file that the engine was asked for.

    Parameters
    ----------
    values : float64 (n,)
        NaN where there is none.
    note : str
        Why no well has one; "" where some have.
    text : callable or None
        Words the value of a well, by its row, or why it has none; None where the number says it all.
    title : str
        What is shown, with the gallery and what chance would give; "" where the name says it.
    """

    values: NDArray[np.float64]
    note: str = ""
    text: Callable[[int], str] | None = None
    title: str = ""


@dataclass(frozen=True, eq=False)
class Quantity:
    """What some wells are coloured by: numbers, or names.

    Parameters
    ----------
    title : str
        With its unit.
    values : float64 (n,) or int32 (n,)
        NaN where unknown; for names the index into ``names``, -1 where unknown.
    names : tuple of str or None
    log : bool
        Whether ratios count rather than differences.
    robust : bool
        Whether limits that a few wells cannot move are the ones to begin with.
    reverse : bool
        Whether small values take the bright end: those that a screener looks for.
    span : (float, float) or None
        Limits that a value of this kind has by itself, as a probability.
    told : bool
        Whether the words on a well say its value anyway.
    note, text
        As in :class:`Computed`.
    """

    title: str
    values: NDArray[np.float64] | NDArray[np.int32]
    names: tuple[str, ...] | None = None
    log: bool = False
    robust: bool = False
    reverse: bool = False
    span: tuple[float, float] | None = None
    told: bool = False
    note: str = ""
    text: Callable[[int], str] | None = None


@dataclass(frozen=True)
class _Kind:
    label: str
    title: str
    column: str = ""
    log: bool = False
    reverse: bool = False
    span: tuple[float, float] | None = None
    told: bool = False


_KINDS = {
    # Small p and small ranks are what a screener looks for: they take the bright end.
    "p": _Kind("Activity p", "Activity p", "p_value", log=True, reverse=True, told=True),
    "distance": _Kind("Distance to control", "Distance to negative control", "distance_to_control", told=True),
    "rank": _Kind("Rank of true molecule", "Rank of the true molecule", log=True, reverse=True),
    "confidence": _Kind("Confidence in true molecule", "Confidence in the true molecule", span=(0.0, 1.0)),
    "replicates": _Kind("Replicates", "Replicates of the treatment", "n_wells"),
    "dose": _Kind("Dose", "Dose in µM", "concentration", log=True, told=True),
    "kind": _Kind("Kind of well", "Kind of well"),
}
_WORDS = {"moa": "Mechanism of action"}
# Shown by the choices above, in better words.
_HIDDEN = {
    "Metadata_Plate",
    "Metadata_Well",
    "Metadata_pert_type",
    "Metadata_control_type",
    "Metadata_Concentration",
}


def choices(plate: OpenPlate, features: Sequence[str] = ()) -> tuple[Choice, ...]:
    """What the wells of a plate can be coloured by; features by the names that the engine told."""
    computed = [Choice(key, kind.label) for key, kind in _KINDS.items()]
    names = [name for name in plate.telling_columns if name not in _HIDDEN]
    columns = [Choice(COLUMN + name, label_of(COLUMN + name), "Metadata") for name in names]
    return (*computed, *columns, *(Choice(FEATURE + name, name, "Features") for name in features))


def label_of(key: str) -> str:
    """A key in words: column:Metadata_cell_count is "Cell count"."""
    if key in _KINDS:
        return _KINDS[key].label
    if key.startswith(FEATURE):
        return key.removeprefix(FEATURE)
    column = key.removeprefix(COLUMN)
    words = column.removeprefix("Metadata_").replace("_", " ").strip() or column
    return _WORDS.get(words) or words[:1].upper() + words[1:]


def is_offered(plate: OpenPlate, key: str) -> bool:
    """Whether the file has a column of that name, where the key is of one; a feature only the engine knows."""
    return key in _KINDS or key.startswith(FEATURE) or key.removeprefix(COLUMN) in plate.columns


def quantity(plate: OpenPlate, key: str, computed: Mapping[str, Computed] | None = None) -> Quantity | None:
    """The values of the wells of a plate; None where its file has no such column.

    Parameters
    ----------
    plate : OpenPlate
    key : str
        Of one of its :func:`choices`.
    computed : mapping of str to Computed, optional
        What the engine answered for this file, by key.
    """
    if key == "kind":
        return Quantity(_KINDS[key].title, plate.kind.astype(np.int32), KINDS, told=True)
    if key in _KINDS and _KINDS[key].column:
        kind = _KINDS[key]
        return Quantity(
            kind.title, plate.by_treatment(kind.column), log=kind.log, reverse=kind.reverse, told=kind.told
        )
    if key in _KINDS or key.startswith(FEATURE):
        shown = _KINDS.get(key, _Kind(label_of(key), label_of(key)))
        known = (computed or {}).get(key) or Computed(np.full(len(plate), np.nan), "not computed yet")
        robust = key.startswith(FEATURE)
        return Quantity(
            known.title or shown.title,
            known.values,
            log=shown.log,
            robust=robust,
            reverse=shown.reverse,
            span=shown.span,
            note=known.note,
            text=known.text,
        )
    column = plate.columns.get(key.removeprefix(COLUMN))
    if column is None:
        return None
    if column.categories is None:
        return Quantity(label_of(key), np.asarray(column.values, dtype=np.float64))
    return Quantity(label_of(key), column.values, column.categories)
