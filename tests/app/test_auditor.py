"""What the audit log says of exports and lists: in their own words, with the hashes of what they are of."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QFileDialog

from app.hit_entries import entries_of_rows, now
from app.records import Session

TIMEOUT = 20_000
MODEL = "1" * 64


@pytest.fixture
def two(ranked, qtbot, tmp_path):
    """The window with two files open, the first of them on show and ranked."""
    workspace = ranked.workspace
    workspace.session = Session(model="a model", model_hash=MODEL)
    first = workspace.plate
    (tmp_path / "other.h5ad").touch()
    with qtbot.waitSignal(workspace.opened, timeout=TIMEOUT):
        workspace.open([tmp_path / "other.h5ad"])
    workspace.show(first)
    workspace.select([10])
    qtbot.waitUntil(lambda: workspace.ranking is not None, timeout=TIMEOUT)
    assert first.sha256 != workspace.plates[1].sha256
    return ranked


def events(window):
    return window.auditor.log.read().events


def last(window):
    event = events(window)[-1]
    return event.what, event.detail, event.hashes.get("plate", "")


@pytest.mark.parametrize(
    ("action", "name", "what", "detail"),
    [
        ("export", "a.csv", "candidates of all treatments exported", "a.csv, 3082 rows"),
        ("export_candidates", "b.csv", "candidates of a selection exported", "b.csv, 3 rows"),
        ("export_report", "c.html", "report exported", "c.html"),
        ("export_wells", "d.xlsx", "wells exported", "d.xlsx, 42 rows"),
        ("export_plates", "e.png", "picture exported", "Plates as a picture: e.png"),
    ],
)
def test_an_export_is_of_the_plate_that_it_was_asked_of(
    two, qtbot, tmp_path, monkeypatch, action, name, what, detail
):
    workspace = two.workspace
    first, other = workspace.plates
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(tmp_path / name), ""))
    if action == "export_plates":
        two.pages.show_page("candidates")
    two.actions_by_id[action].trigger()
    # Before the export has ended.
    workspace.show(other)
    assert last(two)[0] == "plate opened"
    qtbot.waitUntil(lambda: last(two)[0] != "plate opened", timeout=TIMEOUT)
    assert last(two) == (what, detail, first.sha256)
    assert events(two)[-1].hashes["model"] == MODEL


def test_a_hit_list_is_of_the_files_of_its_hits(two, qtbot, tmp_path, monkeypatch):
    workspace = two.workspace
    first, other = workspace.plates
    hits = entries_of_rows(first, [10], now())
    workspace.show(other)
    workspace.hit_lists.create("Hits", hits)
    assert last(two) == ("hit lists changed", "new list “Hits”", first.sha256)
    workspace.hit_lists.add("Hits", entries_of_rows(other, [11], now()))
    assert last(two)[2] == other.sha256
    workspace.hit_lists.rename("Hits", "Mine")
    assert last(two)[2] == ""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(tmp_path / "list.csv"), ""))
    two.actions_by_id["export_hit_list"].trigger()
    qtbot.waitUntil(lambda: last(two)[0] == "hit list exported", timeout=TIMEOUT)
    event = events(two)[-1]
    assert event.detail == "list.csv, 2 rows"
    assert {event.hashes["plate"], event.hashes["plate_2"]} == {first.sha256, other.sha256}
    assert event.concerns(first.sha256)
    assert event.concerns(other.sha256)
    assert not event.concerns("f" * 64)


def test_tables_and_pictures_of_pages_are_told(two, qtbot, tmp_path, monkeypatch):
    plate = two.workspace.plate.sha256

    def save(action: str, name: str) -> None:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(tmp_path / name), ""))
        two.actions_by_id[action].trigger()

    two.pages.show_page("quality")
    qtbot.waitUntil(lambda: two.quality.quality is not None, timeout=TIMEOUT)
    save("save_quality", "quality.csv")
    assert last(two) == ("table exported", "Quality as a table: quality.csv, 2 rows", plate)
    save("save_quality", "quality.xlsx")
    qtbot.waitUntil(lambda: "quality.xlsx, 2 rows" in last(two)[1], timeout=TIMEOUT)
    save("save_quality_picture", "quality.png")
    assert last(two) == ("picture exported", "Quality as a picture: quality.png", plate)
    two.pages.show_page("map")
    qtbot.waitUntil(lambda: two.map_page.settled and two.map_page.data is not None, timeout=TIMEOUT)
    save("save_map_picture", "map.png")
    assert last(two) == ("picture exported", "Map as a picture: map.png", plate)
    save("save_map", "map.csv")
    qtbot.waitUntil(lambda: last(two)[0] == "table exported", timeout=TIMEOUT)
    assert last(two)[1].startswith("Map as a table: map.csv, ")
    # A file may be named after a structure.
    save("save_structure", "BSYNRYMUTXBXSQ.mol")
    qtbot.waitUntil(lambda: last(two)[0] == "structure exported", timeout=TIMEOUT)
    assert last(two)[1] == ".mol"


def test_what_is_of_the_session_names_no_plate(two, tmp_path):
    two.keeper.save(tmp_path / "mine.molphenix")
    assert last(two) == ("session saved", "mine.molphenix", "")
    assert events(two)[-1].concerns(two.workspace.plate.sha256)
