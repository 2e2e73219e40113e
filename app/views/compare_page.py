"""The page that compares two treatments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction, QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.compared_pair import by_activity, choose_pair
from app.comparison import Comparison, Figure, all_figures
from app.dose_curves import READOUTS, DoseResponse
from app.engine import Engine, EngineError
from app.numbers import integer
from app.open_plate import OpenPlate
from app.structures import Structures
from app.views.compare_head import CompareHead, under
from app.views.compare_tables import candidate_columns, feature_columns, figure_columns, figure_texts
from app.views.curve_legend import CurveLegend
from app.views.dose_chart import DoseChart
from app.views.likeness_strip import LikenessStrip
from app.views.message_bar import error_text
from app.views.page_text import Pages
from app.views.panel import Muted
from app.views.table import ColumnTable, TableColumn
from app.views.window_pages import WindowPages
from app.views.words import treatment_text
from app.workspace import Workspace

__all__ = ["ComparePage"]

_REST = 150
_HIGHLIGHTS = (("different", "What differs"), ("common", "What is common"), ("", "Nothing"))
_PURPOSES = ("compare", "compare structures", "compare doses")


class ComparePage(QWidget):
    """Two treatments of one file: chosen by the selection, or one kept and one selected.

    Parameters
    ----------
    engine : Engine
        The drawing process.
    """

    def __init__(self, workspace: Workspace, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Compare")
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._workspace = workspace
        self._engine = engine
        # Its own, because the marks of others are on other atoms of the same molecules.
        self.structures = Structures(engine, self)
        self._plate: OpenPlate | None = None
        self._pinned: int | None = None
        self._swapped = False
        self._pair: tuple[int, int] | None = None
        self._stale = True
        self._error: EngineError | None = None
        self.found: Comparison | None = None
        self._properties: list[dict[str, Any]] = [{}, {}]
        self._atoms: dict[str, list[list[int]]] = {}
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._rest.timeout.connect(self._ask)
        self._make_widgets()
        workspace.selection_changed.connect(self._renew)
        workspace.current_changed.connect(self._renew)
        self._renew()

    # Layout ---------------------------------------------------------------------------------------------

    def _make_widgets(self) -> None:
        self.heads = tuple(CompareHead(letter, self.structures, self._engine) for letter in "AB")
        self.swap_button, self.keep, self.copy, self.save = (QToolButton() for _ in range(4))
        self.release = QToolButton()
        self.release.setText("Let go")
        self.release.setToolTip("Keep no treatment: compare the two that are selected")
        self.release.clicked.connect(self.unpin)
        self.highlight = QComboBox()
        self.highlight.setAccessibleName("Highlight")
        for _, text in _HIGHLIGHTS:
            self.highlight.addItem(text)
        self.highlight.activated.connect(self._mark)
        label = QLabel("Hi&ghlight")
        label.setBuddy(self.highlight)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.setContentsMargins(14, 8, 14, 0)
        for widget in (label, self.highlight):
            bar.addWidget(widget)
        bar.addStretch(1)
        for button in (self.keep, self.release, self.swap_button, self.copy, self.save):
            bar.addWidget(button)
        both = QHBoxLayout()
        both.setSpacing(20)
        for head in self.heads:
            both.addWidget(head, 1)
        self.likeness = Muted(wrap=True)
        self.likeness.setAccessibleName("How alike")
        self.strip = LikenessStrip()
        self.note = Muted(wrap=True)
        top = QVBoxLayout()
        top.setContentsMargins(14, 4, 14, 4)
        top.setSpacing(6)
        top.addWidget(self.note)
        top.addLayout(both)
        top.addWidget(self.strip)
        top.addWidget(self.likeness)
        self.figures, self.features, self.candidates = (
            ColumnTable(name) for name in ("Figures", "Features that differ", "Candidates in common")
        )
        self.features_line, self.candidates_line, self.doses_line = (Muted(wrap=True) for _ in range(3))
        self.candidates.rows_selected.connect(self._choose_candidate)
        self.chart, self.legend = DoseChart(), CurveLegend()
        self.chart.well_chosen.connect(lambda row, _add: self._workspace.choose_molecule(self._molecule_of(row)))
        self.chart_pages = Pages(self.chart)
        self.parts = WindowPages()
        self.parts.tabs.setAccessibleName("Parts of the comparison")
        self.parts.add_page("figures", "Figures", self.figures)
        self.parts.add_page("features", "Features", under(self.features_line, self.features))
        self.parts.add_page("candidates", "Common candidates", under(self.candidates_line, self.candidates))
        self.parts.add_page("doses", "Doses", under(self.doses_line, self.legend, self.chart_pages))
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(bar)
        column.addLayout(top)
        column.addWidget(self.parts, 1)
        self.pages = Pages(body)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)

    def use_actions(self, actions: Mapping[str, QAction]) -> None:
        """Give the buttons the window's own commands."""
        pairs = (
            (self.swap_button, "swap_compared", "Swap"),
            (self.keep, "compare_with", "Keep"),
            (self.copy, "copy_comparison", "Copy table"),
            (self.save, "save_comparison", "Save…"),
        )
        for button, name, text in pairs:
            button.setText(text)
            button.setToolTip(actions[name].toolTip())
            button.setAccessibleName(actions[name].text().replace("&", ""))
            button.clicked.connect(actions[name].trigger)

    # State ----------------------------------------------------------------------------------------------

    def view_state(self) -> dict[str, Any]:
        """Which part is on show and what is highlighted."""
        return {"part": self.parts.current, "highlight": _HIGHLIGHTS[self.highlight.currentIndex()][0]}

    def restore_view_state(self, state: Mapping[str, Any]) -> None:
        """Take up an earlier :meth:`view_state`; what does not fit is dropped."""
        keys = [key for key, _ in _HIGHLIGHTS]
        if state.get("highlight") in keys:
            self.highlight.setCurrentIndex(keys.index(state["highlight"]))
        if state.get("part") in self.parts.ids:
            self.parts.tabs.setCurrentIndex(self.parts.ids.index(state["part"]))

    @property
    def pair(self) -> tuple[int, int] | None:
        """The treatments on the left and on the right; None without two."""
        return self._pair

    def pin(self) -> None:
        """Keep the selected treatment (of several, the most active), to be compared with what is selected next."""
        treatments = self._by_activity()
        if len(treatments):
            self._pinned = int(treatments[0])
            self._swapped = False
            self._renew()

    def unpin(self) -> None:
        """Keep no treatment."""
        self._pinned = None
        self._renew()

    def swap(self) -> None:
        """Exchange both."""
        if self._pair is not None:
            self._swapped = not self._swapped
            self._renew()

    def _by_activity(self) -> list[int]:
        plate = self._workspace.plate
        return by_activity(plate, self._workspace.selected_treatments()) if plate is not None else []

    def _chosen_pair(self) -> tuple[int, int] | None:
        plate = self._workspace.plate
        pair = choose_pair(plate, self._by_activity(), self._pinned) if plate is not None else None
        return (pair[1], pair[0]) if pair is not None and self._swapped else pair

    def _renew(self) -> None:
        workspace = self._workspace
        if workspace.plate is not self._plate:
            self._plate, self._pinned, self._swapped = workspace.plate, None, False
            self._pair = None
            self._stale = True
        pair = self._chosen_pair()
        if pair != self._pair:
            self._pair, self._stale = pair, True
            for purpose in _PURPOSES:
                workspace.requests.withdraw(purpose)
            self.found, self._error = None, None
            self._properties, self._atoms = [{}, {}], {}
        if self.isVisible():
            self._show()
            if self._stale:
                self._rest.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()
        if self._stale:
            self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        self._rest.stop()
        super().hideEvent(event)

    # Asking ---------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        self._stale = False
        plate, pair = self._plate, self._pair
        if plate is None or pair is None:
            return
        workspace = self._workspace
        workspace.ask(
            "compare",
            "compare",
            "Comparing two treatments",
            self._use,
            self._refuse,
            path=plate.path,
            token=plate.token,
            first=pair[0],
            second=pair[1],
        )
        workspace.ask(
            "compare doses",
            "dose_response",
            "Fitting dose response",
            self._use_doses,
            path=plate.path,
            token=plate.token,
            rows=np.flatnonzero(np.isin(plate.treatment_of_well, pair)),
            readout="distance",
            most=2,
        )
        smiles = [plate.molecule(one).smiles for one in pair]
        if all(smiles) and smiles[0] != smiles[1]:
            workspace.ask(
                "compare structures",
                "compare_structures",
                "Comparing structures",
                lambda told: self._use_atoms(pair, told),
                background=True,
                smiles=smiles,
            )
        for place, text in enumerate(smiles):
            if text:
                request = self._engine.submit("properties", title="Computing properties", smiles=text)
                request.finished.connect(lambda told, place=place: self._use_properties(pair, place, told))

    def _use(self, packed: dict[str, Any]) -> None:
        self.found = Comparison.unpack(packed)
        self._show()

    def _refuse(self, error: EngineError) -> None:
        self._error = error
        self._stale = error.cancelled
        self._show()

    def _use_properties(self, pair: tuple[int, int], place: int, told: dict[str, Any]) -> None:
        if pair == self._pair:
            self._properties[place] = told
            self._show_figures()

    def _use_atoms(self, pair: tuple[int, int], told: dict[str, Any]) -> None:
        if pair == self._pair:
            self._atoms = {"common": told["common"], "different": told["different"]}
            self._show()

    def _use_doses(self, packed: dict[str, Any]) -> None:
        response = DoseResponse.unpack(packed)
        plate = self._plate
        shown = any(len(curve.shown) for curve in response.curves)
        self.legend.set_entries(
            tuple(curve.title for curve in response.curves),
            "negative controls: 5th to 95th percentile, median" if response.controls is not None else "",
        )
        self.doses_line.setText("\n".join(f"{curve.title}: {curve.text}" for curve in response.curves))
        self.chart_pages.set_text("" if shown else response.curves[0].text if response.curves else "No doses.")
        self.chart.set_response(plate, response, READOUTS[0].axis)

    def _mark(self, *_: Any) -> None:
        plate, pair = self._plate, self._pair
        if plate is None or pair is None:
            return
        atoms = self._atoms.get(_HIGHLIGHTS[self.highlight.currentIndex()][0], [])
        smiles = [plate.molecule(one).smiles for one in pair]
        self.structures.mark(
            atoms={text: tuple(found) for text, found in zip(smiles, atoms, strict=False) if found}
        )

    # Showing --------------------------------------------------------------------------------------------

    def _show(self) -> None:
        self.pages.set_text(self._reason())
        self.release.setVisible(self._pinned is not None)
        plate, pair, found = self._plate, self._pair, self.found
        if plate is None or pair is None or found is None:
            return
        for head, treatment in zip(self.heads, pair, strict=True):
            head.set_treatment(plate, treatment, treatment == self._pinned)
        self.note.setText(self._note(plate))
        self.note.setVisible(bool(self.note.text()))
        self._mark()
        self.strip.set_comparison(found)
        self.likeness.setText(found.likeness_text)
        for widget in (self.likeness, self.strip):
            widget.setToolTip(found.likeness_details)
        self._show_figures()
        self.features_line.setText(found.features_text)
        self.features.set_columns(feature_columns(found))
        self.candidates_line.setText(found.common_text)
        self.candidates.set_columns(candidate_columns(found))

    def _note(self, plate: OpenPlate) -> str:
        parts = []
        count = len(self._workspace.selected_treatments())
        if self._pinned is None and count > 2:
            shown = f"The most active of {integer(count)} selected treatments"
            parts.append(f"{shown}, and of another molecule where there is one.")
        if self._atoms and not any(self._atoms["common"]):
            parts.append("The structures share no connected part of ten atoms or more, so nothing is highlighted.")
        if plate.simulated:
            parts.append("Simulated data.")
        return " ".join(parts)

    def _reason(self) -> str:
        workspace = self._workspace
        if self._plate is None:
            return "Open a plate file, or drop one here."
        if self._pair is None and self._pinned is not None:
            return f"{treatment_text(self._plate, self._pinned)} is kept.\nSelect wells of another treatment."
        if self._pair is None and len(workspace.selected_treatments()) == 1:
            return (
                "Add wells of a second treatment to the selection (Ctrl and click on the plate map),\n"
                "or keep this one with Compare with… (Ctrl+Shift+T) and select another."
            )
        if self._pair is None:
            return "Select wells of two treatments to compare them."
        if self._error is not None:
            return "Stopped." if self._error.cancelled else error_text("Comparing", self._error)
        return "" if self.found is not None else "Comparing…"

    def figures_of_both(self) -> list[Figure]:
        """All figures that are known; empty where nothing is compared."""
        plate, pair, found = self._plate, self._pair, self.found
        if plate is None or pair is None or found is None:
            return []
        return all_figures(plate, pair, found, self._properties)

    def _show_figures(self) -> None:
        figures = self.figures_of_both()
        if figures:
            self.figures.set_columns(figure_texts(figures))

    def _choose_candidate(self, rows: Any) -> None:
        if self.found is not None and len(rows):
            self._workspace.choose_molecule(self.found.common[int(rows[0])].molecule)

    def _molecule_of(self, row: int) -> Any:
        plate = self._plate
        assert plate is not None
        return plate.molecule(int(plate.treatment_of_well[row]))

    def figure_columns(self) -> list[TableColumn]:
        """What is on show as a table for files: the features on their page, the figures elsewhere."""
        plate, pair, found = self._plate, self._pair, self.found
        if plate is None or pair is None or found is None:
            return []
        if self.parts.current == "features":
            return feature_columns(found)
        if self.parts.current == "candidates":
            return candidate_columns(found)
        first, second = (treatment_text(plate, one) for one in pair)
        return figure_columns(self.figures_of_both(), (f"A: {first}", f"B: {second}"))
