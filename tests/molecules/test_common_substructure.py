from __future__ import annotations

import pandas as pd
import pytest
from rdkit import Chem

from molphenix_core.errors import MoleculeError
from molphenix_core.molecules.common_substructure import common_substructure
from molphenix_core.resources import default_library

# Erlotinib, gefitinib and lapatinib: anilinoquinazolines.
QUINAZOLINES = [
    "C#Cc1cccc(Nc2ncnc3cc(OCCOC)c(OCCOC)cc23)c1",
    "COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCCN1CCOCC1",
    "CS(=O)(=O)CCNCc1ccc(-c2ccc3ncnc(Nc4ccc(OCc5cccc(F)c5)c(Cl)c4)c3c2)o1",
]


def test_the_shared_scaffold_is_found_in_every_molecule() -> None:
    found = common_substructure(QUINAZOLINES)
    assert found is not None
    assert found.complete
    core = Chem.MolFromSmarts(found.smarts)
    # The quinazoline, the amine and the aniline ring.
    assert core.GetNumAtoms() == 17
    for smiles, atoms in zip(QUINAZOLINES, found.atoms, strict=True):
        mol = Chem.MolFromSmiles(smiles)
        assert len(set(atoms)) == 17
        assert set(atoms) in [set(place) for place in mol.GetSubstructMatches(core)]
        # Rings whole or not at all.
        for ring in mol.GetRingInfo().AtomRings():
            assert len(set(ring) & set(atoms)) in (0, 1, 2, len(ring))


@pytest.mark.parametrize(
    "smiles",
    [
        [],
        QUINAZOLINES[:1],
        ["CCCCO", "CCCCN"],
        ["c1ccccc1", "C1CCCCC1"],
        # A benzene ring is no news.
        ["Cc1ccccc1", "CCCNc1ccccc1", "OCCc1ccccc1"],
        # Part of a ring is no shared ring.
        ["c1ccc2ccccc2c1", "C1CCCCC1CCCC"],
    ],
)
def test_nothing_worth_showing_is_none(smiles: list[str]) -> None:
    assert common_substructure(smiles) is None


def test_random_drugs_seldom_share_anything() -> None:
    molecules = pd.read_parquet(default_library() / "molecules.parquet", columns=["smiles"])["smiles"]
    shown = [common_substructure(molecules.sample(5, random_state=seed).tolist()) for seed in range(25)]
    assert sum(each is not None for each in shown) <= 3


def test_a_molecule_shares_all_of_itself() -> None:
    found = common_substructure([QUINAZOLINES[0], QUINAZOLINES[0]])
    assert found is not None
    assert [len(atoms) for atoms in found.atoms] == [Chem.MolFromSmiles(QUINAZOLINES[0]).GetNumAtoms()] * 2


def test_out_of_time_is_said_and_the_largest_so_far_kept() -> None:
    # Two hydrogenated sheets of graphene overlap in more ways than can be tried.
    sheets = [
        "C1CC2CC3CCCC4C5CCC6C7CCCC8CC9CCCC%10C%11CCC%12C(C1)C2C(C34)C1C%12C%11C(C6C51)C(C9%10)C87",
        "CC1CC2CC3CC(C)C4CCC5C6CCCC7CC8CC9CCCC%10C%11CCC1C1C2C2C3C4C5C3C(C76)C8C(C9%10)C(C%111)C23",
    ]
    found = common_substructure(sheets, seconds=1)
    assert found is not None
    assert not found.complete
    assert len(found.atoms[0]) == len(found.atoms[1]) >= 8


def test_what_is_asked_wrongly_is_refused() -> None:
    with pytest.raises(MoleculeError, match="selection: row 2"):
        common_substructure(["CCO", "C("])
    with pytest.raises(ValueError, match="at most 100"):
        common_substructure(["CCO"] * 101)


# Lestaurtinib, KT 5720 and staurosporine: what lists of candidates look like, and hard for RDKit.
STAUROSPORINES = [
    "C[C@]12O[C@H](C[C@]1(O)CO)n1c3ccccc3c3c4c(c5c6ccccc6n2c5c31)CNC4=O",
    "CCCCCCOC(=O)[C@@]1(O)C[C@H]2O[C@]1(C)n1c3ccccc3c3c4c(c5c6ccccc6n2c5c31)C(=O)NC4",
    "CN[C@@H]1C[C@H]2O[C@@](C)([C@@H]1OC)n1c3ccccc3c3c4c(c5c6ccccc6n2c5c31)C(=O)NC4",
]


def test_fused_rings_are_found_in_time_and_whole() -> None:
    found = common_substructure(STAUROSPORINES)
    assert found is not None
    core = Chem.MolFromSmarts(found.smarts)
    # The indolocarbazole with its lactam.
    assert core.GetNumAtoms() >= 23
    for smiles, atoms in zip(STAUROSPORINES, found.atoms, strict=True):
        mol = Chem.MolFromSmiles(smiles)
        assert mol.HasSubstructMatch(core)
        assert len(atoms) == core.GetNumAtoms()
        assert set(atoms) in [set(place) for place in mol.GetSubstructMatches(core)]
        rings = [set(ring) for ring in mol.GetRingInfo().AtomRings()]
        in_rings = {atom for ring in rings if ring <= set(atoms) for atom in ring}
        assert all(atom in in_rings for atom in atoms if mol.GetAtomWithIdx(atom).IsInRing())
