"""The dialog of cherry picks: what it shows before a file is written, and what it writes."""

from __future__ import annotations

import csv

import pytest
from PySide6.QtWidgets import QDialog

from app.cherry_pick import PickOptions, plan_picks
from app.hit_entries import HitEntry, entries_of_rows
from app.views.cherry_pick_dialog import CherryPickDialog

AT = "2026-01-31T09:30:00Z"


@pytest.fixture
def dialog(qtbot, plate):
    """Four wells and a molecule without one."""
    hits = (*entries_of_rows(plate, [10, 11, 12, 13], AT), HitEntry(added=AT, name="unplaced"))
    made = CherryPickDialog("Hits", hits, {})
    qtbot.addWidget(made)
    made.every_well.setChecked(True)
    made.show()
    return made


def texts(table, key: str) -> list[str]:
    return [table.column(key).text(int(row)) for row in table.rows_in_order()]


def test_before_plates_are_named_nothing_is_wrong_and_nothing_can_be_written(dialog):
    assert not dialog.export.isEnabled()
    assert dialog.error.text() == ""
    assert "Name the destination plates" in dialog.summary.text()


def test_what_goes_where_is_shown_as_it_changes(dialog):
    dialog.barcodes.setText("D1, D2")
    assert dialog.export.isEnabled()
    assert dialog.summary.text() == "4 transfers from 1 plate onto 1 plate; 1 hit left out"
    assert texts(dialog.transfers, "destination_well") == ["A1", "B1", "C1", "D1"]
    assert texts(dialog.left_out, "reason") == ["it has no well"]
    assert dialog.tabs.tabText(2).endswith("(1)")
    dialog.order.setCurrentIndex(1)
    dialog.skip.setText("A01")
    assert texts(dialog.transfers, "destination_well") == ["A2", "A3", "A4", "A5"]
    dialog.sources.setText("P1=S1")
    assert set(texts(dialog.transfers, "source")) == {"S1"}
    dialog.replicates.setValue(2)
    assert texts(dialog.transfers, "source_well") == ["B6", "B6", "B7", "B7", "C3", "C3", "C4", "C4"]


def test_replicates_are_one_transfer_unless_every_well_is_wanted(dialog):
    dialog.barcodes.setText("D1")
    dialog.every_well.setChecked(False)
    n = len(dialog.plan.transfers)
    assert n < 4
    assert f"{4 - n} replicate well" in dialog.summary.text()
    assert "1 hit left out" in dialog.summary.text()
    assert any(text == "its compound and dose are picked from P1 B06" for text in texts(dialog.left_out, "reason"))


def test_wells_of_the_assay_plate_as_sources_are_told_and_wells_are_named_as_in_the_file(dialog):
    dialog.barcodes.setText("D1")
    assert "assay plates' own wells" in dialog.own_wells.text()
    dialog.kind.setCurrentIndex(1)
    assert texts(dialog.transfers, "source_well")[0] == "B06"
    dialog.sources.setText("P1=S1")
    assert dialog.own_wells.text() == ""


def test_several_plates_are_shown_one_at_a_time(dialog):
    dialog.wells.setCurrentIndex(0)
    dialog.replicates.setValue(30)
    dialog.barcodes.setText("D1 D2")
    assert [dialog.shown.itemText(i) for i in range(dialog.shown.count())] == ["D1", "D2"]
    assert dialog.picture.accessibleDescription() == "96 wells are filled"
    dialog.shown.setCurrentIndex(1)
    assert dialog.picture.accessibleDescription() == "24 wells are filled"


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("barcodes", "D1 D1", "each plate once"),
        ("barcodes", "P1", "a plate that is no source"),
        ("skip", "Z99", "wells of a 384-well plate"),
        ("sources", "P1", "plates as P1=SOURCE1"),
    ],
)
def test_what_cannot_be_planned_is_told_and_not_written(dialog, field, text, told):
    dialog.barcodes.setText("D1")
    getattr(dialog, field).setText(text)
    assert told in dialog.error.text()
    assert dialog.plan is None
    assert not dialog.export.isEnabled()


def test_an_instrument_refuses_volumes_that_it_cannot_give(dialog):
    dialog.barcodes.setText("D1")
    dialog.volume.setValue(27.5)
    assert dialog.export.isEnabled()
    dialog.dispenser.setCurrentIndex(1)
    assert "a multiple of 25 nL" in dialog.error.text()


def test_settings_come_back_but_for_the_barcodes(dialog, qtbot):
    dialog.barcodes.setText("D1")
    dialog.wells.setCurrentIndex(2)
    dialog.volume.setValue(50.0)
    dialog.skip.setText("A01 B01")
    again = CherryPickDialog("Hits", (), dialog.state())
    qtbot.addWidget(again)
    assert again.state() == dialog.state()
    assert again.barcodes.text() == ""
    odd = CherryPickDialog("Hits", (), {"wells": 7, "volume": "much", "order": 3, "replicates": True, "skip": []})
    qtbot.addWidget(odd)
    assert odd.wells.currentData() == 384


def test_replicates_stand_side_by_side(plate):
    hits = entries_of_rows(plate, [10, 12], AT)
    plan = plan_picks(hits, PickOptions(("D1",), 25.0, wells=96, replicates=3))
    assert [(t.source_well, t.destination_well) for t in plan.transfers] == [
        *(("B06", f"{row}01") for row in "ABC"),
        *(("C03", f"{row}01") for row in "DEF"),
    ]


def test_picks_are_written_and_told(ranked, tmp_path, monkeypatch):
    lists = ranked.workspace.hit_lists
    lists.create("Hits / 1", entries_of_rows(ranked.workspace.plate, [10, 11], AT))
    asked: list[str] = []

    def ask(_parent, _title, name, _endings) -> str:
        asked.append(name)
        return str(tmp_path / f"{len(asked)}.csv")

    def fill(dialog: CherryPickDialog) -> int:
        dialog.barcodes.setText("D1")
        dialog.kind.setCurrentIndex(len(asked))
        dialog.volume.setValue(2.5)
        dialog.every_well.setChecked(True)
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr("app.commands.picks.ask_save_path", ask)
    monkeypatch.setattr(CherryPickDialog, "exec", fill)
    for columns in (5, 11):
        ranked.actions_by_id["export_picks"].trigger()
        rows = list(csv.reader((tmp_path / f"{len(asked)}.csv").read_text(encoding="utf-8").splitlines()))
        assert [len(row) for row in rows] == [columns] * 3
        assert "2.5" in rows[1]
    assert asked == ["Hits _ 1_picks.csv"] * 2
    assert "2 transfers written" in ranked.message_bar.text()
    # What was chosen is remembered with the page.
    assert ranked.lists.view_state()["picks"]["volume"] == 2.5
    assert ranked.auditor.log.read().events[-1].what == "cherry picks exported"
