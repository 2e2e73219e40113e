from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem, rdBase

from molphenix_core.errors import Cancelled, MoleculeError
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.molecules.similarity import tanimoto
from molphenix_core.molecules.structure_index import StructureIndex, build_structure_index
from molphenix_core.molecules.substructure import SubstructureFilter
from molphenix_core.resources import default_library

QUERIES = [
    "c1ccccc1",
    "C(=O)N",
    "[#6]",
    "[NX3;H2]",
    "[$([NX3]C=O)]c1ccccc1",
    "[!#6;!#1;R]",
    "c1ccc2[nH]ccc2c1",
    "CCCCCCCCCCCC",
    "[D3][R2]",
    "[H]O",
    "[U]",
]


@pytest.fixture(scope="module")
def smiles() -> list[str]:
    return pd.read_parquet(default_library() / "molecules.parquet", columns=["smiles"])["smiles"].tolist()


@pytest.fixture(scope="module")
def index(smiles: list[str]) -> StructureIndex:
    return build_structure_index(smiles)


@pytest.mark.parametrize("smarts", QUERIES)
def test_finds_what_a_plain_search_finds(index: StructureIndex, smiles: list[str], smarts: str) -> None:
    wanted = SubstructureFilter.from_smarts(smarts)
    found = index.substructure(wanted)

    plain = [row for row, text in enumerate(smiles) if Chem.MolFromSmiles(text).HasSubstructMatch(wanted.query)]
    assert found.rows.dtype == np.int64
    assert found.rows.tolist() == plain
    assert found.complete
    assert found.searched == len(index) == len(smiles)


GROUPS = [
    "C",
    "N",
    "O",
    "F",
    "Cl",
    "CC",
    "NC",
    "OC",
    "CCC",
    "C=C",
    "C#N",
    "C(=O)O",
    "C(=O)N",
    "NC(C)=O",
    "S(N)(=O)=O",
    "c2ccccc2",
    "C2CC2",
    "C(F)(F)F",
]


@pytest.fixture(scope="module")
def many() -> list[str]:
    """More than are kept ready: the 5,832 benzenes with three of these groups."""
    return [f"c1({a})cc({b})cc({c})c1" for a in GROUPS for b in GROUPS for c in GROUPS]


@pytest.fixture(scope="module")
def large(many: list[str]) -> StructureIndex:
    return build_structure_index(many, processes=1)


@pytest.mark.parametrize("smarts", ["[NX3;H2]", "[$([NX3]C=O)]c1ccccc1", "[D3][R2]", "C1CC1"])
def test_a_large_library_gives_the_same(large: StructureIndex, many: list[str], smarts: str) -> None:
    wanted = SubstructureFilter.from_smarts(smarts)
    plain = [row for row, text in enumerate(many) if Chem.MolFromSmiles(text).HasSubstructMatch(wanted.query)]
    assert large.substructure(wanted).rows.tolist() == plain


def test_a_drawn_molecule_finds_itself(index: StructureIndex, smiles: list[str]) -> None:
    for row in range(0, len(smiles), 97):
        if Chem.MolFromSmiles(smiles[row]).GetNumAtoms() <= 100:
            assert row in index.substructure(SubstructureFilter.from_drawing(smiles[row])).rows


def test_out_of_time_gives_what_was_found_so_far(large: StructureIndex) -> None:
    found = large.substructure(SubstructureFilter.from_smarts("[#6]"), seconds=0)
    assert not found.complete
    assert found.searched == 2_000 < len(large)
    assert found.rows.tolist() == list(range(2_000))


def test_a_search_can_be_cancelled(index: StructureIndex) -> None:
    def cancel(share: float, message: str) -> None:
        raise Cancelled(f"{message} at {share}")

    with pytest.raises(Cancelled, match="Searching substructures"):
        index.substructure(SubstructureFilter.from_smarts("C"), progress=cancel)


def test_similarity_is_that_of_the_count_fingerprint(index: StructureIndex, smiles: list[str]) -> None:
    features = FeatureSet(("morgan",)).compute(smiles)
    for row in (0, 500, 1700):
        expected = tanimoto(features[row : row + 1], features)[0]
        np.testing.assert_allclose(index.similarity(smiles[row]), expected, rtol=1e-6)
        assert index.similarity(smiles[row])[row] == 1.0


def test_an_empty_library_has_no_matches() -> None:
    empty = build_structure_index([])
    assert len(empty) == 0
    assert empty.substructure(SubstructureFilter.from_smarts("C")).rows.shape == (0,)
    assert empty.similarity("CCO").shape == (0,)


def test_a_bad_row_is_named() -> None:
    with pytest.raises(MoleculeError, match="library: row 2"):
        build_structure_index(["CCO", "C(", "CC"])


@pytest.mark.data
def test_part_of_a_library_of_real_size(shared_data: Path) -> None:
    table = pd.read_csv(shared_data / "jump_compounds.csv.gz", nrows=1_500)
    with rdBase.BlockLogs():
        parsed = [Chem.MolFromSmiles(text) for text in table["smiles"].astype(str)]
    mols = [mol for mol in parsed if mol is not None]
    large = build_structure_index([Chem.MolToSmiles(mol) for mol in mols], processes=1)
    for smarts in ("c1ccc2ncncc2c1", "[$([NX3]C=O)]c1ccccc1"):
        wanted = SubstructureFilter.from_smarts(smarts)
        plain = [row for row, mol in enumerate(mols) if mol.HasSubstructMatch(wanted.query)]
        assert plain
        assert large.substructure(wanted).rows.tolist() == plain
