"""The report holds what it was given, escaped, on its own, and the same again."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molphenix_core.errors import InputError
from molphenix_core.paper.drawing import ChartLine, line_chart
from molphenix_core.paper.published import RATIOS, RECALLS, published_recall
from molphenix_core.paper.report import DataFile, Facts, write_report
from molphenix_core.paper.section import Figure, Section, Table

NASTY = "<script>alert(1)</script> & \"quotes\" 'too' | pipe"
TABLE = Table(
    f"Recall {NASTY}",
    ("recipe", "N", "recall", "interval", "published"),
    (("ours", 12345, 0.13141, "0.110 to 0.152", None), (NASTY, 7, float("nan"), "not available: n = 3", -0.5)),
)
SVG = line_chart([ChartLine("a", [1, 2], [1, 2])], x_label="x", y_label="y")
SECTIONS = [
    Section("Losses", ("What was asked, 95 % sure.",), (TABLE,), (Figure("A line", SVG), Figure("Again", SVG))),
    Section(NASTY, (NASTY,), (replace(TABLE, caption="Second"),)),
]
FACTS = Facts(
    data=(DataFile("a.h5ad", "ab" * 32, simulated=False, title="Plates"),),
    recipe='{"name": "<ours>"}',
    seeds=(0, 1, 2),
    finished="2026-03-01 14:05 UTC",
    minutes=12.3,
    versions={"molphenix": "1.0", "Python": "3.11"},
)


class Page(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[tuple[str, str]] = []
        self.text = ""
        self._cell: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "td":
            self._cell = dict(attrs).get("class") or ""
            self.cells.append((self._cell, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._cell = None

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._cell is not None:
            style, text = self.cells[-1]
            self.cells[-1] = (style, text + data)


def write(folder: Path, sections: list[Section] = SECTIONS, facts: Facts = FACTS) -> Page:
    return Page(write_report(sections, folder, title="Rerun", facts=facts).read_text(encoding="utf-8"))


def test_the_page_needs_nothing_but_itself(tmp_path: Path) -> None:
    page = write(tmp_path)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "image"}
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("href", "src", "xlink:href"):
            target = attributes.get(name)
            assert target is None or target.startswith(("#", "data:text/csv"))
    style = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style


def test_contents_and_drawings_point_at_what_is_there_once(tmp_path: Path) -> None:
    page = write(tmp_path)
    defined = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(defined) == len(set(defined)), "two drawings share a name"
    targets = [a.get("href") or a.get("xlink:href") or "" for _, a in page.tags]
    inside = {target[1:] for target in targets if target.startswith("#")}
    assert inside <= set(defined)
    assert {"section-1", "section-2", "provenance"} <= inside


def test_text_is_text_and_numbers_stand_right(tmp_path: Path) -> None:
    page = write(tmp_path)
    assert NASTY in page.text
    shown = page.cells[:10]
    assert [text for _, text in shown[:5]] == ["ours", "12,345", "0.131", "0.110 to 0.152", "not available"]
    assert [style for style, _ in shown[:5]] == ["", "number", "number", "number", "number missing"]
    assert shown[5] == ("", NASTY)
    assert shown[7] == ("number missing", "not available")
    assert shown[8] == ("number missing", "not available: n = 3")
    assert shown[9] == ("number", "-0.500")


def test_tables_stand_beside_as_csv_and_markdown(tmp_path: Path) -> None:
    page = write(tmp_path)
    files = sorted(path.name for path in (tmp_path / "tables").iterdir())
    assert files == ["table-01.csv", "table-02.csv"]
    text = (tmp_path / "tables" / "table-01.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))
    assert rows[0] == list(TABLE.columns)
    assert rows[1] == ["ours", "12345", "0.13141", "0.110 to 0.152", ""]
    assert rows[2] == [NASTY, "7", "", "not available: n = 3", "-0.5"]
    links = [a["href"] for tag, a in page.tags if tag == "a" and a.get("download") == "table-01.csv"]
    assert [unquote((link or "").partition(",")[2]) for link in links] == [text]

    markdown = (tmp_path / "tables.md").read_text(encoding="utf-8")
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    assert lines[:3] == [
        "| recipe | N | recall | interval | published |",
        "|---|---:|---:|---:|---:|",
        "| ours | 12,345 | 0.131 | 0.110 to 0.152 | not available |",
    ]
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 6 for line in lines)
    assert "<script>" not in re.sub(r"\\<", "", markdown)


def test_a_cell_is_never_a_formula(tmp_path: Path) -> None:
    table = Table("t", ("a", "b"), (("=cmd()", "-0.1 to 0.2"), ("@x", -3)))
    write(tmp_path, [Section("s", tables=(table,))])
    rows = list(csv.reader((tmp_path / "tables" / "table-01.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[1:] == [["'=cmd()", "-0.1 to 0.2"], ["'@x", "-3"]]


def test_simulated_data_say_so_at_the_top(tmp_path: Path) -> None:
    assert "Simulated" not in write(tmp_path).text
    assert "Simulated" not in (tmp_path / "tables.md").read_text(encoding="utf-8")
    virtual = DataFile("virtual.h5ad", "cd" * 32, simulated=True)
    page = write(tmp_path, facts=replace(FACTS, data=(*FACTS.data, virtual)))
    before = page.text.partition("Contents")[0]
    assert "Simulated: virtual.h5ad." in before
    assert "Simulated: virtual.h5ad." in (tmp_path / "tables.md").read_text(encoding="utf-8").partition("##")[0]


def test_what_it_was_made_from_stands_in_it(tmp_path: Path) -> None:
    text = write(tmp_path).text
    for fact in ("a.h5ad", "ab" * 32, "Plates", '"<ours>"', "0, 1, 2", "Python 3.11", "MolPhenix 1.0"):
        assert fact in text
    assert {"molphenix", "Python", "numpy", "torch"} <= set(Facts((), "", (), "", 0.0).versions)


def test_the_same_input_makes_the_same_bytes_but_for_the_time(tmp_path: Path) -> None:
    write(tmp_path / "first")
    write(tmp_path / "second", facts=replace(FACTS, finished="tomorrow", minutes=99.0))
    files = sorted(path.relative_to(tmp_path / "first") for path in (tmp_path / "first").rglob("*.*"))
    assert len(files) == 4
    for file in files:
        one, two = (
            (tmp_path / name / file).read_text(encoding="utf-8").splitlines() for name in ("first", "second")
        )
        different = [(a, b) for a, b in zip(one, two, strict=True) if a != b]
        if file.name == "report.html":
            ((before, after),) = different
            assert "14:05" in before
            assert "tomorrow" in after
        else:
            assert not different


def test_a_shorter_report_leaves_no_tables_of_the_longer_one(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "tables" / "mine.csv").write_text("kept", encoding="utf-8")
    write(tmp_path, [])
    assert [path.name for path in (tmp_path / "tables").iterdir()] == ["mine.csv"]


@pytest.mark.parametrize(
    "svg",
    [
        "<p>no drawing</p>",
        "<svg><script>alert(1)</script></svg>",
        '<svg onload="alert(1)"></svg>',
        '<svg><image href="data:image/png;base64,AA"/></svg>',
        '<svg><use xlink:href="https://elsewhere/x.svg#a"/></svg>',
        "<svg><style>*{fill:url(https://elsewhere/)}</style></svg>",
        '<svg><a href="javascript:alert(1)">x</a></svg>',
    ],
)
def test_a_drawing_that_reaches_out_is_refused(tmp_path: Path, svg: str) -> None:
    with pytest.raises(ValueError, match="stands on its own"):
        write(tmp_path, [Section("s", figures=(Figure("bad", svg),))])
    assert not list(tmp_path.iterdir())


def test_a_row_of_another_length_and_a_folder_that_is_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2 cells"):
        write(tmp_path, [Section("s", tables=(Table("t", ("a", "b"), (("only",),)),))])
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="a folder to write into"):
        write(tmp_path / "file" / "report")


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30))
def test_any_text_comes_back_from_the_page_as_it_was(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("report")
    page = write(folder, [Section("s", tables=(Table("t", ("a",), ((text,),)),))])
    assert page.cells[0][1] == text
    with (folder / "tables" / "table-01.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["a"]
    assert not text or rows[1][0].removeprefix("'") == text.removeprefix("'")


def test_published_figures_are_found_by_gallery_and_split() -> None:
    found = published_recall("all", "unseen scaffolds")
    assert found is not None
    assert (found.recall, found.candidates) == (0.3824, 45_771)
    assert published_recall("all", "held-out doses") is None
    assert len({(each.gallery, each.split) for each in RECALLS}) == len(RECALLS) == 6
    assert [each.ratio for each in RATIOS] == [8.1, 5.69, 1.26, 2.26]
