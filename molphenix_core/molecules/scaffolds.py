"""Splits by scaffold: molecules of one ring system stand together, so that held-out chemistry is truly new."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rdkit.Chem.Scaffolds import MurckoScaffold

from molphenix_core.molecules.standardise import parse

__all__ = ["murcko_scaffold", "scaffold_folds", "scaffold_groups"]


def murcko_scaffold(smiles: str) -> str:
    """Find the Bemis-Murcko scaffold: the rings and the chains between them.

    Parameters
    ----------
    smiles : str
        A standardised SMILES.

    Returns
    -------
    str
        Canonical SMILES without stereochemistry; empty for an acyclic molecule.

    Raises
    ------
    MoleculeError
        The SMILES cannot be parsed.

    References
    ----------
    Bemis and Murcko, J. Med. Chem. 1996, 39, 2887.
    """
    return MurckoScaffold.MurckoScaffoldSmiles(mol=parse(smiles), includeChirality=False)


def scaffold_groups(smiles: Sequence[str], inchikeys: Sequence[str]) -> list[str]:
    """Name the group of each molecule: its scaffold, or itself where it has no ring.

    Parameters
    ----------
    smiles : sequence of str, (n,)
        Standardised.
    inchikeys : sequence of str, (n,)
        An acyclic molecule is grouped by the first block, so that its stereoisomers stay together.

    Returns
    -------
    list of str, (n,)

    Raises
    ------
    MoleculeError
        A SMILES cannot be parsed.
    """
    return [
        murcko_scaffold(text) or f"acyclic {inchikey[:14]}"
        for text, inchikey in zip(smiles, inchikeys, strict=True)
    ]


def scaffold_folds(groups: Sequence[str], *, folds: int = 5, seed: int = 0) -> NDArray[np.int64]:
    """Deal whole groups into folds of about equal size.

    The largest group goes first, each into the fold that is emptiest; groups of one size go in an order drawn by
    the seed. The result depends on the groups, not on the order of the rows.

    Parameters
    ----------
    groups : sequence of str, (n,)
        The group of each molecule. To balance by molecules, give each molecule once.
    folds : int
        At least two.
    seed : int
        Another seed, another order among equals.

    Returns
    -------
    ndarray of int64, (n,)
        The fold of each row, from 0.
    """
    if folds < 2:
        raise ValueError(f"folds must be at least 2, not {folds}")

    def draw(group: str) -> str:
        return hashlib.sha256(f"{seed}:{group}".encode()).hexdigest()

    sizes = Counter(groups)
    filled = [0] * folds
    fold_of: dict[str, int] = {}
    for group in sorted(sizes, key=lambda group: (-sizes[group], draw(group))):
        emptiest = filled.index(min(filled))
        fold_of[group] = emptiest
        filled[emptiest] += sizes[group]
    return np.array([fold_of[group] for group in groups], dtype=np.int64)
