"""What is done with the chosen molecule and the selected compounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from app.commands.base import Part
from app.exporting.ask import ask_save_path, plain_name
from app.views.doses_page import DosesPage
from app.views.molecule_large import MoleculeDialog
from app.views.table import TableColumn
from app.views.table.text import table_text
from molphenix_core.writing import written_aside

if TYPE_CHECKING:
    from app.main_window import MainWindow

__all__ = ["CompoundCommands"]

_STRUCTURE = {".png": "Picture", ".svg": "Drawing, for editing and print", ".mol": "Molfile"}
_WIDTH, _HEIGHT, _SCALE = 500, 400, 2.0
_NO_COMPARISON = "Nothing is compared: turn to the page Compare with two treatments"

_NO_CURVES = "There is no dose response on show: turn to the page Doses with wells selected"


class CompoundCommands(Part):
    """The chosen molecule, dose response and comparison."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._card: MoleculeDialog | None = None

    # Molecule -------------------------------------------------------------------------------------------

    def show_molecule(self) -> None:
        """Open the large card, or bring it to the front."""
        # Kept when it is closed: answers may still be on their way to it.
        if self._card is None:
            self._card = MoleculeDialog(
                self.workspace,
                self.window.structures,
                self.window.drawing_engine,
                self.window.actions_by_id,
                self.window,
            )
        self._card.show()
        self._card.raise_()
        self._card.activateWindow()

    def copy_inchikey(self) -> None:
        molecule = self.workspace.molecule
        if molecule is not None:
            self._copy_text(molecule.inchikey, "InChIKey copied", "No InChIKey is known")

    def save_structure(self) -> None:
        molecule = self.workspace.molecule
        if molecule is None:
            return
        name = plain_name(molecule.name or molecule.inchikey, "structure")
        path = ask_save_path(self.window, "Save structure", f"{name}.png", _STRUCTURE)
        ending = Path(path).suffix.lower() if path else ""

        # A file may be named after a structure: its name is not recorded.
        record = self.workspace.recording("structure exported")

        def write(content: bytes) -> None:
            with self.telling("Save structure"):
                with written_aside(Path(path)) as aside:
                    aside.write_bytes(content)
                record(ending)
                self.window.message_bar.show_note(f"The structure was written to {path}")

        if ending == ".png":
            self._from_drawing(
                "structure_picture",
                "Drawing the structure",
                lambda picture: write(png_of(on_white(picture))),
                smiles=molecule.smiles,
                width=_WIDTH,
                height=_HEIGHT,
                scale=_SCALE,
            )
        elif ending == ".svg":
            self._from_drawing(
                "draw_svg",
                "Drawing the structure",
                lambda text: write(text.encode("utf-8")),
                smiles=molecule.smiles,
                width=_WIDTH,
                height=_HEIGHT,
            )
        elif ending == ".mol":
            self._from_drawing(
                "molfile",
                "Writing a molfile",
                lambda text: write(text.encode("utf-8")),
                smiles=molecule.smiles,
                name=molecule.name,
            )

    def _from_drawing(self, task: str, title: str, use: Callable[[Any], None], **arguments: Any) -> None:
        request = self.window.drawing_engine.submit(task, title=title, **arguments)
        request.finished.connect(use)
        request.failed.connect(lambda error: self.window.message_bar.show_error(title, error))

    def _copy_text(self, text: str, told: str, otherwise: str = "") -> None:
        if text:
            QApplication.clipboard().setText(text)
        self.window.message_bar.show_note(told if text else otherwise)

    # Comparison -----------------------------------------------------------------------------------------

    def compare_with(self) -> None:
        self.window.compare.pin()
        self.window.pages.show_page("compare")

    def swap_compared(self) -> None:
        self.window.compare.swap()

    def copy_comparison(self) -> None:
        columns = self.window.compare.figure_columns()
        if self._has(columns, _NO_COMPARISON):
            self._copy(columns, "Comparison copied")

    def save_comparison(self) -> None:
        columns = self.window.compare.figure_columns()
        if self._has(columns, _NO_COMPARISON):
            self.write_table("Save comparison", self._name("comparison"), columns)

    # Dose response --------------------------------------------------------------------------------------

    @property
    def _doses(self) -> DosesPage:
        return self.window.doses

    def copy_curves(self) -> None:
        if self._has(self._doses.curve_table(), _NO_CURVES):
            self._copy(self._doses.curve_table(), "Table of curves copied")

    def save_curve_picture(self) -> None:
        if self._has(self._doses.curve_table(), _NO_CURVES):
            self.write_picture("Dose response as a picture", self._name("doses"), self._doses.figure)

    def save_curves(self) -> None:
        if self._has(self._doses.curve_table(), _NO_CURVES):
            self.write_table("Dose response as a table", self._name("curves"), self._doses.curve_table())

    def save_curve_wells(self) -> None:
        if self._has(self._doses.well_table(), _NO_CURVES):
            self.write_table("Wells of the dose response", self._name("dose_wells"), self._doses.well_table())

    def _name(self, what: str) -> str:
        plate = self.workspace.plate
        return plain_name(f"{plate.name}_{what}" if plate is not None else what)

    # Parts ----------------------------------------------------------------------------------------------

    def _has(self, columns: Sequence[TableColumn], otherwise: str) -> bool:
        if not columns:
            self.window.message_bar.show_note(otherwise)
        return bool(columns)

    def _copy(self, columns: Sequence[TableColumn], told: str) -> None:
        QApplication.clipboard().setText(table_text(columns, np.arange(len(columns[0]))))
        self.window.message_bar.show_note(told)


def on_white(png: bytes) -> QImage:
    """A drawing on white: programs that take it from the clipboard show what is transparent as black."""
    drawn = QImage.fromData(png)
    image = QImage(drawn.size(), QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.drawImage(0, 0, drawn)
    painter.end()
    return image


def png_of(image: QImage) -> bytes:
    """A picture as the content of a PNG file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())
