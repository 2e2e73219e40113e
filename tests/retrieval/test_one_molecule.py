from __future__ import annotations

import numpy as np
import pytest
from shipped import demo_workbench, shipped_bundle, shipped_library

from molphenix_core.errors import MoleculeError
from molphenix_core.retrieval.one_molecule import (
    dose_scores,
    places_of_molecule,
    wells_like_molecule,
    wells_like_wells,
)


def lestaurtinib() -> tuple[str, str]:
    table = shipped_library().molecules
    row = table[table["name"] == "Lestaurtinib"].iloc[0]
    return str(row["smiles"]), str(row["inchikey"])


def test_places_are_those_of_the_library() -> None:
    library = shipped_library()
    smiles, key = lestaurtinib()
    row = int(np.flatnonzero(library.molecules["inchikey"] == key)[0])
    found = places_of_molecule(shipped_bundle(), smiles, library.doses.tolist())
    assert found.shape == (len(library.doses), library.width)
    np.testing.assert_allclose(found, library.embeddings[:, row].astype(np.float32), atol=2e-3)


def test_scores_stand_among_those_of_the_library() -> None:
    workbench = demo_workbench()
    assert workbench.joint is not None
    smiles, _ = lestaurtinib()
    found = dose_scores(shipped_bundle(), shipped_library(), workbench.joint[0], smiles)
    assert found.scores.shape == found.doses.shape
    assert found.library.shape == (len(found.doses), 3)
    assert (np.diff(found.library, axis=1) >= 0).all()
    assert found.compared == len(shipped_library())
    others = shipped_library().embeddings[2].astype(np.float32) @ workbench.joint[0]
    assert found.share_above[2] == pytest.approx((others > found.scores[2] + 2e-4).mean())


def test_a_well_stands_for_each_molecule() -> None:
    workbench = demo_workbench()
    smiles, key = lestaurtinib()
    found = wells_like_molecule(workbench, shipped_bundle(), smiles, shipped_library().doses.tolist(), top=10)
    keys = workbench.treatments["key"].to_numpy(object)[workbench.treatment_of_well[found.rows]]
    assert keys[0] == key
    assert len(set(keys)) == len(keys) == 10
    assert (np.diff(found.similarity) <= 0).all()
    assert set(found.doses) <= set(shipped_library().doses)
    assert found.compared == workbench.plate.is_treated.sum()
    assert found.similarity[0] > found.high > found.middle


def test_wells_of_the_same_molecule_are_not_compared_with_it() -> None:
    workbench = demo_workbench()
    reference = np.flatnonzero(workbench.treatment_of_well == workbench.treatments.index[-1])
    own = workbench.treatments["key"].iloc[-1]
    found = wells_like_wells(workbench, reference)
    keys = workbench.treatments["key"].to_numpy(object)[workbench.treatment_of_well[found.rows]]
    assert own not in keys
    assert np.isnan(found.doses).all()
    assert (np.abs(found.similarity) <= 1).all()


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(MoleculeError):
        places_of_molecule(shipped_bundle(), "nonsense", [1.0])
