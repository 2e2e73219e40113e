"""Asks the engine for the whole library: its molecules once, their scores for the wells that are ranked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.library_table import LibraryScores, LibraryTable
from app.molecule_facts import MoleculeFacts
from app.records import Ranking
from app.workspace import Workspace

__all__ = ["WholeLibrary"]

# Reading larger ones takes longer than a ranking should have to wait.
_LARGE = 50_000
# Up to this many, every molecule is compared with the training molecules without being on screen: a second.
_COMPARED_WHOLE = 5_000


class WholeLibrary(QObject):
    """The library and its scores, asked for when somebody shows them.

    Signals
    -------
    table_changed
        There is another library, or none.
    scores_changed
        There are scores of another selection.
    facts_changed
        More is known of single molecules.
    """

    table_changed = Signal()
    scores_changed = Signal()
    facts_changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.table: LibraryTable | None = None
        self.scores: LibraryScores | None = None
        self.facts: MoleculeFacts | None = None
        self._workspace = workspace
        self._hash = ""
        self._asked: Ranking | None = None
        self._scored: Ranking | None = None
        workspace.session_changed.connect(self._forget_other)

    def _forget_other(self) -> None:
        if self.table is not None and self._workspace.session.library_hash != self._hash:
            self.table = self.facts = self.scores = self._asked = self._scored = None
            self.table_changed.emit()

    @property
    def is_current(self) -> bool:
        """Whether there are scores for the ranking on show."""
        ranking = self._workspace.ranking
        return self.scores is not None and ranking is not None and self._scored is ranking

    def refresh(self) -> None:
        """Ask for what is missing of the ranking on show."""
        workspace = self._workspace
        ranking = workspace.ranking
        if ranking is None or not ranking.candidates or workspace.plate is None:
            return
        if self.table is None and not workspace.requests.waits_for("library table"):
            self._hash = workspace.session.library_hash
            workspace.ask(
                "library table",
                "library_table",
                "Reading the library",
                self._use_table,
                background=ranking.library_size > _LARGE,
            )
        if self._asked is not ranking:
            self._asked = ranking
            workspace.ask(
                "library scores",
                "library_scores",
                "Scoring the library",
                lambda packed: self._use_scores(ranking, packed),
                self._no_scores,
                path=workspace.plate.path,
                token=workspace.plate.token,
                rows=workspace.selection,
            )

    def _use_table(self, packed: dict[str, Any]) -> None:
        table = self.table = LibraryTable.unpack(packed)
        self.facts = MoleculeFacts(len(table), table.smiles, table.properties, self._workspace, self)
        self.facts.changed.connect(self.facts_changed)
        self.table_changed.emit()
        if len(table) <= _COMPARED_WHOLE:
            self.facts.want(np.arange(len(table)))

    def _use_scores(self, ranking: Ranking, packed: dict[str, Any]) -> None:
        self._scored, self.scores = ranking, LibraryScores.unpack(packed)
        self.scores_changed.emit()

    def _no_scores(self, _error: object) -> None:
        self._asked = None

    def want_facts(self, rows: NDArray[np.intp]) -> None:
        """Ask for what is missing of single molecules, as those in view."""
        if self.facts is not None:
            self.facts.want(rows)
