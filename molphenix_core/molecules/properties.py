"""What a chemist wants to read beside a structure."""

from __future__ import annotations

from rdkit.Chem import Descriptors, rdMolDescriptors

from molphenix_core.molecules.standardise import parse

__all__ = ["properties"]


def properties(smiles: str) -> dict[str, float | int | str]:
    """Compute properties of one structure.

    Parameters
    ----------
    smiles : str
        SMILES.

    Returns
    -------
    dict
        ``formula``; ``molecular_weight`` (g/mol); ``clogp`` (Crippen); ``tpsa`` (square angstrom);
        ``hydrogen_bond_donors`` and ``hydrogen_bond_acceptors`` (Lipinski's count).

    Raises
    ------
    MoleculeError
        The SMILES cannot be parsed.
    """
    mol = parse(smiles)
    return {
        "formula": rdMolDescriptors.CalcMolFormula(mol),
        "molecular_weight": float(Descriptors.MolWt(mol)),  # type: ignore[attr-defined]
        "clogp": float(rdMolDescriptors.CalcCrippenDescriptors(mol)[0]),
        "tpsa": float(rdMolDescriptors.CalcTPSA(mol)),
        "hydrogen_bond_donors": int(rdMolDescriptors.CalcNumLipinskiHBD(mol)),
        "hydrogen_bond_acceptors": int(rdMolDescriptors.CalcNumLipinskiHBA(mol)),
    }
