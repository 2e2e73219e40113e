"""One molecule, large: its structure, identifiers and properties."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app.engine import Engine
from app.records import Molecule
from app.structures import Structures
from app.theme import font, theme_of
from app.views.message_bar import Banner
from app.views.panel import Badge, Muted, Panel
from app.views.words import nearest_text
from app.workspace import Workspace

__all__ = ["MoleculePanel"]

_PROPERTIES = (
    ("formula", "Formula", "{}"),
    ("molecular_weight", "Molecular weight", "{:.2f} g/mol"),
    ("clogp", "cLogP (Crippen)", "{:.2f}"),
    ("tpsa", "TPSA", "{:.1f} Å²"),
    ("hydrogen_bond_donors", "H-bond donors", "{}"),
    ("hydrogen_bond_acceptors", "H-bond acceptors", "{}"),
)


_PERCENTILE = (
    "Of the training molecules, the percentile are no more similar to the nearest one of another scaffold.\n"
    "Below the 5th, predictions for a molecule are extrapolated."
)


class _Drawing(QWidget):
    """A structure as large as there is room."""

    def __init__(self, structures: Structures) -> None:
        super().__init__()
        self.setAccessibleName("Structure")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._structures = structures
        self._smiles = ""
        structures.drawn.connect(self.update)

    def set_smiles(self, smiles: str) -> None:
        self._smiles = smiles
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, 230)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._smiles:
            return
        painter = QPainter(self)
        theme = theme_of(self.palette())
        pixmap = self._structures.pixmap(
            self._smiles, self.size(), scale=self.devicePixelRatioF(), dark=theme.dark, marked=True
        )
        if pixmap is not None and not pixmap.isNull():
            painter.drawPixmap(0, 0, pixmap)
        elif pixmap is not None:
            painter.setPen(QColor(theme.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "This structure cannot be drawn")


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
        self._engine = engine
        self.badge = Badge()
        self.header.addWidget(self.badge)
        self.drawing = _Drawing(structures)
        self.name = QLabel()
        self.name.setFont(font(self.font(), step=2, bold=True))
        self.name.setWordWrap(True)
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.mechanism = Muted(wrap=True)
        self.nearest = Muted(wrap=True)
        self.nearest.setAccessibleName("Nearest training molecule")
        self.outside = Banner("warning")
        for label in (self.nearest, self.outside):
            label.setToolTip(_PERCENTILE)
        self.empty = Muted("Choose a candidate to see its structure.", wrap=True)
        self.body.addWidget(self.drawing)
        self.body.addWidget(self.name)
        self.body.addWidget(self.mechanism)
        self.body.addWidget(self.nearest)
        self.body.addWidget(self.outside)
        self.body.addWidget(self.empty)
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(5)
        self._grid.setHorizontalSpacing(12)
        self._grid.setColumnStretch(1, 1)
        self.values: dict[str, QLabel] = {}
        for row, (key, text, _) in enumerate(_PROPERTIES):
            self._add_value(row, key, text)
        self.body.addLayout(self._grid)
        self.inchikey = Muted()
        self.inchikey.setAccessibleName("InChIKey")
        self.inchikey.setFont(font(self.font(), step=-0.5))
        self.body.addWidget(self.inchikey)
        self.smiles = Muted(wrap=False)
        self.smiles.setFont(font(self.font(), step=-0.5))
        self.copy = QPushButton("Copy SMILES")
        self.copy.setToolTip("Copy the structure as SMILES to the clipboard")
        self.copy.clicked.connect(self._copy)
        line = QHBoxLayout()
        line.addWidget(self.smiles, 1)
        line.addWidget(self.copy)
        self.body.addLayout(line)
        self.body.addStretch(1)
        self.setMinimumWidth(230)
        workspace.molecule_changed.connect(self._update)
        workspace.ranking_changed.connect(self._show_nearest)
        self._update()

    def _add_value(self, row: int, key: str, text: str) -> None:
        value = QLabel()
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setAccessibleName(text)
        self.values[key] = value
        heading = Muted(text, elide=False)
        self._grid.addWidget(heading, row, 0)
        self._grid.addWidget(value, row, 1)

    def _update(self) -> None:
        molecule = self._workspace.molecule
        for widget in (self.drawing, self.name, self.mechanism, self.inchikey, self.smiles, self.copy):
            widget.setVisible(molecule is not None)
        for index in range(self._grid.count()):
            item = self._grid.itemAt(index)
            cell = item.widget() if item is not None else None
            if cell is not None:
                cell.setVisible(molecule is not None)
        self.empty.setVisible(molecule is None)
        self._show_nearest()
        if molecule is None:
            self.badge.hide()
            return
        self.badge.setVisible(molecule.seen is not None)
        self.badge.set(*(("SEEN", "seen") if molecule.seen else ("UNSEEN", "unseen")))
        self.badge.setToolTip(
            "The model was trained on this molecule"
            if molecule.seen
            else "The model was never trained on this molecule"
        )
        self.drawing.set_smiles(molecule.smiles)
        self.name.setText(molecule.name or "Unnamed molecule")
        self.mechanism.setText(molecule.mechanism or "Mechanism unknown")
        self.smiles.setText(molecule.smiles)
        self.smiles.setToolTip(molecule.smiles)
        self.copy.setEnabled(bool(molecule.smiles))
        self.inchikey.setText(molecule.inchikey or "InChIKey not available")
        self.inchikey.setToolTip(f"InChIKey: {molecule.inchikey}" if molecule.inchikey else "")
        if not molecule.smiles:
            self.smiles.setText("No structure is known")
            self._fill(molecule, {})
            return
        for key, _, _ in _PROPERTIES:
            self.values[key].setText("…")
        request = self._engine.submit("properties", title="Computing properties", smiles=molecule.smiles)
        request.finished.connect(lambda result: self._fill(molecule, result))
        request.failed.connect(lambda _error: self._fill(molecule, {}))

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

    def _fill(self, molecule: Molecule, properties: dict[str, Any]) -> None:
        if molecule != self._workspace.molecule:
            return
        for key, _, form in _PROPERTIES:
            value = properties.get(key)
            self.values[key].setText("not available" if value is None else form.format(value))

    def _copy(self) -> None:
        if self._workspace.molecule is not None:
            QApplication.clipboard().setText(self._workspace.molecule.smiles)
