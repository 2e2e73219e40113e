"""The window's end of an engine process, in which the library does its work.

Importing torch or pandas freezes a window for some hundred milliseconds even from a thread, and a damaged
file can kill the process that reads it: so none of that happens in the window's process.
"""

from __future__ import annotations

import atexit
import itertools
import logging
import multiprocessing
import shutil
import tempfile
import threading
import weakref
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from app.engine_process import serve
from app.messages import describe_error, pack, unpack

__all__ = ["Engine", "EngineError", "Request"]

_log = logging.getLogger(__name__)
_SECONDS_TO_STOP = 5.0
# With no request answered in between.
_DEATHS_TO_GIVE_UP = 2


@dataclass(frozen=True)
class EngineError:
    """Why a request failed.

    Parameters
    ----------
    kind : str
        Name of the error's class, as "PlateFileError", "Cancelled" or "EngineDied".
    text : str
        Its message, for the user.
    fields : dict
        ``source``, ``field``, ``found`` and ``expected`` where the error is about some input.
    trace : str
        The traceback, for a report.
    """

    kind: str
    text: str
    fields: dict[str, str] = field(default_factory=dict)
    trace: str = ""

    @classmethod
    def unpack(cls, packed: dict[str, Any]) -> EngineError:
        """Read what :func:`app.messages.describe_error` wrote."""
        return cls(packed["class"], packed["text"], packed["fields"], packed["trace"])

    @classmethod
    def of(cls, error: BaseException) -> EngineError:
        """The same for an error in the window's own process."""
        return cls.unpack(describe_error(error))

    @property
    def cancelled(self) -> bool:
        """Whether the user asked for it."""
        return self.kind == "Cancelled"

    @property
    def expected(self) -> bool:
        """Whether the message alone tells the user what to do, without a traceback."""
        return bool(self.fields) or self.kind in {"Cancelled", "EngineDied"}


class Request(QObject):
    """One piece of work asked of the engine."""

    progressed = Signal(float, str)
    finished = Signal(object)
    failed = Signal(object)

    def __init__(self, engine: Engine, number: int, title: str) -> None:
        # No parent: it lives as long as somebody waits for it.
        super().__init__()
        self.number = number
        self.title = title
        self.started = False
        self.done = False
        self._engine = engine

    def cancel(self) -> None:
        """Ask the engine to stop; ``failed`` follows with an error of kind "Cancelled"."""
        if not self.done:
            self._engine._send({"cancel": self.number})


