"""What the structures of a selection have in common."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rdkit import Chem
from rdkit.Chem import rdFMCS

from molphenix_core.molecules.standardise import parse

__all__ = ["MOST_MOLECULES", "CommonSubstructure", "common_substructure"]

MOST_MOLECULES = 100

# Smaller ones say nothing of a selection: of random drugs two share 8 atoms in 22 % of cases and 10 in 4 %, three
# share 8 in 3 %, and even five share a benzene ring in 45 %.
_FEWEST_ATOMS_OF_TWO = 10
_FEWEST_ATOMS = 8


@dataclass(frozen=True)
class CommonSubstructure:
    """The largest connected substructure that all molecules of a selection have.

    Attributes
    ----------
    smarts : str
        "" where time ran out before anything worth showing was found.
    atoms : tuple of tuple of int
        For each molecule, in the order given, its atoms in the order of its SMILES: to highlight.
    complete : bool
        False where time ran out: there may be a larger one.
    """

    smarts: str
    atoms: tuple[tuple[int, ...], ...]
    complete: bool


def common_substructure(smiles: Sequence[str], *, seconds: int = 2) -> CommonSubstructure | None:
    """Find the largest substructure that molecules share.

    Elements and bond orders must agree, and rings are shared whole or not at all (Dalke and Hastings,
    J. Cheminform. 5 (Suppl. 1), O6, 2013; RDKit's FindMCS).

    Parameters
    ----------
    smiles : sequence of str, (n,)
        SMILES of the molecules; two to 100.
    seconds : int
        After which the largest found so far counts.

    Returns
    -------
    CommonSubstructure or None
        None where there are fewer than two molecules, or they share no more than random drugs do: fewer than eight
        connected atoms, or ten where there are two molecules. Where time ran out before that many were found, they
        may still share more: the result is incomplete and empty.

    Raises
    ------
    MoleculeError
        A SMILES cannot be parsed; the field names its row, the first being row 1.
    ValueError
        More than 100 molecules.
    """
    if len(smiles) > MOST_MOLECULES:
        raise ValueError(
            f"a common substructure is sought of at most {MOST_MOLECULES} molecules, not {len(smiles)}"
        )
    mols = [parse(text, source="selection", field=f"row {row}") for row, text in enumerate(smiles, start=1)]
    if len(mols) < 2:
        return None
    fewest = _FEWEST_ATOMS_OF_TWO if len(mols) == 2 else _FEWEST_ATOMS
    start = time.monotonic()
    found = _find(mols, max(1, round(seconds / 3)), whole_rings=True)
    best = _Match.of(found.queryMol, mols) if found.numAtoms else None
    if found.canceled and (best is None or len(best) < fewest):
        # Whole rings as a condition can keep RDKit from growing anything in fused ones. It is quick without, and
        # what is left of broken rings is then cut off.
        rest = max(1, round(seconds - (time.monotonic() - start)))
        best = _Match.of(_find(mols, rest, whole_rings=False).queryMol, mols)
        best = best.with_whole_rings(mols) if best is not None else None
    if best is None or len(best) < fewest:
        return CommonSubstructure("", ((),) * len(mols), complete=False) if found.canceled else None
    return CommonSubstructure(Chem.MolToSmarts(best.query), best.atoms, complete=not found.canceled)


def _find(mols: Sequence[Chem.Mol], seconds: int, *, whole_rings: bool) -> rdFMCS.MCSResult:
    return rdFMCS.FindMCS(
        list(mols),
        timeout=seconds,
        atomCompare=rdFMCS.AtomCompare.CompareElements,
        bondCompare=rdFMCS.BondCompare.CompareOrderExact,
        ringMatchesRingOnly=True,
        completeRingsOnly=whole_rings,
    )


@dataclass(frozen=True)
class _Match:
    """A query, and where its atoms are in each molecule."""

    query: Chem.Mol
    atoms: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, query: Chem.Mol | None, mols: Sequence[Chem.Mol]) -> _Match | None:
        """Look for a query; None where some molecule lacks it."""
        if query is None:
            return None
        atoms = tuple(mol.GetSubstructMatch(query) for mol in mols)
        return cls(query, atoms) if all(atoms) else None

    def __len__(self) -> int:
        return int(self.query.GetNumAtoms())

    def with_whole_rings(self, mols: Sequence[Chem.Mol]) -> _Match:
        """The largest connected part of which no molecule has a part of a ring."""
        ends = [(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in self.query.GetBonds()]
        # Of each molecule, the bond that stands for each of the query.
        bonds = [
            [mol.GetBondBetweenAtoms(place[a], place[b]).GetIdx() for a, b in ends]
            for mol, place in zip(mols, self.atoms, strict=True)
        ]
        kept = set(range(len(ends)))
        while broken := {
            bond for mol, there in zip(mols, bonds, strict=True) for bond in _broken(mol, there, kept)
        }:
            kept -= broken
        whole = Chem.RWMol(self.query)
        for bond, (a, b) in enumerate(ends):
            if bond not in kept:
                whole.RemoveBond(a, b)
        largest = max(Chem.GetMolFrags(whole), key=len)
        for atom in sorted(set(range(len(self))) - set(largest), reverse=True):
            whole.RemoveAtom(atom)
        # Atoms that are left keep their order.
        left = sorted(largest)
        return _Match(whole.GetMol(), tuple(tuple(place[atom] for atom in left) for place in self.atoms))


def _broken(mol: Chem.Mol, there: Sequence[int], kept: Collection[int]) -> list[int]:
    """Those of the kept bonds that are in rings of a molecule, but in no ring of which all bonds are kept."""
    standing = {there[bond] for bond in kept}
    rings = mol.GetRingInfo()
    whole = {bond for ring in rings.BondRings() if standing.issuperset(ring) for bond in ring}
    return [bond for bond in kept if rings.NumBondRings(there[bond]) and there[bond] not in whole]
