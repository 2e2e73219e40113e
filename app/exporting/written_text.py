"""What is said of a file that was written: how much, where, and what is not in it as it was."""

from __future__ import annotations

from app.exporting.tables import Saved
from app.numbers import integer
from app.views.words import plural

__all__ = ["saved_text", "structures_text"]


def saved_text(saved: Saved) -> str:
    """A table that was written.

    The engine counts, the window words: only it knows how the user writes numbers.
    """
    rows = "1 row was" if saved.rows == 1 else f"{integer(saved.rows)} rows were"
    return f"{rows} written to {saved.path}{_guarded(saved.guarded)}"


def structures_text(path: str, what: str, left_out: int = 0, guarded: int = 0) -> str:
    """A file of molecules that was written.

    Parameters
    ----------
    path : str
    what : str
        As "3,082 candidates of 156 treatments".
    left_out : int
        Rows without a structure, which an SD file cannot hold.
    guarded : int
        As of :class:`~app.exporting.tables.Saved`.
    """
    left = f"; {integer(left_out)} without a structure left out" if left_out else ""
    return f"{what} written to {path}{left}{_guarded(guarded)}"


def _guarded(texts: int) -> str:
    if not texts:
        return ""
    return f"; {plural(texts, 'text')} with an apostrophe in front, so as not to be run as a formula"
