"""Columns and an order of rows as Qt sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.views.table.columns import TableColumn

__all__ = ["ColumnModel"]

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ColumnModel(QAbstractTableModel):
    """Rows of some columns in the order of an array of row numbers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns: tuple[TableColumn, ...] = ()
        self.order: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self.tips: dict[str, Callable[[int], str]] = {}
        self.is_selected: Callable[[int], bool] = lambda _row: False

    def set_columns(self, columns: Sequence[TableColumn], order: NDArray[np.intp]) -> None:
        """Show other columns."""
        self.beginResetModel()
        self.columns, self.order = tuple(columns), order
        self.endResetModel()

    def replace_columns(self, columns: Sequence[TableColumn]) -> None:
        """Show other values in the same columns of the same rows."""
        self.columns = tuple(columns)
        self._tell_cells()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def set_order(self, order: NDArray[np.intp]) -> None:
        """Show the rows in another order, or others of them."""
        if len(order) == len(self.order):
            # As cells that changed: a change of layout would have Qt carry a million rows to their new places.
            self.order = order
            self._tell_cells()
            return
        self.beginResetModel()
        self.order = order
        self.endResetModel()

    def _tell_cells(self) -> None:
        if len(self.order) and self.columns:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.order) - 1, len(self.columns) - 1))

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def tip(self, index: _Index) -> str:
        """What the column has to say of a cell beyond its text."""
        tip = self.tips.get(self.columns[index.column()].key)
        return tip(int(self.order[index.row()])) if tip is not None else ""

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(int(self.order[index.row()]))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            row = int(self.order[index.row()])
            # Qt knows of no selection here, and a screen reader asks Qt.
            return f"{column.heading}: {column.text(row)}" + (", selected" if self.is_selected(row) else "")
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tip(index) or column.text(int(self.order[index.row()]))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.kind == "number" else _LEFT
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return column.heading
        if role == Qt.ItemDataRole.ToolTipRole:
            how = (
                "Click to sort, Shift-click to sort within the order so far; right-click to choose columns.\n"
                "Alt+Up and Alt+Down sort by the column that the keyboard is on, with Shift within that order."
            )
            return "\n\n".join(text for text in (column.tip or column.heading, how) if text)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.kind == "number" else _LEFT
        return None
