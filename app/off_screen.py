"""The window's job without a display: rank a plate, write its hits and a picture of the window."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication

from app.application import Program, application
from app.demo import demo_plate
from app.engine import EngineError
from app.views.message_bar import error_text
from molphenix_core.errors import PlateFileError

__all__ = ["OffScreenError", "picture", "render", "run_off_screen", "wait_until"]

_MILLISECONDS_BETWEEN_LOOKS = 20
_SIZE = (1440, 900)


class OffScreenError(Exception):
    """The engine could not do what was asked; the text is for the user."""


def wait_until(done: Callable[[], bool]) -> None:
    """Let Qt work until a condition holds."""
    if done():
        return
    loop = QEventLoop()
    look = QTimer(interval=_MILLISECONDS_BETWEEN_LOOKS)
    look.timeout.connect(lambda: loop.quit() if done() else None)
    look.start()
    loop.exec()
    look.stop()


class _Failures:
    """Errors that the workspace reported."""

    def __init__(self, program: Program) -> None:
        self._texts: list[str] = []
        program.window.workspace.failed.connect(self._note)

    def _note(self, title: str, error: EngineError) -> None:
        self._texts.append(error_text(title, error))

    def __bool__(self) -> bool:
        return bool(self._texts)

    def raise_first(self) -> None:
        if self._texts:
            raise OffScreenError(self._texts[0])


def render(program: Program, plates: Sequence[str | Path]) -> None:
    """Open plates, rank the first selection and paint everything."""
    failures = _Failures(program)
    workspace = program.window.workspace
    program.window.resize(*_SIZE)
    program.window.show()
    program.open(plates)
    wait_until(lambda: bool(failures) or len(workspace.plates) == len(plates))
    failures.raise_first()
    wait_until(lambda: bool(failures) or workspace.ranking is not None or not len(workspace.selection))
    failures.raise_first()
    # Painting asks for the structures in sight; they are there when nothing is under way any more.
    picture(program)
    wait_until(lambda: program.window.structures.idle and program.drawing_engine.running is None)


def picture(program: Program) -> QPixmap:
    """The window as it looks now."""
    QApplication.processEvents()
    return program.window.grab()


def run_off_screen(folder: Path, plates: Sequence[str]) -> int:
    """Rank a plate and write ``hits.csv`` and ``window.png`` into a folder.

    Returns
    -------
    int
        The exit status: 1 when it failed, with one line on the standard error.
    """
    # The picture is the same wherever it is drawn, and the user's settings stay as they are.
    with tempfile.TemporaryDirectory() as fresh:
        os.environ["MOLPHENIX_SETTINGS_DIR"] = fresh
        return _run(folder, plates)


def _run(folder: Path, plates: Sequence[str]) -> int:
    application()
    program = Program()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        render(program, plates or [demo_plate()])
        hits, png = folder / "hits.csv", folder / "window.png"
        written: list[int] = []
        failures = _Failures(program)
        program.window.workspace.exported.connect(lambda _path, rows: written.append(rows))
        program.window.workspace.export_hits(hits)
        wait_until(lambda: bool(failures) or bool(written))
        failures.raise_first()
        program.window.message_bar.clear()
        if not picture(program).save(str(png)):
            raise OffScreenError(f"The picture could not be written to {png}")
    except (OffScreenError, PlateFileError, OSError) as error:
        print("molphenix: " + " ".join(str(error).split()), file=sys.stderr)
        return 1
    finally:
        program.close()
    print(f"{written[0]} hits: {hits.resolve()}\nwindow: {png.resolve()}")
    return 0
