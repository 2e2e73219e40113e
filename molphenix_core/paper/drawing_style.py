"""What all drawings of the report share: their look, and SVG text that is the same for the same numbers.

Text stays text and nothing is loaded from outside. Colours are those of Okabe and Ito, which the colour-blind can
tell apart. Needs matplotlib, of the extra ``paper``.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = [
    "DASHES",
    "GREY",
    "GRID",
    "INK",
    "MARKERS",
    "PALETTE",
    "SOFT",
    "WIDTH",
    "clear_axes",
    "drawing_style",
    "short_number",
    "svg_text",
]

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D1F")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES: tuple[tuple[int, tuple[int, ...]], ...] = ((0, (5, 3)), (0, (1, 2)), (0, (7, 2, 1, 2)))
INK, SOFT, GRID, GREY = "#22262B", "#5A626B", "#E4E7EA", "#C3C8CE"
WIDTH = 7.0  # inches: 504 points, 672 pixels
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
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.unicode_minus": True,
    "text.color": INK,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
}
# Where the fonts of the drawing are not installed, others as wide or narrower stand in.
_FONTS = "'DejaVu Sans', Verdana, 'Segoe UI', Helvetica, Arial, sans-serif"


@contextmanager
def drawing_style() -> Iterator[None]:
    """Our own settings, over the defaults: what users have set for plots of their own must not show here."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        for name, value in _STYLE.items():
            matplotlib.rcParams[name] = value  # type: ignore[index]
        yield


def clear_axes(axes: Axes, *, grid: str) -> None:
    """Take the frame's top and right away and draw a grid below everything.

    Parameters
    ----------
    axes : Axes
    grid : {"x", "y", "both"}
    """
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis=grid, color=GRID, linewidth=0.8)  # type: ignore[arg-type]
    axes.set_axisbelow(True)


def short_number(value: float, _: object) -> str:
    """A tick in thousands or millions, as matplotlib asks for it.

    Parameters
    ----------
    value : float
    _ : object
        The number of the tick.

    Returns
    -------
    str
    """
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def svg_text(figure: Figure) -> str:
    """A figure as an ``<svg>`` element: the same bytes whenever it is drawn.

    Parameters
    ----------
    figure : Figure

    Returns
    -------
    str
    """
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
