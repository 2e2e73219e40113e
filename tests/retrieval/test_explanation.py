"""Why a candidate scores what it does: exact parts, and the training molecules behind them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from shipped import demo_workbench, shipped_bundle, shipped_library
from small_bundle import small_bundle

from molphenix_core.errors import InputError, MoleculeError
from molphenix_core.model.bundle import Bundle
from molphenix_core.retrieval.explanation import Explanation, explain
from molphenix_core.retrieval.ranking import rank_wells

UNSEEN = "CC(=O)Nc1ccc(O)cc1"


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return small_bundle(kernel=True)


def _wells(bundle: Bundle, row: int = 0) -> np.ndarray:
    return bundle.references[bundle.spaces[0]].embeddings[row]


def _why(bundle: Bundle, smiles: str = UNSEEN, dose: float = 3.0, row: int = 0) -> Explanation:
    return explain(bundle, bundle.spaces[0], _wells(bundle, row), smiles, dose)


@pytest.mark.parametrize("dose", [0.3, 10.0, float("nan")])
@pytest.mark.parametrize("seen", [True, False])
def test_the_parts_sum_up_to_the_cosine_of_the_joint_space(bundle: Bundle, dose: float, seen: bool) -> None:
    # A seen molecule's prediction is long and drawn in, which every part must follow.
    smiles = bundle.references[bundle.spaces[0]].wells["Metadata_SMILES"].iloc[0] if seen else UNSEEN
    why = _why(bundle, smiles, dose)
    query = bundle.embed_phenotypes(_wells(bundle)[None], bundle.spaces[0])[0]
    place = bundle.embed_molecules(bundle.molecule_features([smiles]), np.array([dose]))[0, 0]
    assert why.score == pytest.approx(float(query @ place), abs=1e-6)
    parts = why.towers + why.shared + why.far + why.training["pull"].sum()
    assert parts == pytest.approx(why.score, abs=1e-6)
    assert why.without == ""


def test_what_molecules_share_and_lose_depends_on_the_dose_not_on_who_pulls(bundle: Bundle) -> None:
    reference = bundle.references[bundle.spaces[0]].wells
    table = _why(bundle).training
    assert len(table) == reference["Metadata_InChIKey"].nunique()
    assert table["pull"].is_monotonic_decreasing
    assert _why(bundle).far <= 0


def test_a_training_molecule_taken_out_of_the_head_takes_its_pull_with_it(bundle: Bundle) -> None:
    why = _why(bundle)
    strongest = why.training.iloc[0]
    space = bundle.spaces[0]
    head = bundle.heads[space]
    keys = bundle.references[space].wells["Metadata_InChIKey"].to_numpy()
    dual = np.where((keys == strongest["inchikey"])[:, None], 0.0, head.dual).astype(np.float32)
    without = dataclasses.replace(bundle, heads={space: dataclasses.replace(head, dual=dual)})
    after = _why(without).training.set_index("inchikey")["pull"]
    assert after[strongest["inchikey"]] == 0
    others = why.training.set_index("inchikey")["pull"].drop(strongest["inchikey"])
    # Only drawn in by another share, if at all.
    np.testing.assert_allclose(
        after.loc[others.index] / others, (after.loc[others.index] / others).median(), rtol=1e-4
    )


def test_measured_likeness_stands_beside_each_pull_at_the_dose_nearest_to_the_candidate(bundle: Bundle) -> None:
    reference = bundle.references[bundle.spaces[0]]
    why = _why(
        bundle,
        reference.wells["Metadata_SMILES"].iloc[0],
        float(reference.wells["Metadata_Concentration"].iloc[0]),
    )
    own = why.training.set_index("inchikey").loc[reference.wells["Metadata_InChIKey"].iloc[0]]
    assert own["structure"] == pytest.approx(1.0)
    assert own["phenotype"] == pytest.approx(1.0, abs=1e-5)
    assert own["dose"] == reference.wells["Metadata_Concentration"].iloc[0]


def test_without_a_head_the_nearest_structures_are_told_and_why_there_are_no_pulls() -> None:
    why = _why(small_bundle())
    assert "towers alone" in why.without
    assert why.training["pull"].isna().all()
    assert why.training["structure"].is_monotonic_decreasing
    assert why.towers == why.score


def test_a_head_of_other_treatments_than_those_kept_is_not_explained_by_them(bundle: Bundle) -> None:
    space = bundle.spaces[0]
    head = bundle.heads[space]
    other = dataclasses.replace(head, log_dose=head.log_dose + 1)
    why = _why(dataclasses.replace(bundle, heads={space: other}))
    assert "not those of its kernel head" in why.without
    assert why.training["pull"].isna().all()


def test_what_cannot_be_explained_is_an_error(bundle: Bundle) -> None:
    with pytest.raises(MoleculeError):
        _why(bundle, "C1CC")
    with pytest.raises(InputError):
        _why(bundle, dose=0.0)


def test_the_shipped_model_ranks_a_relative_of_a_training_molecule_because_of_it() -> None:
    workbench, bundle = demo_workbench(), shipped_bundle()
    treatment = workbench.treatments.index[workbench.treatments["name"] == "Lestaurtinib"][0]
    rows = np.flatnonzero(workbench.treatment_of_well == treatment)
    ranked = rank_wells(workbench, rows, bundle, shipped_library(), top=10).candidates
    candidate = ranked[ranked["name"] == "Staurosporine"].iloc[0]
    mean = workbench.prepared.embeddings[rows].mean(axis=0)
    why = explain(bundle, workbench.prepared.space, mean, candidate["smiles"], candidate["dose"])
    assert why.score == pytest.approx(candidate["score"], abs=2e-4)
    assert why.training["name"].iloc[0] == "Lestaurtinib"
    assert why.training["structure"].iloc[0] > 0.5
