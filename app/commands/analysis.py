"""What is done with the quality of plates and with hits that were called."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QApplication

from app.commands.base import Part
from app.exporting.ask import plain_name
from app.views.hit_calling_page import HitCallingPage
from app.views.quality_page import QualityPage
from app.views.table import TableColumn
from app.views.table.text import table_text
from app.views.words import plural

__all__ = ["AnalysisCommands"]

_NO_HITS = "The rule calls no treatment a hit"
_NOT_CALLED = "No hits have been called yet: turn to the page Hits"
_NOT_JUDGED = "The plates have not been judged yet: turn to the page Quality"


class AnalysisCommands(Part):
    """Quality and hit calling."""

    # Quality --------------------------------------------------------------------------------------------

    @property
    def _quality(self) -> QualityPage:
        return self.window.quality

    def judge_again(self) -> None:
        self.window.pages.show_page("quality")
        self._quality.ask_again()

    def copy_quality(self) -> None:
        self._copy(self._quality.columns(), "Table of quality copied", _NOT_JUDGED)

    def save_quality(self) -> None:
        self._save_table("Quality as a table", self._quality.columns(), "quality", _NOT_JUDGED)

    def save_quality_picture(self) -> None:
        if self._has(self._quality.columns(), _NOT_JUDGED):
            self.write_picture("Quality as a picture", self._name("quality"), self._quality)

    # Hits -----------------------------------------------------------------------------------------------

    @property
    def _hits(self) -> HitCallingPage:
        return self.window.hit_calling

    def list_hits(self) -> None:
        plate, lists = self.workspace.plate, self.workspace.hit_lists
        entries = self._hits.hit_entries()
        if not entries or plate is None:
            self.window.message_bar.show_note(_NO_HITS if self._hits.columns() else _NOT_CALLED)
            return
        with self.telling("New hit list"):
            made = lists.create(lists.unused_name(f"Hits of {plate.name}"[:150]), entries)
            self.window.message_bar.show_note(f"“{made.name}” holds {plural(len(made.entries), 'hit')}")

    def select_hits(self) -> None:
        if self._has(self._hits.columns(), _NOT_CALLED):
            self._hits.select_hits()

    def default_rule(self) -> None:
        self._hits.set_default_rule()

    def copy_hit_calls(self) -> None:
        self._copy(self._hits.columns(), "Table of treatments copied", _NOT_CALLED)

    def save_hit_calls(self) -> None:
        self._save_table("Treatments and verdicts as a table", self._hits.columns(), "hit_calls", _NOT_CALLED)

    def save_hit_picture(self) -> None:
        if self._has(self._hits.columns(), _NOT_CALLED):
            self.write_picture("Hits as a picture", self._name("hit_calls"), self._hits)

    # Parts ----------------------------------------------------------------------------------------------

    def _name(self, what: str) -> str:
        plate = self.workspace.plate
        return plain_name(f"{plate.name}_{what}" if plate is not None else what)

    def _has(self, columns: Sequence[TableColumn], otherwise: str) -> bool:
        if not columns:
            self.window.message_bar.show_note(otherwise)
        return bool(columns)

    def _copy(self, columns: Sequence[TableColumn], told: str, otherwise: str) -> None:
        if self._has(columns, otherwise):
            QApplication.clipboard().setText(table_text(columns, np.arange(len(columns[0]))))
            self.window.message_bar.show_note(told)

    def _save_table(self, title: str, columns: Sequence[TableColumn], name: str, otherwise: str) -> None:
        if not self._has(columns, otherwise):
            return
        self.write_table(title, self._name(name), columns)
