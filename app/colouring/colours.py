"""Colours of wells, and what the colour bar says about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.colouring.maps import MAPS, ColourMap, MapChoice
from app.colouring.quantities import Quantity
from app.colouring.scales import NumberScale, fit_scale
from app.numbers import number
from app.session_file import Limits
from app.theme import CATEGORIES, Theme, rgb_of

__all__ = ["Colouring", "colour_together"]

# In steps that the eye cannot tell apart: the scatter paints all wells of one colour at once.
_STEPS = 48


@dataclass(frozen=True, eq=False)
class Colouring:
    """Colours of the wells of a file and their legend.

    Parameters
    ----------
    title : str
        What is shown, with its unit.
    rgb : uint8 (n, 3)
        One colour a well.
    known : bool (n,)
        Which wells have a colour that means something.
    values : float64 (n,) or int32 (n,)
        What the colours show; see :class:`~app.colouring.quantities.Quantity`.
    limits : (str, str) or None
        Ends of the colour bar, left and right; None for categories or where no well has a value.
    entries : tuple of (text, colour)
        The categories, most frequent first.
    names : tuple of str or None
        Of the categories by code.
    scale : NumberScale or None
        Of numbers.
    colours : ColourMap
        Of the bar.
    beyond : (int, int)
        How many wells of the file lie beyond the left and the right end of the bar.
    unplaced : int
        Wells whose value is not positive, on a logarithmic scale.
    label : str
        What is shown, without how it is divided.
    text : callable or None
        See :class:`~app.colouring.quantities.Computed`.
    told : bool
        See :class:`~app.colouring.quantities.Quantity`.
    """

    title: str
    rgb: NDArray[np.uint8]
    known: NDArray[np.bool_]
    values: NDArray[np.float64] | NDArray[np.int32]
    limits: tuple[str, str] | None = None
    entries: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] | None = None
    scale: NumberScale | None = None
    colours: ColourMap = field(default_factory=lambda: MAPS["viridis"])
    beyond: tuple[int, int] = (0, 0)
    unplaced: int = 0
    label: str = ""
    text: Callable[[int], str] | None = None
    told: bool = False

    def described(self, row: int) -> str:
        """What is shown and its value in a well: "Cell count: 412"."""
        if self.text is not None:
            return f"{self.label}: {self.text(row)}"
        value = self.values[row]
        if self.names is not None:
            return f"{self.label}: {self.names[int(value)] if value >= 0 else 'no value'}"
        return f"{self.label}: {number(float(value)) if np.isfinite(value) else 'no value'}"


def colour_together(
    parts: Sequence[Quantity], theme: Theme, limits: Limits | None = None, maps: MapChoice | None = None
) -> list[Colouring]:
    """Colour the wells of some files by one quantity on one scale.

    Parameters
    ----------
    parts : sequence of Quantity
        The same quantity, once a file.
    theme : Theme
    limits : Limits or None
        What the user chose for numbers; None for what suits the quantity.
    maps : MapChoice or None
        None for the default ones.

    Returns
    -------
    list of Colouring
        One a file.
    """
    numbers = [part for part in parts if part.names is None]
    named = [part for part in parts if part.names is not None]
    palette = _palette(named, theme)
    scale = None
    if numbers:
        arrays = [np.asarray(part.values, dtype=np.float64) for part in numbers]
        # A file that lacks the quantity does not know how it is best spread.
        scale = fit_scale(
            arrays,
            limits,
            log=any(part.log for part in numbers),
            robust=any(part.robust for part in numbers),
            reverse=any(part.reverse for part in numbers),
            span=next((part.span for part in numbers if part.span is not None), None),
        )
    maps = maps or MapChoice()
    return [
        _by_number(part, scale, maps, theme) if part.names is None else _by_name(part, palette, theme)
        for part in parts
    ]


def _ground(n: int, theme: Theme) -> NDArray[np.uint8]:
    return np.tile(np.array(rgb_of(theme.no_value), dtype=np.uint8), (n, 1))


def _by_number(part: Quantity, scale: NumberScale | None, maps: MapChoice, theme: Theme) -> Colouring:
    values = np.asarray(part.values, dtype=np.float64)
    rgb = _ground(len(values), theme)
    if scale is None:
        why = part.note or "no well has a value"
        none = np.zeros(len(values), dtype=bool)
        return Colouring(
            f"{part.title}: {why}", rgb, none, values, label=part.title, text=part.text, told=part.told
        )
    placed = scale.shares(values)
    known = np.isfinite(placed.share)
    colours = maps.map_for(centred=scale.centre is not None)
    step = np.rint(placed.share[known] * _STEPS)
    rgb[known] = colours.table[np.rint(step * (255 / _STEPS)).astype(np.intp)]
    ends = [number(value) for value in (scale.low, scale.high)]
    beyond = [int(placed.below.sum()), int(placed.above.sum())]
    if scale.reverse:
        ends.reverse()
        beyond.reverse()
    title = f"{part.title} ({scale.in_words})" if scale.in_words else part.title
    return Colouring(
        title=title,
        rgb=rgb,
        known=known,
        values=values,
        limits=(ends[0], ends[1]),
        scale=scale,
        colours=colours,
        beyond=(beyond[0], beyond[1]),
        unplaced=int((np.isfinite(values) & ~known).sum()),
        label=part.title,
        text=part.text,
        told=part.told,
    )


def _palette(parts: Sequence[Quantity], theme: Theme) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """Colours by name, most frequent first, and the entries of the legend; further names share one colour."""
    counts: dict[str, int] = {}
    for part in parts:
        codes = part.values[part.values >= 0].astype(np.intp)
        for name, count in zip(part.names or (), np.bincount(codes, minlength=len(part.names or ())), strict=True):
            if count:
                counts[name] = counts.get(name, 0) + int(count)
    order = sorted(counts, key=lambda name: -counts[name])
    shown = dict(zip(order, CATEGORIES, strict=False))
    entries = list(shown.items())
    rest = len(order) - len(entries)
    if rest > 0:
        entries.append((f"{rest} more", theme.muted))
    return shown, tuple(entries)


def _by_name(
    part: Quantity, palette: tuple[dict[str, str], tuple[tuple[str, str], ...]], theme: Theme
) -> Colouring:
    shown, entries = palette
    codes = np.asarray(part.values, dtype=np.int32)
    colours = [rgb_of(shown.get(name, theme.muted)) for name in part.names or ()]
    table = np.array([*colours, rgb_of(theme.no_value)], dtype=np.uint8)
    return Colouring(
        title=part.title if entries else f"{part.title}: no well has a value",
        rgb=table[codes],
        known=codes >= 0,
        values=codes,
        entries=entries,
        names=part.names,
        label=part.title,
        told=part.told,
    )
