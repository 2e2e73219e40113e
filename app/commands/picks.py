"""Files that are made of a hit list: the list itself, and cherry picks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from app.cherry_pick import write_csv, write_echo_csv
from app.commands.base import Part
from app.exporting.ask import ask_save_path, plain_name
from app.hit_entries import HitEntry
from app.hit_places import places_of
from app.views.cherry_pick_dialog import CherryPickDialog, left_out_text
from app.views.hit_list_columns import hit_columns
from app.views.table import TableColumn
from app.views.words import plural

if TYPE_CHECKING:
    from app.views.hit_lists_page import HitListsPage

__all__ = ["PickCommands"]

_CSV = {".csv": "Comma-separated values"}
_LIST = {
    **_CSV,
    ".xlsx": "Excel workbook with structures",
    ".sdf": "Structures with data",
}


class PickCommands(Part):
    """Exports of the current hit list."""

    @property
    def _page(self) -> HitListsPage:
        return cast("HitListsPage", self.window.pages.page("lists"))

    def export_picks(self) -> None:
        current = self.workspace.hit_lists.current
        if current is None:
            return
        dialog = CherryPickDialog(current.name, current.entries, self._page.pick_state, self.window)
        accepted = dialog.exec()
        self._page.pick_state = dialog.state()
        plan = dialog.plan
        if not accepted or plan is None:
            return
        path = ask_save_path(self.window, "Export cherry picks", f"{plain_name(current.name)}_picks.csv", _CSV)
        if path:
            with self.telling("Exporting cherry picks"):
                (write_echo_csv if dialog.writes_echo else write_csv)(plan, path)
                record = self.workspace.recording("cherry picks exported", _files(current.entries))
                record(f"{Path(path).name}, {len(plan.transfers)} transfers")
                said = f"{plural(len(plan.transfers), 'transfer')} written to {path}"
                self.window.message_bar.show_note(said + left_out_text(plan))

    def export_hit_list(self) -> None:
        current = self.workspace.hit_lists.current
        if current is None:
            return
        path = ask_save_path(self.window, "Export hit list", f"{plain_name(current.name)}.csv", _LIST)
        if not path:
            return
        entries = current.entries
        record = self.workspace.recording("hit list exported", _files(entries))
        self.workspace.ask(
            "export hit list",
            "export_hit_list",
            f"Exporting {current.name}",
            lambda result: self.workspace.tell_exported(
                result, f"{plural(result['rows'], 'hit')} of {current.name}", record
            ),
            background=True,
            out=path,
            columns=[_packed(column) for column in self._columns(entries)],
        )

    def _columns(self, entries: tuple[HitEntry, ...]) -> list[TableColumn]:
        shown = hit_columns(entries, places_of(entries, self.workspace.plates))
        columns = [column for column in shown if column.key not in {"structure", "added"}]
        for key, title in (("added", "Added (UTC)"), ("smiles", "SMILES"), ("inchikey", "InChIKey")):
            columns.append(_texts(key, title, [getattr(entry, key) for entry in entries]))
        return columns


def _files(entries: tuple[HitEntry, ...]) -> set[str]:
    """The plate files that hits are of, by their hashes."""
    return {entry.plate_sha256 for entry in entries}


def _packed(column: TableColumn) -> dict[str, Any]:
    return {
        "title": column.title,
        "unit": column.unit,
        "kind": column.kind,
        "values": column.values,
        "categories": list(column.categories) if column.categories is not None else None,
    }


def _texts(key: str, title: str, texts: list[str]) -> TableColumn:
    codes: dict[str, int] = {}
    values = [codes.setdefault(text, len(codes)) if text else -1 for text in texts]
    return TableColumn(key, title, np.array(values, dtype=np.int32), "text", categories=tuple(codes))
