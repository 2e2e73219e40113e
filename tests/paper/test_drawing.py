"""Drawings stand on their own, are the same again, and show what they were given."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest

from molphenix_core.paper.drawing import (
    ChartLine,
    Dot,
    interval_chart,
    line_chart,
    line_panels,
    reliability_chart,
)
from molphenix_core.paper.drawing_maps import Panel, scatter_panels
from molphenix_core.paper.drawing_style import PALETTE

LINES = [
    ChartLine("ours <b> & $x_1$", [1e4, 1e5, 1e6], [0.1, 0.2, 0.3], [0.05, 0.1, 0.2], [0.15, 0.3, 0.4]),
    ChartLine("theirs", [1e4, 1e5], [0.05, 0.06]),
]
DOTS = [
    Dot("ours", 0.3, 0.2, 0.4, group="first file", marked=True),
    Dot("distance to control", None, group="first file"),
    Dot("ours", 0.1, group="second file"),
]
POINTS = [(float(x), float(y)) for x, y in np.random.default_rng(0).normal(size=(20, 2))]
PANELS = [
    Panel("1 µM", POINTS[:10], [0.5, None, *[0.01] * 8], background=POINTS),
    Panel("10 µM", POINTS[10:], [0.2] * 10),
]

DRAWINGS: dict[str, Callable[[], str]] = {
    "lines": lambda: line_chart(
        LINES, x_label="samples", y_label="recall", log_x=True, references={"chance": 0.01}
    ),
    "panels": lambda: line_panels(
        [("a", LINES), ("b", LINES)], x_label=["p", "q"], y_label="share", markers=False
    ),
    "intervals": lambda: interval_chart(DOTS, x_label="recall", references={"chance": 0.01, "kernel ridge": 0.1}),
    "scatter": lambda: scatter_panels(PANELS, colour_label="p", limits=(0.001, 1.0), columns=3, note="UMAP"),
    "reliability": lambda: reliability_chart([0.1, 0.5], [0.2, 0.4], low=[0.1, 0.3], high=[0.3, 0.5]),
}


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_one_element_that_needs_nothing_else(name: str) -> None:
    svg = DRAWINGS[name]()
    root = ElementTree.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert not names & {"script", "image", "metadata", "foreignObject"}
    targets = re.findall(r'(?:href="|url\()([^")]*)', svg)
    assert all(target.startswith("#") for target in targets)
    defined = re.findall(r'\bid="([^"]*)"', svg)
    assert len(defined) == len(set(defined))
    assert {target[1:] for target in targets} <= set(defined)
    assert "width" not in root.attrib
    assert texts(svg)


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_same_numbers_make_the_same_bytes_whatever_the_user_has_set(name: str) -> None:
    first = DRAWINGS[name]()
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path"}):
        assert DRAWINGS[name]() == first
        assert matplotlib.rcParams["font.size"] == 30


def test_nothing_is_drawn_through_pyplot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    for draw in DRAWINGS.values():
        assert texts(draw())


def test_names_are_shown_as_they_are() -> None:
    shown = texts(DRAWINGS["lines"]())
    assert "ours <b> & $x_1$" in shown
    assert {"theirs", "chance", "samples", "recall", "10k", "100k", "1M"} <= set(shown)


def test_what_is_not_available_keeps_its_row_and_says_so() -> None:
    svg = DRAWINGS["intervals"]()
    shown = texts(svg)
    assert shown.count("not available") == 1
    assert [name for name in shown if name in {"first file", "second file", "ours", "distance to control"}] == [
        "first file",
        "ours",
        "distance to control",
        "second file",
        "ours",
    ]
    assert PALETTE[0].lower() in svg


def test_a_larger_value_stands_further_right() -> None:
    def ends(value: float) -> list[float]:
        svg = interval_chart([Dot("a", 0.5, 0.0, 1.0), Dot("b", value)], x_label="x")
        return [
            float(x)
            for x in re.findall(r'<use xlink:href="#m\w+" x="([\d.]+)" y="[\d.]+" style="fill: #22262b', svg)
        ]

    low, high = ends(0.2), ends(0.9)
    assert len(low) == len(high) == 2
    assert low[0] == high[0]
    assert low[1] < low[0] < high[1]


def test_every_point_of_a_map_is_drawn_once_in_its_panel_and_grey_where_it_has_no_value() -> None:
    svg = DRAWINGS["scatter"]()
    # The marks of axes have no clip path around them.
    drawn = [part for part in re.split(r"<g (?=clip-path)", svg)[1:] if "<use" in part]
    colours = [re.findall(r'<use [^>]*style="fill: (#\w+)', part.partition("</g>")[0]) for part in drawn]
    flat = [colour for part in colours for colour in part]
    assert flat.count("#c3c8ce") == 1
    assert flat.count("#e4e7ea") == len(POINTS)
    assert len(flat) == len(POINTS) + 20


def test_what_cannot_be_drawn_is_refused() -> None:
    many = [ChartLine(str(number), [1], [1]) for number in range(len(PALETTE) + 1)]
    for lines in ([], many):
        with pytest.raises(ValueError, match="told apart"):
            line_chart(lines, x_label="x", y_label="y")
    with pytest.raises(ValueError, match="nothing to draw"):
        interval_chart([], x_label="x")
    with pytest.raises(ValueError, match="nothing to draw"):
        scatter_panels([Panel("", [], [])], colour_label="p", limits=(0.001, 1.0))
