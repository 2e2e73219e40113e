"""Colours of the map's points: as all views of wells have them, and what only the map shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.colouring import Choice, Colouring, Quantity, colour_together
from app.open_plate import KINDS
from app.theme import Theme, rgb_of
from app.views.map.map_data import MapData
from app.views.map.points import DIAMOND, DISC, Scene

__all__ = ["CLUSTER", "OWN_CHOICES", "MapColours", "colour_map", "colour_parts", "make_scene", "unknown_colour"]

PLATE, ORIGIN, CLUSTER = "map:plate", "map:origin", "map:cluster"
OWN_CHOICES = (
    Choice(PLATE, "Plate", "Map"),
    Choice(CLUSTER, "Cluster", "Map"),
    Choice(ORIGIN, "Wells and molecules", "Map"),
)
"""What only the map can be coloured by."""

_MECHANISM = "column:Metadata_moa"
# As many as wells have, so that the palette stays short.
_STEPS = 48


@dataclass(frozen=True, eq=False)
class MapColours:
    """One colour a point, with the legend.

    Parameters
    ----------
    legend : Colouring
        Its title, bar and entries are those of the whole map.
    rgb : uint8 (n, 3)
    known : bool (n,)
        Which points have a value.
    entry : int16 (n,)
        Which of the legend's entries each belongs to; -1 for numbers and for points without a value.
    """

    legend: Colouring
    rgb: NDArray[np.uint8]
    known: NDArray[np.bool_]
    entry: NDArray[np.int16]


def own_quantities(data: MapData, key: str, clusters: NDArray[np.int32] | None, note: str) -> list[Quantity]:
    """Values of the points by one of :data:`OWN_CHOICES`: once a file, and last those of the molecules."""
    sizes = [*(len(plate) for plate in data.plates), data.n_molecules]
    if key == PLATE:
        parts = [Quantity("Plate", plate.plate_of_well, plate.barcodes) for plate in data.plates]
        return [*parts, Quantity("Plate", _unknown(sizes[-1]), ())]
    if key == CLUSTER:
        if clusters is None or len(clusters) != len(data):
            # Numbers, so that the title says why there are none.
            return [Quantity("Cluster", np.full(n, np.nan), note=note or "being computed…") for n in sizes]
        names = tuple(f"Cluster {i + 1}" for i in range(int(clusters.max(initial=-1)) + 1))
        return [Quantity("Cluster", part, names) for part in np.split(clusters, np.cumsum(sizes)[:-1])]
    wells = [Quantity("Wells and molecules", np.zeros(n, dtype=np.int32), ("wells",)) for n in sizes[:-1]]
    molecules = Quantity("Wells and molecules", np.zeros(sizes[-1], dtype=np.int32), ("library molecules",))
    return [*wells, molecules]


def colour_parts(
    data: MapData, key: str, clusters: NDArray[np.int32] | None, note: str, theme: Theme
) -> list[Colouring]:
    """Colours by one of :data:`OWN_CHOICES`: once a file, and last those of the molecules."""
    return colour_together(own_quantities(data, key, clusters, note), theme)


def library_quantity(data: MapData, key: str) -> Quantity | None:
    """The molecules' values of what wells are coloured by; None where molecules have no such thing."""
    if data.library is None:
        return None
    if key == "dose":
        return Quantity("Dose in µM", data.dose_of_molecule, log=True)
    if key == _MECHANISM:
        column = data.library.mechanism
        return Quantity("Mechanism of action", column.values, column.categories)
    return None


def _unknown(n: int) -> NDArray[np.int32]:
    return np.full(n, -1, dtype=np.int32)


def colour_map(
    data: MapData,
    colourings: Sequence[Colouring],
    key: str,
    theme: Theme,
) -> MapColours:
    """Colours of all points.

    Parameters
    ----------
    data : MapData
    colourings : sequence of Colouring
        One a file on one scale, with or without one more for the molecules.
    key : str
        What they show.
    theme : Theme
    """
    legend = colourings[0]
    parts = list(colourings)
    if data.n_molecules and len(parts) == len(data.plates):
        molecules = library_quantity(data, key)
        if molecules is not None and molecules.names:
            legend = _with_others(legend, theme)
        parts.append(_like(legend, molecules, data.n_molecules, theme))
    parts = parts[: len(data.plates) + bool(data.n_molecules)]
    entries = {text: place for place, (text, _) in enumerate(legend.entries)}
    rgb = np.concatenate([part.rgb for part in parts])
    known = np.concatenate([part.known for part in parts])
    entry = np.concatenate([_entries(part, entries) for part in parts])
    rgb[~known] = rgb_of(unknown_colour(theme))
    rgb[(rgb == np.array(rgb_of(theme.muted), dtype=np.uint8)).all(axis=1)] = rgb_of(others_colour(theme))
    softer = tuple((text, others_colour(theme) if one == theme.muted else one) for text, one in legend.entries)
    return MapColours(replace(legend, entries=softer), rgb, known, entry)


