"""A session on its way back: which of its plates are open, missing, changed."""

from __future__ import annotations

from dataclasses import dataclass

from app.records import Session
from app.session_file import SavedPlate, SavedSession

__all__ = ["Reopened", "Reopening", "is_other_model"]


@dataclass(frozen=True)
class Reopened:
    """How a session came back.

    Parameters
    ----------
    path : str
        The session file, "" where a session was recovered that never had one.
    changed : tuple of str
        Plate files whose content is not what it was: they are open, without the selection.
    failed : tuple of str
        Plate files that could not be opened.
    left_out : tuple of str
        Plate files that were not found, and that the user did not point at.
    other_model : bool
        Whether another model or library was in use.
    """

    path: str
    changed: tuple[str, ...]
    failed: tuple[str, ...]
    left_out: tuple[str, ...]
    other_model: bool


class Reopening:
    """A session on its way back."""

    def __init__(self, path: str, session: SavedSession) -> None:
        self.path, self.session = path, session
        self.opening: dict[str, SavedPlate] = {}
        self.missing: list[SavedPlate] = []
        self.opened: dict[str, str] = {}
        self.changed: list[str] = []
        self.failed: list[str] = []
        self.left_out: list[str] = []


def is_other_model(saved: SavedSession, present: Session) -> bool:
    """Whether another model or library was in use than is now, by their hashes."""
    hashes = ((saved.model.hash, present.model_hash), (saved.library.hash, present.library_hash))
    return any(then and here and then != here for then, here in hashes)
