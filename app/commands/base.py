"""What the parts of the commands share."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.engine import EngineError
from app.exporting.ask import ask_save_path
from app.exporting.packed import pack_columns
from app.exporting.pictures import PICTURE_ENDINGS, save_picture
from app.exporting.tables import ENDINGS, ExportColumn, Saved, save_table
from app.exporting.written_text import saved_text
from molphenix_core.errors import InputError

if TYPE_CHECKING:
    from app.main_window import MainWindow

__all__ = ["PLATES", "Part"]

# In less than 50 ms; Excel files also need their library imported.
_CELLS_AT_ONCE = 20_000

PLATES = "Plate files (*.h5ad);;All files (*)"


class Part(QObject):
    """Commands of one window that belong together."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window
        self.workspace = window.workspace

    @property
    def folder(self) -> str:
        """Where files were opened or saved last."""
        return self.window.settings.folder or str(Path.home())

    def remember_folder(self, path: str) -> None:
        """Begin the next dialog in the folder of a file."""
        self.window.settings = dataclasses.replace(self.window.settings, folder=str(Path(path).parent))

    def write_table(
        self, title: str, name: str, columns: Sequence[ExportColumn], rows: NDArray[np.integer] | None = None
    ) -> None:
        """Ask where to and write a table; the engine writes a long one, so that the window never waits."""
        path = ask_save_path(self.window, title, f"{name}.csv", ENDINGS)
        if not path:
            return
        chosen = np.arange(len(columns[0].values)) if rows is None else rows
        record = self.workspace.recording("table exported")

        def written(saved: Saved) -> None:
            record(f"{title}: {Path(path).name}, {saved.rows} rows")
            self.window.message_bar.show_note(saved_text(saved))

        if Path(path).suffix.lower() == ".csv" and len(chosen) * len(columns) <= _CELLS_AT_ONCE:
            with self.telling(title):
                written(save_table(path, columns, chosen))
            return
        self.workspace.ask(
            f"save {path}",
            "save_table",
            f"Writing {Path(path).name}",
            lambda saved: written(Saved(**saved)),
            background=True,
            out=path,
            columns=pack_columns(columns),
            rows=chosen,
        )

    def write_picture(self, title: str, name: str, figure: QWidget) -> None:
        """Ask where to and write what a widget shows."""
        path = ask_save_path(self.window, title, f"{name}.png", PICTURE_ENDINGS)
        if path:
            with self.telling(title):
                save_picture(figure, path)
                self.workspace.recording("picture exported")(f"{title}: {Path(path).name}")
                self.window.message_bar.show_note(f"The picture was written to {path}")

    @contextlib.contextmanager
    def telling(self, title: str) -> Iterator[None]:
        """What cannot be read or written is told, and the window goes on."""
        try:
            yield
        except InputError as error:
            self.window.message_bar.show_error(title, EngineError.of(error))
