"""Files that are made of a hit list: the list itself, and cherry picks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from app.cherry_pick import write_csv, write_echo_csv
from app.commands.base import Part
from app.exporting.ask import ask_save_path, plain_name
from app.exporting.tables import save_table
from app.hit_entries import HitEntry
from app.hit_places import places_of
from app.views.cherry_pick_dialog import CherryPickDialog
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
_PICTURE = {"width": 180, "height": 120, "scale": 2.0, "dark": False}


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
                self.window.auditor.add("cherry picks exported", plural(len(plan.transfers), "transfer"))
                said = f"{plural(len(plan.transfers), 'transfer')} written to {path}"
                left = f"; {plural(len(plan.left_out), 'hit')} left out" if plan.left_out else ""
                self.window.message_bar.show_note(said + left)

    def export_hit_list(self) -> None:
        current = self.workspace.hit_lists.current
        if current is None:
            return
        path = ask_save_path(self.window, "Export hit list", f"{plain_name(current.name)}.csv", _LIST)
        if not path:
            return
        if path.lower().endswith(".sdf"):
            self._write_sdf(path, current.entries)
        elif path.lower().endswith(".xlsx"):
            self._write_xlsx(path, current.entries)
        else:
            self._write_table(path, current.entries, None)

    def _columns(self, entries: tuple[HitEntry, ...]) -> list[TableColumn]:
        shown = hit_columns(entries, places_of(entries, self.workspace.plates))
        columns = [column for column in shown if column.key not in {"structure", "added"}]
        for key, title in (("added", "Added (UTC)"), ("smiles", "SMILES"), ("inchikey", "InChIKey")):
            columns.append(_texts(key, title, [getattr(entry, key) for entry in entries]))
        return columns

    def _write_table(self, path: str, entries: tuple[HitEntry, ...], pictures: list[bytes | None] | None) -> None:
        with self.telling("Exporting a hit list"):
            saved = save_table(path, self._columns(entries), pictures=pictures)
            self._exported(saved.path, saved.rows)

    def _write_xlsx(self, path: str, entries: tuple[HitEntry, ...]) -> None:
        """Structures are drawn by the drawing engine, each once."""
        known = list(dict.fromkeys(entry.smiles for entry in entries if entry.smiles))
        request = self.window.drawing_engine.submit(
            "draw", title="Drawing structures", smiles=known, atoms=[[] for _ in known], pattern="", **_PICTURE
        )

        def write(pictures: list[bytes | None]) -> None:
            of = dict(zip(known, pictures, strict=True))
            self._write_table(path, entries, [of.get(entry.smiles) for entry in entries])

        request.finished.connect(write)
        request.failed.connect(lambda error: self._failed(error))

    def _write_sdf(self, path: str, entries: tuple[HitEntry, ...]) -> None:
        request = self.window.drawing_engine.submit(
            "write_sdf",
            title="Writing structures",
            out=path,
            smiles=[entry.smiles for entry in entries],
            names=[entry.name for entry in entries],
            properties={
                column.title: [column.plain(row) for row in range(len(entries))]
                for column in self._columns(entries)
            },
        )
        request.finished.connect(lambda result: self._exported(result["path"], result["rows"]))
        request.failed.connect(lambda error: self._failed(error))

    def _failed(self, error: Any) -> None:
        if not error.cancelled:
            self.window.message_bar.show_error("Exporting a hit list", error)

    def _exported(self, path: str, rows: int) -> None:
        self.workspace.exported.emit(path, rows)


def _texts(key: str, title: str, texts: list[str]) -> TableColumn:
    codes: dict[str, int] = {}
    values = [codes.setdefault(text, len(codes)) if text else -1 for text in texts]
    return TableColumn(key, title, np.array(values, dtype=np.int32), "text", categories=tuple(codes))
