"""Selecting wells on the heat map of a plate, with the mouse and the keyboard."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from app.dragging import wells_mime
from app.open_plate import OpenPlate
from app.views.drag_out import DragOut
from app.views.plate_picture import NO_ROWS, PlatePicture

__all__ = ["PlateMap"]

_ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class PlateMap(PlatePicture):
    """Heat map of one physical plate on which wells are selected.

    Click selects a well, Ctrl adds or takes away, Alt takes away, Shift extends to a rectangle, dragging draws
    one; the heads select rows and columns, the corner everything; a double click asks for all replicates; arrow
    keys move, with Shift they extend.
    """

    selection_changed = Signal(object)
    replicates_wanted = Signal()

    def __init__(self, parent: QWidget | None = None, *, heads: bool = True) -> None:
        super().__init__(parent, heads=heads)
        self.setAccessibleName("Plate map")
        self.setAccessibleDescription(
            "Wells of the plate; arrow keys move, Shift extends, Ctrl and Space add. Click or drag to select, "
            "with Ctrl to add, with Alt to take away; a double click selects all replicates"
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        # Where a rectangle begins that Shift extends.
        self._anchor = (0, 0)
        self._press: QPoint | None = None
        DragOut(self, self._can_drag, self._dragged)

    def _can_drag(self, point: QPoint) -> bool:
        cell = self._cell_at(point.toPointF())
        # With the whole plate selected there is no other place to draw a rectangle from.
        whole = bool(self._selected[self._grid >= 0].all())
        return self._inside(cell) and bool(self._selected[cell]) and not whole

    def _dragged(self) -> QMimeData | None:
        return wells_mime(self._plate, self.value()) if self._plate is not None else None

    def set_plate(self, plate: OpenPlate | None, barcode: int) -> None:
        """Show one physical plate of a file."""
        self._anchor, self._press = (0, 0), None
        super().set_plate(plate, barcode)

    def set_value(self, rows: NDArray[np.intp]) -> None:
        """Show a selection, without emitting ``selection_changed``."""
        before = self._cursor
        super().set_value(rows)
        if self._cursor != before:
            self._anchor = self._cursor

    def _choose(self, chosen: NDArray[np.bool_], modifiers: Qt.KeyboardModifier) -> None:
        """Take over new positions: alone, with Ctrl together with what was selected, with Alt taken from it."""
        chosen = chosen & (self._grid >= 0)
        if modifiers & Qt.KeyboardModifier.AltModifier:
            self._selected = self._selected & ~chosen
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            # A set that is selected already is taken away: so a second Ctrl click undoes the first.
            whole = chosen.any() and bool(self._selected[chosen].all())
            self._selected = self._selected & ~chosen if whole else self._selected | chosen
        else:
            self._selected, self._elsewhere = chosen, NO_ROWS
        self._rings = None
        self.update()
        self.selection_changed.emit(self.value())

    def _choose_head(self, cell: tuple[int, int], modifiers: Qt.KeyboardModifier) -> None:
        rows, columns = self._grid.shape
        extend = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        if cell[0] < 0 and cell[1] < 0:
            chosen = self._rectangle((0, 0), (rows - 1, columns - 1))
        elif cell[0] < 0:
            start = self._anchor[1] if extend else cell[1]
            chosen = self._rectangle((0, start), (rows - 1, cell[1]))
            self._anchor = (0, start)
        else:
            start = self._anchor[0] if extend else cell[0]
            chosen = self._rectangle((start, 0), (cell[0], columns - 1))
            self._anchor = (start, 0)
        self._choose(chosen, modifiers)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            cell = self._cell_at(event.position())
            # What the menu does is for the well that it is opened on.
            if self._inside(cell) and self._grid[cell] >= 0 and not self._selected[cell]:
                self._anchor = self._cursor = cell
                self._choose(self._rectangle(cell, cell), Qt.KeyboardModifier.NoModifier)
            return
        if event.button() != Qt.MouseButton.LeftButton or not self._grid.size:
            return
        cell = self._cell_at(event.position())
        if not (cell[0] < self._grid.shape[0] and cell[1] < self._grid.shape[1]):
            self._press = event.position().toPoint()
        elif cell[0] < 0 or cell[1] < 0:
            self._choose_head(cell, event.modifiers())
        else:
            self._press = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        here = event.position().toPoint()
        if self._press is not None:
            if self._band is not None or (here - self._press).manhattanLength() > 4:
                self._band = QRect(self._press, here).normalized()
                self.update()
            return
        cell = self._cell_at(event.position())
        hover = cell if self._inside(cell) else None
        if hover != self._hover:
            self._hover = hover
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._press is None:
            return
        modifiers = event.modifiers()
        if self._band is not None:
            chosen = self._within_band()
            first = self._cell_at(self._press)
            self._band = self._press = None
            if self._inside(first):
                self._anchor = self._cursor = first
            self._choose(chosen, modifiers)
            return
        cell = self._cell_at(self._press)
        self._press = None
        if not self._inside(cell):
            if not modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
                self._choose(np.zeros(self._grid.shape, dtype=bool), modifiers)
            return
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            chosen = self._rectangle(self._anchor, cell)
        else:
            self._anchor = cell
            chosen = self._rectangle(cell, cell)
        self._cursor = cell
        self._choose(chosen, modifiers)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._inside(self._cell_at(event.position())):
            self.replicates_wanted.emit()

    def leaveEvent(self, _event: QEvent) -> None:
        self._hover = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not self._grid.size or key not in {*_ARROWS, Qt.Key.Key_Space, Qt.Key.Key_Home, Qt.Key.Key_End}:
            super().keyPressEvent(event)
            return
        rows, columns = self._grid.shape
        row, column = self._cursor
        if key in _ARROWS:
            step = _ARROWS[key]
            row, column = min(max(row + step[0], 0), rows - 1), min(max(column + step[1], 0), columns - 1)
        elif key != Qt.Key.Key_Space:
            column = 0 if key == Qt.Key.Key_Home else columns - 1
        self._cursor = (row, column)
        modifiers = event.modifiers()
        if key == Qt.Key.Key_Space:
            self._choose(self._rectangle(self._cursor, self._cursor), Qt.KeyboardModifier.ControlModifier)
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._choose(self._rectangle(self._anchor, self._cursor), Qt.KeyboardModifier.NoModifier)
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            # Moves the cursor alone; Space then adds the well under it.
            self.update()
        else:
            self._anchor = self._cursor
            self._choose(self._rectangle(self._cursor, self._cursor), Qt.KeyboardModifier.NoModifier)
