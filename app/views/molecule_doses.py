"""Doses of the chosen molecule: those that were measured, and its scores over those of the library."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.engine import EngineError
from app.numbers import fixed, integer, number, percent
from app.open_plate import OpenPlate
from app.records import Molecule
from app.views.chart import Chart
from app.views.dose_axis import DoseAxis
from app.views.molecule_part import MoleculePart
from app.views.panel import Muted
from app.views.row_list import Row, RowList
from app.views.words import activity_text, dose_text, plural
from app.workspace import Workspace

__all__ = ["MeasuredDoses", "PredictedDoses", "treatments_of"]


def treatments_of(plate: OpenPlate, molecule: Molecule) -> NDArray[np.intp]:
    """Treatments of a file that hold a molecule, by ascending dose."""
    columns = plate.treatments
    found = np.zeros(plate.n_treatments, dtype=bool)
    for name, text in (("inchikey", molecule.inchikey), ("smiles", molecule.smiles)):
        categories = columns[name].categories or ()
        if text and text in categories:
            found |= np.asarray(columns[name].values) == categories.index(text)
    if not molecule.inchikey and not molecule.smiles:
        categories = columns["name"].categories or ()
        if molecule.name in categories:
            found |= np.asarray(columns["name"].values) == categories.index(molecule.name)
    rows = np.flatnonzero(found)
    doses = np.asarray(columns["concentration"].values, dtype=np.float64)[rows]
    return rows[np.argsort(doses, kind="stable")]


class MeasuredDoses(QWidget):
    """Treatments of the current file with the chosen molecule; a click selects their wells."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._treatments: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self.line = Muted(wrap=True)
        self.rows = RowList("Doses measured")
        self.rows.chosen.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.line)
        layout.addWidget(self.rows)
        workspace.molecule_changed.connect(self._update)
        workspace.current_changed.connect(self._update)
        self._update()

    def _update(self) -> None:
        plate, molecule = self._workspace.plate, self._workspace.molecule
        if plate is None or molecule is None:
            self._treatments = np.empty(0, dtype=np.intp)
        else:
            self._treatments = treatments_of(plate, molecule)
        rows = []
        for treatment in self._treatments.tolist():
            assert plate is not None
            columns = plate.treatments
            p, wells = columns["p_value"][treatment], int(columns["n_wells"][treatment])
            distance = columns["distance_to_control"][treatment]
            facts = [plural(wells, "well")]
            facts += [f"distance {number(distance)}"] if distance is not None else []
            tip = f"{activity_text(plate, treatment)}\nClick to select the wells"
            figure = f"p {number(p, 2)}" if p is not None else "no p"
            rows.append(Row(dose_text(columns["concentration"][treatment]), figure, " · ".join(facts), tip))
        self.rows.set_rows(rows)
        self.rows.setVisible(bool(rows))
        self.line.setText("" if rows else "Not measured on this plate file.")
        self.line.setVisible(not rows)

    def _choose(self, row: int) -> None:
        plate = self._workspace.plate
        if plate is not None and row < len(self._treatments):
            self._workspace.select(np.flatnonzero(plate.treatment_of_well == self._treatments[row]))


class _ScoreChart(Chart):
    """Score against dose, over where the library's molecules score."""

    def __init__(self) -> None:
        super().__init__("Predicted score over doses", bottom="Dose (µM)", left="Score")
        self.setAxisItems({"bottom": DoseAxis()})
        self._retheme()
        self.setMouseEnabled(x=False, y=False)
        self.setFixedHeight(150)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.getAxis("left").setWidth(56)
        self._told: dict[str, Any] | None = None
        self.rethemed.connect(self._draw)

    def set_scores(self, told: dict[str, Any]) -> None:
        """Draw an answer of the task ``molecule_scores``."""
        self._told = told
        self._draw()

    def _draw(self) -> None:
        self.clear()
        if self._told is None:
            return
        doses = np.asarray(self._told["doses"], dtype=np.float64)
        known = np.flatnonzero(np.isfinite(doses))
        known = known[np.argsort(doses[known])]
        if not len(known):
            return
        x, y = np.log10(doses[known]), np.asarray(self._told["scores"])[known]
        low, middle, high = np.asarray(self._told["library"])[known].T
        theme = self.theme
        ends = [pg.PlotCurveItem(x, side, pen=pg.mkPen(None)) for side in (low, high)]
        for item in (*ends, pg.FillBetweenItem(*ends, brush=QColor(theme.no_value))):
            self.addItem(item)
        self.addItem(
            pg.PlotDataItem(x, middle, pen=pg.mkPen(QColor(theme.muted), width=1, style=Qt.PenStyle.DashLine))
        )
        ink = QColor(theme.accent)
        self.addItem(
            pg.PlotDataItem(
                x, y, pen=pg.mkPen(ink, width=2), symbol="o", symbolSize=7, symbolBrush=ink, symbolPen=None
            )
        )
        span = max(float(x[-1] - x[0]), 0.3)
        self.setXRange(float(x[0]) - 0.06 * span, float(x[-1]) + 0.06 * span, padding=0)
        self.setYRange(float(min(low.min(), y.min())), float(max(high.max(), y.max())), padding=0.08)


class PredictedDoses(MoleculePart):
    """Scores of the chosen molecule for the selected wells at the library's doses."""

    def __init__(self, workspace: Workspace, purpose: str, parent: QWidget | None = None) -> None:
        super().__init__(workspace, purpose, parent)
        self.line = Muted(wrap=True)
        self.line.setAccessibleName("Predicted scores")
        self.chart = _ScoreChart()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.chart)
        layout.addWidget(self.line)
        workspace.selection_changed.connect(self.renew)
        self.renew()

    def wanted(self) -> Hashable:
        workspace = self.workspace
        plate, molecule = workspace.plate, workspace.molecule
        if plate is None or molecule is None or not molecule.smiles or not len(workspace.selection):
            return None
        return plate.path, plate.token, molecule.smiles, workspace.selection.tobytes()

    def ask(self) -> None:
        workspace = self.workspace
        assert workspace.plate is not None
        assert workspace.molecule is not None
        workspace.ask(
            self.purpose,
            "molecule_scores",
            "Scoring the molecule over doses",
            self._use,
            self._refuse,
            path=workspace.plate.path,
            token=workspace.plate.token,
            rows=workspace.selection,
            smiles=workspace.molecule.smiles,
        )

    def empty(self, text: str) -> None:
        self.chart.hide()
        self.line.setText(text or "Select wells to see how this molecule scores for them.")

    def _refuse(self, error: EngineError) -> None:
        self.empty("Stopped." if error.cancelled else "Not available.")
        self.again()

    def _use(self, told: dict[str, Any]) -> None:
        if told["reason"]:
            self.empty(f"Not available: {told['reason']}.")
            return
        self.chart.set_scores(told)
        self.chart.show()
        scores = np.asarray(told["scores"])
        best = int(scores.argmax())
        dose = float(told["doses"][best])
        at = dose_text(None if np.isnan(dose) else dose)
        above = round(float(told["share_above"][best]) * told["compared"])
        among = integer(told["compared"]) + (
            "" if told["compared"] == told["of"] else f" of {integer(told['of'])}"
        )
        beaten = (
            "higher than every molecule"
            if not above
            else f"{percent(float(told['share_above'][best]))} score as high"
        )
        self.line.setText(
            f"Best at {at}: {fixed(float(scores[best]), 4)}, {beaten} of {among} in the library at that dose. "
            "Grey: where 9 in 10 of them score."
        )
