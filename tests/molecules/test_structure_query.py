from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from molphenix_core.errors import MoleculeError
from molphenix_core.molecules.structure_query import StructureQuery

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


@pytest.mark.parametrize(
    "text", ["c1ccccc1", "[NX3;H2]", "[CH3]", "[OH]", "C(=O)[O;H1]", "c1ccc2[nH]ccc2c1", "*C"]
)
def test_what_smarts_can_mean_is_smarts(text: str) -> None:
    assert StructureQuery.read(text).language == "SMARTS"


def test_a_kekule_smiles_is_a_structure_and_finds_aromatic_rings() -> None:
    query = StructureQuery.read(" C1=CC=CC=C1 ")
    assert (query.text, query.language, query.smiles) == ("C1=CC=CC=C1", "SMILES", "c1ccccc1")
    assert query.substructure().atoms(ASPIRIN)


def test_what_was_drawn_is_a_structure_whatever_smarts_would_make_of_it() -> None:
    assert StructureQuery.read("C=O").substructure().atoms("Oc1cccc[n+]1CC=O") == (8, 9)
    ring = "O=c1[nH]cccc1"
    assert not StructureQuery.read("C=O").substructure().atoms(ring)
    assert StructureQuery.read("C=O", drawn=True).substructure().atoms(ring) == (0, 1)
    with pytest.raises(MoleculeError, match="valid SMILES"):
        StructureQuery.read("[C,N]", drawn=True).substructure()


@pytest.mark.parametrize("v3000", [False, True])
def test_a_molfile_is_a_structure_on_one_line(v3000: bool) -> None:
    block = Chem.MolToMolBlock(Chem.MolFromSmiles(ASPIRIN), forceV3000=v3000)
    query = StructureQuery.read(block)
    assert (query.text, query.language) == (ASPIRIN, "SMILES")
    assert query.structure() == ASPIRIN
    assert StructureQuery.read(block.replace("\n", "\r\n")) == query


def test_a_pattern_is_no_structure_to_compare_with() -> None:
    with pytest.raises(MoleculeError, match=r"the pattern '\[NX3;H2\]'; expected a whole molecule"):
        StructureQuery.read("[NX3;H2]").structure()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "found nothing"),
        ("CC[Q]", "'Q' at position 4"),
        ("\n\n\n  2  1  0  0  0  0            999 V2000\n", "molfile: found lines that are none"),
        (Chem.MolToMolBlock(Chem.MolFromSmiles("CC(C)(C)C")).replace("2  3  1", "2  3  3"), "Explicit valence"),
        ("\n\n\n  0  0  0  0  0  0            999 V2000\nM  END\n", "no atoms"),
        ("V2000\n" * 100_000, "600,000 characters"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, complaint: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(MoleculeError, match=complaint):
        StructureQuery.read(text)
    assert capfd.readouterr().err == ""


@given(st.text(alphabet="CcNOn1234()[]=#$;,!&:~-@+*HX \n", max_size=40))
def test_any_text_is_a_query_or_a_typed_error(text: str) -> None:
    try:
        query = StructureQuery.read(text)
        query.substructure()
    except MoleculeError:
        return
