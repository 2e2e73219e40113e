"""The log, reports of problems and the list of shortcuts."""

from __future__ import annotations

import logging
import sys
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QPushButton

from app.actions import ACTIONS
from app.application import _show_uncaught
from app.engine import Engine, EngineError
from app.error_report import problem_report
from app.log_keeper import LogKeeper
from app.private_text import Secrets
from app.records import Session
from app.views.log_window import LogWindow
from app.views.palette import plain
from app.views.problem_dialog import ProblemDialog
from app.views.shortcuts_dialog import VIEWS, ShortcutsDialog
from molphenix_core import __version__

SMILES = "CC(=O)Oc1ccccc1C(=O)O"


def press(dialog, qtbot, text: str) -> None:
    (button,) = [b for b in dialog.findChildren(QPushButton) if plain(b.text()) == text]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def dialog_of(window, kind, qtbot):
    qtbot.waitUntil(lambda: window.findChild(kind) is not None)
    return window.findChild(kind)


# The log ----------------------------------------------------------------------------------------------------


@pytest.fixture
def log(window, qtbot) -> LogWindow:
    window.actions_by_id["log"].trigger()
    return dialog_of(window, LogWindow, qtbot)


def test_log_goes_on_while_it_is_open(window, log, qtbot):
    before = len(log.lines())
    logging.getLogger("app.test").warning("first %s", "words")
    window.message_bar.show_error("Opening", EngineError("EngineDied", "the engine stopped"))
    window.message_bar.show_note("SMILES copied")
    qtbot.waitUntil(lambda: len(log.lines()) >= before + 3)
    texts = [line.text for line in log.lines()]
    assert texts[-3:] == ["first words", "Opening: EngineDied: the engine stopped", "SMILES copied"]
    log.level.setCurrentText("Errors")
    assert [line.text for line in log.lines()][-1] == "Opening: EngineDied: the engine stopped"
    log.level.setCurrentText("Everything")
    qtbot.keyClicks(log.search, "first w")
    assert [line.text for line in log.lines()] == ["first words"]
    log.search.setText("no such line")
    assert log.pages.text() == "No line fits"


def test_log_is_read_copied_and_saved(log, qtbot, tmp_path, monkeypatch):
    try:
        raise ValueError(f"a defect in {tmp_path}/secret.h5ad of {SMILES}")
    except ValueError:
        logging.getLogger("app.test").exception("uncaught")
    qtbot.waitUntil(lambda: any("uncaught" in line.text for line in log.lines()))
    log.search.setText("uncaught")
    log.table.select_rows([0])
    log.table.rows_selected.emit(log.table.selected_rows())
    assert f"ValueError: a defect in {tmp_path}" in log.line.toPlainText()
    press(log, qtbot, "Copy")
    # What leaves the program names no folders and structures.
    assert "ValueError: a defect in <path> of <structure>" in QApplication.clipboard().text()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "log"), "Text (*.txt)"))
    press(log, qtbot, "Save")
    assert "ValueError: a defect in <path> of <structure>" in (tmp_path / "log.txt").read_text()


@pytest.mark.usefixtures("qapp")
def test_log_keeps_only_so_many_lines():
    keeper = LogKeeper()
    keeper.start()
    for number in range(2010):
        logging.getLogger("app.test").info("line %d", number)
    keeper.stop()
    logging.getLogger("app.test").info("after the end")
    assert len(keeper.lines) == 2000
    assert keeper.lines[-1].text == "line 2009"
    logging.getLogger("app.test").info("x" * 10)
    assert keeper.lines[-1].text == "line 2009"


def test_an_error_that_nobody_caught_is_logged_and_can_be_reported(window, qtbot, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", lambda *_: None)
    _show_uncaught(SimpleNamespace(window=window))  # type: ignore[arg-type]
    try:
        raise KeyError("odd")
    except KeyError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: any(line.text == "uncaught: 'odd'" for line in window.log.lines))
    (line,) = [line for line in window.log.lines if line.text == "uncaught: 'odd'"]
    assert "test_help.py" in line.trace
    assert window.message_bar.details.text() == "Report…"


