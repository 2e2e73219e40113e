"""Every command once, as data; menus, tool bar and shortcuts are made from these lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from app.workspace import Workspace

__all__ = ["ACTIONS", "MENUS", "TOOL_BAR", "ActionInfo", "make_actions", "update_enabled"]


def _always(_workspace: Workspace) -> bool:
    return True


def _with_plate(workspace: Workspace) -> bool:
    return workspace.plate is not None


def _with_wells(workspace: Workspace) -> bool:
    return bool(len(workspace.selection))


def _with_candidates(workspace: Workspace) -> bool:
    return workspace.ranking is not None and bool(workspace.ranking.candidates or workspace.ranking.measured)


def _with_molecule(workspace: Workspace) -> bool:
    return workspace.molecule is not None and bool(workspace.molecule.smiles)


def _with_hits(workspace: Workspace) -> bool:
    return workspace.plate is not None and workspace.plate.n_treatments > 0


def _with_hit_list(workspace: Workspace) -> bool:
    return workspace.hit_lists.current is not None


def _can_undo(workspace: Workspace) -> bool:
    return workspace.undo_stack.canUndo()


def _can_redo(workspace: Workspace) -> bool:
    return workspace.undo_stack.canRedo()


@dataclass(frozen=True)
class ActionInfo:
    """One command.

    Parameters
    ----------
    id : str
        Its name in the lists below.
    text : str
        What menus show, with its mnemonic.
    call : str
        The method of :class:`app.commands.Commands` that does it.
    tip : str
        One sentence for the tool tip.
    shortcut : str
        Key sequence, "" for none.
    icon : str
        Name of a drawing in :mod:`app.icons`, "" for none.
    enabled : callable
        Whether the command makes sense in a state of the workspace.
    """

    id: str
    text: str
    call: str
    tip: str
    shortcut: str = ""
    icon: str = ""
    enabled: Callable[[Workspace], bool] = _always


ACTIONS: tuple[ActionInfo, ...] = (
    ActionInfo("open", "&Open plate…", "open_plate", "Open a plate file (.h5ad)", "Ctrl+O", "open"),
    ActionInfo("open_demo", "Open &demo plate", "open_demo", "Open the plate that comes with the program"),
    ActionInfo(
        "open_session",
        "Open &session…",
        "open_session",
        "Open what was saved: plates, selection and hit lists as they were",
        "Ctrl+Shift+O",
    ),
    ActionInfo(
        "save_session",
        "Sa&ve session",
        "save_session",
        "Save which plates are open, what is selected, and the hit lists",
        "Ctrl+S",
    ),
    ActionInfo(
        "save_session_as",
        "Save session &as…",
        "save_session_as",
        "Save the session to another file",
        "Ctrl+Shift+S",
    ),
    ActionInfo(
        "export_audit",
        "Export audit &log…",
        "export_audit",
        "Save when what was done, with the hashes of the files, as CSV",
    ),
    ActionInfo("close", "&Close file", "close_plate", "Close the current file", "Ctrl+W", enabled=_with_plate),
    ActionInfo(
        "export",
        "&Export hits…",
        "export_hits",
        "Rank every treatment of this file and save the hits as CSV or SDF",
        "Ctrl+E",
        "export",
        _with_hits,
    ),
    ActionInfo("quit", "&Quit", "quit", "Close the program", "Ctrl+Q"),
    ActionInfo("undo", "&Undo", "undo", "Take back the last change of the hit lists", "Ctrl+Z", "", _can_undo),
    ActionInfo("redo", "&Redo", "redo", "Make the change again", "Ctrl+Shift+Z", "", _can_redo),
    ActionInfo(
        "new_hit_list",
        "&New hit list from selection…",
        "new_hit_list",
        "Make a hit list of the selected wells",
        "Ctrl+N",
        "",
        _with_wells,
    ),
    ActionInfo(
        "paste_hits",
        "&Paste hits",
        "paste_hits",
        "Add wells, names, structures or InChIKeys from the clipboard to the hit list, one a line",
        "Ctrl+V",
        "",
        _with_plate,
    ),
    ActionInfo(
        "copy_hits",
        "&Copy hit list",
        "copy_hits",
        "Copy the hit list as a table, for a spreadsheet",
        enabled=_with_hit_list,
    ),
    ActionInfo(
        "export_picks",
        "&Export cherry picks…",
        "export_picks",
        "Save where each well of the hit list is to be transferred, as CSV or for an Echo",
        enabled=_with_hit_list,
    ),
    ActionInfo(
        "copy_smiles",
        "&Copy SMILES",
        "copy_smiles",
        "Copy the chosen molecule as SMILES",
        "Ctrl+C",
        "copy",
        _with_molecule,
    ),
    ActionInfo(
        "copy_table",
        "Copy &table of candidates",
        "copy_table",
        "Copy the candidates as a table, for a spreadsheet",
        "Ctrl+Shift+C",
        enabled=_with_candidates,
    ),
    ActionInfo(
        "copy_picture",
        "Copy &picture of the window",
        "copy_picture",
        "Copy the window as a picture, for a slide",
    ),
    ActionInfo(
        "select_all",
        "Select &all wells",
        "select_all",
        "Select every well of this plate",
        "Ctrl+A",
        "",
        _with_plate,
    ),
    ActionInfo("select_none", "Select &nothing", "select_none", "Clear the selection", "Escape", "", _with_wells),
    ActionInfo(
        "replicates",
        "Select &replicates",
        "select_replicates",
        "Add all wells that hold the selected treatments, on every plate of the file",
        "Ctrl+R",
        "replicates",
        _with_wells,
    ),
    ActionInfo(
        "next_plate",
        "Ne&xt plate",
        "next_plate",
        "Show the next plate of the open files",
        "Ctrl+PgDown",
        "",
        _with_plate,
    ),
    ActionInfo(
        "previous_plate",
        "Pre&vious plate",
        "previous_plate",
        "Show the previous plate",
        "Ctrl+PgUp",
        "",
        _with_plate,
    ),
    ActionInfo("scores", "What the &scores mean", "show_scores", "What the numbers say and do not", "F1", "help"),
    ActionInfo("about", "&About MolPhenix Desktop", "show_about", "Version, licence and sources"),
)
"""All commands."""

SEPARATOR = ""
RECENT = "recent"

MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "&File",
        (
            "open",
            RECENT,
            "open_demo",
            SEPARATOR,
            "open_session",
            "save_session",
            "save_session_as",
            SEPARATOR,
            "export",
            "export_audit",
            SEPARATOR,
            "close",
            "quit",
        ),
    ),
    ("&Edit", ("undo", "redo", SEPARATOR, "copy_smiles", "copy_table", "copy_picture")),
    ("&Select", ("select_all", "select_none", "replicates", SEPARATOR, "next_plate", "previous_plate")),
    ("Hit &lists", ("new_hit_list", "paste_hits", "copy_hits", SEPARATOR, "export_picks")),
    ("&Help", ("scores", SEPARATOR, "about")),
)
"""Menus by title; "" is a separator and "recent" the menu of recent files."""

TOOL_BAR: tuple[str, ...] = ("open", "export", SEPARATOR, "replicates", "copy_smiles", SEPARATOR, "scores")
"""The tool bar, from left to right."""


def make_actions(parent: QObject, commands: QObject) -> dict[str, QAction]:
    """Make the Qt actions, each wired to its method."""
    made = {}
    for info in ACTIONS:
        action = QAction(info.text, parent)
        action.setObjectName(info.id)
        keys = f" ({QKeySequence(info.shortcut).toString(QKeySequence.SequenceFormat.NativeText)})"
        action.setToolTip(info.tip + (keys if info.shortcut else ""))
        action.setStatusTip("")
        if info.shortcut:
            action.setShortcut(QKeySequence(info.shortcut))
        action.triggered.connect(getattr(commands, info.call))
        made[info.id] = action
    return made


def update_enabled(actions: dict[str, QAction], workspace: Workspace) -> None:
    """Enable the commands that make sense now."""
    for info in ACTIONS:
        actions[info.id].setEnabled(info.enabled(workspace))
