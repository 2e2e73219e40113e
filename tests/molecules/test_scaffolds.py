from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molphenix_core.errors import MoleculeError
from molphenix_core.molecules.scaffolds import murcko_scaffold, scaffold_folds, scaffold_groups
from molphenix_core.molecules.standardise import standardise


@pytest.mark.parametrize(
    ("smiles", "scaffold"),
    [
        ("CC(=O)Oc1ccccc1C(=O)O", "c1ccccc1"),
        ("Cc1ccc(CC2CCNCC2)cc1", "c1ccc(CC2CCNCC2)cc1"),
        ("C[C@H]1CC[C@@H](C)CC1", "C1CCCCC1"),
        ("CCCC", ""),
    ],
)
def test_scaffolds_of_known_molecules(smiles: str, scaffold: str) -> None:
    assert murcko_scaffold(smiles) == scaffold


def test_no_molecule_has_no_scaffold() -> None:
    with pytest.raises(MoleculeError):
        murcko_scaffold("nonsense")


def test_acyclic_molecules_stand_alone_but_stereoisomers_together() -> None:
    molecules = [
        standardise(text)
        for text in ("CCCC", "CCO", "C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O", "Cc1ccccc1", "Oc1ccccc1")
    ]
    groups = scaffold_groups([m.smiles for m in molecules], [m.inchikey for m in molecules])
    assert groups[2] == groups[3]
    assert groups[4] == groups[5]
    assert len(set(groups)) == 4


GROUPS = st.lists(st.text("abcdefgh", min_size=1, max_size=2), min_size=1, max_size=60)


@given(GROUPS, st.integers(2, 6), st.integers(0, 5), st.randoms())
def test_folds_hold_whole_groups_whatever_the_order(
    groups: list[str], folds: int, seed: int, random: object
) -> None:
    dealt = scaffold_folds(groups, folds=folds, seed=seed)
    assert ((dealt >= 0) & (dealt < folds)).all()
    assert len({(group, fold) for group, fold in zip(groups, dealt, strict=True)}) == len(set(groups))
    order = list(range(len(groups)))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert (scaffold_folds([groups[i] for i in order], folds=folds, seed=seed) == dealt[order]).all()
    # No fold can exceed another by more than one group, or the last group would have gone to the other.
    sizes = np.bincount(dealt, minlength=folds)
    assert sizes.max() - sizes.min() <= max(groups.count(group) for group in groups)


def test_seed_deals_anew() -> None:
    groups = [str(number) for number in range(100)]
    assert (scaffold_folds(groups, seed=1) == scaffold_folds(groups, seed=1)).all()
    assert (scaffold_folds(groups, seed=1) != scaffold_folds(groups, seed=2)).any()
    assert np.bincount(scaffold_folds(groups)).tolist() == [20] * 5
    with pytest.raises(ValueError, match="at least 2"):
        scaffold_folds(groups, folds=1)
