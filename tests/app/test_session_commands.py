"""The commands of sessions and hit lists, through the window's actions."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QInputDialog

from app.numbers import local_time
from app.session_file import read_session
from app.session_recovery import Abandoned
from app.views.table.filtering import RowFilter

TIMEOUT = 20_000


@pytest.fixture
def says(monkeypatch):
    """What the user answers to the dialogs."""

    def answer(
        *, save: Path | str = "", open_: Path | str = "", kind: str = "", text: str = "", volume: float = 25.0
    ):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(save), kind))
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(open_), kind))
        monkeypatch.setattr(QInputDialog, "getText", lambda *_a, **_k: (text, bool(text)))
        monkeypatch.setattr(QInputDialog, "getDouble", lambda *_a, **_k: (volume, True))

    return answer


def test_a_session_is_saved_and_opened(ranked, qtbot, tmp_path, says):
    actions, workspace = ranked.actions_by_id, ranked.workspace
    workspace.select([10, 11])
    says(text="Hits")
    actions["new_hit_list"].trigger()
    says(save=tmp_path / "mine")
    actions["save_session"].trigger()
    path = tmp_path / "mine.molphenix"
    assert str(path) in ranked.message_bar.text()
    assert ranked.settings.recent_files[0] == str(path)
    workspace.select([8])
    actions["undo"].trigger()
    # The second time it goes to the same file, without a question.
    says()
    actions["redo"].trigger()
    workspace.select([10])
    actions["save_session"].trigger()
    assert read_session(path).plates[0].selection == ((10, 10),)
    actions["close"].trigger()
    says(open_=path)
    with qtbot.waitSignal(ranked.keeper.reopened, timeout=TIMEOUT):
        actions["open_session"].trigger()
    assert workspace.selection.tolist() == [10]
    assert [entry.well for entry in workspace.hit_lists["Hits"].entries] == ["B06", "B07"]


def test_a_moved_plate_is_asked_for(ranked, qtbot, tmp_path, says):
    path = tmp_path / "x.molphenix"
    says(save=path)
    ranked.workspace.select([3, 30])
    ranked.actions_by_id["save_session"].trigger()
    (tmp_path / "archive").mkdir()
    moved = (tmp_path / "screen.h5ad").rename(tmp_path / "archive" / "screen.h5ad")
    says(open_=moved)
    with qtbot.waitSignal(ranked.keeper.reopened, timeout=TIMEOUT):
        ranked.commands.file.open_session_file(str(path))
    assert [Path(plate.path) for plate in ranked.workspace.plates] == [moved]
    assert ranked.workspace.selection.tolist() == [3, 30]
    assert "changed" not in ranked.message_bar.text()


def test_a_refused_question_leaves_the_plate_out(ranked, tmp_path, says):
    path = tmp_path / "x.molphenix"
    says(save=path)
    ranked.actions_by_id["save_session"].trigger()
    (tmp_path / "screen.h5ad").unlink()
    says()
    ranked.commands.file.open_session_file(str(path))
    assert ranked.workspace.plates == []
    assert "screen.h5ad: left out" in ranked.message_bar.text()


def test_a_damaged_session_is_told(ranked, tmp_path):
    (tmp_path / "x.molphenix").write_text("{}")
    ranked.open_files([str(tmp_path / "x.molphenix")])
    assert "molphenix session" in ranked.message_bar.text()
    assert ranked.workspace.plate is not None


def test_hits_are_pasted_and_copied(ranked):
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("P1\tB06\ncaffeine\nxylitol")
    ranked.actions_by_id["paste_hits"].trigger()
    current = ranked.workspace.hit_lists.current
    assert [(entry.name, entry.well) for entry in current.entries] == [("aspirin", "B06"), ("caffeine", "")]
    assert {entry.source for entry in current.entries} == {"pasted"}
    ranked.actions_by_id["copy_hits"].trigger()
    assert clipboard.text().count("\n") == 2


def test_the_audit_log_says_what_was_done_with_which_files(ranked, tmp_path, says):
    says(text="Hits")
    ranked.actions_by_id["new_hit_list"].trigger()
    ranked.actions_by_id["undo"].trigger()
    says(save=tmp_path / "audit.csv")
    ranked.actions_by_id["export_audit"].trigger()
    rows = list(csv.DictReader((tmp_path / "audit.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["what"], row["detail"]) for row in rows] == [
        ("plate opened", "screen.h5ad"),
        ("hit lists changed", "new list “Hits”"),
        ("hit lists changed", "undone: new list “Hits”"),
    ]
    assert all(f"plate={ranked.workspace.plate.sha256}" in row["hashes"] for row in rows)
    assert str(tmp_path) not in (tmp_path / "audit.csv").read_text(encoding="utf-8")


@pytest.fixture
def left_behind(ranked):
    """The window, beside what a kill leaves: the copy, and nobody who holds its lock."""
    ranked.workspace.hit_lists.create("Hits")
    ranked.keeper.close()
    ranked.workspace.hit_lists.delete("Hits")
    (left,) = ranked.keeper.abandoned()
    left.leave()
    ranked.session.offer_recovery()
    return ranked, left


def test_a_session_left_behind_is_offered_and_recovered(left_behind, qtbot):
    window, left = left_behind
    bar = window.message_bar
    when = local_time(left.session.saved)
    assert bar.text() == f"A session of {when} was not saved: 1 plate file and 1 hit list"
    assert left.session.saved not in bar.text()
    with qtbot.waitSignal(window.keeper.reopened, timeout=TIMEOUT):
        qtbot.mouseClick(bar.offer, Qt.MouseButton.LeftButton)
    assert window.workspace.hit_lists.names == ("Hits",)
    assert window.keeper.has_unsaved_lists
    assert bar.other_offer.isHidden()


def test_a_session_left_behind_can_be_declined_for_good(left_behind, qtbot):
    window, _ = left_behind
    bar = window.message_bar
    assert (bar.offer.text(), bar.other_offer.text()) == ("Recover", "Discard")
    qtbot.mouseClick(bar.other_offer, Qt.MouseButton.LeftButton)
    assert bar.text() == ""
    assert window.keeper.abandoned() == ()
    window.session.offer_recovery()
    assert bar.text() == ""


def test_what_pages_show_is_kept_without_any_other_change(ranked, qtbot, tmp_path):
    ranked.keeper._watch._timer.setInterval(20)
    ranked.keeper._timer.setInterval(20)

    def kept():
        copies = list((tmp_path / "settings" / "recovery").glob("*.recovery"))
        return read_session(copies[0]) if copies else None

    qtbot.waitUntil(lambda: kept() is not None)
    ranked.actions_by_id["candidates_as_table"].trigger()
    qtbot.waitUntil(lambda: kept().views["candidates"]["table"])
    qtbot.keyClicks(ranked.candidates.filter_line.text, "kinase")
    qtbot.waitUntil(lambda: kept().views["candidates"]["filter"].get("text") == "kinase")
    ranked.pages.show_page("quality")
    qtbot.waitUntil(lambda: kept().page == "quality")
    # A kill leaves that copy: it comes back with all of it.
    copy = kept()
    ranked.candidates.set_filter(RowFilter())
    ranked.pages.show_page("candidates")
    lock = QLockFile(str(tmp_path / "of another.lock"))
    with qtbot.waitSignal(ranked.keeper.reopened, timeout=TIMEOUT):
        ranked.keeper.recover(Abandoned(tmp_path / "of another.recovery", copy, None, lock))
    assert ranked.pages.current == "quality"
    assert ranked.candidates.filter_line.text.text() == "kinase"
