"""Plates drawn as SVG: a square a well, coloured on one scale over all plates of a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from molphenix_core.plates.wells import format_for, row_label, well_name

__all__ = ["ACTIVITY", "Scale", "draw_legend", "draw_plate", "linear_scale"]

# Viridis (Smith and van der Walt, CC0), at equal steps; readable without colour vision and in grey.
_VIRIDIS = "440154 482173 433e85 38588c 2d708e 25858e 1e9b8a 2ab07f 52c569 86d549 c2df23 fde725"
_STOPS = np.array([tuple(bytes.fromhex(stop)) for stop in _VIRIDIS.split(" ")], dtype=np.float64)
_WIDTH = 240.0
_EDGE = 14.0
_NO_VALUE = "#c9ced5"
_MARK = "#d1352b"
_MOST_LABELS = 12
_LEGEND_STEPS = 48


@dataclass(frozen=True)
class Scale:
    """What colours mean.

    Parameters
    ----------
    title : str
    place : callable
        Places of numbers on the scale, 0 to 1; takes and returns float (n,).
    ticks : tuple of (float, str)
        Places and what stands there.
    """

    title: str
    place: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    ticks: tuple[tuple[float, str], ...]


def _by_decades(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(-np.log10(np.maximum(values, 1e-300)) / 3, 0.0, 1.0)


ACTIVITY = Scale("activity p", _by_decades, ((0, "1"), (1 / 3, "0.1"), (2 / 3, "0.01"), (1, "≤ 0.001")))
"""Small p-values are bright; steps of equal factors."""


def linear_scale(title: str, values: NDArray[np.floating]) -> Scale:
    """A scale from the 1st to the 99th percentile, so that a few wild wells do not take it for themselves.

    Parameters
    ----------
    title : str
    values : float (n,)
        Of all wells that are drawn; NaN does not count.

    Returns
    -------
    Scale
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    low, high = np.percentile(known, [1, 99]) if len(known) else (0.0, 1.0)
    span = max(high - low, 1e-12)
    ticks = tuple((at, f"{low + at * span:.3g}") for at in (0.0, 0.5, 1.0))
    return Scale(title, lambda numbers: np.clip((numbers - low) / span, 0.0, 1.0), ticks)


def _colours(places: NDArray[np.float64]) -> list[str]:
    at = np.linspace(0, 1, len(_STOPS))
    rgb = np.stack([np.interp(np.nan_to_num(places), at, _STOPS[:, i]) for i in range(3)], axis=1).round()
    codes = [f"#{int(r):02x}{int(g):02x}{int(b):02x}" for r, g, b in rgb]
    return [_NO_VALUE if np.isnan(place) else code for place, code in zip(places, codes, strict=True)]


def draw_plate(
    positions: NDArray[np.integer],
    values: NDArray[np.floating],
    scale: Scale,
    *,
    name: str,
    texts: Sequence[str],
    negative: NDArray[np.bool_],
    positive: NDArray[np.bool_],
) -> str:
    """Draw the wells of one plate.

    Parameters
    ----------
    positions : int (n, 2)
        Zero-based row and column; wells without one (-1) are left out.
    values : float (n,)
        Grey where NaN; places without a well stay empty.
    scale : Scale
    name : str
        Of the drawing, for those who do not see it.
    texts : sequence of str
        What a browser shows over each well.
    negative, positive : bool (n,)
        Controls: marked by a dot and by a cross.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    positions = np.asarray(positions)
    shape = format_for(positions[positions[:, 0] >= 0].astype(np.int16))
    cell = (_WIDTH - _EDGE - 1) / shape.columns
    height = _EDGE + cell * shape.rows + 1
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {height:.4g}" role="img" '
        f'aria-label="{escape(name, quote=True)}" font-size="7" font-family="sans-serif">'
    ]
    # So that places without a well are seen to belong to the plate.
    parts.append(
        f'<rect class="plate" x="{_EDGE - 1.5:g}" y="{_EDGE - 1.5:g}" width="{cell * shape.columns + 2:.4g}" '
        f'height="{cell * shape.rows + 2:.4g}" rx="2" fill="none" stroke="currentColor" stroke-opacity="0.35" '
        'stroke-width="0.7"/>'
    )
    parts += _labels(shape.rows, shape.columns, cell)
    gap = min(1.0, 0.12 * cell)
    colours = _colours(scale.place(np.asarray(values, dtype=np.float64)))
    for (row, column), colour, text, low, high in zip(positions, colours, texts, negative, positive, strict=True):
        if row < 0:
            continue
        x, y, side = _EDGE + column * cell, _EDGE + row * cell, cell - gap
        parts.append(
            f'<rect x="{x:.2f}" y="{y:.2f}" width="{side:.2f}" height="{side:.2f}" fill="{colour}">'
            f"<title>{escape(f'{well_name(int(row), int(column))} {text}'.strip())}</title></rect>"
        )
        middle, reach = (x + side / 2, y + side / 2), 0.22 * cell
        if low:
            parts.append(
                f'<circle cx="{middle[0]:.2f}" cy="{middle[1]:.2f}" r="{reach:.2f}" fill="#fff" '
                f'stroke="#222" stroke-width="0.5" pointer-events="none"/>'
            )
        elif high:
            parts.append(_cross(*middle, 1.3 * reach))
    return "".join([*parts, "</svg>"])


def _cross(x: float, y: float, reach: float) -> str:
    strokes = f"M{x - reach:.2f} {y:.2f}H{x + reach:.2f}M{x:.2f} {y - reach:.2f}V{y + reach:.2f}"
    return (
        f'<path d="{strokes}" stroke="#fff" stroke-width="2.2" pointer-events="none"/>'
        f'<path d="{strokes}" stroke="{_MARK}" stroke-width="1.2" pointer-events="none"/>'
    )


def _labels(rows: int, columns: int, cell: float) -> list[str]:
    parts = []
    for column in range(0, columns, -(-columns // _MOST_LABELS)):
        x = _EDGE + (column + 0.5) * cell
        parts.append(f'<text x="{x:.2f}" y="9" text-anchor="middle" fill="currentColor">{column + 1}</text>')
    for row in range(0, rows, -(-rows // _MOST_LABELS)):
        y = _EDGE + (row + 0.5) * cell + 2.5
        parts.append(
            f'<text x="{_EDGE - 4}" y="{y:.2f}" text-anchor="end" fill="currentColor">{row_label(row)}</text>'
        )
    return parts


def draw_legend(scale: Scale) -> str:
    """Draw the colours of a scale with its numbers.

    Parameters
    ----------
    scale : Scale

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    margin, bar, height = 34.0, 200.0, 9.0
    colours = _colours((np.arange(_LEGEND_STEPS) + 0.5) / _LEGEND_STEPS)
    step = bar / _LEGEND_STEPS
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {bar + 2 * margin:g} 34" role="img" '
        f'aria-label="{escape(scale.title, quote=True)}" font-size="9" font-family="sans-serif">',
        f'<text x="{margin}" y="8" fill="currentColor">{escape(scale.title)}</text>',
    ]
    parts += [
        f'<rect x="{margin + i * step:.2f}" y="12" width="{step + 0.3:.2f}" height="{height}" fill="{colour}"/>'
        for i, colour in enumerate(colours)
    ]
    parts += [
        f'<text x="{margin + at * bar:.2f}" y="31" text-anchor="middle" fill="currentColor">{escape(text)}</text>'
        for at, text in scale.ticks
    ]
    return "".join([*parts, "</svg>"])
