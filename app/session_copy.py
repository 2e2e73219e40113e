"""Writes the copy of a session that outlives a kill, aside from the Qt thread."""

from __future__ import annotations

from collections.abc import Generator

from PySide6.QtCore import QObject, QThreadPool, Signal

from app.session_file import SavedSession, SessionError, session_pieces
from app.session_recovery import RecoveryFile
from app.slices import Slices

__all__ = ["SessionCopy"]


class SessionCopy(QObject):
    """The copy of one window's session: worded in slices, written in a thread; the latest state wins.

    Signals
    -------
    written()
        The copy is that of the state given last.
    failed(SessionError)
        It could not be written.

    Parameters
    ----------
    recovery : RecoveryFile
    """

    written = Signal()
    failed = Signal(object)

    def __init__(self, recovery: RecoveryFile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recovery = recovery
        self._slices = Slices(self)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)

    def write(self, session: SavedSession) -> None:
        """Write a state; one that is still being worded is dropped."""
        self._slices.drop()
        self._slices.run(_worded(session), self._write)

    def finish(self) -> None:
        """Drop what is being worded, and wait for what is being written."""
        self._slices.drop()
        self._pool.waitForDone()

    def _write(self, pieces: list[str]) -> None:
        # Of two that wait, the earlier is not worth its time.
        self._pool.clear()
        self._pool.start(lambda: self._write_there(pieces))

    def _write_there(self, pieces: list[str]) -> None:
        try:
            self._recovery.write_text("".join(pieces))
        except SessionError as error:
            self.failed.emit(error)
            return
        self.written.emit()


def _worded(session: SavedSession) -> Generator[None, None, list[str]]:
    pieces = []
    for piece in session_pieces(session):
        pieces.append(piece)
        yield
    return pieces
