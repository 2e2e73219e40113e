"""A report of a problem as a text to send: what happened, with what, and nothing private."""

from __future__ import annotations

import logging
import platform
import sys
from collections.abc import Iterable
from dataclasses import dataclass

import PySide6
from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

from app.engine import EngineError
from app.log_keeper import LogLine, as_text
from app.private_text import Secrets, hide
from app.records import Session
from molphenix_core.versions import installed_versions

__all__ = ["Problem", "problem_report"]

_LINES = 60


@dataclass(frozen=True)
class Problem:
    """What went wrong: what was being done, the error's class and text, and its traceback."""

    title: str
    kind: str
    text: str
    trace: str = ""

    @classmethod
    def of(cls, title: str, error: EngineError) -> Problem:
        """An error as the message bar was told of it."""
        return cls(title, error.kind, error.text, error.trace)


def problem_report(
    problem: Problem | None, *, session: Session, lines: Iterable[LogLine], secrets: Secrets
) -> str:
    """Write a report.

    Parameters
    ----------
    problem : Problem or None
        None where the user reports something of which the program knows nothing.
    session : Session
        Model and library in use.
    lines : iterable of LogLine
        Of the log; the last warnings and errors are told.
    secrets : Secrets
        What must not stand in it.

    Returns
    -------
    str
        Plain text, with placeholders for what :func:`app.private_text.hide` takes out.
    """
    versions = installed_versions() | {"PySide6": PySide6.__version__, "Qt": qVersion()}
    parts = [("Problem report of MolPhenix Desktop", "")]
    if problem is None:
        parts.append(("What happened", "(please write here what you did, what you expected, and what you saw)"))
    else:
        parts.append(("What happened", f"{problem.title}: {problem.kind}: {problem.text}"))
        if problem.trace:
            parts.append(("Traceback", problem.trace.rstrip()))
    parts += [
        ("Program", "\n".join(f"{name} {version}" for name, version in versions.items())),
        ("System", "\n".join(_system())),
        ("Model and library", "\n".join(_session(session))),
    ]
    grave = [line for line in lines if line.level >= logging.WARNING][-_LINES:]
    parts.append((f"Last warnings and errors ({len(grave)})", as_text(grave).rstrip() or "none"))
    return hide("\n\n".join(f"{title}\n{text}" if text else title for title, text in parts) + "\n", secrets)


def _system() -> list[str]:
    lines = [platform.platform(), f"Python {sys.version.split()[0]}, {platform.machine()}"]
    application = QGuiApplication.instance()
    if isinstance(application, QGuiApplication):
        screens = (
            f"{s.size().width()} x {s.size().height()} at {s.devicePixelRatio():g}" for s in application.screens()
        )
        lines.append(f"{application.platformName()}, screens: {', '.join(screens)}")
    return lines


def _session(session: Session) -> list[str]:
    return [
        f"model: {session.model or session.model_error or 'not loaded'}",
        f"SHA-256 of the whole model: {session.model_hash or 'none'}",
        f"hash of its molecule path: {session.molecule_path_hash or 'none'}",
        f"library: {session.library or session.library_error or 'not loaded'}",
        f"SHA-256 of its embeddings: {session.library_hash or 'none'}",
    ]
