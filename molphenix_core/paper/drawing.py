"""Drawings as SVG text: the same numbers make the same bytes, text stays text, nothing is loaded from outside.

Colours are those of Okabe and Ito, which the colour-blind can tell apart; lines differ by their markers too. Needs
matplotlib, of the extra ``paper``.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

__all__ = [
    "ChartLine",
    "Dot",
    "Panel",
    "interval_chart",
    "line_chart",
    "line_panels",
    "reliability_chart",
    "scatter_panels",
]

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D1F")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_DASHES: tuple[tuple[int, tuple[int, ...]], ...] = ((0, (5, 3)), (0, (1, 2)), (0, (7, 2, 1, 2)))
_INK, _SOFT, _GRID, _GREY = "#22262B", "#5A626B", "#E4E7EA", "#C3C8CE"
_WIDTH = 7.0  # inches: 504 points, 672 pixels
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "molphenix",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    # A dollar in the name of a file is a dollar.
    "text.parse_math": False,
    "font.size": 9.5,
    "axes.labelsize": 9.5,
    "axes.titlesize": 10,
    "axes.edgecolor": _SOFT,
    "axes.labelcolor": _INK,
    "axes.linewidth": 0.8,
    "axes.unicode_minus": True,
    "text.color": _INK,
    "xtick.color": _SOFT,
    "ytick.color": _SOFT,
    "xtick.labelcolor": _INK,
    "ytick.labelcolor": _INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
}
# Where the fonts of the drawing are not installed, others as wide or narrower stand in.
_FONTS = "'DejaVu Sans', Verdana, 'Segoe UI', Helvetica, Arial, sans-serif"


@dataclass(frozen=True)
class ChartLine:
    """A line, with a band around it where there is an interval.

    Parameters
    ----------
    name : str
    x, y : sequence of float, (n,)
    low, high : sequence of float, (n,), optional
        Ends of the band.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None


