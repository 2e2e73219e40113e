"""Charts as SVG text, of lines and intervals: lines differ by their markers too. Needs the extra ``paper``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from molphenix_core.paper.drawing_style import (
    DASHES,
    INK,
    MARKERS,
    PALETTE,
    SOFT,
    WIDTH,
    clear_axes,
    drawing_style,
    short_number,
    svg_text,
)

__all__ = ["ChartLine", "Dot", "interval_chart", "line_chart", "line_panels", "reliability_chart"]


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
    with drawing_style():
        entries = len(names) + len(references or {})
        figure = Figure(figsize=(WIDTH, 3.3 + 0.2 * ((entries + 2) // 3)), layout="constrained")
        axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for place, (title, lines) in enumerate(panels):
            part = axes[place]
            clear_axes(part, grid="both")
            part.set_title(title, loc="left")
            part.set_xlabel(labels[place])
            if log_x:
                part.set_xscale("log")
                part.xaxis.set_minor_formatter(NullFormatter())
                part.xaxis.set_major_formatter(FuncFormatter(short_number))
            for line in lines:
                number = names.index(line.name)
                colour = PALETTE[number]
                if line.low is not None and line.high is not None:
                    part.fill_between(line.x, line.low, line.high, color=colour, alpha=0.15, linewidth=0)
                style = {"marker": MARKERS[number], "markersize": 4.5} if markers else {}
                dashes = "solid" if markers else ("solid", *DASHES)[number % (1 + len(DASHES))]
                part.plot(line.x, line.y, color=colour, linewidth=1.8, linestyle=dashes, label=line.name, **style)
            for number, (name, value) in enumerate((references or {}).items()):
                part.axhline(value, color=SOFT, linewidth=1.2, linestyle=DASHES[number % 3], label=name)
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
        return svg_text(figure)


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
    with drawing_style():
        extra = 0.35 if references else 0.0
        figure = Figure(figsize=(WIDTH, 0.75 + extra + 0.25 * len(rows)), layout="constrained")
        axes = figure.subplots()
        clear_axes(axes, grid="x")
        for number, (name, value) in enumerate((references or {}).items()):
            style = DASHES[number % 3]
            axes.axvline(value, color=SOFT, linewidth=1.2, linestyle=style, label=name, zorder=1)
        for place, row in enumerate(rows):
            if isinstance(row, str):
                continue
            if row.value is None:
                where = axes.get_yaxis_transform()
                axes.text(
                    0.01,
                    place,
                    "not available",
                    color=SOFT,
                    va="center",
                    fontsize=8.5,
                    transform=where,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
                )
                continue
            colour = PALETTE[0] if row.marked else INK
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
        return svg_text(figure)


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
    with drawing_style():
        figure = Figure(figsize=(WIDTH, 4.2), layout="constrained")
        axes = figure.subplots()
        clear_axes(axes, grid="both")
        axes.set_aspect("equal")
        axes.plot([0, 1], [0, 1], color=SOFT, linewidth=1.2, linestyle=DASHES[0], label="as promised")
        if low is not None and high is not None:
            axes.vlines(predicted, low, high, color=PALETTE[0], linewidth=2)
        axes.plot(
            predicted, observed, "o-", color=PALETTE[0], linewidth=1.2, markersize=6, markeredgecolor="white"
        )
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel=x_label, ylabel=y_label)
        axes.legend(loc="upper left", handlelength=2.6)
        return svg_text(figure)
