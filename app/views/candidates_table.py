"""The whole library as a table, and the nearest measured treatments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.background import Background
from app.library_table import LibraryScores, LibraryTable
from app.molecule_facts import MoleculeFacts
from app.numbers import number
from app.records import Chance, Measured, Molecule
from app.structures import Structures
from app.views.candidate_columns import (
    fact_columns,
    library_columns,
    measured_columns,
    property_columns,
    score_columns,
)
from app.views.molecule_cells import DosesCell, NameCell, StructureCell
from app.views.table import ColumnTable, TableColumn
from app.views.table.filtering import RowFilter, passing_rows
from app.views.table.sorting import SortKey
from app.views.words import dose_text
from app.workspace import Workspace

__all__ = ["CandidatesTable", "MeasuredTable"]

_STRUCTURE_ROW = 52
_LOW_ROW = 40
_ORDER = (
    *("rank", "structure", "name", "score", "chance", "dose", "doses", "mechanism", "seen", "nearest"),
    *("similarity", "mw", "clogp", "tpsa", "hbd", "hba", "inchikey"),
)
# Pictures and lists of numbers are not looked through for words.
_NOT_SEARCHED = ("structure", "doses")
_MANY_ROWS = 20_000
# Rows that only scroll by are not asked for.
_MILLISECONDS_TO_REST = 120


class _MoleculeTable(ColumnTable):
    """A table with structures, high rows while they are shown."""

    def __init__(self, structures: Structures, name: str) -> None:
        super().__init__(name)
        self._compact = False
        self.names = NameCell(self)
        self.set_painter("structure", StructureCell(self, structures))
        self.set_painter("name", self.names)
        self.set_width("structure", 88)
        self.set_width("name", 170)
        self.layout_changed.connect(self._fit_height)
        self.first_order = (SortKey("rank"),)
        self._fit_height()

    def set_compact(self, compact: bool) -> None:
        """Make rows lower, where the window is low."""
        self._compact = compact
        self._fit_height()

    def _fit_height(self) -> None:
        shown = {column.key for column in self.shown_columns()}
        high = _LOW_ROW if self._compact else _STRUCTURE_ROW
        self.set_row_height(high if "structure" in shown else 0)


class CandidatesTable(QWidget):
    """Every molecule of the library, with scores for the wells that are ranked.

    Rows are named by their number in the library, whatever is shown of them.

    Parameters
    ----------
    structures : Structures
        Where the pictures come from.
    """

    chosen = Signal(object)
    """A molecule that the user chose."""
    shown_changed = Signal()
    """Other rows are shown, or in another order."""
    rows_in_view = Signal(object)
    """Rows on which the view has come to rest, intp (k,)."""

    def __init__(self, structures: Structures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = _MoleculeTable(structures, "Predicted candidates, table")
        self.library: LibraryTable | None = None
        self.scores: LibraryScores | None = None
        self._facts: MoleculeFacts | None = None
        self._structure_rows: NDArray[np.integer] | None = None
        self._wanted = RowFilter()
        self._filtering = Background(self)
        doses = DosesCell(self.table, self._scores_of)
        self.table.set_painter("doses", doses)
        self.table.set_width("doses", 92)
        self.table.set_tips("doses", self._doses_tip)
        self.table.set_tips("chance", self._chance_tip)
        self._chance: Chance | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        self._rest = QTimer(self, singleShot=True, interval=_MILLISECONDS_TO_REST)
        self._rest.timeout.connect(lambda: self.rows_in_view.emit(self.table.rows_in_view()))
        self.table.verticalScrollBar().valueChanged.connect(self._rest.start)
        self.table.order_changed.connect(self._rest.start)
        self.table.order_changed.connect(self.shown_changed)
        self.table.rows_selected.connect(self._choose)

    def set_library(self, library: LibraryTable, facts: MoleculeFacts) -> None:
        """Show another library; it has no scores yet."""
        self.library, self._facts, self.scores = library, facts, None
        self.table.set_columns([])

    def set_scores(self, scores: LibraryScores, chance: Chance, own: Molecule | None) -> None:
        """Show the scores of another selection; ``own`` is the molecule in its wells."""
        if self.library is None or self._facts is None:
            raise ValueError("scores come after their library")
        first, self.scores, self._chance = self.scores is None, scores, chance
        changed = score_columns(self.library, scores, chance)
        row = self.library.row_of(own) if own is not None else None
        self.table.names.own = frozenset() if row is None else frozenset({row})
        if first:
            columns = [*changed, *library_columns(self.library), *fact_columns(self._facts)]
            self.table.set_columns(sorted(columns, key=lambda column: _ORDER.index(column.key)))
            self._filter()
        else:
            self._replace(changed)

    def update_facts(self) -> None:
        """Show what has become known of single molecules."""
        if self._facts is not None and self.scores is not None:
            self._replace(fact_columns(self._facts))

    def _replace(self, columns: Sequence[TableColumn]) -> None:
        self.table.replace_columns(columns)
        if self._wanted.ranges.keys() & {column.key for column in columns}:
            self._filter()

    @property
    def busy(self) -> bool:
        """Whether rows are still being sorted or filtered."""
        return self.table.busy or self._filtering.busy

    # Filters --------------------------------------------------------------------------------------------

    @property
    def filtered(self) -> bool:
        """Whether a filter may leave molecules out."""
        return not self._wanted.empty or self._structure_rows is not None

    def set_filter(self, wanted: RowFilter) -> None:
        """Show rows that hold a text and numbers within ranges alone."""
        self._wanted = wanted
        self._filter()

    def set_structure_filter(self, rows: NDArray[np.integer] | None) -> None:
        """Show these rows of the library alone, as far as the other filters let them pass; any with None."""
        self._structure_rows = rows
        self._filter()

    def _filter(self) -> None:
        if self.scores is None:
            return
        columns = self.table.columns()
        wanted, rows = self._wanted, self._structure_rows

        def work() -> NDArray[np.intp] | None:
            if wanted.empty:
                return None if rows is None else np.asarray(rows, dtype=np.intp)
            passing = passing_rows(columns, wanted, without=_NOT_SEARCHED)
            if rows is not None:
                among = np.zeros(len(passing), dtype=bool)
                among[rows] = True
                passing &= among
            return np.flatnonzero(passing)

        if len(columns[0]) < _MANY_ROWS:
            self._filtering.drop()
            self.table.set_shown(work())
        else:
            self._filtering.run(work, self.table.set_shown)

    # Molecules ------------------------------------------------------------------------------------------

    def set_molecule(self, molecule: Molecule | None) -> None:
        """Mark a molecule that was chosen elsewhere."""
        if self.library is None or self.scores is None:
            return
        row = self.library.row_of(molecule) if molecule is not None else None
        if row is None:
            self.table.select_rows([])
        elif row not in self.table.selected_rows():
            self.table.select_rows([row])

    def _choose(self, rows: NDArray[np.intp]) -> None:
        row = self.table.current_row()
        if len(rows) and row is not None and self.library is not None:
            self.chosen.emit(self.library.molecule(row))

    def _scores_of(self, row: int) -> NDArray[np.floating] | None:
        return self.scores.at_doses[:, row] if self.scores is not None else None

    def _chance_tip(self, row: int) -> str:
        """Why there is no chance; what it is the header says."""
        if self._chance is None or self.scores is None or not np.isnan(self.scores.chance[row]):
            return ""
        return self._chance.text

    def _doses_tip(self, row: int) -> str:
        values = self._scores_of(row)
        if values is None or self.library is None:
            return ""
        doses = (dose_text(None if dose != dose else dose) for dose in self.library.doses.tolist())
        return "\n".join(f"{dose}: {number(score, 4)}" for dose, score in zip(doses, values.tolist(), strict=True))


class MeasuredTable(_MoleculeTable):
    """The nearest measured treatments; rows are their places in the ranking.

    Parameters
    ----------
    workspace : Workspace
        Whose engine works out properties, once somebody looks.
    structures : Structures
        Where the pictures come from.
    """

    chosen = Signal(object)

    def __init__(self, workspace: Workspace, structures: Structures) -> None:
        super().__init__(structures, "Nearest measured treatments, table")
        self.names.mark = "same molecule"
        self._workspace = workspace
        self._measured: tuple[Measured, ...] = ()
        self._facts: MoleculeFacts | None = None
        self.rows_selected.connect(self._choose)

    def set_measured(self, measured: tuple[Measured, ...]) -> None:
        """Show other treatments."""
        if measured is not self._measured:
            self._measured = measured
            self.names.own = frozenset(row for row, one in enumerate(measured) if one.own)
            self._renew_facts()
        if self.isVisible():
            self._want()

    def _renew_facts(self) -> None:
        if self._facts is not None:
            self._facts.drop()
            self._facts.deleteLater()
        smiles = [one.molecule.smiles for one in self._measured]
        facts = self._facts = MoleculeFacts(len(smiles), smiles, {}, self._workspace, self)
        facts.changed.connect(lambda: self.replace_columns(property_columns(facts)))
        self.set_columns(measured_columns(self._measured, facts))

    def _want(self) -> None:
        if self._facts is not None:
            drawn = [row for row, one in enumerate(self._measured) if one.molecule.smiles]
            self._facts.want(np.array(drawn, dtype=np.intp))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._want()

    def set_molecule(self, molecule: Molecule | None) -> None:
        """Mark a molecule that was chosen elsewhere."""
        key = molecule.key if molecule is not None else ""
        rows = [row for row, one in enumerate(self._measured) if key and one.molecule.key == key]
        if not set(rows) & set(self.selected_rows().tolist()):
            self.select_rows(rows[:1])

    def _choose(self, rows: NDArray[np.intp]) -> None:
        row = self.current_row()
        if len(rows) and row is not None:
            self.chosen.emit(self._measured[row].molecule)
