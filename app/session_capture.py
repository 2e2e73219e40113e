"""What a session file says of a window as it is now."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from app.hit_entries import now
from app.json_fields import JsonObject, is_json
from app.session_file import Limits, SavedIdentity, SavedSession, saved_plate
from app.workspace import Workspace

__all__ = ["captured"]

_log = logging.getLogger(__name__)


def captured(
    workspace: Workspace,
    folder: Path | None,
    *,
    limits: tuple[Limits, ...],
    views: Mapping[str, JsonObject],
    page: str,
) -> SavedSession:
    """Take a session up.

    Parameters
    ----------
    workspace : Workspace
    folder : Path or None
        Where its file is to lie; None for a copy that is no file of the user's.
    limits : tuple of Limits
    views : mapping of str to JSON object
        What each page says of itself; what no file can hold is left out.
    page : str
    """
    plate, lists = workspace.plate, workspace.hit_lists
    return SavedSession(
        saved=now(),
        plates=tuple(
            saved_plate(one.path, one.sha256, workspace.selection_in(one), folder) for one in workspace.plates
        ),
        current=workspace.plates.index(plate) if plate is not None else None,
        barcode=plate.barcodes[workspace.barcode] if plate is not None and plate.barcodes else "",
        colour_by=workspace.colour_by,
        limits=limits,
        hit_lists=lists.lists,
        current_list=lists.current.name if lists.current is not None else "",
        model=SavedIdentity(workspace.session.model, workspace.session.model_hash),
        library=SavedIdentity(workspace.session.library, workspace.session.library_hash),
        views=_sound(views),
        page=page,
    )


def _sound(views: Mapping[str, JsonObject]) -> dict[str, JsonObject]:
    states = {}
    for page, state in views.items():
        # How a page was sorted is not worth the session.
        if isinstance(state, dict) and is_json(state, 1):
            states[page] = state
        else:
            _log.warning("what the page %s says of itself cannot be saved: %r", page, state)
    return states
