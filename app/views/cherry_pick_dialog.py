"""Planning a cherry pick: where hits go, seen before a file is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.cherry_pick import CherryPickError, Dispenser, PickOptions, PickPlan, bare_well, plan_picks
from app.hit_entries import HitEntry
from app.numbers import integer
from app.views.message_bar import Banner
from app.views.panel import Muted
from app.views.pick_picture import PickPicture
from app.views.table import ColumnTable, TableColumn
from app.views.words import plural
from molphenix_core.plates.wells import FORMATS

__all__ = ["CherryPickDialog", "left_out_text"]

_DISPENSERS = {
    "Echo 550, 555, 650, 655 (steps of 2.5 nL)": Dispenser(),
    "Echo 525 (steps of 25 nL)": Dispenser(increment=25.0, smallest=25.0),
}
_ORDERS = {"Down the columns: A1, B1, C1": "column", "Along the rows: A1, A2, A3": "row"}
_FILES = {"Echo pick list": "echo", "Table with names and structures": "table"}
_FORMATS = (96, 384, 1536)
_OWN_WELLS = "Sources are the assay plates' own wells: name the compound plates if these differ."
_BETWEEN = re.compile(r"[\s,;]+")


class CherryPickDialog(QDialog):
    """Destination plates, volume and order of a cherry pick, with what comes of them.

    Parameters
    ----------
    name : str
        Of the hit list.
    entries : sequence of HitEntry
    state : mapping
        An earlier :meth:`state`; what does not fit is dropped.

    Attributes
    ----------
    plan : PickPlan or None
        What would be written; None where it cannot be planned.
    """

    def __init__(
        self, name: str, entries: Sequence[HitEntry], state: Mapping[str, Any], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Cherry picks of “{name}”")
        self.setSizeGripEnabled(True)
        self._entries = tuple(entries)
        self.plan: PickPlan | None = None
        self._make_fields()
        self._make_preview()
        self._lay_out()
        self._restore(state)
        self._connect()
        self._replan()

    # Layout ---------------------------------------------------------------------------------------------

    def _make_fields(self) -> None:
        self.dispenser, self.wells, self.order, self.kind = (QComboBox() for _ in range(4))
        self.dispenser.addItems(list(_DISPENSERS))
        self.order.addItems(list(_ORDERS))
        self.kind.addItems(list(_FILES))
        for wells in _FORMATS:
            self.wells.addItem(f"{wells} wells", wells)
        self.wells.setCurrentIndex(1)
        self.barcodes = QLineEdit(placeholderText="Barcodes, as DEST1 DEST2")
        self.barcodes.setToolTip(
            "The destination plates in the order in which they fill, with blanks or commas between"
        )
        self.volume = QDoubleSpinBox(
            minimum=2.5, maximum=5000.0, singleStep=2.5, decimals=1, value=25.0, suffix=" nL"
        )
        self.replicates = QSpinBox(minimum=1, maximum=96)
        self.replicates.setToolTip("Destination wells of each hit, one after the other")
        self.skip = QLineEdit(placeholderText="None, or wells as A01 P24")
        self.skip.setToolTip("Wells of every destination plate that stay empty, such as those for controls")
        self.sources = QLineEdit(placeholderText="As measured, or P1=SOURCE1 P2=SOURCE2")
        self.sources.setToolTip(
            "The compound plate by the plate that was measured, where wells of both correspond; "
            "others stand for themselves"
        )
        self.every_well = QCheckBox("Every &well of the list")
        self.every_well.setToolTip("Else one transfer for each compound and dose, from the first of its wells")

    def _make_preview(self) -> None:
        self.error = Banner("error")
        self.own_wells = Banner("warning")
        self.summary = Muted(wrap=True)
        self.shown = QComboBox()
        self.shown.setAccessibleName("Destination plate on show")
        self.picture = PickPicture()
        self.transfers = ColumnTable("Transfers")
        self.left_out = ColumnTable("Hits that are not picked")
        plates = QWidget()
        plates.setAutoFillBackground(True)
        plates.setBackgroundRole(QPalette.ColorRole.Base)
        column = QVBoxLayout(plates)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.shown, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.picture, 1)
        self.tabs = QTabWidget()
        for widget, title in ((plates, "&Plates"), (self.transfers, "&Transfers"), (self.left_out, "&Left out")):
            self.tabs.addTab(widget, title)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setVerticalSpacing(8)
        rows: tuple[tuple[str, QWidget], ...] = (
            ("&Instrument", self.dispenser),
            ("Destination &plates", self.wells),
            ("&Barcodes", self.barcodes),
            ("&Volume", self.volume),
            ("&Replicates", self.replicates),
            ("&Fill order", self.order),
            ("&Skip wells", self.skip),
            ("S&ource plates", self.sources),
            ("F&ile", self.kind),
        )
        for text, widget in rows:
            label = QLabel(text)
            label.setBuddy(widget)
            widget.setAccessibleName(text.replace("&", ""))
            form.addRow(label, widget)
        form.addRow("", self.every_well)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export = self.buttons.addButton("&Export…", QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)
        self.export.setDefault(True)
        left = QVBoxLayout()
        left.addLayout(form)
        left.addStretch(1)
        right = QVBoxLayout()
        right.addWidget(self.tabs, 1)
        right.addWidget(self.summary)
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addLayout(left, 4)
        columns.addLayout(right, 5)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addLayout(columns, 1)
        layout.addWidget(self.own_wells)
        layout.addWidget(self.error)
        layout.addWidget(self.buttons)

    def sizeHint(self) -> QSize:
        return QSize(880, 480)

    def _connect(self) -> None:
        for box in (self.dispenser, self.wells, self.order):
            box.currentIndexChanged.connect(self._replan)
        for line in (self.barcodes, self.skip, self.sources):
            line.textChanged.connect(self._replan)
        self.dispenser.currentIndexChanged.connect(self._fit_volume)
        self.volume.valueChanged.connect(self._replan)
        self.replicates.valueChanged.connect(self._replan)
        self.every_well.toggled.connect(self._replan)
        self.kind.currentIndexChanged.connect(self._replan)
        self.shown.currentIndexChanged.connect(self._show_plate)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    # Plan -----------------------------------------------------------------------------------------------

    @property
    def writes_echo(self) -> bool:
        """Whether an Echo's pick list is wanted, not the table for people."""
        return _FILES[self.kind.currentText()] == "echo"

    def options(self) -> PickOptions:
        """What the fields say.

        Raises
        ------
        CherryPickError
            A source plate that is not written as "P1=SOURCE1".
        """
        sources = {}
        for part in filter(None, _BETWEEN.split(self.sources.text())):
            old, equals, new = part.partition("=")
            if not (old and equals and new):
                raise CherryPickError("cherry pick", "source plates", repr(part)[:60], "plates as P1=SOURCE1")
            sources[old] = new
        return PickOptions(
            barcodes=tuple(filter(None, _BETWEEN.split(self.barcodes.text()))),
            volume=self.volume.value(),
            wells=self.wells.currentData(),
            order=_ORDERS[self.order.currentText()],  # type: ignore[arg-type]
            skip=frozenset(filter(None, _BETWEEN.split(self.skip.text()))),
            sources=sources,
            dispenser=_DISPENSERS[self.dispenser.currentText()],
            replicates=self.replicates.value(),
            every_well=self.every_well.isChecked(),
        )

    def _fit_volume(self) -> None:
        dispenser = _DISPENSERS[self.dispenser.currentText()]
        self.volume.setSingleStep(dispenser.increment)

    def _replan(self) -> None:
        wrong = ""
        try:
            self.plan = plan_picks(self._entries, self.options())
        except CherryPickError as error:
            self.plan = None
            wrong = f"{error.field}: found {error.found}; expected {error.expected}"
        # Before anything is written there is nothing wrong, only something to do.
        waiting = not self.barcodes.text().strip()
        self.error.set_text("" if waiting else wrong[:1].upper() + wrong[1:])
        plan = self.plan or PickPlan((), ())
        self.export.setEnabled(bool(plan.transfers))
        self.summary.setText(
            "Name the destination plates to see what goes where."
            if waiting
            else _summary(plan)
            if self.plan
            else ""
        )
        own = any(t.source_barcode == t.entry.barcode for t in plan.transfers)
        self.own_wells.set_text(_OWN_WELLS if own else "")
        self.transfers.set_columns(_transfer_columns(plan, bare_well if self.writes_echo else str))
        self.left_out.set_columns(_left_out_columns(plan))
        n = len(plan.left_out)
        self.tabs.setTabText(2, f"&Left out ({integer(n)})" if n else "&Left out")
        self._fill_plates(plan)

    def _fill_plates(self, plan: PickPlan) -> None:
        used = list(dict.fromkeys(t.destination_barcode for t in plan.transfers))
        blocked = self.shown.blockSignals(True)
        before = self.shown.currentText()
        self.shown.clear()
        self.shown.addItems(used)
        self.shown.setCurrentIndex(max(self.shown.findText(before), 0) if used else -1)
        self.shown.setVisible(len(used) > 1)
        self.shown.blockSignals(blocked)
        self._show_plate()

    def _show_plate(self) -> None:
        wells, barcode = self.wells.currentData(), self.shown.currentText()
        plate = next(one for one in FORMATS if one.wells == wells)
        transfers = self.plan.transfers if self.plan is not None else ()
        skipped = [text for text in _BETWEEN.split(self.skip.text()) if text]
        self.picture.set_plate(plate, [t for t in transfers if t.destination_barcode == barcode], skipped)

    # State ----------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """What to begin with the next time: all but the barcodes, which are used once."""
        return {
            "dispenser": self.dispenser.currentText(),
            "wells": self.wells.currentData(),
            "order": self.order.currentText(),
            "kind": self.kind.currentText(),
            "volume": self.volume.value(),
            "replicates": self.replicates.value(),
            "every_well": self.every_well.isChecked(),
            "skip": self.skip.text(),
        }

    def _restore(self, state: Mapping[str, Any]) -> None:
        boxes = {"dispenser": self.dispenser, "order": self.order, "kind": self.kind}
        for name, box in boxes.items():
            if box.findText(str(state.get(name))) >= 0:
                box.setCurrentText(str(state[name]))
        if state.get("wells") in _FORMATS:
            self.wells.setCurrentIndex(_FORMATS.index(state["wells"]))
        if isinstance(state.get("volume"), float):
            self.volume.setValue(state["volume"])
        if type(state.get("replicates")) is int:
            self.replicates.setValue(state["replicates"])
        if isinstance(state.get("every_well"), bool):
            self.every_well.setChecked(state["every_well"])
        if isinstance(state.get("skip"), str):
            self.skip.setText(state["skip"])
        self._fit_volume()


