"""Row and column trends of one plate."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.numbers import number
from app.open_plate import OpenPlate
from app.views.chart import Chart
from app.views.quality_figures import Quality
from molphenix_core.plates.wells import row_label

__all__ = ["TrendsChart", "medians_by_line"]

_PIXELS_A_NAME = 26
_PIXELS_TO_TELL = 190
_TIP = (
    "The wells in which position effects were sought: their first principal component, in standard deviations of "
    "the negative controls; the line joins the medians"
)


def medians_by_line(
    lines: NDArray[np.integer], values: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Median of the values in each row or column that has any.

    Parameters
    ----------
    lines : int (n,)
        Row or column of each well.
    values : float64 (n,)

    Returns
    -------
    intp (m,)
        The rows or columns, ascending.
    float64 (m,)
    """
    places = np.unique(lines)
    return places.astype(np.intp), np.array([np.median(values[lines == place]) for place in places])


class TrendsChart(QWidget):
    """Readout against row and against column: a point a well, a line through the medians."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Row and column trends")
        self.charts = (Chart("Row trend", bottom="Row"), Chart("Column trend", bottom="Column"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self._points, self._lines = [], []
        self._told = ["", ""]
        self._data: tuple[NDArray[np.integer], NDArray[np.float64]] = (np.empty((0, 2), int), np.empty(0))
        for chart in self.charts:
            layout.addWidget(chart, 1)
            chart.setMouseEnabled(x=False, y=False)
            self._points.append(chart.add(pg.ScatterPlotItem(pxMode=True, size=5)))
            self._lines.append(chart.add(pg.PlotCurveItem()))
        self.charts[0].set_labels(left="PC 1")
        self.charts[1].setYLink(self.charts[0])
        self.charts[1].getAxis("left").setStyle(showValues=False)
        self.charts[0].rethemed.connect(self._draw)

    def _tell(self, quality: Quality | None, barcode: int) -> None:
        """Effects and q-values under the axes, or that there are none."""
        self._told = []
        for key in ("row", "column"):
            told = ""
            if quality is not None:
                effect, q = (float(quality.columns[name][barcode]) for name in (key, f"{key}_q"))
                told = f"trend {number(effect, 2)}, q {number(q, 2)}"
                told = "too few wells to tell" if np.isnan(effect) else told
            self._told.append(told)

    def set_plate(self, quality: Quality | None, plate: OpenPlate | None, barcode: int) -> None:
        """Show the wells of a plate in which position effects were sought."""
        if quality is None or plate is None or not 0 <= barcode < len(quality):
            self._data = np.empty((0, 2), int), np.empty(0)
            self._tell(None, 0)
        else:
            self._tell(quality, barcode)
            used = quality.trend_wells & (plate.plate_of_well == barcode) & (plate.positions >= 0).all(axis=1)
            used &= np.isfinite(quality.trend_values)
            self._data = plate.positions[used], quality.trend_values[used]
        self._draw()

    def _draw(self) -> None:
        positions, values = self._data
        for axis, chart in enumerate(self.charts):
            theme = chart.theme
            lines = positions[:, axis]
            self._points[axis].setData(x=lines, y=values, pen=None, brush=pg.mkBrush(theme.muted + "90"))
            places, medians = medians_by_line(lines, values)
            self._lines[axis].setData(x=places.astype(float), y=medians, pen=pg.mkPen(theme.accent, width=2))
            if not len(values):
                continue
            chart.setXRange(int(lines.min()) - 0.5, int(lines.max()) + 0.5, padding=0.02)
        if len(values):
            # A few wild wells must not press all others into a line.
            low_y, high_y = (float(v) for v in np.percentile(values, [1, 99]))
            self.charts[0].setYRange(low_y, high_y if high_y > low_y else low_y + 1, padding=0.1)
        self._name_lines()

    def _name_lines(self) -> None:
        """Name as many rows and columns as there is room for."""
        positions, values = self._data
        roomy = min(chart.getViewBox().width() for chart in self.charts) >= _PIXELS_TO_TELL
        for axis, chart in enumerate(self.charts):
            name, told = ("Row", "Column")[axis], self._told[axis]
            chart.set_labels(bottom=f"{name} · {told}" if told and roomy else name)
            chart.setToolTip(f"{name}: {told}\n{_TIP}" if told else _TIP)
            if not len(values):
                chart.getAxis("bottom").setTicks([[]])
                continue
            low, high = int(positions[:, axis].min()), int(positions[:, axis].max())
            fitting = max(2, int(chart.getViewBox().width()) // _PIXELS_A_NAME)
            step = max(1, int(np.ceil((high - low + 1) / fitting)))
            names = [(at, row_label(at) if axis == 0 else str(at + 1)) for at in range(low, high + 1, step)]
            chart.getAxis("bottom").setTicks([names])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._name_lines()
