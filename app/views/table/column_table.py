"""The view of a table: rows selected, sorted, filtered, copied; columns shown and hidden."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app.background import Background
from app.dragging import table_mime
from app.views.drag_out import DragOut
from app.views.table.cell import CellDelegate, Tints
from app.views.table.columns import TableColumn
from app.views.table.header import Header
from app.views.table.layout import ColumnLayout
from app.views.table.row_view import RowView
from app.views.table.sorting import SortKey, sort_order
from app.views.table.text import table_text

__all__ = ["ColumnTable"]

# Below this Qt's thread sorts or words the rows itself in a few milliseconds.
_MANY_ROWS = 20_000
_MANY_LINES = 2_000
# With Alt, by the column that the keyboard is on: up for ascending values, as the arrow in the header.
_SORTING = (Qt.Key.Key_Up, Qt.Key.Key_Down)


class ColumnTable(RowView):
    """A table over numpy columns; rows are named by their number in the columns, however they are sorted.

    Parameters
    ----------
    name : str
        The accessible name.

    Attributes
    ----------
    first_order : tuple of SortKey
        What the rows are sorted by where nothing else that they have is asked for.
    drag_data : callable
        What the selected rows are when they are dragged: a table, where nobody says more.
    """

    order_changed = Signal()
    """Other rows are shown, or in another order; with many rows some time after it was asked for."""
    layout_changed = Signal()
    """Other columns are shown."""

    def __init__(self, name: str = "Table", parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._columns: tuple[TableColumn, ...] = ()
        self._all_sorted: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self._shown: NDArray[np.bool_] | None = None
        self.first_order: tuple[SortKey, ...] = ()
        self._sort_keys: tuple[SortKey, ...] = ()
        self._top_wanted = False
        self._sorting = Background(self)
        self._copying = Background(self)
        self._cells = CellDelegate(self._model, self._selection, self)
        self.setItemDelegate(self._cells)
        self._header = Header(self)
        self.setHorizontalHeader(self._header)
        # Qt would take the keyboard to the top of a column that is pressed.
        self._header.sectionPressed.disconnect()
        self._layout = ColumnLayout(self, self._header)
        self._layout.changed.connect(self.layout_changed)
        self._header.sort_wanted.connect(self._sort_wanted)
        self._header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._header.customContextMenuRequested.connect(self._show_header_menu)
        self.drag_data: Callable[[], QMimeData] = lambda: table_mime(self.to_text())
        DragOut(self.viewport(), self._is_selected_at, lambda: self.drag_data())

    def _is_selected_at(self, point: QPoint) -> bool:
        index = self.indexAt(point)
        return index.isValid() and bool(self._selection.mask[self._model.order[index.row()]])

    # Columns --------------------------------------------------------------------------------------------

    def set_columns(self, columns: Sequence[TableColumn]) -> None:
        """Show other rows: nothing is selected or filtered; widths and order stay for columns of the same key.

        Raises
        ------
        ValueError
            For columns of unequal length or of the same key.
        """
        _check(columns)
        self._columns = tuple(columns)
        n = len(columns[0]) if columns else 0
        self._selection.reset(n)
        self._shown = None
        self._all_sorted = np.arange(n)
        self._header.set_keys(self.sort_keys())
        self._header.set_columns(columns)
        self._model.set_columns(columns, self._all_sorted)
        self._layout.arrange(columns)
        if n:
            self._set_current(0)
        self._sort()

    def replace_columns(self, columns: Sequence[TableColumn]) -> None:
        """Give columns of the same rows other values; selection and filter stay.

        Raises
        ------
        ValueError
            For a column that the table does not have, or of another length.
        """
        new = {column.key: column for column in columns}
        if missing := new.keys() - set(self.keys()):
            raise ValueError(f"no column {sorted(missing)[0]!r} to replace")
        merged = tuple(new.get(column.key, column) for column in self._columns)
        _check(merged)
        if len(merged[0]) != len(self._columns[0]):
            raise ValueError(f"{len(merged[0])} rows in place of {len(self._columns[0])}")
        self._columns = merged
        self._header.set_columns(merged)
        if new.keys() & {key.column for key in self.sort_keys()}:
            self._sort()
        elif not self._sorting.busy:
            self._model.replace_columns(merged)

    def columns(self) -> tuple[TableColumn, ...]:
        """All columns, hidden ones too."""
        return self._columns

    def keys(self) -> tuple[str, ...]:
        """Keys of the columns."""
        return tuple(column.key for column in self._columns)

    def column(self, key: str) -> TableColumn:
        """One column.

        Raises
        ------
        KeyError
        """
        for column in self._columns:
            if column.key == key:
                return column
        raise KeyError(key)

    def shown_columns(self) -> tuple[TableColumn, ...]:
        """Columns that are not hidden, from left to right."""
        shown = self._layout.shown_keys()
        return tuple(self.column(key) for key in shown)

    def set_hidden(self, keys: Collection[str]) -> None:
        """Hide these columns, and show all others."""
        self._layout.set_hidden(keys)

    def set_width(self, key: str, pixels: int) -> None:
        """Give a column another width than its texts need; the user's own comes before it."""
        self._layout.set_width(key, pixels)

    def set_tints(self, key: str, rgb: NDArray[np.uint8], known: NDArray[np.bool_]) -> None:
        """Colour the ground of a column's cells, uint8 (n, 3), where it is known, bool (n,)."""
        self._cells.tints[key] = Tints(rgb, known)
        self.viewport().update()

    def set_tips(self, key: str, tip: Callable[[int], str]) -> None:
        """Say what a column's cells tell beyond their text, by the row."""
        self._model.tips[key] = tip

    def set_painter(self, key: str, delegate: CellDelegate) -> None:
        """Have the cells of one column painted otherwise, as pictures."""
        self._layout.delegates[key] = delegate
        self._layout.place_delegates()

    @property
    def cells(self) -> CellDelegate:
        """What paints the cells, for painters of single columns to build on."""
        return self._cells

    # Order and filter -----------------------------------------------------------------------------------

    def sort_keys(self) -> tuple[SortKey, ...]:
        """What the rows are sorted by."""
        known = set(self.keys())
        wanted = tuple(key for key in self._sort_keys if key.column in known)
        return wanted or tuple(key for key in self.first_order if key.column in known)

    def sort_by(self, keys: Sequence[SortKey]) -> None:
        """Sort by some columns, as far as they are there; by none in the first order, or in that of the source."""
        self._sort_keys = tuple(keys)
        self._header.set_keys(self.sort_keys())
        self._sort()

    def set_shown(self, rows: NDArray[np.integer] | None) -> None:
        """Show these rows of the source alone; all with None."""
        if rows is None:
            self._shown = None
        else:
            shown = np.zeros(len(self._selection.mask), dtype=bool)
            shown[rows] = True
            self._shown = shown
        self._show()

    @property
    def busy(self) -> bool:
        """Whether the rows are still being sorted."""
        return self._sorting.busy

    def _sort_wanted(self, section: int, adding: bool) -> None:
        self.sort_by(_after_click(self.sort_keys(), self._columns[section], adding))
        self._to_top()

    def _sort_from_menu(self, keys: Sequence[SortKey]) -> None:
        self.sort_by(keys)
        self._to_top()

    def _to_top(self) -> None:
        """Show the first rows, which are what is looked for after sorting."""
        self._top_wanted = self._sorting.busy
        self.verticalScrollBar().setValue(0)

    def _sort_by_key(self, descending: bool, adding: bool) -> None:
        section = self._column_in_view()
        if section >= 0:
            wanted = SortKey(self._columns[section].key, descending)
            self.sort_by(_after_key(self.sort_keys(), wanted, adding))

    def _sort(self) -> None:
        n = len(self._selection.mask)
        columns = [(self.column(key.column), key.descending) for key in self.sort_keys()]

        def work() -> NDArray[np.intp]:
            return sort_order([(column.sort_key(), descending) for column, descending in columns], n)

        if n < _MANY_ROWS or not columns:
            self._sorting.drop()
            self._use_order(work())
        else:
            self._sorting.run(work, self._use_order)

    def _use_order(self, order: NDArray[np.intp]) -> None:
        self._all_sorted = order
        self._show()

    def _show(self) -> None:
        order = self._all_sorted
        if self._shown is not None:
            order = order[self._shown[order]]
        row = self.current_row()
        if self._model.columns != self._columns:
            # Only now, so that nobody sees new values in the old order.
            self._model.replace_columns(self._columns)
        self._model.set_order(order)
        position = np.flatnonzero(order == row) if row is not None else order[:0]
        if len(order):
            self._set_current(int(position[0]) if len(position) else 0)
        if self._top_wanted and not self._sorting.busy:
            self._to_top()
        self.order_changed.emit()

    # Text -----------------------------------------------------------------------------------------------

    def to_text(self) -> str:
        """The columns that are shown, of selected rows or else of all that are shown; see ``table_text``."""
        return table_text(self.shown_columns(), self._rows_to_copy())

    def copy(self) -> None:
        """Put :meth:`to_text` into the clipboard; with many rows when it is ready."""
        columns, rows = self.shown_columns(), self._rows_to_copy()
        clipboard = QGuiApplication.clipboard()
        if len(rows) < _MANY_LINES:
            clipboard.setText(table_text(columns, rows))
        else:
            self._copying.run(lambda: table_text(columns, rows), clipboard.setText)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in _SORTING:
            self._sort_by_key(
                event.key() == Qt.Key.Key_Down, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            )
        else:
            super().keyPressEvent(event)

    def _rows_to_copy(self) -> NDArray[np.intp]:
        selected = self.selected_rows()
        return selected if len(selected) else self._model.order

    # Menu and state -------------------------------------------------------------------------------------

    def columns_menu(self, parent: QWidget | None = None) -> QMenu:
        """A menu to show and hide columns."""
        menu = QMenu("&Columns", parent or self)
        self._layout.fill(menu)
        return menu

    def _show_header_menu(self, point: QPoint) -> None:
        menu = self.columns_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        section = self._header.logicalIndexAt(point)
        if section >= 0:
            self._add_sorting(menu, self._columns[section])
        menu.popup(self._header.mapToGlobal(point))

    def _add_sorting(self, menu: QMenu, column: TableColumn) -> None:
        first = menu.actions()[0]
        rest = [key for key in self.sort_keys() if key.column != column.key]
        choices: list[tuple[str, list[SortKey]]] = [
            (f"Sort &ascending by {column.title}", [SortKey(column.key)]),
            (f"Sort &descending by {column.title}", [SortKey(column.key, True)]),
        ]
        if rest:
            choices.append(("&Then by this column", [*rest, SortKey(column.key)]))
        if self.first_order:
            choices.append(("&Back to the first order", []))
        elif self.sort_keys():
            choices.append(("&Unsorted", []))
        for text, keys in choices:
            action = QAction(text, menu)
            action.triggered.connect(lambda _checked, keys=keys: self._sort_from_menu(keys))
            menu.insertAction(first, action)
        menu.insertSeparator(first)

    def view_state(self) -> dict[str, Any]:
        """Widths, order and hiding of columns, and what is sorted by: JSON values."""
        # Those too whose columns are not there now: a table without rows has none.
        keys = [[key.column, key.descending] for key in self._sort_keys]
        return {**self._layout.view_state(), "sort": keys}

    def restore_view_state(self, state: Mapping[str, Any]) -> None:
        """Take up an earlier :meth:`view_state`; what does not fit is dropped."""
        self._layout.restore_view_state(state)
        found = state.get("sort")
        if isinstance(found, list):
            pairs = [pair for pair in found if isinstance(pair, list) and len(pair) == 2]
            self.sort_by([SortKey(name, down is True) for name, down in pairs if isinstance(name, str)])


