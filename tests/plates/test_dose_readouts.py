from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from simulated_plates import simulated_plate

from molphenix_core.plates.activity import distance_to_control
from molphenix_core.plates.dose_readouts import similarity_to_top_dose, well_distance_to_control
from molphenix_core.plates.dose_response import HillFit, fit_hill
from molphenix_core.plates.normalise import normalise_to_controls
from molphenix_core.plates.plate import CONCENTRATION, Plate
from molphenix_core.plates.treatments import group_treatments

DOSES = np.repeat([0.62, 1.25, 2.5, 5.0, 10.0, 20.0], 4)


@pytest.fixture(scope="module")
def plate() -> Plate:
    return normalise_to_controls(simulated_plate(effect=1.0, molecules=30))


def series(plate: Plate, strength: float, seed: int) -> tuple[Plate, np.ndarray]:
    """A plate on which 24 treated wells are one compound of EC50 4 micromolar, acting in one direction."""
    random = np.random.default_rng(seed)
    width = plate.embeddings.shape[1]
    rows = np.flatnonzero(plate.is_treated)[: len(DOSES)]
    controls = plate.embeddings[plate.is_negative_control]
    values = plate.embeddings.copy()
    drawn = controls[random.integers(len(controls), size=len(rows))]
    direction = random.normal(size=width)
    effect = strength / (1 + (4.0 / DOSES) ** 2)
    spread = np.sqrt(((controls - controls.mean(axis=0)) ** 2).sum(axis=1).mean())
    values[rows] = drawn + effect[:, None] * spread * direction / np.linalg.norm(direction)
    wells = plate.wells.copy()
    doses = wells[CONCENTRATION].to_numpy(dtype=np.float64, copy=True)
    doses[rows] = DOSES
    wells[CONCENTRATION] = doses
    return dataclasses.replace(plate, wells=wells, embeddings=values.astype(np.float32)), rows


def test_the_distance_of_a_treatment_is_that_of_its_wells(plate: Plate) -> None:
    treatments = group_treatments(plate)
    wells = well_distance_to_control(plate)
    assert wells.shape == (len(plate),)
    squared = treatments.mean(wells[:, None] ** 2)[:, 0]
    np.testing.assert_allclose(np.sqrt(squared), distance_to_control(plate, treatments), rtol=1e-4)
    assert (wells[plate.is_negative_control] ** 2).mean() == pytest.approx(1.0)


def test_without_controls_there_is_no_distance(plate: Plate) -> None:
    assert np.isnan(well_distance_to_control(plate.take(plate.is_treated))).all()


@pytest.mark.parametrize("readout", ["distance", "similarity"])
def test_a_planted_dose_response_is_found(plate: Plate, readout: str) -> None:
    acting, rows = series(plate, 6.0, seed=0)
    values = (
        well_distance_to_control(acting)[rows] if readout == "distance" else similarity_to_top_dose(acting, rows)
    )
    found = fit_hill(DOSES, values)
    assert isinstance(found, HillFit)
    assert found.top > found.bottom
    # Neither readout is linear in the effect: similarity is full where the direction is clear.
    assert 0.5 < found.ec50 < 12


@pytest.mark.parametrize("readout", ["distance", "similarity"])
def test_wells_in_which_nothing_acts_seldom_get_an_ec50(plate: Plate, readout: str) -> None:
    curves = 0
    for seed in range(60):
        inert, rows = series(plate, 0.0, seed)
        values = (
            well_distance_to_control(inert)[rows] if readout == "distance" else similarity_to_top_dose(inert, rows)
        )
        curves += isinstance(fit_hill(DOSES, values), HillFit)
    # 0.6 of 60 expected; more than four in fewer than one run of a thousand.
    assert curves <= 4


def test_the_reference_is_not_compared_with_itself(plate: Plate) -> None:
    acting, rows = series(plate, 6.0, seed=1)
    similarity = similarity_to_top_dose(acting, rows)
    top = np.flatnonzero(DOSES == 20.0)
    assert np.flatnonzero(np.isnan(similarity)).tolist() == top[::2].tolist()
    assert np.abs(similarity[np.isfinite(similarity)]).max() <= 1.0 + 1e-9
    # A single well at the highest dose is the reference, and the others are compared with it.
    alone = similarity_to_top_dose(acting, np.delete(rows, top[1:]))
    assert np.flatnonzero(np.isnan(alone)).tolist() == [len(alone) - 1]


def test_without_a_known_dose_there_is_no_similarity(plate: Plate) -> None:
    wells = plate.wells.copy()
    wells[CONCENTRATION] = np.nan
    unknown = dataclasses.replace(plate, wells=wells)
    assert np.isnan(similarity_to_top_dose(unknown, np.array([0, 1, 2]))).all()
