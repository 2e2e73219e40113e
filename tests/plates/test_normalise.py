"""Normalisation to negative controls, and sphering."""

from __future__ import annotations

import dataclasses
import warnings

import numpy as np
import pandas as pd
import pytest
from pycytominer.operations.transform import Spherize
from simulated_plates import simulated_plate

from molphenix_core.plates.normalise import (
    ROBUST,
    SPHERED,
    NormalisationWarning,
    fit_sphering,
    normalise_to_controls,
    sphere_to_controls,
)
from molphenix_core.plates.plate import CONTROL_TYPE, PERTURBATION_TYPE, PLATE, Plate


def without_controls(plate: Plate, barcode: str) -> Plate:
    wells = plate.wells.copy()
    here = (wells[PLATE] == barcode).to_numpy()
    wells.loc[here, PERTURBATION_TYPE] = "trt"
    wells.loc[here, CONTROL_TYPE] = None
    return dataclasses.replace(plate, wells=wells)


def with_feature(plate: Plate, column: int, values: np.ndarray) -> Plate:
    embeddings = plate.embeddings.copy()
    embeddings[:, column] = values
    return dataclasses.replace(plate, embeddings=embeddings)


def test_robust_z_scores_are_the_published_formula_plate_by_plate() -> None:
    plate = simulated_plate()
    normalised = normalise_to_controls(plate)
    assert normalised.embeddings.dtype == np.float32
    for barcode in plate.barcodes:
        here = (plate.wells[PLATE] == barcode).to_numpy()
        controls = plate.embeddings[here & plate.is_negative_control].astype(float)
        median = np.median(controls, axis=0)
        mad = np.median(np.abs(controls - median), axis=0)
        expected = (plate.embeddings[here] - median) / (1.4826 * mad)
        np.testing.assert_allclose(normalised.embeddings[here], expected, rtol=1e-4, atol=1e-4)


def test_the_state_is_recorded_and_nothing_is_normalised_twice() -> None:
    once = normalise_to_controls(simulated_plate())
    assert once.embedding.normalisation == (ROBUST,)
    # Other numbers in a plate that says it was done: they must come back untouched.
    marked = dataclasses.replace(once, embeddings=once.embeddings * 7 + 3)
    np.testing.assert_array_equal(normalise_to_controls(marked).embeddings, marked.embeddings)
    sphered = sphere_to_controls(once)
    assert sphered.embedding.normalisation == (ROBUST, SPHERED)
    assert sphere_to_controls(sphered) is sphered
    assert normalise_to_controls(sphered) is sphered


def test_normalisation_does_not_see_scale_and_offset_of_a_plate() -> None:
    plate = simulated_plate(plates=2)
    shifted = plate.embeddings.copy()
    second = (plate.wells[PLATE] == "S2").to_numpy()
    shifted[second] = shifted[second] * 3 + 100
    moved = normalise_to_controls(dataclasses.replace(plate, embeddings=shifted))
    np.testing.assert_allclose(moved.embeddings, normalise_to_controls(plate).embeddings, atol=2e-3)


def test_a_plate_without_controls_warns_and_takes_all_its_wells() -> None:
    plate = without_controls(simulated_plate(plates=2), "S2")
    with pytest.warns(NormalisationWarning, match="plate S2 has 0 negative controls"):
        normalised = normalise_to_controls(plate)
    here = (plate.wells[PLATE] == "S2").to_numpy()
    np.testing.assert_allclose(np.median(normalised.embeddings[here], axis=0), 0, atol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NormalisationWarning)
        alone = normalise_to_controls(simulated_plate(plates=2))
    np.testing.assert_array_equal(normalised.embeddings[~here], alone.embeddings[~here])


def test_flat_features_stay_finite_and_keep_what_varies_elsewhere() -> None:
    plate = simulated_plate()
    controls = plate.is_negative_control
    never = with_feature(plate, 0, np.full(len(plate), 5.0))
    assert not normalise_to_controls(never).embeddings[:, 0].any()
    treated = np.random.default_rng(0).normal(10, 2, len(plate))
    flat = normalise_to_controls(with_feature(plate, 0, np.where(controls, 5.0, treated)))
    assert not flat.embeddings[controls, 0].any()
    assert 0.5 < flat.embeddings[~controls, 0].std() < 2


