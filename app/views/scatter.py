"""Wells as points: the first two principal components of their embeddings."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QGraphicsRectItem, QVBoxLayout, QWidget

from app.colouring import Colouring
from app.open_plate import OpenPlate
from app.theme import theme_of
from app.views.words import well_text

__all__ = ["Scatter"]

_NO_ROWS = np.empty(0, dtype=np.intp)


_SIZE = 8
_REACH = 7
# More selected wells than this are marked in one colour.
_FEW = 500


class _Rectangle(pg.ViewBox):
    """A view in which dragging selects; the wheel zooms and the middle button moves."""

    dragged = Signal(QRectF, bool)
    clicked = Signal(QPointF, bool)
    double_clicked = Signal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self._band = QGraphicsRectItem()
        self._band.setZValue(1e9)
        self._band.hide()
        self.addItem(self._band, ignoreBounds=True)

    def set_colour(self, colour: QColor) -> None:
        """Colour of the rectangle while it is drawn."""
        self._band.setPen(QPen(colour, 0))
        fill = QColor(colour)
        fill.setAlphaF(0.15)
        self._band.setBrush(fill)

    def mouseDragEvent(self, event: Any, axis: Any = None) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mouseDragEvent(event, axis)
            return
        event.accept()
        start = self.mapSceneToView(event.buttonDownScenePos())
        rectangle = QRectF(start, self.mapSceneToView(event.scenePos())).normalized()
        self._band.setRect(rectangle)
        self._band.setVisible(not event.isFinish())
        if event.isFinish():
            self.dragged.emit(rectangle, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))

    def mouseClickEvent(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        event.accept()
        if event.double():
            self.double_clicked.emit()
        else:
            add = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self.clicked.emit(self.mapSceneToView(event.scenePos()), add)


class Scatter(QWidget):
    """Scatter of all wells of a file; click or drag a rectangle to select, with Ctrl to add.

    The wheel zooms, the middle button moves, a double click shows all wells again.
    """

    selection_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Scatter of wells")
        self.setAccessibleDescription("First two principal components; drag a rectangle to select wells")
        self._plate: OpenPlate | None = None
        self._colouring: Colouring | None = None
        self._rows = _NO_ROWS
        self.view = _Rectangle()
        self.plot = pg.PlotWidget(viewBox=self.view)
        self.plot.setAccessibleName("Scatter plot")
        self.plot.hideButtons()
        self.plot.setMenuEnabled(False)
        self.plot.setAntialiasing(True)
        self.plot.setFrameShape(self.plot.Shape.NoFrame)
        # One item a colour: pyqtgraph styles single points one by one, which takes ten times as long.
        self._points: list[pg.ScatterPlotItem] = []
        self._chosen = self._new_item()
        self._chosen.setZValue(1000)
        self.view.dragged.connect(self._dragged)
        self.view.clicked.connect(self._clicked)
        self.view.double_clicked.connect(self.show_all)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        self.plot.scene().sigMouseMoved.connect(self._moved)
        self._retheme()

    def _new_item(self) -> pg.ScatterPlotItem:
        item = pg.ScatterPlotItem(pxMode=True)
        # Clicks and hovering are looked up among all points at once.
        item.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        item.mouseClickEvent = lambda event: event.ignore()
        self.plot.addItem(item)
        return item

    @property
    def plate(self) -> OpenPlate | None:
        """The file whose wells are shown."""
        return self._plate

    def set_plate(self, plate: OpenPlate | None) -> None:
        """Show the wells of a file; :meth:`set_colouring` paints them."""
        self._plate = plate
        self._rows = _NO_ROWS
        self._colouring = None
        self._chosen.clear()
        for item in self._points:
            item.clear()
        self.show_all()

    def set_colouring(self, colouring: Colouring | None) -> None:
        """Paint the wells in these colours, one for each row of the plate's table."""
        self._colouring = colouring
        self.plot.viewport().update()
        if self._plate is None or colouring is None:
            for item in self._points:
                item.clear()
            return
        red, green, blue = colouring.rgb.astype(np.int32).T
        colours, which = np.unique(red << 16 | green << 8 | blue, return_inverse=True)
        for item in self._points[len(colours) :]:
            item.clear()
        # Wells without a value lie below the others and bright ones, which are active, on top.
        known = np.zeros(len(colours), dtype=bool)
        known[which[colouring.known]] = True
        while len(self._points) < len(colours):
            self._points.append(self._new_item())
        pen = pg.mkPen(theme_of(self.palette()).base, width=0.7)
        for index, colour in enumerate(colours.tolist()):
            item = self._points[index]
            item.setZValue(float(known[index]) + (colour >> 8 & 255) / 512)
            item.setData(
                pos=self._plate.pca[which == index],
                brush=pg.mkBrush(colour >> 16, colour >> 8 & 255, colour & 255, 225),
                pen=pen,
                size=_SIZE,
            )

    def value(self) -> NDArray[np.intp]:
        """Selected rows of the plate's table."""
        return self._rows

    def set_value(self, rows: NDArray[np.intp]) -> None:
        """Show a selection, without emitting ``selection_changed``."""
        self._rows = rows
        # pyqtgraph forgets where the old points were before it asks for a repaint: their rings would stay.
        self.plot.viewport().update()
        theme = theme_of(self.palette())
        if self._plate is None or not len(rows):
            self._chosen.clear()
            return
        if len(rows) > _FEW or self._colouring is None:
            brush: Any = pg.mkBrush(theme.accent)
        else:
            # One brush a colour: pyqtgraph renders a symbol anew for every brush object.
            colours, which = np.unique(self._colouring.rgb[rows], axis=0, return_inverse=True)
            brushes = [pg.mkBrush(*colour) for colour in colours.tolist()]
            brush = [brushes[number] for number in which.ravel()]
        self._chosen.setData(
            pos=self._plate.pca[rows],
            brush=brush,
            pen=pg.mkPen(theme.text, width=2 if len(rows) <= _FEW else 1),
            size=12 if len(rows) <= _FEW else _SIZE,
        )

    def row_at(self, at: QPointF) -> int:
        """Row of the well at a point of the plot's coordinates, -1 where there is none."""
        if self._plate is None:
            return -1
        across, up = self.view.viewPixelSize()
        distance = np.hypot((self._plate.pca[:, 0] - at.x()) / across, (self._plate.pca[:, 1] - at.y()) / up)
        nearest = int(distance.argmin())
        return nearest if distance[nearest] <= _REACH else -1

    def _select(self, rows: NDArray[np.intp], add: bool) -> None:
        chosen = np.union1d(self._rows, rows) if add else np.unique(rows)
        self.set_value(chosen)
        self.selection_changed.emit(chosen)

    def _clicked(self, at: QPointF, add: bool) -> None:
        row = self.row_at(at)
        rows = np.array([row] if row >= 0 else [], dtype=np.intp)
        if add and row in self._rows:
            self._select(np.setdiff1d(self._rows, rows), False)
        else:
            self._select(rows, add)

    def _dragged(self, rectangle: QRectF, add: bool) -> None:
        if self._plate is None:
            return
        x, y = self._plate.pca[:, 0], self._plate.pca[:, 1]
        within = (x >= rectangle.left()) & (x <= rectangle.right())
        within &= (y >= rectangle.top()) & (y <= rectangle.bottom())
        self._select(np.flatnonzero(within), add)

    def show_all(self) -> None:
        """Bring all wells into sight."""
        if self._plate is not None:
            self.view.setRange(_bounds(self._plate.pca), padding=0.06)

    def _moved(self, at: QPointF) -> None:
        row = self.row_at(self.view.mapSceneToView(at))
        text = ""
        if self._plate is not None and row >= 0:
            text = well_text(self._plate, row)
            plate = int(self._plate.plate_of_well[row])
            if len(self._plate.barcodes) > 1 and plate >= 0:
                text += f"<br>plate {escape(self._plate.barcodes[plate])}"
        self.plot.setToolTip(text)

    def _retheme(self) -> None:
        theme = theme_of(self.palette())
        self.plot.setBackground(theme.base)
        self.view.set_colour(QColor(theme.accent))
        for side, name in (("bottom", "PC 1"), ("left", "PC 2")):
            axis = self.plot.getAxis(side)
            axis.setPen(QPen(QColor(theme.line), 1))
            axis.setTextPen(QColor(theme.muted))
            axis.setLabel(name, color=theme.muted)
            axis.setStyle(tickLength=0, showValues=False)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._retheme()
            self.set_colouring(self._colouring)
            self.set_value(self._rows)
        super().changeEvent(event)


def _bounds(points: NDArray[np.float32]) -> QRectF:
    low, high = points.min(axis=0), points.max(axis=0)
    size = np.maximum(high - low, 1e-6)
    return QRectF(float(low[0]), float(low[1]), float(size[0]), float(size[1]))
