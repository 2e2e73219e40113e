"""One molecule among everything else: where the model places it, which wells look like that, what is like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.model.bundle import Bundle
from molphenix_core.plates.dose_readouts import similarity_to_wells
from molphenix_core.retrieval.library import Library
from molphenix_core.retrieval.workbench import Workbench

__all__ = [
    "DoseScores",
    "SimilarWells",
    "dose_scores",
    "places_of_molecule",
    "wells_like_molecule",
    "wells_like_wells",
]

# So many molecules of a larger library stand for it: their percentiles are good to about half a percent.
_SAMPLE = 5_000


@dataclass(frozen=True, eq=False)
class DoseScores:
    """Scores of a molecule for one phenotype over the doses of a library.

    Attributes
    ----------
    doses : ndarray of float64, (k,)
        Micromolar; NaN for the unknown dose.
    scores : ndarray of float64, (k,)
        Cosine in the joint space.
    library : ndarray of float64, (k, 3)
        5th, 50th and 95th percentile of the library's molecules at each dose.
    share_above : ndarray of float64, (k,)
        Share of the library's molecules that score at least as high at that dose.
    compared : int
        Molecules that these were measured on.
    """

    doses: NDArray[np.float64]
    scores: NDArray[np.float64]
    library: NDArray[np.float64]
    share_above: NDArray[np.float64]
    compared: int


@dataclass(frozen=True, eq=False)
class SimilarWells:
    """Wells most like something, the best of each molecule, best first.

    Attributes
    ----------
    rows : ndarray of int64, (n,)
        Of the plate.
    similarity : ndarray of float64, (n,)
        Cosine.
    doses : ndarray of float64, (n,)
        Dose of the molecule that fits best, micromolar; NaN where no dose comes in.
    middle, high : float
        Median and 95th percentile over all wells compared; NaN where there are none.
    compared : int
    """

    rows: NDArray[np.int64]
    similarity: NDArray[np.float64]
    doses: NDArray[np.float64]
    middle: float
    high: float
    compared: int


def places_of_molecule(bundle: Bundle, smiles: str, doses: Sequence[float]) -> NDArray[np.float32]:
    """Where the model places a molecule at some doses.

    Parameters
    ----------
    bundle : Bundle
    smiles : str
        Standardised.
    doses : sequence of float, (k,)
        Micromolar, NaN for an unknown dose.

    Returns
    -------
    ndarray of float32, (k, width)
        Unit vectors in the joint space.

    Raises
    ------
    MoleculeError
        The SMILES cannot be read.
    InputError
        A dose is zero, negative or infinite.
    """
    features = bundle.molecule_features([smiles], processes=1)
    return bundle.embed_molecules(features, np.asarray(doses, dtype=np.float64))[0]


def dose_scores(bundle: Bundle, library: Library, phenotype: NDArray[np.floating], smiles: str) -> DoseScores:
    """Score a molecule for a phenotype at each dose of a library, beside the library's own molecules.

    Parameters
    ----------
    bundle : Bundle
    library : Library
        Embedded by the bundle.
    phenotype : ndarray, (width,)
        Unit vector in the joint space.
    smiles : str
        Standardised; the molecule need not be in the library.

    Returns
    -------
    DoseScores

    Raises
    ------
    LibraryError
        The library was made with another model.
    MoleculeError
        The SMILES cannot be read.
    """
    library.require(bundle)
    query = np.asarray(phenotype, dtype=np.float32)
    scores = (places_of_molecule(bundle, smiles, library.doses.tolist()) @ query).astype(np.float64)
    rows = np.unique(np.linspace(0, len(library) - 1, min(_SAMPLE, len(library))).astype(np.intp))
    others = np.stack([plane[rows].astype(np.float32) @ query for plane in library.embeddings]).astype(np.float64)
    # A float16 library rounds: the molecule itself must not stand above itself.
    above = (others >= scores[:, None] + 2e-4).mean(axis=1)
    return DoseScores(
        doses=library.doses,
        scores=scores,
        library=np.percentile(others, (5, 50, 95), axis=1).T,
        share_above=above,
        compared=len(rows),
    )


def wells_like_molecule(
    workbench: Workbench, bundle: Bundle, smiles: str, doses: Sequence[float], *, top: int = 12
) -> SimilarWells:
    """Find the treated wells nearest to where the model places a molecule, at whichever dose fits each.

    Parameters
    ----------
    workbench : Workbench
        With ``joint``: of a space that the bundle knows.
    bundle : Bundle
        The one that the workbench was opened with.
    smiles : str
        Standardised.
    doses : sequence of float, (k,)
        Micromolar, NaN for an unknown dose.
    top : int

    Returns
    -------
    SimilarWells

    Raises
    ------
    ValueError
        The workbench has no joint embeddings.
    MoleculeError
        The SMILES cannot be read.
    """
    if workbench.joint is None:
        raise ValueError("the retriever does not know the embedding space of the plate")
    wells = np.flatnonzero(workbench.plate.is_treated)
    scores = workbench.joint[wells].astype(np.float64) @ places_of_molecule(bundle, smiles, doses).T
    best = scores.argmax(axis=1)
    return _nearest(workbench, wells, scores.max(axis=1), np.asarray(doses, dtype=np.float64)[best], top)


def wells_like_wells(workbench: Workbench, reference: NDArray[np.integer], *, top: int = 12) -> SimilarWells:
    """Find the treated wells of other molecules that look most like the mean of some wells.

    Parameters
    ----------
    workbench : Workbench
    reference : ndarray of int, (n,)
        Rows of wells, one at least; wells of their molecules are not compared.
    top : int

    Returns
    -------
    SimilarWells
    """
    of_well, keys = workbench.treatment_of_well, workbench.treatments["key"].to_numpy(object)
    own = keys[np.unique(of_well[reference][of_well[reference] >= 0])]
    left_out = np.flatnonzero(np.isin(keys, own))
    wells = np.flatnonzero(workbench.plate.is_treated & ~np.isin(of_well, left_out))
    similarity = similarity_to_wells(workbench.prepared, reference, wells)
    known = np.isfinite(similarity)
    return _nearest(workbench, wells[known], similarity[known], np.full(int(known.sum()), np.nan), top)


def _nearest(
    workbench: Workbench,
    wells: NDArray[np.intp],
    similarity: NDArray[np.float64],
    doses: NDArray[np.float64],
    top: int,
) -> SimilarWells:
    order = np.argsort(-similarity, kind="stable")
    # Replicates and doses of one molecule are one finding; a well of no known molecule stands for itself.
    molecule = np.append(pd.factorize(workbench.treatments["key"])[0], 0)[workbench.treatment_of_well[wells]]
    molecule = np.where(workbench.treatment_of_well[wells] < 0, -1 - wells, molecule)
    _, first = np.unique(molecule[order], return_index=True)
    order = order[np.sort(first)[:top]]
    middle, high = np.percentile(similarity, (50, 95)) if len(similarity) else (np.nan, np.nan)
    return SimilarWells(
        wells[order].astype(np.int64), similarity[order], doses[order], float(middle), float(high), len(wells)
    )
