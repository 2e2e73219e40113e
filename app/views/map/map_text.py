"""What the map says in words."""

from __future__ import annotations

from html import escape

import numpy as np

from app.open_plate import KINDS
from app.theme import Theme
from app.views.map.map_colours import MapColours, unknown_colour
from app.views.map.map_data import MapData
from app.views.map.map_legend import KeyInfo, MarkInfo
from app.views.words import dose_text, plural, well_text

__all__ = ["explanation", "legend_entries", "legend_kinds", "legend_marks", "long_explanation", "point_text"]

_KINDS = ("Treatments", "Negative controls", "Positive controls", "Other controls", "Library molecules")


def explanation(data: MapData) -> str:
    """What is on the map and how it was placed, in one line."""
    plates = sum(max(len(plate.barcodes), 1) for plate in data.plates)
    parts = [f"{plural(data.n_wells, 'well')} of {plural(plates, 'plate')}"]
    if data.n_molecules:
        parts[0] += f" and {plural(data.n_molecules, 'library molecule')}"
    return " · ".join([*parts, data.method])


def long_explanation(data: MapData) -> str:
    """The same with everything that is to be known of it."""
    return "\n".join([explanation(data), *data.notes])


def point_text(data: MapData, point: int) -> str:
    """What is known of one point, as rich text."""
    found = data.well(point)
    if found is not None:
        plate, row = found
        on = int(plate.plate_of_well[row])
        where = plate.barcodes[on] if on >= 0 else plate.name
        return f"{well_text(plate, row)}<br>{escape(where)}"
    if data.library is None:
        return ""
    row = data.molecule(point)
    molecule = data.library.molecule(row)
    lines = [f"<b>{escape(molecule.name or molecule.smiles)}</b>", "library molecule, predicted"]
    dose = float(data.dose_of_molecule[row])
    lines.append(escape(dose_text(None if np.isnan(dose) else dose)))
    if molecule.mechanism:
        lines.append(escape(molecule.mechanism))
    return "<br>".join(lines)


def legend_entries(colours: MapColours, theme: Theme) -> list[KeyInfo]:
    """Lines of the colours: each category, and the points without a value."""
    known = np.bincount(colours.entry[colours.known].clip(0), minlength=max(len(colours.legend.entries), 1))
    lines = [
        KeyInfo(place, text, colour, int(known[place]))
        for place, (text, colour) in enumerate(colours.legend.entries)
    ]
    unknown = int(len(colours.known) - colours.known.sum())
    if unknown:
        words = "In no cluster" if colours.legend.title == "Cluster" else "No value"
        lines.append(KeyInfo(-1, words, unknown_colour(theme), unknown))
    return lines


def legend_kinds(data: MapData) -> list[KeyInfo]:
    """Lines of the kinds of points that are on the map."""
    counts = np.zeros(len(KINDS) + 1, dtype=np.int64)
    for plate in data.plates:
        counts[:-1] += np.bincount(plate.kind, minlength=len(KINDS))
    counts[-1] = data.n_molecules
    return [KeyInfo(kind, _KINDS[kind], "", int(count)) for kind, count in enumerate(counts) if count]


def legend_marks(data: MapData, circled: int) -> list[MarkInfo]:
    """What the shapes and rings of the map mean; that many candidates have a circle."""
    marks = [MarkInfo("Well", "disc"), MarkInfo("Selected well", "rim")]
    if data.n_molecules:
        marks += [
            MarkInfo("Library molecule", "diamond"),
            MarkInfo(f"Best {circled} candidates", "circle"),
            MarkInfo("Chosen molecule", "ring"),
        ]
    return marks
