"""What a new user does in the first five minutes, each step in the real program with its real model.

Open the demo plate; find the wells that matter; read why a candidate is ranked; make a hit list; export a report.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.application import Program
from app.main_window import MainWindow
from app.off_screen import wait_until
from molphenix_core.resources import default_model

SHARED_WINDOW = True
TIMEOUT = 120_000
# Of what the program makes its user wait for on all five steps together; most of five minutes is for reading.
SECONDS_OF_WAITING = 120


class _Waited:
    seconds = 0.0


@pytest.fixture(scope="module")
def waited() -> _Waited:
    return _Waited()


@pytest.fixture(scope="module")
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One program for all steps, with the settings of a first start."""
    request.getfixturevalue("qapp")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOLPHENIX_SETTINGS_DIR", str(tmp_path_factory.mktemp("settings")))
        program = Program()
        program.window.resize(1440, 900)
        program.window.show()
        yield program
        program.window.workspace.undo_stack.clear()
        program.close()


@pytest.fixture(autouse=True)
def settings_dir(program: Program) -> None:
    """In place of the fixture for single tests: the program's settings are those of the module."""


def _wait(waited: _Waited, done) -> None:
    began = time.monotonic()
    wait_until(lambda: done() or time.monotonic() - began > TIMEOUT / 1000)
    waited.seconds += time.monotonic() - began
    assert done()


@pytest.fixture
def demo(program: Program, waited: _Waited) -> MainWindow:
    """The demo plate, opened by its menu entry."""
    window = program.window
    if window.workspace.plate is None:
        window.actions_by_id["open_demo"].trigger()
        _wait(waited, lambda: window.workspace.ranking is not None)
    return window


def test_step_1_the_demo_plate_opens_on_something_to_see(demo: MainWindow) -> None:
    workspace = demo.workspace
    assert len(workspace.plate) == 544
    assert len(workspace.selection) > 0
    assert demo.candidates.predicted.cards.rowCount() > 0
    assert not demo.message_bar.isVisible() or "rror" not in demo.message_bar.text()


def test_step_2_the_wells_that_matter_are_called_hits_and_a_click_selects_them(
    demo: MainWindow, waited: _Waited
) -> None:
    QTest.keyClick(demo, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    assert demo.pages.current == "hits"
    calling = demo.hit_calling.calling
    _wait(waited, lambda: calling.ready)
    _wait(waited, lambda: not demo.workspace.requests.waits_for("pains"))
    hits = np.flatnonzero(calling.failed < 0)
    assert 0 < len(hits) < demo.workspace.plate.n_treatments
    # Hits stand first: the uppermost row is one, and its wells are selected by a click.
    table = demo.hit_calling.table
    first = table.visualRect(table.model().index(0, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, first)
    chosen = np.unique(demo.workspace.plate.treatment_of_well[demo.workspace.selection])
    assert len(chosen) == 1
    assert chosen[0] in hits
    _wait(waited, lambda: demo.workspace.ranking is not None)


def test_step_3_why_a_candidate_is_ranked_stands_beside_it(demo: MainWindow, waited: _Waited) -> None:
    QTest.keyClick(demo, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    _wait(waited, lambda: demo.workspace.ranking is not None)
    cards = demo.candidates.predicted
    card = cards.visualRect(cards.cards.index(1)).center()
    QTest.mouseClick(cards.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, card)
    why = demo.molecule.why
    _wait(waited, lambda: not demo.workspace.requests.waits_for("explain") and not why.isHidden())
    assert demo.workspace.molecule == demo.workspace.ranking.candidates[1].molecule
    assert "raining molecule" in why.words.text() or "trained on" in why.words.text()
    assert len(why.parts()) >= 4
    # And how far to believe it: a chance with what it was measured for, or why there is none.
    head = demo.candidates.head
    assert " in 100" in head.chance.text() or "No calibrated chance" in head.reach.text()
    assert "Measured for" in head.reach.text() or "No calibrated chance" in head.reach.text()


def test_step_4_the_hits_become_a_list(demo: MainWindow, waited: _Waited) -> None:
    QTest.keyClick(demo, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    _wait(waited, lambda: demo.hit_calling.calling.ready)
    QTest.keyClick(demo, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    current = demo.workspace.hit_lists.current
    assert current is not None
    hits = np.flatnonzero(demo.hit_calling.calling.failed < 0)
    assert len(current.entries) == len(hits)
    assert all("q-value" in entry.note for entry in current.entries)
    QTest.keyClick(demo, Qt.Key.Key_8, Qt.KeyboardModifier.ControlModifier)
    assert len(demo.lists.table.rows_in_order()) == len(hits)


def test_step_5_a_report_is_exported(
    demo: MainWindow, waited: _Waited, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "report.html"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(out), ""))
    QTest.keyClick(demo, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    _wait(waited, lambda: not demo.workspace.requests.waits_for("report"))
    text = out.read_text(encoding="utf-8")
    plate, session = demo.workspace.plate, demo.workspace.session
    model = default_model()
    card = json.loads((model / (model / "CURRENT").read_text().strip() / "card.json").read_bytes())
    whole = card["hashes"]["whole"]
    assert session.model_hash == whole != session.molecule_path_hash
    for told in (plate.name, plate.sha256, whole, session.molecule_path_hash, session.library_hash):
        assert told in text
    for part in ("Quality", "Hits", "chance", "kernel ridge"):
        assert part in text, part
    assert "<script" not in text
    assert waited.seconds < SECONDS_OF_WAITING
