"""The report of a plate file: what it says, and that its page holds all it shows and nothing that runs."""

from __future__ import annotations

import base64
import dataclasses
import functools
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from shipped import MODEL, demo_workbench, shipped_bundle, shipped_library
from simulated_plates import simulated_plate

from molphenix_core.errors import Cancelled, InputError
from molphenix_core.molecules.depict import depict_svg
from molphenix_core.plate_report.content import (
    ListedHit,
    LoggedEvent,
    PlateReport,
    ReportSettings,
    SessionRecord,
)
from molphenix_core.plate_report.gather import gather_report
from molphenix_core.plate_report.heat_maps import ACTIVITY, draw_legend, draw_plate, linear_scale
from molphenix_core.plate_report.page import render_report, write_plate_report
from molphenix_core.plate_report.pictures import Pictures, compact
from molphenix_core.plates.files import write_plate
from molphenix_core.plates.hit_rule import HitRule
from molphenix_core.retrieval.workbench import open_workbench

ODD = '<script>alert(1)</script>"&'
SESSION = SessionRecord(
    (LoggedEvent("2026-01-31T09:30:00Z", "plate opened", ODD, {"plate": "ab" * 32}),),
    {f"To confirm {ODD}": (ListedHit("JQ1", "P1", "B07", "10 µM", "new", ODD),)},
)


@functools.cache
def demo_report() -> PlateReport:
    return gather_report(
        demo_workbench(),
        shipped_bundle(),
        shipped_library(),
        settings=ReportSettings(hits=4, candidates=3, measured=2),
        session=SESSION,
    )


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_report_names_what_it_is_made_of() -> None:
    report = demo_report()
    facts = dict(report.provenance)
    source = Path(demo_workbench().plate.source)
    assert facts["Plate file"] == source.name
    assert facts["SHA-256 of the file"] == hashlib.sha256(source.read_bytes()).hexdigest()
    card = json.loads((MODEL / (MODEL / "CURRENT").read_text().strip() / "card.json").read_bytes())
    assert facts["SHA-256 of the whole model"] == card["hashes"]["whole"]
    assert facts["Hash of its molecule path"] == shipped_bundle().molecule_path_hash
    assert facts["SHA-256 of its embeddings"] == shipped_library().embeddings_sha256
    assert report.versions.keys() >= {"molphenix", "Python", "torch", "rdkit"}
    assert {figure.split for figure in report.figures} >= {"unseen scaffolds", "held-out plates"}
    for figure in report.figures:
        assert 0 < figure.chance < 0.05
        assert len(figure.recalls) == 3


def test_hits_stand_in_order_with_candidates_and_words_of_chance() -> None:
    report = demo_report()
    assert report.rule == ("replicates at least 2", "q-value at most 0.05")
    assert len(report.hits) == 4
    q = [float(dict(hit.facts)["q"]) for hit in report.hits]
    assert q == sorted(q)
    for hit in report.hits:
        assert [len(hit.candidates), len(hit.measured)] == [3, 2]
        assert "in 100" in hit.chance or hit.chance.startswith("No calibrated chance")
        assert bool(hit.picture) == bool(hit.smiles)
    assert any(hit.smiles for hit in report.hits)


def test_readings_that_are_missing_say_why() -> None:
    report = demo_report()
    at = report.quality_titles.index("Z′")
    assert {row.readings[at].reason for row in report.quality} == {"no positive controls, at least 4 needed"}
    assert "No Z′ for any plate: no positive controls, at least 4 needed." in report.quality_notes
    assert any("at least 8 plates" in note for note in report.quality_notes)
    assert len(report.maps) == len(demo_workbench().plate.barcodes)


def test_page_holds_all_it_shows_and_runs_nothing() -> None:
    page = Page(render_report(demo_report()))
    assert not {"script", "iframe", "object", "embed", "link", "base", "form"} & set(page.tags)
    for _tag, name, value in page.attributes:
        assert not name.startswith("on")
        if name in {"src", "href", "xlink:href", "action"}:
            assert value.startswith(("data:image/svg+xml;base64,", "#")), value
    assert ("meta", "content", "default-src 'none'; img-src data:; style-src 'unsafe-inline'") in page.attributes
    # Texts from outside are shown as they are.
    assert page.text.count("<script>alert(1)</script>") >= 3
    targets = {value for tag, name, value in page.attributes if (tag, name) == ("section", "id")}
    assert {value[1:] for tag, name, value in page.attributes if (tag, name) == ("a", "href")} <= targets


def test_page_names_no_folder() -> None:
    folder = str(Path(demo_workbench().plate.source).parent)
    assert folder not in render_report(demo_report())


