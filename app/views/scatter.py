"""Wells as points: the first two principal components of their embeddings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QGraphicsRectItem, QVBoxLayout, QWidget

from app.colouring import Colouring
from app.records import OpenPlate
from app.theme import theme_of
from app.views.words import well_text

__all__ = ["Scatter"]

_NO_ROWS = np.empty(0, dtype=np.intp)


class _Rectangle(pg.ViewBox):
    """A view in which dragging selects; the wheel zooms and the middle button moves."""

    dragged = Signal(QRectF, bool)
    missed = Signal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self._band = QGraphicsRectItem()
        self._band.setZValue(1e9)
        self._band.hide()
        self.addItem(self._band, ignoreBounds=True)

    def set_colour(self, colour: QColor) -> None:
        pen = QPen(colour, 0)
        self._band.setPen(pen)
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
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            if event.double():
                self.autoRange()
            else:
                self.missed.emit()


class Scatter(QWidget):
    """Scatter of all wells of a file; click or drag a rectangle to select, with Ctrl to add."""

    selection_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Scatter of wells")
        self.setAccessibleDescription("First two principal components; drag a rectangle to select wells")
        self._plate: OpenPlate | None = None
        self._colouring: Colouring | None = None
        self._rows = _NO_ROWS
        self._view = _Rectangle()
        self._plot = pg.PlotWidget(viewBox=self._view)
        self._plot.setAccessibleName("Scatter plot")
        self._plot.hideButtons()
        self._plot.setMenuEnabled(False)
        self._plot.setAntialiasing(True)
        # Ctrl and drag belong to the selection; Qt's own focus frame would double the panel's edge.
        self._plot.setFrameShape(self._plot.Shape.NoFrame)
        self._points = pg.ScatterPlotItem(pxMode=True, hoverable=False)
        self._chosen = pg.ScatterPlotItem(pxMode=True)
        for item in (self._points, self._chosen):
            self._plot.addItem(item)
            item.sigClicked.connect(self._clicked)
        self._view.dragged.connect(self._dragged)
        self._view.missed.connect(self._missed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._plot)
        self._plot.scene().sigMouseMoved.connect(self._moved)
        self._retheme()

    @property
    def plate(self) -> OpenPlate | None:
        """The file whose wells are shown."""
        return self._plate

    def set_plate(self, plate: OpenPlate | None) -> None:
        """Show the wells of a file."""
        self._plate = plate
        self._rows = _NO_ROWS
        self._colouring = None
        self._points.clear()
        self._chosen.clear()
        if plate is not None:
            self._view.setRange(_bounds(plate.pca), padding=0.06)

    def set_colouring(self, colouring: Colouring | None) -> None:
        """Paint the wells in these colours, one for each row of the plate's table."""
        self._colouring = colouring
        if self._plate is None or colouring is None:
            self._points.clear()
            return
        # Wells without a value lie below the others, so that they hide nothing.
        order = np.argsort(colouring.known, kind="stable")
        colours, which = np.unique(colouring.rgb[order], axis=0, return_inverse=True)
        brushes = np.array([pg.mkBrush(int(r), int(g), int(b), 225) for r, g, b in colours], dtype=object)
        pen = pg.mkPen(theme_of(self.palette()).base, width=0.7)
        self._points.setData(
            pos=self._plate.pca[order].astype(np.float64),
            brush=list(brushes[which.ravel()]),
            pen=pen,
            size=8,
            data=order,
        )

    def value(self) -> NDArray[np.intp]:
        """Selected rows of the plate's table."""
        return self._rows

    def set_value(self, rows: NDArray[np.intp]) -> None:
        """Show a selection, without emitting ``selection_changed``."""
        self._rows = rows
        theme = theme_of(self.palette())
        if self._plate is None or not len(rows):
            self._chosen.clear()
            return
        rgb = self._colouring.rgb[rows] if self._colouring is not None else np.full((len(rows), 3), 128)
        self._chosen.setData(
            pos=self._plate.pca[rows].astype(np.float64),
            brush=[pg.mkBrush(int(r), int(g), int(b)) for r, g, b in rgb],
            pen=pg.mkPen(theme.text, width=2),
            size=12,
            data=rows,
        )

    def _select(self, rows: NDArray[np.intp], add: bool) -> None:
        chosen = np.union1d(self._rows, rows) if add else np.unique(rows)
        self.set_value(chosen)
        self.selection_changed.emit(chosen)

    def _clicked(self, _item: object, points: NDArray[np.object_], event: object) -> None:
        row = np.array([int(points[0].data())], dtype=np.intp)
        add = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)  # type: ignore[attr-defined]
        if add and row[0] in self._rows:
            self._select(np.setdiff1d(self._rows, row), False)
        else:
            self._select(row, add)

    def _dragged(self, rectangle: QRectF, add: bool) -> None:
        if self._plate is None:
            return
        x, y = self._plate.pca[:, 0], self._plate.pca[:, 1]
        within = (x >= rectangle.left()) & (x <= rectangle.right())
        within &= (y >= rectangle.top()) & (y <= rectangle.bottom())
        self._select(np.flatnonzero(within), add)

    def _missed(self) -> None:
        self._select(_NO_ROWS, False)

    def _moved(self, at: QPointF) -> None:
        points = self._points.pointsAt(self._view.mapSceneToView(at))
        text = ""
        if self._plate is not None and len(points):
            row = int(points[0].data())
            text = well_text(self._plate, row)
            plate = int(self._plate.plate_of_well[row])
            if len(self._plate.barcodes) > 1 and plate >= 0:
                text += f"<br>plate {self._plate.barcodes[plate]}"
        self._plot.setToolTip(text)

    def _retheme(self) -> None:
        theme = theme_of(self.palette())
        self._plot.setBackground(theme.base)
        self._view.set_colour(QColor(theme.accent))
        for side, name in (("bottom", "PC 1"), ("left", "PC 2")):
            axis = self._plot.getAxis(side)
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
