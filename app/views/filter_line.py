"""The line above a list that says which rows are shown: a text, and ranges of numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from app.numbers import number, read_number
from app.views.panel import Muted
from app.views.table.columns import TableColumn
from app.views.table.filtering import RowFilter
from app.views.undo_line import SearchField, UndoLine

__all__ = ["FilterLine"]

# While the user types, only what comes to rest is looked for.
_MILLISECONDS_TO_REST = 150


class _Range(QWidget):
    """Least and largest value of one column."""

    changed = Signal()
    removed = Signal()
    undo_pressed = Signal()

    def __init__(self, column: TableColumn, ends: tuple[float, float]) -> None:
        super().__init__()
        self.key = column.key
        self.ends: tuple[float, float] = ends
        self._edits = UndoLine(), UndoLine()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(QLabel(column.heading))
        for edit, end, word in zip(self._edits, ends, ("from", "to"), strict=True):
            edit.setAccessibleName(f"{column.title} {word}")
            edit.setPlaceholderText("any")
            edit.setText(number(end, 12) if math.isfinite(end) else "")
            edit.setFixedWidth(self.fontMetrics().horizontalAdvance("000000000"))
            edit.textEdited.connect(self._read)
            edit.undo_pressed.connect(self.undo_pressed)
            row.addWidget(Muted(word, elide=False))
            row.addWidget(edit)
        remove = QToolButton()
        remove.setText("×")
        remove.setAutoRaise(True)
        remove.setToolTip(f"Show rows of any {column.title}")
        remove.setAccessibleName(f"Remove the range of {column.title}")
        remove.clicked.connect(self.removed)
        row.addWidget(remove)
        row.addStretch(1)

    def focus(self) -> None:
        """Take the keyboard to the first end."""
        self._edits[0].setFocus()

    def _read(self) -> None:
        ends: list[float] = []
        for edit, opened in zip(self._edits, (-math.inf, math.inf), strict=True):
            value = read_number(edit.text()) if edit.text().strip() else opened
            # What is no number yet leaves the end as it was, and is said to be none.
            edit.setProperty("invalid", value is None)
            edit.setToolTip("" if value is not None else "This is no number")
            ends.append(self.ends[len(ends)] if value is None else value)
        self.ends = ends[0], ends[1]
        self.changed.emit()


class FilterLine(QWidget):
    """A search field, a menu of columns to give a range, and how many rows pass.

    Parameters
    ----------
    placeholder : str
        What the field is for.
    searched : str
        What it looks through.
    """

    changed = Signal(object)

    def __init__(self, placeholder: str, searched: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = SearchField()
        self.text.setPlaceholderText(placeholder)
        self.text.setAccessibleName("Filter by text")
        self.text.setToolTip(f"{searched}: every word must be found. Esc clears it.")
        self.text.setClearButtonEnabled(True)
        self.range_button = QToolButton()
        self.range_button.setText("Range…")
        self.range_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.range_button.setToolTip("Show rows with numbers from one value to another alone")
        self.range_button.setAccessibleName("Filter by a range of numbers")
        # Of its own: the arrow of a button's menu is painted over the text.
        self.range_menu = QMenu(self)
        self.range_button.clicked.connect(self._open_menu)
        self.count = Muted(elide=False)
        self.count.setAccessibleName("Rows that pass the filter")
        self.row = QHBoxLayout()
        self.row.setSpacing(6)
        self.row.addWidget(self.text, 1)
        self.row.addWidget(self.range_button)
        self.row.addWidget(self.count)
        self._ranges: dict[str, _Range] = {}
        self._columns: dict[str, TableColumn] = {}
        # Ranges of columns that are not there yet, as after a start.
        self._waiting: dict[str, tuple[float, float]] = {}
        self._below = QVBoxLayout()
        self._below.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self.row)
        layout.addLayout(self._below)
        self._rest = QTimer(self, singleShot=True, interval=_MILLISECONDS_TO_REST)
        self._rest.timeout.connect(self._tell)
        self.text.textChanged.connect(self._rest.start)
        self.text.returnPressed.connect(self._tell)
        self.text.undo_pressed.connect(self._tell_typed)

    def filter(self) -> RowFilter:
        """What rows must hold."""
        ranges = {key: made.ends for key, made in self._ranges.items()} | self._waiting
        return RowFilter(self.text.text(), {k: e for k, e in ranges.items() if any(map(math.isfinite, e))})

    def show_filter(self, wanted: RowFilter) -> None:
        """Show another filter; nobody is told."""
        if wanted == self.filter():
            return
        self.text.setText(wanted.text)
        # The field has told of its text, as its cross to clear it needs.
        self._rest.stop()
        held = next((key for key, made in self._ranges.items() if made.isAncestorOf(self._focus())), None)
        for made in list(self._ranges.values()):
            self._drop(made)
        self._waiting = dict(wanted.ranges)
        self._place_waiting()
        # The keyboard stays where the user is.
        if held in self._ranges:
            self._ranges[held].focus()
        elif held is not None:
            self.text.setFocus()

    def set_columns(self, columns: Sequence[TableColumn]) -> None:
        """Offer the columns of numbers."""
        self._columns = {column.key: column for column in columns if column.kind == "number"}
        menu = self.range_menu
        menu.clear()
        for column in self._columns.values():
            action = QAction(column.heading, menu)
            action.triggered.connect(lambda _checked, key=column.key: self.add_range(key).focus())
            menu.addAction(action)
        self._place_waiting()

    def _open_menu(self) -> None:
        self.range_menu.popup(self.range_button.mapToGlobal(QPoint(0, self.range_button.height())))

    def add_range(self, key: str, ends: tuple[float, float] = (-math.inf, math.inf)) -> _Range:
        """Show the fields of a column's range."""
        if key not in self._ranges:
            made = self._ranges[key] = _Range(self._columns[key], ends)
            made.changed.connect(self._rest.start)
            made.removed.connect(lambda: self._remove(made))
            made.undo_pressed.connect(self._tell_typed)
            self._below.addWidget(made)
        return self._ranges[key]

    def set_count(self, text: str) -> None:
        """Say how many rows pass."""
        self.count.setText(text)
        self.count.setVisible(bool(text))

    def _place_waiting(self) -> None:
        for key in [key for key in self._waiting if key in self._columns]:
            self.add_range(key, self._waiting.pop(key))

    def _drop(self, made: _Range) -> None:
        del self._ranges[made.key]
        self._below.removeWidget(made)
        made.hide()
        made.deleteLater()

    def _remove(self, made: _Range) -> None:
        self._drop(made)
        self.text.setFocus()
        self._tell()

    def _focus(self) -> QWidget:
        return QApplication.focusWidget() or self

    def _tell_typed(self) -> None:
        if self._rest.isActive():
            self._tell()

    def _tell(self) -> None:
        self._rest.stop()
        self.changed.emit(self.filter())
