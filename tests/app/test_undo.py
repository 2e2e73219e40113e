"""Undo and redo of filters and lists, by the keyboard and from any page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.hit_entries import HitEntry, now

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def undo(widget) -> None:
    QTest.keyClick(widget, Qt.Key.Key_Z, CTRL)


def redo(widget) -> None:
    QTest.keyClick(widget, Qt.Key.Key_Z, CTRL | SHIFT)


@pytest.fixture
def field(ranked, qtbot):
    """The line that filters candidates by text, with the keyboard on it."""
    line = ranked.candidates.filter_line.text
    line.setFocus()
    qtbot.waitUntil(line.hasFocus)
    return line


@pytest.fixture
def listed(ranked, qtbot):
    """A list of three hits on show, with the keyboard on its filter."""
    hits = [HitEntry(added=now(), name=name) for name in ("aspirin", "caffeine", "ibuprofen")]
    ranked.workspace.hit_lists.create("Hits", hits)
    ranked.pages.show_page("lists")
    ranked.lists.filter.setFocus()
    qtbot.waitUntil(ranked.lists.filter.hasFocus)
    return ranked


def shown(window) -> int:
    return len(window.lists.table.rows_in_order())


def test_a_text_filter_goes_and_comes_back_as_often_as_the_keys_are_pressed(ranked, field, qtbot):
    stack = ranked.workspace.undo_stack
    QTest.keyClicks(field, "kin")
    qtbot.waitUntil(lambda: stack.count() == 1)
    for _ in range(2):
        undo(field)
        assert field.text() == ""
        assert "Undone: filter of candidates “kin”" in ranked.message_bar.text()
        redo(field)
        assert field.text() == "kin"
        assert "Redone: filter of candidates “kin”" in ranked.message_bar.text()
    undo(field)
    # With nothing left to undo the field does not undo by itself.
    undo(field)
    assert field.text() == ""


def test_what_was_just_typed_is_what_is_undone(ranked, field):
    ranked.workspace.hit_lists.create("Hits")
    QTest.keyClicks(field, "kin")
    undo(field)
    assert field.text() == ""
    assert ranked.workspace.hit_lists.names == ("Hits",)


def test_the_keyboard_stays_on_a_range_that_is_undone(ranked, qtbot):
    ranked.actions_by_id["candidates_as_table"].trigger()
    line = ranked.candidates.filter_line
    qtbot.waitUntil(lambda: "score" in line._columns)
    ranked.activateWindow()
    line.add_range("score").focus()
    edit = QApplication.focusWidget()
    QTest.keyClicks(edit, "1")
    undo(edit)
    assert line.filter().empty
    assert line.isAncestorOf(QApplication.focusWidget())


def test_the_filter_of_hits_is_undone(listed):
    field = listed.lists.filter
    QTest.keyClicks(field, "caff")
    assert shown(listed) == 1
    undo(field)
    assert (field.text(), shown(listed)) == ("", 3)
    assert "Undone: filter of hits “caff”" in listed.message_bar.text()
    redo(field)
    assert (field.text(), shown(listed)) == ("caff", 1)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert (field.text(), shown(listed)) == ("", 3)


def test_filters_of_two_pages_are_two_steps(listed, qtbot):
    QTest.keyClicks(listed.lists.filter, "caff")
    listed.pages.show_page("candidates")
    listed.candidates.filter_line.text.setText("kin")
    qtbot.waitUntil(lambda: listed.workspace.undo_stack.count() == 3)
    listed.actions_by_id["undo"].trigger()
    assert listed.candidates.filter_line.text.text() == ""
    assert listed.lists.filter.text() == "caff"


def test_what_is_undone_elsewhere_is_said_and_shown(ranked, field, qtbot):
    QTest.keyClicks(field, "kin")
    qtbot.waitUntil(lambda: ranked.workspace.undo_stack.count() == 1)
    ranked.pages.show_page("lists")
    undo(ranked)
    assert ranked.pages.current == "candidates"
    assert "Undone: filter of candidates “kin”" in ranked.message_bar.text()
    ranked.workspace.hit_lists.create("Hits")
    undo(ranked)
    assert ranked.pages.current == "lists"
    assert "Undone: new list “Hits”" in ranked.message_bar.text()
