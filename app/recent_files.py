"""Files that were open lately, as a menu shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.session_file import ENDING

__all__ = ["RecentFile", "is_session", "recent_files", "with_recent", "without_recent"]

_KEPT = 10


@dataclass(frozen=True)
class RecentFile:
    """One of them.

    Parameters
    ----------
    path : str
    text : str
        Its name, with as many of its folders as tell it from the others.
    is_session : bool
        A session, else a plate file.
    """

    path: str
    text: str
    is_session: bool


def is_session(path: str | Path) -> bool:
    """Whether a path is that of a session file."""
    return Path(path).suffix.casefold() == ENDING


def with_recent(paths: Sequence[str], path: str) -> tuple[str, ...]:
    """The same with a file at the head, ten at most, each once."""
    return (path, *(other for other in paths if other != path))[:_KEPT]


def without_recent(paths: Sequence[str], path: str) -> tuple[str, ...]:
    """The same without a file, which could not be opened."""
    return tuple(other for other in paths if other != path)


def recent_files(paths: Sequence[str]) -> tuple[RecentFile, ...]:
    """The files with the shortest texts that tell them apart.

    Whether a file is still there is not asked: a drive that sleeps would hold the window up.
    """
    depths = dict.fromkeys(paths, 1)
    deepest = max((len(Path(path).parts) for path in paths), default=1)
    for _ in range(deepest):
        counts = Counter(_end(path, depth) for path, depth in depths.items())
        depths = {path: depth + (counts[_end(path, depth)] > 1) for path, depth in depths.items()}
    return tuple(RecentFile(path, _end(path, depths[path]), is_session(path)) for path in depths)


def _end(path: str, depth: int) -> str:
    return str(Path(*Path(path).parts[-depth:]))