class Engine(QObject):
    """One process that answers requests, one after the other.

    Parameters
    ----------
    tasks : str
        Module with the tasks, imported in that process only.
    name : str
        For messages and process lists.
    """

    busy_changed = Signal(bool)
    progressed = Signal(object, float, str)
    died = Signal(str)
    restarted = Signal()
    _received = Signal(int, object)
    _ended = Signal(int)
    _unanswerable = Signal(object)

    def __init__(self, tasks: str, *, name: str = "engine", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._tasks = tasks
        self._numbers = itertools.count(1)
        self._pending: dict[int, Request] = {}
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._reader: threading.Thread | None = None
        self._folder = Path()
        self._remove_folder: weakref.finalize[..., Engine] | None = None
        self._generation = 0
        self._ready = self._closed = False
        self._deaths = 0
        self._unanswerable.connect(self._refuse, Qt.ConnectionType.QueuedConnection)
        self._received.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self._bury, Qt.ConnectionType.QueuedConnection)
        atexit.register(_end_at_exit, weakref.ref(self))

    @property
    def tasks(self) -> str:
        """Module with the tasks."""
        return self._tasks

    @property
    def pid(self) -> int | None:
        """Process id while a process is there."""
        return self._process.pid if self._process is not None else None

    @property
    def running(self) -> Request | None:
        """The request under way, or the first of those that wait."""
        started = [request for request in self._pending.values() if request.started]
        return next(iter(started or self._pending.values()), None)

    @property
    def given_up(self) -> bool:
        """Whether the process ended so often without an answer that it is not started any more."""
        return self._deaths >= _DEATHS_TO_GIVE_UP

    def try_again(self) -> None:
        """Start a process that was given up, because the user asks for it."""
        self._deaths = 0
        if self._process is None and not self._closed:
            self.start()
            self.restarted.emit()

    def start(self) -> None:
        """Start the process; does nothing when it is there, has been given up, or after :meth:`close`."""
        if self._process is not None or self._closed or self.given_up:
            return
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=True)
        self._folder = Path(tempfile.mkdtemp(prefix="molphenix-"))
        # Also when the program ends by an error, without close().
        self._remove_folder = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._generation += 1
        self._ready = False
        self._connection = ours
        self._process = context.Process(
            target=serve,
            args=(theirs, self._tasks, str(self._folder)),
            name=self.objectName(),
            daemon=True,
        )
        self._process.start()
        # Only the child may hold its end, or its death would not be seen as the end of the pipe.
        theirs.close()
        self._reader = threading.Thread(
            target=self._read,
            args=(ours, self._folder, self._generation),
            name=f"{self.objectName()}-read",
            daemon=True,
        )
        self._reader.start()

    def submit(self, task: str, *, title: str = "", **arguments: Any) -> Request:
        """Ask for a task; arguments must be JSON.

        Parameters
        ----------
        task : str
            Its name in the task module.
        title : str
            What the user reads while it runs, as "Ranking 6 wells".
        """
        self.start()
        request = Request(self, next(self._numbers), title or task)
        idle = not self._pending
        self._pending[request.number] = request
        if idle:
            self.busy_changed.emit(True)
        if self.given_up:
            # Not at once: the caller has yet to listen.
            self._unanswerable.emit(request)
        self._send({"id": request.number, "task": task, "arguments": arguments})
        return request

    def close(self) -> None:
        """End the process for good, waiting for the work under way to notice; nothing is left behind.

        Requests made later are never answered.
        """
        self._closed = True
        if self._process is None or self._reader is None or self._connection is None:
            return
        self._generation += 1
        pending, self._pending = list(self._pending.values()), {}
        self._send({"stop": True})
        self._process.join(_SECONDS_TO_STOP)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._clear()
        for request in pending:
            self._fail(request, EngineError("Cancelled", "Stopped: the window was closed"))

    def _abandon(self) -> None:
        """End the process at once, when the program ends without :meth:`close`.

        The reading thread must be gone before the interpreter takes Qt apart: it emits signals.
        """
        self._closed = True
        if self._process is not None:
            self._process.kill()
            self._clear()

    def _clear(self) -> int | None:
        """Let go of a process that has ended: its exit code."""
        code = None
        if self._reader is not None:
            self._reader.join()
        if self._process is not None:
            self._process.join()
            code = self._process.exitcode
            self._process.close()
        if self._connection is not None:
            self._connection.close()
        if self._remove_folder is not None:
            self._remove_folder()
        self._process = self._connection = self._reader = None
        return code

    def _send(self, message: dict[str, Any]) -> None:
        if self._connection is None:
            return
        try:
            self._connection.send_bytes(pack(message, self._folder))
        except OSError:
            # The process is gone: the reader sees the end of the pipe and every pending request fails there.
            _log.debug("message to a process that has ended", exc_info=True)

    def _read(self, connection: Connection, folder: Path, generation: int) -> None:
        try:
            while True:
                self._received.emit(generation, unpack(connection.recv_bytes(), folder))
        except (EOFError, OSError):
            self._ended.emit(generation)

    def _deliver(self, generation: int, message: dict[str, Any]) -> None:
        if generation != self._generation:
            return
        if "ready" in message:
            self._ready = True
            _log.info("the %s is ready", self.objectName())
            return
        if "log" in message:
            level, source, text = message["log"]
            _log.log(level, "%s: %s: %s", self.objectName(), source, text)
            return
        request = self._pending.get(message["id"])
        if request is None:
            return
        if "started" in message:
            request.started = True
            self.progressed.emit(request, 0.0, request.title)
        elif "progress" in message:
            share, text = message["progress"]
            request.progressed.emit(share, text)
            self.progressed.emit(request, share, text or request.title)
        elif "result" in message:
            self._deaths = 0
            self._settle(request)
            request.finished.emit(message["result"])
        else:
            self._deaths = 0
            self._settle(request)
            self._fail(request, EngineError.unpack(message["error"]))

    def _refuse(self, request: Request) -> None:
        if request.number in self._pending:
            self._settle(request)
            text = f"The {self.objectName()} is not running, so “{request.title}” was not done."
            self._fail(request, EngineError("EngineDied", text))

    def _settle(self, request: Request) -> None:
        request.done = True
        del self._pending[request.number]
        if not self._pending:
            self.busy_changed.emit(False)

    def _fail(self, request: Request, error: EngineError) -> None:
        request.done = True
        request.failed.emit(error)

    def _bury(self, generation: int) -> None:
        """The process ended by itself: say so to all who wait, and start another where that may help."""
        if generation != self._generation:
            return
        was_ready, running = self._ready, self.running
        code = self._clear()
        during = f" while working on “{running.title}”" if running is not None else ""
        self._deaths += 1
        # A process that never came up would only fall again: the next request tries.
        again = was_ready and not self.given_up
        if not was_ready:
            text = f"The {self.objectName()} could not be started (exit code {code})."
        else:
            text = f"The {self.objectName()} stopped unexpectedly{during} (exit code {code}) and was "
            text += "started again." if again else "not started again, because it did so before."
        pending, self._pending = list(self._pending.values()), {}
        if pending:
            self.busy_changed.emit(False)
        if again:
            self.start()
        for request in pending:
            self._fail(request, EngineError("EngineDied", text))
        _log.error("%s", text)
        self.died.emit(text)
        if again:
            self.restarted.emit()


def _end_at_exit(engine: weakref.ref[Engine]) -> None:
    alive = engine()
    if alive is not None:
        alive._abandon()
