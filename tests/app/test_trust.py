"""What the window says of how far a ranking can be trusted: chance, distance to training, nearest molecule."""

from __future__ import annotations

import pytest

from app.records import Nearest
from app.views.cards import CARD
from app.views.words import nearest_text, ordinal

TIMEOUT = 20_000


def select(window, qtbot, rows: list[int]) -> None:
    window.workspace.select(rows)
    qtbot.waitUntil(lambda: window.workspace.ranking is not None, timeout=TIMEOUT)


def test_without_calibration_the_header_says_why_there_is_no_chance(ranked):
    candidates = ranked.candidates
    assert candidates.chance.isHidden()
    assert candidates.reach.text() == (
        "No calibrated chance: this model was not calibrated on held-out molecules"
        " · distance to the training data: 41st percentile"
    )
    assert not candidates.reach.isHidden()


def test_a_calibrated_chance_stands_in_the_header_with_what_it_holds_for(ranked, qtbot):
    select(ranked, qtbot, [8])
    candidates = ranked.candidates
    assert not candidates.chance.isHidden()
    assert candidates.chance.text() == (
        "12 in 100 (7 to 18): the true molecule, if it is in this library, is among the first 1 of 3"
    )
    assert candidates.reach.text() == (
        "Measured for active treatments of molecules of unseen scaffolds"
        " · distance to the training data: 98th percentile"
    )
    assert "640 held-out rankings" in candidates.chance.toolTip()


def test_no_chance_of_earlier_wells_stays(ranked, qtbot):
    select(ranked, qtbot, [8])
    ranked.workspace.select([])
    for label in (ranked.candidates.chance, ranked.candidates.reach):
        assert label.isHidden()
        assert label.text() == ""
    select(ranked, qtbot, [9])
    assert ranked.candidates.chance.isHidden()


def test_cards_of_unseen_molecules_name_the_nearest_training_molecule(ranked):
    cards = [ranked.candidates.predicted.cards.index(row).data(CARD) for row in range(3)]
    assert [(card.molecule.name, card.foot, card.outside) for card in cards] == [
        ("caffeine", "nearest trained 0.06 aspirin", True),
        ("aspirin", "", False),
        ("paracetamol", "nearest trained 0.40 aspirin", False),
    ]
    assert "Nearest training molecule: aspirin, Tanimoto 0.40 (61st percentile)" in cards[2].note


def test_the_molecule_panel_warns_of_what_is_unlike_the_training_data(ranked):
    panel, workspace = ranked.molecule, ranked.workspace
    shown = {c.molecule.name: c.molecule for c in workspace.ranking.candidates}
    workspace.choose_molecule(shown["caffeine"])
    assert panel.nearest.isHidden()
    assert panel.outside.text() == (
        "Unlike the training data. Nearest training molecule: aspirin, Tanimoto 0.06 (2nd percentile)"
    )
    workspace.choose_molecule(shown["paracetamol"])
    assert panel.outside.text() == ""
    assert panel.nearest.text() == "Nearest training molecule: aspirin, Tanimoto 0.40 (61st percentile)"
    assert not panel.nearest.isHidden()
    workspace.choose_molecule(shown["aspirin"])
    assert panel.nearest.isHidden()
    assert panel.outside.text() == ""
    workspace.choose_molecule(shown["caffeine"])
    workspace.select([])
    assert panel.outside.text() == ""


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0th"), (1, "1st"), (2.4, "2nd"), (3, "3rd"), (11, "11th"), (12, "12th"), (41, "41st"), (93, "93rd")],
)
def test_percentiles_in_words(number, words):
    assert ordinal(number) == words


def test_only_what_nothing_lies_beyond_is_the_hundredth():
    assert ordinal(99.7) == "99th"
    assert ordinal(100) == "100th"


def test_the_name_of_the_nearest_molecule_is_shown_as_it_is():
    text = nearest_text(Nearest("2,3-<b>x</b>", 0.5, 40.0, outside=False))
    assert text == "Nearest training molecule: 2,3-<b>x</b>, Tanimoto 0.50 (40th percentile)"
