"""The report of a plate from the window."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from app.audit_log import AuditEvent, AuditLog
from app.hit_entries import entries_of_rows, now
from app.tasks.report import TASKS
from app.tasks.state import State, file_token
from molphenix_core.errors import InputError
from molphenix_core.plates.hit_rule import HitRule
from molphenix_core.progress import silent


@pytest.fixture
def out(tmp_path, monkeypatch) -> Path:
    path = tmp_path / "report.html"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    return path


def test_report_is_asked_of_the_engine_and_told(ranked, qtbot, out):
    workspace = ranked.workspace
    hits = entries_of_rows(workspace.plate, workspace.selection[:1], now())
    workspace.hit_lists.create("To confirm", hits)
    workspace.hit_lists.create("Nothing yet")
    ranked.actions_by_id["export_report"].trigger()
    qtbot.waitUntil(out.exists, timeout=20_000)
    qtbot.waitUntil(lambda: f"The report was written to {out}" in ranked.message_bar.text())
    asked = json.loads(out.read_text())
    assert asked["path"] == workspace.plate.path
    assert asked["audit"] == str(ranked.auditor.log.path)
    assert asked["plate_sha256"] == workspace.plate.sha256
    assert list(asked["hit_lists"]) == ["To confirm"]
    (entry,) = asked["hit_lists"]["To confirm"]
    assert entry[1:5] == ["P1", hits[0].well, "5 µM", "new"]
    last = ranked.auditor.log.read().events[-1]
    assert (last.what, last.detail) == ("report exported", "report.html")


def test_report_takes_the_rule_and_the_choices_of_the_pages(ranked, qtbot, out):
    ranked.pages.page("hits").calling.set_rule(HitRule(max_q=0.2, exclude_pains=True))
    plate = ranked.workspace.plate
    quality = {"file": plate.sha256, "readout": "distance", "positive": "kind:poscon_a"}
    ranked.pages.page("quality").view_state = lambda: quality
    ranked.actions_by_id["export_report"].trigger()
    qtbot.waitUntil(out.exists, timeout=20_000)
    qtbot.waitUntil(lambda: "The report was written" in ranked.message_bar.text())
    asked = json.loads(out.read_text())
    assert (asked["rule"]["max_q"], asked["rule"]["exclude_pains"]) == (0.2, True)
    assert (asked["readout"], asked["positive"]) == ("distance", "kind:poscon_a")


def test_candidates_of_the_selection_are_exported(ranked, qtbot, tmp_path, monkeypatch):
    out = tmp_path / "candidates.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    ranked.actions_by_id["export_candidates"].trigger()
    qtbot.waitUntil(lambda: str(out) in ranked.message_bar.text(), timeout=20_000)
    n = len(ranked.workspace.selection)
    assert ranked.message_bar.text() == f"3 candidates of {n} well{'' if n == 1 else 's'} written to {out}"
    assert out.read_text() == f"{n} wells, 3 candidates"
    assert ranked.auditor.log.read().events[-1].what == "candidates of a selection exported"


def test_dialog_left_writes_nothing(ranked, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    ranked.actions_by_id["export_report"].trigger()
    assert not list(tmp_path.glob("*.html"))


def test_there_is_no_report_without_a_plate(window):
    assert not window.actions_by_id["export_report"].isEnabled()


def test_engine_writes_the_audit_log_of_this_window_and_plate_alone(tmp_path):
    from app.demo import demo_plate

    plate = str(demo_plate())
    log = AuditLog(tmp_path / "audit.jsonl")
    log.add(AuditEvent("2026-01-30T09:00:00Z", "plate opened", "of another day"))
    log.add(AuditEvent("2026-01-31T09:30:00Z", "plate opened", "demo.h5ad", {"plate": "ab" * 32}))
    log.add(AuditEvent("2026-01-31T09:31:00Z", "plate opened", "of another plate", {"plate": "cd" * 32}))
    log.add(AuditEvent("2026-01-31T09:32:00Z", "session saved", "of all plates", {"model": "12" * 32}))
    log.add(AuditEvent("2026-01-31T09:33:00Z", "x", "of both plates", {"plate": "0" * 64, "plate_2": "ab" * 32}))
    state, out = State(), tmp_path / "report.html"
    result = TASKS["plate_report"](
        state,
        silent,
        path=plate,
        token=file_token(plate),
        out=str(out),
        rule={"max_q": 0.04, "min_relative_cell_count": 0.5},
        readout="distance",
        audit=str(log.path),
        since="2026-01-31T00:00:00Z",
        plate_sha256="ab" * 32,
        hit_lists={"To confirm": [["JQ1", "P1", "B07", "10 µM", "new", "look again"]]},
    )
    page = out.read_text(encoding="utf-8")
    assert result["path"] == str(out)
    assert "demo.h5ad" in page
    assert "of another day" not in page
    assert "of another plate" not in page
    assert "of all plates" in page
    assert "of both plates" in page
    assert "look again" in page
    assert "q-value at most 0.04" in page
    assert "relative cell count at least" not in page
    assert "The rule asks for relative cell count too: no column of cell counts in this file." in page
    assert "Z′ is of the distance to the mean negative control" in page
    with pytest.raises(InputError, match="file name"):
        TASKS["plate_report"](state, silent, path=plate, token="", out=str(tmp_path / "a.pdf"), rule={})
