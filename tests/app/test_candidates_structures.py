"""Structures on the page of candidates, in the whole window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QItemSelectionModel, QPointF, Qt
from PySide6.QtGui import QDrag, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication


@pytest.fixture
def page(ranked, qtbot):
    qtbot.waitUntil(lambda: len(ranked.candidates.predicted.cards.cards) == 3, timeout=20_000)
    return ranked.candidates


def names(page) -> list[str]:
    return [card.molecule.name for card in page.predicted.cards.cards]


def test_a_typed_substructure_leaves_the_cards_that_hold_it_and_undo_brings_the_others(page, ranked, qtbot):
    ranked.actions_by_id["filter_structure"].trigger()
    edit = page.tools.line.edit
    qtbot.waitUntil(edit.hasFocus)
    QTest.keyClicks(edit, "C(=O)O")
    qtbot.waitUntil(lambda: names(page) == ["aspirin"], timeout=30_000)
    QTest.keyClick(edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(names(page)) == 3)
    assert edit.text() == ""
    ranked.actions_by_id["redo"].trigger()
    qtbot.waitUntil(lambda: names(page) == ["aspirin"])
    # Filters are kept with the page, and change nothing that the audit log tells of.
    state = page.view_state()
    assert state["structures"]["filter"]["text"] == "C(=O)O"
    ranked.actions_by_id["clear_filter"].trigger()
    qtbot.waitUntil(lambda: len(names(page)) == 3)
    page.restore_view_state(state)
    qtbot.waitUntil(lambda: names(page) == ["aspirin"])
    assert not [event for event in ranked.auditor.log.read().events if "ilter" in event.detail]


def test_the_filter_holds_in_the_table_too(page, ranked, qtbot):
    ranked.actions_by_id["candidates_as_table"].trigger()
    table = page.predicted_table.table
    qtbot.waitUntil(lambda: len(table.rows_in_order()) == 3, timeout=20_000)
    page.tools.line.set_query("C(=O)O")
    qtbot.waitUntil(lambda: table.rows_in_order().tolist() == [0], timeout=30_000)


def test_control_and_click_select_several_cards_whose_common_part_is_told(page, ranked, hands, qtbot):
    cards = page.predicted
    QApplication.processEvents()
    first = cards.visualRect(cards.model().index(1)).center()
    second = cards.visualRect(cards.model().index(2)).center()
    hands.click(cards.viewport(), first)
    hands.click(cards.viewport(), second, Qt.KeyboardModifier.ControlModifier)
    assert [m.name for m in cards.selected()] == ["aspirin", "paracetamol"]
    assert ranked.workspace.molecule.name == "paracetamol"
    qtbot.waitUntil(lambda: "share no more than unrelated" in page.tools.common.text(), timeout=30_000)
    hands.click(cards.viewport(), first)
    assert page.tools.common.isHidden()


def test_more_facts_on_the_same_cards_leave_the_selection(page):
    cards = page.predicted
    model = cards.selectionModel()
    model.select(cards.model().index(2), QItemSelectionModel.SelectionFlag.Select)
    before = [m.name for m in cards.selected()]
    assert len(before) == 2
    cards.set_cards(cards.cards.cards)
    assert [m.name for m in cards.selected()] == before


def test_the_mechanisms_stand_below_and_filter(page, ranked, qtbot):
    panel = page.tools.enrichment
    qtbot.waitUntil(lambda: "COX inhibitor" in panel.summary.text(), timeout=20_000)
    ranked.actions_by_id["show_mechanisms"].trigger()
    assert panel.table.isVisible()
    page.tools.filters.set(mechanism="COX inhibitor")
    qtbot.waitUntil(lambda: names(page) == ["aspirin"], timeout=30_000)
    page.tools.line.mechanism.click()
    qtbot.waitUntil(lambda: len(names(page)) == 3)


def test_dragged_cards_are_taken_by_the_filter(page, qtbot, monkeypatch):
    dragged = []
    monkeypatch.setattr(QDrag, "exec", lambda drag, *_actions: dragged.append(drag.mimeData()))
    cards = page.predicted
    assert cards.model().flags(cards.model().index(0)) & Qt.ItemFlag.ItemIsDragEnabled
    cards.setCurrentIndex(cards.model().index(1))
    cards.startDrag(Qt.DropAction.CopyAction)
    drop = QDropEvent(
        QPointF(4, 4),
        Qt.DropAction.CopyAction,
        dragged[0],
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    page.tools.line.edit.dropEvent(drop)
    assert page.tools.filters.value.text == cards.cards.cards[1].molecule.smiles
    assert page.tools.filters.value.drawn
    qtbot.waitUntil(lambda: names(page) == ["aspirin"], timeout=30_000)


def test_rows_of_the_table_are_compared_until_another_molecule_is_chosen(page, ranked, qtbot):
    ranked.actions_by_id["candidates_as_table"].trigger()
    table = page.predicted_table.table
    qtbot.waitUntil(lambda: len(table.rows_in_order()) == 3, timeout=20_000)
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Home)
    QTest.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert len(table.selected_rows()) == 2
    qtbot.waitUntil(lambda: "share" in page.tools.common.text(), timeout=30_000)
    third = ranked.workspace.ranking.candidates[2].molecule
    ranked.workspace.choose_molecule(third)
    assert page.tools.common.isHidden()
