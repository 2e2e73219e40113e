"""Every command of the registry, done in a window with work in it and in an empty one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QFileDialog, QInputDialog, QLineEdit, QMessageBox

from app.actions import ACTIONS
from app.engine import Engine
from app.hit_entries import entries_of_rows, now
from app.main_window import MainWindow
from app.views.message_bar import MessageBar

SHARED_WINDOW = True
# Ends the window: done last, in one of its own.
LAST = {"quit"}
# Dialogs that waited for an answer, and work that an engine began.
ASKED: list[str] = []
WORKED: list[bool] = []
IDS = [info.id for info in ACTIONS if info.id not in LAST]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Settings for the whole module, away from the user's."""
    folder = tmp_path_factory.mktemp("settings")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOLPHENIX_SETTINGS_DIR", str(folder))
        yield folder


@pytest.fixture(scope="module")
def shared(request: pytest.FixtureRequest) -> Iterator[MainWindow]:
    """One window for all commands: a process each would take minutes."""
    for needed in ("qapp", "settings"):
        request.getfixturevalue(needed)
    engine, drawing = Engine("canned_tasks", name="engine"), Engine("canned_tasks", name="drawing engine")
    window = MainWindow(engine, drawing)
    window.workspace.requests.background.busy_changed.connect(WORKED.append)
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
    saved = out / "session.molphenix"
    monkeypatch.setattr(
        QFileDialog, "getOpenFileName", lambda *_a, **_k: (str(saved) if saved.exists() else "", "")
    )
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_a, **_k: ([str(plate)], ""))
    monkeypatch.setattr(QInputDialog, "getText", lambda *_a, **named: (named.get("text") or "A name", True))
    monkeypatch.setattr(QInputDialog, "getItem", lambda _p, _t, _l, items, *_a, **_k: (items[0], True))
    monkeypatch.setattr(QMessageBox, "question", lambda *_a, **_k: QMessageBox.StandardButton.Yes)
    ASKED.clear()
    monkeypatch.setattr(QDialog, "exec", lambda dialog: ASKED.append(type(dialog).__name__) or 0)
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
def empty(shared: MainWindow, qtbot, request: pytest.FixtureRequest) -> Iterator[MainWindow]:
    """The window with nothing open, whose dialogs answer by themselves."""
    request.getfixturevalue("answered")
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


def _state(window: MainWindow, out: Path) -> dict[str, object]:
    """Everything that a user could see a command by."""
    workspace, clipboard = window.workspace, QApplication.clipboard()
    copied = clipboard.mimeData()
    focused = QApplication.focusWidget()
    return {
        "page": window.pages.current,
        "pages": repr(window.pages.view_states()),
        "colours": repr(window.colours.view_state()),
        "plates": [plate.path for plate in workspace.plates],
        "plate": workspace.barcode,
        "selection": workspace.selection.tolist(),
        "molecule": workspace.molecule,
        "lists": repr(workspace.hit_lists.lists),
        "current": repr(workspace.hit_lists.current),
        "steps": (workspace.undo_stack.index(), workspace.undo_stack.count()),
        "clipboard": (copied.formats() if copied is not None else [], clipboard.text()),
        "files": sorted(path.name for path in out.iterdir()),
        "windows": sorted(type(one).__name__ for one in QApplication.topLevelWidgets() if one.isVisible()),
        "editing": type(focused).__name__,
        # Off screen a window may not have the keyboard, and the editor of a cell not the focus.
        "editors": len([one for one in window.lists.table.findChildren(QLineEdit) if one.isVisible()]),
        "theme": window.settings.theme,
        "message": window.message_bar.text(),
        "asked": list(ASKED),
        "worked": len(WORKED),
    }


def _one_well(window: MainWindow) -> None:
    window.workspace.select([9])


def _two_treatments(window: MainWindow) -> None:
    plate = window.workspace.plate
    window.workspace.select([int(np.flatnonzero(plate.treatment_of_well == one)[0]) for one in (0, 3)])
    window.pages.show_page("compare")


def _saved_and_closed(window: MainWindow) -> None:
    window.actions_by_id["save_session_as"].trigger()
    window.workspace.close_all()


def _hits_without(window: MainWindow) -> None:
    window.pages.show_page("hits")
    window.workspace.select_none()


def _other_rule(window: MainWindow) -> None:
    window.pages.show_page("hits")
    window.hit_calling.form.findChildren(QCheckBox)[0].click()


def _click_row(window: MainWindow, row: int, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    table = window.lists.table
    at = table.visualRect(table.model().index(row, 1)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, keys, at)


def _chosen_hit(window: MainWindow) -> None:
    window.pages.show_page("lists")
    _click_row(window, 0)


def _confirmed_hit(window: MainWindow) -> None:
    _chosen_hit(window)
    window.actions_by_id["mark_confirmed"].trigger()
    _chosen_hit(window)


# The state in which a command has something to do, where "work in the window" is not that.
PREPARED: dict[str, Callable[[MainWindow], object]] = {
    "open_session": _saved_and_closed,
    "replicates": _one_well,
    "same_positions": _one_well,
    "show_candidates": lambda window: window.pages.show_page("map"),
    "candidates_as_cards": lambda window: window.actions_by_id["candidates_as_table"].trigger(),
    "redo": lambda window: window.workspace.undo_stack.undo(),
    "theme_system": lambda window: window.actions_by_id["theme_dark"].trigger(),
    "select_hits": _hits_without,
    "default_rule": _other_rule,
    "swap_compared": _two_treatments,
    "mark_new": _confirmed_hit,
    **dict.fromkeys(
        ("note_hits", "mark_to_confirm", "mark_confirmed", "mark_rejected", "remove_hits"), _chosen_hit
    ),
    **dict.fromkeys(
        ("list_hits", "copy_hit_calls", "save_hit_calls", "save_hit_picture"),
        lambda window: window.pages.show_page("hits"),
    ),
    **dict.fromkeys(
        ("judge_again", "copy_quality", "save_quality", "save_quality_picture"),
        lambda window: window.pages.show_page("quality"),
    ),
}


@pytest.mark.parametrize("name", IDS)
def test_with_work_in_the_window_a_command_does_something_to_see(
    working: MainWindow, qtbot, errors: list[str], answered: Path, name: str
) -> None:
    PREPARED.get(name, lambda _window: None)(working)
    qtbot.waitUntil(lambda: _quiet(working), timeout=20_000)
    working.message_bar.clear()
    QApplication.clipboard().clear()
    action = working.actions_by_id[name]
    assert action.isEnabled()
    before = _state(working, answered)
    action.trigger()
    qtbot.waitUntil(lambda: _quiet(working), timeout=20_000)
    qtbot.waitUntil(lambda: _state(working, answered) != before, timeout=5_000)
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
