from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from molphenix_core.molecules.similarity import nearest, tanimoto

SMILES = ["CC(=O)Oc1ccccc1C(=O)O", "OC(=O)c1ccccc1O", "CCO", "CN1C=NC2=C1C(=O)N(C)C(=O)N2C", "C" * 40]


def test_equals_rdkit_on_counts_and_bits() -> None:
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=3, fpSize=2048)
    mols = [Chem.MolFromSmiles(smiles) for smiles in SMILES]
    for dense, sparse in (
        (generator.GetCountFingerprintAsNumPy, generator.GetCountFingerprint),
        (generator.GetFingerprintAsNumPy, generator.GetFingerprint),
    ):
        values = np.stack([dense(mol) for mol in mols])
        expected = [[DataStructs.TanimotoSimilarity(sparse(a), sparse(b)) for b in mols] for a in mols]
        np.testing.assert_allclose(tanimoto(values, values), expected, rtol=1e-6)


COUNTS = arrays(np.int64, st.tuples(st.integers(0, 6), st.just(5)), elements=st.integers(0, 9))


@given(COUNTS, COUNTS)
def test_is_the_sum_of_minima_over_the_sum_of_maxima(a: np.ndarray, b: np.ndarray) -> None:
    minima = np.minimum(a[:, None], b[None]).sum(axis=2)
    maxima = np.maximum(a[:, None], b[None]).sum(axis=2)
    expected = np.where(maxima > 0, minima / np.maximum(maxima, 1), 0).astype(np.float32)
    found = tanimoto(a, b)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)


def test_nearest_takes_the_first_of_equals() -> None:
    b = np.array([[0, 1, 1], [2, 0, 0], [2, 0, 0], [0, 0, 3]])
    index, similarity = nearest(np.array([[2, 0, 0], [0, 0, 1], [0, 1, 1]]), b)
    assert index.tolist() == [1, 0, 0]
    np.testing.assert_allclose(similarity, [1, 0.5, 1])


def test_nearest_of_many_rows_equals_one_matrix() -> None:
    random = np.random.default_rng(0)
    a, b = random.poisson(0.4, (4500, 16)), random.poisson(0.4, (30, 16))
    index, similarity = nearest(a, b)
    whole = tanimoto(a, b)
    assert (index == whole.argmax(axis=1)).all()
    assert (similarity == whole.max(axis=1)).all()


@pytest.mark.parametrize(
    "wrong",
    [np.array([[0.5, 1]]), np.array([[-1, 1]]), np.array([[np.nan, 1]]), np.array([1, 2]), np.ones((1, 3))],
)
def test_what_is_no_fingerprint_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="fingerprints must be"):
        tanimoto(wrong, np.ones((1, 2)))


def test_nearest_needs_something_to_be_near_to() -> None:
    with pytest.raises(ValueError, match="nothing"):
        nearest(np.ones((1, 2)), np.ones((0, 2)))
