from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem
from rdkit.Chem import Descriptors, MACCSkeys, rdFingerprintGenerator

from molphenix_core.errors import InputError, MoleculeError
from molphenix_core.molecules.features import DESCRIPTORS, FeatureSet
from molphenix_core.molecules.scaling import FeatureScaler
from molphenix_core.molecules.standardise import StandardMolecule, standardise_many

SMILES = ["CC(=O)Oc1ccccc1C(=O)O", "CN1C=NC2=C1C(=O)N(C)C(=O)N2C", "C[C@H](N)C(=O)O", "O", "N[Pt](N)(Cl)Cl"]


def test_blocks_equal_rdkit_called_directly() -> None:
    features = FeatureSet()
    values = features.compute(SMILES)
    assert values.dtype == np.float32
    assert values.shape == (len(SMILES), features.width) == (len(SMILES), 2048 + 2048 + 167 + len(DESCRIPTORS))
    assert len(set(features.names)) == features.width
    morgan = rdFingerprintGenerator.GetMorganGenerator(radius=3, fpSize=2048)
    for row, smiles in zip(values, SMILES, strict=True):
        mol = Chem.MolFromSmiles(smiles)
        counts = morgan.GetCountFingerprint(mol).GetNonzeroElements()
        assert {int(bit): int(row[bit]) for bit in np.flatnonzero(row[:2048])} == counts
        assert (np.flatnonzero(row[2048:4096]) == list(Chem.RDKFingerprint(mol).GetOnBits())).all()
        assert (np.flatnonzero(row[4096:4263]) == list(MACCSkeys.GenMACCSKeys(mol).GetOnBits())).all()
        assert row[features.names.index("MolWt")] == pytest.approx(Descriptors.MolWt(mol), rel=1e-6)


def test_what_does_not_exist_is_nan_and_never_infinite() -> None:
    values = FeatureSet(("descriptors",)).compute([*SMILES, "[Na+]", "[H][H]", "[He]", "F[U](F)(F)(F)(F)F"])
    assert not np.isinf(values).any()
    assert np.isnan(values[SMILES.index("N[Pt](N)(Cl)Cl"), DESCRIPTORS.index("MaxPartialCharge")])
    assert np.isfinite(values[:3]).all()


def test_mirror_images_have_equal_fingerprints() -> None:
    left, right = FeatureSet(("morgan", "rdkit_path")).compute(["C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O"])
    assert (left == right).all()


def test_chiral_morgan_bits_equal_rdkit_and_tell_mirror_images_apart() -> None:
    mirrored = ["C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O"]
    features = FeatureSet(("morgan_chiral",))
    values = features.compute([*SMILES, *mirrored])
    assert features.layout == ((1024, True),)
    assert set(np.unique(values)) == {0, 1}
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=3, fpSize=1024, includeChirality=True)
    for row, smiles in zip(values, [*SMILES, *mirrored], strict=True):
        bits = generator.GetFingerprint(Chem.MolFromSmiles(smiles)).GetOnBits()
        assert list(np.flatnonzero(row)) == list(bits)
    assert (values[-2] != values[-1]).any()


def test_blocks_come_in_the_order_asked_for() -> None:
    forward, backward = FeatureSet(("maccs", "descriptors")), FeatureSet(("descriptors", "maccs"))
    assert forward.names == backward.names[-167:] + backward.names[:-167]
    a, b = forward.compute(SMILES[:3]), backward.compute(SMILES[:3])
    assert (a[:, :167] == b[:, -167:]).all()