def test_a_table_without_plates_is_normalised_as_one() -> None:
    plate = simulated_plate(plates=1)
    loose = dataclasses.replace(plate, wells=plate.wells.assign(**{PLATE: None}))
    np.testing.assert_array_equal(normalise_to_controls(loose).embeddings, normalise_to_controls(plate).embeddings)


@pytest.mark.parametrize("regularisation", [0.0, 0.1])
def test_sphering_is_pycytominers_up_to_how_it_is_regularised(regularisation: float) -> None:
    random = np.random.default_rng(1)
    controls = random.normal(size=(400, 12)) @ random.normal(size=(12, 12))
    sphering = fit_sphering(controls, regularisation=regularisation)
    oracle = Spherize(method="ZCA", epsilon=0.0)
    # Theirs divides by n - 1 and adds epsilon to singular values, ours by n and adds to eigenvalues. Adding rows
    # of exactly the regularising covariance makes their data have our spectrum.
    n = len(controls)
    centred = controls - controls.mean(axis=0)
    extra = np.sqrt(regularisation * n / 2) * np.concatenate([np.eye(12), -np.eye(12)])
    padded = np.concatenate([centred, extra]) if regularisation else centred
    oracle.fit(pd.DataFrame(padded))
    theirs = oracle.transform(pd.DataFrame(centred)).to_numpy() * np.sqrt(n / (len(padded) - 1))
    np.testing.assert_allclose(sphering.apply(controls), theirs, rtol=1e-4, atol=1e-5)


def test_sphered_controls_have_unit_covariance_and_keep_their_features() -> None:
    random = np.random.default_rng(2)
    controls = random.normal(size=(500, 8)) @ np.diag(np.linspace(1, 9, 8)) + 40
    sphered = fit_sphering(controls, regularisation=0.0).apply(controls)
    np.testing.assert_allclose(np.cov(sphered, rowvar=False, bias=True), np.eye(8), atol=1e-4)
    correlation = np.corrcoef(controls.T, sphered.T)[:8, 8:]
    assert (correlation.argmax(axis=1) == np.arange(8)).all()


def test_more_features_than_controls_do_not_blow_up() -> None:
    random = np.random.default_rng(3)
    controls = random.normal(size=(6, 50)).astype(np.float32)
    out = fit_sphering(controls).apply(random.normal(size=(20, 50)))
    assert np.abs(out).max() < 20


def test_each_batch_is_sphered_to_its_own_controls() -> None:
    plate = normalise_to_controls(simulated_plate(plates=4, controls=40, features=6))
    sphered = sphere_to_controls(plate, regularisation=0.0)
    for batch in ("batch 1", "batch 2"):
        here = (plate.wells["Metadata_Batch"] == batch).to_numpy()
        covariance = np.cov(sphered.embeddings[here & plate.is_negative_control], rowvar=False, bias=True)
        np.testing.assert_allclose(covariance, np.eye(6), atol=1e-3)


def test_a_batch_without_controls_takes_those_of_the_others_and_says_so() -> None:
    plate = without_controls(simulated_plate(plates=3, controls=40, features=6), "S3")
    with pytest.warns(NormalisationWarning, match="batch batch 2 has 0 negative controls"):
        sphered = sphere_to_controls(plate)
    here = (plate.wells["Metadata_Batch"] == "batch 2").to_numpy()
    whole = fit_sphering(plate.embeddings[plate.is_negative_control])
    np.testing.assert_array_equal(sphered.embeddings[here], whole.apply(plate.embeddings[here]))


def test_no_controls_at_all_leave_the_plate_as_it_is() -> None:
    plate = simulated_plate(plates=1, controls=2)
    with pytest.warns(NormalisationWarning, match="2 negative controls .* not sphered"):
        assert sphere_to_controls(plate) is plate
