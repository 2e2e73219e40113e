"""Making, filling and exporting hit lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog

from app.cherry_pick import Dispenser, PickOptions, PickPlan, plan_picks, write_csv, write_echo_csv
from app.commands.base import Part
from app.hit_entries import HitEntry, entries_of_rows, now
from app.hit_list_text import as_table, read_paste

__all__ = ["HitListCommands"]

_PICKS = "Echo pick list (*.csv);;Table of transfers (*.csv)"


class HitListCommands(Part):
    """The hit lists of the workspace."""

    def new_hit_list(self) -> None:
        plate, lists = self.workspace.plate, self.workspace.hit_lists
        if plate is None:
            return
        hits = entries_of_rows(plate, self.workspace.selection, now())
        name, wanted = QInputDialog.getText(
            self.window, "New hit list", f"Name of the list of {_count(hits)}:", text=lists.unused_name()
        )
        if wanted:
            with self.telling("New hit list"):
                made = lists.create(name, hits)
                self.window.message_bar.show_note(f"“{made.name}” holds {_count(made.entries)}")

    def paste_hits(self) -> None:
        lists = self.workspace.hit_lists
        with self.telling("Pasting hits"):
            pasted = read_paste(QApplication.clipboard().text(), self.workspace.plates, now())
            if pasted.entries:
                current = lists.current
                if current is None:
                    current = lists.create(lists.unused_name("Pasted hits"))
                added = lists.add(current.name, pasted.entries)
                self.window.message_bar.show_note(f"{added:,} hits were added to “{current.name}”")
            if pasted.unmatched:
                first = pasted.unmatched[0]
                text = f"{len(pasted.unmatched):,} pasted lines are no hits; line {first.line}: {first.reason}"
                lines = (f"{one.line}\t{one.text}\t{one.reason}" for one in pasted.unmatched)
                self.window.message_bar.show_warning(text, "\n".join(lines))
            elif not pasted.entries:
                self.window.message_bar.show_note("The clipboard holds no text")

    def copy_hits(self) -> None:
        current = self.workspace.hit_lists.current
        if current is not None:
            QApplication.clipboard().setText(as_table(current.entries))
            self.window.message_bar.show_note(f"{_count(current.entries)} copied")

    def export_picks(self) -> None:
        current = self.workspace.hit_lists.current
        if current is None:
            return
        label = "Barcodes of the 384-well destination plates, filled down the columns:"
        barcodes, wanted = QInputDialog.getText(self.window, f"Cherry picks of “{current.name}”", label)
        if not wanted:
            return
        dispenser = Dispenser()
        volume, wanted = QInputDialog.getDouble(
            self.window,
            f"Cherry picks of “{current.name}”",
            "Volume into each well, in nL:",
            25.0,
            dispenser.smallest,
            dispenser.largest,
            1,
        )
        if not wanted:
            return
        with self.telling("Exporting cherry picks"):
            plan = plan_picks(current.entries, PickOptions(tuple(barcodes.split()), volume))
            start = str(Path(self.folder) / f"{_plain_name(current.name)}_picks.csv")
            path, kind = QFileDialog.getSaveFileName(self.window, "Export cherry picks", start, _PICKS)
            if path:
                self.remember_folder(path)
                (write_echo_csv if "Echo" in kind else write_csv)(plan, path)
                self.window.auditor.add("cherry picks exported", f"{len(plan.transfers)} transfers")
                self._tell_picks(plan, path)

    def _tell_picks(self, plan: PickPlan, path: str) -> None:
        self.window.message_bar.show_note(f"{len(plan.transfers):,} transfers were written to {path}")
        if plan.left_out:
            first = plan.left_out[0]
            lines = (f"{_where(one.entry)}\t{one.reason}" for one in plan.left_out)
            text = f"{len(plan.left_out):,} hits are not picked; {_where(first.entry)}: {first.reason}"
            self.window.message_bar.show_warning(text, "\n".join(lines))


def _count(hits: Sequence[HitEntry]) -> str:
    return f"{len(hits):,} hit{'s' if len(hits) != 1 else ''}"


def _where(hit: HitEntry) -> str:
    return " ".join(part for part in (hit.barcode, hit.well) if part) or hit.name or hit.inchikey or hit.smiles


def _plain_name(text: str) -> str:
    """A text as part of a file name, on every system."""
    return re.sub(r"[^\w\- ]", "_", text).strip() or "hits"
