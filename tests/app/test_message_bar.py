"""The window's messages: nothing unread is lost, and nothing is said twice."""

from __future__ import annotations

import pytest
from canned_tasks import packed_plate
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app.engine import EngineError
from app.error_report import Problem
from app.open_plate import OpenPlate
from app.theme import theme_of
from app.views.message_bar import MessageBar, Offer

TIMEOUT = 20_000


@pytest.fixture
def bar(qtbot) -> MessageBar:
    bar = MessageBar()
    qtbot.addWidget(bar)
    return bar


def bad(name: str) -> EngineError:
    return EngineError("PlateFileError", "", {"source": name, "field": "X", "found": "a", "expected": "b"})


def test_a_later_error_stands_below_an_unread_one(bar):
    bar.show_error("Opening", bad("one.h5ad"))
    bar.show_error("Opening", bad("two.h5ad"))
    assert bar.text().index("one.h5ad") < bar.text().index("two.h5ad")
    bar.show_error("Opening", bad("two.h5ad"))
    assert bar.text().count("two.h5ad") == 1


def test_a_note_leaves_an_unread_error_and_goes_with_it(bar, qtbot):
    bar.show_error("Opening", bad("one.h5ad"))
    bar.show_note("8 hits were written")
    assert "one.h5ad" in bar.text()
    assert "8 hits" in bar.text()
    qtbot.mouseClick(bar.dismiss, Qt.MouseButton.LeftButton)
    assert bar.text() == ""


def test_many_errors_are_counted_and_come_when_the_shown_ones_are_closed(bar, qtbot):
    for number in range(5):
        bar.show_error("Opening", bad(f"{number}.h5ad"))
    assert "4.h5ad" in bar.text()
    assert "0.h5ad" not in bar.text()
    assert "and 3 earlier messages" in bar.text()
    qtbot.mouseClick(bar.dismiss, Qt.MouseButton.LeftButton)
    assert "0.h5ad" in bar.text()
    assert "1.h5ad" in bar.text()
    qtbot.mouseClick(bar.dismiss, Qt.MouseButton.LeftButton)
    assert bar.isHidden()


def test_the_last_defect_that_is_shown_can_be_reported(bar, qtbot):
    bar.show_error("Opening", bad("one.h5ad"))
    assert bar.details.isHidden()
    bar.show_error("Ranking", EngineError("ValueError", "odd", trace="Traceback: odd"))
    bar.show_error("Drawing", EngineError("KeyError", "worse", trace="Traceback: worse"))
    with qtbot.waitSignal(bar.report_wanted) as told:
        qtbot.mouseClick(bar.details, Qt.MouseButton.LeftButton)
    assert told.args == [Problem("Drawing", "KeyError", "worse", "Traceback: worse")]


def test_an_offer_is_taken_once(bar, qtbot):
    taken = []
    bar.show_error("Ranking", bad("one.h5ad"), Offer("Open again", lambda: taken.append(1)))
    bar.show_error("Opening", bad("two.h5ad"))
    assert bar.offer.text() == "Open again"
    qtbot.mouseClick(bar.offer, Qt.MouseButton.LeftButton)
    assert taken == [1]
    assert bar.offer.isHidden()
    assert "one.h5ad" not in bar.text()
    assert "two.h5ad" in bar.text()


def test_two_bad_files_are_both_told(window, qtbot, tmp_path):
    paths = [tmp_path / "bad1.h5ad", tmp_path / "bad2.h5ad"]
    window.workspace.open(paths)
    qtbot.waitUntil(lambda: window.workspace.engine.running is None, timeout=TIMEOUT)
    for path in paths:
        assert str(path) in window.message_bar.text()


def test_notes_of_a_plate_that_are_not_shown_are_counted_and_can_be_copied(window, qtbot):
    notes = [f"note {number}" for number in range(7)]
    window.workspace.plates.append(OpenPlate.unpack({**packed_plate("a.h5ad"), "notes": notes}))
    window.workspace.show(window.workspace.plates[0])
    window.workspace.opened.emit("a.h5ad")
    assert window.message_bar.text() == "a.h5ad: note 0 (and 6 more, in the details)"
    qtbot.mouseClick(window.message_bar.details, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().splitlines() == notes


def test_each_message_has_the_colour_of_its_kind(bar):
    bar.show_error("Opening one.h5ad", bad("/plates/one.h5ad"))
    bar.show_warning("two.h5ad: plate P1 has 0 negative controls")
    error, warning = bar.label.text().split("<br>")
    theme = theme_of(bar.palette())
    assert theme.error[2] in error
    assert theme.warning[2] in warning
    assert theme.error[2] not in warning
    assert bar.text().startswith("one.h5ad could not be opened: X: found a, expected b")


def test_a_file_that_opens_takes_its_error_away_and_no_other(window, qtbot, tmp_path):
    path = tmp_path / "screen.h5ad"
    for told in (path, tmp_path / "other.h5ad"):
        window.workspace.failed.emit(f"Opening {told.name}", bad(str(told)))
    with qtbot.waitSignal(window.workspace.opened, timeout=TIMEOUT):
        window.workspace.open([path])
    assert "screen.h5ad" not in window.message_bar.text()
    assert "other.h5ad could not be opened" in window.message_bar.text()


def test_however_much_is_told_the_bar_has_three_lines(window, qtbot):
    bar = window.message_bar
    for number in range(9):
        bar.show_error(f"Opening {number}.h5ad", bad(f"/{'long ' * 80}/{number}.h5ad"))
    bar.show_note("8 hits were written")
    assert len(bar.text().splitlines()) == 3
    line = bar.label.fontMetrics().lineSpacing()
    qtbot.waitUntil(lambda: 0 < bar.label.height() <= 3 * line + 4, timeout=TIMEOUT)
    assert bar.height() < 5 * line + 14
