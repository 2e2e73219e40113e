"""What the commands of :mod:`app.actions` do."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog

from app.audit_log import write_audit_csv
from app.cherry_pick import Dispenser, PickOptions, PickPlan, plan_picks, write_csv, write_echo_csv
from app.demo import demo_plate
from app.engine import EngineError
from app.hit_entries import HitEntry, entries_of_rows, now
from app.hit_list_text import as_table, read_paste
from app.recent_files import is_session
from app.records import Molecule, Ranking
from app.session_file import ENDING
from app.views.help import about_dialog, scores_dialog
from molphenix_core import __version__
from molphenix_core.errors import InputError, PlateFileError

if TYPE_CHECKING:
    from app.main_window import MainWindow

__all__ = ["Commands"]

_PLATES = "Plate files (*.h5ad);;All files (*)"
_SESSIONS = f"Sessions (*{ENDING})"
_CSV = "Comma-separated values (*.csv)"
_PICKS = "Echo pick list (*.csv);;Table of transfers (*.csv)"
_HITS = "Comma-separated values (*.csv);;Structures with data (*.sdf)"


class Commands(QObject):
    """The commands of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._workspace = window.workspace

    # File -----------------------------------------------------------------------------------------------

    def open_plate(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self._window, "Open plate", self._folder(), _PLATES)
        if paths:
            self._remember_folder(paths[0])
            self._workspace.open(paths)

    def open_demo(self) -> None:
        try:
            self._workspace.open([demo_plate()])
        except PlateFileError as error:
            self._window.message_bar.show_error("Opening the demo plate", EngineError.of(error))

    def close_plate(self) -> None:
        self._workspace.close_plate()

    def export_hits(self) -> None:
        plate = self._workspace.plate
        if plate is None:
            return
        start = str(Path(self._folder()) / f"{plate.name}_hits.csv")
        path, chosen = QFileDialog.getSaveFileName(self._window, "Export hits", start, _HITS)
        if not path:
            return
        if Path(path).suffix.lower() not in {".csv", ".sdf"}:
            path += ".sdf" if "sdf" in chosen else ".csv"
        self._remember_folder(path)
        self._workspace.export_hits(path)

    # Session --------------------------------------------------------------------------------------------

    def open_session(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self._window, "Open session", self._folder(), _SESSIONS)
        if path:
            self.open_session_file(path)

    def open_session_file(self, path: str) -> None:
        """Open a session file, and ask for each of its plates that is not where it was."""
        self._remember_folder(path)
        with self._told(f"Opening {Path(path).name}"):
            self._window.keeper.open(path)
            self._window.settings = self._window.settings.with_recent(path)
            self.ask_for_missing()

    def ask_for_missing(self) -> None:
        """Ask for each plate of a session that was not found; the first "no" leaves the rest out."""
        keeper = self._window.keeper
        while keeper.missing:
            plate = keeper.missing[0]
            title = f"Where is {Path(plate.path).name}? It was in {Path(plate.path).parent}"
            path, _ = QFileDialog.getOpenFileName(self._window, title, self._folder(), _PLATES)
            if not path:
                keeper.leave_out()
                return
            self._remember_folder(path)
            keeper.locate(plate, path)

    def save_session(self) -> None:
        if self._window.keeper.path:
            self._save_session(self._window.keeper.path)
        else:
            self.save_session_as()

    def save_session_as(self) -> None:
        start = self._window.keeper.path or str(Path(self._folder()) / f"session{ENDING}")
        path, _ = QFileDialog.getSaveFileName(self._window, "Save session", start, _SESSIONS)
        if path:
            self._save_session(path if is_session(path) else path + ENDING)

    def _save_session(self, path: str) -> None:
        self._remember_folder(path)
        with self._told(f"Saving {Path(path).name}"):
            self._window.keeper.save(path)
            self._window.settings = self._window.settings.with_recent(path)
            self._window.message_bar.show_note(f"The session was saved to {path}")

    def export_audit(self) -> None:
        start = str(Path(self._folder()) / "audit_log.csv")
        path, _ = QFileDialog.getSaveFileName(self._window, "Export audit log", start, _CSV)
        if path:
            with self._told("Exporting the audit log"):
                record = self._window.auditor.log.read()
                write_audit_csv(record, path)
                self._window.message_bar.show_note(f"{len(record.events):,} events were written to {path}")

    @contextlib.contextmanager
    def _told(self, title: str) -> Iterator[None]:
        """What cannot be read or written is told, and the window goes on."""
        try:
            yield
        except InputError as error:
            self._window.message_bar.show_error(title, EngineError.of(error))

    def quit(self) -> None:
        self._window.close()

    def _folder(self) -> str:
        return self._window.settings.folder or str(Path.home())

    def _remember_folder(self, path: str) -> None:
        self._window.settings = dataclasses.replace(self._window.settings, folder=str(Path(path).parent))

    # Edit -----------------------------------------------------------------------------------------------

    def copy_smiles(self) -> None:
        if self._workspace.molecule is not None:
            QApplication.clipboard().setText(self._workspace.molecule.smiles)
            self._window.message_bar.show_note("SMILES copied")

    def copy_table(self) -> None:
        if self._workspace.ranking is not None:
            QApplication.clipboard().setText(_table(self._workspace.ranking))

    def copy_picture(self) -> None:
        QApplication.clipboard().setPixmap(self._window.grab())

    def undo(self) -> None:
        self._workspace.undo_stack.undo()

    def redo(self) -> None:
        self._workspace.undo_stack.redo()

    # Hit lists ------------------------------------------------------------------------------------------

    def new_hit_list(self) -> None:
        plate, lists = self._workspace.plate, self._workspace.hit_lists
        if plate is None:
            return
        hits = entries_of_rows(plate, self._workspace.selection, now())
        name, wanted = QInputDialog.getText(
            self._window, "New hit list", f"Name of the list of {_count(hits)}:", text=lists.unused_name()
        )
        if wanted:
            with self._told("New hit list"):
                made = lists.create(name, hits)
                self._window.message_bar.show_note(f"“{made.name}” holds {_count(made.entries)}")

    def paste_hits(self) -> None:
        lists = self._workspace.hit_lists
        with self._told("Pasting hits"):
            pasted = read_paste(QApplication.clipboard().text(), self._workspace.plates, now())
            if pasted.entries:
                current = lists.current
                if current is None:
                    current = lists.create(lists.unused_name("Pasted hits"))
                added = lists.add(current.name, pasted.entries)
                self._window.message_bar.show_note(f"{added:,} hits were added to “{current.name}”")
            if pasted.unmatched:
                first = pasted.unmatched[0]
                text = f"{len(pasted.unmatched):,} pasted lines are no hits; line {first.line}: {first.reason}"
                lines = (f"{one.line}\t{one.text}\t{one.reason}" for one in pasted.unmatched)
                self._window.message_bar.show_warning(text, "\n".join(lines))
            elif not pasted.entries:
                self._window.message_bar.show_note("The clipboard holds no text")

    def copy_hits(self) -> None:
        current = self._workspace.hit_lists.current
        if current is not None:
            QApplication.clipboard().setText(as_table(current.entries))
            self._window.message_bar.show_note(f"{_count(current.entries)} copied")

    def export_picks(self) -> None:
        current = self._workspace.hit_lists.current
        if current is None:
            return
        label = "Barcodes of the 384-well destination plates, filled down the columns:"
        barcodes, wanted = QInputDialog.getText(self._window, f"Cherry picks of “{current.name}”", label)
        if not wanted:
            return
        dispenser = Dispenser()
        volume, wanted = QInputDialog.getDouble(
            self._window,
            f"Cherry picks of “{current.name}”",
            "Volume into each well, in nL:",
            25.0,
            dispenser.smallest,
            dispenser.largest,
            1,
        )
        if not wanted:
            return
        with self._told("Exporting cherry picks"):
            plan = plan_picks(current.entries, PickOptions(tuple(barcodes.split()), volume))
            start = str(Path(self._folder()) / f"{_plain_name(current.name)}_picks.csv")
            path, kind = QFileDialog.getSaveFileName(self._window, "Export cherry picks", start, _PICKS)
            if path:
                self._remember_folder(path)
                (write_echo_csv if "Echo" in kind else write_csv)(plan, path)
                self._window.auditor.add("cherry picks exported", f"{len(plan.transfers)} transfers")
                self._tell_picks(plan, path)

    def _tell_picks(self, plan: PickPlan, path: str) -> None:
        self._window.message_bar.show_note(f"{len(plan.transfers):,} transfers were written to {path}")
        if plan.left_out:
            first = plan.left_out[0]
            lines = (f"{_where(one.entry)}\t{one.reason}" for one in plan.left_out)
            text = f"{len(plan.left_out):,} hits are not picked; {_where(first.entry)}: {first.reason}"
            self._window.message_bar.show_warning(text, "\n".join(lines))

    # Select ---------------------------------------------------------------------------------------------

    def select_all(self) -> None:
        self._workspace.select_all()

    def select_none(self) -> None:
        self._workspace.select_none()

    def select_replicates(self) -> None:
        self._workspace.select_replicates()

    def next_plate(self) -> None:
        self._step(1)

    def previous_plate(self) -> None:
        self._step(-1)

    def _step(self, by: int) -> None:
        workspace = self._workspace
        places = [(plate, i) for plate in workspace.plates for i in range(max(len(plate.barcodes), 1))]
        if workspace.plate is not None:
            here = places.index((workspace.plate, workspace.barcode))
            workspace.show(*places[(here + by) % len(places)])

    # Help -----------------------------------------------------------------------------------------------

    def show_scores(self) -> None:
        scores_dialog(self._window, self._workspace.session).open()

    def show_about(self) -> None:
        about_dialog(self._window, __version__).open()


