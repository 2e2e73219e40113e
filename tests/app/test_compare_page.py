"""Two treatments side by side: how they are chosen, what is told of them, what leaves the page."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.comparison import Figure

TIMEOUT = 20_000


def wells(window, *treatments):
    return np.flatnonzero(np.isin(window.workspace.plate.treatment_of_well, treatments))


@pytest.fixture
def compare(ranked, qtbot):
    """Aspirin and caffeine at their high doses, compared."""
    ranked.pages.show_page("compare")
    ranked.workspace.select(wells(ranked, 1, 3))
    found(ranked, qtbot)
    return ranked.compare


def found(window, qtbot):
    qtbot.waitUntil(lambda: window.compare.found is not None, timeout=TIMEOUT)


def test_one_selected_treatment_asks_for_another(ranked):
    ranked.pages.show_page("compare")
    assert ranked.compare.pages.text().startswith("Add wells of a second treatment")
    ranked.workspace.select_none()
    assert ranked.compare.pages.text() == "Select wells of two treatments to compare them."


def test_the_two_selected_treatments_stand_side_by_side(compare):
    assert compare.pair == (1, 3)
    assert [head.name.text() for head in compare.heads] == ["aspirin", "caffeine"]
    assert compare.heads[0].facts.text() == "5 µM · 4 wells · COX inhibitor"


def test_of_several_the_most_active_of_two_molecules_are_compared(compare, ranked, qtbot):
    ranked.workspace.select(wells(ranked, 0, 1, 3))
    found(ranked, qtbot)
    assert compare.pair == (1, 3)
    assert compare.note.text().startswith("The most active of 3 selected treatments")
    ranked.workspace.select(wells(ranked, 0, 1))
    found(ranked, qtbot)
    assert compare.pair == (1, 0)


def test_one_is_kept_while_another_is_selected(ranked, qtbot):
    ranked.workspace.select(wells(ranked, 4))
    ranked.actions_by_id["compare_with"].trigger()
    assert ranked.pages.current == "compare"
    assert ranked.compare.pages.text() == "paracetamol, 50 nM is kept.\nSelect wells of another treatment."
    ranked.workspace.select(wells(ranked, 1))
    found(ranked, qtbot)
    assert ranked.compare.pair == (4, 1)
    assert ranked.compare.heads[0].facts.text().endswith("kept")
    ranked.workspace.select(wells(ranked, 3))
    found(ranked, qtbot)
    assert ranked.compare.pair == (4, 3)
    ranked.compare.release.click()
    assert ranked.compare.pair is None


def test_swapping_turns_the_difference_round(compare, ranked, qtbot):
    before = compare.features.column("difference").value(0)
    ranked.actions_by_id["swap_compared"].trigger()
    found(ranked, qtbot)
    assert compare.pair == (3, 1)
    assert compare.features.column("difference").value(0) == -before


def test_likeness_stands_beside_chance_and_replicates(compare):
    assert compare.likeness.text() == (
        "Cosine of the mean profiles 0.60; of random pairs of treatments in this file, 1 % are at least as alike."
    )
    details = compare.likeness.toolTip()
    assert "median 0.05, 9 in 10 between -0.20 and 0.30" in details
    assert "Two halves of the wells of one treatment: median 0.50" in details
    assert "joint space of the model these two have 0.40" in details
    assert not compare.strip.isHidden()


def test_figures_of_both_with_their_difference(compare, qtbot):
    def figures():
        table = compare.figures
        columns = [table.column(key) for key in ("figure", "first", "second", "difference")]
        return {c[0]: c[1:] for c in ([column.value(row) for column in columns] for row in range(len(columns[0])))}

    qtbot.waitUntil(
        lambda: figures().get("Molecular weight (g/mol)") == ["180.16", "194.19", "+14.04"], timeout=TIMEOUT
    )
    told = figures()
    assert told["Dose (µM)"] == ["5", "5", "same"]
    assert told["Activity p"] == ["0.001", "0.2", "× 200"]
    assert told["Distance to control"] == ["9", "2", "−7"]
    assert told["Rank of the true molecule"] == ["1", "–", "–"]


def test_features_and_candidates_in_common(compare, ranked):
    assert "1 of 2 features differ at q < 0.05" in compare.features_line.text()
    assert compare.features.column("feature").value(0) == "Cells_Area"
    assert compare.candidates_line.text() == (
        "1 of the first 2 candidates of each are the same; of two random orders of 3 it would be 1.3."
    )
    compare.parts.show_page("candidates")
    ranked.workspace.choose_molecule(None)
    compare.candidates.setFocus()
    QTest.keyClick(compare.candidates, Qt.Key.Key_Home)
    assert ranked.workspace.molecule.name == "caffeine"


def test_dose_curves_are_overlaid(compare, qtbot):
    qtbot.waitUntil(lambda: "aspirin: EC50 0.5 µM" in compare.doses_line.text(), timeout=TIMEOUT)
    assert "caffeine: No curve" in compare.doses_line.text()
    assert compare.legend.accessibleDescription().startswith("aspirin, caffeine, negative controls")


def test_what_differs_in_the_structures_is_marked(compare, ranked, qtbot):
    ranked.workspace.select(wells(ranked, 1, 5))
    found(ranked, qtbot)
    qtbot.waitUntil(lambda: bool(compare._atoms), timeout=TIMEOUT)
    compare.highlight.setCurrentIndex(1)
    compare.highlight.activated.emit(1)
    assert compare.view_state()["highlight"] == "common"
    compare.restore_view_state({"highlight": "different", "part": "features"})
    assert compare.parts.current == "features"
    compare.restore_view_state({"highlight": 3, "part": "nothing"})
    assert compare.highlight.currentText() == "What differs"


def test_the_comparison_is_copied_and_saved(compare, ranked, qtbot, tmp_path, monkeypatch):
    qtbot.waitUntil(lambda: all(compare._properties), timeout=TIMEOUT)
    ranked.actions_by_id["copy_comparison"].trigger()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t") == ["Figure", "A: aspirin, 5 µM", "B: caffeine, 5 µM", "Difference"]
    assert lines[1].split("\t") == ["Dose (µM)", "5.0", "5.0", "0.0"]
    path = tmp_path / "features.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(path), ""))
    compare.parts.show_page("features")
    ranked.actions_by_id["save_comparison"].trigger()
    with path.open(encoding="utf-8", newline="") as file:
        assert [row["Feature"] for row in csv.DictReader(file)] == ["Cells_Area", "Nuclei_Area"]


def test_with_nothing_compared_the_commands_say_so(ranked):
    for name in ("copy_comparison", "save_comparison"):
        ranked.actions_by_id[name].trigger()
        assert "Nothing is compared" in ranked.message_bar.text()
    ranked.actions_by_id["swap_compared"].trigger()
    assert ranked.compare.pair is None


def test_another_file_lets_go_of_what_was_kept(compare, ranked, qtbot, tmp_path):
    ranked.actions_by_id["compare_with"].trigger()
    path = tmp_path / "other.h5ad"
    path.touch()
    with qtbot.waitSignal(ranked.workspace.opened, timeout=TIMEOUT):
        ranked.workspace.open([path])
    assert compare.pair is None
    assert compare.release.isHidden()


@pytest.mark.parametrize(
    ("first", "second", "ratio", "text"),
    [
        (2.0, 5.0, True, "× 2.5"),
        (2.0, 2.0, True, "same"),
        (0.0, 2.0, True, "–"),
        (1.0, 3.5, False, "+2.5"),
        (3.0, 1.0, False, "−2"),
        (3.0, float("nan"), False, "–"),
    ],
)
def test_a_difference_is_told_as_a_factor_or_a_step(first, second, ratio, text):
    assert Figure("x", first, second, ratio).difference_text == text


# The engine's part ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def task():
    from shipped import demo_plate

    from app.tasks import TASKS, State
    from app.tasks.state import file_token
    from molphenix_core.progress import silent

    path, state = str(demo_plate()), State()
    table = state.workbench(path, file_token(path), silent).treatments

    def ask(first, second):
        rows = [
            int(np.flatnonzero((table["name"] == n) & (table["concentration"] == d))[0])
            for n, d in (first, second)
        ]
        return TASKS["compare"](state, silent, path=path, token=file_token(path), first=rows[0], second=rows[1])

    return ask


def test_neighbouring_doses_are_more_alike_than_chance(task):
    told = task(("Lestaurtinib", 20.0), ("Lestaurtinib", 10.0))
    assert told["cosine"] > told["chance"][2]
    assert told["share_above"] < 0.05
    assert told["chance"][1] < told["replicates"][1]
    assert [one["rank"] for one in told["ranks"]] == [1.0, 1.0]
    assert told["common"][0]["name"] == "Lestaurtinib"
    assert len(told["common"]) > told["top"] ** 2 / told["of"]


def test_an_embedding_has_no_named_features_and_says_so(task):
    told = task(("Lestaurtinib", 20.0), ("Chaetocin", 20.0))
    assert "128 features have numbers, not meanings" in told["no_names"]
    assert told["features"][0].startswith("component_")
    assert (np.diff(np.nan_to_num(told["q_value"], nan=2.0)) >= -1e-12).all()


def test_structures_are_compared_by_what_they_share():
    from app.tasks import TASKS
    from molphenix_core.progress import silent

    told = TASKS["compare_structures"](None, silent, smiles=["OC(=O)c1ccc(CCC)cc1", "OC(=O)c1ccc(CCCN)cc1"])
    assert told["different"] == [[], [10]]
    assert len(told["common"][0]) == 12
    nothing = TASKS["compare_structures"](None, silent, smiles=["CCO", "c1ccccc1"])
    assert nothing == {"common": [[], []], "different": [[], []], "complete": True}
