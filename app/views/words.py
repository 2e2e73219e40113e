"""Wording shared by the views."""

from __future__ import annotations

from html import escape

import numpy as np
from numpy.typing import NDArray

from app.numbers import fixed, integer, number
from app.open_plate import KINDS, OpenPlate
from app.records import Nearest

__all__ = [
    "activity_text",
    "dose_text",
    "doses_between",
    "nearest_text",
    "ordinal",
    "plural",
    "selection_text",
    "treatment_text",
    "well_text",
]

_NULLS = {
    "same position": "against other treatments at the same position",
    "controls at the same position": "against controls at the same position",
    "any position": "against wells at any position",
}
# Treatments of a mixture; more are counted.
_NAMED = 2


def plural(n: int, word: str) -> str:
    """Word a count: 1 well, 2,048 wells, 3 wells without a name."""
    first, space, rest = word.partition(" without")
    return f"{integer(n)} {first}{'' if n == 1 else 's'}{space}{rest}"


def dose_text(dose: float | None, digits: int = 3) -> str:
    """A dose with its unit, given in micromolar."""
    if dose is None:
        return "dose unknown"
    return f"{number(dose, digits)} µM" if dose >= 0.1 else f"{number(dose * 1000, digits)} nM"


def doses_between(low: float, high: float, digits: int = 3) -> str:
    """A range of doses in micromolar; the unit stands once where both have the same."""
    first, last = dose_text(low, digits), dose_text(high, digits)
    return f"{first.removesuffix(last[last.rindex(' ') :])} to {last}"


def ordinal(number: float) -> str:
    """Word a percentile: 1st, 12th, 93rd; the 100th is only what nothing lies beyond."""
    whole = 99 if 99 < number < 100 else round(number)
    ending = "th" if whole % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(whole % 10, "th")
    return f"{whole}{ending}"


def nearest_text(nearest: Nearest) -> str:
    """The training molecule nearest to some molecule, and how near that is for the training data."""
    where = "Unlike the training data. " if nearest.outside else ""
    return (
        f"{where}Nearest training molecule: {nearest.name}, Tanimoto {fixed(nearest.similarity, 2)} "
        f"({ordinal(nearest.percentile)} percentile)"
    )


def activity_text(plate: OpenPlate, treatment: int) -> str:
    """Activity of a treatment: p, q for the number of treatments, and what its replicates were compared with."""
    columns = plate.treatments
    p, q, null = (columns[name][treatment] for name in ("p_value", "q_value", "null"))
    if p is None:
        return "activity p not available"
    text = f"activity p = {number(p)}"
    if q is not None:
        text += f", q = {number(q)}"
    return f"{text}, {_NULLS.get(null, null)}" if null else text


def treatment_text(plate: OpenPlate, treatment: int, between: str = ", ") -> str:
    """Name and dose of a treatment, and what stands between them."""
    columns = plate.treatments
    name = columns["name"][treatment] or "unnamed treatment"
    return f"{name}{between}{dose_text(columns['concentration'][treatment])}"


def selection_text(plate: OpenPlate, rows: NDArray[np.intp]) -> str:
    """What some wells hold: one treatment by its name, a mixture by its parts."""
    if not len(rows):
        return "No wells selected"
    of_well = plate.treatment_of_well[rows]
    treatments, counts = np.unique(of_well[of_well >= 0], return_counts=True)
    others = np.bincount(plate.kind[rows][of_well < 0], minlength=len(KINDS))
    if len(treatments) == 1 and not others.any():
        return treatment_text(plate, int(treatments[0]))
    if len(treatments) > _NAMED:
        parts = [f"{plural(int(counts.sum()), 'well')} of {plural(len(treatments), 'treatment')}"]
    else:
        parts = [
            f"{integer(int(n))} of {treatment_text(plate, int(t), ' ')}"
            for t, n in zip(treatments, counts, strict=True)
        ]
    named = ("well without an identity", *KINDS[1:])
    parts += [plural(int(n), name) for name, n in zip(named, others, strict=True) if n]
    if len(parts) == 1:
        return parts[0] if not len(treatments) else plural(len(treatments), "treatment")
    return f"{plural(len(rows), 'well')}: {', '.join(parts)}"


def well_text(plate: OpenPlate, well: int) -> str:
    """What is known of one well, as rich text."""
    treatment = int(plate.treatment_of_well[well])
    kind = KINDS[int(plate.kind[well])]
    lines = [f"<b>{escape(plate.well(well))}</b>"]
    if treatment < 0:
        lines.append(kind)
        return "<br>".join(lines)
    columns = plate.treatments
    lines.append(escape(treatment_text(plate, treatment)))
    if kind != KINDS[0]:
        lines.append(kind)
    distance = columns["distance_to_control"][treatment]
    lines.append(escape(activity_text(plate, treatment)))
    if distance is not None:
        lines.append(f"distance to control {number(distance)}")
    return "<br>".join(lines)
