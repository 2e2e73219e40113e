"""The molecule encoder: one kernel over features of all kinds, as coordinates."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from simulated_structures import structures

from molphenix_core.errors import InputError
from molphenix_core.molecules.encoder import MoleculeEncoder, MoleculeEncoderConfig, fit_molecule_encoder
from molphenix_core.molecules.features import FeatureSet

FEATURES = FeatureSet(("maccs", "descriptors"))


@pytest.fixture(scope="module")
def raw() -> NDArray[np.float32]:
    return FEATURES.compute(structures(60))


def gaussian(raw: NDArray[np.float32], training: NDArray[np.float32]) -> NDArray[np.float64]:
    """The kernel on descriptors, written out."""
    mean, sd = np.nanmean(training, axis=0), np.nanstd(training, axis=0)
    varies = sd > 1e-6 * np.maximum(1, np.abs(mean))
    scaled = np.nan_to_num(np.clip((raw - mean)[:, varies] / sd[varies], -5, 5).astype(np.float64))
    squared = ((scaled[:, None] - scaled[None]) ** 2).sum(axis=-1)
    inside = np.nan_to_num(np.clip((training - mean)[:, varies] / sd[varies], -5, 5).astype(np.float64))
    width = np.median(((inside[:, None] - inside[None]) ** 2).sum(axis=-1)[np.triu_indices(len(inside), 1)])
    return np.exp(-squared / width)


def tanimoto(raw: NDArray[np.float32]) -> NDArray[np.float64]:
    sets = [set(np.flatnonzero(row)) for row in raw]
    return np.array([[len(a & b) / len(a | b) for b in sets] for a in sets])


def test_products_are_the_centred_kernel(raw: NDArray[np.float32]) -> None:
    training = raw[:50]
    encoder = fit_molecule_encoder(training, FEATURES, MoleculeEncoderConfig())
    encoded = encoder.transform(training).astype(np.float64)
    maccs = FEATURES.layout[0][0]
    kernel = 0.5 * tanimoto(training[:, :maccs]) + 0.5 * gaussian(training[:, maccs:], training[:, maccs:])
    centring = np.eye(50) - 1 / 50
    expected = centring @ kernel @ centring
    expected /= np.trace(expected) / 50
    assert np.abs(encoded @ encoded.T - expected).max() < 5e-3
    assert (encoded**2).sum(axis=1).mean() == pytest.approx(1, abs=1e-3)


def test_components_come_in_order_and_stop_at_the_rank(raw: NDArray[np.float32]) -> None:
    encoder = fit_molecule_encoder(raw[:30], FEATURES, MoleculeEncoderConfig())
    variance = encoder.transform(raw[:30]).var(axis=0)
    assert encoder.width == 29
    assert (np.diff(variance) < 1e-4).all()
    assert fit_molecule_encoder(raw[:30], FEATURES, MoleculeEncoderConfig(components=7)).width == 7


def test_counts_alone_and_descriptors_alone(raw: NDArray[np.float32]) -> None:
    maccs = FEATURES.layout[0][0]
    for part, blocks in ((raw[:, :maccs], ("maccs",)), (raw[:, maccs:], ("descriptors",))):
        encoder = fit_molecule_encoder(part, FeatureSet(blocks), MoleculeEncoderConfig())
        assert np.isfinite(encoder.transform(part)).all()


def test_missing_descriptors_count_as_the_mean(raw: NDArray[np.float32]) -> None:
    encoder = fit_molecule_encoder(raw, FEATURES, MoleculeEncoderConfig())
    gap, filled = raw[:1].copy(), raw[:1].copy()
    column = FEATURES.layout[0][0] + 4
    gap[0, column] = np.nan
    filled[0, column] = encoder.mean[4]
    np.testing.assert_allclose(encoder.transform(gap), encoder.transform(filled), atol=1e-5)


def test_round_trip_and_refusals(raw: NDArray[np.float32]) -> None:
    encoder = fit_molecule_encoder(raw, FEATURES, MoleculeEncoderConfig(components=8))
    arrays = encoder.to_arrays()
    np.testing.assert_array_equal(MoleculeEncoder.from_arrays(arrays).transform(raw), encoder.transform(raw))
    for broken in (
        {name: array for name, array in arrays.items() if name != "axes"},
        {**arrays, "axes": arrays["axes"][:-1]},
        {**arrays, "mean": arrays["mean"][:-1]},
        {**arrays, "real": arrays["real"].astype(np.float64)},  # type: ignore[union-attr]
    ):
        with pytest.raises(InputError):
            MoleculeEncoder.from_arrays(broken)
    with pytest.raises(InputError):
        encoder.transform(raw[:, :-1])
    with pytest.raises(InputError, match="varies"):
        fit_molecule_encoder(np.repeat(raw[:1], 3, axis=0), FEATURES, MoleculeEncoderConfig())
