"""Which mechanisms the best candidates share beyond chance: one line, and a table that unfolds."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from app.candidate_filters import CandidateFilters
from app.engine import EngineError
from app.numbers import integer, number
from app.theme import font
from app.views.panel import Muted
from app.views.section import Heading
from app.views.table import ColumnTable, TableColumn
from app.workspace import Workspace

__all__ = ["SIGNIFICANT", "EnrichmentPanel", "summary_text"]

SIGNIFICANT = 0.05
"""Largest corrected q that is called enriched."""

_TOP = 100
_FEWEST = 5
_WIDTHS = {"mechanism": 240, "in_top": 56, "expected": 72, "fold": 50, "p": 66, "q": 66, "in_library": 72}
_ROWS_SHOWN = 5
_FEWEST_ROWS = 2
_TIPS = {
    "mechanism": "Class of the curated vocabulary; a molecule may have several",
    "in_top": "Molecules of the top with this mechanism, each counted once",
    "expected": "As many would be in the top by chance",
    "fold": "Share in the top over the share in the library",
    "p": "Chance of as many or more: hypergeometric, one-sided",
    "q": "p corrected for the number of mechanisms tested (Benjamini and Hochberg)",
    "in_library": "Molecules of the library with this mechanism",
}


def summary_text(found: dict[str, Any]) -> str:
    """What a test of mechanisms found, in one line.

    Parameters
    ----------
    found : dict
        Answer of the task ``enrich``.
    """
    if not found["top_annotated"]:
        return f"no mechanism is known of the top {integer(found['top'])}"
    significant = np.flatnonzero(np.asarray(found["q_value"]) <= SIGNIFICANT)
    if not len(significant):
        least = f"; smallest q {number(float(np.min(found['q_value'])), 2)}" if len(found["q_value"]) else ""
        return f"none is enriched{least}"
    first = int(significant[0])
    fold, q = number(float(found["fold"][first]), 2), number(float(found["q_value"][first]), 2)
    more = f", and {len(significant) - 1} more" if len(significant) > 1 else ""
    return f"{found['mechanism'][first]}, {fold}-fold (q {q}){more}"


def background_text(found: dict[str, Any]) -> str:
    """What was counted, and in what."""
    annotated, library = integer(found["library_annotated"]), integer(found["library"])
    top, known = integer(found["top"]), integer(found["top_annotated"])
    return (
        f"Background: {annotated} of {library} library molecules with a known mechanism, each counted once; "
        f"{known} of the top {top} have one. {integer(found['tested'])} mechanisms were tested."
    )


class EnrichmentPanel(QWidget):
    """Mechanisms among the first candidates; a click on one filters the candidates by it.

    Parameters
    ----------
    workspace : Workspace
        With the ranking.
    filters : CandidateFilters
    """

    def __init__(self, workspace: Workspace, filters: CandidateFilters, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Mechanisms of the best candidates")
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self.palette().ColorRole.Base)
        self._workspace, self._filters = workspace, filters
        self._asked: tuple[str, ...] = ()
        self._found: dict[str, Any] | None = None
        self._series = -1
        self.unfold = Heading()
        self.unfold.setCheckable(True)
        self.unfold.setAutoRaise(True)
        self.unfold.setText("Mechanisms of the best candidates")
        self.unfold.setFont(font(self.font(), bold=True))
        self.unfold.setToolTip("Mechanisms that the best candidates share beyond chance")
        self.unfold.toggled.connect(self._fold)
        self.summary = Muted()
        self.summary.setAccessibleName("Enriched mechanisms")
        self.top = QSpinBox()
        self.top.setRange(_FEWEST, _TOP)
        self.top.setValue(_TOP)
        self.top.setSingleStep(5)
        self.top.setKeyboardTracking(False)
        self.top.setAccessibleName("How many of the best candidates are tested")
        self.top.setToolTip("How many of the best candidates are tested")
        self.top.valueChanged.connect(self._ask)
        label = QLabel("&Top")
        label.setBuddy(self.top)
        self._label = label
        self.table = ColumnTable("Mechanisms of the top candidates")
        for key, width in _WIDTHS.items():
            self.table.set_width(key, width)
        self.table.rows_selected.connect(self._choose)
        # Not wrapped: layouts give wrapped text its full height before all else.
        self.note = Muted()
        self.note.setFont(font(self.font(), step=-0.5))
        self.note.setAccessibleName("What was counted")
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.unfold)
        head.addWidget(self.summary, 1)
        head.addWidget(label)
        head.addWidget(self.top)
        self.body = QWidget()
        body = QVBoxLayout(self.body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(6)
        body.addWidget(self.table)
        body.addWidget(self.note)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 5, 12, 6)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.body)
        self._fold(False)
        workspace.ranking_changed.connect(self._ranked)
        filters.changed.connect(self._mark)
        self._ranked()

    # Requests -------------------------------------------------------------------------------------------

    def _keys(self) -> tuple[str, ...]:
        ranking = self._workspace.ranking
        candidates = ranking.candidates if ranking is not None else ()
        return tuple(c.molecule.inchikey for c in candidates[: self.top.value()] if c.molecule.inchikey)

    def _ranked(self) -> None:
        ranking = self._workspace.ranking
        # While wells are being ranked the last result stays: the panel must not come and go.
        if ranking is None and len(self._workspace.selection):
            return
        self.setVisible(ranking is not None and bool(ranking.candidates))
        self._ask()

    def _ask(self) -> None:
        keys = self._keys()
        if not self.isVisible() or not keys or keys == self._asked:
            return
        self._asked = keys
        self.summary.setText("testing…")
        self._workspace.ask(
            "enrichment", "enrich", "Testing mechanisms", self._take, self._refuse, keys=list(keys)
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()

    def _refuse(self, error: EngineError) -> None:
        self._asked = ()
        self._found = None
        self.summary.setText("stopped" if error.cancelled else "could not be tested")
        self.table.set_columns(())

    def _take(self, found: dict[str, Any]) -> None:
        self._found = found
        self.summary.setText(summary_text(found))
        self.summary.setToolTip(self.summary.text())
        self.note.setText(background_text(found))
        self.note.setToolTip(background_text(found))
        numbers = (
            ("in_top", "In top", 3, np.int64),
            ("expected", "Expected", 2, np.float64),
            ("fold", "Fold", 2, np.float64),
            ("p", "p", 2, np.float64),
            ("q", "q", 3, np.float64),
            ("in_library", "In library", 3, np.int64),
        )
        source = {"p": "p_value", "q": "q_value"}
        names = list(found["mechanism"])
        columns = [
            TableColumn(
                "mechanism",
                "Mechanism",
                np.arange(len(names), dtype=np.int32),
                kind="text",
                categories=names,
                tip=_TIPS["mechanism"],
            )
        ]
        columns += [
            TableColumn(key, title, np.asarray(found[source.get(key, key)], dtype), digits=digits, tip=_TIPS[key])
            for key, title, digits, dtype in numbers
        ]
        self.table.set_columns(columns)
        self._mark()

    # Choice ---------------------------------------------------------------------------------------------

    def _choose(self, rows: object) -> None:
        chosen = np.asarray(rows, dtype=np.intp)
        if self._found is not None and len(chosen):
            self._filters.set(mechanism=self._found["mechanism"][int(chosen[0])], series=self._series)

    def _mark(self) -> None:
        names = list(self._found["mechanism"]) if self._found is not None else []
        wanted = self._filters.value.mechanism
        self.table.select_rows([names.index(wanted)] if wanted in names else [])

    # Display --------------------------------------------------------------------------------------------

    @property
    def unfolded(self) -> bool:
        """Whether the table is on show."""
        return self.unfold.isChecked()

    def _fold(self, unfolded: bool) -> None:
        self.body.setVisible(unfolded)
        self._label.setVisible(unfolded)
        self.top.setVisible(unfolded)
        # A new look at the table begins a new step of undo.
        self._series -= 1
        row = self.table.verticalHeader().defaultSectionSize()
        header = self.table.horizontalHeader().sizeHint().height() + 4
        # Where the window is low, candidates need the room more.
        self.table.setMinimumHeight(_FEWEST_ROWS * row + header)
        self.table.setMaximumHeight(_ROWS_SHOWN * row + header)

    def view_state(self) -> dict[str, Any]:
        """Whether the table is on show, and how many candidates are tested."""
        return {"unfolded": self.unfolded, "top": self.top.value()}

    def restore_view_state(self, state: dict[str, Any]) -> None:
        """Take up an earlier :meth:`view_state`; what does not fit is dropped."""
        if isinstance(state.get("top"), int) and not isinstance(state["top"], bool):
            self.top.setValue(state["top"])
        self.unfold.setChecked(state.get("unfolded") is True)
