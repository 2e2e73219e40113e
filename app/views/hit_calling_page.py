"""Hits of the current file by a rule: the rule, its funnel and rate, the treatments, the phenotypes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.hit_entries import HitEntry, entries_of_rows, now
from app.numbers import integer, number, percent
from app.theme import rgb_of, theme_of
from app.views.hit_calling_clusters import ClusterPanel
from app.views.hit_calling_curve import RateCurve
from app.views.hit_calling_form import RuleForm
from app.views.hit_calling_rule import asks, read_rule, switched
from app.views.hit_calling_state import HitCalling
from app.views.hit_calling_table import export_columns, treatment_columns, verdict_columns
from app.views.message_bar import error_text
from app.views.page_text import Pages
from app.views.panel import Panel
from app.views.splitter import Splitter
from app.views.table import ColumnTable, TableColumn
from app.views.table.sorting import SortKey
from app.views.words import plural
from app.workspace import Workspace
from molphenix_core.plates.hit_rule import CRITERIA, HitRule

__all__ = ["HitCallingPage"]

_HIDDEN = ("p_value", "consistency", "not_checked")
_SORTED = (SortKey("verdict"), SortKey("q_value"), SortKey("distance_to_control", True))
_CURVED = tuple(criterion for criterion in CRITERIA if criterion.kind != "flag")
_MENU = (
    "list_hits",
    "select_hits",
    "",
    "copy_hit_calls",
    "save_hit_calls",
    "save_hit_picture",
    "",
    "default_rule",
)


class HitCallingPage(QWidget):
    """The page "Hits"."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Hits")
        self._workspace = workspace
        self._table_state: dict[str, Any] = {}
        self.calling = HitCalling(workspace, self)
        self.form, self.curve, self.table = RuleForm(), RateCurve(), ColumnTable("Treatments")
        self.table.first_order = _SORTED
        self.clusters = ClusterPanel()
        self.curved = QComboBox()
        self.new_list, self.menu = QToolButton(), QPushButton()
        self.rule_panel = Panel("Hit rule")
        self.curve_panel, self.table_panel = Panel("Hit rate"), Panel("Treatments")
        self._lay_out()
        self.pages = Pages(self.splitter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self.form.rule_edited.connect(self._edited)
        self.form.column_chosen.connect(self.calling.choose_column)
        self.curve.limit_dragged.connect(self._dragged)
        self.curved.currentIndexChanged.connect(self._show_curve)
        self.table.rows_selected.connect(lambda rows: self._select(rows.astype(np.intp)))
        self.clusters.treatments_chosen.connect(self._select)
        self.calling.data_changed.connect(self._show_data)
        self.calling.rule_changed.connect(self._show_rule)
        self.calling.groups_changed.connect(self._show_groups)
        workspace.selection_changed.connect(self._mark)
        self._show_data()

    def _lay_out(self) -> None:
        for criterion in _CURVED:
            self.curved.addItem(criterion.title[:1].upper() + criterion.title[1:], criterion.field)
        self.curved.setCurrentIndex(1)
        self.curved.setAccessibleName("Limit of the hit rate")
        self.curved.setToolTip("The limit of the rule that changes along the curve")
        self.curved.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.curved.setMinimumContentsLength(8)
        by = QLabel("&by")
        by.setBuddy(self.curved)
        self.curve_panel.header.addWidget(by)
        self.curve_panel.header.addWidget(self.curved)
        self.curve_panel.body.addWidget(self.curve, 1)
        self.curve.setMinimumSize(120, 110)
        self.rule_panel.body.addWidget(self.form)
        self.rule_panel.body.addStretch(1)
        self.menu.setText("More")
        self.menu.setAccessibleName("More about the hits")
        self.menu.setToolTip("Select, copy or save the hits")
        buttons = QHBoxLayout()
        buttons.addWidget(self.new_list)
        buttons.addWidget(self.menu)
        self.table_panel.header.addLayout(buttons)
        self.table_panel.body.addWidget(self.table, 1)
        self.table.setMinimumHeight(90)
        self.clusters.map.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        top = Splitter(Qt.Orientation.Horizontal, (self.rule_panel, 5), (self.curve_panel, 4))
        top.setSizes([450, 290])
        self.splitter = Splitter(Qt.Orientation.Vertical, (top, 0), (self.table_panel, 3), (self.clusters, 2))
        self.splitter.setSizes([250, 330, 240])

    def use_actions(self, actions: Mapping[str, QAction]) -> None:
        """Offer the window's own commands where they are looked for."""
        self.new_list.setDefaultAction(actions["list_hits"])
        self.new_list.setAccessibleName("New hit list of the hits")
        menu = QMenu(self.menu)
        menu.setToolTipsVisible(True)
        for name in _MENU:
            menu.addAction(actions[name]) if name else menu.addSeparator()
        self.menu.setMenu(menu)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(
            lambda point: menu.popup(self.table.viewport().mapToGlobal(point))
        )

    # Rule -----------------------------------------------------------------------------------------------

    def _edited(self, rule: HitRule, field: str) -> None:
        self.calling.set_rule(rule)
        place = self.curved.findData(field)
        if place >= 0:
            self.curved.setCurrentIndex(place)

    def _dragged(self, limit: float) -> None:
        criterion = _CURVED[max(self.curved.currentIndex(), 0)]
        value: float = round(max(limit, 0.0), 4)
        if criterion.field == "min_replicates":
            value = max(2, round(limit))
        elif criterion.field == "max_q":
            value = min(value, 1.0)
        self.calling.set_rule(switched(self.calling.rule, criterion, value))

    def set_default_rule(self) -> None:
        """Go back to the rule that the program begins with; it can be undone."""
        self.calling.set_rule(HitRule())

    # Showing --------------------------------------------------------------------------------------------

    def _show_data(self) -> None:
        calling = self.calling
        self.pages.set_text(self._reason())
        self.form.set_columns(calling.numeric_columns, calling.used)
        self.form.set_reasons(calling.reasons)
        columns = treatment_columns(calling)
        first = not self.table.keys()
        self.table.set_columns(columns)
        if columns and first:
            if self._table_state:
                self.table.restore_view_state(self._table_state)
            else:
                self.table.set_hidden(_HIDDEN)
        self._show_rule()
        self._show_groups()

    def _reason(self) -> str:
        calling, plate = self.calling, self.calling.plate
        if plate is None:
            return "Open a plate file, or drop one here."
        if not plate.n_treatments:
            return "No treatments in this file: no well names a molecule."
        if calling.error is not None:
            stopped = "Stopped. Turn to another page and back to call hits."
            return stopped if calling.error.cancelled else error_text("Hit calling", calling.error)
        return "" if calling.ready else "Gathering what hits are called from…"

    def _show_rule(self) -> None:
        calling = self.calling
        self.form.set_rule(calling.rule)
        if not calling.ready:
            self.rule_panel.explain("")
            return
        n, hits = len(calling.failed), len(calling.hits)
        asked = {criterion.field: asks(calling.effective, criterion) for criterion in CRITERIA}
        self.form.set_funnel(calling.falls(), n, asked)
        told = f"{integer(hits)} of {integer(n)} treatments are hits ({percent(hits / n)})"
        if not any(asked.values()):
            told = f"Nothing is asked of the {integer(n)} treatments: all are called hits"
        self.rule_panel.explain(told)
        self.rule_panel.explanation.setToolTip(calling.note or told)
        if self.table.keys():
            self.table.replace_columns(verdict_columns(calling))
            self._tint()
        simulated = ["simulated data"] if calling.plate is not None and calling.plate.simulated else []
        unchecked = [
            f"{title} not known of {integer(int(m.sum()))}" for title, m in calling.unchecked() if m.any()
        ]
        told_below = [*unchecked, *([calling.note] if calling.note else []), *simulated]
        self.table_panel.explain(" · ".join(told_below))
        self._show_curve()
        self._mark()

    def _show_curve(self) -> None:
        calling = self.calling
        criterion = _CURVED[max(self.curved.currentIndex(), 0)]
        if not calling.ready or criterion.column in calling.reasons:
            self.curve.clear_rule()
            self.curve_panel.explain(calling.reasons.get(criterion.column, ""))
            return
        self.curve.set_rule(calling.columns, calling.effective, criterion)
        rate = percent(len(calling.hits) / len(calling.failed))
        if asks(calling.effective, criterion):
            side = "at most" if criterion.kind == "most" else "at least"
            limit = number(float(getattr(calling.rule, criterion.field)))
            self.curve_panel.explain(f"{rate} with {criterion.title} {side} {limit}")
        else:
            self.curve_panel.explain(f"{rate}, with no limit on {criterion.title}")

    def _show_groups(self) -> None:
        calling = self.calling
        self.clusters.set_groups(calling.groups, calling.plate, calling.groups_note)
        if self.table.keys() and calling.ready:
            self.table.replace_columns(verdict_columns(calling))

    def _tint(self) -> None:
        ground = np.array(rgb_of(theme_of(self.palette()).seen[0]), dtype=np.uint8)
        hits = self.calling.failed < 0
        self.table.set_tints("verdict", np.tile(ground, (len(hits), 1)), hits)

    # Selection ------------------------------------------------------------------------------------------

    def _select(self, treatments: NDArray[np.intp]) -> None:
        if len(treatments):
            self._workspace.select(self.calling.wells_of(treatments))

    def _mark(self) -> None:
        """Mark the treatments whose wells are selected."""
        if self.calling.plate is self._workspace.plate and self.table.keys():
            treatments = self._workspace.selected_treatments()
            if set(self.table.selected_rows().tolist()) != set(treatments.tolist()):
                self.table.select_rows(treatments)

    def select_hits(self) -> None:
        """Select the wells of all hits."""
        self._select(self.calling.hits)

    def hit_entries(self) -> tuple[HitEntry, ...]:
        """One well of every hit, with what it was called by as a note."""
        calling, plate = self.calling, self.calling.plate
        if plate is None or not calling.ready:
            return ()
        hits = calling.hits
        wells = calling.wells_of(hits)
        treatments, first = np.unique(plate.treatment_of_well[wells], return_index=True)
        entries = entries_of_rows(plate, wells[first], now(), "hit rule")
        notes = (self._note(int(treatment)) for treatment in treatments)
        return tuple(dataclasses.replace(entry, note=note) for entry, note in zip(entries, notes, strict=True))

    def _note(self, treatment: int) -> str:
        calling = self.calling
        parts = [plural(int(calling.columns["n_wells"][treatment]), "well")]
        for criterion in CRITERIA[1:4]:
            value = calling.columns.get(criterion.column, np.full(len(calling.failed), np.nan))[treatment]
            if not np.isnan(value):
                parts.append(f"{criterion.title} {number(float(value))}")
        if calling.groups is not None:
            label = calling.groups.label_of(len(calling.failed))[treatment]
            parts += [] if np.isnan(label) else [f"cluster {int(label)}"]
        return ", ".join(parts)

    def columns(self) -> tuple[TableColumn, ...]:
        """Everything that the table holds, for files."""
        return export_columns(self.calling)

    # State ----------------------------------------------------------------------------------------------

    def view_state(self) -> dict[str, Any]:
        """What is remembered: the rule, the columns chosen for this file, the curve, the table."""
        state: dict[str, Any] = {"rule": dataclasses.asdict(self.calling.rule), "curve": self.curved.currentData()}
        state["table"] = self.table.view_state() if self.table.keys() else self._table_state
        if self.calling.plate is not None and self.calling.chosen:
            state |= {"file": self.calling.plate.sha256, "columns": dict(self.calling.chosen)}
        return state

    def restore_view_state(self, state: dict[str, Any]) -> None:
        """Take up an earlier :meth:`view_state`; what does not fit is dropped."""
        if isinstance(state.get("rule"), dict):
            self.calling.restore_rule(read_rule(state["rule"]))
        place = self.curved.findData(state.get("curve"))
        if place >= 0:
            self.curved.setCurrentIndex(place)
        table, chosen = state.get("table"), state.get("columns")
        if isinstance(table, dict) and table:
            self._table_state = table
            if self.table.keys():
                self.table.restore_view_state(table)
        if isinstance(chosen, dict) and isinstance(state.get("file"), str):
            sound = {key: name for key, name in chosen.items() if isinstance(key, str) and isinstance(name, str)}
            self.calling.restore_columns(state["file"], sound)

    # Events ---------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.calling.set_active(True)

    def hideEvent(self, event: QHideEvent) -> None:
        self.calling.set_active(False)
        super().hideEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "pages"):
            self._tint()
        super().changeEvent(event)
