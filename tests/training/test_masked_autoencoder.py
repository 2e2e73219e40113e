"""The masked autoencoder: what it learns, from which wells, and that it is the same every time."""

from __future__ import annotations

import dataclasses
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from simulated_plates import simulated_plate

from molphenix_core.errors import Cancelled, InputError, UnknownSpaceError
from molphenix_core.plates.normalise import normalise_to_controls, sphere_to_controls
from molphenix_core.plates.plate import Plate
from molphenix_core.training.masked_autoencoder import MaskedAutoencoderConfig, fit_masked_autoencoder

CONFIG = MaskedAutoencoderConfig(width=64, bottleneck=8, epochs=8, batch_size=64)
PLATE = simulated_plate()
ENCODER = fit_masked_autoencoder(PLATE, CONFIG)


def factor_plate(seed: int) -> Plate:
    """Profiles of three hidden factors: what is masked can be told from the rest."""
    random = np.random.default_rng(seed)
    plate = simulated_plate(molecules=48, effect=0.0)
    factors = random.normal(size=(len(plate), 3)) @ np.random.default_rng(5).normal(size=(3, 30))
    values = (factors + 0.1 * random.normal(size=(len(plate), 30))).astype(np.float32)
    return dataclasses.replace(plate, embeddings=values)


def test_hidden_features_are_told_from_the_others_where_they_hang_together() -> None:
    losses: list[float] = []
    config = dataclasses.replace(CONFIG, epochs=60)
    fit_masked_autoencoder(factor_plate(0), config, report=lambda _, loss: losses.append(loss))
    alone: list[float] = []
    noise = np.random.default_rng(0).normal(size=PLATE.embeddings.shape).astype(np.float32)
    unrelated = dataclasses.replace(PLATE, embeddings=noise)
    fit_masked_autoencoder(unrelated, config, report=lambda _, loss: alone.append(loss))
    assert len(losses) == 60
    # Features of unit variance: 1 is what knowing nothing costs.
    assert losses[-1] < 0.3
    assert alone[-1] > 0.9


def test_the_embedding_is_sphered_on_the_training_wells() -> None:
    encoder = fit_masked_autoencoder(PLATE, dataclasses.replace(CONFIG, shrinkage=0.0))
    encoded = encoder.encode(PLATE).embeddings[PLATE.is_treated]
    assert encoded.shape[1] == 8
    np.testing.assert_allclose(np.cov(encoded, rowvar=False, bias=True), np.eye(8), atol=0.01)
    np.testing.assert_allclose(encoded.mean(axis=0), 0, atol=0.01)


def test_one_seed_gives_one_encoder_and_disturbs_nobody_else() -> None:
    torch.manual_seed(4)
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    again = fit_masked_autoencoder(PLATE, CONFIG)
    assert again.identity == ENCODER.identity
    assert again.space == ENCODER.space
    assert torch.equal(before, torch.random.get_rng_state())
    assert torch.get_num_threads() == threads
    other = fit_masked_autoencoder(PLATE, dataclasses.replace(CONFIG, seed=1))
    assert other.identity != ENCODER.identity


def test_neither_controls_nor_structures_nor_other_wells_train_it() -> None:
    normalised = normalise_to_controls(PLATE)
    train = (PLATE.wells["Metadata_Plate"] != "S3").to_numpy()
    reference = fit_masked_autoencoder(normalised.take(train), CONFIG)
    values = normalised.embeddings.copy()
    values[PLATE.is_negative_control | ~train] += 5
    wells = normalised.wells.assign(Metadata_SMILES="C", Metadata_compound_name="x")
    changed = dataclasses.replace(normalised, embeddings=values, wells=wells)
    assert fit_masked_autoencoder(changed.take(train), CONFIG).identity == reference.identity


def test_columns_are_aligned_by_name_and_further_ones_passed_over() -> None:
    order = np.random.default_rng(0).permutation(30)
    names = (*(PLATE.feature_names[i] for i in order), "Cells_Other")
    values = np.pad(PLATE.embeddings[:, order], ((0, 0), (0, 1)), constant_values=9)
    shuffled = dataclasses.replace(PLATE, embeddings=values, feature_names=names)
    np.testing.assert_allclose(
        ENCODER.encode(shuffled).embeddings, ENCODER.encode(PLATE).embeddings, rtol=1e-5, atol=1e-6
    )
    short = dataclasses.replace(PLATE, embeddings=PLATE.embeddings[:, :29], feature_names=PLATE.feature_names[:29])
    assert not ENCODER.accepts(short)
    with pytest.raises(UnknownSpaceError, match="1 of 30 input features missing"):
        ENCODER.encode(short)


def test_nothing_is_encoded_twice_and_sphered_profiles_are_refused() -> None:
    encoded = ENCODER.encode(PLATE)
    assert encoded.space == ENCODER.space
    assert not ENCODER.accepts(encoded)
    with pytest.raises(UnknownSpaceError, match="masked-autoencoder"):
        ENCODER.encode(encoded)
    with pytest.raises(UnknownSpaceError, match="sphered-to-controls"):
        fit_masked_autoencoder(sphere_to_controls(normalise_to_controls(PLATE)), CONFIG)


def test_replicates_are_more_alike_than_others_in_the_embedding() -> None:
    encoded = ENCODER.encode(PLATE)
    treated = encoded.take(PLATE.is_treated)
    unit = treated.embeddings / np.linalg.norm(treated.embeddings, axis=1, keepdims=True)
    name = treated.wells["Metadata_compound_name"].to_numpy()
    same = name[:, None] == name[None]
    apart = treated.wells["Metadata_Plate"].to_numpy()
    across = apart[:, None] != apart[None]
    alike = unit @ unit.T
    assert alike[same & across].mean() > alike[~same & across].mean() + 0.3


def test_everything_that_shapes_the_output_is_in_the_identity() -> None:
    changes: list[dict[str, Any]] = [
        {"limit": 4.0},
        {"bias_in": ENCODER.bias_in + 1},
        {"weight_out": ENCODER.weight_out * 2},
    ]
    assert len({dataclasses.replace(ENCODER, **c).space for c in changes} | {ENCODER.space}) == 4


def test_training_can_be_stopped() -> None:
    def stop(epoch: int, _: float) -> None:
        if epoch == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        fit_masked_autoencoder(PLATE, CONFIG, report=stop)


@pytest.mark.parametrize("wrong", [{"masked": 0.0}, {"masked": 1.0}, {"epochs": 0}, {"bottleneck": 0}])
def test_settings_out_of_range_are_named(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        fit_masked_autoencoder(PLATE, dataclasses.replace(CONFIG, **wrong))  # type: ignore[arg-type]


def test_too_little_to_fit_to_is_said() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one = normalise_to_controls(PLATE).take(np.flatnonzero(PLATE.is_treated)[:1])
    with pytest.raises(InputError, match="1 treated wells"):
        fit_masked_autoencoder(one, CONFIG)
