"""The hit rate as one limit of the rule changes."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.views.chart import Chart
from app.views.hit_calling_rule import asks
from molphenix_core.plates.hit_rule import Columns, Criterion, HitRule, count_hits

__all__ = ["RateCurve", "thresholds"]

_STEPS = 160
_TITLES = {
    "min_replicates": "Replicates at least",
    "max_q": "q-value at most",
    "min_distance": "Distance to control at least",
    "min_relative_cell_count": "Relative cell count at least",
}


def thresholds(criterion: Criterion, values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Limits at which the hit rate of some treatments changes, or an even choice of them.

    Parameters
    ----------
    criterion : Criterion
        With a number.
    values : float (n,)
        Of the treatments, NaN where not known.

    Returns
    -------
    float64 (m,)
        Ascending; at most 160 of them, with the loosest limit among them.
    """
    known = np.unique(values[np.isfinite(values)]).astype(np.float64)
    if len(known) > _STEPS:
        known = np.unique(np.quantile(known, np.linspace(0, 1, _STEPS)))
    if criterion.field == "min_replicates":
        return np.unique(np.append(1.0, np.round(known)))
    ends = (0.0, 1.0) if criterion.field == "max_q" else (0.0,)
    return np.unique(np.append(known, ends))


class RateCurve(Chart):
    """Hit rate in per cent against the limit of a criterion; the limit can be dragged.

    Signals
    -------
    limit_dragged(float)
        To where the user moves the limit.
    """

    limit_dragged = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Hit rate as the rule changes", left="Hit rate, %", parent=parent)
        self.setMouseEnabled(x=False, y=False)
        self._on = False
        self.curve = self.add(pg.PlotCurveItem())
        self.spot = self.add(pg.ScatterPlotItem(size=9))
        self.limit = self.add(pg.InfiniteLine(angle=90, movable=True))
        self.limit.sigDragged.connect(lambda line: self.limit_dragged.emit(float(line.value())))
        self.values: NDArray[np.float64] = np.empty(0)
        self.rates: NDArray[np.float64] = np.empty(0)
        self.setToolTip("The share of treatments that are hits, as this limit changes; drag the line to change it")
        self.rethemed.connect(self._recolour)
        self._recolour()

    def set_rule(self, columns: Columns, rule: HitRule, criterion: Criterion) -> None:
        """Show the rate for a criterion of a rule."""
        self.set_labels(bottom=_TITLES[criterion.field])
        values = columns.get(criterion.column)
        total = len(values) if values is not None else 0
        if values is None or not total:
            self.clear_rule()
            return
        self._on = asks(rule, criterion)
        at = thresholds(criterion, values)
        if criterion.field == "min_replicates":
            counts = count_hits(columns, rule, criterion.field, at.astype(np.int64))
        else:
            counts = count_hits(columns, rule, criterion.field, at)
        self.values, self.rates = at, 100.0 * counts / total
        step = "right" if criterion.kind == "most" else "left"
        self.curve.setData(x=self.values, y=self.rates, stepMode=step)
        self.setXRange(float(at[0]), float(at[-1]) if at[-1] > at[0] else float(at[0]) + 1, padding=0.03)
        self.setYRange(0, max(float(self.rates.max()), 1.0), padding=0.05)
        self._show_limit(columns, rule, criterion, total)

    def _show_limit(self, columns: Columns, rule: HitRule, criterion: Criterion, total: int) -> None:
        self.limit.setVisible(self._on)
        if not self._on:
            self.spot.clear()
            return
        limit = float(getattr(rule, criterion.field))
        # Not while it is dragged: the line is where the mouse is.
        if not self.limit.moving:
            self.limit.setBounds((float(self.values[0]), None))
            self.limit.setValue(limit)
        now = count_hits(columns, rule, criterion.field, [getattr(rule, criterion.field)])
        self.spot.setData(x=[limit], y=[100.0 * int(now[0]) / total])

    def clear_rule(self) -> None:
        """Show nothing."""
        self.values, self.rates, self._on = np.empty(0), np.empty(0), False
        self.curve.setData(x=[], y=[])
        self.spot.clear()
        self.limit.hide()

    def _recolour(self) -> None:
        theme = self.theme
        self.curve.setPen(pg.mkPen(theme.accent, width=2))
        self.limit.setPen(pg.mkPen(theme.text, width=1.5, style=Qt.PenStyle.DashLine))
        self.limit.setHoverPen(pg.mkPen(theme.accent, width=3))
        self.spot.setBrush(pg.mkBrush(theme.accent))
        self.spot.setPen(pg.mkPen(theme.base, width=1.5))
