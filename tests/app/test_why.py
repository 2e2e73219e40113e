"""Why the chosen candidate ranks where it does, in the real panel."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.views.why import WhyPanel, score_text, sentence

TRAINED = {
    "name": "aspirin",
    "smiles": "CC(=O)Oc1ccccc1C(=O)O",
    "inchikey": "BSYNRYMUTXBXSQ-UHFFFAOYSA-N",
    "mechanism": "COX inhibitor",
    "pull": 0.09,
    "structure": 0.62,
    "phenotype": 0.93,
    "dose": 5.0,
}


def why(**changed: Any) -> dict[str, Any]:
    small = {**TRAINED, "name": "caffeine", "pull": 0.001}
    return {
        "without": "",
        "score": 0.11,
        "towers": 0.03,
        "shared": 0.01,
        "far": -0.02,
        "rest": -0.001,
        "others": 81,
        "training": [TRAINED, small],
        **changed,
    }


def test_one_training_molecule_that_decides_is_named_with_its_evidence():
    text = sentence(why())
    assert "Mostly because of aspirin" in text
    assert "0.62" in text
    assert "0.93" in text


def test_where_nobody_decides_nobody_is_named():
    told = [{**TRAINED, "pull": 0.001 * i} for i in (3, 2, 1)]
    assert "No single training molecule" in sentence(why(training=told))


def test_without_pulls_the_reason_is_given():
    told = [{**TRAINED, "pull": None}]
    assert "by its towers alone" in sentence(why(without="the model ranks by its towers alone", training=told))


@pytest.fixture
def panel(ranked, qtbot) -> WhyPanel:
    panel = ranked.findChild(WhyPanel)
    qtbot.waitUntil(lambda: panel.isVisibleTo(panel.parentWidget()), timeout=10_000)
    return panel


def test_the_parts_stand_in_the_window_what_is_small_together(panel):
    lines = panel.parts()
    assert lines[0].startswith("aspirin: 0.0900. Tanimoto 0.62")
    assert "82 other training molecules: 0.0000" in lines
    assert [line.split(":")[0] for line in lines[2:]] == [
        "Towers",
        "All molecules at this dose",
        "Unusual prediction",
    ]
    assert "0.1100" in panel.score.text()


def test_a_training_molecule_is_chosen_by_key(panel, ranked, qtbot):
    ranked.workspace.choose_molecule(ranked.workspace.ranking.candidates[1].molecule)
    qtbot.waitUntil(lambda: not ranked.workspace.requests.waits_for("explain"))
    first = panel._parts.itemAt(0).widget()
    QTest.keyClick(first, Qt.Key.Key_Return)
    assert ranked.workspace.molecule.name == "aspirin"


def test_with_nothing_selected_nothing_is_explained(panel, ranked):
    ranked.workspace.select_none()
    assert not panel.isVisibleTo(panel.parentWidget())


def test_a_molecule_that_was_trained_on_is_no_reason_of_another():
    told = [{**TRAINED, "structure": 1.0}]
    assert "trained on aspirin itself" in sentence(why(training=told))


def test_the_score_is_that_of_the_card_and_its_rounding_is_said():
    assert score_text(0.1104, 0.1104, 5.0) == "Score 0.1104 at 5 µM, the sum of:"
    assert score_text(0.1104, None, None) == "Score 0.1104 with no dose told, the sum of:"
    assert score_text(0.06905, 0.06899, 5.0).startswith("Score 0.0690 at 5 µM; 0.0691 before the library rounds")
    assert score_text(0.11, 0.5, 5.0) == "Score 0.1100 at 5 µM, the sum of:"
