"""Session files: what is open, selected and listed in a window, to be found again where it was.

JSON in UTF-8. Plates are not copied but named, by path and SHA-256; the path relative to the session file lets a
folder move as a whole.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from app.hit_entries import HitEntry, HitList, is_time
from app.json_fields import JsonObject, build, is_json, read_json
from molphenix_core.errors import InputError
from molphenix_core.writing import written_aside

__all__ = [
    "ENDING",
    "Limits",
    "SavedIdentity",
    "SavedPlate",
    "SavedSession",
    "SessionError",
    "find_plate",
    "plain",
    "read_session",
    "rows_of",
    "runs_of",
    "save_session",
    "save_session_text",
    "saved_plate",
    "session_pieces",
]

ENDING = ".molphenix"
"""Of session files."""

_FORMAT = "molphenix session"
_VERSION = 1
_HITS_A_PIECE = 50
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")

Runs = tuple[tuple[int, int], ...]


class SessionError(InputError):
    """A session file is damaged, foreign, of a newer version, or open in another window."""


@dataclass(frozen=True)
class SavedPlate:
    """A plate file of a session.

    Parameters
    ----------
    path : str
        Absolute, where it was.
    sha256 : str
        Of its content.
    relative : str
        From the session file's folder, with forward slashes; "" where there is no such way.
    selection : tuple of (int, int)
        The selected wells as runs of rows, first and last, ascending.
    """

    path: str
    sha256: str
    relative: str = ""
    selection: Runs = ()

    def __post_init__(self) -> None:
        if not self.path or "\x00" in self.path + self.relative:
            raise SessionError("session", "path", repr(self.path)[:60], "the path of a plate file")
        if not _SHA256.match(self.sha256):
            raise SessionError("session", "sha256", repr(self.sha256)[:60], "64 hex digits")
        before = -1
        for place, (first, last) in enumerate(self.selection):
            if not before < first <= last < 2**31:
                found = f"{first} to {last} after {before}"
                raise SessionError("session", f"selection[{place}]", found, "runs of rows, ascending")
            before = last


@dataclass(frozen=True)
class Limits:
    """The limits of a colour scale, by what is coloured by; ``low`` and ``high`` where they are set by hand."""

    key: str
    scale: Literal["linear", "log", "robust", "manual"]
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if (self.scale == "manual") != (self.low is not None and self.high is not None):
            raise SessionError("session", "low", f"{self.low} to {self.high}", "both ends with manual limits only")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise SessionError("session", "low", f"{self.low} to {self.high}", "a lower end below the upper one")


@dataclass(frozen=True)
class SavedIdentity:
    """The model or library that was in use: what it is called, and its hash."""

    text: str = ""
    hash: str = ""


@dataclass(frozen=True)
class SavedSession:
    """What a session file holds.

    Parameters
    ----------
    saved : str
        When, in UTC.
    plates : tuple of SavedPlate
        In the order in which they are listed.
    current : int or None
        Which of them is shown.
    barcode : str
        Which physical plate of it, "" without any.
    colour_by : str
    limits : tuple of Limits
    hit_lists : tuple of HitList
    current_list : str
        "" without any.
    model, library : SavedIdentity
    views : mapping of str to JSON object
        What each page says of itself, by the page's id: how it was sorted, filtered and scrolled.
    page : str
        The id of the page that is shown, "" for the first one.
    origin : str
        In a recovery copy, the session file that it is of; "" elsewhere, and before a session was saved.
    """

    saved: str
    plates: tuple[SavedPlate, ...] = ()
    current: int | None = None
    barcode: str = ""
    colour_by: str = "p"
    limits: tuple[Limits, ...] = ()
    hit_lists: tuple[HitList, ...] = ()
    current_list: str = ""
    model: SavedIdentity = field(default_factory=SavedIdentity)
    library: SavedIdentity = field(default_factory=SavedIdentity)
    views: Mapping[str, JsonObject] = field(default_factory=dict)
    page: str = ""
    origin: str = ""

    def __post_init__(self) -> None:
        names = [one.name for one in self.hit_lists]
        folded = {name.casefold() for name in names}
        keys = {limit.key for limit in self.limits}
        for name, wrong, found, expected in (
            ("saved", not is_time(self.saved), self.saved, "a time in UTC as 2026-01-31T09:30:00Z"),
            (
                "current",
                self.current is not None and not 0 <= self.current < len(self.plates),
                self.current,
                f"none or one of the {len(self.plates)} plates, from 0",
            ),
            ("hit_lists", len(folded) < len(names), "a name twice", "each list with a name of its own"),
            ("current_list", self.current_list not in {"", *names}, self.current_list, "one of the hit lists"),
            ("limits", len(keys) < len(self.limits), "limits twice for one key", "each key once"),
            ("views", not _are_views(self.views), self.views, "an object with JSON values for each page"),
            (
                "plates",
                len({plate.path for plate in self.plates}) < len(self.plates),
                "a file twice",
                "each file once",
            ),
        ):
            if wrong:
                raise SessionError("session", name, repr(found)[:60], expected)


def _are_views(views: Mapping[str, JsonObject]) -> bool:
    return all(isinstance(state, dict) for state in views.values()) and is_json(dict(views))


def saved_plate(path: str | Path, sha256: str, rows: NDArray[np.intp], folder: Path | None) -> SavedPlate:
    """Name a plate for a session file in ``folder``; None for one that stays where it is."""
    return SavedPlate(str(path), sha256, _relative(Path(path), folder), runs_of(rows))


def _relative(path: Path, folder: Path | None) -> str:
    if folder is None:
        return ""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        # Another drive of Windows.
        return ""


def runs_of(rows: NDArray[np.intp]) -> Runs:
    """Ascending rows as runs, first and last: a whole plate is one pair."""
    if not len(rows):
        return ()
    breaks = np.flatnonzero(np.diff(rows) > 1)
    firsts, lasts = rows[np.r_[0, breaks + 1]], rows[np.r_[breaks, len(rows) - 1]]
    return tuple(zip(firsts.tolist(), lasts.tolist(), strict=True))


def rows_of(runs: Runs, n: int) -> NDArray[np.intp] | None:
    """The rows of some runs; None where a file of ``n`` wells has no such rows."""
    if not runs:
        return np.empty(0, dtype=np.intp)
    if runs[-1][1] >= n:
        return None
    return np.concatenate([np.arange(first, last + 1, dtype=np.intp) for first, last in runs])


def find_plate(plate: SavedPlate, folders: Sequence[Path]) -> Path | None:
    """Where a plate file is now, by its name alone: what it holds is for the caller to compare.

    Parameters
    ----------
    plate : SavedPlate
    folders : sequence of Path
        The session file's own, then any in which others of its plates were found.

    Returns
    -------
    Path or None
        Beside the session file as it was when saved, else where it was, else in one of the folders; None where
        the user has to say.
    """
    candidates = [folder / plate.relative for folder in folders[:1] if plate.relative]
    candidates += [Path(plate.path), *(folder / Path(plate.path).name for folder in folders)]
    for candidate in candidates:
        try:
            if candidate.is_file():
                return candidate.resolve() if ".." in candidate.parts else candidate.absolute()
        except (OSError, ValueError):
            # A drive that is gone, or a name that this system cannot have: not there either.
            continue
    return None


def plain(value: Any) -> Any:
    """Dataclasses and tuples as JSON values, without what stands at its default."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if not is_dataclass(value) or isinstance(value, type):
        return value
    defaults = _defaults(type(value))
    return {name: plain(item) for name, item in vars(value).items() if name in defaults and item != defaults[name]}


