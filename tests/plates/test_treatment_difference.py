from __future__ import annotations

import numpy as np
import pytest
from simulated_plates import simulated_plate

from molphenix_core.plates.plate import Plate
from molphenix_core.plates.treatment_difference import feature_differences, profile_cosines
from molphenix_core.plates.treatments import Treatments, group_treatments


@pytest.fixture(scope="module")
def plate() -> Plate:
    return simulated_plate(molecules=24, plates=4, effect=3.0)


@pytest.fixture(scope="module")
def treatments(plate: Plate) -> Treatments:
    return group_treatments(plate)


def molecules(treatments: Treatments) -> np.ndarray:
    return np.unique(treatments.table["key"], return_inverse=True)[1]


def moved(plate: Plate, rows: np.ndarray, feature: int, by: float) -> Plate:
    values = plate.embeddings.copy()
    spread = values[plate.is_negative_control].std(axis=0, ddof=1)
    values[rows, feature] += by * spread[feature]
    return plate.with_embeddings(values, plate.embedding)


def test_a_planted_difference_is_the_largest_and_in_units_of_the_controls(plate: Plate) -> None:
    controls = np.flatnonzero(plate.is_negative_control)
    first, second = controls[::3], controls[1::3]
    found = feature_differences(moved(plate, second, 7, 9.0), first, second)
    assert int(np.nanargmax(np.abs(found.difference))) == 7
    # The moved wells are controls themselves: they widen the spread that they are measured in.
    assert 1.0 < found.difference[7] < 9.0
    assert found.q_value[7] < 1e-6
    assert (np.delete(found.q_value, 7) > 0.05).mean() > 0.8
    assert found.spread == "negative controls"


def test_swapping_the_groups_turns_the_sign(plate: Plate, treatments: Treatments) -> None:
    a, b = treatments.wells_of(0), treatments.wells_of(3)
    one, other = feature_differences(plate, a, b), feature_differences(plate, b, a)
    np.testing.assert_allclose(one.difference, -other.difference)
    np.testing.assert_allclose(one.p_value, other.p_value)


def test_wells_of_one_group_differ_seldom(plate: Plate) -> None:
    controls = np.flatnonzero(plate.is_negative_control)
    found = feature_differences(plate, controls[::2], controls[1::2])
    assert (found.q_value < 0.05).sum() <= 2


def test_a_single_well_has_differences_and_no_test(plate: Plate, treatments: Treatments) -> None:
    found = feature_differences(plate, treatments.wells_of(0)[:1], treatments.wells_of(1))
    assert np.isfinite(found.difference).all()
    assert np.isnan(found.p_value).all()
    assert np.isnan(found.q_value).all()


def test_without_controls_the_spread_is_the_treatments_own(plate: Plate) -> None:
    bare = plate.take(plate.is_treated)
    treatments = group_treatments(bare)
    found = feature_differences(bare, treatments.wells_of(0), treatments.wells_of(5))
    assert found.spread == "both treatments"
    assert np.isfinite(found.difference).all()


def test_a_constant_feature_has_no_difference(plate: Plate, treatments: Treatments) -> None:
    values = plate.embeddings.copy()
    values[:, 4] = 12.5
    found = feature_differences(
        plate.with_embeddings(values, plate.embedding), treatments.wells_of(0), treatments.wells_of(1)
    )
    assert np.isnan(found.difference[4])
    assert np.isnan(found.p_value[4])


def test_an_empty_group_is_refused(plate: Plate) -> None:
    with pytest.raises(ValueError, match="need a well"):
        feature_differences(plate, np.array([0]), np.array([], dtype=np.intp))


def test_two_doses_of_a_molecule_are_alike_and_two_molecules_are_not(plate: Plate, treatments: Treatments) -> None:
    of_molecule = molecules(treatments)
    pair = np.flatnonzero(of_molecule == 0)
    other = int(np.flatnonzero(of_molecule == 5)[0])
    wells = [treatments.wells_of(int(one)) for one in (*pair[:2], other)]
    same = profile_cosines(plate, wells[0], wells[1], treatments.of_well, of_molecule)
    apart = profile_cosines(plate, wells[0], wells[2], treatments.of_well, of_molecule)
    assert same.chance is not None
    assert same.replicates is not None
    assert same.cosine > same.chance[2]
    assert same.share_above < 0.05
    assert apart.cosine < same.cosine
    assert same.chance[0] < same.chance[1] < same.chance[2]
    assert same.replicates[1] > same.chance[2]
    assert same.chance == apart.chance


def test_few_molecules_have_no_chance_and_single_wells_no_replicates(plate: Plate, treatments: Treatments) -> None:
    of_molecule = molecules(treatments)
    few = np.where(np.isin(treatments.of_well, [0, 1]), treatments.of_well, -1)
    _, first = np.unique(few, return_index=True)
    alone = np.full(len(plate), -1)
    alone[first] = few[first]
    found = profile_cosines(
        plate, treatments.wells_of(0), treatments.wells_of(1), alone, of_molecule[:2] * 0 + np.arange(2)
    )
    assert found.chance is None
    assert np.isnan(found.share_above)
    assert found.replicates is None
