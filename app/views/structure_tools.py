"""What the page of candidates does with structures: filter, mechanisms, and what the selected have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.candidate_filters import CandidateFilters, Found
from app.records import Molecule
from app.structure_reader import StructureReader
from app.structures import Structures
from app.views.common_line import CommonLine
from app.views.enrichment_panel import EnrichmentPanel
from app.views.structure_filter import StructureFilter
from app.workspace import Workspace

__all__ = ["StructureTools"]


class StructureTools(QObject):
    """Three widgets and the filter behind them; a page places them and listens.

    Parameters
    ----------
    workspace : Workspace
    structures : Structures
        In whose drawings the substructure that is looked for stands out.

    Signals
    -------
    rows_changed(object)
        Rows of the library that pass, intp (k,); None for all.
    """

    rows_changed = Signal(object)

    def __init__(self, workspace: Workspace, structures: Structures, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._structures = structures
        self._told: Found | None = None
        self.filters = CandidateFilters(workspace, StructureReader(structures.engine, self), self)
        self.line = StructureFilter(workspace, self.filters)
        self.common = CommonLine(workspace, structures, self.filters)
        self.enrichment = EnrichmentPanel(workspace, self.filters)
        self.filters.found_changed.connect(self._tell)

    def _tell(self) -> None:
        found = self.filters.found
        if found is self._told:
            return
        self._told = found
        by = found.by if found is not None else None
        looked_for = (by.text, by.drawn) if by is not None and by.kind == "substructure" else ("", False)
        self._structures.mark(pattern=looked_for)
        self.rows_changed.emit(found.rows if found is not None else None)

    def set_selected(self, molecules: Sequence[Molecule]) -> None:
        """Look for what the selected candidates have in common."""
        self.common.set_molecules(molecules)

    def view_state(self) -> dict[str, Any]:
        """The filter and the panel of mechanisms: JSON values."""
        return {"filter": self.filters.view_state(), "mechanisms": self.enrichment.view_state()}

    def restore_view_state(self, state: object) -> None:
        """Take up an earlier :meth:`view_state`; what does not fit is dropped."""
        if not isinstance(state, Mapping):
            return
        for key, part in (("filter", self.filters), ("mechanisms", self.enrichment)):
            if isinstance(state.get(key), dict):
                part.restore_view_state(state[key])
