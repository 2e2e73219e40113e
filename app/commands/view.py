"""What the window shows."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import Qt

from app import theme
from app.commands.base import Part
from app.views.palette import CommandPalette

__all__ = ["ViewCommands"]


class ViewCommands(Part):
    """Pages of the window and the command palette."""

    def show_palette(self) -> None:
        CommandPalette(self.window.actions_by_id, self.window).open()

    def use_system_theme(self) -> None:
        self._use_theme("system")

    def use_light_theme(self) -> None:
        self._use_theme("light")

    def use_dark_theme(self) -> None:
        self._use_theme("dark")

    def _use_theme(self, wanted: str) -> None:
        self.window.settings = dataclasses.replace(self.window.settings, theme=wanted)
        theme.choose(wanted)

    def show_cards(self) -> None:
        self._show_candidates(as_table=False)

    def show_tables(self) -> None:
        self._show_candidates(as_table=True)

    def _show_candidates(self, *, as_table: bool) -> None:
        self.window.candidates.set_as_table(as_table)
        self.window.pages.show_page("candidates")

    def filter_candidates(self) -> None:
        self.window.pages.show_page("candidates")
        self.window.candidates.focus_filter()

    def filter_structure(self) -> None:
        self.window.pages.show_page("candidates")
        self.window.candidates.tools.line.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def filter_chosen(self) -> None:
        self.window.pages.show_page("candidates")
        self.window.candidates.tools.line.use_chosen()

    def clear_structure_filter(self) -> None:
        self.window.candidates.tools.filters.clear()

    def show_mechanisms(self) -> None:
        self.window.pages.show_page("candidates")
        self.window.candidates.tools.enrichment.unfold.toggle()

    def show_candidates(self) -> None:
        self.window.pages.show_page("candidates")

    def show_plates(self) -> None:
        self.window.pages.show_page("plates")

    def show_map(self) -> None:
        self.window.pages.show_page("map")

    def show_quality(self) -> None:
        self.window.pages.show_page("quality")

    def show_hits(self) -> None:
        self.window.pages.show_page("hits")

    def show_doses(self) -> None:
        self.window.pages.show_page("doses")

    def show_compare(self) -> None:
        self.window.pages.show_page("compare")

    def show_hit_lists(self) -> None:
        self.window.pages.show_page("lists")
