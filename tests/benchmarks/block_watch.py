"""A watch on the Qt thread: how long its event loop did not come round."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer

__all__ = ["MILLISECONDS_ALLOWED", "BlockWatch", "Measured", "measure"]

MILLISECONDS_ALLOWED = 50
_TICK = 2


class BlockWatch:
    """Longest time in which Qt's event loop did not come round, in milliseconds, while watched."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer(interval=_TICK, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin anew."""
        self.longest = 0.0
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> float:
        """End, and return the longest block."""
        self._tick()
        self._timer.stop()
        return self.longest

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, 1000 * (now - self._last) - _TICK)
        self._last = now


class Measured:
    """What was measured, and whether every block of Qt was short enough."""

    def __init__(self) -> None:
        self.held = True

    def add(self, name: str, seconds: float, block: float) -> None:
        """Print one line."""
        verdict = "" if block <= MILLISECONDS_ALLOWED else f"  ABOVE {MILLISECONDS_ALLOWED} ms"
        self.held &= block <= MILLISECONDS_ALLOWED
        print(f"{name:<58} {seconds:7.2f} s   longest block of Qt {block:6.1f} ms{verdict}", flush=True)


def measure(
    name: str,
    begin: Callable[[], object],
    done: Callable[[], bool],
    settled: Callable[[], bool],
    measured: Measured,
) -> None:
    """Do something in the window and watch Qt until all of it has settled.

    Parameters
    ----------
    name : str
        For the line that is printed.
    begin : callable
        Sets it going.
    done : callable
        Whether the user has what was asked for: the time ends here.
    settled : callable
        Whether all that it set going, as painting and drawing, has ended: the watch ends here.
    measured : Measured
        Where it is noted.
    """
    from PySide6.QtWidgets import QApplication

    from app.off_screen import wait_until

    watch = BlockWatch()
    watch.start()
    began = time.perf_counter()
    begin()
    wait_until(done)
    seconds = time.perf_counter() - began
    wait_until(settled)
    QApplication.processEvents()
    measured.add(name, seconds, watch.stop())
