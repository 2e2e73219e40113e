"""Training sets of plates: activity is that of the training wells alone."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray
from simulated_structures import structures

from molphenix_core.molecules.plate_structures import standardise_plate
from molphenix_core.plates.activity import activity
from molphenix_core.plates.plate import PLATE, WELL, Plate
from molphenix_core.plates.treatments import Treatments
from molphenix_core.simulate.config import SimulationConfig
from molphenix_core.simulate.screen import simulate_screen
from molphenix_core.training.dataset import (
    Molecules,
    collect_molecules,
    split_wells,
    training_set,
    treatments_with_structure,
)
from molphenix_core.training.job import SplitConfig

CONFIG = SimulationConfig(dimensions=16, doses=(1.0, 10.0), replicates=3, batches=3, wells_a_plate=96, controls=16)


@pytest.fixture(scope="module")
def plate() -> Plate:
    return standardise_plate(simulate_screen(structures(60), CONFIG).plate)[0]


@pytest.fixture(scope="module")
def treatments(plate: Plate) -> Treatments:
    return treatments_with_structure(plate)


@pytest.fixture(scope="module")
def molecules(treatments: Treatments) -> Molecules:
    return collect_molecules([treatments.table], SplitConfig())


def training_wells(plate: Plate, treatments: Treatments, molecules: Molecules) -> NDArray[np.bool_]:
    return split_wells(plate, treatments, molecules, SplitConfig(held_out_plates=plate.barcodes[:1]))[0]


def test_p_values_come_when_asked_for(plate: Plate, treatments: Treatments, molecules: Molecules) -> None:
    wells = treatments.of_well >= 0
    assert training_set(plate, treatments, wells, molecules).p_value is None
    with_p = training_set(plate, treatments, wells, molecules, p_values=True).p_value
    np.testing.assert_array_equal(with_p, activity(plate, treatments)["p_value"])


def test_p_values_do_not_know_what_is_held_out(plate: Plate, treatments: Treatments, molecules: Molecules) -> None:
    wells = training_wells(plate, treatments, molecules)
    on_held_out = (plate.wells[PLATE] == plate.barcodes[0]).to_numpy(dtype=bool)
    tested = (treatments.of_well >= 0) & ~wells
    assert (tested & ~on_held_out).any()
    data = training_set(plate, treatments, wells, molecules, p_values=True)
    other = plate.embeddings.copy()
    other[tested | on_held_out] = np.random.default_rng(0).normal(size=other.shape[1])
    changed = training_set(
        dataclasses.replace(plate, embeddings=other), treatments, wells, molecules, p_values=True
    )
    assert data.p_value is not None
    assert data.p_value.shape == data.dose.shape
    np.testing.assert_array_equal(data.p_value, changed.p_value)
    of_all = activity(plate, treatments)["p_value"].to_numpy()[np.unique(treatments.of_well[wells])]
    assert not np.array_equal(data.p_value, of_all, equal_nan=True)


def test_a_treatment_with_one_training_well_has_no_p_value(
    plate: Plate, treatments: Treatments, molecules: Molecules
) -> None:
    wells = treatments.of_well >= 0
    first, *others = treatments.wells_of(0)
    wells[others] = False
    data = training_set(plate, treatments, wells, molecules, p_values=True)
    assert data.p_value is not None
    assert np.isnan(data.p_value).tolist() == [True] + [False] * (len(data) - 1)
    np.testing.assert_array_equal(data.wells[0], plate.embeddings[first])


def test_a_table_without_plates_and_replicates_has_no_p_values(
    plate: Plate, treatments: Treatments, molecules: Molecules
) -> None:
    rows = np.unique(treatments.of_well, return_index=True)[1][1:]
    table = plate.take(rows)
    table = dataclasses.replace(table, wells=table.wells.assign(**{PLATE: None, WELL: None}))
    grouped = treatments_with_structure(table)
    data = training_set(table, grouped, grouped.of_well >= 0, molecules, p_values=True)
    assert data.p_value is not None
    assert np.isnan(data.p_value).all()