def test_warnings_of_an_engine_come_to_the_log(qtbot):
    keeper, engine = LogKeeper(), Engine("canned_tasks", name="engine")
    keeper.start()
    try:
        engine.submit("warn", text="the index is old")
        qtbot.waitUntil(lambda: any("the index is old" in line.text for line in keeper.lines), timeout=20_000)
    finally:
        engine.close()
        keeper.stop()
    (line,) = [line for line in keeper.lines if "the index is old" in line.text]
    assert line.level == logging.WARNING
    assert line.text.startswith("engine: py.warnings: ")


# Reports of problems ----------------------------------------------------------------------------------------


def test_defect_is_reported_without_folders_and_structures(ranked, qtbot, tmp_path):
    plate = ranked.workspace.plate
    trace = f'Traceback\n  File "{tmp_path}/secret/x.py", line 1, in f\nKeyError: {SMILES!r} in {plate.path}'
    ranked.message_bar.show_error("Ranking", EngineError("KeyError", repr(SMILES), {}, trace))
    assert ranked.message_bar.details.text() == "Report…"
    qtbot.mouseClick(ranked.message_bar.details, Qt.MouseButton.LeftButton)
    dialog = dialog_of(ranked, ProblemDialog, qtbot)
    text = dialog.text.toPlainText()
    assert "Ranking: KeyError" in text
    assert f"molphenix {__version__}" in text
    assert "PySide6" in text
    assert "model: not loaded" in text
    for secret in (SMILES, str(tmp_path), plate.path, f"{plate.name}.h5ad", "secret"):
        assert secret not in text
    dialog.text.setPlainText("what I did\n" + text)
    press(dialog, qtbot, "Copy")
    assert QApplication.clipboard().text().startswith("what I did")


def test_problem_is_reported_from_the_menu(window, qtbot, tmp_path, monkeypatch):
    logging.getLogger("app.test").warning("the disk is full")
    window.actions_by_id["report_problem"].trigger()
    dialog = dialog_of(window, ProblemDialog, qtbot)
    assert "please write here" in dialog.text.toPlainText()
    assert "the disk is full" in dialog.text.toPlainText()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "problem.txt"), ""))
    press(dialog, qtbot, "Save")
    assert "the disk is full" in (tmp_path / "problem.txt").read_text()


# Shortcuts --------------------------------------------------------------------------------------------------


@pytest.fixture
def shortcuts(window, qtbot) -> ShortcutsDialog:
    window.actions_by_id["shortcuts"].trigger()
    return dialog_of(window, ShortcutsDialog, qtbot)


def test_every_command_is_listed_with_its_keys(window, shortcuts):
    shown, table = shortcuts.text.toPlainText(), shortcuts.as_table()
    for info in ACTIONS:
        assert plain(info.text) in shown
        if info.shortcut:
            keys = window.actions_by_id[info.id].shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            assert f"{plain(info.text)}\t{keys}" in table
    for title, rows in VIEWS:
        assert title in shown
        assert all(does in shown for _, does in rows)


def test_shortcuts_are_found_and_copied(shortcuts, qtbot):
    qtbot.keyClicks(shortcuts.search, "ctrl+e")
    assert "Export candidates of all treatments" in shortcuts.text.toPlainText()
    assert "Plate map" not in shortcuts.text.toPlainText()
    press(shortcuts, qtbot, "Copy")
    lines = QApplication.clipboard().text().splitlines()
    assert lines[:2] == ["where\twhat\tkeys", "File\tExport candidates of all treatments\tCtrl+E"]
    shortcuts.search.setText("no such command")
    assert shortcuts.text.toPlainText() == "No command fits."
    close = shortcuts.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Close)
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)


def test_a_report_names_the_whole_model_and_its_molecule_path():
    session = Session(model="a model", model_hash="1" * 64, molecule_path_hash="2" * 64, library_hash="3" * 64)
    text = problem_report(None, session=session, lines=(), secrets=Secrets())
    assert f"SHA-256 of the whole model: {'1' * 64}" in text
    assert f"hash of its molecule path: {'2' * 64}" in text
