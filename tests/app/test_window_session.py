"""The title, and the question before unsaved work is lost."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from app.session_file import read_session
from app.window_session import window_title

Button = QMessageBox.StandardButton


@pytest.mark.parametrize(
    ("session", "plate", "title"),
    [
        ("", "", "MolPhenix Desktop"),
        ("", "screen", "screen — MolPhenix Desktop"),
        ("/data/mine.molphenix", "screen", "mine[*] — screen — MolPhenix Desktop"),
        ("/data/a[*]b.molphenix", "", "a[*][*]b[*] — MolPhenix Desktop"),
    ],
)
def test_the_title_names_session_and_plate(session, plate, title):
    assert window_title(session, plate) == title


@pytest.fixture
def saved(ranked, tmp_path):
    """The window with a named session and a list that is saved."""
    ranked.workspace.hit_lists.create("Hits")
    ranked.keeper.save(tmp_path / "mine.molphenix")
    return ranked


def answer(window, button: Button) -> None:
    QTest.mouseClick(window.session.question.button(button), Qt.MouseButton.LeftButton)


def test_the_title_says_what_is_not_saved(saved):
    assert saved.windowTitle() == "mine[*] — screen — MolPhenix Desktop"
    assert not saved.isWindowModified()
    saved.workspace.hit_lists.create("More")
    assert saved.isWindowModified()
    saved.actions_by_id["undo"].trigger()
    assert not saved.isWindowModified()


def test_a_saved_session_is_closed_without_a_question(saved):
    saved.workspace.select([3])
    assert saved.close()


def test_a_session_without_a_file_is_kept_without_a_question(ranked):
    ranked.workspace.hit_lists.create("Hits")
    assert ranked.close()
    (left,) = ranked.keeper.abandoned()
    assert [one.name for one in left.session.hit_lists] == ["Hits"]
    left.discard()


def test_changes_can_be_saved_at_the_end(saved, tmp_path):
    saved.workspace.hit_lists.create("More")
    assert not saved.close()
    assert saved.isVisible()
    answer(saved, Button.Save)
    assert not saved.isVisible()
    assert [one.name for one in read_session(tmp_path / "mine.molphenix").hit_lists] == ["Hits", "More"]


def test_changes_can_be_dropped_at_the_end(saved, tmp_path):
    saved.workspace.hit_lists.create("More")
    saved.close()
    answer(saved, Button.Discard)
    assert not saved.isVisible()
    assert [one.name for one in read_session(tmp_path / "mine.molphenix").hit_lists] == ["Hits"]
    assert saved.keeper.abandoned() == ()


def test_the_end_can_be_taken_back(saved):
    saved.workspace.hit_lists.create("More")
    saved.close()
    answer(saved, Button.Cancel)
    assert saved.isVisible()
    assert saved.keeper.modified
    # Asked again, not closed by the first answer.
    assert not saved.close()
    answer(saved, Button.Discard)


def test_what_cannot_be_saved_keeps_the_window_open(saved, monkeypatch):
    from app.session_file import SessionError

    def fail(*_a):
        raise SessionError("mine.molphenix", "file", "no room left", "a place to write to")

    saved.workspace.hit_lists.create("More")
    saved.close()
    monkeypatch.setattr(saved.keeper, "save", fail)
    answer(saved, Button.Save)
    assert saved.isVisible()
    assert "no room left" in saved.message_bar.text()
    saved.close()
    answer(saved, Button.Discard)


def test_a_file_that_cannot_be_opened_leaves_the_recent_ones(ranked, qtbot, tmp_path):
    bad = tmp_path / "bad.h5ad"
    ranked.settings = ranked.settings.with_recent(str(bad))
    with qtbot.waitSignal(ranked.workspace.not_opened, timeout=20_000):
        ranked.workspace.open([bad])
    assert ranked.settings.recent_files == (str(tmp_path / "screen.h5ad"),)
