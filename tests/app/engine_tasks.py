"""Tasks for the tests of the engine; imported in its process only."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import numpy as np

from molphenix_core.errors import PlateFileError
from molphenix_core.progress import Progress


class State:
    def __init__(self) -> None:
        self.calls = 0


def _double(state: State, progress: Progress, *, values: Any) -> dict[str, Any]:
    state.calls += 1
    progress(0.5, "half way")
    return {"values": np.asarray(values) * 2, "calls": state.calls, "picture": b"\x00png", "pid": os.getpid()}


def _refuse(_state: State, _progress: Progress, *, path: str) -> None:
    raise PlateFileError(path, "X", "3 columns", "4 columns")


def _break(_state: State, _progress: Progress) -> None:
    raise ZeroDivisionError("a defect")


def _for_ever(_state: State, progress: Progress) -> None:
    pause = threading.Event()
    while True:
        progress(0.1, "still at it")
        pause.wait(0.01)


def _die(_state: State, _progress: Progress) -> None:
    # Does not unwind, as a crash in native code would not.
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait()


TASKS = {"double": _double, "refuse": _refuse, "break": _break, "for_ever": _for_ever, "die": _die}