@dataclass(frozen=True)
class Dot:
    """A value with its interval, in a row of its own.

    Parameters
    ----------
    name : str
    value : float or None
        None is written as "not available".
    low, high : float, optional
    group : str
        Rows of one group stand together, under its name.
    marked : bool
        Ours: drawn in the first colour.
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    group: str = ""
    marked: bool = False


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


def line_chart(
    lines: Sequence[ChartLine],
    *,
    x_label: str,
    y_label: str,
    log_x: bool = False,
    references: Mapping[str, float] | None = None,
) -> str:
    """Lines with bands, such as recall against samples seen.

    Parameters
    ----------
    lines : sequence of ChartLine
        Up to eight.
    x_label, y_label : str
        With units.
    log_x : bool
        Only with positive x.
    references : mapping of str to float, optional
        Horizontal lines, such as chance.

    Returns
    -------
    str
        An ``<svg>`` element.

    Raises
    ------
    ValueError
        More lines than can be told apart, or none.
    """
    return line_panels([("", lines)], x_label=x_label, y_label=y_label, log_x=log_x, references=references)


def line_panels(
    panels: Sequence[tuple[str, Sequence[ChartLine]]],
    *,
    x_label: str | Sequence[str],
    y_label: str,
    log_x: bool = False,
    references: Mapping[str, float] | None = None,
    markers: bool = True,
) -> str:
    """Panels of lines beside each other, with one y axis and one legend.

    Parameters
    ----------
    panels : sequence of (str, sequence of ChartLine)
        Title and lines; lines of one name look alike in all panels.
    x_label : str, or one for each panel
    y_label : str
    log_x : bool
    references : mapping of str to float, optional
        Horizontal lines in every panel.
    markers : bool
        Mark each point; without, dense lines such as cumulative distributions differ by their dashes.

    Returns
    -------
    str
        An ``<svg>`` element.

    Raises
    ------
    ValueError
        More lines than can be told apart, or none.
    """
    names = list(dict.fromkeys(line.name for _, lines in panels for line in lines))
    if not names or len(names) > len(PALETTE):
        raise ValueError(f"{len(names)} lines; 1 to {len(PALETTE)} can be told apart")
    labels = [x_label] * len(panels) if isinstance(x_label, str) else list(x_label)
    with _style():
        entries = len(names) + len(references or {})
        figure = Figure(figsize=(_WIDTH, 3.3 + 0.2 * ((entries + 2) // 3)), layout="constrained")
        axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for place, (title, lines) in enumerate(panels):
            part = axes[place]
            _clear(part, grid="both")
            part.set_title(title, loc="left")
            part.set_xlabel(labels[place])
            if log_x:
                part.set_xscale("log")
                part.xaxis.set_minor_formatter(NullFormatter())
                part.xaxis.set_major_formatter(FuncFormatter(_short))
            for line in lines:
                number = names.index(line.name)
                colour = PALETTE[number]
                if line.low is not None and line.high is not None:
                    part.fill_between(line.x, line.low, line.high, color=colour, alpha=0.15, linewidth=0)
                style = {"marker": _MARKERS[number], "markersize": 4.5} if markers else {}
                dashes = "solid" if markers else ("solid", *_DASHES)[number % (1 + len(_DASHES))]
                part.plot(line.x, line.y, color=colour, linewidth=1.8, linestyle=dashes, label=line.name, **style)
            for number, (name, value) in enumerate((references or {}).items()):
                part.axhline(value, color=_SOFT, linewidth=1.2, linestyle=_DASHES[number % 3], label=name)
        axes[0].set_ylabel(y_label)
        if axes[0].dataLim.y0 >= 0:
            axes[0].set_ylim(bottom=0)
        handles: dict[str, Artist] = {}
        for part in axes:
            for handle, name in zip(*part.get_legend_handles_labels(), strict=True):
                handles.setdefault(name, handle)
        if len(handles) > 1 or references:
            figure.legend(
                list(handles.values()), list(handles), loc="outside upper left", ncols=3, handlelength=2.6
            )
        return _svg(figure)


def interval_chart(
    dots: Sequence[Dot], *, x_label: str, references: Mapping[str, float] | None = None, from_zero: bool = True
) -> str:
    """Values with their intervals, one a row: recipes compared, beside chance and a rival as lines.

    Parameters
    ----------
    dots : sequence of Dot
        From the top.
    x_label : str
    references : mapping of str to float, optional
        Vertical lines, such as chance and kernel ridge.
    from_zero : bool
        Let the axis begin at zero, as for shares.

    Returns
    -------
    str
        An ``<svg>`` element.

    Raises
    ------
    ValueError
        Without rows.
    """
    if not dots:
        raise ValueError("nothing to draw")
    rows: list[Dot | str] = []
    for group in dict.fromkeys(dot.group for dot in dots):
        rows += [*([group] if group else []), *(dot for dot in dots if dot.group == group)]
    with _style():
        extra = 0.35 if references else 0.0
        figure = Figure(figsize=(_WIDTH, 0.75 + extra + 0.25 * len(rows)), layout="constrained")
        axes = figure.subplots()
        _clear(axes, grid="x")
        for number, (name, value) in enumerate((references or {}).items()):
            style = _DASHES[number % 3]
            axes.axvline(value, color=_SOFT, linewidth=1.2, linestyle=style, label=name, zorder=1)
        for place, row in enumerate(rows):
            if isinstance(row, str):
                continue
            if row.value is None:
                where = axes.get_yaxis_transform()
                axes.text(
                    0.01,
                    place,
                    "not available",
                    color=_SOFT,
                    va="center",
                    fontsize=8.5,
                    transform=where,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
                )
                continue
            colour = PALETTE[0] if row.marked else _INK
            if row.low is not None and row.high is not None:
                axes.plot([row.low, row.high], [place, place], color=colour, linewidth=2.2, solid_capstyle="butt")
            axes.plot([row.value], [place], "o", color=colour, markersize=6, markeredgecolor="white")
        axes.set_yticks(range(len(rows)), [row if isinstance(row, str) else row.name for row in rows])
        for label, row in zip(axes.get_yticklabels(), rows, strict=True):
            if isinstance(row, str):
                label.set_fontweight("bold")
            elif row.marked:
                label.set_color(PALETTE[0])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        if from_zero:
            axes.set_xlim(left=0)
        axes.set_xlabel(x_label)
        if references:
            figure.legend(loc="outside upper left", ncols=3, handlelength=2.6)
        return _svg(figure)


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
    with _style():
        side = (_WIDTH - 0.9) / columns
        figure = Figure(figsize=(_WIDTH, 0.35 + rows * (side * 0.85 + 0.25)), layout="constrained")
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
                spine.set_color(_GREY)
            axes.set_title(panel.title, loc="left", fontsize=9.5)
            if panel.background:
                axes.scatter(*np.array(panel.background).T, s=3, color=_GRID, linewidths=0)
            values = np.array([np.nan if v is None else v for v in panel.values], dtype=float)
            points = np.array(panel.points, dtype=float).reshape(-1, 2)
            known = ~np.isnan(values)
            axes.scatter(*points[~known].T, s=9, color=_GREY, linewidths=0)
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
            figure.supxlabel(note, fontsize=8.5, color=_SOFT)
        if drawn is not None:
            bar = figure.colorbar(drawn, ax=grid, fraction=0.03, pad=0.02, aspect=30)
            bar.set_label(colour_label)
            bar.ax.yaxis.set_major_formatter(FuncFormatter(_short))
            bar.ax.minorticks_off()
            bar.outline.set_visible(False)
            # Or hairs of the page show between its steps.
            if bar.solids is not None:
                bar.solids.set_edgecolor("face")
        return _svg(figure)


def reliability_chart(
    predicted: Sequence[float],
    observed: Sequence[float],
    *,
    low: Sequence[float] | None = None,
    high: Sequence[float] | None = None,
    x_label: str = "chance that was shown",
    y_label: str = "share that came true",
) -> str:
    """Chances beside what came true, with the diagonal on which they are equal.

    Parameters
    ----------
    predicted, observed : sequence of float, (n,)
        Between 0 and 1, a bin each.
    low, high : sequence of float, (n,), optional
        Interval of ``observed``.
    x_label, y_label : str

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    with _style():
        figure = Figure(figsize=(_WIDTH, 4.2), layout="constrained")
        axes = figure.subplots()
        _clear(axes, grid="both")
        axes.set_aspect("equal")
        axes.plot([0, 1], [0, 1], color=_SOFT, linewidth=1.2, linestyle=_DASHES[0], label="as promised")
        if low is not None and high is not None:
            axes.vlines(predicted, low, high, color=PALETTE[0], linewidth=2)
        axes.plot(
            predicted, observed, "o-", color=PALETTE[0], linewidth=1.2, markersize=6, markeredgecolor="white"
        )
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel=x_label, ylabel=y_label)
        axes.legend(loc="upper left", handlelength=2.6)
        return _svg(figure)


@contextmanager
def _style() -> Iterator[None]:
    """Our own settings, over the defaults: what users have set for plots of their own must not show here."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        for name, value in _STYLE.items():
            matplotlib.rcParams[name] = value  # type: ignore[index]
        yield


def _clear(axes: Axes, *, grid: str) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis=grid, color=_GRID, linewidth=0.8)  # type: ignore[arg-type]
    axes.set_axisbelow(True)


def _short(value: float, _: object) -> str:
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", facecolor="white", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    # Names of groups that nothing refers to, which several drawings in one page would share.
    text = re.sub(r'<g id="[^"]*"', "<g", text)
    text = re.sub(r"font-family: [^;\"]*", f"font-family: {_FONTS}", text)
    text = re.sub(r' (?:width|height)="[\d.]+pt"', "", text, count=2)
    # A hundredth of a point is fine enough, and a map has thousands.
    text = re.sub(r'( [xy]="-?\d+\.\d\d)\d+"', r'\1"', text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines()) + "\n"