def _summary(plan: PickPlan) -> str:
    plates = len({t.destination_barcode for t in plan.transfers})
    sources = len({t.source_barcode for t in plan.transfers})
    said = (
        f"{plural(len(plan.transfers), 'transfer')} from {plural(sources, 'plate')} onto {plural(plates, 'plate')}"
    )
    return said + left_out_text(plan)


def left_out_text(plan: PickPlan) -> str:
    """How many hits are merged and how many left out, to follow the transfers; "" for none."""
    merged = sum(one.merged for one in plan.left_out)
    missing = len(plan.left_out) - merged
    said = f"; {plural(merged, 'replicate well')} merged into them" if merged else ""
    return said + (f"; {plural(missing, 'hit')} left out" if missing else "")


def _transfer_columns(plan: PickPlan, well: Callable[[str], str]) -> tuple[TableColumn, ...]:
    return (
        _texts("source", "From plate", [t.source_barcode for t in plan.transfers]),
        _texts("source_well", "Well", [well(t.source_well) for t in plan.transfers]),
        _texts("destination", "To plate", [t.destination_barcode for t in plan.transfers]),
        _texts("destination_well", "Well there", [well(t.destination_well) for t in plan.transfers]),
        TableColumn("volume", "Volume", np.array([t.volume for t in plan.transfers]), unit="nL"),
        _texts("name", "Name", [t.entry.name for t in plan.transfers]),
    )


def _left_out_columns(plan: PickPlan) -> tuple[TableColumn, ...]:
    return (
        _texts("name", "Name", [one.entry.name for one in plan.left_out]),
        _texts("plate", "Plate", [one.entry.barcode for one in plan.left_out]),
        _texts("well", "Well", [one.entry.well for one in plan.left_out]),
        _texts("reason", "Why", [one.reason for one in plan.left_out]),
    )


def _texts(key: str, title: str, texts: Sequence[str]) -> TableColumn:
    codes: dict[str, int] = {}
    values = [codes.setdefault(text, len(codes)) if text else -1 for text in texts]
    return TableColumn(key, title, np.array(values, dtype=np.int32), "text", categories=tuple(codes))
