"""A view whose rows are selected by their number in the source: mouse and keys."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.theme import theme_of
from app.views.scroll_bar import SlimScrollBar
from app.views.table.model import ColumnModel
from app.views.table.selection import RowSelection

__all__ = ["RowView"]

_MOVES = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Home: None,
    Qt.Key.Key_End: None,
    Qt.Key.Key_PageUp: None,
    Qt.Key.Key_PageDown: None,
}


class _Corner(QWidget):
    """Between the scroll bars, which Qt would leave in another colour."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(theme_of(self.palette()).base))


class RowView(QTableView):
    """Rows of a :class:`ColumnModel`, selected by mouse and keys.

    Parameters
    ----------
    name : str
        The accessible name.
    """

    rows_selected = Signal(object)
    """Rows that the user selected, intp (k,); not told of :meth:`select_rows`."""
    row_activated = Signal(int)
    """A row that was double-clicked, or on which Enter was pressed."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._model = ColumnModel(self)
        self._selection = RowSelection()
        self._model.is_selected = lambda row: bool(self._selection.mask[row])
        self.setModel(self._model)
        # Rows are selected here, by their number: see RowSelection.
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBar(SlimScrollBar())
        self.setHorizontalScrollBar(SlimScrollBar())
        self.setCornerWidget(_Corner(self))
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        # Once: with a million rows each change of it takes minutes.
        self.verticalHeader().setMinimumSectionSize(1)
        self.doubleClicked.connect(lambda index: self.row_activated.emit(int(self._model.order[index.row()])))
        self._row_height = 0
        self._fit_rows()

    def set_row_height(self, pixels: int) -> None:
        """Make rows higher than one line of text."""
        self._row_height = pixels
        self._fit_rows()

    def _fit_rows(self) -> None:
        height = max(self._row_height, self.fontMetrics().height() + 10)
        if height == self.verticalHeader().defaultSectionSize():
            return
        first = self.rowAt(0)
        self.verticalHeader().setDefaultSectionSize(height)
        if first >= 0:
            # The same rows stay in view.
            self.verticalScrollBar().setValue(first * height)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            self._fit_rows()
        super().changeEvent(event)

    def rows_in_order(self) -> NDArray[np.intp]:
        """Rows that are shown, from the top."""
        return self._model.order

    def rows_in_view(self) -> NDArray[np.intp]:
        """Rows that are on screen now, intp (k,)."""
        height = self.verticalHeader().defaultSectionSize()
        first = max(0, self.rowAt(0))
        return self._model.order[first : first + self.viewport().height() // height + 2]

    # Selection ------------------------------------------------------------------------------------------

    def selected_rows(self) -> NDArray[np.intp]:
        """Selected rows that are shown, in the order that is shown, intp (k,)."""
        order = self._model.order
        return order[self._selection.mask[order]]

    def select_rows(self, rows: NDArray[np.integer] | Sequence[int]) -> None:
        """Select these rows and bring the first of them into view; nobody is told."""
        rows = np.asarray(rows, dtype=np.intp)
        self._selection.set(rows)
        shown = np.flatnonzero(self._selection.mask[self._model.order])
        if len(shown):
            self._set_current(int(shown[0]))
            self.scrollTo(self._model.index(int(shown[0]), max(self._column_in_view(), 0)))
        self.viewport().update()

    def current_row(self) -> int | None:
        """The row that the keyboard is on."""
        index = self.currentIndex()
        return int(self._model.order[index.row()]) if index.isValid() else None

    def _column_in_view(self) -> int:
        current = self.currentIndex()
        if current.isValid() and not self.isColumnHidden(current.column()):
            return current.column()
        return next((c for c in range(self._model.columnCount()) if not self.isColumnHidden(c)), -1)

    def _set_current(self, position: int) -> None:
        column = self._column_in_view()
        if column >= 0:
            index = self._model.index(position, column)
            self.selectionModel().setCurrentIndex(index, self.selectionModel().SelectionFlag.NoUpdate)
            self._selection.anchor = position if not self._selection.mask.any() else self._selection.anchor

    def _tell_selected(self) -> None:
        self.viewport().update()
        self.rows_selected.emit(self.selected_rows())

    def _select_at(self, position: int, modifiers: Qt.KeyboardModifier) -> None:
        adds = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._selection.extend(self._model.order, position, add=adds)
        else:
            self._selection.put(self._model.order, position, toggle=adds)
        self._tell_selected()

    def selectAll(self) -> None:
        """Select every row that is shown."""
        self._selection.set(self._model.order)
        self._tell_selected()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        if not index.isValid():
            return
        if event.button() == Qt.MouseButton.LeftButton:
            self._select_at(index.row(), event.modifiers())
        elif not self._selection.mask[self._model.order[index.row()]]:
            # A menu is about the row it was opened on.
            self._select_at(index.row(), Qt.KeyboardModifier.NoModifier)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.buttons() & Qt.MouseButton.LeftButton and index.isValid():
            self._selection.extend(self._model.order, index.row())
            self._tell_selected()

    # Keys -----------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_own(event):
            # The window's own commands on the same keys are for other views.
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        position = self.currentIndex().row()
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.selectAll()
        elif position >= 0 and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.row_activated.emit(int(self._model.order[position]))
        elif position >= 0 and event.key() == Qt.Key.Key_Space:
            self._select_at(position, Qt.KeyboardModifier.ControlModifier)
        elif position >= 0 and event.key() in _MOVES:
            self._move(event.key(), event.modifiers())
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, _text: str) -> None:
        """Qt would look through all rows for one that begins so: a filter is there for that."""

    def _move(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        last = len(self._model.order) - 1
        page = max(1, self.viewport().height() // self.verticalHeader().defaultSectionSize() - 1)
        now = self.currentIndex().row()
        targets = {
            Qt.Key.Key_Up: now - 1,
            Qt.Key.Key_Down: now + 1,
            Qt.Key.Key_PageUp: now - page,
            Qt.Key.Key_PageDown: now + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        position = min(max(targets[Qt.Key(key)], 0), last)
        self._set_current(position)
        self.scrollTo(self.currentIndex())
        shift = modifiers & Qt.KeyboardModifier.ShiftModifier
        # With Ctrl alone the keyboard moves, and Space selects.
        if shift or not modifiers & Qt.KeyboardModifier.ControlModifier:
            self._select_at(position, modifiers)


def _is_own(event: QKeyEvent) -> bool:
    copies = event.matches(QKeySequence.StandardKey.Copy) or event.matches(QKeySequence.StandardKey.SelectAll)
    return copies or event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, *_MOVES)
