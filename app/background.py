"""Work on arrays aside from the Qt thread; results that came too late are dropped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer

__all__ = ["Background"]

_MILLISECONDS_BETWEEN_LOOKS = 4


class _Job:
    def __init__(self, work: Callable[[], Any], use: Callable[[Any], None]) -> None:
        self.use = use
        self.result: Any = None
        self.error: BaseException | None = None
        self.stale = False
        self._work = work
        self.thread = threading.Thread(target=self._run, name="background")

    def _run(self) -> None:
        try:
            self.result = self._work()
        except Exception as error:  # noqa: BLE001 -- raised again in the Qt thread
            self.error = error


class _Jobs:
    """Outlives the object that Qt deletes, so that the last thread can be waited for."""

    def __init__(self) -> None:
        self.now: _Job | None = None
        self.next: _Job | None = None

    def end(self) -> None:
        self.next = None
        if self.now is not None:
            self.now.thread.join()
            self.now = None


class Background(QObject):
    """One thing done at a time in a thread, for numpy that lets go of the interpreter.

    Anything longer, or that needs the library, belongs to the engine. The thread looks at nothing of Qt, and ends
    before this object does.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        jobs = self._jobs = _Jobs()
        self._look = QTimer(self, interval=_MILLISECONDS_BETWEEN_LOOKS)
        self._look.timeout.connect(self._take)
        self.destroyed.connect(lambda: jobs.end())

    @property
    def busy(self) -> bool:
        """Whether a result is still to come."""
        now = self._jobs.now
        return self._jobs.next is not None or (now is not None and not now.stale)

    def run(self, work: Callable[[], Any], use: Callable[[Any], None]) -> None:
        """Do some work in the thread, and use its result in the Qt thread; earlier work is no longer wanted."""
        self.drop()
        job = _Job(work, use)
        if self._jobs.now is not None:
            self._jobs.next = job
        else:
            self._start(job)

    def drop(self) -> None:
        """No longer want any result."""
        self._jobs.next = None
        if self._jobs.now is not None:
            self._jobs.now.stale = True

    def _start(self, job: _Job) -> None:
        self._jobs.now = job
        job.thread.start()
        self._look.start()

    def _take(self) -> None:
        job = self._jobs.now
        if job is None or job.thread.is_alive():
            return
        job.thread.join()
        self._jobs.now = None
        following, self._jobs.next = self._jobs.next, None
        if following is not None:
            self._start(following)
        else:
            self._look.stop()
        if job.stale:
            return
        if job.error is not None:
            raise job.error
        job.use(job.result)
