"""One figure over the plates of a run, with what is usual for it."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.numbers import number
from app.views.chart import Chart
from app.views.quality_figures import LIGHTS, Figure, Quality, light_colour

__all__ = ["RunChart"]

_REACH = 9
_PIXELS_A_NUMBER = 32
_STEPS = tuple(step * 10**power for power in range(7) for step in (1, 2, 5))
# Symbols of the lights, as in the table.
_SYMBOLS = ("o", "o", "t1", "d")
_SIZES = (7, 7, 10, 11)


class RunChart(Chart):
    """Points in the order of the plates, the mean as a line, one and three standard deviations as bands.

    Signals
    -------
    plate_chosen(int)
        A point was clicked, or reached with the arrow keys.
    """

    plate_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Run chart", bottom="Plate, in the order of the file", parent=parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._values: NDArray[np.float64] = np.empty(0)
        self._barcodes: tuple[str, ...] = ()
        self._title = ""
        self._lights: NDArray[np.int8] = np.empty(0, dtype=np.int8)
        self._plate = -1
        self._fewest = 0
        self.bands = [pg.LinearRegionItem((0, 0), "horizontal", movable=False) for _ in range(2)]
        for depth, band in enumerate(self.bands):
            band.setZValue(-20 + depth)
            for line in band.lines:
                line.hide()
        self.mean = self.add(pg.InfiniteLine(angle=0, movable=False))
        self.points = self.add(pg.ScatterPlotItem(pxMode=True))
        self.ring = self.add(pg.ScatterPlotItem(pxMode=True))
        for band in self.bands:
            self.add(band)
        self.setMouseEnabled(x=False, y=False)
        self.scene().sigMouseClicked.connect(self._clicked)
        self.scene().sigMouseMoved.connect(self._moved)
        self.rethemed.connect(self._draw)

    def set_run(self, quality: Quality | None, figure: Figure) -> None:
        """Show a figure of every plate."""
        self._title = figure.title
        self.set_labels(left=figure.title)
        if quality is None:
            self._values, self._barcodes, self._lights = np.empty(0), (), np.empty(0, dtype=np.int8)
        else:
            self._values, self._barcodes = quality.columns[figure.key], quality.barcodes
            self._lights, self._fewest = quality.light(figure), quality.fewest_plates
        self._draw()

    def set_plate(self, plate: int) -> None:
        """Mark a plate."""
        self._plate = plate
        self._draw_ring()

    def usual(self) -> tuple[float, float]:
        """Mean and standard deviation over the plates; NaN where there are too few of them for lights."""
        known = self._values[np.isfinite(self._values)]
        enough = len(known) >= max(self._fewest, 2)
        return (float(known.mean()), float(known.std(ddof=1))) if enough else (np.nan, np.nan)

    def _draw(self) -> None:
        theme = self.theme
        known = np.flatnonzero(np.isfinite(self._values))
        brushes = [pg.mkBrush(light_colour(light, theme)[1]) for light in range(len(LIGHTS))]
        lights = self._lights[known].tolist()
        self.points.setData(
            x=known,
            y=self._values[known],
            symbol=[_SYMBOLS[light] for light in lights],
            size=[_SIZES[light] for light in lights],
            brush=[brushes[light] for light in lights],
            pen=pg.mkPen(theme.base, width=0.7),
        )
        mean, spread = self.usual()
        shown = not np.isnan(mean)
        self.mean.setVisible(shown)
        self.mean.setPen(pg.mkPen(theme.muted, width=1, style=Qt.PenStyle.DashLine))
        for band, times in zip(self.bands, (3, 1), strict=True):
            band.setVisible(shown)
            fill = QColor(theme.accent)
            fill.setAlphaF(0.09)
            band.setBrush(fill)
            if shown:
                band.setRegion((mean - times * spread, mean + times * spread))
        if shown:
            self.mean.setPos(mean)
            low = min(mean - 3.2 * spread, float(self._values[known].min()))
            high = max(mean + 3.2 * spread, float(self._values[known].max()))
            self.setYRange(low, high if high > low else low + 1, padding=0.04)
        elif len(known):
            low, high = float(self._values[known].min()), float(self._values[known].max())
            self.setYRange(low, high if high > low else low + 1, padding=0.3)
        self.setXRange(-0.5, max(len(self._values), 1) - 0.5, padding=0.02)
        self._number_plates()
        self._draw_ring()

    def _number_plates(self) -> None:
        """Number as many plates as there is room for."""
        n = len(self._values)
        fitting = max(2, int(self.getViewBox().width()) // _PIXELS_A_NUMBER)
        step = next(step for step in _STEPS if step * fitting >= n)
        ticks = [(place, str(place + 1)) for place in range(n) if (place + 1) % step == 0]
        self.getAxis("bottom").setTicks([ticks])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "ring"):
            self._number_plates()

    def _draw_ring(self) -> None:
        theme, plate = self.theme, self._plate
        if 0 <= plate < len(self._values) and np.isfinite(self._values[plate]):
            pen, none = pg.mkPen(theme.text, width=2), pg.mkBrush(None)
            self.ring.setData(x=[plate], y=[self._values[plate]], size=15, symbol="o", pen=pen, brush=none)
        else:
            self.ring.clear()

    def plate_at(self, at: QPointF) -> int:
        """The plate whose point lies at a place of the scene; -1 for none."""
        known = np.flatnonzero(np.isfinite(self._values))
        if not len(known):
            return -1
        view = self.getViewBox()
        point = view.mapSceneToView(at)
        across, up = view.viewPixelSize()
        distance = np.hypot((known - point.x()) / across, (self._values[known] - point.y()) / up)
        nearest = int(distance.argmin())
        return int(known[nearest]) if distance[nearest] <= _REACH else -1

    def _clicked(self, event: object) -> None:
        plate = self.plate_at(event.scenePos())  # type: ignore[attr-defined]
        if plate >= 0:
            self.plate_chosen.emit(plate)

    def _moved(self, at: QPointF) -> None:
        plate = self.plate_at(at)
        text = ""
        if plate >= 0:
            light = LIGHTS[int(self._lights[plate])]
            text = f"{self._barcodes[plate]}: {self._title} {number(float(self._values[plate]))}"
            text += f", {light}" if light else ""
        self.setToolTip(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not len(self._values):
            super().keyPressEvent(event)
        else:
            self.plate_chosen.emit(min(max(self._plate + step, 0), len(self._values) - 1))
