"""Candidates as tables: the whole library, its columns, filters, and the switch between cards and tables."""

from __future__ import annotations

import json

import numpy as np
import pytest
from canned_tasks import MOLECULES
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu, QToolTip

from app.main_window import MainWindow
from app.views.table.filtering import RowFilter
from app.views.table.sorting import SortKey

TIMEOUT = 20_000
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def tabled(ranked, qtbot, hands) -> MainWindow:
    """The window with both lists as tables, their data there."""
    hands.click(ranked.candidates.table_button, ranked.candidates.table_button.rect().center())
    table = ranked.candidates.predicted_table.table
    qtbot.waitUntil(
        lambda: ranked.candidates.library.is_current and len(table.rows_in_order()) == 3, timeout=TIMEOUT
    )
    qtbot.waitUntil(lambda: "aspirin" in texts(table, "nearest"), timeout=TIMEOUT)
    return ranked


def texts(table, key: str) -> list[str]:
    column = table.column(key)
    return [column.text(int(row)) for row in table.rows_in_order()]


def click_header(table, key: str, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    header = table.horizontalHeader()
    section = table.keys().index(key)
    table.scrollTo(table.model().index(0, section))
    point = QPoint(header.sectionViewportPosition(section) + 12, header.height() // 2)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, modifier, point)


def test_the_table_holds_the_whole_library_in_the_order_of_ranks(tabled):
    table = tabled.candidates.predicted_table.table
    assert texts(table, "rank") == ["1", "2", "3"]
    assert texts(table, "name") == ["caffeine", "aspirin", "paracetamol"]
    assert texts(table, "score") == ["0.5000", "0.4000", "0.3000"]
    assert texts(table, "mechanism") == ["adenosine antagonist", "COX inhibitor", "–"]
    assert texts(table, "seen") == ["unseen", "seen", "unseen"]
    assert texts(table, "mw") == ["194.2", "180.2", "151.2"]
    assert texts(table, "similarity") == ["0.06", "1.00", "0.40"]
    assert texts(table, "doses")[0] == "0.05: 0.0500; 5: 0.5000"
    assert texts(table, "inchikey") == [MOLECULES[m][2] for m in (1, 0, 2)]
    assert table.names.own == {0}


def test_both_lists_are_labelled_and_switch_together(tabled, hands):
    candidates = tabled.candidates
    assert candidates.measured_table.isVisible()
    assert texts(candidates.measured_table, "name") == ["aspirin", "caffeine"]
    assert candidates.predicted_panel.isVisible()
    assert not candidates.predicted.isVisible()
    assert tabled.actions_by_id["candidates_as_table"].isChecked()
    hands.click(candidates.cards_button, candidates.cards_button.rect().center())
    assert candidates.predicted.isVisible()
    assert not candidates.predicted_table.isVisible()
    assert tabled.actions_by_id["candidates_as_cards"].isChecked()


def test_measured_treatments_have_their_own_columns(tabled, qtbot):
    table = tabled.candidates.measured_table
    qtbot.waitUntil(lambda: texts(table, "mw") == ["180.2", "194.2"], timeout=TIMEOUT)
    assert texts(table, "similarity") == ["0.900", "0.800"]
    assert texts(table, "dose") == ["0.05", "0.05"]
    assert texts(table, "wells") == ["4", "4"]
    assert texts(table, "origin") == ["this plate file"] * 2
    assert table.names.own == {0}


def test_without_a_calibrated_chance_the_cells_say_why_and_with_one_they_hold_it(tabled, qtbot):
    table = tabled.candidates.predicted_table.table
    assert texts(table, "chance") == ["–"] * 3
    section = table.keys().index("chance")
    tip = table.model().index(0, section).data(Qt.ItemDataRole.ToolTipRole)
    assert tip.startswith("No calibrated chance")
    tabled.workspace.select([8])
    qtbot.waitUntil(lambda: texts(table, "chance")[0] != "–", timeout=TIMEOUT)
    assert texts(table, "chance") == ["30.0", "60.0", "100.0"]
    header = table.model().headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert "true molecule is this candidate or one above it" in header
    assert "640 held-out rankings" in header


def test_the_best_come_first_whatever_order_is_kept(tabled):
    candidates = tabled.candidates
    table = candidates.predicted_table.table
    for kept in ([], [["gone", True]], [[["rank"], True]]):
        table.restore_view_state({"sort": kept})
        assert texts(table, "rank") == ["1", "2", "3"]
        assert table.horizontalHeader().place_of("rank") == 0
    click_header(table, "score")
    assert table.sort_keys() == (SortKey("score", True),)
    assert texts(table, "rank") == ["1", "2", "3"]
    columns = table.columns()
    table.set_columns([])
    assert table.view_state()["sort"] == [["score", True]], "a table without rows keeps its order"
    table.set_columns(columns)
    click_header(table, "score")
    click_header(table, "score")
    assert texts(table, "rank") == ["1", "2", "3"]


def test_rows_are_sorted_by_several_columns(tabled):
    table = tabled.candidates.predicted_table.table
    click_header(table, "seen")
    click_header(table, "score", SHIFT)
    assert table.sort_keys() == (SortKey("seen"), SortKey("score", True))
    seen = texts(table, "seen")
    assert seen == sorted(seen)


def test_a_row_chooses_its_molecule_and_a_molecule_its_row(tabled):
    table = tabled.candidates.predicted_table.table
    QTest.keyClick(table, Qt.Key.Key_End)
    assert tabled.workspace.molecule.name == "paracetamol"
    assert len(tabled.candidates.measured_table.selected_rows()) == 0
    QTest.keyClick(tabled.candidates.measured_table, Qt.Key.Key_Home)
    assert tabled.workspace.molecule.name == "aspirin"
    assert table.selected_rows().tolist() == [0]


def test_text_filters_table_and_cards_alike(tabled, qtbot):
    candidates = tabled.candidates
    tabled.actions_by_id["filter_candidates"].trigger()
    assert candidates.filter_line.text.hasFocus()
    QTest.keyClicks(candidates.filter_line.text, "COX asp")
    QTest.keyClick(candidates.filter_line.text, Qt.Key.Key_Return)
    assert texts(candidates.predicted_table.table, "name") == ["aspirin"]
    assert candidates.filter_line.count.text() == "1 of 3"
    candidates.set_as_table(False)
    assert [card.molecule.name for card in candidates.predicted.cards.cards] == ["aspirin"]
    QTest.keyClicks(candidates.filter_line.text, "zzz")
    QTest.keyClick(candidates.filter_line.text, Qt.Key.Key_Return)
    assert candidates.predicted_pages.text() == "No molecule of the library passes the filters."
    QTest.keyClick(candidates.filter_line.text, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(candidates.predicted.cards.cards) == 3)


def test_numbers_filter_by_ranges_that_can_be_taken_back(tabled, qtbot, hands):
    candidates = tabled.candidates
    line = candidates.filter_line
    next(a for a in line.range_menu.actions() if a.text() == "MW, g/mol").trigger()
    made = line.add_range("mw")
    low, high = made.findChildren(QLineEdit)
    QTest.keyClicks(low, "160")
    QTest.keyClicks(high, "190")
    qtbot.waitUntil(lambda: texts(candidates.predicted_table.table, "name") == ["aspirin"])
    QTest.keyClicks(high, "x")
    assert high.toolTip() == "This is no number"
    remove = next(b for b in made.children() if getattr(b, "accessibleName", str)() == "Remove the range of MW")
    hands.click(remove, remove.rect().center())
    assert len(candidates.predicted_table.table.rows_in_order()) == 3
    assert line.filter().empty


def test_rows_of_a_structure_filter_are_shown_as_far_as_the_text_lets_them_pass(tabled):
    candidates = tabled.candidates
    candidates.set_structure_filter(np.array([0, 2]))
    assert texts(candidates.predicted_table.table, "name") == ["aspirin", "paracetamol"]
    candidates.filter_line.text.setText("para")
    QTest.keyClick(candidates.filter_line.text, Qt.Key.Key_Return)
    assert texts(candidates.predicted_table.table, "name") == ["paracetamol"]
    candidates.set_structure_filter(None)
    assert texts(candidates.predicted_table.table, "name") == ["paracetamol"]


def test_layout_columns_order_and_filter_are_remembered(tabled):
    candidates = tabled.candidates
    table = candidates.predicted_table.table
    table.set_hidden({"structure", "inchikey"})
    assert table.verticalHeader().defaultSectionSize() < 40
    table.sort_by([SortKey("mw", True), SortKey("name")])
    candidates.set_filter(RowFilter("a", {"mw": (160.0, np.inf)}))
    state = json.loads(json.dumps(candidates.view_state()))
    candidates.restore_view_state({"table": False, "filter": {}, "columns": {"sort": [], "hidden": []}})
    assert not candidates.as_table
    candidates.restore_view_state(state)
    assert candidates.as_table
    assert texts(table, "name") == ["caffeine", "aspirin"]
    assert "structure" not in {column.key for column in table.shown_columns()}
    assert table.sort_keys() == (SortKey("mw", True), SortKey("name"))
    candidates.restore_view_state(
        {"table": 3, "filter": {"text": 4, "ranges": {"mw": ["x"], 5: None}}, "columns": 1}
    )
    assert candidates.filter_line.filter().empty
    assert not candidates.as_table


def test_nothing_is_asked_for_while_no_table_shows_it(ranked):
    assert ranked.candidates.library.table is None
    ranked.candidates.set_as_table(True)
    assert ranked.workspace.requests.waits_for("library table")


def test_columns_are_chosen_from_the_keyboard(tabled, qtbot):
    button = tabled.candidates.columns_button
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    menu = next(child for child in button.findChildren(QMenu) if child.isVisible())
    next(action for action in menu.actions() if action.text() == "InChIKey").trigger()
    menu.close()
    shown = {column.key for column in tabled.candidates.predicted_table.table.shown_columns()}
    assert "inchikey" not in shown
    qtbot.waitUntil(lambda: not button.findChildren(QMenu))


def test_cells_are_drawn_and_their_tips_shown(tabled, qtbot):
    table = tabled.candidates.predicted_table.table
    tabled.grab()
    qtbot.waitUntil(lambda: tabled.structures.idle, timeout=TIMEOUT)
    image = table.viewport().grab().toImage()
    rect = table.visualRect(table.model().index(0, table.keys().index("structure"))).adjusted(6, 6, -6, -6)
    colours = {
        image.pixelColor(x, y).name()
        for x in range(rect.left(), rect.right(), 2)
        for y in range(rect.top(), rect.bottom(), 2)
    }
    assert len(colours) > 5
    section = table.keys().index("doses")
    assert table.model().index(0, section).data(Qt.ItemDataRole.ToolTipRole) == "50 nM: 0.05\n5 µM: 0.5"
    QToolTip.hideText()


def test_filters_are_undone_and_done_again_as_typed_in_one_go(tabled, qtbot):
    candidates, stack = tabled.candidates, tabled.workspace.undo_stack
    table = candidates.predicted_table.table
    field = candidates.filter_line.text
    for word in ("co", "x"):
        QTest.keyClicks(field, word)
        QTest.keyClick(field, Qt.Key.Key_Return)
    low = candidates.filter_line.add_range("mw").findChildren(QLineEdit)[0]
    QTest.keyClicks(low, "500")
    qtbot.waitUntil(lambda: not len(table.rows_in_order()))
    assert stack.count() == 2
    stack.undo()
    assert texts(table, "name") == ["aspirin"]
    stack.undo()
    assert field.text() == ""
    assert len(table.rows_in_order()) == 3
    stack.redo()
    assert field.text() == "cox"
    assert texts(table, "name") == ["aspirin"]
