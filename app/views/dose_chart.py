"""Dose response as a picture: replicates, means, fitted curves with their bands, and the negative controls."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPen
from PySide6.QtWidgets import QWidget

from app.dose_curves import DoseCurve, DoseResponse
from app.numbers import number
from app.open_plate import OpenPlate
from app.theme import CATEGORIES
from app.views.chart import Chart
from app.views.dose_axis import DoseAxis
from app.views.words import dose_text

__all__ = ["SYMBOLS", "DoseChart", "curve_colour"]

SYMBOLS = ("o", "s", "t1", "d", "t", "p")
"""pyqtgraph's names of the marks, a compound each: shape tells them apart where colour does not."""

_REACH = 9.0
# Compounds at one dose stand side by side, by so much of a decade.
_ASIDE = 0.014
# More wells a dose than this would hide each other: they are spread by so much of a decade.
_CROWDED = 6
_SPREAD = 0.05


def curve_colour(number: int, dark: bool) -> QColor:
    """The colour of a compound by its place in the legend."""
    colour = QColor(CATEGORIES[number])
    return colour.lighter(135) if dark else colour


class DoseChart(Chart):
    """A chart of one :class:`~app.dose_curves.DoseResponse`.

    A click on a point chooses its well; the arrow keys go from point to point, and Enter chooses.

    Signals
    -------
    well_chosen(int, bool)
        A row of the plate's table; whether it is added to the selection.
    """

    well_chosen = Signal(int, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Dose response", bottom="Concentration (µM)", parent=parent)
        self.setAxisItems({"bottom": DoseAxis()})
        self._retheme()
        self.setMouseEnabled(x=False, y=False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleDescription("Arrow keys go from well to well, Enter selects the well")
        self._plate: OpenPlate | None = None
        self._response: DoseResponse | None = None
        self._selected: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self._points: NDArray[np.float64] = np.empty((0, 2))
        self._rows: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._of_curve: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self._at = -1
        self._ring = pg.ScatterPlotItem()
        self._here = pg.ScatterPlotItem()
        self.rethemed.connect(self._draw)
        self.scene().sigMouseMoved.connect(self._moved)

    def set_response(self, plate: OpenPlate | None, response: DoseResponse | None, axis: str) -> None:
        """Show some curves; the readout's name stands on the left."""
        self._plate, self._response = plate, response
        self._at = -1
        self.set_labels(left=axis)
        self._draw()

    def set_selected(self, rows: NDArray[np.intp]) -> None:
        """Ring the wells that are selected."""
        self._selected = rows
        self._mark()

    @property
    def points(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Where wells stand, (n, 2) as log10 micromolar and readout, and their rows."""
        return self._points, self._rows

    # Drawing --------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        self.clear()
        self._points, self._rows = np.empty((0, 2)), np.empty(0, dtype=np.int64)
        self._of_curve = np.empty(0, dtype=np.intp)
        response = self._response
        if response is None:
            return
        if response.controls is not None:
            self._draw_controls(response.controls)
        placed, rows, of_curve = [], [], []
        for place, curve in enumerate(response.curves):
            points = self._draw_curve(place, curve, len(response.curves))
            placed.append(points)
            rows.append(curve.rows[curve.shown])
            of_curve.append(np.full(len(points), place))
        if placed:
            self._points, self._rows = np.concatenate(placed), np.concatenate(rows)
            self._of_curve = np.concatenate(of_curve)
        self._ring, self._here = (self.add(pg.ScatterPlotItem(pxMode=True)) for _ in range(2))
        for item in (self._ring, self._here):
            item.setZValue(50)
        self._fit_range(response)
        self._mark()

    def _draw_controls(self, controls: tuple[float, float, float]) -> None:
        low, middle, high = controls
        region = pg.LinearRegionItem(
            (low, high), orientation="horizontal", movable=False, brush=QColor(self.theme.no_value), pen=None
        )
        for line in region.lines:
            line.setPen(pg.mkPen(None))
        region.setZValue(-20)
        self.addItem(region, ignoreBounds=True)
        line = pg.InfiniteLine(middle, angle=0, pen=_pen(self.theme.muted, 1, Qt.PenStyle.DashLine))
        line.setZValue(-19)
        self.addItem(line, ignoreBounds=True)

    def _draw_curve(self, place: int, curve: DoseCurve, count: int) -> NDArray[np.float64]:
        colour = curve_colour(place, self.theme.dark)
        shown = curve.shown
        aside = (_ASIDE if len(curve.shown) <= _CROWDED * max(len(curve.mean_doses), 1) else 2 * _ASIDE) * (
            place - (count - 1) / 2
        )
        means = np.log10(curve.mean_doses)
        crowded = len(shown) > _CROWDED * max(len(means), 1)
        across = np.log10(curve.doses[shown]) + aside + (_spread(curve.rows[shown], count) if crowded else 0.0)
        points = np.column_stack([across, curve.values[shown]])
        if curve.fit is not None:
            self._draw_fit(curve, colour, alone=count == 1)
        elif len(means) > 1:
            self.add(pg.PlotDataItem(means, curve.means, pen=_pen(colour, 1.2, Qt.PenStyle.DotLine)))
        faint = QColor(colour)
        faint.setAlpha(150)
        wells = pg.ScatterPlotItem(
            pos=points,
            symbol=SYMBOLS[place],
            size=5 if crowded else 7,
            brush=faint,
            pen=pg.mkPen(self.theme.base, width=0.7),
        )
        wells.setZValue(10)
        self.addItem(wells)
        if len(means):
            mean = pg.ScatterPlotItem(
                x=means + aside,
                y=curve.means,
                symbol=SYMBOLS[place],
                size=12,
                brush=QColor(self.theme.base),
                pen=pg.mkPen(colour, width=2),
            )
            # A few wells are seen within it, many hide it.
            mean.setZValue(11 if crowded else 9)
            self.addItem(mean)
        return points

    def _draw_fit(self, curve: DoseCurve, colour: QColor, *, alone: bool) -> None:
        fit = curve.fit
        assert fit is not None
        x = np.log10(fit.at)
        ends = [pg.PlotCurveItem(x, y, pen=pg.mkPen(None)) for y in (fit.low, fit.high)]
        ground = QColor(colour)
        ground.setAlpha(46)
        band = pg.FillBetweenItem(*ends, brush=ground)
        band.setZValue(-10)
        for item in (*ends, band):
            self.addItem(item)
        self.add(pg.PlotDataItem(x, fit.curve, pen=_pen(colour, 2.2)))
        if not fit.is_extrapolated:
            middle = (fit.bottom + fit.top) / 2
            low, high = fit.intervals["ec50"]
            reach = np.log10(np.clip([low, high], fit.lowest_dose, fit.highest_dose))
            # Among the curves of others it would be one more curve.
            if alone and low > 0 and np.isfinite(high):
                self.add(pg.PlotDataItem(reach, [middle, middle], pen=_pen(colour, 1.6)))
            mark = pg.ScatterPlotItem(
                x=[np.log10(fit.ec50)],
                y=[middle],
                symbol="+",
                size=13,
                brush=colour,
                pen=pg.mkPen(self.theme.base, width=0.5),
            )
            mark.setZValue(12)
            self.addItem(mark)

    def _fit_range(self, response: DoseResponse) -> None:
        if not response.curves:
            return
        doses = np.concatenate([curve.doses[np.isfinite(curve.doses)] for curve in response.curves])
        values = [self._points[:, 1]] if len(self._points) else []
        for curve in response.curves:
            if curve.fit is not None:
                values += [curve.fit.low, curve.fit.high]
        if response.controls is not None:
            values.append(np.array(response.controls))
        if not len(doses) or not values:
            return
        joined = np.concatenate(values)
        # A band that leaves the wells far behind must not flatten them.
        seen = self._points[:, 1]
        reach = max(float(np.ptp(seen)), 1e-9) if len(seen) else float(np.ptp(joined))
        low, high = float(joined.min()), float(joined.max())
        if len(seen):
            low, high = max(low, float(seen.min()) - 0.6 * reach), min(high, float(seen.max()) + 0.6 * reach)
        if response.controls is not None:
            # The legend names their band, and how far the wells lie from it is the point.
            low, high = min(low, response.controls[0]), max(high, response.controls[2])
        left, right = np.log10(doses.min()) - 0.12, np.log10(doses.max()) + 0.12
        self.setXRange(float(left), float(right), padding=0)
        self.setYRange(low, high, padding=0.06)

    # Wells ----------------------------------------------------------------------------------------------

    def _mark(self) -> None:
        chosen = np.isin(self._rows, self._selected)
        # All wells of the selected compounds are often selected: rings on every one would say nothing.
        shown = chosen if not chosen.all() else np.zeros(len(chosen), dtype=bool)
        ring = QColor(self.theme.text)
        self._ring.setData(pos=self._points[shown], size=13, brush=pg.mkBrush(None), pen=pg.mkPen(ring, width=1.6))
        here = self._points[self._at : self._at + 1] if self._at >= 0 else self._points[:0]
        self._here.setData(
            pos=here, size=18, brush=pg.mkBrush(None), pen=pg.mkPen(QColor(self.theme.accent), width=2)
        )

    def place_at(self, at: QPointF) -> int:
        """Place of the point of a well near a point of the scene, -1 where there is none."""
        if not len(self._points):
            return -1
        view = self.getViewBox()
        across, up = view.viewPixelSize()
        there = view.mapSceneToView(at)
        distance = np.hypot((self._points[:, 0] - there.x()) / across, (self._points[:, 1] - there.y()) / up)
        nearest = int(distance.argmin())
        return nearest if distance[nearest] <= _REACH else -1

    def well_text(self, place: int) -> str:
        """What is known of the well of one point, as rich text."""
        plate, response = self._plate, self._response
        if plate is None or response is None:
            return ""
        row, curve = int(self._rows[place]), response.curves[int(self._of_curve[place])]
        barcode = int(plate.plate_of_well[row])
        on = f", plate {escape(plate.barcodes[barcode])}" if barcode >= 0 else ""
        dose = float(plate_dose(curve, row))
        return (
            f"<b>{escape(plate.well(row))}</b>{on}<br>{escape(curve.title)}, {dose_text(dose)}"
            f"<br>{escape(self._labels['left'])}: {number(float(self._points[place, 1]))}"
        )

    def _moved(self, at: QPointF) -> None:
        place = self.place_at(at)
        self.setToolTip(self.well_text(place) if place >= 0 else "")
        self.setCursor(Qt.CursorShape.PointingHandCursor if place >= 0 else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            place = self.place_at(self.mapToScene(event.position().toPoint()))
            if place >= 0:
                self._choose(place, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))

    def _choose(self, place: int, add: bool) -> None:
        self._at = place
        self.well_chosen.emit(int(self._rows[place]), add)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}
        count = len(self._rows)
        if event.key() in steps and count:
            order = np.lexsort((self._points[:, 1], self._points[:, 0], self._of_curve))
            places = {int(place): rank for rank, place in enumerate(order)}
            rank = places[self._at] + steps[event.key()] if self._at >= 0 else 0  # type: ignore[index]
            self._at = int(order[rank % count])
            self._mark()
            self.setToolTip(self.well_text(self._at))
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._at >= 0:
            self._choose(self._at, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        else:
            super().keyPressEvent(event)


def _spread(rows: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Steps to the left and right, the same for a well whenever it is drawn."""
    return (rows * 7 % 11 - 5) / 10 * _SPREAD / max(1.0, 0.6 * count)


def plate_dose(curve: DoseCurve, row: int) -> float:
    """The dose of one of a compound's wells, micromolar."""
    return float(curve.doses[np.flatnonzero(curve.rows == row)[0]])


def _pen(colour: Any, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    pen = pg.mkPen(QColor(colour), width=width)
    pen.setStyle(style)
    return pen
