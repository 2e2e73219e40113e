"""The command palette finds and does any command."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.actions import ACTIONS
from app.views.palette import CommandPalette, matches


def _open(window, qtbot) -> CommandPalette:
    window.actions_by_id["palette"].trigger()
    palette = window.findChild(CommandPalette)
    qtbot.waitUntil(palette.isVisible)
    return palette


def test_nothing_typed_shows_every_command_those_of_now_first(window, qtbot):
    palette = _open(window, qtbot)
    shown = palette.shown()
    assert sorted(shown) == sorted(info.id for info in ACTIONS)
    enabled = [window.actions_by_id[name].isEnabled() for name in shown]
    assert enabled == sorted(enabled, reverse=True)


def test_words_in_any_order_find_a_command_by_name_menu_or_tip():
    assert matches("session save")[0] == "save_session"
    assert matches("select all")[0] == "select_all"
    assert "paste_hits" in matches("clipboard")
    assert matches("no such command") == []


def test_a_name_that_begins_with_what_was_typed_comes_first():
    found = matches("open")
    assert found[0] == "open"
    assert set(found[:3]) == {"open", "open_demo", "open_session"}


def test_enter_does_the_command_and_arrows_choose_another(ranked, qtbot):
    palette = _open(ranked, qtbot)
    QTest.keyClicks(palette.line, "select")
    shown = palette.shown()
    QTest.keyClick(palette.line, Qt.Key.Key_Down, delay=-1)
    QTest.keyClick(palette.line, Qt.Key.Key_Up)
    palette.line.setText("select all wells")
    assert palette.shown()[0] == "select_all"
    assert len(shown) > 1
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert len(ranked.workspace.selection) == 21
    qtbot.waitUntil(lambda: ranked.findChild(CommandPalette) is None)


def test_escape_leaves_and_a_command_that_makes_no_sense_now_stays_undone(window, qtbot):
    palette = _open(window, qtbot)
    palette.line.setText("close current")
    assert palette.shown() == ["close"]
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert palette.isVisible()
    QTest.keyClick(palette, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.findChild(CommandPalette) is None)