def test_processes_change_nothing() -> None:
    features = FeatureSet(("morgan", "descriptors"))
    smiles = ["C" * (length % 40 + 1) + "N" * (length // 40) for length in range(280)]
    assert (features.compute(smiles, processes=2) == features.compute(smiles, processes=1)).all()


def test_wrong_blocks_and_structures_are_named() -> None:
    with pytest.raises(InputError, match="'ecfp'"):
        FeatureSet(("morgan", "ecfp"))
    with pytest.raises(InputError, match="each once"):
        FeatureSet(("morgan", "morgan"))
    with pytest.raises(MoleculeError, match="row 2: found 'nonsense'"):
        FeatureSet(("maccs",)).compute(["C", "nonsense"])


@pytest.mark.data
def test_scaling_of_real_molecules(shared_data: Path) -> None:
    table = pd.read_csv(shared_data / "jump_compounds.csv.gz", nrows=400)
    smiles = [found.smiles for found in standardise_many(table["smiles"]) if isinstance(found, StandardMolecule)]
    features = FeatureSet()
    raw = features.compute(smiles)
    scaler = FeatureScaler.fit(raw[:300], features)
    scaled = scaler.transform(raw)
    assert scaled.dtype == np.float32
    assert scaled.shape == (len(smiles), scaler.width)
    assert scaler.width < features.width, "key 0 of MACCS is constant"
    assert np.isfinite(scaled).all()

    names = np.array(features.names)[scaler.kept]
    training = scaled[:300]
    in_morgan = np.char.startswith(names.astype(str), "morgan_")
    in_descriptors = np.isin(names, DESCRIPTORS)
    for block in (in_morgan, in_descriptors):
        assert (training[:, block] ** 2).sum(axis=1).mean() == pytest.approx(1, rel=1e-4)
    assert np.abs(training[:, in_morgan].mean(axis=0)).max() < 1e-6

    assert np.abs(scaled[:, in_descriptors]).max() == pytest.approx(5 * scaler.weight[in_descriptors].max())

    again = FeatureScaler.from_arrays(dict(scaler.to_arrays()))
    assert (again.transform(raw) == scaled).all()


def _scaler() -> tuple[FeatureScaler, FeatureSet, np.ndarray]:
    features = FeatureSet(("maccs", "descriptors"))
    raw = features.compute(SMILES)
    return FeatureScaler.fit(raw, features), features, raw


def test_missing_counts_as_the_mean_and_far_values_are_held() -> None:
    scaler, features, raw = _scaler()
    column = features.names.index("MolWt")
    position = np.flatnonzero(np.flatnonzero(scaler.kept) == column)[0]
    mean, far, missing = raw[0].copy(), raw[0].copy(), raw[0].copy()
    mean[column] = raw[:, column].mean()
    far[column] = 1e9
    missing[column] = np.nan
    mean, far, missing = (scaler.transform(row[None])[0, position] for row in (mean, far, missing))
    assert mean == pytest.approx(0, abs=1e-6)
    assert missing == 0
    assert far == pytest.approx(5 * scaler.weight[position])


def test_an_outside_embedding_is_a_block_of_its_own() -> None:
    features = FeatureSet(("maccs",))
    outside = np.random.default_rng(0).normal(3, 2, (len(SMILES), 8)).astype(np.float32)
    outside[2] = np.nan
    raw = np.concatenate([features.compute(SMILES), outside], axis=1)
    scaler = FeatureScaler.fit(raw, features, outside_width=8)
    scaled = scaler.transform(raw)[:, -8:]
    assert (scaled[2] == 0).all()
    assert (scaled**2).sum(axis=1).mean() == pytest.approx(1, rel=1e-5)


def test_scaler_refuses_what_does_not_fit() -> None:
    scaler, features, raw = _scaler()
    with pytest.raises(InputError, match="expected"):
        scaler.transform(raw[:, :-1])
    with pytest.raises(InputError, match="expected"):
        FeatureScaler.fit(raw[:, :-1], features)
    with pytest.raises(InputError, match="no column that varies"):
        FeatureScaler.fit(np.repeat(raw[:1], 3, axis=0), features)
    arrays = dict(scaler.to_arrays())
    with pytest.raises(InputError, match="weight: found nothing"):
        FeatureScaler.from_arrays({name: array for name, array in arrays.items() if name != "weight"})
    with pytest.raises(InputError, match="mean"):
        FeatureScaler.from_arrays({**arrays, "mean": arrays["mean"][:-1]})
    with pytest.raises(InputError, match="kept"):
        FeatureScaler.from_arrays({**arrays, "kept": arrays["kept"].astype(np.float32)})
