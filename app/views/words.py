"""Wording shared by the views."""

from __future__ import annotations

from html import escape

from app.colouring import format_number
from app.records import KINDS, OpenPlate

__all__ = ["dose_text", "plural", "well_text"]


def plural(n: int, word: str) -> str:
    """Word a count: 1 well, 2,048 wells."""
    return f"{n:,} {word}{'' if n == 1 else 's'}"


def dose_text(dose: float | None) -> str:
    """A dose with its unit, given in micromolar."""
    if dose is None:
        return "dose unknown"
    return f"{format_number(dose)} µM" if dose >= 0.1 else f"{format_number(dose * 1000)} nM"


def well_text(plate: OpenPlate, well: int) -> str:
    """What is known of one well, as rich text."""
    treatment = int(plate.treatment_of_well[well])
    kind = KINDS[int(plate.kind[well])]
    lines = [f"<b>{escape(plate.well(well))}</b>"]
    if treatment < 0:
        lines.append(kind)
        return "<br>".join(lines)
    columns = plate.treatments
    dose = columns["concentration"][treatment]
    named = escape(columns["name"][treatment] or "unnamed treatment")
    lines.append(f"{named}, {dose_text(dose)}")
    if kind != KINDS[0]:
        lines.append(kind)
    p, distance = columns["p_value"][treatment], columns["distance_to_control"][treatment]
    lines.append("activity p not available" if p is None else f"activity p = {format_number(p)}")
    if distance is not None:
        lines.append(f"distance to control {format_number(distance)}")
    return "<br>".join(lines)
