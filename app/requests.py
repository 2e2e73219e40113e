"""What the window asks of its engines: one answer a purpose, stale ones dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.engine import Engine, EngineError, Request

__all__ = ["Requests"]

# Nobody asks for the model again: what it is would stay unknown.
_NEVER_CANCELLED = frozenset({"session"})


class Requests(QObject):
    """Requests to the engine and to a second one for long work.

    Parameters
    ----------
    engine : Engine
        Answers what the user waits for.
    """

    failed = Signal(str, object)

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.engine = engine
        # Started by the first long request: most windows never need it. A ranking never waits behind a map.
        self.background = Engine(engine.tasks, name="background engine", parent=self)
        self._latest: dict[str, Request] = {}

    def ask(
        self,
        purpose: str,
        task: str,
        title: str,
        use: Callable[[Any], None],
        refuse: Callable[[EngineError], None] | None = None,
        *,
        background: bool = False,
        **arguments: Any,
    ) -> None:
        """Ask an engine; an answer that a later request for the same purpose made stale is dropped.

        Parameters
        ----------
        purpose : str
            What the answer is for.
        task : str
            Its name in :mod:`app.tasks`.
        title : str
            What the user reads while it runs, as "Ranking 6 wells".
        use : callable
            Takes the answer, in the Qt thread.
        refuse : callable or None
            Takes the error, before ``failed`` tells of it.
        background : bool
            Whether it may take more than half a second: then the second engine does it.
        **arguments : JSON values and arrays
            Of the task.
        """
        self.withdraw(purpose)
        engine = self.background if background else self.engine
        request = engine.submit(task, title=title, **arguments)
        self._latest[purpose] = request
        request.finished.connect(lambda result: self._answered(purpose, request, use, result))
        request.failed.connect(lambda error: self._refused(purpose, request, refuse, error))

    def withdraw(self, purpose: str) -> None:
        """Drop the answer that a purpose waits for, and ask the engine to stop."""
        stale = self._latest.pop(purpose, None)
        if stale is not None:
            stale.cancel()

    def waits_for(self, purpose: str) -> bool:
        """Whether a purpose has been asked for and not been answered."""
        return purpose in self._latest

    def cancel_all(self) -> None:
        """Stop whatever the engines do for the user; those who wait are told so."""
        for purpose, request in list(self._latest.items()):
            if purpose not in _NEVER_CANCELLED:
                request.cancel()

    @property
    def can_cancel(self) -> bool:
        """Whether there is anything that :meth:`cancel_all` stops."""
        return bool(self._latest.keys() - _NEVER_CANCELLED)

    def close(self) -> None:
        """End the second engine; the first is its maker's to end."""
        self.background.close()

    def _is_latest(self, purpose: str, request: Request) -> bool:
        if self._latest.get(purpose) is not request:
            return False
        del self._latest[purpose]
        return True

    def _answered(self, purpose: str, request: Request, use: Callable[[Any], None], result: Any) -> None:
        if self._is_latest(purpose, request):
            use(result)

    def _refused(
        self, purpose: str, request: Request, refuse: Callable[[EngineError], None] | None, error: EngineError
    ) -> None:
        if not self._is_latest(purpose, request):
            return
        if refuse is not None:
            refuse(error)
        if not error.cancelled:
            self.failed.emit(request.title, error)
