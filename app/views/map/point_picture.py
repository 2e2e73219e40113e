"""Points painted in a part of the plane, with those that are marked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.background import Background
from app.theme import font, rgb_of, theme_of
from app.views.map.pictures import Pictures
from app.views.map.point_index import PointIndex
from app.views.map.points import Points, Scene
from app.views.map.rasterise import Style
from app.views.map.viewport import Viewport

__all__ = ["NO_ROWS", "PointPicture"]

NO_ROWS: NDArray[np.intp] = np.empty(0, dtype=np.intp)

_NO_INDEX = PointIndex(np.empty((0, 2), dtype=np.float32))
_REACH = 9
# More marked points than this are painted smaller.
_FEW = 500


class PointPicture(QWidget):
    """Up to millions of points, in a view that moves and zooms.

    Signals
    -------
    view_changed()
        Moved or zoomed.
    scene_painted(Scene)
        Its points are those on show from now on: what names them may change.
    """

    view_changed = Signal()
    scene_painted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.axes = ("", "")
        self._scene: Scene | None = None
        self._painted_scene: Scene | None = None
        self._points: Points | None = None
        self._index, self._indexed = _NO_INDEX, False
        self._marked = self._ringed = self._circled = NO_ROWS
        self._home = self._view = Viewport()
        self._moved_by_user = False
        self._hover = -1
        self._ordering, self._indexing = Background(self), Background(self)
        self._all, self._marks = Pictures(self), Pictures(self)
        self._all.changed.connect(self._painted)
        self._marks.changed.connect(self.update)

    # What is shown --------------------------------------------------------------------------------------

    @property
    def settled(self) -> bool:
        """Whether everything on show is painted, and can be pointed at."""
        return not (self._ordering.busy or self._indexing.busy) and self._all.ready and self._marks.ready

    @property
    def whole(self) -> bool:
        """Whether nothing of the view is missing from what is painted."""
        return not self._ordering.busy and self._all.whole

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
            self._take(None, None, Viewport(), keep_view=False)
            return
        width, height = max(self.width(), 1), max(self.height(), 1)

        def work() -> tuple[Points, Viewport]:
            points = scene.in_order()
            return points, Viewport.fitted(points.at, width, height)

        self._ordering.run(work, lambda found: self._take(scene, *found, keep_view=keep_view))

    def _take(self, scene: Scene | None, points: Points | None, home: Viewport, *, keep_view: bool) -> None:
        self._scene, self._points = scene, points
        self._home = home.refitted(self.width(), self.height())
        self._hover = -1
        self._index, self._indexed = _NO_INDEX, False
        if not (keep_view and self._moved_by_user):
            self._moved_by_user = False
            self._view = self._home
        self._all.set_view(self._view)
        self._all.set_points(points, self._style())
        self.set_marked(self._marked)
        self.view_changed.emit()

    def _painted(self) -> None:
        """What is seen comes first; then what the pointer needs."""
        self.update()
        points, scene = self._points, self._scene
        if self._all.current and scene is not self._painted_scene:
            # Not before: the labels of these points would stand at the others.
            self._painted_scene = scene
            self.axes = scene.axes if scene is not None else ("", "")
            self.scene_painted.emit(scene)
        if points is not None and not self._indexed and self._all.whole:
            self._indexed = True

            def use(index: PointIndex) -> None:
                self._index = index

            self._indexing.run(lambda: PointIndex(points.at), use)

    def set_marked(
        self,
        rows: NDArray[np.intp],
        ringed: NDArray[np.intp] | None = None,
        circled: NDArray[np.intp] | None = None,
    ) -> None:
        """Mark points as selected, put a ring around some, and a fine circle around others."""
        self._marked = rows
        self._ringed = self._ringed if ringed is None else ringed
        self._circled = self._circled if circled is None else circled
        if self._scene is None:
            self._marks.set_points(None, self._style())
            return
        self._marks.set_view(self._view)
        # Those of a scene that is still being put in order are marked when it is there.
        wanted = np.union1d(rows, self._ringed)
        marks = self._scene.some(wanted[wanted < len(self._scene)])
        self._marks.set_points(marks, self._style(marks=True, few=len(marks) <= _FEW))
        self.update()

    def _style(self, *, marks: bool = False, few: bool = True) -> Style:
        theme = theme_of(self.palette())
        ground, ratio = rgb_of(theme.base), self.devicePixelRatioF()
        if not marks:
            return Style(ground, ground, ratio)
        radius, rim = (5.5, 1.8) if few else (3.2, 1.0)
        return Style(ground, rgb_of(theme.text), ratio, radius, rim, transparent=True)

    def row_at(self, at: QPointF) -> int:
        """Row of the scene at a pixel, -1 where there is none."""
        if self._points is None:
            return -1
        x, y = self._view.to_plane(at.x(), at.y())
        place = self._index.nearest(x, y, _REACH / self._view.scale)
        return int(self._points.row[place]) if place >= 0 else -1

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
        zoom = self.zoom
        self._home = self._home.refitted(self.width(), self.height())
        self._set_view(self._rescaled(zoom) if self._moved_by_user else self._home)

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
        self._paint_gesture(painter)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_gesture(self, painter: QPainter) -> None:
        """For those who let something be drawn."""

    def _paint_rings(self, painter: QPainter) -> None:
        if self._scene is None:
            return
        theme = theme_of(self.palette())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for rows, radius, width, colour in (
            (self._circled, 6.5, 1.2, theme.accent),
            (self._ringed, 9.5, 2.4, theme.accent),
            (np.array([self._hover]) if self._hover >= 0 else NO_ROWS, 7.5, 1.4, theme.muted),
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
