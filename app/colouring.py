"""Colours for wells: by activity, dose or any column, and what the colour bar says about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.open_plate import KINDS, OpenPlate
from app.theme import CATEGORIES, SEQUENTIAL, Theme, rgb_of

__all__ = ["Choice", "Colouring", "choices", "colour", "format_number"]


@dataclass(frozen=True)
class Choice:
    """Something wells can be coloured by."""

    key: str
    label: str


@dataclass(frozen=True, eq=False)
class Colouring:
    """Colours of wells and their legend.

    Parameters
    ----------
    title : str
        What is shown, with its unit.
    rgb : uint8 (n, 3)
        One colour a well.
    known : bool (n,)
        Which wells have a value at all.
    limits : (str, str) or None
        Ends of the colour bar, low and high; None for categories or where no well has a value.
    entries : tuple of (text, colour)
        The categories, most frequent first.
    """

    title: str
    rgb: NDArray[np.uint8]
    known: NDArray[np.bool_]
    limits: tuple[str, str] | None = None
    entries: tuple[tuple[str, str], ...] = ()


_COMPUTED = {
    "p": Choice("p", "Activity p"),
    "distance": Choice("distance", "Distance to control"),
    "replicates": Choice("replicates", "Replicates"),
    "dose": Choice("dose", "Dose"),
    "kind": Choice("kind", "Kind of well"),
}
_STEPS = 48
_WORDS = {"moa": "Mechanism of action"}
# Shown by the choices above, in better words.
_HIDDEN = {
    "Metadata_Plate",
    "Metadata_Well",
    "Metadata_pert_type",
    "Metadata_control_type",
    "Metadata_Concentration",
}


def choices(plate: OpenPlate) -> tuple[Choice, ...]:
    """What the wells of a plate can be coloured by."""
    columns = [Choice(f"column:{name}", _label(name)) for name in plate.telling_columns if name not in _HIDDEN]
    return (*_COMPUTED.values(), *columns)


def _label(column: str) -> str:
    """A column's name as words: Metadata_cell_count is "Cell count"."""
    words = column.removeprefix("Metadata_").replace("_", " ").strip() or column
    return _WORDS.get(words) or words[:1].upper() + words[1:]


def format_number(value: float) -> str:
    """Three significant digits without an exponent where that is short."""
    if value == 0:
        return "0"
    return f"{value:.3g}" if 1e-3 <= abs(value) < 1e4 else f"{value:.1e}"


def colour(plate: OpenPlate, key: str, theme: Theme) -> Colouring:
    """Colour the wells of a plate by one of its :func:`choices`."""
    if key == "p":
        # Small p is what a screener looks for: it takes the bright end.
        return _scale(plate.by_treatment("p_value"), "Activity p (log scale)", theme, log=True, reverse=True)
    if key == "distance":
        return _scale(plate.by_treatment("distance_to_control"), "Distance to negative control", theme)
    if key == "replicates":
        return _scale(plate.by_treatment("n_wells"), "Replicates of the treatment", theme)
    if key == "dose":
        return _scale(plate.by_treatment("concentration"), "Dose in µM (log scale)", theme, log=True)
    if key == "kind":
        return _categories(plate.kind.astype(np.int32), KINDS, "Kind of well", theme)
    name = key.removeprefix("column:")
    column = plate.columns[name]
    title = _label(name)
    if column.categories is None:
        return _scale(np.asarray(column.values, dtype=np.float64), title, theme)
    return _categories(column.values, column.categories, title, theme)


def _ground(n: int, theme: Theme) -> NDArray[np.uint8]:
    return np.tile(np.array(rgb_of(theme.no_value), dtype=np.uint8), (n, 1))


def _scale(
    values: NDArray[np.float64], title: str, theme: Theme, *, log: bool = False, reverse: bool = False
) -> Colouring:
    rgb = _ground(len(values), theme)
    known = np.isfinite(values) & ((values > 0) | (not log))
    if not known.any():
        return Colouring(f"{title}: no well has a value", rgb, known)
    used = np.log10(values[known]) if log else values[known]
    low, high = float(used.min()), float(used.max())
    share = (used - low) / (high - low) if high > low else np.full(len(used), 1.0)
    if reverse:
        share = 1 - share if high > low else share
    # In steps that the eye cannot tell apart: the scatter paints all wells of one colour at once.
    step = np.clip(np.rint(share * _STEPS), 0, _STEPS)
    rgb[known] = SEQUENTIAL[np.rint(step * (255 / _STEPS)).astype(np.intp)]
    ends = [format_number(10**v if log else v) for v in ((high, low) if reverse else (low, high))]
    return Colouring(title, rgb, known, (ends[0], ends[1]))


def _categories(codes: NDArray[np.int32], names: tuple[str, ...], title: str, theme: Theme) -> Colouring:
    known = codes >= 0
    rgb = _ground(len(codes), theme)
    counts = np.bincount(codes[known], minlength=len(names))
    order = [int(i) for i in np.argsort(-counts, kind="stable") if counts[i]]
    entries = []
    for place, index in enumerate(order[: len(CATEGORIES)]):
        rgb[codes == index] = rgb_of(CATEGORIES[place])
        entries.append((names[index], CATEGORIES[place]))
    rest = len(order) - len(entries)
    if rest > 0:
        others = np.isin(codes, order[len(CATEGORIES) :])
        rgb[others] = rgb_of(theme.muted)
        entries.append((f"{rest} more", theme.muted))
    return Colouring(title if entries else f"{title}: no well has a value", rgb, known, None, tuple(entries))
