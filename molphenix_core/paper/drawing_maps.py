"""Maps of treatments side by side, as SVG text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import matplotlib
import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from molphenix_core.paper.drawing_style import GREY, GRID, SOFT, WIDTH, drawing_style, short_number, svg_text

__all__ = ["Panel", "scatter_panels"]


@dataclass(frozen=True)
class Panel:
    """Points of one panel of several.

    Parameters
    ----------
    title : str
    points : sequence of (float, float), (n,)
    values : sequence of float or None, (n,)
        To colour by; None is grey.
    background : sequence of (float, float)
        Points that are only hinted at, for where these lie among all.
    """

    title: str
    points: Sequence[tuple[float, float]]
    values: Sequence[float | None]
    background: Sequence[tuple[float, float]] = field(default=())


def scatter_panels(
    panels: Sequence[Panel], *, colour_label: str, limits: tuple[float, float], columns: int = 3, note: str = ""
) -> str:
    """Small maps with one logarithmic colour scale, dark where the value is low.

    Parameters
    ----------
    panels : sequence of Panel
        All are drawn to one scale.
    colour_label : str
    limits : (float, float)
        Of the colours, both positive; values beyond take the colour of the end.
    columns : int
    note : str
        What the axes are, as "UMAP 1 and 2"; they have no ticks.

    Returns
    -------
    str
        An ``<svg>`` element.

    Raises
    ------
    ValueError
        Without a point.
    """
    everything = np.array([p for panel in panels for p in (*panel.points, *panel.background)], dtype=float)
    if not len(everything):
        raise ValueError("nothing to draw")
    low, high = everything.min(axis=0), everything.max(axis=0)
    margin = 0.04 * np.maximum(high - low, 1e-6)
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    with drawing_style():
        side = (WIDTH - 0.9) / columns
        figure = Figure(figsize=(WIDTH, 0.35 + rows * (side * 0.85 + 0.25)), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False)
        # Of so few steps, the colour bar is drawn as shapes; of more it would be a picture.
        colours = matplotlib.colormaps["cividis"].resampled(40)
        drawn = None
        for axes, panel in zip(grid.flat, panels, strict=False):
            axes.set(
                xlim=(low[0] - margin[0], high[0] + margin[0]), ylim=(low[1] - margin[1], high[1] + margin[1])
            )
            axes.set_xticks([])
            axes.set_yticks([])
            for spine in axes.spines.values():
                spine.set_color(GREY)
            axes.set_title(panel.title, loc="left", fontsize=9.5)
            if panel.background:
                axes.scatter(*np.array(panel.background).T, s=3, color=GRID, linewidths=0)
            values = np.array([np.nan if v is None else v for v in panel.values], dtype=float)
            points = np.array(panel.points, dtype=float).reshape(-1, 2)
            known = ~np.isnan(values)
            axes.scatter(*points[~known].T, s=9, color=GREY, linewidths=0)
            # In random order, so that neither high nor low values hide the others.
            order = np.random.default_rng(0).permutation(np.flatnonzero(known))
            drawn = axes.scatter(
                *points[order].T,
                s=10,
                c=values[order],
                cmap=colours,
                norm=LogNorm(*limits, clip=True),
                linewidths=0,
            )
        for axes in grid.flat[len(panels) :]:
            axes.set_axis_off()
        if note:
            figure.supxlabel(note, fontsize=8.5, color=SOFT)
        if drawn is not None:
            bar = figure.colorbar(drawn, ax=grid, fraction=0.03, pad=0.02, aspect=30)
            bar.set_label(colour_label)
            bar.ax.yaxis.set_major_formatter(FuncFormatter(short_number))
            bar.ax.minorticks_off()
            bar.outline.set_visible(False)
            # Or hairs of the page show between its steps.
            if bar.solids is not None:
                bar.solids.set_edgecolor("face")
        return svg_text(figure)
