"""The page of the hit lists: their names at the left, the hits of one of them in a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from app.dragging import has_hits
from app.hit_entries import STATUSES, HitEntry, HitList, Status
from app.hit_places import places_of
from app.numbers import integer
from app.open_plate import OpenPlate
from app.records import Molecule
from app.structures import Structures
from app.views.filter_change import RowFilterChange
from app.views.hit_list_columns import hit_columns, matching, said_columns
from app.views.hit_list_names import HitListNames
from app.views.hit_list_table import HitTable
from app.views.page_text import Pages
from app.views.panel import Panel
from app.views.splitter import Splitter
from app.views.table.filtering import RowFilter
from app.views.undo_line import SearchField
from app.views.words import plural
from app.workspace import Workspace

__all__ = ["HitListsPage"]

_BUTTONS = ("add_selection", "add_candidate", "paste_hits", "remove_hits", "show_hit_wells")
_MENU = (
    *("show_hit_wells", "note_hits", "", "mark_new", "mark_to_confirm", "mark_confirmed", "mark_rejected", ""),
    *("copy_hits", "copy_hits_smiles", "remove_hits", "", "export_hit_list", "export_picks"),
)
_LIST_MENU = ("new_empty_list", "duplicate_list", "rename_list", "delete_list", "", "combine_lists")
_WORDS = {
    "add_selection": "Add &wells",
    "add_candidate": "Add &molecules",
    "paste_hits": "&Paste",
    "remove_hits": "Re&move",
    "show_hit_wells": "Show w&ells",
    "new_empty_list": "&New",
    "combine_lists": "&Combine…",
    "export_hit_list": "&Export…",
    "export_picks": "C&herry picks…",
}
_EMPTY = (
    "This list is empty.\n\nSelect wells and choose “Add wells”, paste barcodes with wells, names or "
    "structures, or drag wells, molecules and files here."
)
_NONE = (
    "There is no hit list yet.\n\nSelect wells and press Ctrl+N, paste wells, names or structures, "
    "or drag wells, molecules and files here."
)


class HitListsPage(QWidget):
    """Hit lists, to be made, filled, compared, annotated and exported.

    Parameters
    ----------
    workspace : Workspace
    structures : Structures
        Where the pictures come from.

    Signals
    -------
    dropped(str, QMimeData)
        On which list, "" for a new one, and what.
    renamed(str, str)
        A list, and what the user wants it called.
    noted(object, str)
        A hit by its identity, and the note that the user wrote.
    marked(object, str)
        Hits by their identities, and their status.

    Attributes
    ----------
    pick_state : dict
        What the dialog of cherry picks begins with.
    """

    dropped = Signal(str, object)
    renamed = Signal(str, str)
    noted = Signal(object, str)
    marked = Signal(object, str)

    def __init__(self, workspace: Workspace, structures: Structures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._lists = workspace.hit_lists
        self._shown: HitList | None = None
        self._plates: tuple[OpenPlate, ...] = ()
        self._stale = True
        self._wanted = RowFilter()
        self._actions: Mapping[str, QAction] = {}
        self.pick_state: dict[str, Any] = {}
        self.setAcceptDrops(True)
        self.names = HitListNames(self._lists)
        self.table = HitTable(structures)
        self.filter = SearchField(placeholderText="Filter by name, plate, well, status or note")
        self.filter.setAccessibleName("Filter of the hits")
        self.filter.setClearButtonEnabled(True)
        self.pages = Pages(self.table)
        self.left, self.right = Panel("Hit lists"), Panel("Hits")
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(6)
        self._list_buttons = QHBoxLayout()
        self._list_buttons.setSpacing(6)
        self.left.body.addWidget(self.names, 1)
        self.left.body.addLayout(self._list_buttons)
        self.right.body.addLayout(self._buttons)
        self.right.body.addWidget(self.filter)
        self.right.body.addWidget(self.pages, 1)
        self.splitter = Splitter(Qt.Orientation.Horizontal, (self.left, 0), (self.right, 1))
        self.splitter.setSizes([156, 574])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)
        self._connect()

    def _connect(self) -> None:
        self.names.renamed.connect(self.renamed)
        self.names.dropped.connect(self.dropped)
        self.names.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.names.customContextMenuRequested.connect(self._show_list_menu)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._show_menu)
        self.table.rows_selected.connect(self._select)
        self.table.written.connect(self._written)
        self.table.status_wanted.connect(self._mark)
        self.table.remove_wanted.connect(lambda: self._trigger("remove_hits"))
        self.filter.textChanged.connect(self._typed)
        self._lists.changed.connect(self._changed)
        self._lists.current_changed.connect(self._changed)
        self._workspace.plates_changed.connect(self._plates_changed)

    # Commands -------------------------------------------------------------------------------------------

    def use_actions(self, actions: Mapping[str, QAction]) -> None:
        """Offer the window's commands as buttons and menus."""
        self._actions = actions
        for name in _BUTTONS:
            self._buttons.addWidget(_button(actions[name], _WORDS[name]))
        self._buttons.addStretch(1)
        for name in ("new_empty_list", "combine_lists"):
            self._list_buttons.addWidget(_button(actions[name], _WORDS[name]))
        self._list_buttons.addStretch(1)
        for name in ("export_hit_list", "export_picks"):
            self.right.header.addWidget(_button(actions[name], _WORDS[name]))

    def _trigger(self, name: str) -> None:
        if name in self._actions:
            self._actions[name].trigger()

    def _menu(self, names: Sequence[str], parent: QWidget) -> QMenu:
        menu = QMenu(parent)
        menu.setToolTipsVisible(True)
        for name in names:
            if name:
                menu.addAction(self._actions[name])
            else:
                menu.addSeparator()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    def _show_menu(self, point: QPoint) -> None:
        self._menu(_MENU, self.table).popup(self.table.viewport().mapToGlobal(point))

    def _show_list_menu(self, point: QPoint) -> None:
        self._menu(_LIST_MENU, self.names).popup(self.names.viewport().mapToGlobal(point))

    # What is shown --------------------------------------------------------------------------------------

    @property
    def entries(self) -> tuple[HitEntry, ...]:
        """The hits of the list on show."""
        return self._shown.entries if self._shown is not None else ()

    def _changed(self) -> None:
        self._stale = True
        if self.isVisible():
            self._fill()

    def _plates_changed(self) -> None:
        # What the open files know of a hit, as its p.
        self._changed()

    def _fill(self) -> None:
        self._stale = False
        before, current = self.entries, self._lists.current
        entries = current.entries if current is not None else ()
        plates = tuple(self._workspace.plates)
        if current is self._shown and plates == self._plates and self.table.keys():
            # A list never changes, another takes its place: this one was told of twice.
            self._choose(self.table.selected_rows())
            return
        self._shown, same_files = current, plates == self._plates
        self._plates = plates
        if self.table.keys() and _same_hits(before, entries):
            whole = () if same_files else hit_columns(entries, places_of(entries, plates))
            self.table.replace_columns(whole or said_columns(entries))
        else:
            chosen = set(self._lists.chosen)
            self.table.set_columns(hit_columns(entries, places_of(entries, plates)))
            same = [i for i, entry in enumerate(entries) if entry.identity in chosen] if chosen else []
            self.table.select_rows(np.array(same, dtype=np.intp))
            self._choose(same)
        self.table.set_hits(entries)
        self._filter()
        self._tell(current)

    def _tell(self, current: HitList | None) -> None:
        self.right.title.setText(current.name if current is not None else "Hits")
        self.right.explain(_summary(current) if current is not None else "")
        self.filter.setVisible(bool(self.entries))
        self.pages.set_text(_NONE if current is None else "" if current.entries else _EMPTY)

    def _typed(self, text: str) -> None:
        wanted = RowFilter(text)
        if wanted != self._wanted:
            change = RowFilterChange(self._use_filter, self._wanted, wanted, "hits", "lists")
            self._workspace.undo_stack.push(change)

    def _use_filter(self, wanted: RowFilter) -> None:
        self._wanted = wanted
        if self.filter.text() != wanted.text:
            self.filter.setText(wanted.text)
        self._filter()

    def _filter(self) -> None:
        rows = matching(self.entries, self._wanted.text)
        self.table.set_shown(rows)
        if self.entries:
            self.pages.set_text(
                "No hit of this list holds these words." if rows is not None and not len(rows) else ""
            )
            self._choose(self.table.selected_rows())

    def _choose(self, rows: Sequence[int] | np.ndarray) -> None:
        self._lists.choose(self.entries[int(row)].identity for row in rows)

    def _select(self, rows: np.ndarray) -> None:
        before = self._lists.chosen
        self._choose(rows)
        if len(rows) == 1 and self._lists.chosen != before:
            molecule = self._molecule_of(self.entries[int(rows[0])])
            if molecule.name or molecule.key:
                self._workspace.choose_molecule(molecule)

    def _molecule_of(self, entry: HitEntry) -> Molecule:
        """The molecule of a hit: as its file knows it, where that is open."""
        places = places_of((entry,), self._plates)
        file, row = int(places.file[0]), int(places.row[0])
        if file >= 0 and row >= 0 and (treatment := int(self._plates[file].treatment_of_well[row])) >= 0:
            return self._plates[file].molecule(treatment)
        return Molecule(entry.name, entry.smiles, entry.inchikey)

    # What the user writes -------------------------------------------------------------------------------

    def _written(self, identity: Hashable, key: str, text: str) -> None:
        if key == "note":
            self.noted.emit(identity, text)
        else:
            self.marked.emit((identity,), text)

    def _mark(self, place: int) -> None:
        chosen: tuple[Hashable, ...] = self._lists.chosen
        status: Status = STATUSES[place]
        if chosen:
            self.marked.emit(chosen, status)

    def edit_note(self) -> None:
        """Let the user write a note on the hit that the keyboard is on."""
        self.table.edit_cell("note")

    # Events ---------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._fill()
        else:
            self._choose(self.table.selected_rows())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        # What cannot be seen must not be removed by a key.
        self._lists.choose(())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        (self.table if self.entries else self.names).setFocus(event.reason())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if has_hits(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        data: QMimeData = event.mimeData()
        self.dropped.emit(self._lists.current.name if self._lists.current is not None else "", data)

    # State ----------------------------------------------------------------------------------------------

    def view_state(self) -> dict[str, Any]:
        """Columns, order and filter."""
        return {
            "table": self.table.view_state(),
            "filter": self._wanted.text,
            "splitter": self.splitter.sizes(),
            "picks": self.pick_state,
        }

    def restore_view_state(self, state: dict[str, Any]) -> None:
        """Take up an earlier state; what does not fit is dropped."""
        table, text, sizes = state.get("table"), state.get("filter"), state.get("splitter")
        if isinstance(table, dict):
            self.table.restore_view_state(table)
        if isinstance(state.get("picks"), dict):
            self.pick_state = state["picks"]
        if isinstance(text, str):
            self._use_filter(RowFilter(text[:200]))
        if isinstance(sizes, list) and len(sizes) == 2 and all(type(size) is int and size > 0 for size in sizes):
            self.splitter.setSizes(sizes)


def _same_hits(a: Sequence[HitEntry], b: Sequence[HitEntry]) -> bool:
    return len(a) == len(b) and all(x is y or x.identity == y.identity for x, y in zip(a, b, strict=True))


def _summary(current: HitList) -> str:
    n = len(current.entries)
    counts = Counter(entry.status for entry in current.entries)
    said = [f"{integer(counts[status])} {status}" for status in STATUSES if counts[status]]
    return " · ".join([plural(n, "hit"), *(said if n else [])])


def _button(action: QAction, text: str) -> QPushButton:
    """A button that does what an action does, in shorter words."""
    button = QPushButton(text)
    button.setAccessibleName(text.replace("&", "").rstrip("…"))
    # Narrower than the style's least width: the page shares a small window with others.
    button.setMinimumWidth(button.fontMetrics().horizontalAdvance(text.replace("&", "")) + 16)
    button.clicked.connect(action.trigger)

    def follow() -> None:
        button.setEnabled(action.isEnabled())
        button.setToolTip(action.toolTip())

    action.changed.connect(follow)
    follow()
    return button
