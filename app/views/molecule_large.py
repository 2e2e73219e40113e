"""The chosen molecule in a window of its own: everything at once, the structure as large as there is room."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.engine import Engine
from app.structures import Structures
from app.theme import font
from app.views.molecule import MENU, fill_menu, seen_text
from app.views.molecule_doses import MeasuredDoses, PredictedDoses
from app.views.molecule_identity import Identifiers, Properties
from app.views.molecule_neighbours import Neighbours
from app.views.molecule_picture import MoleculePicture
from app.views.molecule_wells import SimilarWells
from app.views.panel import Badge, Muted
from app.views.scroll_bar import SlimScrollBar
from app.views.splitter import Splitter
from app.workspace import Workspace

__all__ = ["MoleculeDialog"]

_BUTTONS = ("copy_smiles", "copy_molfile", "copy_inchi", "copy_structure", "save_structure")


class MoleculeDialog(QDialog):
    """Follows the chosen molecule while it is on show.

    Parameters
    ----------
    engine : Engine
        The drawing process.
    actions : mapping of str to QAction
        The window's commands, for buttons and the context menu.
    """

    def __init__(
        self,
        workspace: Workspace,
        structures: Structures,
        engine: Engine,
        actions: Mapping[str, QAction],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Molecule")
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.resize(1120, 720)
        self._workspace = workspace
        self._actions = actions
        self.picture = MoleculePicture(structures, engine, height=0, zoom=2.4)
        self.picture.setToolTip("Drag into another program")
        self.picture.setCursor(Qt.CursorShape.OpenHandCursor)
        self.name = QLabel()
        self.name.setFont(font(self.font(), step=4, bold=True))
        self.name.setWordWrap(True)
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.badge = Badge()
        self.mechanism = Muted(wrap=True)
        self.seen = Muted(wrap=True)
        self.identifiers = Identifiers(workspace, "large card record")
        self.identifiers.copied.connect(workspace.told)
        self.properties = Properties(workspace, engine)
        self.measured = MeasuredDoses(workspace)
        self.predicted = PredictedDoses(workspace, "large card scores")
        self.neighbours = Neighbours(workspace, "large card neighbours")
        self.wells = SimilarWells(workspace, "large card wells")
        self._make_layout()
        workspace.molecule_changed.connect(self._molecule_changed)

    def _make_layout(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(16, 14, 8, 14)
        column.setSpacing(6)
        line = QHBoxLayout()
        line.addWidget(self.name, 1)
        line.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(line)
        column.addWidget(self.mechanism)
        column.addWidget(self.seen)
        column.addWidget(self.picture, 1)
        column.addWidget(self.identifiers)
        buttons = QHBoxLayout()
        for name in _BUTTONS:
            button = QToolButton()
            button.setDefaultAction(self._actions[name])
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            buttons.addWidget(button)
        buttons.addStretch(1)
        column.addLayout(buttons)
        facts = _column(
            ("Properties", self.properties),
            ("Doses measured", self.measured),
            ("Score over doses", self.predicted),
        )
        alike = _column(("Similar structures", self.neighbours), ("Similar wells", self.wells))
        whole = Splitter(Qt.Orientation.Horizontal, (left, 5), (_scrolled(facts), 3), (_scrolled(alike), 3))
        whole.setSizes([510, 300, 300])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(whole)
        self.picture.setFocus(Qt.FocusReason.OtherFocusReason)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_menu(menu, self._actions, MENU[2:])
        menu.popup(event.globalPos())

    def showEvent(self, event: QShowEvent) -> None:
        self._update()
        super().showEvent(event)

    def _molecule_changed(self) -> None:
        if self.isVisible():
            self._update()

    def _update(self) -> None:
        molecule = self._workspace.molecule
        self.picture.set_molecule(molecule)
        if molecule is None:
            self.close()
            return
        name = molecule.name or "Unnamed molecule"
        self.setWindowTitle(name)
        self.name.setText(name)
        self.mechanism.setText(molecule.mechanism or "Mechanism unknown")
        self.seen.setText(seen_text(molecule.seen))
        self.badge.setVisible(molecule.seen is not None)
        self.badge.set(*(("SEEN", "seen") if molecule.seen else ("UNSEEN", "unseen")))
        self.badge.setToolTip(seen_text(molecule.seen))
        self.identifiers.set_molecule(molecule, self._workspace.plate)
        self.properties.set_molecule(molecule)


def _column(*parts: tuple[str, QWidget]) -> QWidget:
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(14, 14, 10, 14)
    column.setSpacing(6)
    for place, (title, widget) in enumerate(parts):
        heading = QLabel(title)
        heading.setFont(font(heading.font(), bold=True))
        if place:
            column.addSpacing(10)
        column.addWidget(heading)
        column.addWidget(widget)
    column.addStretch(1)
    return whole


def _scrolled(content: QWidget) -> QScrollArea:
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setVerticalScrollBar(SlimScrollBar())
    scroll.setWidget(content)
    scroll.setMinimumWidth(290)
    for widget in (scroll.viewport(), content):
        widget.setAutoFillBackground(False)
    return scroll
