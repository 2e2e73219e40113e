"""The table: real clicks and keys on a real view."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QStyle, QStyleOptionViewItem

from app.views.table import ColumnTable, TableColumn
from app.views.table.sorting import SortKey

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def columns(n: int = 6) -> list[TableColumn]:
    names = ("delta", "alpha", "charlie")
    return [
        TableColumn("score", "Score", np.linspace(1, 0, n).astype(np.float32), digits=3),
        TableColumn("name", "Name", (np.arange(n) % 3).astype(np.int32), "text", categories=names),
        TableColumn("seen", "Seen", np.where(np.arange(n) % 2, 1.0, np.nan), "flag"),
        TableColumn("count", "Count", np.arange(n) * 1000, unit="wells", tip="How many wells"),
    ]


@pytest.fixture
def table(qtbot):
    table = ColumnTable("Molecules")
    qtbot.addWidget(table)
    table.resize(600, 300)
    table.set_columns(columns())
    table.show()
    return table


def click_header(table: ColumnTable, key: str, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    header = table.horizontalHeader()
    section = table.keys().index(key)
    point = QPoint(
        header.sectionViewportPosition(section) + header.sectionSize(section) // 2, header.height() // 2
    )
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, modifier, point)


def click_row(table: ColumnTable, position: int, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    point = table.visualRect(table.model().index(position, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, modifier, point)


def shown(table: ColumnTable, key: str) -> list[str]:
    model, section = table.model(), table.keys().index(key)
    return [model.index(position, section).data() for position in range(model.rowCount())]


def test_cells_show_numbers_texts_and_flags_as_words(table):
    assert shown(table, "name")[:3] == ["delta", "alpha", "charlie"]
    assert shown(table, "seen")[:2] == ["–", "yes"]
    assert table.model().headerData(3, Qt.Orientation.Horizontal) == "Count, wells"
    tip = table.model().headerData(3, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert tip.startswith("How many wells")
    assert "Shift-click" in tip
    align = table.model().index(0, 0).data(Qt.ItemDataRole.TextAlignmentRole)
    assert align & Qt.AlignmentFlag.AlignRight


def test_numbers_of_a_column_stand_under_each_other_unless_they_differ_much():
    weights = TableColumn("mw", "MW", np.array([392.0, 399.96, 1200.5, np.nan]), digits=4)
    assert [weights.text(row) for row in range(4)] == ["392.0", "400.0", "1,200.5", "–"]
    assert TableColumn("d", "D", np.array([2.5, 5.0, 20.0])).text(2) == "20.0"
    assert TableColumn("d", "D", np.array([5.0, 20.0])).text(1) == "20"
    doses = TableColumn("dose", "Dose", np.array([0.003, 1.0, 100.0, 0.05]))
    assert [doses.text(row) for row in range(4)] == ["0.003", "1", "100", "0.05"]


def test_a_number_below_the_decimals_of_its_column_is_not_a_zero():
    q = TableColumn("q", "q", np.array([5.6e-06, 0.002, 0.123, *[1.0] * 97]))
    assert [q.text(row) for row in range(4)] == ["5.6e-06", "0.002", "0.12", "1.00"]
    signed = TableColumn("d", "D", np.array([1e-5, 0.5, -0.25, 1.0]))
    assert signed.text(0) == "0.00"


def test_a_click_on_a_title_sorts_up_then_down_then_not(table):
    for expected in ([5, 4, 3, 2, 1, 0], [0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5]):
        click_header(table, "score")
        assert table.rows_in_order().tolist() == expected
    assert table.sort_keys() == ()


def test_shift_click_sorts_within_the_order_so_far(table):
    click_header(table, "name")
    click_header(table, "score", SHIFT)
    assert table.sort_keys() == (SortKey("name"), SortKey("score"))
    assert shown(table, "name") == ["alpha", "alpha", "charlie", "charlie", "delta", "delta"]
    assert table.rows_in_order().tolist() == [4, 1, 5, 2, 3, 0]
    header = table.horizontalHeader()
    assert [header.place_of(key) for key in ("name", "score", "count")] == [0, 1, None]
    click_header(table, "name", SHIFT)
    assert table.sort_keys() == (SortKey("name", True), SortKey("score"))
    click_header(table, "name", SHIFT)
    assert table.sort_keys() == (SortKey("score"),)


@pytest.mark.parametrize("n", [500, 50_000])
def test_a_click_on_a_title_goes_to_the_top(table, qtbot, n):
    values = np.random.default_rng(0).permutation(n).astype(np.float64)
    table.set_columns([TableColumn("a", "A", values), TableColumn("b", "B", -values, largest_first=True)])
    table.select_rows([n // 2])
    for key, modifiers in (
        ("a", Qt.KeyboardModifier.NoModifier),
        ("b", SHIFT),
        ("b", Qt.KeyboardModifier.NoModifier),
    ):
        table.scrollToBottom()
        click_header(table, key, modifiers)
        qtbot.waitUntil(lambda: not table.busy and table.verticalScrollBar().value() == 0)
    assert table.sort_keys() in [(SortKey("b", True),), (SortKey("b"),)]


def test_the_selection_stays_with_its_rows_when_they_are_sorted(table):
    click_row(table, 1)
    click_row(table, 2, CTRL)
    assert sorted(table.selected_rows()) == [1, 2]
    click_header(table, "score")
    assert table.selected_rows().tolist() == [2, 1]
    assert table.current_row() == 2


def test_rows_are_selected_by_click_shift_ctrl_and_drag(table, qtbot):
    with qtbot.waitSignal(table.rows_selected) as told:
        click_row(table, 1)
    assert told.args[0].tolist() == [1]
    click_row(table, 3, SHIFT)
    assert table.selected_rows().tolist() == [1, 2, 3]
    click_row(table, 2, CTRL)
    assert table.selected_rows().tolist() == [1, 3]
    click_row(table, 0)
    assert table.selected_rows().tolist() == [0]
    rects = [table.visualRect(table.model().index(position, 0)).center() for position in (2, 4)]
    QTest.mousePress(table.viewport(), Qt.MouseButton.LeftButton, pos=rects[0])
    QTest.mouseMove(table.viewport(), rects[1])
    QTest.mouseRelease(table.viewport(), Qt.MouseButton.LeftButton, pos=rects[1])
    assert table.selected_rows().tolist() == [2, 3, 4]


def test_keys_move_extend_and_select_all(table, qtbot):
    table.setFocus()
    steps = [
        (Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier, [1]),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, [5]),
        (Qt.Key.Key_Up, SHIFT, [4, 5]),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, [0]),
        (Qt.Key.Key_Down, CTRL, [0]),
        (Qt.Key.Key_Down, CTRL, [0]),
        (Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, [0, 2]),
        (Qt.Key.Key_A, CTRL, [0, 1, 2, 3, 4, 5]),
    ]
    for key, modifier, expected in steps:
        QTest.keyClick(table, key, modifier)
        assert table.selected_rows().tolist() == expected
    QTest.keyClick(table, Qt.Key.Key_End)
    with qtbot.waitSignal(table.row_activated) as told:
        QTest.keyClick(table, Qt.Key.Key_Return)
    assert told.args == [5]


def test_keys_sort_by_the_column_that_the_keyboard_is_on(table):
    table.setFocus()
    alt, no = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier
    keys = table.keys()

    def orders() -> list[tuple[str, bool]]:
        return [(key.column, key.descending) for key in table.sort_keys()]

    QTest.keyClick(table, Qt.Key.Key_Home)
    while table.currentIndex().column() != keys.index("score"):
        step = Qt.Key.Key_Right if table.currentIndex().column() < keys.index("score") else Qt.Key.Key_Left
        QTest.keyClick(table, step)
    QTest.keyClick(table, Qt.Key.Key_Up, alt)
    assert orders() == [("score", False)]
    by_click = table.rows_in_order().tolist()
    QTest.keyClick(table, Qt.Key.Key_Down, alt)
    assert orders() == [("score", True)]
    assert table.rows_in_order().tolist() != by_click
    first = keys.index("score")
    QTest.keyClick(table, Qt.Key.Key_Right if first == 0 else Qt.Key.Key_Left, no)
    other = keys[table.currentIndex().column()]
    assert other != "score"
    QTest.keyClick(table, Qt.Key.Key_Up, alt | SHIFT)
    assert orders() == [("score", True), (other, False)]
    QTest.keyClick(table, Qt.Key.Key_Down, alt | SHIFT)
    assert orders() == [("score", True), (other, True)]
    QTest.keyClick(table, Qt.Key.Key_Down, alt | SHIFT)
    assert orders() == [("score", True)]
    QTest.keyClick(table, Qt.Key.Key_Up, alt)
    assert orders() == [(other, False)]
    QTest.keyClick(table, Qt.Key.Key_Up, alt)
    assert orders() == []
    # The selection is left alone.
    assert table.selected_rows().tolist() == [0]


def test_a_screen_reader_is_told_what_is_selected(table):
    click_row(table, 1)
    model, role = table.model(), Qt.ItemDataRole.AccessibleTextRole
    said = [model.index(position, 0).data(role) for position in (0, 1)]
    assert not said[0].endswith(", selected")
    assert said[1].endswith(", selected")
    assert "Alt+Up" in model.headerData(0, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)


def test_a_filter_shows_its_rows_alone_and_selects_among_them(table):
    table.set_shown(np.array([4, 1, 0]))
    assert table.rows_in_order().tolist() == [0, 1, 4]
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_A, CTRL)
    assert table.selected_rows().tolist() == [0, 1, 4]
    click_header(table, "score")
    assert table.rows_in_order().tolist() == [4, 1, 0]
    table.set_shown(np.empty(0, dtype=np.intp))
    assert len(table.rows_in_order()) == 0
    QTest.keyClick(table, Qt.Key.Key_Down)
    table.set_shown(None)
    assert table.rows_in_order().tolist() == [5, 4, 3, 2, 1, 0]


def test_copy_gives_selected_rows_with_tabs_and_without_locale(table):
    click_header(table, "score")
    click_row(table, 0)
    click_row(table, 1, CTRL)
    table.set_hidden({"seen"})
    QTest.keyClick(table, Qt.Key.Key_C, CTRL)
    text = QGuiApplication.clipboard().text()
    assert text == "Score\tName\tCount, wells\n0.0\tcharlie\t5000\n0.2\talpha\t4000\n"
    table.select_rows([])
    assert table.to_text().count("\n") == 7


def test_selecting_from_outside_is_not_told_and_scrolls_there(table, qtbot):
    table.resize(400, 90)
    with qtbot.assertNotEmitted(table.rows_selected):
        table.select_rows([5])
    assert table.selected_rows().tolist() == [5]
    assert table.viewport().rect().contains(table.visualRect(table.model().index(5, 0)).center())


def test_other_values_of_the_same_rows_keep_selection_and_filter(table):
    table.set_shown(np.array([0, 1, 2]))
    click_row(table, 2)
    click_header(table, "score")
    table.replace_columns([TableColumn("score", "Score", np.array([5.0, 1.0, 3.0, 0.0, 0.0, 0.0]))])
    assert table.rows_in_order().tolist() == [1, 2, 0]
    assert table.selected_rows().tolist() == [2]
    with pytest.raises(ValueError, match="weight"):
        table.replace_columns([TableColumn("weight", "Weight", np.zeros(6))])
    with pytest.raises(ValueError, match="unequal"):
        table.replace_columns([TableColumn("score", "Score", np.zeros(4))])


def test_columns_are_hidden_and_brought_back_by_the_menu(table):
    menu = table.columns_menu()
    by_title = {action.text(): action for action in menu.actions()}
    by_title["Name"].trigger()
    assert [column.key for column in table.shown_columns()] == ["score", "seen", "count"]
    assert table.isColumnHidden(1)
    by_title["Name"].trigger()
    assert not table.isColumnHidden(1)


def test_the_menu_of_a_title_sorts_by_its_column(table, qtbot):
    header = table.horizontalHeader()
    point = QPoint(header.sectionViewportPosition(1) + 5, 5)
    table.sort_by([SortKey("seen")])

    def choose(text: str) -> None:
        header.customContextMenuRequested.emit(point)
        menu = next(child for child in table.findChildren(QMenu) if child.isVisible())
        next(action for action in menu.actions() if text in action.text()).trigger()
        menu.close()
        qtbot.waitUntil(lambda: not table.findChildren(QMenu))

    choose("Then by this column")
    assert table.sort_keys() == (SortKey("seen"), SortKey("name"))
    choose("descending")
    assert table.sort_keys() == (SortKey("name", True),)
    choose("Unsorted")
    assert table.sort_keys() == ()


def test_the_last_column_cannot_be_hidden(table):
    table.set_hidden({"score", "name", "seen"})
    entries = {action.text(): action for action in table.columns_menu().actions()}
    assert not entries["Count"].isEnabled()
    table.set_hidden(set(table.keys()))
    assert len(table.shown_columns()) == 4


def test_layout_and_order_are_taken_up_again_and_nonsense_dropped(table, qtbot):
    table.setColumnWidth(0, 123)
    table.set_hidden({"seen"})
    table.horizontalHeader().moveSection(3, 0)
    table.sort_by([SortKey("count", True)])
    state = json.loads(json.dumps(table.view_state()))
    other = ColumnTable()
    qtbot.addWidget(other)
    other.set_columns(columns())
    other.restore_view_state(state)
    assert other.columnWidth(0) == 123
    assert [column.key for column in other.shown_columns()] == ["count", "score", "name"]
    assert other.rows_in_order().tolist() == [5, 4, 3, 2, 1, 0]
    other.restore_view_state({"widths": [1], "order": {"a": 1}, "hidden": 3, "sort": [["gone", True], "x", [1]]})
    assert other.sort_keys() == ()
    assert [column.key for column in other.shown_columns()] == ["count", "score", "name"]


def test_many_rows_are_sorted_aside_and_only_the_last_order_is_shown(table, qtbot):
    n = 50_000
    rng = np.random.default_rng(0)
    values = rng.normal(size=n)
    table.set_columns([TableColumn("a", "A", values), TableColumn("b", "B", -values)])
    table.sort_by([SortKey("a")])
    assert table.busy
    with qtbot.waitSignal(table.order_changed):
        table.sort_by([SortKey("b")])
    qtbot.waitUntil(lambda: not table.busy)
    assert np.array_equal(table.rows_in_order(), np.argsort(-values))


def test_a_table_that_goes_while_it_sorts_leaves_no_thread(qtbot):
    import threading

    table = ColumnTable()
    values = np.random.default_rng(0).normal(size=200_000)
    table.set_columns([TableColumn("a", "A", values)])
    table.sort_by([SortKey("a")])
    table.deleteLater()
    del table
    qtbot.waitUntil(lambda: not [t for t in threading.enumerate() if t.name == "background"])


def test_cells_are_painted_with_tints_selection_and_numbers(table):
    rgb = np.tile(np.array([[10, 200, 30]], dtype=np.uint8), (6, 1))
    table.set_tints("score", rgb, np.array([True, False, True, True, True, True]))
    image = table.viewport().grab().toImage()
    inside = table.visualRect(table.model().index(0, 0)).topLeft() + QPoint(4, 4)
    below = table.visualRect(table.model().index(1, 0)).topLeft() + QPoint(4, 4)
    ratio = image.devicePixelRatio()
    assert image.pixelColor(inside * ratio).getRgb()[:3] == (10, 200, 30)
    assert image.pixelColor(below * ratio).getRgb()[:3] != (10, 200, 30)


def test_tips_say_what_the_column_has_to_say(table):
    table.set_tips("name", lambda row: f"row {row}")
    click_header(table, "score")
    assert table.model().index(0, 1).data(Qt.ItemDataRole.ToolTipRole) == "row 5"
    assert table.model().index(0, 1).data(Qt.ItemDataRole.AccessibleTextRole) == "Name: charlie"


def test_columns_must_fit_each_other(table):
    with pytest.raises(ValueError, match="unequal"):
        table.set_columns([TableColumn("a", "A", np.zeros(2)), TableColumn("b", "B", np.zeros(3))])
    with pytest.raises(ValueError, match="one key"):
        table.set_columns([TableColumn("a", "A", np.zeros(2)), TableColumn("a", "B", np.zeros(2))])
    table.set_columns([])
    assert table.rows_in_order().tolist() == []


def test_the_cell_with_the_focus_is_not_filled_by_what_was_painted_before(table):
    option = QStyleOptionViewItem()
    option.widget, option.rect, option.state = table, QRect(0, 0, 80, 24), QStyle.StateFlag.State_HasFocus
    picture = QImage(80, 24, QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    painter.setBrush(QColor("red"))
    table.cells.paint_ground(painter, option, table.model().index(0, 1))
    painter.end()
    assert picture.pixelColor(40, 12) == table.palette().base().color()
