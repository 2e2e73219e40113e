"""What the parts of the commands share."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.engine import EngineError
from molphenix_core.errors import InputError

if TYPE_CHECKING:
    from app.main_window import MainWindow

__all__ = ["PLATES", "Part"]

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

    @contextlib.contextmanager
    def telling(self, title: str) -> Iterator[None]:
        """What cannot be read or written is told, and the window goes on."""
        try:
            yield
        except InputError as error:
            self.window.message_bar.show_error(title, EngineError.of(error))
