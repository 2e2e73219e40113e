"""The table of the hits: structures drawn, notes and status written in place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem
from shiboken6 import isValid

from app.dragging import hits_mime
from app.hit_entries import STATUSES, HitEntry
from app.structures import Structures
from app.theme import rgb_of, theme_of
from app.views.hit_list_editor import CellEditor
from app.views.table import ColumnTable
from app.views.table.cell import CellDelegate

__all__ = ["HitTable"]

_PICTURE = QSize(104, 62)
_WRITTEN = ("note", "status")
_WIDTHS = {"structure": _PICTURE.width() + 6, "name": 112, "note": 120, "status": 84}


class _StructureCell(CellDelegate):
    """Draws the structure of a hit."""

    def __init__(self, table: HitTable, structures: Structures) -> None:
        super().__init__(table.model(), table.cells.selection, table)  # type: ignore[arg-type]
        self._table, self._structures = table, structures

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        self.paint_ground(painter, option, index)
        theme = theme_of(option.widget.palette())
        rect: QRect = option.rect.adjusted(3, 2, -3, -3)
        smiles = self._table.smiles_at(index.row())
        ratio = option.widget.devicePixelRatioF()
        picture = self._structures.pixmap(smiles, rect.size(), scale=ratio, dark=theme.dark)
        if picture is not None and not picture.isNull():
            painter.drawPixmap(rect.topLeft(), picture)
        elif picture is not None:
            painter.setPen(QColor(theme.muted))
            text = "cannot be drawn" if smiles else "–"
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


class HitTable(ColumnTable):
    """Hits of one list; a note or a status is written by a double click, F2, or the keys 1 to 4.

    Parameters
    ----------
    structures : Structures
        Where the pictures come from.

    Signals
    -------
    written(object, str, str)
        A hit by its identity, "note" or "status", and what was written there.
    status_wanted(int)
        Which of :data:`app.hit_entries.STATUSES` the selected hits are to have.
    remove_wanted()
        The selected hits are to leave the list.
    """

    written = Signal(object, str, str)
    status_wanted = Signal(int)
    remove_wanted = Signal()

    def __init__(self, structures: Structures) -> None:
        super().__init__("Hits of the list")
        self._hits: Sequence[HitEntry] = ()
        self._editor: CellEditor | None = None
        self.set_painter("structure", _StructureCell(self, structures))
        self.restore_view_state({"widths": _WIDTHS})
        self.set_row_height(_PICTURE.height() + 4)
        self.doubleClicked.connect(self._double_clicked)
        self.drag_data = lambda: hits_mime([self._hits[row] for row in self.selected_rows()])
        structures.drawn.connect(self.viewport().update)

    def set_hits(self, hits: Sequence[HitEntry]) -> None:
        """Say what the rows of the columns are."""
        self._hits = hits
        self._tint()

    def _tint(self) -> None:
        """The ground of a status: a list is read by its colours."""
        theme = theme_of(self.palette())
        grounds = {"to confirm": theme.warning[0], "confirmed": theme.seen[0], "rejected": theme.error[0]}
        colours = np.array([rgb_of(grounds.get(status, theme.base)) for status in STATUSES], dtype=np.uint8)
        statuses = self.column("status").values
        self.set_tints("status", colours[statuses], np.isin(STATUSES, list(grounds))[statuses])

    def smiles_at(self, position: int) -> str:
        """The structure at a place of the order that is shown."""
        row = int(self.rows_in_order()[position])
        return self._hits[row].smiles if row < len(self._hits) else ""

    # Writing --------------------------------------------------------------------------------------------

    def _double_clicked(self, index: QModelIndex) -> None:
        key = self.keys()[index.column()]
        if key in _WRITTEN:
            self.edit_cell(key)

    def edit_cell(self, key: str) -> None:
        """Write the note or the status of the hit that the keyboard is on."""
        row = self.current_row()
        if row is None or row >= len(self._hits):
            return
        index = self.model().index(self.currentIndex().row(), self.keys().index(key))
        if self._editor is not None and isValid(self._editor):
            self._editor.take()
        self.scrollTo(index)
        hit = self._hits[row]
        text = hit.note if key == "note" else hit.status
        self._editor = CellEditor(
            self,
            self.visualRect(index),
            " ".join(text.split()),
            lambda written: self.written.emit(hit.identity, key, written),
            choices=key == "status",
        )

    # Events ---------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and self.keys():
            self._tint()
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_own(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not _is_own(event):
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_F2:
            current = self.currentIndex()
            key = self.keys()[current.column()] if current.isValid() else ""
            self.edit_cell(key if key in _WRITTEN else "note")
        elif event.key() == Qt.Key.Key_Delete:
            self.remove_wanted.emit()
        else:
            self.status_wanted.emit(event.key() - Qt.Key.Key_1)


def _is_own(event: QKeyEvent) -> bool:
    plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
    number = event.key() - Qt.Key.Key_1
    return plain and (event.key() in (Qt.Key.Key_F2, Qt.Key.Key_Delete) or 0 <= number < len(STATUSES))
