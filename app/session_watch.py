"""Notices that a window shows other things than it did: pages have no common signal for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

__all__ = ["ViewWatch"]

# What the pages say of themselves is a few short lists: comparing them is cheap.
_MILLISECONDS_TO_LOOK = 1500


class ViewWatch(QObject):
    """Compares what is shown now and then.

    Signals
    -------
    changed()
        What is shown is not what :meth:`keep` kept, or nothing was kept yet.

    Parameters
    ----------
    shown : callable
        What is shown, as values that can be compared.
    """

    changed = Signal()

    def __init__(self, shown: Callable[[], Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown = shown
        self._kept: Any = None
        self._timer = QTimer(self, interval=_MILLISECONDS_TO_LOOK)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def keep(self) -> None:
        """Take what is shown now as known."""
        self._kept = self._shown()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def _look(self) -> None:
        if self._shown() != self._kept:
            self.changed.emit()
