"""Start-up: the processes, the window, and what happens to errors nobody caught."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from app import settings, theme
from app.engine import Engine, EngineError
from app.icons import program_icon
from app.main_window import MainWindow

__all__ = ["Program", "application", "main"]

_log = logging.getLogger(__name__)


def application() -> QApplication:
    """The Qt application with its name, icon and theme."""
    existing = QApplication.instance()
    qt = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    qt.setApplicationName("MolPhenix Desktop")
    qt.setDesktopFileName("molphenix")
    qt.setWindowIcon(program_icon())
    theme.follow(qt)
    theme.choose(settings.load().theme)
    return qt


class Program:
    """One window and its two engine processes.

    Structures are drawn in a process of their own, which imports nothing but RDKit: cards fill while the
    library's process is busy with a long ranking.
    """

    def __init__(self) -> None:
        self.engine = Engine("app.tasks", name="engine")
        self.drawing_engine = Engine("app.drawing_tasks", name="drawing engine")
        # The processes import while the window is being built.
        self.engine.start()
        self.drawing_engine.start()
        self.window = MainWindow(self.engine, self.drawing_engine)
        self.window.workspace.load_session()

    def open(self, plates: Sequence[str | Path]) -> None:
        """Open plate files."""
        self.window.open_files(str(plate) for plate in plates)

    def close(self) -> None:
        """End the window and both processes."""
        self.window.close()
        self.engine.close()
        self.drawing_engine.close()


def _show_uncaught(program: Program) -> None:
    """A defect is logged and shown; the window goes on."""
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        before(kind, error, trace)
        _log.error("uncaught: %s", error, exc_info=(kind, error, trace))
        if isinstance(error, Exception) and threading.current_thread() is threading.main_thread():
            program.window.message_bar.show_error("A command", EngineError.of(error))

    sys.excepthook = hook


def _log_everything() -> None:
    """Let Python's warnings and Qt's messages go to the log, and warnings of it to the terminal."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.captureWarnings(True)
    levels = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
        QtMsgType.QtCriticalMsg: logging.ERROR,
        QtMsgType.QtFatalMsg: logging.CRITICAL,
    }
    qt = logging.getLogger("Qt")
    qInstallMessageHandler(lambda kind, _context, text: qt.log(levels[kind], "%s", text))


def main(plates: Sequence[str]) -> int:
    """Show the window on some plate files, or on the demo plate, until it is closed.

    Returns
    -------
    int
        The exit status: 1 where there is no display.
    """
    displays = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in displays):
        print("molphenix: there is no display; python -m app --off-screen DIR does without", file=sys.stderr)
        return 1
    # Qt's loop would keep Python from seeing Ctrl+C; the engine processes end when the window's does.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _log_everything()
    qt = application()
    program = Program()
    _show_uncaught(program)
    program.window.show()
    program.window.session.offer_recovery()
    # After the first paint: nothing stands between the user and the window.
    QTimer.singleShot(0, lambda: program.open(plates) if plates else program.window.commands.file.open_demo())
    status = qt.exec()
    program.close()
    return status
