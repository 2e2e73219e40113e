"""The kernel head: a literal regression, and its likelihood as one product of unit vectors."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray
from small_bundle import small_bundle, with_head

from molphenix_core.errors import InputError
from molphenix_core.model.kernel_head import KernelHead, KernelHeadConfig, dose_kernel, fit_kernel_head

CONFIG = KernelHeadConfig(ridge=0.2, dose_width=0.7, shrinkage=0.4)
DOSES = np.array([0.1, 1.0, 10.0])


@dataclasses.dataclass
class Made:
    features: NDArray[np.float32]
    molecule: NDArray[np.int64]
    dose: NDArray[np.float64]
    phenotypes: NDArray[np.float32]


@pytest.fixture(scope="module")
def made() -> Made:
    random = np.random.default_rng(0)
    # As precise as is stored, so that the literal regression sees the same.
    features = (random.normal(size=(30, 6)) / np.sqrt(6)).astype(np.float16).astype(np.float32)
    molecule = np.repeat(np.arange(30), 3)
    dose = np.tile(DOSES, 30)
    effect = features[molecule] @ random.normal(size=(6, 5)) * np.log10(dose * 20)[:, None]
    return Made(features, molecule, dose, (effect + 0.1 * random.normal(size=(90, 5))).astype(np.float32))


@pytest.fixture(scope="module")
def head(made: Made) -> KernelHead:
    return fit_kernel_head(made.features, made.molecule, made.dose, made.phenotypes, CONFIG)


def literal(made: Made, rows: NDArray[np.integer], molecule: int, dose: float) -> NDArray[np.float64]:
    """Prediction of a kernel ridge regression on some treatments, loop by loop; less their mean."""

    def kernel(a: int, b: int, dose_a: float, dose_b: float) -> float:
        product = (made.features[a].astype(float) @ made.features[b] + 1.0) / 2.0
        return float(product * np.exp(-((np.log10(dose_a) - np.log10(dose_b)) ** 2) / (2 * 0.7**2)))

    square = [[kernel(made.molecule[i], made.molecule[j], made.dose[i], made.dose[j]) for j in rows] for i in rows]
    mean = made.phenotypes.mean(axis=0, dtype=float)
    dual = np.linalg.solve(np.array(square) + 0.2 * np.eye(len(rows)), made.phenotypes[rows] - mean)
    return np.array([kernel(molecule, made.molecule[j], dose, made.dose[j]) for j in rows]) @ dual


def test_scores_are_the_gaussian_likelihood_of_the_literal_regression(made: Made, head: KernelHead) -> None:
    mean = made.phenotypes.mean(axis=0, dtype=float)
    left_out = np.array(
        [
            made.phenotypes[i]
            - mean
            - literal(made, np.flatnonzero(made.molecule != made.molecule[i]), made.molecule[i], made.dose[i])
            for i in range(0, 90)
        ]
    )
    covariance = left_out.T @ left_out / 90
    shrunk = 0.6 * covariance + 0.4 * np.trace(covariance) / 5 * np.eye(5)
    everything = np.arange(90)
    candidates = np.array([literal(made, everything, m, dose) for m in range(4) for dose in DOSES])
    fits = np.linalg.norm(head.embed_molecules(made.features[:4], DOSES).reshape(12, -1)[:, :-2], axis=1)
    fits = np.abs(fits - np.linalg.norm(candidates @ head.root, axis=1)) < 1e-2
    assert fits.sum() >= 6
    for query in made.phenotypes[:5].astype(float):
        apart = query - mean - candidates
        likelihood = -0.5 * np.einsum("ni,ij,nj->n", apart, np.linalg.inv(shrunk), apart)
        ours = head.embed_molecules(made.features[:4], DOSES).reshape(12, -1) @ head.embed_phenotypes(
            query[None].astype(np.float32)
        )[0].astype(float)
        likelihood, ours = likelihood[fits], ours[fits]
        slope = np.polyfit(likelihood, ours, 1)[0]
        assert slope > 0
        assert np.corrcoef(likelihood, ours)[0, 1] > 0.9999


def test_candidates_have_one_length_however_far_the_prediction(made: Made, head: KernelHead) -> None:
    far = 40 * made.features[:3]
    vectors = head.embed_molecules(np.concatenate([made.features, far]), np.array([0.01, 1.0, np.nan]))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=-1), head.length[0], rtol=1e-4)


def test_a_query_scores_random_candidates_with_spread_one(made: Made, head: KernelHead) -> None:
    scores = head.embed_phenotypes(made.phenotypes) @ head.embed_molecules(made.features, DOSES).reshape(90, -1).T
    assert 0.5 < np.median(scores.std(axis=1)) < 2.5


def test_an_unknown_dose_is_near_to_all(made: Made) -> None:
    dose = made.dose.copy()
    dose[:] = np.nan
    blind = fit_kernel_head(made.features, made.molecule, dose, made.phenotypes, CONFIG)
    vectors = blind.embed_molecules(made.features[:2], np.array([0.001, 5.0, np.nan]))
    np.testing.assert_allclose(vectors[:, 0], vectors[:, 2])
    np.testing.assert_allclose(vectors[:, 1], vectors[:, 2])


def test_round_trip_and_refusals(made: Made, head: KernelHead) -> None:
    arrays = head.to_arrays()
    assert all(np.isfinite(array).all() for array in arrays.values())  # type: ignore[call-overload]
    again = KernelHead.from_arrays(arrays)
    np.testing.assert_array_equal(
        again.embed_molecules(made.features, np.array([1.0])), head.embed_molecules(made.features, np.array([1.0]))
    )
    outside = arrays["molecule"].copy()
    outside[0] = 30
    for broken in (
        {**arrays, "molecule": outside},
        {**arrays, "dual": arrays["dual"][:-1]},
        {**arrays, "root": arrays["root"].astype(np.float64)},  # type: ignore[union-attr]
        {name: array for name, array in arrays.items() if name != "spread"},
    ):
        with pytest.raises(InputError):
            KernelHead.from_arrays(broken)


def test_unknown_doses_survive_the_round_trip(made: Made) -> None:
    dose = np.where(np.arange(90) % 2 == 0, made.dose, np.nan)
    head = fit_kernel_head(made.features, made.molecule, dose, made.phenotypes, CONFIG)
    again = KernelHead.from_arrays(head.to_arrays())
    np.testing.assert_array_equal(np.isinf(again.log_dose), np.isnan(dose))


def test_towers_and_head_weigh_alike_in_the_joint_vector() -> None:
    """The score is the sum of both, each over its spread among random candidates."""
    bundle = small_bundle()
    (space,) = bundle.spaces
    joined = with_head(bundle, CONFIG)
    head, reference = joined.heads[space], bundle.references[space]
    smiles, molecule = np.unique(reference.wells["Metadata_SMILES"].to_numpy(dtype=str), return_inverse=True)
    features = bundle.molecule_features(smiles.tolist())
    grid, column = np.unique(reference.wells["Metadata_Concentration"].to_numpy(np.float64), return_inverse=True)
    treated = bundle.embed_molecules(features, grid)[molecule, column]

    phenotypes = reference.embeddings[:10]
    queries = joined.embed_phenotypes(phenotypes, space)
    candidates = joined.embed_molecules(features, grid)[molecule, column]
    for vectors in (queries, candidates):
        assert vectors.shape[1] == joined.width == bundle.width + head.width
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-4)

    towers = bundle.embed_phenotypes(phenotypes, space) @ treated.T
    kernel = head.embed_phenotypes(phenotypes) @ head.embed_molecules(features, grid)[molecule, column].T
    expected = towers / head.tower_spread(bundle.embed_phenotypes(phenotypes, space)) + kernel
    ours = queries @ candidates.T
    ratio = ours / expected
    assert (np.abs(ratio / np.median(ratio, axis=1, keepdims=True) - 1) < 1e-2).mean() > 0.95
    spreads = np.std(towers, axis=1) / head.tower_spread(bundle.embed_phenotypes(phenotypes, space))[:, 0]
    np.testing.assert_allclose(spreads, 1, rtol=0.1)


def test_known_and_unknown_doses_together_make_a_kernel() -> None:
    """Else the regression inverts what it should learn."""
    doses = np.array([-1.0, 0.0, 1.0, 2.0, np.nan, np.nan, 0.0])
    kernel = dose_kernel(doses, doses, 0.5)
    assert np.linalg.eigvalsh(kernel).min() > -1e-12
    np.testing.assert_allclose(kernel, kernel.T)
    np.testing.assert_allclose(kernel[:4, :4], np.exp(-(np.subtract.outer(doses[:4], doses[:4]) ** 2) / 0.5))
    np.testing.assert_allclose(kernel[4, 1], kernel[1, [0, 1, 6, 2, 3]].mean())
    np.testing.assert_allclose(dose_kernel(doses, np.full(3, np.nan), 0.5), 1.0)
