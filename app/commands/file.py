"""Opening, saving and closing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from app.commands.base import PLATES, Part
from app.demo import demo_plate
from app.engine import EngineError
from app.recent_files import is_session
from app.session_file import ENDING
from molphenix_core.errors import PlateFileError

__all__ = ["FileCommands"]

_SESSIONS = f"Sessions (*{ENDING})"


class FileCommands(Part):
    """Plate files and sessions."""

    def open_plate(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self.window, "Open plate", self.folder, PLATES)
        if paths:
            self.remember_folder(paths[0])
            self.workspace.open(paths)

    def open_demo(self) -> None:
        try:
            self.workspace.open([demo_plate()])
        except PlateFileError as error:
            self.window.message_bar.show_error("Opening the demo plate", EngineError.of(error))

    def close_plate(self) -> None:
        self.workspace.close_plate()

    def quit(self) -> None:
        self.window.close()

    # Session --------------------------------------------------------------------------------------------

    def open_session(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self.window, "Open session", self.folder, _SESSIONS)
        if path:
            self.open_session_file(path)

    def open_session_file(self, path: str) -> None:
        """Open a session file, and ask for each of its plates that is not where it was."""
        self.remember_folder(path)
        with self.telling(f"Opening {Path(path).name}"):
            self.window.keeper.open(path)
            self.window.settings = self.window.settings.with_recent(path)
            self.ask_for_missing()

    def ask_for_missing(self) -> None:
        """Ask for each plate of a session that was not found; the first "no" leaves the rest out."""
        keeper = self.window.keeper
        while keeper.missing:
            plate = keeper.missing[0]
            title = f"Where is {Path(plate.path).name}? It was in {Path(plate.path).parent}"
            path, _ = QFileDialog.getOpenFileName(self.window, title, self.folder, PLATES)
            if not path:
                keeper.leave_out()
                return
            self.remember_folder(path)
            keeper.locate(plate, path)

    def save_session(self) -> None:
        if self.window.keeper.path:
            self._save_session(self.window.keeper.path)
        else:
            self.save_session_as()

    def save_session_as(self) -> None:
        start = self.window.keeper.path or str(Path(self.folder) / f"session{ENDING}")
        path, _ = QFileDialog.getSaveFileName(self.window, "Save session", start, _SESSIONS)
        if path:
            self._save_session(path if is_session(path) else path + ENDING)

    def _save_session(self, path: str) -> None:
        self.remember_folder(path)
        with self.telling(f"Saving {Path(path).name}"):
            self.window.keeper.save(path)
            self.window.settings = self.window.settings.with_recent(path)
            self.window.message_bar.show_note(f"The session was saved to {path}")
