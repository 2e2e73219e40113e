"""What the window survives: slow work, work that is stopped, and processes that die or never start."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from canned_tasks import MOLECULES
from PySide6.QtCore import QSize, Qt

TIMEOUT = 20_000


def opened(window, qtbot, path: Path) -> None:
    path.touch()
    with qtbot.waitSignal(window.workspace.opened, timeout=TIMEOUT):
        window.workspace.open([path])


def test_slow_work_shows_progress_and_can_be_stopped(ranked, qtbot, tmp_path):
    status = ranked.statusBar()
    slow = tmp_path / "slow.h5ad"
    slow.touch()
    ranked.workspace.open([slow])
    qtbot.waitUntil(status.cancel.isVisible, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: status.progress.value() == 30, timeout=TIMEOUT)
    assert status.engine.text() == "Reading wells"
    qtbot.mouseClick(status.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: status.engine.text() == "Engine idle", timeout=TIMEOUT)
    assert len(ranked.workspace.plates) == 1
    assert ranked.message_bar.text() == ""


def test_stopping_all_work_while_the_model_loads_keeps_the_model(window, qtbot, tmp_path):
    status, workspace = window.statusBar(), window.workspace
    (tmp_path / "hold").touch()
    workspace.load_session()
    qtbot.waitUntil(lambda: status.engine.text() == "Loading the model", timeout=TIMEOUT)
    assert not workspace.can_cancel
    qtbot.waitUntil(status.progress.isVisible, timeout=TIMEOUT)
    assert not status.cancel.isVisible()
    workspace.open([tmp_path / "screen.h5ad"])
    qtbot.waitUntil(status.cancel.isVisible, timeout=TIMEOUT)
    qtbot.mouseClick(status.cancel, Qt.MouseButton.LeftButton)
    (tmp_path / "hold").unlink()
    qtbot.waitUntil(lambda: status.model.text() == "test model", timeout=TIMEOUT)
    qtbot.waitUntil(lambda: workspace.engine.running is None, timeout=TIMEOUT)
    assert workspace.plates == []


def test_a_dead_engine_costs_a_message_not_the_window(ranked, qtbot, tmp_path):
    opened(ranked, qtbot, tmp_path / "fatal.h5ad")
    qtbot.waitUntil(lambda: ranked.workspace.ranking_error is not None, timeout=TIMEOUT)
    assert "Ranking 4 wells" in ranked.message_bar.text()
    assert "started again" in ranked.message_bar.text()
    ranked.workspace.show(ranked.workspace.plates[0])
    ranked.workspace.select([9, 10])
    qtbot.waitUntil(lambda: ranked.workspace.ranking is not None, timeout=TIMEOUT)


def test_an_engine_that_dies_idle_is_said_and_started_again(ranked, qtbot):
    engine = ranked.workspace.engine
    qtbot.waitUntil(lambda: engine.running is None, timeout=TIMEOUT)
    before = engine.pid
    with qtbot.waitSignal(engine.died, timeout=TIMEOUT):
        os.kill(before, signal.SIGKILL)
    assert "stopped unexpectedly" in ranked.message_bar.text()
    assert engine.pid not in (None, before)
    ranked.workspace.select([9, 10])
    qtbot.waitUntil(lambda: ranked.workspace.ranking is not None, timeout=TIMEOUT)


def test_an_engine_that_cannot_start_is_said_and_not_started_for_ever(broken, qtbot, tmp_path):
    engine = broken.workspace.engine
    deaths = []
    engine.died.connect(deaths.append)
    with qtbot.waitSignal(broken.workspace.failed, timeout=TIMEOUT):
        broken.workspace.load_session()
    assert "The engine could not be started" in broken.message_bar.text()
    for _ in range(3):
        with qtbot.waitSignal(broken.workspace.failed, timeout=TIMEOUT):
            broken.workspace.open([tmp_path / "screen.h5ad"])
    assert len(deaths) == 2
    assert engine.pid is None
    assert broken.message_bar.offer.text() == "Start again"
    with qtbot.waitSignal(engine.died, timeout=TIMEOUT):
        qtbot.mouseClick(broken.message_bar.offer, Qt.MouseButton.LeftButton)
    assert broken.statusBar().engine.text() == "Engine idle"


def test_structures_whose_drawing_was_killed_are_drawn_after_all(ranked, qtbot):
    qtbot.waitUntil(lambda: ranked.structures.idle, timeout=TIMEOUT)
    texts = [molecule[1] for molecule in MOLECULES]
    pid = ranked.drawing_engine.pid
    # Stopped, so that it is killed with the request under way.
    os.kill(pid, signal.SIGSTOP)
    assert [drawn(ranked, smiles) for smiles in texts] == [None] * 3
    qtbot.waitUntil(lambda: ranked.drawing_engine.running is not None, timeout=TIMEOUT)
    os.kill(pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: ranked.structures.idle, timeout=TIMEOUT)
    assert not any(drawn(ranked, smiles).isNull() for smiles in texts)


def drawn(window, smiles):
    """A structure at a size that no view uses."""
    return window.structures.pixmap(smiles, QSize(50, 40), scale=1.0, dark=False)


def test_a_structure_that_brings_the_drawing_down_costs_no_other(ranked, qtbot):
    texts = [molecule[1] for molecule in MOLECULES]
    for smiles in ("fatal", *texts):
        drawn(ranked, smiles)
    qtbot.waitUntil(lambda: ranked.structures.idle, timeout=TIMEOUT)
    assert [drawn(ranked, smiles).isNull() for smiles in ("fatal", *texts)] == [True, False, False, False]
    assert "drawing engine stopped unexpectedly" in ranked.message_bar.text()
    assert ranked.structures.idle


def test_a_drawing_engine_that_cannot_start_is_given_up_and_can_be_started_again(broken, qtbot):
    deaths = []
    broken.drawing_engine.died.connect(deaths.append)
    for smiles in ("C", "CC", "CCC"):
        drawn(broken, smiles)
    qtbot.waitUntil(lambda: broken.structures.idle, timeout=TIMEOUT)
    assert all(drawn(broken, smiles).isNull() for smiles in ("C", "CC", "CCC"))
    assert len(deaths) == 2
    with qtbot.waitSignal(broken.drawing_engine.died, timeout=TIMEOUT):
        qtbot.mouseClick(broken.message_bar.offer, Qt.MouseButton.LeftButton)
        assert drawn(broken, "C") is None
