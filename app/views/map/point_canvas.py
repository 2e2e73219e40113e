"""Moving the map, and choosing points on it, with the mouse and the keyboard."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from app.background import Background
from app.theme import theme_of
from app.views.map.gestures import REPLACE, Gesture, how_to_combine
from app.views.map.point_picture import NO_ROWS, PointPicture

__all__ = ["LASSO", "RECTANGLE", "PointCanvas"]

LASSO, RECTANGLE = "lasso", "rectangle"

_STEP = 60
_ARROWS = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
_NEARER = {Qt.Key.Key_Plus: 1.4, Qt.Key.Key_Equal: 1.4, Qt.Key.Key_Minus: 1 / 1.4}
_WHOLE = {Qt.Key.Key_Home, Qt.Key.Key_0, Qt.Key.Key_F}


class PointCanvas(PointPicture):
    """Scatter of up to millions of points.

    A click chooses a point, dragging draws a lasso or a rectangle; Ctrl adds to the selection, Alt takes away.
    The wheel zooms about the pointer; the middle button, or the left one with Space held, moves, as the arrow
    keys do; a double click shows everything. Return chooses the point nearest to the middle.

    Signals
    -------
    chosen(rows, how)
        Rows of the scene, intp (n,), and how to combine them with the selection: see
        :mod:`app.views.map.gestures`.
    """

    chosen = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Map of wells and molecules")
        self.setAccessibleDescription(
            "Arrow keys move, plus and minus zoom, Home shows everything, Return chooses the point in the middle"
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.tool = LASSO
        self.tip: Callable[[int], str] = lambda _row: ""
        self._before = NO_ROWS
        self._gesture: Gesture | None = None
        self._space = False
        self._picking = Background(self)

    @property
    def settled(self) -> bool:
        """Whether everything on show is painted, and no selection is being looked up."""
        return not self._picking.busy and super().settled

    def _paint_gesture(self, painter: QPainter) -> None:
        if self._gesture is not None:
            self._gesture.paint(painter, QColor(theme_of(self.palette()).accent))

    # The mouse ------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        moves = event.button() == Qt.MouseButton.MiddleButton or self._space
        if event.button() == Qt.MouseButton.RightButton or self._gesture is not None:
            return
        kind = "move" if moves else self.tool
        self._gesture = Gesture(kind, event.button(), event.position())
        if moves:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        gesture, here = self._gesture, event.position()
        if gesture is None:
            hover = self.row_at(here)
            if hover != self._hover:
                self._hover = hover
                self.update()
        elif gesture.kind == "move":
            step = here - gesture.last
            gesture.extend(here)
            self.pan(step.x(), step.y())
        elif gesture.extend(here):
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture = self._gesture
        if gesture is None or event.button() != gesture.button:
            return
        self._gesture = None
        self._show_cursor()
        self.update()
        if gesture.kind == "move":
            return
        how = how_to_combine(event.modifiers())
        if not gesture.dragged:
            row = self.row_at(gesture.start)
            self._choose(np.array([row] if row >= 0 else [], dtype=np.intp), how)
            return
        outline = np.array([self._view.to_plane(p.x(), p.y()) for p in gesture.outline()])
        index, points = self._index, self._points
        if points is None:
            return

        def work() -> NDArray[np.intp]:
            if gesture.kind == RECTANGLE:
                (x0, y0), (x1, y1) = outline[0].tolist(), outline[2].tolist()
                places = index.in_rectangle(x0, y0, x1, y1)
            else:
                places = index.in_polygon(outline)
            return np.sort(points.row[places]).astype(np.intp)

        self._picking.run(work, lambda rows: self._choose(rows, how))

    def _choose(self, rows: NDArray[np.intp], how: str) -> None:
        self._before = self._marked
        self.chosen.emit(rows, how)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._space:
            self.mousePressEvent(event)
            return
        if self.row_at(event.position()) < 0:
            # The first click of the two took the selection away.
            if len(self._before) and not len(self._marked):
                self.chosen.emit(self._before, REPLACE)
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() or event.angleDelta().x()
        if turned:
            self.zoom_about(1.0015**turned, event.position())
        event.accept()

    def leaveEvent(self, _event: QEvent) -> None:
        self._hover = -1
        self.update()

    def _show_cursor(self) -> None:
        self.setCursor(Qt.CursorShape.OpenHandCursor if self._space else Qt.CursorShape.ArrowCursor)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self.row_at(QPointF(event.pos()))
            if row >= 0 and (text := self.tip(row)):
                QToolTip.showText(event.globalPos(), text, self)
            else:
                QToolTip.hideText()
            return True
        giving_up = event.type() == QEvent.Type.ShortcutOverride and self._gesture is not None
        if giving_up and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            # A line that is being drawn is given up before the selection is.
            event.accept()
            return True
        return super().event(event)

    # The keyboard ---------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        middle = QPointF(self.width() / 2, self.height() / 2)
        if key in _ARROWS:
            right, down = _ARROWS[key]
            self.pan(_STEP * right, _STEP * down)
        elif key in _NEARER:
            self.zoom_about(_NEARER[key], middle)
        elif key in _WHOLE:
            self.fit()
        elif key == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._space = True
                self._show_cursor()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._choose_middle(how_to_combine(event.modifiers()))
        elif key == Qt.Key.Key_Escape and self._gesture is not None:
            self._gesture = None
            self.update()
        else:
            super().keyPressEvent(event)

    def _choose_middle(self, how: str) -> None:
        if self._points is None or not len(self._points):
            return
        reach = max(self.width(), self.height()) / self._view.scale
        place = self._index.nearest(self._view.x, self._view.y, reach)
        if place >= 0:
            self._choose(np.array([self._points.row[place]], dtype=np.intp), how)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self._show_cursor()
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._space = False
        self._show_cursor()
        self.update()
        super().focusOutEvent(event)