@functools.cache
def _defaults(kind: Any) -> dict[str, Any]:
    # Known by name: an instance may also keep what it worked out of itself.
    return {f.name: f.default if f.default_factory is MISSING else f.default_factory() for f in fields(kind)}


def session_pieces(session: SavedSession) -> Iterator[str]:
    """The text of a session file, piece by piece; each of them is worded in less than a millisecond.

    ASCII: a path need not be text that UTF-8 can write.
    """
    head = plain(dataclasses.replace(session, hit_lists=(), current_list=""))
    # Of tens of thousands of hits, all but a few are worded as they were the last time.
    head["current_list"] = session.current_list
    yield f'{{"format": {_dumps(_FORMAT)}, "version": {_VERSION}, "session": {_dumps(head)[:-1]}, "hit_lists": ['
    for number, one in enumerate(session.hit_lists):
        start = _dumps({"name": one.name, "created": one.created})[:-1]
        yield f'{", " if number else ""}{start}, "entries": ['
        for first in range(0, len(one.entries), _HITS_A_PIECE):
            entries = one.entries[first : first + _HITS_A_PIECE]
            yield (", " if first else "") + ", ".join(map(_hit_text, entries))
        yield "]}"
    yield "]}}"


def _hit_text(entry: HitEntry) -> str:
    known = vars(entry)
    text = known.get("_text")
    if text is None:
        # Beside the fields of the frozen record, as functools keeps a cached property.
        text = known["_text"] = _dumps(plain(entry))
    return str(text)


def _dumps(value: object) -> str:
    return json.dumps(value, allow_nan=False)


def save_session(path: str | Path, session: SavedSession) -> None:
    """Write a session file, aside and then renamed.

    Raises
    ------
    SessionError
        It cannot be written there; what stood there before is untouched.
    """
    save_session_text(path, "".join(session_pieces(session)))


def save_session_text(path: str | Path, text: str) -> None:
    """Write the text of :func:`session_pieces`; see :func:`save_session`."""
    with written_aside(path, SessionError) as aside:
        aside.write_text(text, encoding="ascii")


def read_session(path: str | Path) -> SavedSession:
    """Read and check a session file.

    Raises
    ------
    SessionError
        Naming the field, what stands there and what is expected; unknown keys are refused.
    """
    content = read_json(path, SessionError, "a session file")
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise SessionError(path, "format", "none" if isinstance(content, dict) else "no object", repr(_FORMAT))
    version = content.get("version")
    if type(version) is not int or version != _VERSION:
        raise SessionError(path, "version", repr(version)[:60], f"{_VERSION}: a later program may have written it")
    unknown = sorted(set(content) - {"format", "version", "session"})
    if unknown:
        raise SessionError(path, unknown[0][:60], "an unknown key", "format, version and session")
    return build(path, "session", SavedSession, content.get("session"), SessionError)
