"""The scatter itself: painting, moving, and choosing points with the mouse and the keyboard."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.background import Background
from app.theme import font, rgb_of, theme_of
from app.views.map.gestures import REPLACE, Gesture, how_to_combine
from app.views.map.pictures import Pictures
from app.views.map.point_index import PointIndex
from app.views.map.points import Points, Scene
from app.views.map.rasterise import Style
from app.views.map.viewport import Viewport

__all__ = ["LASSO", "RECTANGLE", "PointCanvas"]

LASSO, RECTANGLE = "lasso", "rectangle"

_REACH = 9
# More marked points than this are painted smaller.
_FEW = 500
_STEP = 60
_ARROWS = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
_NEARER = {Qt.Key.Key_Plus: 1.4, Qt.Key.Key_Equal: 1.4, Qt.Key.Key_Minus: 1 / 1.4}
_WHOLE = {Qt.Key.Key_Home, Qt.Key.Key_0, Qt.Key.Key_F}
_NO_ROWS: NDArray[np.intp] = np.empty(0, dtype=np.intp)


class PointCanvas(QWidget):
    """Scatter of up to millions of points.

    A click chooses a point, dragging draws a lasso or a rectangle; Ctrl adds to the selection, Alt takes away.
    The wheel zooms about the pointer; the middle button, or the left one with Space held, moves, as the arrow
    keys do; a double click shows everything. Return chooses the point nearest to the middle.

    Signals
    -------
    chosen(rows, how)
        Rows of the scene, intp (n,), and how to combine them with the selection: see
        :mod:`app.views.map.gestures`.
    view_changed()
        Moved or zoomed.
    """

    chosen = Signal(object, str)
    view_changed = Signal()
    menu_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Map of wells and molecules")
        self.setAccessibleDescription(
            "Arrow keys move, plus and minus zoom, Home shows everything, Return chooses the point in the middle"
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.tool = LASSO
        self.axes = ("", "")
        self.tip: Callable[[int], str] = lambda _row: ""
        self._scene: Scene | None = None
        self._points: Points | None = None
        self._index = PointIndex(np.empty((0, 2), dtype=np.float32))
        self._marked = self._ringed = _NO_ROWS
        self._before = _NO_ROWS
        self._home = self._view = Viewport()
        self._moved_by_user = False
        self._hover = -1
        self._gesture: Gesture | None = None
        self._space = False
        self._ordering, self._picking = Background(self), Background(self)
        self._all, self._marks = Pictures(self), Pictures(self)
        self._all.changed.connect(self.update)
        self._marks.changed.connect(self.update)

    # What is shown --------------------------------------------------------------------------------------

    @property
    def settled(self) -> bool:
        """Whether everything on show is painted, and no selection is being looked up."""
        return not self._ordering.busy and not self._picking.busy and self._all.ready and self._marks.ready

    @property
    def picking(self) -> bool:
        """Whether the points within a line are being looked up."""
        return self._picking.busy

    @property
    def view(self) -> Viewport:
        """The part of the plane on show."""
        return self._view

    def set_scene(self, scene: Scene | None, *, keep_view: bool = True) -> None:
        """Show other points; the old ones stay until the new ones are in order.

        Parameters
        ----------
        scene : Scene or None
        keep_view : bool
            Whether the user's view still means the same, as after a change of colours.
        """
        if scene is None:
            self._ordering.drop()
            self._take(None, None, PointIndex(np.empty((0, 2), dtype=np.float32)), Viewport(), keep_view=False)
            return
        known = self._scene
        same = known is not None and known.at is scene.at and np.array_equal(known.shown, scene.shown)
        index = self._index if same else None
        width, height = max(self.width(), 1), max(self.height(), 1)

        def work() -> tuple[Points, PointIndex, Viewport]:
            points = scene.in_order()
            # Colours change nothing of where points are, but their order may change with the layers.
            keeps = index is not None and self._points is not None and np.array_equal(self._points.row, points.row)
            placed = index if keeps and index is not None else PointIndex(points.at)
            return points, placed, Viewport.fitted(scene.at[scene.shown], width, height)

        self._ordering.run(work, lambda found: self._take(scene, *found, keep_view=keep_view))

    def _take(
        self, scene: Scene | None, points: Points | None, index: PointIndex, home: Viewport, *, keep_view: bool
    ) -> None:
        self._scene, self._points, self._index, self._home = scene, points, index, home
        self._hover = -1
        if not (keep_view and self._moved_by_user):
            self._moved_by_user = False
            self._view = home.resized(self.width(), self.height())
        self._all.set_view(self._view)
        self._all.set_points(points, self._style())
        self.set_marked(self._marked)
        self.view_changed.emit()

    def set_marked(self, rows: NDArray[np.intp], ringed: NDArray[np.intp] | None = None) -> None:
        """Mark points as selected, and put a ring around some."""
        self._marked = rows
        self._ringed = self._ringed if ringed is None else ringed
        if self._scene is None:
            self._marks.set_points(None, self._style())
            return
        self._marks.set_view(self._view)
        # Those of a scene that is still being put in order are marked when it is there.
        marks = self._scene.some(rows[rows < len(self._scene)])
        self._marks.set_points(marks, self._style(marks=True, few=len(marks) <= _FEW))
        self.update()

    def _style(self, *, marks: bool = False, few: bool = True) -> Style:
        theme = theme_of(self.palette())
        ground, ratio = rgb_of(theme.base), self.devicePixelRatioF()
        if not marks:
            return Style(ground, ground, ratio)
        radius, rim = (5.5, 1.8) if few else (3.2, 1.0)
        return Style(ground, rgb_of(theme.text), ratio, radius, rim, transparent=True)

    # The view -------------------------------------------------------------------------------------------

    def fit(self) -> None:
        """Bring all points into sight."""
        self._moved_by_user = False
        self._set_view(self._home.resized(self.width(), self.height()))

    def set_view(self, x: float, y: float, zoom: float) -> None:
        """Show a middle at a scale, in multiples of the one that shows everything."""
        self._moved_by_user = True
        width, height = max(self.width(), 1), max(self.height(), 1)
        self._set_view(Viewport(x, y, zoom * self._home.scale, width, height))

    @property
    def zoom(self) -> float:
        """The scale, in multiples of the one that shows everything."""
        return self._view.scale / self._home.scale

    def pan(self, right: float, down: float) -> None:
        """Move the points by some pixels."""
        self._moved_by_user = True
        self._set_view(self._view.moved(right, down))

    def zoom_about(self, factor: float, at: QPointF) -> None:
        """Come nearer (above 1) to the point of the plane at a pixel, or go away from it."""
        self._moved_by_user = True
        self._set_view(self._view.zoomed(factor, at.x(), at.y(), self._home))

    def _set_view(self, view: Viewport) -> None:
        self._view = view
        self._all.set_view(view)
        self._marks.set_view(view)
        self._hover = -1
        self.update()
        self.view_changed.emit()

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 160)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._points is not None and len(self._points):
            home = Viewport.fitted(self._corners(), self.width(), self.height())
            zoom, self._home = self.zoom, home
            self._view = home if not self._moved_by_user else self._rescaled(zoom)
        else:
            self._view = self._view.resized(self.width(), self.height())
        self._set_view(self._view)

    def _corners(self) -> NDArray[np.float64]:
        """Two points that every shown one lies between."""
        low, high = self._index.bounds
        return np.array([low, high])

    def _rescaled(self, zoom: float) -> Viewport:
        view = self._view.resized(self.width(), self.height())
        return Viewport(view.x, view.y, zoom * self._home.scale, view.width, view.height)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in {QEvent.Type.PaletteChange, QEvent.Type.DevicePixelRatioChange}:
            self._all.set_points(self._points, self._style())
            self.set_marked(self._marked)
        super().changeEvent(event)

    # Painting -------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.base))
        for pictures in (self._all, self._marks):
            if pictures.picture is not None:
                pictures.picture.paint(painter, self._view)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_rings(painter)
        self._paint_axes(painter)
        if self._gesture is not None:
            self._gesture.paint(painter, QColor(theme.accent))
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_rings(self, painter: QPainter) -> None:
        if self._scene is None:
            return
        theme = theme_of(self.palette())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for rows, radius, width, colour in (
            (self._ringed, 9.5, 2.4, theme.accent),
            (np.array([self._hover]) if self._hover >= 0 else _NO_ROWS, 7.5, 1.4, theme.muted),
        ):
            painter.setPen(QPen(QColor(colour), width))
            there = self._scene.some(rows[rows < len(self._scene)])
            for x, y in self._view.to_screen(there.at).tolist():
                painter.drawEllipse(QPointF(x, y), radius, radius)

    def _paint_axes(self, painter: QPainter) -> None:
        across, up = self.axes
        painter.setFont(font(self.font(), step=-1))
        painter.setPen(QColor(theme_of(self.palette()).muted))
        box = QRectF(self.rect()).adjusted(8, 6, -8, -6)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, across)
        painter.save()
        painter.translate(box.left(), box.bottom())
        painter.rotate(-90)
        turned = QRectF(0, 0, box.height(), painter.fontMetrics().height())
        painter.drawText(turned, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, up)
        painter.restore()

    # The mouse ------------------------------------------------------------------------------------------

    def row_at(self, at: QPointF) -> int:
        """Row of the scene at a pixel, -1 where there is none."""
        if self._points is None:
            return -1
        x, y = self._view.to_plane(at.x(), at.y())
        place = self._index.nearest(x, y, _REACH / self._view.scale)
        return int(self._points.row[place]) if place >= 0 else -1

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
