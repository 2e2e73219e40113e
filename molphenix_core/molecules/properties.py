"""What a chemist wants to read beside a structure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from rdkit.Chem import Descriptors, rdMolDescriptors

from molphenix_core.molecules.parallel import map_chunks
from molphenix_core.molecules.standardise import parse
from molphenix_core.progress import Progress, silent

__all__ = ["PROPERTIES", "properties", "property_table"]

PROPERTIES = ("molecular_weight", "clogp", "tpsa", "hydrogen_bond_donors", "hydrogen_bond_acceptors")
"""Those that are numbers, in the order of tables."""


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
        ``hydrogen_bond_donors`` and ``hydrogen_bond_acceptors`` (Lipinski's count); ``rotatable_bonds`` (RDKit's
        strict count: no amides).

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
        "rotatable_bonds": int(rdMolDescriptors.CalcNumRotatableBonds(mol)),
    }


def property_table(
    smiles: Sequence[str], *, processes: int | None = None, progress: Progress = silent
) -> pd.DataFrame:
    """Compute the properties that are numbers of many structures.

    Parameters
    ----------
    smiles : sequence of str, (n,)
        Standardised.
    processes : int, optional
        By default one up to 5,000 structures, else one per processor.
    progress : callable
        Told the share done.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`PROPERTIES` of :func:`properties`, float32, one row a structure.

    Raises
    ------
    MoleculeError
        A SMILES cannot be parsed.
    """
    chunks = map_chunks(
        _numbers, smiles, processes=processes, progress=progress, message="Computing molecule properties"
    )
    values = np.concatenate([np.empty((0, len(PROPERTIES))), *chunks])
    return pd.DataFrame(values.astype(np.float32), columns=list(PROPERTIES))


def _numbers(smiles: Sequence[str]) -> np.ndarray:
    return np.array([[found[name] for name in PROPERTIES] for found in map(properties, smiles)], dtype=np.float64)
