"""The chosen molecule, on the right: its structure, what is known of it, and what is like it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QPalette
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea, QVBoxLayout, QWidget

from app.engine import Engine
from app.structures import Structures
from app.theme import font
from app.views.labels import FittingLabel
from app.views.message_bar import Banner
from app.views.molecule_doses import MeasuredDoses, PredictedDoses
from app.views.molecule_identity import Identifiers, Properties
from app.views.molecule_neighbours import Neighbours
from app.views.molecule_picture import MoleculePicture
from app.views.molecule_wells import SimilarWells
from app.views.panel import Badge, Muted, Panel
from app.views.scroll_bar import SlimScrollBar
from app.views.section import Section
from app.views.why import WhyPanel
from app.views.words import nearest_text
from app.workspace import Workspace

__all__ = ["MENU", "MoleculePanel", "seen_text"]

MENU = (
    "show_molecule",
    "",
    "copy_smiles",
    "copy_molfile",
    "copy_inchi",
    "copy_inchikey",
    "copy_structure",
    "save_structure",
    "",
    "compare_with",
)
"""The context menu of the card; "" is a separator."""

_PERCENTILE = (
    "Of the training molecules, the percentile are no more similar to the nearest one of another scaffold.\n"
    "Below the 5th, predictions for a molecule are extrapolated."
)


def seen_text(seen: bool | None) -> str:
    """What the badge means."""
    if seen is None:
        return "Not known whether the model was trained on it."
    if seen:
        return "The model was trained on this molecule: that it ranks well says little about new ones."
    return "The model was never trained on this molecule: its place is predicted from the structure alone."


class MoleculePanel(Panel):
    """The molecule chosen in any view.

    Parameters
    ----------
    engine : Engine
        The drawing process, which also computes the properties.
    """

    def __init__(
        self, workspace: Workspace, structures: Structures, engine: Engine, parent: QWidget | None = None
    ) -> None:
        super().__init__("Molecule", parent=parent)
        self._workspace = workspace
        self._actions: Mapping[str, QAction] = {}
        self.badge = Badge()
        self.header.addWidget(self.badge)
        self.drawing = MoleculePicture(structures, engine)
        self.drawing.activated.connect(lambda: self._trigger("show_molecule"))
        self.name = FittingLabel()
        self.name.setFont(font(self.font(), step=2, bold=True))
        self.name.setWordWrap(True)
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.mechanism = Muted(wrap=True)
        self.seen = Muted(wrap=True)
        self.seen.setFont(font(self.font(), step=-0.5))
        self.seen.setAccessibleName("Seen in training or not")
        self.nearest = Muted(wrap=True)
        self.nearest.setAccessibleName("Nearest training molecule")
        self.outside = Banner("warning")
        for label in (self.nearest, self.outside):
            label.setToolTip(_PERCENTILE)
        self.empty = Muted("Choose a candidate to see its structure.", wrap=True)
        self.identifiers = Identifiers(workspace, "card record")
        self.identifiers.copied.connect(workspace.told)
        self.properties = Properties(workspace, engine)
        self.values = self.properties.values
        self.why = WhyPanel(workspace)
        self.measured = MeasuredDoses(workspace)
        self.predicted = PredictedDoses(workspace, "card scores")
        self.neighbours = Neighbours(workspace, "card neighbours")
        self.wells = SimilarWells(workspace, "card wells")
        self.sections = {
            "identity": Section("Identifiers and properties", _stacked(self.identifiers, self.properties)),
            "measured": Section("Doses measured", self.measured),
            "predicted": Section("Score over doses", self.predicted),
            "neighbours": Section("Similar structures", self.neighbours, open_=False),
            "wells": Section("Similar wells", self.wells, open_=False),
        }
        self._make_layout()
        self.setMinimumWidth(204)
        workspace.molecule_changed.connect(self._update)
        workspace.ranking_changed.connect(self._show_nearest)
        self._update()

    def _make_layout(self) -> None:
        self._shown_with = _stacked(
            self.drawing,
            self.name,
            self.mechanism,
            self.seen,
            self.nearest,
            self.outside,
            self.why,
            *self.sections.values(),
            spacing=6,
        )
        column = QWidget()
        column.setObjectName("card column")
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 4, 0)
        layout.addWidget(self.empty)
        layout.addWidget(self._shown_with)
        layout.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName("Molecule card")
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setVerticalScrollBar(SlimScrollBar())
        self._scroll.setWidget(column)
        for widget in (self._scroll.viewport(), column):
            widget.setAutoFillBackground(False)
            widget.setBackgroundRole(QPalette.ColorRole.Base)
        self.body.addWidget(self._scroll, 1)

    def use_actions(self, actions: Mapping[str, QAction]) -> None:
        """Give the context menu the window's own commands."""
        self._actions = actions

    def _trigger(self, name: str) -> None:
        if name in self._actions:
            self._actions[name].trigger()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._workspace.molecule is not None and self._actions:
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            fill_menu(menu, self._actions, MENU)
            menu.popup(event.globalPos())

    # State ----------------------------------------------------------------------------------------------

    def view_state(self) -> dict[str, Any]:
        """Which sections are open."""
        return {"open": [name for name, section in self.sections.items() if section.is_open]}

    def restore_view_state(self, state: Mapping[str, Any]) -> None:
        """Take up an earlier :meth:`view_state`; what does not fit is dropped."""
        names = state.get("open")
        if isinstance(names, list):
            for name, section in self.sections.items():
                section.set_open(name in names)

    # Showing --------------------------------------------------------------------------------------------

    def _update(self) -> None:
        molecule = self._workspace.molecule
        self._shown_with.setVisible(molecule is not None)
        # Tests and screen readers ask the parts themselves.
        for widget in (self.drawing, self.name, self.mechanism):
            widget.setVisible(molecule is not None)
        self.empty.setVisible(molecule is None)
        self.drawing.set_molecule(molecule)
        # What is seen first of another molecule is what it is.
        self._scroll.verticalScrollBar().setValue(0)
        self._show_nearest()
        if molecule is None:
            self.badge.hide()
            return
        self.badge.setVisible(molecule.seen is not None)
        self.badge.set(*(("SEEN", "seen") if molecule.seen else ("UNSEEN", "unseen")))
        self.badge.setToolTip(seen_text(molecule.seen))
        self.seen.setText(seen_text(molecule.seen))
        self.name.setText(molecule.name or "Unnamed molecule")
        self.mechanism.setText(molecule.mechanism or "Mechanism unknown")
        self.identifiers.set_molecule(molecule, self._workspace.plate)
        self.properties.set_molecule(molecule)

    def _show_nearest(self) -> None:
        molecule, ranking = self._workspace.molecule, self._workspace.ranking
        nearest = ranking.nearest(molecule) if ranking is not None and molecule is not None else None
        if molecule is not None and molecule.seen:
            # It would be itself.
            nearest = None
        text = nearest_text(nearest) if nearest is not None else ""
        self.nearest.setText(text)
        self.nearest.setVisible(nearest is not None and not nearest.outside)
        self.outside.set_text(text if nearest is not None and nearest.outside else "")


def _stacked(*widgets: QWidget, spacing: int = 4) -> QWidget:
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(spacing)
    for widget in widgets:
        column.addWidget(widget)
    return whole


def fill_menu(menu: QMenu, actions: Mapping[str, QAction], names: Sequence[str]) -> None:
    """Add some of the window's commands to a menu; "" is a separator."""
    for name in names:
        if name:
            menu.addAction(actions[name])
        else:
            menu.addSeparator()
