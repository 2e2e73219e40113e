"""Making, filling, comparing and annotating hit lists."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QApplication, QInputDialog

from app.commands.base import Part
from app.dragging import Dropped, candidates_mime, dropped
from app.engine import EngineError
from app.hit_candidates import entries_of_candidates
from app.hit_entries import HitEntry, HitList, Status, entries_of_rows, now
from app.hit_list_text import Pasted, as_table
from app.hit_places import places_of
from app.hit_reading import HitReader
from app.numbers import integer
from app.records import Molecule
from app.views.hit_list_combine import CombineDialog
from app.views.hit_list_report import UnmatchedDialog
from app.views.words import plural

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from app.views.hit_lists_page import HitListsPage

__all__ = ["HitListCommands"]


_ON_CANDIDATES = ("add_candidate", "copy_smiles", "copy_molfile", "copy_inchi", "copy_structure")


class HitListCommands(Part):
    """The hit lists of the workspace."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._lists = self.workspace.hit_lists
        self._reader = HitReader(window.drawing_engine, self)

    @property
    def _page(self) -> HitListsPage:
        return cast("HitListsPage", self.window.pages.page("lists"))

    def connect_page(self) -> None:
        """Do what the page of the hit lists asks for."""
        self._page.dropped.connect(self.drop)
        self._page.renamed.connect(self._rename)
        self._page.noted.connect(self._note)
        self._page.marked.connect(self._mark)
        candidates = self.window.candidates
        table = candidates.predicted_table.table
        candidates.predicted.drag_data = self._dragged
        candidates.measured.drag_data = lambda molecules: self._dragged(molecules, measured_first=True)
        table.drag_data = lambda: self._dragged(self._candidates())
        for view in (candidates.predicted, candidates.measured, table, candidates.measured_table):
            view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
            view.addActions([self.window.actions_by_id[name] for name in _ON_CANDIDATES])

    def _dragged(self, molecules: Sequence[Molecule], *, measured_first: bool = False) -> QMimeData:
        """Candidates for other lists, at the doses they were found at, and for other programs."""
        ranking = self.workspace.ranking
        return candidates_mime(
            entries_of_candidates(molecules, ranking, now(), "molecule", measured_first=measured_first)
        )

    def _say(self, text: str) -> None:
        self.window.message_bar.show_note(text)

    # Whole lists ----------------------------------------------------------------------------------------

    def new_hit_list(self) -> None:
        plate = self.workspace.plate
        if plate is None:
            return
        hits = entries_of_rows(plate, self.workspace.selection, now(), "selection")
        name, wanted = QInputDialog.getText(
            self.window,
            "New hit list",
            f"Name of the list of {plural(len(hits), 'hit')}:",
            text=self._lists.unused_name(),
        )
        if wanted:
            with self.telling("New hit list"):
                made = self._lists.create(name, hits)
                self._say(f"“{made.name}” holds {plural(len(made.entries), 'hit')}")

    def new_empty_list(self) -> None:
        self._lists.create(self._lists.unused_name("Hit list"))
        self.window.pages.show_page("lists")
        self._page.names.rename_current()

    def rename_list(self) -> None:
        self.window.pages.show_page("lists")
        self._page.names.rename_current()

    def _rename(self, name: str, to: str) -> None:
        with self.telling("Renaming a hit list"):
            self._lists.rename(name, to)

    def duplicate_list(self) -> None:
        current = self._lists.current
        if current is not None:
            self._lists.duplicate(current.name)

    def delete_list(self) -> None:
        current = self._lists.current
        if current is not None:
            self._lists.delete(current.name)
            self._say(f"“{current.name}” was deleted; undo brings it back")

    def combine_lists(self) -> None:
        dialog = CombineDialog(self._lists, self.window)
        if dialog.exec():
            with self.telling("Combining hit lists"):
                made = dialog.combine()
                self.window.pages.show_page("lists")
                self._say(f"“{made.name}” holds {plural(len(made.entries), 'hit')}")

    # Adding ---------------------------------------------------------------------------------------------

    def add_selection(self) -> None:
        plate = self.workspace.plate
        if plate is not None:
            self._add(self._target(), entries_of_rows(plate, self.workspace.selection, now(), "selection"))

    def add_candidate(self) -> None:
        """Add the molecules selected among the candidates, or else the one that is chosen."""
        molecules = self._candidates() or [one for one in (self.workspace.molecule,) if one is not None]
        entries = entries_of_candidates(molecules, self.workspace.ranking, now(), "molecule")
        if entries:
            self._add(self._target(), entries)

    def _candidates(self) -> list[Molecule]:
        """Molecules selected on the page of the candidates, where that is on show."""
        page = self.window.candidates
        if page.predicted.isVisible():
            return page.predicted.selected()
        library = page.library.table
        if library is not None and page.predicted_table.isVisible():
            return [library.molecule(row) for row in page.predicted_table.table.selected_rows().tolist()]
        return []

    def paste_hits(self) -> None:
        text = QApplication.clipboard().text()
        if text.strip():
            self._read("", Dropped(text, source="pasted"))
        else:
            self._say("The clipboard holds no text")

    def drop(self, name: str, data: QMimeData) -> None:
        """Add what was dropped to a list, or to a new one with no name."""
        with self.telling("Dropping hits"):
            self._read(name, dropped(data), new=not name)

    def _target(self, name: str = "", *, new: bool = False) -> HitList:
        """The list to add to: the one of that name, the current one, or a new one."""
        if name in self._lists.names:
            return self._lists[name]
        current = self._lists.current
        return current if current is not None and not new else self._lists.create(self._lists.unused_name())

    def _read(self, name: str, what: Dropped, *, new: bool = False) -> None:
        self._reader.read(
            what,
            tuple(self.workspace.plates),
            lambda pasted: self._use(name, pasted, new=new),
            lambda error: self._failed("Reading hits", error),
        )

    def _use(self, name: str, pasted: Pasted, *, new: bool) -> None:
        if pasted.entries:
            self._add(self._target(name, new=new), pasted.entries)
        if pasted.unmatched:
            UnmatchedDialog(pasted, self.window).open()

    def _failed(self, title: str, error: EngineError) -> None:
        if not error.cancelled:
            self.window.message_bar.show_error(title, error)

    def _add(self, target: HitList, entries: Iterable[HitEntry]) -> None:
        entries = tuple(entries)
        added = self._lists.add(target.name, entries)
        known = len(entries) - added
        told = f"{plural(added, 'hit')} added to “{target.name}”"
        self._say(told + (f"; {integer(known)} {'was' if known == 1 else 'were'} there already" if known else ""))

    # Hits of the current list ---------------------------------------------------------------------------

    def _chosen(self) -> tuple[str, Collection[Hashable]]:
        current = self._lists.current
        return (current.name if current is not None else "", self._lists.chosen)

    def remove_hits(self) -> None:
        name, chosen = self._chosen()
        if name and chosen:
            self._lists.remove(name, chosen)

    def note_hits(self) -> None:
        name, chosen = self._chosen()
        if len(chosen) == 1:
            self._page.edit_note()
        elif name and chosen:
            text, wanted = QInputDialog.getText(self.window, "Note", f"Note on {plural(len(chosen), 'hit')}:")
            if wanted:
                self._lists.set_note(name, chosen, text.strip())

    def _note(self, identity: Hashable, text: str) -> None:
        with self.telling("Writing a note"):
            self._lists.set_note(self._chosen()[0], {identity}, text)

    def _mark(self, identities: Collection[Hashable], status: Status) -> None:
        self._lists.set_status(self._chosen()[0], identities, status)

    def mark_new(self) -> None:
        self._mark(self._lists.chosen, "new")

    def mark_to_confirm(self) -> None:
        self._mark(self._lists.chosen, "to confirm")

    def mark_confirmed(self) -> None:
        self._mark(self._lists.chosen, "confirmed")

    def mark_rejected(self) -> None:
        self._mark(self._lists.chosen, "rejected")

    def show_hit_wells(self) -> None:
        """Select the wells of the hits; of several files, those of the one on show or of the fullest one."""
        plates, plate = self.workspace.plates, self.workspace.plate
        entries = self._lists.chosen_entries()
        places = places_of(entries, plates)
        counts = np.bincount(places.file[places.file >= 0], minlength=len(plates))
        if not counts.sum():
            self._say("None of these hits is a well of an open file")
            return
        here = plates.index(plate) if plate in plates else -1
        file = here if here >= 0 and counts[here] else int(counts.argmax())
        rows = places.rows_in(file)
        on = plates[file].plate_of_well[rows]
        barcode = int(on[0]) if on[0] >= 0 else 0
        if file == here and (on == self.workspace.barcode).any():
            barcode = self.workspace.barcode
        self.workspace.show(plates[file], barcode)
        self.workspace.select(rows)
        left = len(entries) - int(counts[file])
        said = f"{plural(len(rows), 'well')} of {plates[file].name} selected"
        self._say(said + (f"; {plural(left, 'hit')} of other files, or without a well" if left else ""))

    # Copying --------------------------------------------------------------------------------------------

    def copy_hits(self) -> None:
        entries = self._lists.chosen_entries()
        QApplication.clipboard().setText(as_table(entries))
        self._say(f"{plural(len(entries), 'hit')} copied")

    def copy_hits_smiles(self) -> None:
        smiles = list(dict.fromkeys(entry.smiles for entry in self._lists.chosen_entries() if entry.smiles))
        QApplication.clipboard().setText("\n".join(smiles))
        self._say(f"{plural(len(smiles), 'structure')} copied as SMILES")
