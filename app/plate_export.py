"""Writing pictures of plates in a thread of their own, so that the window stays at hand."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, QThreadPool, Signal

from app.engine import EngineError
from app.plate_poster import PlatePoster, save_poster
from molphenix_core.errors import Cancelled, InputError

__all__ = ["PosterWriter"]


class PosterWriter(QObject):
    """Writes one poster after the other.

    Signals
    -------
    written(str)
        A poster is in this file.
    failed(EngineError)
    """

    written = Signal(str)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        # No thread waits for the next picture, which may never come.
        self._pool.setExpiryTimeout(0)
        self._stop = threading.Event()

    def write(self, path: str, poster: PlatePoster) -> None:
        """Write a poster; a signal follows."""
        self._pool.start(lambda: self._write(path, poster))

    def close(self) -> None:
        """Stop, and wait until no thread is left."""
        self._stop.set()
        self._pool.waitForDone()

    def _write(self, path: str, poster: PlatePoster) -> None:
        def progress(_share: float, _text: str) -> None:
            if self._stop.is_set():
                raise Cancelled

        try:
            save_poster(path, poster, progress=progress)
        except Cancelled:
            return
        except InputError as error:
            self.failed.emit(EngineError.of(error))
            return
        self.written.emit(path)