def test_simulated_data_and_unknown_spaces_say_so(tmp_path: Path) -> None:
    path = tmp_path / "made-up.h5ad"
    write_plate(simulated_plate(encoder="unknown"), path)
    bundle = shipped_bundle()
    report = gather_report(open_workbench(path, bundle), bundle, shipped_library())
    assert report.simulated
    assert "Simulated data" in render_report(report)
    assert report.not_ranked
    assert all(not hit.candidates and not hit.chance for hit in report.hits)
    assert not render_report(demo_report()).count("Simulated data")


def test_report_without_model_library_or_plates(tmp_path: Path) -> None:
    plate = simulated_plate()
    wells = plate.wells.assign(Metadata_Plate=None, Metadata_Well=None)
    path = tmp_path / "table.h5ad"
    write_plate(dataclasses.replace(plate, wells=wells), path)
    report = gather_report(open_workbench(path, None), None, None)
    assert dict(report.provenance)["Model"] == dict(report.provenance)["Library"] == "none could be used"
    assert report.quality_notes == ("Not available: the file names no plates (Metadata_Plate is empty).",)
    assert not report.maps
    assert "No model could be used." in render_report(report)


def test_rule_that_nothing_fits_leaves_no_hits(tmp_path: Path) -> None:
    settings = ReportSettings(rule=HitRule(max_q=0.0, exclude_pains=True))
    report = gather_report(demo_workbench(), shipped_bundle(), shipped_library(), settings=settings)
    assert not report.hits
    assert report.hits_text.startswith("0 of 156 treatments")
    assert dict(report.failed) == {"q-value": 156}
    write_plate_report(report, tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8").endswith("</html>\n")


def test_rule_that_asks_for_a_missing_column_is_refused() -> None:
    settings = ReportSettings(rule=HitRule(min_relative_cell_count=0.5))
    with pytest.raises(InputError, match="relative_cell_count"):
        gather_report(demo_workbench(), shipped_bundle(), shipped_library(), settings=settings)


def test_it_stops_when_asked_to() -> None:
    def stop(share: float, _text: str) -> None:
        if share > 0.5:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        gather_report(demo_workbench(), shipped_bundle(), shipped_library(), progress=stop)


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"found \.pdf; expected \.html or \.htm"):
        write_plate_report(demo_report(), tmp_path / "report.pdf")
    assert not list(tmp_path.iterdir())


# Drawings ---------------------------------------------------------------------------------------------------


def test_plate_is_drawn_a_square_a_well() -> None:
    positions = np.array([[0, 0], [1, 2], [7, 11], [-1, -1]])
    values = np.array([0.0005, 1.0, np.nan, 0.5])
    flags = np.zeros(4, dtype=bool)
    svg = draw_plate(
        positions,
        values,
        ACTIVITY,
        name="P<1>",
        texts=["JQ1 <&>", "", "", ""],
        negative=np.array([False, True, False, False]),
        positive=flags,
    )
    root = ElementTree.fromstring(svg)
    squares = [element for element in root if element.tag.endswith("rect") and len(element)]
    assert [square[0].text for square in squares] == ["A01 JQ1 <&>", "B03", "H12"]
    assert [square.get("fill") for square in squares] == ["#fde725", "#440154", "#c9ced5"]
    assert len([element for element in root if element.tag.endswith("circle")]) == 1
    _, _, width, height = map(float, root.get("viewBox", "").split())
    for square in squares:
        assert float(square.get("x", "")) + float(square.get("width", "")) <= width
        assert float(square.get("y", "")) + float(square.get("height", "")) <= height


def test_scale_ends_where_the_bulk_of_the_wells_ends() -> None:
    scale = linear_scale("distance", np.append(np.linspace(0, 1, 1000), [1e9, np.nan]))
    assert scale.place(np.array([0.0, 0.5, 5.0])) == pytest.approx([0.0, 0.5, 1.0], abs=0.02)
    assert ElementTree.fromstring(draw_legend(scale)).get("aria-label") == "distance"
    assert linear_scale("none", np.array([np.nan])).place(np.array([0.5])) == pytest.approx([0.5])


def test_compact_drawings_keep_every_stroke() -> None:
    svg = depict_svg("C[C@H](N)C(=O)O", width=120, height=78)
    small = compact(svg)
    assert len(small) < 0.6 * len(svg)
    moves = [len(re.findall("M", "".join(re.findall(r"d='([^']*)'", text)))) for text in (svg, small)]
    assert moves[0] == moves[1] > 5
    ElementTree.fromstring(small)


def test_structures_that_cannot_be_drawn_have_no_picture() -> None:
    pictures = Pictures()
    assert pictures.of("", 10, 10) == pictures.of("not a molecule", 10, 10) == ""
    drawn = pictures.of("CCO", 60, 40)
    assert ElementTree.fromstring(base64.b64decode(drawn.partition(",")[2])).get("width") == "60px"
