"""What selected candidates have in common: in words, as SMARTS, and marked in their drawings."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from app.candidate_filters import CandidateFilters
from app.records import Molecule
from app.structure_reader import StructureReader
from app.views.common_line import CommonLine

PHENETIDINES = tuple(
    Molecule(f"m{i}", smiles)
    for i, smiles in enumerate(("CC(=O)Nc1ccc(OCC)cc1", "CC(=O)Nc1ccc(OC)cc1", "CC(=O)Nc1ccc(O)c(Cl)c1"))
)
UNLIKE = (Molecule("ethanol", "CCO"), Molecule("benzene", "c1ccccc1"))


@pytest.fixture
def line(window, qtbot) -> CommonLine:
    filters = CandidateFilters(window.workspace, StructureReader(window.drawing_engine, window), window)
    line = CommonLine(window.workspace, window.structures, filters)
    line.filters = filters
    qtbot.addWidget(line)
    line.resize(700, 60)
    return line


def picture(window, qtbot, smiles, marked):
    size = QSize(120, 90)

    def drawn():
        return window.structures.pixmap(smiles, size, scale=1.0, dark=False, marked=marked)

    qtbot.waitUntil(lambda: drawn() is not None and window.structures.idle, timeout=30_000)
    return drawn().toImage()


def test_a_common_substructure_is_shown_marked_copied_and_filtered_by(line, window, qtbot):
    line.set_molecules(PHENETIDINES)
    qtbot.waitUntil(lambda: bool(line.smarts), timeout=30_000)
    assert line.text() == "The 3 selected share 11 atoms"
    assert line.pattern.text() == line.smarts
    line.copy.click()
    assert QApplication.clipboard().text() == line.smarts
    smiles = PHENETIDINES[0].smiles
    assert picture(window, qtbot, smiles, True) != picture(window, qtbot, smiles, False)
    line.filter.click()
    assert line.filters.value.text == line.smarts

    line.set_molecules(PHENETIDINES[:1])
    assert line.isHidden()
    assert picture(window, qtbot, smiles, True) == picture(window, qtbot, smiles, False)


def test_nothing_in_common_is_said(line, qtbot):
    line.set_molecules(UNLIKE)
    qtbot.waitUntil(lambda: "no more than unrelated molecules do" in line.text(), timeout=30_000)
    assert not line.copy.isVisibleTo(line)


def test_a_search_that_stopped_early_says_so(line):
    line.set_molecules(PHENETIDINES)
    line._take({"smarts": "CC", "atoms": [[0, 1]] * 3, "complete": False, "seconds": 2})
    assert line.text() == "The 3 selected share 2 atoms or more: the search stopped after 2 s"
    line._take({"smarts": "", "atoms": [[]] * 3, "complete": False, "seconds": 2})
    assert line.text() == "Nothing that the 3 selected share was found within 2 s"


def test_too_many_are_not_compared(line):
    line.set_molecules([Molecule(f"m{n}", "C" * n) for n in range(1, 103)])
    assert line.text() == "What more than 100 have in common is not looked for: select fewer"


def test_one_molecule_twice_is_one(line):
    line.set_molecules((PHENETIDINES[0], PHENETIDINES[0]))
    assert line.isHidden()
