"""What the program says of itself."""

from __future__ import annotations

import os
from pathlib import Path

from app.commands.base import Part
from app.error_report import Problem, problem_report
from app.exporting.ask import ask_save_path
from app.private_text import Secrets, hide, own_secrets
from app.settings import settings_folder
from app.views.help import about_dialog, scores_dialog
from app.views.log_window import LogWindow
from app.views.problem_dialog import ProblemDialog
from app.views.shortcuts_dialog import ShortcutsDialog
from molphenix_core import __version__
from molphenix_core.writing import written_aside

__all__ = ["HelpCommands"]

_TEXT = {".txt": "Text"}


class HelpCommands(Part):
    """Dialogs that explain, and what happened."""

    def show_scores(self) -> None:
        scores_dialog(self.window, self.workspace.session).open()

    def show_shortcuts(self) -> None:
        ShortcutsDialog(self.window.actions_by_id, self.window).open()

    def show_log(self) -> None:
        # The log is watched while one goes on working.
        LogWindow(
            self.window.log,
            lambda text: self._save("Save log", "log.txt", text),
            lambda text: hide(text, self._secrets()),
            self.window,
        ).show()

    def report_problem(self) -> None:
        self.report(None)

    def report(self, problem: Problem | None) -> None:
        """Show a report of a problem, or of none that the program knows of."""
        text = problem_report(
            problem, session=self.workspace.session, lines=self.window.log.lines, secrets=self._secrets()
        )
        ProblemDialog(text, lambda text: self._save("Save report", "problem.txt", text), self.window).open()

    def show_about(self) -> None:
        about_dialog(self.window, __version__).open()

    def _secrets(self) -> Secrets:
        workspace = self.workspace
        files = [plate.path for plate in workspace.plates] + list(self.window.settings.recent_files)
        files += [path for path in (self.window.keeper.path,) if path]
        structures: set[str] = set()
        names: set[str] = set()
        for plate in workspace.plates:
            names.update(plate.treatments["name"].categories or ())
            for name in ("smiles", "inchikey"):
                structures.update(plate.treatments[name].categories or ())
        ranking = workspace.ranking
        if ranking is not None:
            listed = [c.molecule for c in ranking.candidates] + [m.molecule for m in ranking.measured]
            structures.update(text for molecule in listed for text in (molecule.smiles, molecule.inchikey))
        structures.discard("")
        folders = (str(settings_folder()), self.window.settings.folder)
        # Elsewhere than those that ship.
        chosen = (os.environ.get(name, "") for name in ("MOLPHENIX_MODEL", "MOLPHENIX_LIBRARY"))
        return own_secrets(files, structures, names, (*folders, *chosen))

    def _save(self, title: str, name: str, text: str) -> None:
        path = ask_save_path(self.window, title, name, _TEXT)
        if path:
            with self.telling(title), written_aside(path) as aside:
                aside.write_text(text, encoding="utf-8")
                self.window.message_bar.show_note(f"Saved as {Path(path).name}")
