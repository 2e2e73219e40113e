"""One window to a session, and sessions that a killed program left behind.

Locks are Qt's lock files: they hold the process id and the computer's name, and one whose process is gone is free.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLockFile

from app.session_file import SavedSession, SessionError, read_session, save_session_text, session_pieces

__all__ = ["Abandoned", "RecoveryFile", "SessionLock", "abandoned_sessions"]

_log = logging.getLogger(__name__)
_ENDING = ".recovery"


def _lock(path: Path) -> QLockFile:
    lock = QLockFile(str(path))
    # A window is open for days; only the end of its process frees the session.
    lock.setStaleLockTime(0)
    return lock


def _remove(copy: Path) -> None:
    try:
        copy.unlink(missing_ok=True)
    except OSError as error:
        # The worst is that it is offered once more.
        _log.warning("%s could not be removed: %s", copy, error)


class SessionLock:
    """Says to other windows that a session file is open here.

    Parameters
    ----------
    path : path
        The session file; the lock lies beside it, hidden.

    Raises
    ------
    SessionError
        Another window, here or on another computer, has it open.
    """

    def __init__(self, path: str | Path) -> None:
        path = Path(path)
        self._lock = _lock(path.parent / f".{path.name}.lock")
        if not self._lock.tryLock(0) and self._lock.error() == QLockFile.LockError.LockFailedError:
            # Qt's flag of success is not handed on: without it there is no process.
            process, host, program = self._lock.getLockInfo()
            holder = f"open in {program}, process {process} on {host}" if process else "open in another window"
            expected = f"a session that no other window has open (if that one is gone, remove {self.file})"
            raise SessionError(path, "lock", holder, expected)
        if not self._lock.isLocked():
            _log.warning("%s is opened without a lock: nothing can be written beside it", path)

    @property
    def file(self) -> Path:
        """The lock file."""
        return Path(self._lock.fileName())

    def release(self) -> None:
        """Let other windows open it."""
        self._lock.unlock()


class RecoveryFile:
    """The copy of one window's session that outlives a kill.

    Parameters
    ----------
    folder : path
        Of all recovery files of the user; made when first needed.
    """

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        name = secrets.token_hex(8)
        self.path = self._folder / f"{name}{_ENDING}"
        self._lock = _lock(self._folder / f"{name}.lock")

    def write(self, session: SavedSession) -> None:
        """Replace the copy; see :meth:`write_text`."""
        self.write_text("".join(session_pieces(session)))

    def write_text(self, text: str) -> None:
        """Replace the copy by the text of :func:`app.session_file.session_pieces`.

        Raises
        ------
        SessionError
            It cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SessionError(self._folder, "folder", error.strerror or str(error), "a folder") from error
        if not self._lock.isLocked():
            self._lock.tryLock(0)
        save_session_text(self.path, text)

    def leave(self) -> None:
        """End with the copy in place, to be offered at the next start."""
        self._lock.unlock()

    def discard(self) -> None:
        """End with nothing left to recover."""
        _remove(self.path)
        self._lock.unlock()


@dataclass(frozen=True, eq=False)
class Abandoned:
    """A session whose program was killed, or closed with hit lists that were not saved.

    Parameters
    ----------
    path : Path
        The copy.
    session : SavedSession or None
        None where the copy is damaged.
    error : SessionError or None
        Why.
    """

    path: Path
    session: SavedSession | None
    error: SessionError | None
    lock: QLockFile

    def discard(self) -> None:
        """Take the copy away."""
        _remove(self.path)
        self.lock.unlock()

    def leave(self) -> None:
        """Keep it for another start."""
        self.lock.unlock()


def abandoned_sessions(folder: str | Path) -> tuple[Abandoned, ...]:
    """Sessions that nobody has open any more, the latest first; each is kept from other windows meanwhile.

    Parameters
    ----------
    folder : path
        As of :class:`RecoveryFile`; it need not exist.

    Returns
    -------
    tuple of Abandoned
        Every one of them has to be discarded or left.
    """
    found = []
    for path in sorted(Path(folder).glob(f"*{_ENDING}")):
        lock = _lock(path.with_suffix(".lock"))
        if not lock.tryLock(0):
            continue
        try:
            found.append(Abandoned(path, read_session(path), None, lock))
        except SessionError as error:
            found.append(Abandoned(path, None, error, lock))
    return tuple(sorted(found, key=lambda one: one.session.saved if one.session else "", reverse=True))
