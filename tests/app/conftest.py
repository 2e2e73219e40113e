"""Fixtures of the window's tests: a small plate as a record and as a file, and windows on engines."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import canned_tasks
import pytest
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app import theme
from app.engine import Engine
from app.main_window import MainWindow
from app.open_plate import OpenPlate

_SECONDS_TO_END = 5.0


@pytest.fixture(autouse=True)
def settings_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of the tests stay away from the user's."""
    folder = tmp_path / "settings"
    monkeypatch.setenv("MOLPHENIX_SETTINGS_DIR", str(folder))
    return folder


def _left_behind() -> set[str]:
    """Threads and processes that Python knows; Qt's own pool threads are no concern of a test."""
    threads = {f"thread {one.name}" for one in threading.enumerate() if not one.name.startswith("Dummy-")}
    return threads | {f"process {one.name} {one.pid}" for one in multiprocessing.active_children()}


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test leaves a thread or a process; modules whose tests share a window say ``SHARED_WINDOW = True``."""
    before = _left_behind()
    yield
    if getattr(request.module, "SHARED_WINDOW", False):
        return
    until = time.monotonic() + _SECONDS_TO_END
    while (left := _left_behind() - before) and time.monotonic() < until:
        QCoreApplication.processEvents()
    assert not left


@pytest.fixture(autouse=True)
def light() -> Iterator[None]:
    """What one test paints dark is light for the next."""
    yield
    application = QApplication.instance()
    if isinstance(application, QApplication) and theme.theme_of(application.palette()).dark:
        theme.apply(application, theme.LIGHT)


@pytest.fixture
def plate() -> OpenPlate:
    """Two 96-well plates: see :mod:`canned_tasks`."""
    return OpenPlate.unpack(canned_tasks.packed_plate("screen.h5ad"))


@pytest.fixture
def window(request: pytest.FixtureRequest) -> Iterator[MainWindow]:
    """The real window over a real engine process, whose tasks answer without the library."""
    request.getfixturevalue("qtbot")
    engine = Engine("canned_tasks", name="engine")
    drawing = Engine("canned_tasks", name="drawing engine")
    window = MainWindow(engine, drawing)
    window.show()
    yield window
    window.close()
    engine.close()
    drawing.close()


@pytest.fixture
def broken(request: pytest.FixtureRequest) -> Iterator[MainWindow]:
    """The window over engines that cannot start."""
    request.getfixturevalue("qtbot")
    engine, drawing = Engine("no_such_tasks", name="engine"), Engine("no_such_tasks", name="drawing engine")
    window = MainWindow(engine, drawing)
    window.show()
    yield window
    window.close()
    engine.close()
    drawing.close()


@pytest.fixture
def ranked(window: MainWindow, qtbot, tmp_path) -> MainWindow:
    """The window with a plate open and its first selection ranked."""
    path = tmp_path / "screen.h5ad"
    path.touch()
    window.workspace.open([path])
    qtbot.waitUntil(lambda: window.workspace.ranking is not None, timeout=20_000)
    return window


def click(
    widget: QWidget,
    point: QPoint,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """A real click of the left button."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, modifier, point)


def drag(
    widget: QWidget,
    start: QPoint,
    end: QPoint,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Press, move in two steps and release."""
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, modifier, start)
    for point in ((start + end) / 2, end):
        QTest.mouseMove(widget, point)
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, modifier, end)


@pytest.fixture
def hands() -> Any:
    """``click`` and ``drag``."""

    class Hands:
        click = staticmethod(click)
        drag = staticmethod(drag)

    return Hands
