"""The page of dose responses: curves of the selected compounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QFocusEvent, QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.dose_curves import DoseResponse, Readout, dose_range_text, readouts
from app.engine import EngineError
from app.numbers import integer
from app.open_plate import OpenPlate
from app.theme import font
from app.views.curve_legend import CurveLegend
from app.views.dose_chart import DoseChart
from app.views.dose_table import curve_columns, well_columns
from app.views.message_bar import error_text
from app.views.page_text import Pages
from app.views.panel import Muted
from app.views.splitter import Splitter
from app.views.table import ColumnTable, TableColumn
from app.views.words import plural
from app.workspace import Workspace

__all__ = ["MOST", "DosesPage"]

MOST = 6
"""Compounds that are overlaid at most."""

_REST = 150
_CONTROLS = "negative controls: 5th to 95th percentile, median"


class DosesPage(QWidget):
    """Readouts of the selected compounds against log concentration, over all wells of the file."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Dose response")
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._workspace = workspace
        self._stale = True
        self._error: EngineError | None = None
        self._plate: OpenPlate | None = None
        self._readouts: tuple[Readout, ...] = ()
        self._wanted = "distance"
        self.response: DoseResponse | None = None
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._rest.timeout.connect(self._ask)
        self._own_choice = False
        self._make_widgets()
        workspace.selection_changed.connect(self._selection_changed)
        workspace.current_changed.connect(self._plate_changed)
        workspace.session_changed.connect(self._renew)
        self._plate_changed()

    # Layout ---------------------------------------------------------------------------------------------

    def _make_widgets(self) -> None:
        self.title = QLabel()
        self.title.setFont(font(self.font(), step=2, bold=True))
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)
        self.verdict = QLabel()
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.verdict.setWordWrap(True)
        self.verdict.setAccessibleName("EC50")
        self.verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.subline = Muted(wrap=True)
        self.readout = QComboBox()
        self.readout.setAccessibleName("Readout")
        self.readout.setMinimumContentsLength(18)
        self.readout.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.readout.activated.connect(self._choose_readout)
        label = QLabel("&Readout")
        label.setBuddy(self.readout)
        self.copy, self.export = QToolButton(), QPushButton()
        self.export.setText("Export")
        self.export.setToolTip("Save the curves as a picture or a table")
        self.export.setAccessibleName("Export the dose response")
        bar = QHBoxLayout()
        bar.setSpacing(8)
        for widget in (label, self.readout):
            bar.addWidget(widget)
        bar.addStretch(1)
        bar.addWidget(self.copy)
        bar.addWidget(self.export)
        self.chart = DoseChart()
        self.chart.well_chosen.connect(self._choose_well)
        self.legend = CurveLegend()
        self.chart_pages = Pages(self.chart)
        self.figure = QWidget()
        self.figure.setAccessibleName("Dose response with legend")
        self.figure.setAutoFillBackground(True)
        self.figure.setBackgroundRole(QPalette.ColorRole.Base)
        column = QVBoxLayout(self.figure)
        column.setContentsMargins(14, 4, 14, 6)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.verdict)
        column.addWidget(self.subline)
        column.addWidget(self.legend)
        column.addWidget(self.chart_pages, 1)
        self.table = ColumnTable("Fits")
        self.table.rows_selected.connect(self._choose_curves)
        self.splitter = Splitter(Qt.Orientation.Vertical, (self.figure, 1), (self.table, 0))
        self.splitter.setSizes([620, 190])
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(4)
        head = QWidget()
        head.setLayout(bar)
        bar.setContentsMargins(14, 8, 14, 0)
        inner.addWidget(head)
        inner.addWidget(self.splitter, 1)
        self.pages = Pages(body)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)

    def use_actions(self, actions: Mapping[str, QAction]) -> None:
        """Give the buttons the window's own commands."""
        self.copy.setDefaultAction(actions["copy_curves"])
        menu = QMenu(self.export)
        menu.setToolTipsVisible(True)
        for name in ("save_curve_picture", "save_curves", "save_curve_wells"):
            menu.addAction(actions[name])
        self.export.setMenu(menu)

    # State ----------------------------------------------------------------------------------------------

    def view_state(self) -> dict[str, Any]:
        """The readout and the columns of the table."""
        return {"readout": self._wanted, "table": self.table.view_state()}

    def restore_view_state(self, state: Mapping[str, Any]) -> None:
        """Take up an earlier :meth:`view_state`; what does not fit is dropped."""
        if isinstance(state.get("readout"), str):
            self._wanted = state["readout"]
            self._fill_readouts()
            self._renew()
        if isinstance(state.get("table"), dict):
            self.table.restore_view_state(state["table"])

    def _fill_readouts(self) -> None:
        plate = self._workspace.plate
        self._readouts = readouts(plate) if plate is not None else ()
        self.readout.clear()
        for one in self._readouts:
            self.readout.addItem(one.title)
            self.readout.setItemData(self.readout.count() - 1, one.tip, Qt.ItemDataRole.ToolTipRole)
        if self._readouts:
            self.readout.setCurrentIndex(self._readouts.index(self._chosen_readout()))
            self.readout.setToolTip(self._chosen_readout().tip)

    def _chosen_readout(self) -> Readout:
        """What is wanted where this plate has it, else the first."""
        return next((one for one in self._readouts if one.key == self._wanted), self._readouts[0])

    def _choose_readout(self, index: int) -> None:
        self._wanted = self._readouts[index].key
        self.readout.setToolTip(self._readouts[index].tip)
        self._renew()

    def _plate_changed(self) -> None:
        if self._workspace.plate is not self._plate:
            self._plate = self._workspace.plate
            self._fill_readouts()
            self._renew()

    def _selection_changed(self) -> None:
        self.chart.set_selected(self._workspace.selection)
        # A well chosen in the chart is one of those shown: its neighbours stay.
        if not self._own_choice:
            self._renew()

    def _renew(self) -> None:
        self._stale = True
        self.response = None
        self._error = None
        self._workspace.requests.withdraw("doses")
        if self.isVisible():
            self._rest.start()
            self._show()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        # Not by a proxy: Tab would jump to it over all that stands before it.
        self.chart.setFocus(event.reason())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        self._rest.stop()
        super().hideEvent(event)

    def _ask(self) -> None:
        workspace = self._workspace
        if workspace.plate is None or not len(workspace.selected_treatments()):
            self._stale = False
            self._show()
            return
        self._stale = False
        workspace.ask(
            "doses",
            "dose_response",
            "Fitting dose response",
            self._use,
            self._refuse,
            path=workspace.plate.path,
            token=workspace.plate.token,
            rows=workspace.selection,
            readout=self._chosen_readout().key,
            most=MOST,
        )
        self._show()

    def _use(self, packed: dict[str, Any]) -> None:
        self.response = DoseResponse.unpack(packed)
        self._show()

    def _refuse(self, error: EngineError) -> None:
        self._error = error
        # Asked again when the page is next turned to.
        self._stale = error.cancelled
        self._show()

    # Showing --------------------------------------------------------------------------------------------

    def _show(self) -> None:
        self.pages.set_text(self._reason())
        response = self.response
        if response is None or not response.curves:
            self.chart.set_response(None, None, "")
            return
        curves = response.curves
        one = curves[0] if len(curves) == 1 else None
        self.title.setText(one.title if one is not None else plural(len(curves), "compound"))
        self.verdict.setText(one.text if one is not None else "")
        self.subline.setText(self._subline())
        shown = any(len(curve.shown) for curve in curves)
        self.verdict.setVisible(one is not None and shown)
        controls = _CONTROLS if response.controls is not None and shown else ""
        self.legend.set_entries(tuple(curve.title for curve in curves), controls)
        self.legend.setVisible(shown)
        self.chart_pages.set_text("" if shown else curves[0].text)
        self.chart.set_response(self._workspace.plate, response, self._chosen_readout().axis)
        self.chart.set_selected(self._workspace.selection)
        self.table.set_columns(curve_columns(curves))

    def _reason(self) -> str:
        workspace = self._workspace
        if workspace.plate is None:
            return "Open a plate file, or drop one here."
        if not workspace.plate.n_treatments:
            return "No well of this file holds a treatment."
        if not len(workspace.selected_treatments()):
            return "Select wells of one to six compounds to see how they respond to dose."
        if self._error is not None:
            return "Stopped." if self._error.cancelled else error_text("Dose response", self._error)
        return "" if self.response is not None else "Fitting…"

    def _subline(self) -> str:
        response = self.response
        assert response is not None
        curves = response.curves
        doses = np.concatenate([curve.doses for curve in curves])
        wells = sum(len(curve.rows) for curve in curves)
        parts = [f"{plural(wells, 'well')} of the whole file, {dose_range_text(doses)}"]
        if len(curves) == 1 and curves[0].fit is not None:
            parts.append(curves[0].fit.fit_text)
        if response.compounds > len(curves):
            parts.insert(0, f"The {len(curves)} most active of {integer(response.compounds)} selected")
        if self._workspace.plate is not None and self._workspace.plate.simulated:
            parts.append("simulated data")
        return " · ".join(parts)

    # Choosing -------------------------------------------------------------------------------------------

    def _choose_well(self, row: int, add: bool) -> None:
        selection = self._workspace.selection
        self._own_choice = True
        try:
            self._workspace.select(np.setxor1d(selection, [row]) if add else [row])
        finally:
            self._own_choice = False

    def _choose_curves(self, rows: Any) -> None:
        if self.response is not None and len(rows):
            self._own_choice = True
            try:
                self._workspace.select(np.concatenate([self.response.curves[int(row)].rows for row in rows]))
            finally:
                self._own_choice = False

    # Export ---------------------------------------------------------------------------------------------

    def well_table(self) -> list[TableColumn]:
        """The wells of the curves on show; empty where there are none."""
        plate = self._workspace.plate
        if plate is None or self.response is None:
            return []
        return well_columns(plate, self.response, self._chosen_readout().axis)

    def curve_table(self) -> list[TableColumn]:
        """The curves on show; empty where there are none."""
        return curve_columns(self.response.curves) if self.response is not None else []
