"""Structures known to disturb assays.

PAINS are the substructures of Baell and Holloway, Journal of Medicinal Chemistry 53:2719 (2010), as RDKit carries
them. An alert is a reason to look twice, not a verdict: PAINS were found in one kind of assay (AlphaScreen), and
approved medicines hold some of them.

Nothing here predicts autofluorescence: the published rules (Su et al., Journal of Chemical Information and
Modeling 55:434, 2015) are classifiers for single pairs of wavelengths. It is taken from what the user measured,
see :func:`molphenix_core.plates.hit_table.hit_table`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from rdkit.Chem.FilterCatalog import FilterCatalog, FilterCatalogParams

from molphenix_core.errors import MoleculeError
from molphenix_core.molecules.parallel import map_chunks
from molphenix_core.molecules.standardise import parse
from molphenix_core.progress import Progress, silent

__all__ = ["pains_alerts", "pains_alerts_many"]


@cache
def _pains() -> FilterCatalog:
    parameters = FilterCatalogParams()
    parameters.AddCatalog(FilterCatalogParams.FilterCatalogs.PAINS)
    return FilterCatalog(parameters)


def pains_alerts(smiles: str) -> tuple[str, ...]:
    """Name the PAINS substructures of a structure.

    Parameters
    ----------
    smiles : str
        SMILES, standardised: the patterns are written for neutral parents.

    Returns
    -------
    tuple of str
        Names of the patterns, as "quinone_A(370)" (the number is of compounds that had it in the source), in
        alphabetical order; empty where there is none.

    Raises
    ------
    MoleculeError
        The SMILES cannot be parsed.
    """
    mol = parse(smiles)
    return tuple(sorted(entry.GetDescription() for entry in _pains().GetMatches(mol)))


def pains_alerts_many(
    smiles: Sequence[str | None], *, processes: int | None = None, progress: Progress = silent
) -> list[tuple[str, ...] | None]:
    """Name the PAINS substructures of many structures.

    Parameters
    ----------
    smiles : sequence of (str or None)
        Standardised SMILES, null where there is none.
    processes : int, optional
        As :func:`~molphenix_core.molecules.parallel.map_chunks`.
    progress : callable

    Returns
    -------
    list of (tuple of str, or None)
        As :func:`pains_alerts`; None where there is no structure, or none that can be read: not known to be
        without alerts.
    """
    unique = [text for text in dict.fromkeys(smiles) if isinstance(text, str)]
    found: dict[str, tuple[str, ...] | None] = {}
    runs = map_chunks(_alerts, unique, processes=processes, progress=progress, message="PAINS alerts")
    for run in runs:
        found.update(zip(unique[len(found) : len(found) + len(run)], run, strict=True))
    return [found.get(text) if isinstance(text, str) else None for text in smiles]


def _alerts(smiles: Sequence[str]) -> list[tuple[str, ...] | None]:
    out: list[tuple[str, ...] | None] = []
    for text in smiles:
        try:
            out.append(pains_alerts(text))
        except MoleculeError:
            # The caller learns of it by the None; who standardised the plate was told why.
            out.append(None)
    return out
