"""The profile encoder."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_plates import simulated_plate

from molphenix_core.errors import InputError, UnknownSpaceError
from molphenix_core.plates.encoder import fit_profile_encoder
from molphenix_core.plates.normalise import ROBUST, normalise_to_controls, sphere_to_controls
from molphenix_core.plates.plate import Plate

PLATE = simulated_plate()
ENCODER = fit_profile_encoder(PLATE, components=8)


def with_columns(plate: Plate, order: list[int]) -> Plate:
    names = tuple(plate.feature_names[i] for i in order)
    return dataclasses.replace(plate, embeddings=plate.embeddings[:, order], feature_names=names)


def test_components_are_uncorrelated_and_of_unit_variance_without_shrinkage() -> None:
    encoder = fit_profile_encoder(PLATE, components=8, shrinkage=0.0)
    encoded = encoder.encode(PLATE).embeddings[PLATE.is_treated]
    np.testing.assert_allclose(np.cov(encoded, rowvar=False, bias=True), np.eye(8), atol=1e-3)
    np.testing.assert_allclose(encoded.mean(axis=0), 0, atol=1e-3)


def test_shrinkage_leaves_weak_components_smaller_than_strong_ones() -> None:
    variances = ENCODER.encode(PLATE).embeddings[PLATE.is_treated].var(axis=0)
    assert (np.diff(variances) < 0).all()
    assert variances[0] < 1


def test_wells_that_do_not_train_do_not_change_the_encoder() -> None:
    train = (PLATE.wells["Metadata_Plate"] != "S3").to_numpy()
    other = PLATE.embeddings.copy()
    other[~train] = np.random.default_rng(9).normal(size=other[~train].shape)
    changed = dataclasses.replace(PLATE, embeddings=other)
    first, second = (fit_profile_encoder(plate.take(train), components=8) for plate in (PLATE, changed))
    assert first.identity == second.identity
    assert first.identity != ENCODER.identity


def test_controls_are_not_fitted_to() -> None:
    normalised = normalise_to_controls(PLATE)
    moved = normalised.embeddings.copy()
    moved[PLATE.is_negative_control] += 5
    changed = dataclasses.replace(normalised, embeddings=moved)
    assert fit_profile_encoder(changed).identity == fit_profile_encoder(normalised).identity


def test_the_same_wells_give_the_same_encoder_whatever_their_order() -> None:
    backwards = PLATE.take(np.arange(len(PLATE))[::-1])
    again = fit_profile_encoder(backwards, components=8)
    np.testing.assert_allclose(again.matrix, ENCODER.matrix, rtol=1e-3, atol=1e-5)
    assert fit_profile_encoder(PLATE, components=8).identity == ENCODER.identity


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(30)))
def test_columns_are_aligned_by_name(order: list[int]) -> None:
    np.testing.assert_array_equal(
        ENCODER.encode(with_columns(PLATE, order)).embeddings, ENCODER.encode(PLATE).embeddings
    )


def test_further_columns_are_passed_over() -> None:
    names = (*PLATE.feature_names, "Cells_Other")
    wider = dataclasses.replace(
        PLATE, embeddings=np.pad(PLATE.embeddings, ((0, 0), (0, 1)), constant_values=9), feature_names=names
    )
    np.testing.assert_array_equal(ENCODER.encode(wider).embeddings, ENCODER.encode(PLATE).embeddings)


def test_a_missing_feature_is_named() -> None:
    short = with_columns(PLATE, [i for i in range(30) if i not in (4, 7)])
    assert not ENCODER.accepts(short)
    with pytest.raises(UnknownSpaceError, match=r"var_names: found 2 of 30 .* the first 'Cells_Simulated_04'"):
        ENCODER.encode(short)


def test_names_that_mean_nothing_are_never_aligned() -> None:
    plain = tuple(f"f_{i}" for i in range(30))
    encoder = fit_profile_encoder(dataclasses.replace(PLATE, feature_names=plain))
    learned = simulated_plate(encoder="unknown", names=plain)
    assert not encoder.accepts(learned)
    with pytest.raises(UnknownSpaceError, match="encoder: found 'unknown'"):
        encoder.encode(learned)


def test_nothing_is_encoded_twice() -> None:
    encoded = ENCODER.encode(PLATE)
    assert encoded.space == ENCODER.space
    assert ROBUST in (encoded.embedding.normalisation or ())
    with pytest.raises(UnknownSpaceError, match="sphered-pca"):
        ENCODER.encode(encoded)
    # Even where the names of its columns are those of the input.
    disguised = fit_profile_encoder(
        dataclasses.replace(PLATE, feature_names=tuple(f"component_{i + 1:03d}" for i in range(30))), components=30
    )
    assert set(disguised.output_names) == set(disguised.feature_names)
    renamed = dataclasses.replace(PLATE, feature_names=disguised.feature_names)
    with pytest.raises(UnknownSpaceError):
        disguised.encode(disguised.encode(renamed))


def test_normalised_profiles_are_not_normalised_again_and_sphered_ones_are_refused() -> None:
    normalised = normalise_to_controls(PLATE)
    np.testing.assert_array_equal(ENCODER.encode(normalised).embeddings, ENCODER.encode(PLATE).embeddings)
    sphered = sphere_to_controls(normalised)
    for call in (ENCODER.encode, fit_profile_encoder):
        with pytest.raises(
            UnknownSpaceError, match="normalisation: found robust-to-controls, sphered-to-controls"
        ):
            call(sphered)


def test_a_dead_well_cannot_reach_far() -> None:
    wild = PLATE.embeddings.copy()
    wild[np.flatnonzero(PLATE.is_treated)[0]] = 1e6
    encoded = ENCODER.encode(dataclasses.replace(PLATE, embeddings=wild)).embeddings
    assert np.abs(encoded).max() < 50


def test_everything_that_shapes_the_output_is_in_the_identity() -> None:
    changes = [
        {"limit": 4.0},
        {"mean": ENCODER.mean + 1},
        {"matrix": ENCODER.matrix * 2},
        {"feature_names": ENCODER.feature_names[::-1]},
    ]
    spaces = {dataclasses.replace(ENCODER, **change).space for change in changes} | {ENCODER.space}
    assert len(spaces) == 5


def test_too_little_to_fit_to_is_said() -> None:
    treated = np.flatnonzero(PLATE.is_treated)
    with pytest.raises(InputError, match="1 treated wells"):
        fit_profile_encoder(normalise_to_controls(PLATE).take(treated[:1]))
    with pytest.raises(InputError, match="all alike"):
        fit_profile_encoder(normalise_to_controls(PLATE).take(np.repeat(treated[:1], 3)))
