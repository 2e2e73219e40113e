"""What is done with the chosen molecule and the selected compounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QApplication, QWidget

from app.commands.base import Part
from app.exporting.ask import ask_save_path, plain_name
from app.exporting.pictures import PICTURE_ENDINGS, save_picture
from app.exporting.tables import ENDINGS, save_table
from app.views.doses_page import DosesPage
from app.views.table import TableColumn
from app.views.table.text import table_text

__all__ = ["CompoundCommands"]

_NO_CURVES = "There is no dose response on show: turn to the page Doses with wells selected"


class CompoundCommands(Part):
    """The chosen molecule, dose response and comparison."""

    # Dose response --------------------------------------------------------------------------------------

    @property
    def _doses(self) -> DosesPage:
        return self.window.doses

    def copy_curves(self) -> None:
        if self._has(self._doses.curve_table(), _NO_CURVES):
            self._copy(self._doses.curve_table(), "Table of curves copied")

    def save_curve_picture(self) -> None:
        if self._has(self._doses.curve_table(), _NO_CURVES):
            self._save_picture("Dose response as a picture", self._doses.figure, self._name("doses"))

    def save_curves(self) -> None:
        if self._has(self._doses.curve_table(), _NO_CURVES):
            self._save_table("Dose response as a table", self._doses.curve_table(), self._name("curves"))

    def save_curve_wells(self) -> None:
        if self._has(self._doses.well_table(), _NO_CURVES):
            self._save_table("Wells of the dose response", self._doses.well_table(), self._name("dose_wells"))

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

    def _save_table(self, title: str, columns: Sequence[TableColumn], name: str) -> None:
        path = ask_save_path(self.window, title, f"{name}.csv", ENDINGS)
        if path:
            with self.telling(title):
                self.window.message_bar.show_note(save_table(path, columns).text)

    def _save_picture(self, title: str, figure: QWidget, name: str) -> None:
        path = ask_save_path(self.window, title, f"{name}.png", PICTURE_ENDINGS)
        if path:
            with self.telling(title):
                save_picture(figure, path)
                self.window.message_bar.show_note(f"The picture was written to {path}")
