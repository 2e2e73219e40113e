"""Quality of the plates of the current file: a table, one figure over the plates, trends of one plate."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from app.engine import EngineError
from app.numbers import number
from app.open_plate import OpenPlate
from app.theme import rgb_of, theme_of
from app.views.combo import Combo
from app.views.message_bar import error_text
from app.views.page_text import Pages
from app.views.panel import Muted, Panel
from app.views.quality_figures import (
    FIGURES,
    Figure,
    Quality,
    light_colour,
    lights_text,
    lights_tip,
    quality_columns,
)
from app.views.quality_run_chart import RunChart
from app.views.quality_trends_chart import TrendsChart
from app.views.splitter import Splitter
from app.views.table import ColumnTable, TableColumn
from app.views.words import plural
from app.workspace import Workspace

__all__ = ["QualityPage"]

_HIDDEN = ("retrieval_chance", "rows", "columns")
_RUN = "Quality of the plates"
_NO_PLATE = "Open a plate file, or drop one here."
_NONE = ""
_EDGE = next(figure for figure in FIGURES if figure.key == "edge")


class QualityPage(QWidget):
    """The page "Quality"."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Quality")
        self._workspace = workspace
        self.quality: Quality | None = None
        self._plate: OpenPlate | None = None
        self._readout = self._positive = _NONE
        self._asked: tuple[str, str, str, str] | None = None
        self._wanted: dict[str, Any] = {}
        self.readout, self.positive, self.figure = Combo(), Combo(), Combo()
        self.export = QPushButton()
        self.basis = Muted()
        self.table = ColumnTable("Quality of the plates")
        self.run_chart, self.trends = RunChart(), TrendsChart()
        self.table_panel, self.run_panel = Panel(_RUN), Panel("Over the plates")
        self.trends_panel = Panel("Position effects")
        self._lay_out()
        self.pages = Pages(self.splitter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self.readout.activated.connect(lambda: self._choose(self.readout.currentData(), self._positive))
        self.positive.activated.connect(lambda: self._choose(self._readout, self.positive.currentData()))
        self.figure.currentIndexChanged.connect(self._show_run)
        self.table.rows_selected.connect(lambda rows: self._show_plate(int(rows[0])) if len(rows) else None)
        self.run_chart.plate_chosen.connect(self._show_plate)
        workspace.current_changed.connect(self._refresh)
        self._show()
        self._refresh()

    def _lay_out(self) -> None:
        for box, name, tip in (
            (self.readout, "Readout of Z′", "The number a well that Z′ is made of"),
            (self.positive, "Positive control", "The wells that Z′ measures the negative controls against"),
            (self.figure, "Figure of the run chart", "What is shown over the plates"),
        ):
            box.setAccessibleName(name)
            box.setToolTip(tip)
            box.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(8)
        for figure in FIGURES:
            self.figure.addItem(figure.title, figure.key)
        self.figure.setCurrentIndex(2)
        self.export.setText("Export")
        self.export.setAccessibleName("Export the quality of the plates")
        self.export.setToolTip("Save or copy the table, or a picture of this page")
        self.table_panel.header.addWidget(self.export)
        choices = QHBoxLayout()
        choices.setSpacing(8)
        for text, box in (("Z′ of &readout", self.readout), ("against &positive", self.positive)):
            label = QLabel(text)
            label.setBuddy(box)
            choices.addWidget(label)
            choices.addWidget(box, 1)
        self.basis.setAccessibleName("What Z′ is made of")
        self.table_panel.body.addLayout(choices)
        self.table_panel.body.addWidget(self.basis)
        self.table_panel.body.addWidget(self.table, 1)
        self.table.setMinimumHeight(110)
        self.run_panel.header.addWidget(self.figure)
        self.run_panel.body.addWidget(self.run_chart, 1)
        self.trends_panel.body.addWidget(self.trends, 1)
        foot = Splitter(Qt.Orientation.Horizontal, (self.run_panel, 1), (self.trends_panel, 1))
        self.splitter = Splitter(Qt.Orientation.Vertical, (self.table_panel, 3), (foot, 2))
        self.splitter.setSizes([440, 300])

    def use_actions(self, actions: Mapping[str, QAction]) -> None:
        """Offer the window's own commands where they are looked for."""
        menu = QMenu(self.export)
        menu.setToolTipsVisible(True)
        for name in ("copy_quality", "save_quality", "save_quality_picture"):
            menu.addAction(actions[name])
        self.export.setMenu(menu)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(
            lambda point: menu.popup(self.table.viewport().mapToGlobal(point))
        )

    # Asking ---------------------------------------------------------------------------------------------

    def _choose(self, readout: str, positive: str) -> None:
        self._readout, self._positive = readout, positive
        self._refresh()

    def _refresh(self) -> None:
        plate = self._workspace.plate
        if plate is not self._plate:
            self._plate, self.quality = plate, None
            # What is still to come is about another file.
            self._workspace.requests.withdraw("quality")
            self._readout = self._positive = _NONE
            self._asked = None
            if plate is not None and self._wanted.get("file") == plate.sha256:
                self._readout, self._positive = (str(self._wanted.get(n, "")) for n in ("readout", "positive"))
            self._show()
        else:
            self._mark()
        if plate is None or not self.isVisible():
            return
        wanted = (plate.path, plate.token, self._readout, self._positive)
        if wanted != self._asked:
            self._ask(plate, wanted)

    def _ask(self, plate: OpenPlate, wanted: tuple[str, str, str, str]) -> None:
        self._asked = wanted
        n = len(plate.barcodes)
        if self.quality is None:
            self.pages.set_text(f"Judging {plural(n, 'plate')}…")
        self._workspace.ask(
            "quality",
            "quality",
            f"Judging {plural(n, 'plate')}",
            self._use,
            self._refused,
            background=True,
            path=plate.path,
            token=plate.token,
            readout=self._readout,
            positive=self._positive,
        )

    def ask_again(self) -> None:
        """Judge the plates once more, such as after it was stopped."""
        self._asked = None
        self._refresh()

    def _use(self, packed: dict[str, Any]) -> None:
        self.quality = Quality.unpack(packed)
        self._show()

    def _refused(self, error: EngineError) -> None:
        if self._readout or self._positive:
            # What was remembered or chosen does not fit this file: back to what always does.
            self._readout = self._positive = _NONE
            self._choices()
            if not error.cancelled:
                self.ask_again()
                return
        if self.quality is None:
            stopped = "Stopped. Turn to another page and back, or press F5, to judge the plates."
            self.pages.set_text(stopped if error.cancelled else error_text("Quality", error))
        self._asked = None if error.cancelled else self._asked

    # Showing --------------------------------------------------------------------------------------------

    def _show(self) -> None:
        quality = self.quality
        self._choices()
        if quality is None:
            self.pages.set_text(_NO_PLATE if self._plate is None else "Not judged yet")
        elif quality.not_available:
            self.pages.set_text(f"No quality of plates: {quality.not_available}.")
        else:
            self.pages.set_text("")
        has_columns = bool(self.table.keys())
        self.table.set_columns(quality_columns(quality) if quality is not None and len(quality) else ())
        if quality is not None and len(quality):
            if not has_columns and not self._wanted.get("table"):
                self.table.set_hidden(_HIDDEN)
            elif not has_columns:
                self.table.restore_view_state(self._wanted["table"])
            for figure in FIGURES:
                self.table.set_tips(figure.key, partial(quality.tip, figure))
            self.table.set_tips("light", partial(_light_tip, quality))
            simulated = " · simulated data" if quality.simulated else ""
            self.table_panel.explain(f"{plural(len(quality), 'plate')}: {lights_text(quality)}{simulated}")
            self.table_panel.explanation.setToolTip(lights_tip(quality))
            self.basis.setText(_basis(quality))
            self.basis.setToolTip(_basis(quality))
        self._tint()
        self._show_run()

    def _choices(self) -> None:
        quality = self.quality
        self.readout.clear()
        self.positive.clear()
        for key, label in quality.readouts if quality is not None else ():
            self.readout.addItem(label, key)
        self.readout.setCurrentIndex(max(self.readout.findData(self._readout or "axis"), 0))
        marked = quality is not None and any(key.startswith("kind:") for key, _ in quality.positives)
        if quality is not None and not (marked and self._only_kind()):
            self.positive.addItem("none chosen" if marked else "none marked in this file", _NONE)
        for key, label in quality.positives if quality is not None else ():
            self.positive.addItem(label, key)
        if self._positive:
            self.positive.setCurrentIndex(max(self.positive.findData(self._positive), 0))
        for box in (self.readout, self.positive):
            box.setEnabled(box.count() > 1)
        tip = (
            "The wells that Z′ measures the negative controls against: controls marked in the file, or a compound"
        )
        none = "No positive controls are marked in this file, and no compound stands in four wells of a plate"
        self.positive.setToolTip(tip if self.positive.count() > 1 else none)

    def _only_kind(self) -> bool:
        """Whether the file marks positive controls of one kind, which then serves unasked."""
        quality = self.quality
        return quality is not None and sum(key.startswith("kind:") for key, _ in quality.positives) == 1

    def _tint(self) -> None:
        quality = self.quality
        if quality is None or not len(quality):
            return
        theme = theme_of(self.palette())
        grounds = np.array([rgb_of(light_colour(light, theme)[0]) for light in range(4)], dtype=np.uint8)
        for key, lights in [("light", quality.worst()), *((f.key, quality.light(f)) for f in FIGURES)]:
            self.table.set_tints(key, grounds[lights], lights >= 2)

    @property
    def chosen_figure(self) -> Figure:
        """What the run chart shows."""
        return FIGURES[max(self.figure.currentIndex(), 0)]

    def _show_run(self) -> None:
        figure, quality = self.chosen_figure, self.quality
        self.run_chart.set_run(quality, figure)
        mean, spread = self.run_chart.usual()
        missing = next((quality.reason(figure, i) for i in range(len(quality))), "") if quality else ""
        if np.isnan(mean):
            text = f"No {figure.title}: {missing}" if missing else "too few plates for a mean and bands"
        else:
            text = f"mean {number(mean)}; bands: 1 and 3 sd of {number(spread, 2)}"
        self.run_panel.explain(text)
        self._mark()

    def _mark(self) -> None:
        """Mark the current plate in the table and the charts."""
        quality, plate = self.quality, self._plate
        barcode = self._workspace.barcode
        if quality is None or plate is None or barcode >= len(quality):
            self.trends.set_plate(None, None, 0)
            return
        if self.table.selected_rows().tolist() != [barcode]:
            self.table.select_rows([barcode])
        self.run_chart.set_plate(barcode)
        self.trends.set_plate(quality, plate, barcode)
        self.trends_panel.explain(_trend_text(quality, barcode))

    def _show_plate(self, barcode: int) -> None:
        if self._plate is not None and barcode != self._workspace.barcode:
            self._workspace.show(self._plate, barcode)

    def columns(self) -> tuple[TableColumn, ...]:
        """Everything that the table holds, for files."""
        return quality_columns(self.quality) if self.quality is not None and len(self.quality) else ()

    # State ----------------------------------------------------------------------------------------------

    def view_state(self) -> dict[str, Any]:
        """What is remembered: the choices of the current file, the figure, the table."""
        state: dict[str, Any] = {"figure": self.chosen_figure.key}
        state["table"] = self.table.view_state() if self.table.keys() else self._wanted.get("table", {})
        if self._plate is not None:
            state |= {"file": self._plate.sha256, "readout": self._readout, "positive": self._positive}
        return state

    def restore_view_state(self, state: dict[str, Any]) -> None:
        """Take up an earlier :meth:`view_state`; what does not fit is dropped."""
        self._wanted = {name: state[name] for name in ("file", "readout", "positive") if name in state}
        if isinstance(state.get("table"), dict) and state["table"]:
            self._wanted["table"] = state["table"]
            if self.table.keys():
                self.table.restore_view_state(state["table"])
        place = self.figure.findData(state.get("figure"))
        if place >= 0:
            self.figure.setCurrentIndex(place)
        if self._plate is not None and self._wanted.get("file") == self._plate.sha256:
            self._choose(str(self._wanted.get("readout", "")), str(self._wanted.get("positive", "")))

    # Events ---------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "pages"):
            self._tint()
        super().changeEvent(event)


def _basis(quality: Quality) -> str:
    """What Z' is made of, or why there is none."""
    if np.isfinite(quality.columns["z_prime"]).any():
        return f"Z′ of the {quality.readout}, {quality.positive} against negative controls"
    return f"No Z′: {quality.reason(FIGURES[0], 0)}"


def _light_tip(quality: Quality, plate: int) -> str:
    """The figures of a plate that stand out."""
    told = []
    for word, code in (("red", 3), ("amber", 2)):
        titles = [f.title for f in FIGURES if quality.light(f)[plate] == code]
        told += [f"{word}: {', '.join(titles)}"] if titles else []
    return "\n".join(line[:1].upper() + line[1:] for line in told)


def _trend_text(quality: Quality, barcode: int) -> str:
    """The plate, its edge effect with the q-value, or why there is none."""
    edge = float(quality.columns["edge"][barcode])
    if np.isnan(edge):
        return f"{quality.barcodes[barcode]}: no edge effect: {quality.reason(_EDGE, barcode)}"
    q = float(quality.columns["edge_q"][barcode])
    return f"{quality.barcodes[barcode]}: edge {number(edge, 2)} sd (q {number(q, 2)})"
