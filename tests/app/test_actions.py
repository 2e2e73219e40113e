"""Every command once: shortcuts unique, each reachable, enabled when it makes sense."""

from __future__ import annotations

import operator
from collections import Counter

import pytest
from PySide6.QtGui import QKeySequence

from app.actions import ACTIONS, MENUS, RECENT, SEPARATOR, TOOL_BAR
from app.hit_entries import entries_of_rows, now


def test_ids_and_shortcuts_are_unique():
    assert max(Counter(info.id for info in ACTIONS).values()) == 1
    shortcuts = [QKeySequence(info.shortcut).toString() for info in ACTIONS if info.shortcut]
    assert all(shortcuts)
    assert max(Counter(shortcuts).values()) == 1


def test_what_is_done_often_has_keys():
    often = {
        *("export_hit_list", "export_picks", "copy_structure", "copy_molfile", "combine_lists", "note_hits"),
        *("mark_new", "mark_to_confirm", "mark_confirmed", "mark_rejected"),
    }
    assert {info.id for info in ACTIONS if info.id in often and info.shortcut} == often


@pytest.mark.usefixtures("qapp")
def test_no_shortcut_takes_a_key_of_writing_away():
    keys = QKeySequence.StandardKey
    names = [key.name for key in keys]
    writing = [n for n in names if n.startswith(("MoveTo", "Select", "Delete", "Insert")) or n == "Cut"]
    taken = {bound.toString() for name in writing for bound in QKeySequence.keyBindings(keys[name])}
    # As in a field, Ctrl+A selects everything; Escape ends a search as it ends a selection.
    taken -= {"Ctrl+A", "Esc", "Escape"}
    clashes = {info.id: info.shortcut for info in ACTIONS if QKeySequence(info.shortcut).toString() in taken}
    assert clashes == {}


def test_every_command_is_in_a_menu_and_every_entry_is_a_command():
    known = {info.id for info in ACTIONS}
    entries = [entry for _, menu in MENUS for entry in menu if entry not in {SEPARATOR, RECENT}]
    assert set(entries) == known
    assert max(Counter(entries).values()) == 1
    assert set(TOOL_BAR) - {SEPARATOR} <= known


def test_every_command_has_a_method_a_tip_and_a_mnemonic(window):
    for info in ACTIONS:
        assert callable(operator.attrgetter(info.call)(window.commands))
        assert info.tip
        assert "&" in info.text


def test_mnemonics_are_unique_within_a_menu():
    texts = {info.id: info.text for info in ACTIONS}
    for _, menu in MENUS:
        keys = [texts[e][texts[e].index("&") + 1].lower() for e in menu if e in texts]
        assert max(Counter(keys).values()) == 1, keys


def test_commands_are_enabled_when_they_make_sense(window, qtbot, tmp_path):
    actions = window.actions_by_id
    assert actions["open"].isEnabled()
    assert not any(
        actions[name].isEnabled() for name in ("close", "export", "select_all", "copy_table", "copy_smiles")
    )
    path = tmp_path / "screen.h5ad"
    path.touch()
    window.workspace.open([path])
    qtbot.waitUntil(lambda: window.workspace.ranking is not None, timeout=20_000)

    def waiting() -> set[str]:
        of_lists = {"undo", "redo", "rename_list", "combine_lists", "copy_hits", "export_picks", "remove_hits"}
        return {name for name in of_lists if not actions[name].isEnabled()}

    assert len(waiting()) == 7
    lists = window.workspace.hit_lists
    lists.create("Hits")
    assert waiting() == {"redo", "combine_lists", "copy_hits", "export_picks", "remove_hits"}
    actions["undo"].trigger()
    assert len(waiting()) == 6
    actions["redo"].trigger()
    lists.add("Hits", entries_of_rows(window.workspace.plate, [8], now()))
    assert waiting() == {"redo", "combine_lists", "remove_hits"}
    lists.choose([lists["Hits"].entries[0].identity])
    assert waiting() == {"redo", "combine_lists"}
    lists.create("More")
    assert waiting() == {"redo", "copy_hits", "export_picks", "remove_hits"}
    actions["select_none"].trigger()
    assert not actions["replicates"].isEnabled()
    actions["select_all"].trigger()
    assert len(window.workspace.selection) == 21
