"""What the selected candidates have in common, in one line and on their drawings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.candidate_filters import CandidateFilters
from app.engine import EngineError
from app.records import Molecule
from app.structures import Structures
from app.views.fitting import fit_height
from app.views.message_bar import Banner
from app.views.panel import Muted
from app.workspace import Workspace

__all__ = ["MOST_MOLECULES", "CommonLine"]

MOST_MOLECULES = 100
"""As :data:`molphenix_core.molecules.common_substructure.MOST_MOLECULES`, which the window may not import."""


class CommonLine(Banner):
    """Hidden until several molecules are selected.

    Parameters
    ----------
    workspace : Workspace
        Whose background engine looks for the common substructure.
    structures : Structures
        Which marks it in the drawings.
    filters : CandidateFilters
        Takes it as a filter.
    """

    def __init__(
        self,
        workspace: Workspace,
        structures: Structures,
        filters: CandidateFilters,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("note", parent)
        self._workspace, self._structures, self._filters = workspace, structures, filters
        self._smiles: tuple[str, ...] = ()
        self.smarts = ""
        self.label.setAccessibleName("Common substructure")
        self.pattern = Muted()
        self.pattern.setAccessibleName("SMARTS of the common substructure")
        self.row.removeWidget(self.label)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.label)
        column.addWidget(self.pattern)
        self.row.addLayout(column, 1)
        self.copy = _button("Copy", "Copy SMARTS", "Copy the common substructure as SMARTS")
        self.filter = _button(
            "Filter", "Filter by the common substructure", "Show only candidates with this substructure"
        )
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(self.smarts))
        self.filter.clicked.connect(lambda: filters.set_query(self.smarts, "substructure"))
        for button in (self.copy, self.filter):
            self.row.addWidget(button)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._show("", "")

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in {QEvent.Type.LayoutRequest, QEvent.Type.Resize}:
            fit_height(self)
        return done

    def set_molecules(self, molecules: Sequence[Molecule]) -> None:
        """Look for what these have in common; with fewer than two there is nothing to look for."""
        smiles = tuple(dict.fromkeys(m.smiles for m in molecules if m.smiles))
        if smiles == self._smiles:
            return
        self._smiles = smiles
        self._workspace.requests.withdraw("common substructure")
        self._structures.mark(atoms={})
        if len(smiles) < 2:
            self._show("", "")
        elif len(smiles) > MOST_MOLECULES:
            self._show(f"What more than {MOST_MOLECULES} have in common is not looked for: select fewer", "")
        else:
            self._show(f"Looking for what the {len(smiles)} selected have in common…", "")
            self._workspace.ask(
                "common substructure",
                "find_common",
                "Looking for a common substructure",
                self._take,
                self._refuse,
                background=True,
                smiles=list(smiles),
            )

    def _take(self, found: dict[str, Any]) -> None:
        n = len(self._smiles)
        within = f"within {found['seconds']} s"
        if not found["smarts"]:
            nothing = f"The {n} selected share no more than unrelated molecules do"
            self._show(
                nothing if found["complete"] else f"Nothing that the {n} selected share was found {within}", ""
            )
            return
        atoms = dict(zip(self._smiles, map(tuple, found["atoms"]), strict=True))
        size = len(found["atoms"][0])
        more = "" if found["complete"] else f" or more: the search stopped after {found['seconds']} s"
        self._show(f"The {n} selected share {size} atoms{more}", found["smarts"])
        self._structures.mark(atoms=atoms)

    def _refuse(self, error: EngineError) -> None:
        self._smiles = ()
        self._show(
            "Stopped: select candidates again to see what they share" if error.cancelled else error.text, ""
        )

    def _show(self, text: str, smarts: str) -> None:
        self.smarts = smarts
        self.set_text(text)
        self.pattern.setText(smarts)
        self.pattern.setToolTip(smarts)
        for widget in (self.pattern, self.copy, self.filter):
            widget.setVisible(bool(smarts))


def _button(text: str, name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setAutoRaise(True)
    return button
