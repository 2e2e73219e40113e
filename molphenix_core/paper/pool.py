"""Work spread over processes that a stop, a crash or a failed task never leaves behind.

``multiprocessing.Pool`` waits for ever when one of its processes dies, as of too little memory; here the task
counts as failed and another process takes over.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

__all__ = ["Failure", "run_in_processes"]

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@dataclass(frozen=True)
class Failure:
    """Why a task gave no result."""

    reason: str


@dataclass(frozen=True)
class _Worker:
    process: BaseProcess
    connection: Connection


def run_in_processes(
    work: Callable[[Any], Any],
    tasks: Sequence[Any],
    *,
    processes: int,
    done: Callable[[int, Any | Failure], None],
) -> None:
    """Do tasks in processes of one thread each.

    Parameters
    ----------
    work : callable
        From a module, so that a fresh process finds it; it and its results can be pickled.
    tasks : sequence
    processes : int
        At most; at least one.
    done : callable
        Told the number of each task that ended, in the order of their ends, with its result, or a
        :class:`Failure`. Whatever it raises ends the run, as Ctrl-C does.
    """
    waiting = deque(range(len(tasks)))
    workers: dict[Connection, tuple[_Worker, int]] = {}

    def give(worker: _Worker) -> None:
        if not waiting:
            _stop(worker)
            return
        number = waiting.popleft()
        workers[worker.connection] = worker, number
        worker.connection.send(tasks[number])

    try:
        for _ in range(min(processes, len(tasks))):
            give(_start(work))
        while workers:
            for connection in wait(list(workers)):
                assert isinstance(connection, Connection)
                worker, number = workers[connection]
                try:
                    result = connection.recv()
                except (EOFError, OSError):
                    del workers[connection]
                    worker.process.join()
                    code = worker.process.exitcode
                    _stop(worker)
                    done(number, Failure(f"its process ended with exit code {code}"))
                    if waiting:
                        give(_start(work))
                    continue
                # Busy again before the result is looked at, which takes a moment.
                del workers[connection]
                give(worker)
                done(number, result)
    finally:
        for worker, _ in workers.values():
            worker.process.terminate()
        for worker, _ in workers.values():
            _stop(worker)


def _start(work: Callable[[Any], Any]) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, work), daemon=True)
    with _one_thread():
        process.start()
    theirs.close()
    return _Worker(process, ours)


def _stop(worker: _Worker) -> None:
    # An idle process ends when its pipe does.
    worker.connection.close()
    worker.process.join()
    worker.process.close()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let processes that start meanwhile compute with one thread: many of them contend for the processors."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _serve(connection: Connection, work: Callable[[Any], Any]) -> None:
    # Ctrl-C reaches the whole group; the process that started this one ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            task = connection.recv()
        except (EOFError, OSError):
            return
        try:
            result = work(task)
        except Exception as error:  # noqa: BLE001
            # Whatever goes wrong in one task is told as its failure: the others are not to be lost with it.
            result = Failure(" ".join(f"{type(error).__name__}: {error}".split()))
        try:
            connection.send(result)
        except (BrokenPipeError, OSError):
            return