def _check(columns: Sequence[TableColumn]) -> None:
    if len({column.key for column in columns}) != len(columns):
        raise ValueError("two columns of one key")
    if len({len(column) for column in columns}) > 1:
        raise ValueError(f"columns of unequal length: {sorted({len(column) for column in columns})}")


def _after_key(keys: tuple[SortKey, ...], wanted: SortKey, adding: bool) -> tuple[SortKey, ...]:
    """By this key alone, or with ``adding`` in its place among the others; what was so already is taken away."""
    there = next((i for i, key in enumerate(keys) if key.column == wanted.column), len(keys))
    turned = () if wanted in keys else (wanted,)
    return (*keys[:there], *turned, *keys[there + 1 :]) if adding else turned


def _after_click(keys: tuple[SortKey, ...], column: TableColumn, adding: bool) -> tuple[SortKey, ...]:
    """One way at first, then the other, then not at all; alone, or with ``adding`` in its place among others."""
    now = next((key for key in keys if key.column == column.key), None)
    first = SortKey(column.key, column.largest_first)
    if now is None:
        return (*keys, first) if adding else (first,)
    turned = (SortKey(column.key, not first.descending),) if now == first else ()
    if not adding:
        return turned
    at = keys.index(now)
    return (*keys[:at], *turned, *keys[at + 1 :])
