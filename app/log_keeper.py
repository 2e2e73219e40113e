"""The last lines of the program's log, kept for the log window and for reports of problems."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal

__all__ = ["LogKeeper", "LogLine", "as_text"]

_KEPT = 2000
_LONGEST = 20_000


@dataclass(frozen=True)
class LogLine:
    """One line of the log.

    Parameters
    ----------
    when : str
        In UTC, as ``2026-01-31T09:30:00Z``.
    level : int
        Of :mod:`logging`.
    source : str
        The logger: a module, "engine", "Qt" or "py.warnings".
    text : str
        The message.
    trace : str
        A traceback, "" where there is none.
    """

    when: str
    level: int
    source: str
    text: str
    trace: str = ""

    def __str__(self) -> str:
        line = f"{self.when}  {logging.getLevelName(self.level):<8} {self.source}: {self.text}"
        return f"{line}\n{self.trace.rstrip()}" if self.trace else line


def as_text(lines: list[LogLine]) -> str:
    """Lines as they are copied, saved and reported."""
    return "".join(f"{line}\n" for line in lines)


def _line(record: logging.LogRecord) -> LogLine:
    # Of an error in another process there is a text, and no traceback object.
    trace = str(getattr(record, "trace", ""))
    if record.exc_info:
        trace = logging.Formatter().formatException(record.exc_info)
    when = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    line = LogLine(when, record.levelno, record.name, record.getMessage(), trace)
    if len(line.text) + len(line.trace) > _LONGEST:
        # The end of a traceback says what went wrong.
        line = replace(line, text=line.text[:_LONGEST], trace=line.trace[-_LONGEST:])
    return line


class _Handler(logging.Handler):
    def __init__(self, keeper: LogKeeper) -> None:
        super().__init__(logging.INFO)
        self._keeper = keeper

    def emit(self, record: logging.LogRecord) -> None:
        # A signal, because other threads log too.
        self._keeper.arrived.emit(_line(record))


class LogKeeper(QObject):
    """Keeps the last 2,000 lines that were logged, from :meth:`start` to :meth:`stop`.

    Signals
    -------
    added(LogLine)
        In the Qt thread.
    """

    arrived = Signal(object)
    added = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: deque[LogLine] = deque(maxlen=_KEPT)
        self._handler = _Handler(self)
        self.arrived.connect(self._keep)

    def start(self) -> None:
        """Listen to what this process logs; engines log here what happens in theirs."""
        logging.getLogger().addHandler(self._handler)
        # What the program itself does is told from "information" on, other packages from "warning" on.
        logging.getLogger("app").setLevel(logging.INFO)

    def stop(self) -> None:
        """Listen no more."""
        logging.getLogger().removeHandler(self._handler)

    def clear(self) -> None:
        """Forget all lines."""
        self.lines.clear()

    def _keep(self, line: LogLine) -> None:
        self.lines.append(line)
        self.added.emit(line)
