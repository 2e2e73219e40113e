from __future__ import annotations

import copy
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from molphenix_core.errors import Cancelled, MoleculeError
from molphenix_core.molecules.parallel import MANY
from molphenix_core.molecules.standardise import StandardMolecule, standardise, standardise_many

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
ASPIRIN_KEY = "BSYNRYMUTXBXSQ-UHFFFAOYSA-N"


@pytest.mark.parametrize(
    "smiles",
    [
        ASPIRIN,
        " OC(=O)c1ccccc1OC(C)=O ",
        "CC(=O)Oc1ccccc1C(=O)[O-].[Na+]",
        "CC(=O)Oc1ccccc1C(=O)O.Cl",
        "[CH3:7]C(=O)Oc1ccccc1C(=O)O",
        "CC(=O)OC1=CC=CC=C1C(=O)O",
    ],
)
def test_forms_of_one_molecule_become_one(smiles: str) -> None:
    assert standardise(smiles) == StandardMolecule(ASPIRIN, ASPIRIN_KEY)


def test_stereochemistry_and_isotopes_are_kept() -> None:
    left, right, flat = (standardise(text) for text in ("C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O", "CC(N)C(=O)O"))
    assert len({left.inchikey, right.inchikey, flat.inchikey}) == 3
    assert left.inchikey[:14] == right.inchikey[:14] == flat.inchikey[:14]
    assert standardise("[2H]C").inchikey != standardise("C").inchikey


@pytest.mark.parametrize(
    ("smiles", "found"),
    [
        ("", "nothing"),
        ("   ", "nothing"),
        (None, "nothing"),
        (float("nan"), "nothing"),
        ("c1ccccc", "'c1ccccc'"),
        ("not a molecule", "'not a molecule'"),
        ("CC\nCC", "'CC\\nCC'"),
        ("C(C)(C)(C)(C)C", "'C(C)(C)(C)(C)C'"),
        ("*CC", "no InChI"),
        ("C" * 301, "301 heavy atoms"),
        ("C" * 5001, "5,001 characters"),
    ],
)
def test_what_is_no_molecule_is_named(smiles: str, found: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(MoleculeError) as caught:
        standardise(smiles, source="plate.h5ad", field="Metadata_SMILES, row 3")
    assert found in str(caught.value)
    assert str(caught.value).startswith("plate.h5ad: Metadata_SMILES, row 3: found ")
    assert len(str(caught.value)) < 300
    assert capfd.readouterr() == ("", ""), "RDKit's own messages must not reach the user"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="CNOPSFclnos()[]=#+-123@/\\.H*%~:! \t", max_size=40))
def test_any_text_is_a_molecule_or_a_molecule_error(text: str) -> None:
    try:
        molecule = standardise(text)
    except MoleculeError:
        return
    assert Chem.MolFromSmiles(molecule.smiles) is not None
    assert len(molecule.inchikey) == 27


def test_many_keep_their_order_and_name_the_row() -> None:
    results = standardise_many(["CCO", "nonsense", ASPIRIN, "OCC", None, "nonsense"], source="library.csv")
    assert [type(result) for result in results] == [
        StandardMolecule,
        MoleculeError,
        StandardMolecule,
        StandardMolecule,
        MoleculeError,
        MoleculeError,
    ]
    assert results[0] == results[3]
    assert str(results[1]).startswith("library.csv: row 2: found 'nonsense'")
    assert str(results[4]).startswith("library.csv: row 5: found nothing")
    assert str(results[5]).startswith("library.csv: row 6: found 'nonsense'")
    # Errors cross processes: they must survive being taken apart and rebuilt.
    assert str(copy.deepcopy(results[1])) == str(results[1])


def test_processes_change_nothing() -> None:
    smiles = ["C" * (length % 60 + 1) + "N" * (length // 60) for length in range(500)] + ["nonsense"]
    alone, together = (standardise_many(smiles, processes=count) for count in (1, 2))
    assert alone[:300] == together[:300]
    assert [str(result) for result in alone] == [str(result) for result in together]


@pytest.mark.parametrize("processes", [1, 2])
def test_progress_ends_at_one_and_can_stop(processes: int) -> None:
    shares: list[float] = []

    def record(share: float, message: str) -> None:
        assert message
        shares.append(share)

    smiles = ["C" * (length % 60 + 1) + "N" * (length // 60) for length in range(600)]
    standardise_many(smiles, processes=processes, progress=record)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0

    def stop(*_: object) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        standardise_many(smiles, processes=processes, progress=stop)


@pytest.mark.data
def test_real_structures_stay_as_they_are_when_done_again(shared_data: Path) -> None:
    smiles = pd.read_csv(shared_data / "jump_compounds.csv.gz", nrows=1500)["smiles"]
    assert len(smiles) < MANY
    first = [result for result in standardise_many(smiles) if isinstance(result, StandardMolecule)]
    # Two of these are written with a phosphate that no valence allows.
    assert len(first) >= len(smiles) - 5
    assert standardise_many([molecule.smiles for molecule in first]) == first
