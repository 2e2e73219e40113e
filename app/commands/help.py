"""What the program says of itself."""

from __future__ import annotations

from app.commands.base import Part
from app.views.help import about_dialog, scores_dialog
from molphenix_core import __version__

__all__ = ["HelpCommands"]


class HelpCommands(Part):
    """Dialogs that explain."""

    def show_scores(self) -> None:
        scores_dialog(self.window, self.workspace.session).open()

    def show_about(self) -> None:
        about_dialog(self.window, __version__).open()
