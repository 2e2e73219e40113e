"""One of the two treatments that are compared: its name, its dose, its structure."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.engine import Engine
from app.open_plate import OpenPlate
from app.structures import Structures
from app.theme import font
from app.views.molecule_picture import MoleculePicture
from app.views.panel import Badge, Muted
from app.views.words import dose_text, plural

__all__ = ["CompareHead", "under"]

_HEIGHT = 132


class CompareHead(QWidget):
    """Which treatment it is, over its structure.

    Parameters
    ----------
    letter : str
        "A" or "B", by which tables name it.
    """

    def __init__(self, letter: str, structures: Structures, engine: Engine) -> None:
        super().__init__()
        self.setAccessibleName(f"Treatment {letter}")
        self.badge = Badge(letter, "neutral")
        self.name = QLabel()
        self.name.setFont(font(self.font(), step=1, bold=True))
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.name.setWordWrap(True)
        self.facts = Muted(wrap=True)
        self.picture = MoleculePicture(structures, engine, height=_HEIGHT)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.name, 1)
        column.addLayout(line)
        column.addWidget(self.facts)
        column.addWidget(self.picture)

    def set_treatment(self, plate: OpenPlate, treatment: int, pinned: bool) -> None:
        """Show one treatment of a file."""
        columns = plate.treatments
        molecule = plate.molecule(treatment)
        self.name.setText(molecule.name or "Unnamed treatment")
        parts = [
            dose_text(columns["concentration"][treatment]),
            plural(int(columns["n_wells"][treatment]), "well"),
        ]
        parts += [molecule.mechanism] if molecule.mechanism else []
        parts += ["kept"] if pinned else []
        self.facts.setText(" · ".join(parts))
        self.picture.set_molecule(molecule)


def under(*parts: QWidget) -> QWidget:
    """Parts one above the other; the last takes what room there is."""
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(14, 8, 14, 4)
    column.setSpacing(6)
    for part in parts:
        column.addWidget(part, int(part is parts[-1]))
    return whole
