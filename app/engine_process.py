"""The other end of :mod:`app.engine`: the process in which the library works.

It imports neither Qt nor, until a task needs them, torch, pandas or rdkit.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import logging
import os
import queue
import shutil
import signal
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from app.messages import describe_error, pack, unpack
from molphenix_core.errors import Cancelled
from molphenix_core.progress import Progress

__all__ = ["serve"]

_SECONDS_BETWEEN_PROGRESS = 0.05
_SECONDS_TO_STOP = 3.0
_NICER = 5
_BELOW_NORMAL_PRIORITY_CLASS = 0x4000


class _Channel:
    """The pipe, shared by the thread that listens and the one that works."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self.folder = folder
        self.requests: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self.cancelled: set[int] = set()
        self.closed = threading.Event()
        self._connection = connection
        self._lock = threading.Lock()

    def send(self, message: dict[str, Any]) -> None:
        data = pack(message, self.folder)
        try:
            with self._lock:
                self._connection.send_bytes(data)
        except OSError:
            # The window is gone; the listening thread notices too and ends the process.
            self.closed.set()

    def listen(self) -> None:
        """Take in requests and cancellations until the window closes its end, or is killed."""
        # The end of the pipe means that the window was killed: as when it closes, nobody waits for an answer.
        with contextlib.suppress(EOFError, OSError):
            while "stop" not in (message := unpack(self._connection.recv_bytes(), self.folder)):
                if "cancel" in message:
                    self.cancelled.add(int(message["cancel"]))
                else:
                    self.requests.put(message)
        self.closed.set()
        self.requests.put(None)
        threading.main_thread().join(_SECONDS_TO_STOP)
        if threading.main_thread().is_alive():
            # The work under way does not report progress, so it cannot be asked to stop.
            shutil.rmtree(self.folder, ignore_errors=True)
            os._exit(0)


def _progress(channel: _Channel, request: int) -> Progress:
    last = 0.0

    def report(share: float, text: str) -> None:
        nonlocal last
        if channel.closed.is_set() or request in channel.cancelled:
            raise Cancelled("Stopped")
        now = time.monotonic()
        if now - last >= _SECONDS_BETWEEN_PROGRESS or share >= 1:
            last = now
            channel.send({"id": request, "progress": [float(share), text]})

    return report


def _answer(channel: _Channel, tasks: Any, state: Any, message: dict[str, Any]) -> None:
    number = int(message["id"])
    channel.send({"id": number, "started": True})
    report = _progress(channel, number)
    try:
        if number in channel.cancelled:
            raise Cancelled("Stopped")
        result = tasks[message["task"]](state, report, **message["arguments"])
        channel.send({"id": number, "result": result})
    except Exception as error:  # noqa: BLE001 -- whatever goes wrong is the window's to show, not the process's end
        channel.send({"id": number, "error": describe_error(error)})
    finally:
        channel.cancelled.discard(number)


class _LogToWindow(logging.Handler):
    """Warnings of this process belong into the window's log."""

    def __init__(self, channel: _Channel) -> None:
        super().__init__(logging.WARNING)
        self._channel = channel

    def emit(self, record: logging.LogRecord) -> None:
        self._channel.send({"log": [record.levelno, record.name, self.format(record)]})


def _send_log(channel: _Channel) -> None:
    logging.captureWarnings(True)
    logging.getLogger().addHandler(_LogToWindow(channel))


def _let_the_window_go_first() -> None:
    """Have the system give the window's thread a processor before this process, which may use all of them."""
    if sys.platform == "win32":
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(_NICER)


def serve(connection: Connection, module: str, folder: str) -> None:
    """Answer requests until the window closes its end of the pipe.

    Parameters
    ----------
    connection : Connection
        This process's end of the pipe.
    module : str
        Module that holds ``TASKS``, a mapping from names to functions of (state, progress, **arguments),
        and ``State``, called once for what they keep between requests.
    folder : str
        Private folder for arrays on their way; removed at the end.
    """
    _let_the_window_go_first()
    # Ctrl+C in a terminal reaches both processes: the window decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = _Channel(connection, Path(folder))
    threading.Thread(target=channel.listen, name="engine-listen", daemon=True).start()
    tasks_module = importlib.import_module(module)
    _send_log(channel)
    state = tasks_module.State()
    channel.send({"ready": os.getpid()})
    while not channel.closed.is_set():
        message = channel.requests.get()
        if message is None:
            break
        _answer(channel, tasks_module.TASKS, state, message)
    shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.flush()
