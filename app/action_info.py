"""What is known of one command, and when commands make sense."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.workspace import Workspace

__all__ = [
    "RECENT",
    "SEPARATOR",
    "ActionInfo",
    "always",
    "can_redo",
    "can_undo",
    "with_candidates",
    "with_hit_list",
    "with_hits",
    "with_molecule",
    "with_plate",
    "with_wells",
]

SEPARATOR = ""
RECENT = "recent"


def always(_workspace: Workspace) -> bool:
    """Whatever is open."""
    return True


def with_plate(workspace: Workspace) -> bool:
    """A file is open."""
    return workspace.plate is not None


def with_wells(workspace: Workspace) -> bool:
    """Wells are selected."""
    return bool(len(workspace.selection))


def with_candidates(workspace: Workspace) -> bool:
    """The selection has been ranked."""
    return workspace.ranking is not None and bool(workspace.ranking.candidates or workspace.ranking.measured)


def with_molecule(workspace: Workspace) -> bool:
    """A molecule with a structure is chosen."""
    return workspace.molecule is not None and bool(workspace.molecule.smiles)


def with_hits(workspace: Workspace) -> bool:
    """The file has treatments."""
    return workspace.plate is not None and workspace.plate.n_treatments > 0


def with_hit_list(workspace: Workspace) -> bool:
    """There is a current hit list."""
    return workspace.hit_lists.current is not None


def can_undo(workspace: Workspace) -> bool:
    """There is something to undo."""
    return workspace.undo_stack.canUndo()


def can_redo(workspace: Workspace) -> bool:
    """There is something to redo."""
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
        The part of :class:`app.commands.Commands` and its method, as "file.open_plate".
    tip : str
        One sentence for the tool tip.
    shortcut : str
        Key sequence, "" for none.
    icon : str
        Name of a drawing in :mod:`app.icons`, "" for none.
    enabled : callable
        Whether the command makes sense in a state of the workspace.
    choice : str
        Title of the submenu in which the command is one of several to choose from, "" for any other command.
    """

    id: str
    text: str
    call: str
    tip: str
    shortcut: str = ""
    icon: str = ""
    enabled: Callable[[Workspace], bool] = always
    choice: str = ""
