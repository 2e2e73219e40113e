"""Long work of Python in the Qt thread, a few milliseconds at a time.

A thread of its own would keep the interpreter from Qt's for as long: Python runs one of them at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any

from PySide6.QtCore import QObject, QTimer

from molphenix_core.errors import InputError

__all__ = ["Slices"]

_SECONDS_A_SLICE = 0.008

Steps = Generator[None, None, Any]


class Slices(QObject):
    """Runs one generator after another, each in slices between which the window answers.

    The first slice is done at once: what is short is done when :meth:`run` returns.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[tuple[Steps, Callable[[Any], None], Callable[[InputError], None]]] = []
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._work)

    @property
    def busy(self) -> bool:
        """Whether anything is still to be done."""
        return bool(self._waiting)

    def run(
        self, steps: Steps, use: Callable[[Any], None], refuse: Callable[[InputError], None] | None = None
    ) -> None:
        """Exhaust a generator.

        Parameters
        ----------
        steps : generator
            Yields often; each step a millisecond or less.
        use : callable
            Takes what it returns.
        refuse : callable or None
            Takes the error that it raises; with None that goes on as any defect does.
        """
        self._waiting.append((steps, use, refuse or _raise))
        if len(self._waiting) == 1:
            self._work()
        if self._waiting:
            self._timer.start()

    def drop(self) -> None:
        """Forget what is under way."""
        for steps, _, _ in self._waiting:
            steps.close()
        self._waiting.clear()
        self._timer.stop()

    def _work(self) -> None:
        end = time.perf_counter() + _SECONDS_A_SLICE
        while self._waiting and time.perf_counter() < end:
            steps, use, refuse = self._waiting[0]
            try:
                next(steps)
                continue
            except StopIteration as ended:
                self._waiting.pop(0)
                use(ended.value)
            except InputError as error:
                self._waiting.pop(0)
                refuse(error)
        if not self._waiting:
            self._timer.stop()


def _raise(error: InputError) -> None:
    raise error
