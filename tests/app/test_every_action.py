"""Every command of the registry, done in a window with work in it and in an empty one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog, QMessageBox

from app.actions import ACTIONS
from app.engine import Engine
from app.hit_entries import entries_of_rows, now
from app.main_window import MainWindow
from app.views.message_bar import MessageBar

# Ends the window: done last, in one of its own.
LAST = {"quit"}
IDS = [info.id for info in ACTIONS if info.id not in LAST]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Settings for the whole module, away from the user's."""
    folder = tmp_path_factory.mktemp("settings")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOLPHENIX_SETTINGS_DIR", str(folder))
        yield folder


@pytest.fixture(scope="module")
def shared(qapp, settings: Path) -> Iterator[MainWindow]:
    """One window for all commands: a process each would take minutes."""
    engine, drawing = Engine("canned_tasks", name="engine"), Engine("canned_tasks", name="drawing engine")
    window = MainWindow(engine, drawing)
    window.show()
    yield window
    window.close()
    engine.close()
    drawing.close()


@pytest.fixture
def answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Dialogs answer by themselves: files go into a folder, questions are answered with their default."""
    out = tmp_path / "out"
    out.mkdir()

    def save(_parent=None, _title="", start="", filters="", *_more, **_named) -> tuple[str, str]:
        first = filters.split(";;")[0]
        ending = first[first.index("*.") + 1 :].rstrip(") ").split()[0] if "*." in first else ""
        name = Path(start).name or f"file{ending}"
        return str(out / (name if Path(name).suffix else name + ending)), first

    plate = tmp_path / "other.h5ad"
    plate.touch()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", save)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_a, **_k: ("", ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_a, **_k: ([str(plate)], ""))
    monkeypatch.setattr(QInputDialog, "getText", lambda *_a, **named: (named.get("text") or "A name", True))
    monkeypatch.setattr(QInputDialog, "getItem", lambda _p, _t, _l, items, *_a, **_k: (items[0], True))
    monkeypatch.setattr(QMessageBox, "question", lambda *_a, **_k: QMessageBox.StandardButton.Yes)
    monkeypatch.setattr(QDialog, "exec", lambda dialog: dialog.done(QDialog.DialogCode.Rejected) or 0)
    return out


def _quiet(window: MainWindow) -> bool:
    background = window.workspace.requests.background
    return (
        window.workspace.engine.running is None
        and background.running is None
        and not window.workspace.busy_ranking
    )


def _tidy(window: MainWindow, qtbot) -> None:
    for dialog in window.findChildren(QDialog):
        dialog.close()
    qtbot.waitUntil(lambda: _quiet(window), timeout=20_000)
    window.workspace.close_all()
    window.workspace.hit_lists.load((), "")
    window.message_bar.clear()
    window.pages.show_page("candidates")


@pytest.fixture
def empty(shared: MainWindow, qtbot, answered: Path) -> Iterator[MainWindow]:
    """The window with nothing open."""
    yield shared
    _tidy(shared, qtbot)


@pytest.fixture
def working(empty: MainWindow, qtbot, tmp_path: Path) -> MainWindow:
    """The window with a plate open, wells ranked, a molecule chosen and two hit lists."""
    path = tmp_path / "screen.h5ad"
    path.touch()
    workspace = empty.workspace
    workspace.open([path])
    qtbot.waitUntil(lambda: workspace.ranking is not None, timeout=20_000)
    hits = entries_of_rows(workspace.plate, workspace.selection, now())
    workspace.hit_lists.create("First", hits)
    workspace.hit_lists.create("Second", hits)
    return empty


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the window tells of failures."""
    told: list[str] = []
    monkeypatch.setattr(
        MessageBar, "show_error", lambda _bar, title, error, _offer=None: told.append(f"{title}: {error.text}")
    )
    return told


@pytest.mark.parametrize("name", IDS)
def test_with_work_in_the_window_a_command_is_done_or_cannot_be_chosen(
    working: MainWindow, qtbot, errors: list[str], name: str
) -> None:
    action = working.actions_by_id[name]
    if action.isEnabled():
        action.trigger()
        qtbot.waitUntil(lambda: _quiet(working), timeout=20_000)
    assert errors == []


@pytest.mark.parametrize("name", IDS)
def test_with_nothing_open_a_command_is_done_or_cannot_be_chosen(
    empty: MainWindow, qtbot, errors: list[str], name: str
) -> None:
    action = empty.actions_by_id[name]
    if action.isEnabled():
        action.trigger()
        qtbot.waitUntil(lambda: _quiet(empty), timeout=20_000)
    assert errors == []


def test_quit_closes_the_window(window: MainWindow) -> None:
    window.actions_by_id["quit"].trigger()
    assert not window.isVisible()