def _count(hits: Sequence[HitEntry]) -> str:
    return f"{len(hits):,} hit{'s' if len(hits) != 1 else ''}"


def _where(hit: HitEntry) -> str:
    return " ".join(part for part in (hit.barcode, hit.well) if part) or hit.name or hit.inchikey or hit.smiles


def _plain_name(text: str) -> str:
    """A text as part of a file name, on every system."""
    return re.sub(r"[^\w\- ]", "_", text).strip() or "hits"


_COLUMNS = (
    "list",
    "rank",
    "name",
    "score",
    "similarity",
    "dose_micromolar",
    "mechanism",
    "seen",
    "smiles",
    "inchikey",
)


def _table(ranking: Ranking) -> str:
    """Both lists as tab-separated values: numbers without units, a column for each kind of figure."""
    lines = ["\t".join(_COLUMNS)]
    for c in ranking.candidates:
        lines.append(_line("predicted", c.rank, c.molecule, f"{c.score:.6g}", "", c.dose))
    for place, m in enumerate(ranking.measured):
        lines.append(_line("measured", place + 1, m.molecule, "", f"{m.similarity:.6g}", m.dose))
    return "\n".join(lines)


def _line(kind: str, rank: int, molecule: Molecule, score: str, similarity: str, dose: float | None) -> str:
    seen = "" if molecule.seen is None else "seen" if molecule.seen else "unseen"
    words = (
        kind,
        str(rank),
        molecule.name,
        score,
        similarity,
        "" if dose is None else f"{dose:.6g}",
        molecule.mechanism,
        seen,
        molecule.smiles,
        molecule.inchikey,
    )
    return "\t".join(" ".join(word.split()) for word in words)
