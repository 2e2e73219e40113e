"""Work on many structures, in processes where that pays."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from molphenix_core.progress import Progress, silent

__all__ = ["MANY", "map_chunks"]

MANY = 5_000
"""Up to this many structures, starting processes (about two seconds) costs more than it saves."""

_CHUNK = 200

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_chunks(
    function: Callable[[Sequence[Item]], Result],
    items: Sequence[Item],
    *,
    processes: int | None = None,
    progress: Progress = silent,
    message: str,
) -> Iterator[Result]:
    """Apply a function to runs of consecutive items, and yield the results in order.

    Parameters
    ----------
    function : callable
        Takes a run of items. Must be importable by name when more than one process is used.
    items : sequence
        What to work on.
    processes : int, optional
        How many; by default one up to :data:`MANY` items, else one per processor. Processes are spawned, so a
        script that calls this needs the usual ``if __name__ == "__main__"``.
    progress : callable
        Called after each run with the share done and ``message``; what it raises stops the work.
    message : str
        What is being done, for the user.

    Yields
    ------
    Result
        What the function returns, run by run.
    """
    chunks = [items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK)]
    if processes is None:
        processes = 1 if len(items) <= MANY else os.cpu_count() or 1
    # A daemonic process may not have children.
    if processes <= 1 or len(chunks) <= 1 or multiprocessing.current_process().daemon:
        for done, chunk in enumerate(chunks, start=1):
            yield function(chunk)
            progress(done / len(chunks), message)
        return

    pool = ProcessPoolExecutor(
        min(processes, len(chunks)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_end_with_parent,
    )
    try:
        futures = [pool.submit(function, chunk) for chunk in chunks]
        for done, future in enumerate(futures, start=1):
            yield future.result()
            progress(done / len(chunks), message)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _end_with_parent() -> None:
    """Worker processes of a killed parent wait for ever on a queue that they hold open for each other."""
    parent = multiprocessing.parent_process()
    assert parent is not None, "runs in worker processes only"

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, name="parent watch", daemon=True).start()
