"""The filter of candidates by structure: typed, pasted, dropped, undone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.candidate_filters import CandidateFilter, CandidateFilters, FilterChange
from app.structure_reader import StructureReader
from app.views.structure_filter import StructureFilter

MOLFILE = """aspirin part
  test

  2  1  0  0  0  0            999 V2000
    0.0000    0.0000    0.0000 C   0  0
    1.5000    0.0000    0.0000 O   0  0
  1  2  2  0
M  END
"""


@pytest.fixture
def filters(window) -> CandidateFilters:
    return CandidateFilters(window.workspace, StructureReader(window.drawing_engine, window), window)


@pytest.fixture
def line(window, filters, qtbot) -> StructureFilter:
    line = StructureFilter(window.workspace, filters)
    qtbot.addWidget(line)
    line.show()
    return line


def settled(filters):
    return lambda: not filters.busy and (filters.value.empty or filters.found or filters.error)


def test_typing_filters_and_one_undo_takes_it_back(line, filters, window, qtbot):
    QTest.keyClicks(line.edit, "C(=O)O")
    qtbot.waitUntil(lambda: filters.found is not None and not filters.busy, timeout=30_000)
    assert filters.found.rows.tolist() == [0]
    assert line.status.text() == "1 of 3 · read as SMARTS: O matches with or without hydrogens"
    assert line.picture.isVisible()
    assert window.workspace.undo_stack.count() == 1

    window.workspace.undo_stack.undo()
    assert (line.edit.text(), filters.found) == ("", None)
    assert not line.under.isVisible()
    window.workspace.undo_stack.redo()
    assert line.edit.text() == "C(=O)O"
    qtbot.waitUntil(lambda: filters.found is not None and not filters.busy)


def test_an_edit_after_leaving_the_line_is_a_step_of_its_own(line, filters, window):
    QTest.keyClicks(line.edit, "CC")
    QTest.keyClick(line.edit, Qt.Key.Key_Return)
    QTest.keyClicks(line.edit, "O")
    assert window.workspace.undo_stack.count() == 2
    QTest.keyClick(line.edit, Qt.Key.Key_Return)
    QTest.keyClick(line.edit, Qt.Key.Key_Backspace)
    QTest.keyClicks(line.edit, "O")
    # There and back again is no change.
    assert window.workspace.undo_stack.count() == 2
    assert filters.value.text == "CCO"


def test_what_cannot_be_read_says_where_and_the_last_result_stays(line, filters, qtbot):
    filters.set_query("C(=O)O")
    qtbot.waitUntil(lambda: filters.found is not None and not filters.busy, timeout=30_000)
    filters.set_query("C(=O)Oc1ccc")
    qtbot.waitUntil(lambda: bool(filters.error))
    assert "ring 1, opened at position 8, is never closed" in line.status.text()
    assert line.status.text().endswith("Still filtered by C(=O)O.")
    assert filters.found.rows.tolist() == [0]
    filters.clear()
    assert (filters.error, filters.found, line.under.isVisible()) == ("", None, False)


def test_similarity_has_a_threshold_and_wants_a_whole_molecule(line, filters, qtbot):
    assert not line.threshold.isVisible()
    line.kind.setFocus()
    QTest.keyClick(line.kind, Qt.Key.Key_Down)
    assert filters.value.kind == "similarity"
    assert line.threshold.isVisible()
    filters.set_query("CC(=O)Nc1ccc(O)cc1")
    qtbot.waitUntil(lambda: filters.found is not None and not filters.busy, timeout=30_000)
    assert filters.found.rows.tolist() == [2]
    assert filters.found.similarity.tolist() == [1.0]
    assert line.status.text() == "1 of 3, similarity ≥ 0.50"
    line.threshold.setValue(0.1)
    qtbot.waitUntil(lambda: len(filters.found.rows) > 1)
    filters.set_query("[#7;H2]")
    qtbot.waitUntil(lambda: "whole molecule" in line.status.text() or bool(filters.error))
    assert "the pattern '[#7;H2]', expected a whole molecule to measure similarity to" in line.status.text()


def test_a_pasted_or_dropped_molfile_becomes_one_line(line, filters, qtbot):
    QApplication.clipboard().setText(MOLFILE)
    line.edit.setFocus()
    QTest.keyClick(line.edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: line.edit.text() == "C=O", timeout=30_000)
    qtbot.waitUntil(lambda: filters.found is not None and not filters.busy, timeout=30_000)
    assert filters.found.rows.tolist() == [0, 1, 2]

    mime = QMimeData()
    mime.setData("chemical/x-daylight-smiles", b"CN1C=NC2=C1C(=O)N(C)C(=O)N2C")
    mime.setText("caffeine")
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    line.edit.dropEvent(event)
    qtbot.waitUntil(lambda: filters.found is not None and filters.found.rows.tolist() == [1])
    # Kekulé's way: read as a structure, or it would not find its own aromatic rings.
    assert "read as SMILES" in line.status.text()


def test_a_broken_molfile_says_so(line, filters, qtbot):
    filters.set_query(MOLFILE.replace("  1  2  2", "  1  9  2"))
    qtbot.waitUntil(lambda: bool(filters.error), timeout=30_000)
    assert line.status.isVisible()
    assert line.status.text()


def test_the_chosen_molecule_can_be_looked_for(line, filters, ranked, qtbot):
    assert line.chosen.isEnabled()
    line.chosen.click()
    assert filters.value.text == ranked.workspace.molecule.smiles
    qtbot.waitUntil(lambda: filters.found is not None and not filters.busy, timeout=30_000)
    assert len(filters.found.rows) == 1


def test_a_mechanism_joins_the_structure_and_is_taken_away_alone(line, filters, qtbot):
    filters.set(mechanism="COX inhibitor")
    qtbot.waitUntil(lambda: filters.found is not None and not filters.busy, timeout=30_000)
    assert line.status.text() == "1 of 3"
    assert line.mechanism.text().startswith("COX inhibitor")
    filters.set(text="c1ccccc1")
    qtbot.waitUntil(lambda: filters.found.by == filters.value, timeout=30_000)
    assert line.status.text() == "1 of 3 · read as SMARTS"
    assert "COX inhibitor" in line.status.toolTip()
    line.mechanism.click()
    qtbot.waitUntil(lambda: len(filters.found.rows) == 2)
    line.clear.click()
    assert filters.value.empty


def test_a_search_that_ran_out_of_time_says_so(line, filters, qtbot):
    filters.set(text="[#6]")
    qtbot.waitUntil(lambda: filters.found is not None and not filters.busy, timeout=30_000)
    assert line.status.text().endswith("; time ran out after 2 · read as SMARTS")


def test_escape_empties_the_line_and_leaves_the_wells_selected(line, filters, ranked):
    selected = len(ranked.workspace.selection)
    QTest.keyClicks(line.edit, "CC")
    QTest.keyClick(line.edit, Qt.Key.Key_Escape)
    assert (line.edit.text(), filters.value.text) == ("", "")
    assert len(ranked.workspace.selection) == selected > 0


def test_the_filter_is_remembered_and_what_does_not_fit_is_dropped(filters, line, window):
    filters.set(text="CC", kind="similarity", threshold=0.7, mechanism="COX inhibitor")
    state = filters.view_state()
    filters.clear()
    count = window.workspace.undo_stack.count()
    filters.restore_view_state(state)
    assert filters.value == CandidateFilter("CC", False, "similarity", 0.7, "COX inhibitor")
    assert line.edit.text() == "CC"
    assert window.workspace.undo_stack.count() == count
    filters.restore_view_state({"text": 3, "kind": "magic", "threshold": 7.0, "mechanism": None})
    assert filters.value == CandidateFilter()


def test_a_change_of_the_filter_is_named_for_undo(filters, window):
    filters.set(text="CC")
    assert window.workspace.undo_stack.undoText() == "filter of candidates by structure"
    assert isinstance(window.workspace.undo_stack.command(0), FilterChange)
