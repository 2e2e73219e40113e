"""Identifiers and properties of the chosen molecule, each to be copied."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QGridLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.engine import Engine
from app.icons import icon
from app.numbers import fixed
from app.open_plate import OpenPlate
from app.records import Molecule
from app.theme import set_colours, theme_of
from app.views.labels import FittingLabel, ShortLabel
from app.views.molecule_doses import treatments_of
from app.views.molecule_part import MoleculePart
from app.views.panel import Muted
from app.workspace import Workspace

__all__ = ["Identifiers", "Properties", "compound_id"]

_COMPOUND = "Metadata_compound_id"
_NUMBERS = ("Plate id", "Library id")

_PROPERTIES: tuple[tuple[str, str, str, int | None, str], ...] = (
    ("formula", "Formula", "Formula", None, ""),
    ("molecular_weight", "Molecular weight", "MW", 2, " g/mol"),
    ("clogp", "cLogP (Crippen)", "cLogP", 2, ""),
    ("tpsa", "TPSA", "TPSA", 1, " Å²"),
    ("hydrogen_bond_donors", "H-bond donors", "HBD", None, ""),
    ("hydrogen_bond_acceptors", "H-bond acceptors", "HBA", None, ""),
    ("rotatable_bonds", "Rotatable bonds", "RotB", None, ""),
)
"""Key, title, title where the room is short, decimals and unit."""
_ALERTS = "Substructures that disturb assays (PAINS, Baell and Holloway 2010): a reason to look twice, no verdict"


def compound_id(plate: OpenPlate | None, molecule: Molecule) -> str:
    """What a plate file calls a molecule; "" where it does not say."""
    if plate is None or _COMPOUND not in plate.columns:
        return ""
    treatments = treatments_of(plate, molecule)
    column = plate.columns[_COMPOUND]
    for row in (plate.treatment_of_well == (treatments[0] if len(treatments) else -2)).nonzero()[0].tolist():
        value = column[row]
        if value is not None:
            return str(value)
    return ""


class _CopyButton(QToolButton):
    def __init__(self, what: str) -> None:
        super().__init__()
        self.setAutoRaise(True)
        self.setIconSize(QSize(15, 15))
        self.setToolTip(f"Copy {what}")
        self.setAccessibleName(f"Copy {what}")
        self._colour()

    def _colour(self) -> None:
        theme = theme_of(self.palette())
        self.setIcon(icon("copy", theme.muted, theme.line))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()
        super().changeEvent(event)


class Identifiers(MoleculePart):
    """InChIKey, SMILES and the numbers that the plate file and the library know it by, each to be copied.

    Signals
    -------
    copied(str)
        What was copied, in words.
    """

    copied = Signal(str)

    def __init__(self, workspace: Workspace, purpose: str, parent: QWidget | None = None) -> None:
        super().__init__(workspace, purpose, parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.setHorizontalSpacing(8)
        grid.setColumnStretch(1, 1)
        self.values: dict[str, Muted] = {}
        self.buttons: dict[str, QToolButton] = {}
        self._headings: dict[str, Muted] = {}
        for row, what in enumerate(("InChIKey", "SMILES", *_NUMBERS)):
            heading, value, button = Muted(what, elide=False), Muted(), _CopyButton(what)
            value.setAccessibleName(what)
            button.clicked.connect(lambda _=False, what=what: self._copy(what))
            for column, widget in enumerate((heading, value, button)):
                grid.addWidget(widget, row, column)
            self._headings[what], self.values[what], self.buttons[what] = heading, value, button
        for what in _NUMBERS:
            self._set_number(what, "")
        self.renew()

    def wanted(self) -> Hashable:
        molecule = self.workspace.molecule
        return molecule.inchikey if molecule is not None and molecule.inchikey else None

    def ask(self) -> None:
        molecule = self.workspace.molecule
        assert molecule is not None
        self.workspace.ask(
            self.purpose, "library_record", "Looking into the library", self._use, inchikey=molecule.inchikey
        )

    def empty(self, _text: str) -> None:
        self._set_number("Library id", "")

    def _use(self, told: dict[str, Any]) -> None:
        molecule = self.workspace.molecule
        number = "" if molecule is not None and told["compound_id"] == molecule.name else told["compound_id"]
        self._set_number("Library id", number, f" in {told['library']}")

    def set_molecule(self, molecule: Molecule, plate: OpenPlate | None) -> None:
        """Show what a molecule is known by."""
        for what, text in (("InChIKey", molecule.inchikey), ("SMILES", molecule.smiles)):
            self._set(what, text)
        number = compound_id(plate, molecule)
        # Files that know no numbers repeat the name.
        self._set_number("Plate id", "" if number == molecule.name else number)

    def _set(self, what: str, text: str, where: str = "") -> None:
        self.values[what].setText(text or "not known")
        self.values[what].setToolTip(f"{text}{where}" if text else "")
        self.buttons[what].setEnabled(bool(text))

    def _set_number(self, what: str, text: str, where: str = "") -> None:
        self._set(what, text, where)
        for widget in (self._headings[what], self.values[what], self.buttons[what]):
            widget.setVisible(bool(text))

    def _copy(self, what: str) -> None:
        QApplication.clipboard().setText(self.values[what].text())
        self.copied.emit(f"{what} copied")


class _Title(ShortLabel):
    """The name of a property, in the quieter colour."""

    def __init__(self, text: str, *, short: str) -> None:
        super().__init__(text, short=short, least=2)
        self._recolour()

    def _recolour(self) -> None:
        set_colours(self, {QPalette.ColorRole.WindowText: "muted"})

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._recolour()
        super().changeEvent(event)


class Properties(QWidget):
    """What a chemist wants to read beside a structure; the drawing process computes it."""

    def __init__(self, workspace: Workspace, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._engine = engine
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(4)
        grid.setHorizontalSpacing(8)
        grid.setColumnStretch(1, 1)
        self.values: dict[str, QLabel] = {}
        for row, (key, title, short, _, _) in enumerate(_PROPERTIES):
            # Formulas may be long; numbers are whole, and titles give way to them.
            value = ShortLabel(least=10 if key == "formula" else 20)
            # It takes what room there is: else a wide card would crop it, and set the whole grid in.
            value.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setAccessibleName(title)
            self.values[key] = value
            grid.addWidget(_Title(title, short=short), row, 0)
            grid.addWidget(value, row, 1)
        self.alerts = FittingLabel()
        self.alerts.setWordWrap(True)
        self.alerts.setTextFormat(Qt.TextFormat.PlainText)
        self.alerts.setToolTip(_ALERTS)
        self.alerts.setAccessibleName("Structural alerts")
        heading = _Title("Alerts (PAINS)", short="PAINS")
        heading.setAlignment(Qt.AlignmentFlag.AlignTop)
        grid.addWidget(heading, len(_PROPERTIES), 0)
        grid.addWidget(self.alerts, len(_PROPERTIES), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(grid)

    def set_molecule(self, molecule: Molecule) -> None:
        """Show a molecule's, as soon as they are known."""
        self.setVisible(bool(molecule.smiles))
        for value in (*self.values.values(), self.alerts):
            value.setText("…" if molecule.smiles else "not available")
        if not molecule.smiles:
            return
        request = self._engine.submit("properties", title="Computing properties", smiles=molecule.smiles)
        request.finished.connect(lambda result: self._fill(molecule, result))
        request.failed.connect(lambda _error: self._fill(molecule, {}))
        request = self._engine.submit("alerts", title="Looking for alerts", smiles=molecule.smiles)
        request.finished.connect(lambda result: self._tell(molecule, result))
        request.failed.connect(lambda _error: self._tell(molecule, None))

    def _fill(self, molecule: Molecule, found: dict[str, Any]) -> None:
        if molecule != self._workspace.molecule:
            return
        for key, _, _, decimals, unit in _PROPERTIES:
            value = found.get(key)
            if value is None:
                text = "not available"
            elif decimals is None:
                text = str(value)
            else:
                text = f"{fixed(float(value), decimals)}{unit}"
            self.values[key].setText(text)

    def _tell(self, molecule: Molecule, found: list[str] | None) -> None:
        if molecule != self._workspace.molecule:
            return
        names = [name.rpartition("(")[0].replace("_", " ") or name for name in found or ()]
        self.alerts.setText("not available" if found is None else ", ".join(names) or "none")
