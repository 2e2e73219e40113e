"""Lists of hits."""

from __future__ import annotations

from app.action_info import SEPARATOR, ActionInfo, with_hit_list, with_molecule, with_wells
from app.hit_entries import STATUSES
from app.workspace import Workspace

__all__ = ["ACTIONS", "MENU"]


def _with_hits(workspace: Workspace) -> bool:
    """The current hit list has hits."""
    current = workspace.hit_lists.current
    return current is not None and bool(current.entries)


def _with_chosen_hits(workspace: Workspace) -> bool:
    """Hits of the list on show are selected."""
    return bool(workspace.hit_lists.chosen)


def _with_two_lists(workspace: Workspace) -> bool:
    """There are lists to combine."""
    return len(workspace.hit_lists.lists) > 1


ACTIONS = (
    ActionInfo(
        "new_hit_list",
        "&New hit list from selection…",
        "hit_lists.new_hit_list",
        "Make a hit list of the selected wells",
        "Ctrl+N",
        "",
        with_wells,
    ),
    ActionInfo(
        "new_empty_list",
        "New &empty hit list",
        "hit_lists.new_empty_list",
        "Make a hit list without hits, and name it",
        "Ctrl+Shift+N",
    ),
    ActionInfo(
        "add_selection",
        "Add &selection to hit list",
        "hit_lists.add_selection",
        "Add the selected wells to the hit list on show",
        "Ctrl+L",
        "",
        with_wells,
    ),
    ActionInfo(
        "add_candidate",
        "&Add molecules to hit list",
        "hit_lists.add_candidate",
        "Add the selected candidates, or the chosen molecule, to the hit list on show, at the dose found",
        "Ctrl+Shift+L",
        "",
        with_molecule,
    ),
    ActionInfo(
        "paste_hits",
        "&Paste hits",
        "hit_lists.paste_hits",
        "Add wells, names, structures or InChIKeys from the clipboard to the hit list, one a line",
        "Ctrl+V",
    ),
    ActionInfo(
        "show_hit_wells",
        "S&how hits on the plates",
        "hit_lists.show_hit_wells",
        "Select the wells of the selected hits, or of all, in every view",
        "Ctrl+Shift+H",
        "",
        _with_hits,
    ),
    ActionInfo(
        "note_hits",
        "N&ote on hits…",
        "hit_lists.note_hits",
        "Write a note on the selected hits",
        "Ctrl+Shift+A",
        "",
        _with_chosen_hits,
    ),
    *(
        ActionInfo(
            f"mark_{status.replace(' ', '_')}",
            f"Mark hits as &{number}: {status}",
            f"hit_lists.mark_{status.replace(' ', '_')}",
            f"Give the selected hits the status “{status}” (key {number} in the table)",
            f"Alt+{number}",
            "",
            _with_chosen_hits,
        )
        for number, status in enumerate(STATUSES, 1)
    ),
    ActionInfo(
        "remove_hits",
        "Re&move hits",
        "hit_lists.remove_hits",
        "Take the selected hits out of the list (Del in the table)",
        "",
        "",
        _with_chosen_hits,
    ),
    ActionInfo(
        "rename_list",
        "&Rename hit list",
        "hit_lists.rename_list",
        "Give the hit list on show another name (F2 in the names)",
        enabled=with_hit_list,
    ),
    ActionInfo(
        "duplicate_list",
        "&Duplicate hit list",
        "hit_lists.duplicate_list",
        "Make a list with the same hits, notes and status",
        enabled=with_hit_list,
    ),
    ActionInfo(
        "delete_list",
        "Dele&te hit list",
        "hit_lists.delete_list",
        "Take the hit list on show away; undo brings it back",
        enabled=with_hit_list,
    ),
    ActionInfo(
        "combine_lists",
        "Com&bine hit lists…",
        "hit_lists.combine_lists",
        "Make a list of what is in either, both or one of two lists",
        "Ctrl+B",
        enabled=_with_two_lists,
    ),
    ActionInfo(
        "copy_hits",
        "&Copy hits as table",
        "hit_lists.copy_hits",
        "Copy the selected hits, or the whole list, for a spreadsheet or another list",
        enabled=_with_hits,
    ),
    ActionInfo(
        "copy_hits_smiles",
        "Copy hits as SM&ILES",
        "hit_lists.copy_hits_smiles",
        "Copy the structures of the selected hits, or of the whole list, one a line",
        enabled=_with_hits,
    ),
    ActionInfo(
        "export_hit_list",
        "E&xport hit list…",
        "picks.export_hit_list",
        "Save the hit list as CSV, as Excel workbook with structures, or as SDF",
        "Ctrl+Shift+X",
        enabled=_with_hits,
    ),
    ActionInfo(
        "export_picks",
        "Export cherr&y picks…",
        "picks.export_picks",
        "Plan where each well of the hit list is to be transferred, for an Echo or as a table",
        "Ctrl+Shift+Y",
        enabled=_with_hits,
    ),
)

MENU = (
    "Hit &lists",
    (
        "new_hit_list",
        "new_empty_list",
        "duplicate_list",
        "rename_list",
        "delete_list",
        "combine_lists",
        SEPARATOR,
        "add_selection",
        "add_candidate",
        "paste_hits",
        SEPARATOR,
        "show_hit_wells",
        "note_hits",
        *(f"mark_{status.replace(' ', '_')}" for status in STATUSES),
        "remove_hits",
        SEPARATOR,
        "copy_hits",
        "copy_hits_smiles",
        "export_hit_list",
        "export_picks",
    ),
)
