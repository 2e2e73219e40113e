"""Standardising the structures of a plate, so that wells, training molecules and libraries agree on identity."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from molphenix_core.errors import MoleculeError
from molphenix_core.molecules.standardise import standardise_many
from molphenix_core.plates.plate import INCHIKEY, SMILES, Plate
from molphenix_core.progress import Progress, silent

__all__ = ["RejectedStructure", "standardise_plate"]


@dataclass(frozen=True)
class RejectedStructure:
    """A SMILES of a plate that could not be used: the text, how many wells hold it, and why."""

    smiles: str
    wells: int
    reason: str


def standardise_plate(plate: Plate, *, progress: Progress = silent) -> tuple[Plate, list[RejectedStructure]]:
    """Replace the SMILES of a plate by standardised ones and fill in their InChIKeys.

    Structures that cannot be read become null (their wells stay, without structure) and are listed.

    Parameters
    ----------
    plate : Plate
        Structures in ``Metadata_SMILES``, null where there is none.
    progress : callable
        Told the share done.

    Returns
    -------
    Plate
        ``Metadata_SMILES`` standardised, ``Metadata_InChIKey`` of the same structure, null where there is none.
    list of RejectedStructure
    """
    texts = plate.wells[SMILES]
    unique = [str(text) for text in texts.dropna().unique()]
    results = dict(zip(unique, standardise_many(unique, progress=progress), strict=True))
    counts = texts.value_counts()
    rejected = [
        RejectedStructure(smiles=text, wells=int(counts[text]), reason=f"found {result.found}")
        for text, result in results.items()
        if isinstance(result, MoleculeError)
    ]
    molecules = [results.get(text) for text in texts]
    wells = plate.wells.copy()
    usable = [None if isinstance(m, MoleculeError) else m for m in molecules]
    wells[SMILES] = [None if m is None else m.smiles for m in usable]
    wells[INCHIKEY] = [None if m is None else m.inchikey for m in usable]
    return dataclasses.replace(plate, wells=wells), rejected
