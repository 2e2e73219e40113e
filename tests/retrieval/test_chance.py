"""Chances from a stored calibration: what they say, and where none is given."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_calibration import DECOYS, made_up_calibration, made_up_records

from molphenix_core.retrieval.chance import (
    Chance,
    NoChance,
    chance_in_words,
    place_weights,
    top_rank,
    top_score_z,
)
from molphenix_core.retrieval.stored_calibration import Calibration

CALIBRATION = made_up_calibration()


def asked(calibration: Calibration | None = CALIBRATION, **other: object) -> Chance | NoChance:
    options = {
        "seen": None,
        "active": True,
        "over_doses": False,
        "r": 5,
        "of": DECOYS + 1,
        "replicates": 4,
        "covariates": {},
        **other,
    }
    return chance_in_words(calibration, **options)  # type: ignore[arg-type]


def given_chance(calibration: Calibration | None = CALIBRATION, **other: object) -> Chance:
    chance = asked(calibration, **other)
    assert isinstance(chance, Chance)
    return chance


@pytest.mark.parametrize(("decoys", "of"), [(7, 4), (7, 8), (6, 2), (9, 6)])
def test_weights_are_those_of_every_possible_gallery(decoys: int, of: int) -> None:
    for r in range(1, of):
        counted = np.zeros(decoys)
        for drawn in combinations(range(decoys), of - 1):
            counted[drawn[r - 1]] += 1
        np.testing.assert_allclose(place_weights(r, of, decoys), counted / counted.sum(), atol=1e-12)


@pytest.mark.parametrize("r", [1, 5, 25, 100])
def test_in_the_whole_library_the_chance_is_the_measured_recall(r: int) -> None:
    recall = (made_up_records().above + 1 <= r).mean()
    assert given_chance(r=r).probability == pytest.approx(recall, abs=0.01)


def test_in_a_smaller_gallery_the_chance_is_what_random_ones_give() -> None:
    records, random = made_up_records(), np.random.default_rng(1)
    of, r = 100, 3
    hits = [random.hypergeometric(int(a), DECOYS - int(a), of - 1) < r for a in records.above for _ in range(20)]
    assert given_chance(r=r, of=of).probability == pytest.approx(np.mean(hits), abs=0.01)


@settings(max_examples=60, deadline=None)
@given(of=st.integers(50, DECOYS + 1), data=st.data())
def test_more_candidates_looked_at_are_a_larger_chance_and_more_decoys_a_smaller_one(
    of: int, data: st.DataObject
) -> None:
    r = data.draw(st.integers(1, of - 1))
    chance = given_chance(r=r, of=of)
    assert 0 <= chance.low <= chance.probability <= chance.high <= 1
    assert chance.probability <= given_chance(r=r + 1, of=of).probability + 1e-9
    if of <= DECOYS:
        assert given_chance(r=r, of=of + 1).probability <= chance.probability + 1e-9


def test_all_of_the_gallery_is_certain() -> None:
    assert given_chance(r=200, of=200).probability == 1.0


def test_the_words() -> None:
    chance = given_chance(r=top_rank(DECOYS + 1))
    assert chance.r == 5
    estimate, low, high = (round(100 * p) for p in (chance.probability, chance.low, chance.high))
    assert chance.text == (
        f"{estimate} in 100 ({low} to {high}): the true molecule, if it is in this library, is among the first 5 "
        "of 500"
    )
    assert "active treatments of molecules of unseen scaffolds" in chance.basis
    assert "480 held-out rankings of 120 molecules" in chance.basis
    assert "by chance alone 1 in 100" in chance.basis


def test_a_small_chance_is_not_called_none() -> None:
    chance = given_chance(made_up_calibration(molecules=400, each=5, skill=1.0), r=1)
    assert 0 < chance.probability < 0.01
    assert chance.text.startswith("less than 1 in 100")


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"calibration": None}, "not calibrated"),
        ({"of": DECOYS + 2}, "501 molecules"),
        ({"of": 49}, "49 molecules"),
        (
            {"active": False},
            "too few were held out to measure it for inactive treatments of molecules of unseen scaffolds.",
        ),
        ({"active": None}, "these wells have no activity p-value, and too few such"),
        ({"active": None, "replicates": 1}, "one replicate has no activity p-value, and too few such"),
        ({"active": None, "seen": True, "replicates": 1}, "one replicate has no activity p-value"),
        ({"seen": True}, "molecules seen in training"),
        ({"over_doses": True}, "scored over all doses"),
        ({"replicates": 1}, "means of 2 to 6 wells"),
        ({"replicates": 7}, "this is of 7"),
    ],
)
def test_where_it_was_not_calibrated_there_is_a_reason_instead(other: dict[str, object], reason: str) -> None:
    answer = asked(**other)  # type: ignore[arg-type]
    assert isinstance(answer, NoChance)
    assert reason in answer.text
    assert answer.text.startswith("No calibrated chance: ")
    assert answer.text.endswith(".")


def test_known_wells_take_their_own_stratum() -> None:
    seen = made_up_calibration(seen=True)
    assert given_chance(seen, seen=True).stratum.seen
    assert "on new plates of the same screen" in given_chance(seen, seen=True).basis
    assert isinstance(asked(seen, seen=None), NoChance)


def test_a_covariate_that_tells_good_rankings_moves_the_chance() -> None:
    calibration = made_up_calibration(telling=True)
    assert calibration.strata[0].covariate == "top_score_z"
    low, high = (given_chance(calibration, covariates={"top_score_z": z}).probability for z in (2.0, 6.0))
    unknown = given_chance(calibration, covariates={}).probability
    assert low < unknown < high
    assert given_chance(calibration, covariates={"top_score_z": float("nan")}).probability == unknown


@pytest.mark.parametrize("r", [0, 501])
def test_a_rank_outside_the_gallery_is_an_error(r: int) -> None:
    with pytest.raises(ValueError, match="r must lie between"):
        asked(r=r)


def test_the_z_of_the_best_score() -> None:
    assert top_score_z(np.array([0.0, 0.0, 0.0, 1.0])) == pytest.approx(0.75 / np.sqrt(3 / 16))
    assert top_score_z(np.full(5, 0.3)) == 0.0
