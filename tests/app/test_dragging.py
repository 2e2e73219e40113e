"""Mime data: what other programs read of it, and what comes back from files and text."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtTest import QTest

from app.dragging import (
    HITS,
    MOLFILE,
    SMILES,
    TABLE,
    dropped,
    files_to_open,
    has_hits,
    hits_mime,
    molecules_mime,
    table_mime,
    wells_mime,
)
from app.hit_entries import HitEntry
from app.hit_list_text import read_paste
from app.records import Molecule
from molphenix_core.errors import InputError

AT = "2026-01-31T09:30:00Z"
pytestmark = pytest.mark.usefixtures("qapp")


def files(*paths) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def test_wells_go_to_a_spreadsheet_with_their_barcodes(plate):
    data = wells_mime(plate, [10, 12])
    header, first, second = data.text().splitlines()
    assert header.startswith("barcode\twell\tname\t")
    assert first.startswith("P1\tB06\taspirin\t5.0")
    assert second.startswith("P1\tC03\tcaffeine\t0.05")
    assert bytes(data.data(TABLE).data()).decode() == data.text()
    assert bytes(data.data(SMILES).data()).decode().splitlines()[1] == "CN1C=NC2=C1C(=O)N(C)C(=O)N2C caffeine"


def test_wells_come_back_as_the_same_hits(plate):
    what = dropped(wells_mime(plate, [10, 12]))
    found = read_paste(what.text, (), AT, what.source)
    assert [(hit.plate_sha256, hit.well, hit.source) for hit in found.entries] == [
        (plate.sha256, "B06", "selection"),
        (plate.sha256, "C03", "selection"),
    ]


def test_a_molecule_goes_as_text_as_a_molfile_and_as_a_picture():
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    ethanol = Molecule("ethanol", "CCO", "LFQSCWFLJHTTHZ-UHFFFAOYSA-N")
    data = molecules_mime([(ethanol, 5.0)], "predicted", molfile="a molfile", picture=image)
    assert data.text() == "CCO"
    assert bytes(data.data(MOLFILE).data()) == b"a molfile"
    assert data.hasImage()
    what = dropped(data)
    (hit,) = read_paste(what.text, (), AT, what.source).entries
    assert (hit.name, hit.dose, hit.source) == ("ethanol", 5.0, "predicted")


def test_a_note_with_tabs_and_lines_stays_in_its_cell():
    hit = HitEntry(added=AT, name="a", note="one\ttwo\nthree")
    assert len(hits_mime([hit]).text().splitlines()) == 2


def test_what_a_list_takes(tmp_path, plate):
    assert has_hits(wells_mime(plate, [1]))
    assert has_hits(table_mime("P1\tA01"))
    assert not has_hits(QMimeData())
    assert has_hits(files(tmp_path / "a.sdf"))
    assert not has_hits(files(tmp_path / "a.h5ad"))
    assert files_to_open(files(tmp_path / "a.sdf")) == []
    assert files_to_open(files(tmp_path / "a.sdf", tmp_path / "a.molphenix")) == [str(tmp_path / "a.molphenix")]


def test_texts_are_read_and_structures_are_left_to_who_can(tmp_path):
    (tmp_path / "a.csv").write_text('well,name,note\nA01,"x, y",\n', encoding="utf-8")
    (tmp_path / "b.smi").write_text("CCO ethanol\n", encoding="utf-8")
    what = dropped(files(tmp_path / "a.csv", tmp_path / "b.smi", tmp_path / "c.SDF", tmp_path / "d.h5ad"))
    assert what.text == "well\tname\tnote\nA01\tx, y\t\nCCO ethanol\n"
    assert [path.rpartition("/")[2] for path in what.files] == ["c.SDF"]
    assert what.source == "files"
    assert dropped(files(tmp_path / "b.smi")).source == "b.smi"
    assert dropped(files(tmp_path / "b.smi")).files == ()


@pytest.mark.parametrize(("data", "field"), [(b"\xff\xfe\xff", "encoding"), (None, "file")])
def test_what_cannot_be_read_is_told_by_file(tmp_path, data, field):
    path = tmp_path / "a.txt"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InputError) as error:
        dropped(files(path))
    assert (error.value.source, error.value.field) == (str(path), field)


def test_hits_hold_no_text_of_other_programs():
    assert HITS not in table_mime("a").formats()


def test_text_dropped_on_the_window_becomes_a_hit_list(ranked):
    # The event does not keep it.
    data = table_mime("P1\tB06\naspirin")
    event = QDropEvent(
        QPointF(50, 300),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    ranked.dropEvent(event)
    assert [hit.well for hit in ranked.workspace.hit_lists["Hits"].entries] == ["B06", ""]
    assert ranked.pages.current == "lists"


def test_wells_are_dragged_out_of_the_plate_map(ranked, monkeypatch):
    dragged: list[QMimeData] = []
    monkeypatch.setattr("app.views.drag_out.QDrag.setMimeData", lambda _drag, data: dragged.append(data))
    monkeypatch.setattr("app.views.drag_out.QDrag.exec", lambda *_a: None)
    view, workspace = ranked.plate_view.map, ranked.workspace
    workspace.select([10, 11])
    start = view.cell_rect(1, 5).center().toPoint()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view, start + QPoint(30, 30))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPoint(30, 30))
    assert [line.split("\t")[1] for line in dragged[0].text().splitlines()] == ["well", "B06", "B07"]
    assert workspace.selection.tolist() == [10, 11]
    # Where nothing is selected a rectangle is drawn, and with all selected too.
    workspace.select_all()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view, start + QPoint(6, 6))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPoint(6, 6))
    assert len(dragged) == 1
    assert 10 in workspace.selection.tolist()
    assert len(workspace.selection) < 10
