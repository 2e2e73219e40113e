"""How far queries and candidates are from the training data."""

from __future__ import annotations

import dataclasses
import gc
import weakref

import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator
from shipped import demo_workbench, shipped_bundle, shipped_library
from small_bundle import small_bundle

from molphenix_core.errors import MoleculeError
from molphenix_core.retrieval.applicability import NEIGHBOURS, training_domain

BUNDLE = small_bundle()
SPACE = BUNDLE.spaces[0]


def test_the_nearest_training_molecule_is_that_of_rdkit() -> None:
    bundle = shipped_bundle()
    domain = training_domain(bundle)
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=3, fpSize=2048)
    training = [generator.GetCountFingerprint(Chem.MolFromSmiles(s)) for s in domain.molecules["smiles"]]
    smiles = shipped_library().molecules["smiles"].tolist()[::70]
    found = domain.nearest_molecules(smiles)
    for text, (name, similarity) in zip(
        smiles, found[["nearest_training", "nearest_training_similarity"]].to_numpy(), strict=True
    ):
        expected = DataStructs.BulkTanimotoSimilarity(
            generator.GetCountFingerprint(Chem.MolFromSmiles(text)), training
        )
        assert similarity == pytest.approx(max(expected), abs=1e-6)
        assert expected[domain.molecules["name"].tolist().index(name)] == pytest.approx(similarity, abs=1e-6)


def test_a_training_molecule_is_nearest_to_itself_and_chemistry_like_no_other_is_outside() -> None:
    domain = training_domain(shipped_bundle())
    own = domain.molecules.iloc[7]
    found = domain.nearest_molecules([own["smiles"], "[Na+].[Cl-]", "O=[Si]=O"])
    assert found["nearest_training"].iloc[0] == own["name"]
    assert found["nearest_training_similarity"].iloc[0] == 1.0
    assert found["nearest_training_percentile"].iloc[0] == 100.0
    assert found["outside"].tolist() == [False, True, True]


def test_similarity_percentiles_are_among_molecules_of_other_scaffolds() -> None:
    """Half of the training molecules are no farther from the rest than the median one is."""
    domain = training_domain(shipped_bundle())
    percentiles = domain.nearest_molecules(shipped_library().molecules["smiles"].tolist()[:300])
    unlike = percentiles[percentiles["nearest_training_similarity"] < 1]
    assert unlike["nearest_training_percentile"].between(0, 100).all()
    order = unlike.sort_values("nearest_training_similarity")["nearest_training_percentile"]
    assert order.is_monotonic_increasing
    assert 20 < order.median() < 60


def test_held_out_molecules_of_the_same_screen_are_spread_over_the_percentiles() -> None:
    bundle = shipped_bundle()
    space = bundle.spaces[0]
    reference = bundle.references[space]
    keys = reference.wells["Metadata_InChIKey"]
    held_out = keys.isin(sorted(set(keys))[::2]).to_numpy()
    fewer = dataclasses.replace(bundle, references={space: reference.take(~held_out)})
    found = training_domain(fewer).distances(reference.embeddings[held_out], space)
    percentiles = np.array([one.percentile for one in found if one is not None])
    assert len(percentiles) == held_out.sum()
    assert 35 < np.median(percentiles) < 65
    assert 0.01 < np.mean([one.is_outside for one in found if one is not None]) < 0.12


def test_the_distance_is_to_the_five_nearest() -> None:
    reference = BUNDLE.references[SPACE].embeddings
    query = reference[:3] + 0.5
    found = training_domain(BUNDLE).distances(query, SPACE)
    expected = np.sort(np.linalg.norm(query[:, None] - reference[None], axis=2), axis=1)[:, :NEIGHBOURS]
    np.testing.assert_allclose([one.distance for one in found if one], expected.mean(axis=1), rtol=1e-5)


def test_wells_like_no_others_are_outside_and_say_so() -> None:
    opened, bundle = demo_workbench(), shipped_bundle()
    means = opened.treatment_means()
    domain = training_domain(bundle)
    inside = domain.distances(means, opened.prepared.space)
    far = domain.distances(means + 30.0, opened.prepared.space)
    assert np.mean([one.is_outside for one in inside if one]) < 0.2
    for one in far:
        assert one is not None
        assert one.is_outside
        assert one.note.startswith("Outside the training data: farther")
    assert {one.note for one in inside if one and not one.is_outside} == {""}


def test_without_training_treatments_nothing_is_said() -> None:
    bare = dataclasses.replace(BUNDLE, references={})
    domain = training_domain(bare)
    assert domain.distances(np.zeros((2, 8), np.float32), SPACE) == [None, None]
    found = domain.nearest_molecules(["CCO"])
    assert found["nearest_training"].tolist() == [None]
    assert not found["outside"].any()
    few = dataclasses.replace(BUNDLE, references={SPACE: BUNDLE.references[SPACE].take(np.arange(48) < 4)})
    assert training_domain(few).distances(np.zeros((1, 8), np.float32), SPACE) == [None]


def test_no_molecules_are_no_rows_and_nonsense_is_an_error() -> None:
    domain = training_domain(BUNDLE)
    assert len(domain.nearest_molecules([])) == 0
    with pytest.raises(MoleculeError):
        domain.nearest_molecules(["no structure"])


def test_it_is_made_once_and_goes_with_its_bundle() -> None:
    bundle = small_bundle()
    assert training_domain(bundle) is training_domain(bundle)
    domain = weakref.ref(training_domain(bundle))
    training_domain(bundle).nearest_molecules(["CCO"])
    del bundle
    gc.collect()
    assert domain() is None
