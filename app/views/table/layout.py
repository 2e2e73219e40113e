"""Widths, places and hiding of a table's columns, kept by their keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QStyledItemDelegate, QTableView

from app.views.table.columns import TableColumn
from app.views.table.header import PADDING, Header

__all__ = ["ColumnLayout"]

_SAMPLE = 40
_WIDEST = 280
_NARROWEST = 48


class ColumnLayout(QObject):
    """How the columns of one table are laid out, whatever columns it has had before."""

    changed = Signal()

    def __init__(self, table: QTableView, header: Header) -> None:
        super().__init__(table)
        self.delegates: dict[str, QStyledItemDelegate] = {}
        self._table = table
        self._columns: tuple[TableColumn, ...] = ()
        self._widths: dict[str, int] = {}
        self._given_widths: dict[str, int] = {}
        self._hidden: set[str] = set()
        self._order: list[str] = []
        # Qt tells of what is done here as of what the user does.
        self._arranging = False
        self._header = header
        header.sectionResized.connect(self._resized)
        header.sectionMoved.connect(self._moved)
        header.sectionHandleDoubleClicked.connect(self._fit)

    def arrange(self, columns: Sequence[TableColumn]) -> None:
        """Lay out other columns, those known by their keys as they were."""
        self._columns = tuple(columns)
        if self._hidden.issuperset(column.key for column in columns):
            # A table without columns would have no header to bring them back.
            self._hidden = set()
        self._order += [column.key for column in columns if column.key not in self._order]
        self._arranging = True
        present = {column.key: section for section, column in enumerate(columns)}
        for place, key in enumerate(key for key in self._order if key in present):
            self._header.moveSection(self._header.visualIndex(present[key]), place)
        for section, column in enumerate(columns):
            self._table.setColumnHidden(section, column.key in self._hidden)
            if column.key not in self._hidden:
                self._table.setColumnWidth(section, self._widths.get(column.key) or self._fitting(section))
        self._arranging = False
        self.place_delegates()
        self.changed.emit()

    def place_delegates(self) -> None:
        """Give each column what paints it."""
        for section, column in enumerate(self._columns):
            delegate = self.delegates.get(column.key)
            self._table.setItemDelegateForColumn(section, delegate)  # type: ignore[arg-type]

    def set_hidden(self, keys: Collection[str]) -> None:
        """Hide these columns alone; the last one shown stays."""
        self._hidden = set(keys)
        self.arrange(self._columns)

    def shown_keys(self) -> list[str]:
        """Keys of the columns that are shown, from left to right."""
        sections = sorted(range(len(self._columns)), key=self._header.visualIndex)
        return [self._columns[s].key for s in sections if self._columns[s].key not in self._hidden]

    def set_width(self, key: str, pixels: int) -> None:
        """Give a column another width than its texts need."""
        self._given_widths[key] = pixels

    def fill(self, menu: QMenu) -> None:
        """Add an entry a column that shows and hides it."""
        shown = self.shown_keys()
        for column in self._columns:
            action = QAction(column.title, menu, checkable=True, checked=column.key in shown)
            action.setToolTip(column.tip)
            action.setEnabled(len(shown) > 1 or column.key not in shown)
            action.toggled.connect(lambda on, key=column.key: self._toggle(key, on))
            menu.addAction(action)

    def _toggle(self, key: str, shown: bool) -> None:
        self.set_hidden(self._hidden - {key} if shown else self._hidden | {key})

    def _fitting(self, section: int) -> int:
        """Width for the title and the values at the top."""
        column = self._columns[section]
        if column.key in self._given_widths:
            return self._given_widths[column.key]
        metrics = self._table.fontMetrics()
        widest = self._header.width_for(column)
        for row in range(min(_SAMPLE, len(column))):
            widest = max(widest, metrics.horizontalAdvance(column.text(row)) + 2 * PADDING + 2)
        return min(max(widest, _NARROWEST), _WIDEST)

    def _fit(self, section: int) -> None:
        self._table.setColumnWidth(section, self._fitting(section))

    def _resized(self, section: int, _old: int, new: int) -> None:
        if not self._arranging and new and section < len(self._columns):
            self._widths[self._columns[section].key] = new

    def _moved(self, _section: int, _old: int, _new: int) -> None:
        if not self._arranging:
            sections = sorted(range(len(self._columns)), key=self._header.visualIndex)
            moved = [self._columns[section].key for section in sections]
            self._order = moved + [key for key in self._order if key not in moved]

    def view_state(self) -> dict[str, Any]:
        """Widths that were set by hand, places, and what is hidden: JSON values."""
        return {"widths": dict(self._widths), "order": list(self._order), "hidden": sorted(self._hidden)}

    def restore_view_state(self, state: Mapping[str, Any]) -> None:
        """Take up an earlier :meth:`view_state`; what does not fit is dropped."""
        widths, order, hidden = (state.get(name) for name in ("widths", "order", "hidden"))
        if isinstance(widths, dict):
            sound = {k: w for k, w in widths.items() if isinstance(w, int) and _NARROWEST // 2 < w < 4000}
            self._widths = sound
        if isinstance(order, list):
            self._order = list(dict.fromkeys(key for key in order if isinstance(key, str)))
        if isinstance(hidden, list):
            self._hidden = {key for key in hidden if isinstance(key, str)}
        self.arrange(self._columns)