def unknown_colour(theme: Theme) -> str:
    """Of points without a value: a point is smaller than a well of a plate, and needs more to be seen."""
    return _mixed(theme, 0.3)


def others_colour(theme: Theme) -> str:
    """Of the names without a colour of their own: there are many, and those that have one must stand out."""
    return _mixed(theme, 0.65)


def _mixed(theme: Theme, share: float) -> str:
    pairs = zip(rgb_of(theme.no_value), rgb_of(theme.muted), strict=True)
    return QColor(*(round((1 - share) * a + share * b) for a, b in pairs)).name()


def _with_others(legend: Colouring, theme: Theme) -> Colouring:
    """Names that have no colour of their own stand in one entry, the last: the library has more than the wells."""
    named = tuple(entry for entry in legend.entries if entry[1] != theme.muted)
    return replace(legend, entries=(*named, ("Others", theme.muted)))


def _like(legend: Colouring, part: Quantity | None, n: int, theme: Theme) -> Colouring:
    """Colours of other values on the scale, or with the names, of a colouring."""
    rgb = np.tile(np.array(rgb_of(theme.no_value), dtype=np.uint8), (n, 1))
    known = np.zeros(n, dtype=bool)
    values = part.values if part is not None else np.full(n, np.nan)
    if part is not None and part.names is not None and legend.entries:
        shown = dict(legend.entries)
        table = [rgb_of(shown.get(name, theme.muted)) for name in part.names]
        rgb = np.array([*table, rgb_of(theme.no_value)], dtype=np.uint8)[part.values]
        known = part.values >= 0
    elif part is not None and part.names is None and legend.scale is not None:
        share = legend.scale.shares(np.asarray(part.values, dtype=np.float64)).share
        known = np.isfinite(share)
        rgb[known] = legend.colours.table[np.rint(np.rint(share[known] * _STEPS) * (255 / _STEPS)).astype(np.intp)]
    names = part.names if part is not None else None
    return replace(legend, rgb=rgb, known=known, values=values, names=names)


def _entries(part: Colouring, entries: dict[str, int]) -> NDArray[np.int16]:
    if part.names is None or not entries:
        return np.full(len(part.rgb), -1, dtype=np.int16)
    # The last entry counts the names that have no colour of their own.
    rest = len(entries) - 1
    table = np.array([*(entries.get(name, rest) for name in part.names), -1], dtype=np.int16)
    return table[np.asarray(part.values, dtype=np.intp)]


def make_scene(
    data: MapData, colours: MapColours, hidden_kinds: frozenset[int], hidden_entries: frozenset[int], theme: Theme
) -> Scene:
    """The points as the painter takes them.

    Parameters
    ----------
    data : MapData
    colours : MapColours
    hidden_kinds : frozenset of int
        Indices into :data:`app.open_plate.KINDS`; its length stands for the molecules.
    hidden_entries : frozenset of int
        Indices into the legend's entries, -1 for points without a value.
    theme : Theme
    """
    n_wells, n = data.n_wells, len(data)
    kind = np.concatenate(
        [*(plate.kind for plate in data.plates), np.full(n - n_wells, len(KINDS), dtype=np.int8)]
    )
    shown = ~np.isin(kind, list(hidden_kinds)) if hidden_kinds else np.ones(n, dtype=bool)
    if hidden_entries:
        group = np.where(colours.known, np.maximum(colours.entry, 0), -1)
        shown &= ~np.isin(group, list(hidden_entries))
    code, palette = _palette(colours.rgb)
    muted = (colours.rgb == np.array(rgb_of(others_colour(theme)), dtype=np.uint8)).all(axis=1)
    well = np.arange(n) < n_wells
    # Molecules below wells; of either, below the others those without a value, or whose name has no colour.
    layer = (3 * well + np.where(colours.known, np.where(muted, 1, 2), 0)).astype(np.uint8)
    shape = np.where(well, DISC, DIAMOND).astype(np.uint8)
    return Scene(data.at, code, shape, palette, layer, shown)


def _palette(rgb: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    wide = rgb.astype(np.uint32)
    packed = wide[:, 0] << 16 | wide[:, 1] << 8 | wide[:, 2]
    # Of a million points there are some dozens of colours: found by marking, not by sorting.
    present = np.zeros(1 << 24, dtype=bool)
    present[packed] = True
    colours = np.flatnonzero(present).astype(np.uint32)
    code = np.searchsorted(colours, packed).astype(np.uint8)
    palette = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1).astype(np.uint8)
    return code, palette
