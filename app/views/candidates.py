"""Candidates for the selected wells, predicted and measured, side by side, as cards or as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from app.numbers import integer
from app.records import Candidate, Molecule, Ranking
from app.structures import Structures
from app.views.candidates_head import MEASURED_STILL, CandidatesHead
from app.views.candidates_table import CandidatesTable, MeasuredTable
from app.views.card_list import CardList
from app.views.cards import candidate_card, measured_card
from app.views.common_line import MOST_MOLECULES
from app.views.filter_change import RowFilterChange
from app.views.filter_line import FilterLine
from app.views.message_bar import error_text
from app.views.page_text import Pages
from app.views.panel import Panel
from app.views.splitter import Splitter
from app.views.structure_tools import StructureTools
from app.views.table.filtering import RowFilter
from app.views.words import plural
from app.whole_library import WholeLibrary
from app.workspace import Workspace

__all__ = ["Candidates"]

_PREDICTED = "Library molecules predicted to look like these wells"
_MEASURED = "Wells that look like these"
_UNKNOWN_SPACE = "The model does not know the embedding space of this plate, so it predicts no candidates."
_CARDS = 100
# Pixels below which the lines above the lists are worded shorter.
_TALL = 640
# Pixels from which both filters fit side by side.
_WIDE = 680


class Candidates(QWidget):
    """Both lists under the lines that say what they are worth."""

    def __init__(self, workspace: Workspace, structures: Structures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Candidates")
        self._workspace = workspace
        self.library = WholeLibrary(workspace, self)
        self.head = head = CandidatesHead(workspace)
        self.headline, self.subline, self.banner = head.headline, head.subline, head.banner
        self.chance, self.reach = head.chance, head.reach
        self.own_line, self.own_button = head.own_line, head.own_button
        self.predicted = CardList(structures, name="Predicted candidates")
        self.measured = CardList(structures, name="Nearest measured treatments", wide=True)
        self.predicted_table, self.measured_table = (
            CandidatesTable(structures),
            MeasuredTable(workspace, structures),
        )
        self._predicted_views, self._measured_views = QStackedWidget(), QStackedWidget()
        for views, cards, table in (
            (self._predicted_views, self.predicted, self.predicted_table),
            (self._measured_views, self.measured, self.measured_table),
        ):
            views.addWidget(cards)
            views.addWidget(table)
        self.filter_line = FilterLine("Filter by text", "Name, mechanism, training molecule or InChIKey")
        self.filter_line.changed.connect(self._filter)
        self._wanted = RowFilter()
        self.tools = StructureTools(workspace, structures, self)
        self.predicted_pages = Pages(self._predicted_views)
        self.measured_pages = Pages(self._measured_views)
        self.predicted_panel = predicted = Panel(
            "Candidates", badge=("Predicted", "unseen"), explanation=_PREDICTED
        )
        self._filters = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        for line, share in ((self.filter_line, 6), (self.tools.line, 7)):
            self._filters.addWidget(line, share)
            self._filters.setAlignment(line, Qt.AlignmentFlag.AlignTop)
        predicted.body.addLayout(self._filters)
        predicted.body.addWidget(self.tools.common)
        predicted.body.addWidget(self.predicted_pages, 1)
        self.measured_panel = measured = Panel(
            "Nearest measured",
            badge=("Measured", "seen"),
            explanation=_MEASURED,
        )
        measured.body.addWidget(self.measured_pages)
        self.columns_button = self._button(
            "Columns", "Choose the columns of the table", "Columns of the candidates"
        )
        self.columns_button.clicked.connect(lambda: self._choose_columns(self.columns_button, predicted=True))
        self.measured_columns_button = self._button(
            "Columns", "Choose the columns of the table", "Columns of the measured treatments"
        )
        self.measured_columns_button.clicked.connect(
            lambda: self._choose_columns(self.measured_columns_button, predicted=False)
        )
        self.cards_button = self._button("Cards", "", "As cards")
        self.table_button = self._button("Table", "", "As a table")
        for button in (self.columns_button, self.cards_button, self.table_button):
            predicted.header.addWidget(button)
        measured.header.addWidget(self.measured_columns_button)
        self.splitter = Splitter(Qt.Orientation.Horizontal, (predicted, 3), (measured, 2))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        layout.addWidget(self.head)
        layout.addWidget(self.splitter, 1)
        layout.addWidget(self.tools.enrichment)
        self._as_table = False
        self._layouts: tuple[QAction, ...] = ()
        self._show_layout()
        self._connect()
        self._update()

    def _button(self, text: str, tip: str, name: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(name)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _connect(self) -> None:
        workspace = self._workspace
        for views in (self.predicted, self.measured, self.predicted_table, self.measured_table):
            views.chosen.connect(workspace.choose_molecule)
        workspace.ranking_changed.connect(self._update)
        workspace.current_changed.connect(self._update)
        workspace.session_changed.connect(self._update)
        workspace.molecule_changed.connect(self._mark)
        self.library.table_changed.connect(self._use_library)
        self.library.scores_changed.connect(self._use_scores)
        self.library.facts_changed.connect(self._use_facts)
        self.predicted_table.rows_in_view.connect(self._in_view)
        self.predicted_table.shown_changed.connect(self._show_predicted)
        self.predicted.selection_changed.connect(self._select)
        self.predicted_table.table.rows_selected.connect(self._select)
        self.tools.rows_changed.connect(self.set_structure_filter)

    def use_actions(self, actions: Mapping[str, QAction]) -> None:
        """Give the buttons the window's own commands."""
        for button, name, text in (
            (self.cards_button, "candidates_as_cards", "Cards"),
            (self.table_button, "candidates_as_table", "Table"),
        ):
            # What the button shows; menus have the whole text.
            actions[name].setIconText(text)
            button.setDefaultAction(actions[name])
        self._layouts = actions["candidates_as_cards"], actions["candidates_as_table"]
        self._show_layout()

    # Cards or tables ------------------------------------------------------------------------------------

    @property
    def as_table(self) -> bool:
        """Whether both lists are tables."""
        return self._as_table

    def set_as_table(self, as_table: bool) -> None:
        """Show both lists as tables, one above the other, or as cards side by side."""
        if as_table != self._as_table:
            self._as_table = as_table
            self._show_layout()
            self._update()
            self._select()

    def _show_layout(self) -> None:
        for views in (self._predicted_views, self._measured_views):
            views.setCurrentIndex(int(self._as_table))
        # Tables need the width, cards the height.
        orientation = Qt.Orientation.Vertical if self._as_table else Qt.Orientation.Horizontal
        if self.splitter.orientation() != orientation:
            self.splitter.setOrientation(orientation)
            self.splitter.setSizes([620, 380] if self._as_table else [580, 420])
        self._lay_filters()
        self.measured_panel.explain("" if self._as_table else _MEASURED)
        for button in (self.columns_button, self.measured_columns_button):
            button.setVisible(self._as_table)
        for action, as_table in zip(self._layouts, (False, True), strict=False):
            action.setChecked(as_table == self._as_table)

    def _lay_filters(self) -> None:
        """Both filters in one line where they have the room."""
        directions = QBoxLayout.Direction
        beside = self._as_table and self.width() >= _WIDE
        self._filters.setDirection(directions.LeftToRight if beside else directions.TopToBottom)

    def focus_filter(self) -> None:
        """Take the keyboard to the filter."""
        self.filter_line.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter_line.text.selectAll()

    def _choose_columns(self, button: QToolButton, *, predicted: bool) -> None:
        table = self.predicted_table.table if predicted else self.measured_table
        menu = table.columns_menu(button)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(button.mapToGlobal(QPoint(0, button.height())))

    # The whole library ----------------------------------------------------------------------------------

    def _needs_library(self) -> bool:
        return self.isVisible() and (self._as_table or self.predicted_table.filtered)

    def resizeEvent(self, event: QResizeEvent) -> None:
        compact = self.height() < _TALL
        self.head.set_compact(compact)
        for table in (self.predicted_table.table, self.measured_table):
            table.set_compact(compact)
        self._lay_filters()
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._update()

    def _use_library(self) -> None:
        library, facts = self.library.table, self.library.facts
        if library is not None and facts is not None:
            self.predicted_table.set_library(library, facts)
            self._use_scores()
        else:
            self._update()

    def _use_scores(self) -> None:
        ranking, scores = self._workspace.ranking, self.library.scores
        if ranking is None or scores is None or self.library.table is None or not self.library.is_current:
            return
        own = ranking.own
        molecule = Molecule(name=own.name, smiles="", inchikey=own.key) if own is not None else None
        self.predicted_table.set_scores(scores, ranking.chance, molecule)
        self.filter_line.set_columns(self.predicted_table.table.columns())
        self._update()

    def _use_facts(self) -> None:
        self.predicted_table.update_facts()
        if self.predicted_table.filtered:
            self._show_predicted()

    def _in_view(self, rows: NDArray[np.intp]) -> None:
        if self._as_table and self.isVisible():
            self.library.want_facts(rows)

    # Filter ---------------------------------------------------------------------------------------------

    def _filter(self, wanted: RowFilter) -> None:
        if wanted != self._wanted:
            self._workspace.undo_stack.push(RowFilterChange(self.set_filter, self._wanted, wanted))

    def set_filter(self, wanted: RowFilter) -> None:
        """Show molecules alone that pass; no change to undo."""
        self._wanted = wanted
        self.filter_line.show_filter(wanted)
        self.predicted_table.set_filter(wanted)
        self._update()

    def set_structure_filter(self, rows: NDArray[np.integer] | None) -> None:
        """Show these molecules of the library alone, in cards and table; any with None."""
        self.predicted_table.set_structure_filter(rows)
        self._update()

    def _select(self) -> None:
        """Tell which candidates are selected."""
        library = self.library.table
        if not self._as_table:
            self.tools.set_selected(self.predicted.selected())
        elif library is not None:
            rows = self.predicted_table.table.selected_rows()[: MOST_MOLECULES + 1]
            self.tools.set_selected([library.molecule(row) for row in rows.tolist()])

    # Content --------------------------------------------------------------------------------------------

    def _mark(self) -> None:
        molecule = self._workspace.molecule
        shown = (self.measured_table,) if self._as_table else (self.predicted, self.measured)
        for views in shown:
            views.set_molecule(molecule)
        if self.library.is_current:
            self.predicted_table.set_molecule(molecule)
        # Tables tell only of what the user selects.
        self._select()

    def _update(self) -> None:
        ranking = self._workspace.ranking
        self.head.update_texts()
        if self._needs_library():
            self.library.refresh()
        measured = ranking.measured if ranking else ()
        # Cards, or the table, alone: whichever is hidden is filled when it comes on show.
        if self._as_table:
            self.measured_table.set_measured(measured)
        else:
            self.measured.set_cards(tuple(measured_card(m, i + 1) for i, m in enumerate(measured)))
        self.measured_pages.set_text(self._reason(bool(measured), predicted=False))
        self._show_predicted()
        self._mark()

    def _show_predicted(self) -> None:
        """Cards of the best that pass the filters, and how many do."""
        ranking = self._workspace.ranking
        there = bool(ranking and ranking.candidates)
        scored = self.library.is_current and self.library.table is not None
        filtered = self.predicted_table.filtered
        shown = len(self.predicted_table.table.rows_in_order()) if scored else 0
        of = ranking.library_size if ranking else 0
        candidates: tuple[Candidate, ...] = ranking.candidates if ranking else ()
        if filtered:
            candidates = self._passing(ranking) if ranking and scored else ()
            self.library.want_facts(np.array([c.row for c in candidates], dtype=np.intp))
        if not self._as_table:
            self.predicted.set_cards(tuple(map(candidate_card, candidates)))
            self.predicted.set_molecule(self._workspace.molecule)
        best = f"Best {integer(len(candidates))} of {integer(of)} library molecules, by predicted similarity"
        self.predicted_panel.explain("" if self._as_table else best if there else _PREDICTED)
        self.filter_line.setVisible(there)
        self.tools.line.setVisible(there)
        count = f"{integer(shown)} of {integer(of)}" if filtered else plural(of, "molecule")
        self.filter_line.set_count(count if scored and (filtered or self._as_table) else "")
        text = self._reason(there, predicted=True)
        if there and not scored and (self._as_table or filtered):
            text = "Scoring the library…"
        elif there and scored and filtered and not shown:
            text = "No molecule of the library passes the filters."
        self.predicted_pages.set_text(text)

    def _passing(self, ranking: Ranking) -> tuple[Candidate, ...]:
        """The first that pass the filters, in the order of the table."""
        library, scores, facts = self.library.table, self.library.scores, self.library.facts
        if library is None or scores is None or facts is None:
            return ()
        known = {candidate.row: candidate for candidate in ranking.candidates}
        dose = scores.dose_index
        passing = []
        for row in self.predicted_table.table.rows_in_order()[:_CARDS].tolist():
            at = float(library.doses[dose]) if dose >= 0 else float(scores.best_dose[row])
            own = ranking.own is not None and ranking.own.key == library.inchikey[row]
            passing.append(
                known.get(row)
                or Candidate(
                    int(scores.rank[row]),
                    library.molecule(row),
                    float(scores.score[row]),
                    None if at != at else at,
                    own,
                    facts.nearest_of(row),
                    row,
                )
            )
        return tuple(passing)

    def _reason(self, filled: bool, *, predicted: bool) -> str:
        workspace = self._workspace
        if filled:
            return ""
        if workspace.ranking_error is not None:
            if workspace.ranking_error.cancelled:
                return "Stopped. Select wells again to rank them."
            return error_text("Ranking", workspace.ranking_error)
        if workspace.plate is None:
            return "Open a plate file, or drop one here."
        if not len(workspace.selection):
            return "Select wells on the plate map or in the scatter."
        if workspace.ranking is None:
            return "Ranking…"
        if predicted and workspace.session.unusable:
            errors = [e for e in (workspace.session.model_error, workspace.session.library_error) if e]
            return "\n\n".join((f"The {workspace.session.unusable} cannot be used.", *errors, MEASURED_STILL))
        if predicted and not workspace.plate.space_known:
            return f"{_UNKNOWN_SPACE} {MEASURED_STILL}"
        return "No candidates." if predicted else "No measured treatment to compare with."

    # State ----------------------------------------------------------------------------------------------

    def view_state(self) -> dict[str, Any]:
        """Cards or tables, the columns of both, and the filter."""
        return {
            "table": self._as_table,
            "columns": self.predicted_table.table.view_state(),
            "measured": self.measured_table.view_state(),
            "filter": self._wanted.to_json(),
            "structures": self.tools.view_state(),
        }

    def restore_view_state(self, state: Mapping[str, Any]) -> None:
        """Take up an earlier :meth:`view_state`; what does not fit is dropped."""
        for name, table in (("columns", self.predicted_table.table), ("measured", self.measured_table)):
            if isinstance(state.get(name), dict):
                table.restore_view_state(state[name])
        self._as_table = state.get("table") is True
        self._show_layout()
        self.tools.restore_view_state(state.get("structures"))
        self.set_filter(RowFilter.of(state.get("filter")))
