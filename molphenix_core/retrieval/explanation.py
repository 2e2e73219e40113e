"""Why a candidate scores what it does: the parts of its score, and the training molecules that pull at it.

The kernel head (:mod:`molphenix_core.model.kernel_head`) predicts a phenotype as a sum over training treatments,

    f(m, c) = mean + sum_t k(m, m_t) k(c, c_t) dual_t,

so that a candidate's score, a dot product with that sum, falls apart exactly into one pull a training treatment,
what all molecules share at that dose, and the part of the towers. No second model is fitted to explain the first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.model.bundle import Bundle
from molphenix_core.model.kernel_head import KernelHead
from molphenix_core.plates.plate import CONCENTRATION, INCHIKEY, MECHANISM, NAME, SMILES, Plate
from molphenix_core.retrieval.applicability import training_domain

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True, eq=False)
class Explanation:
    """One candidate's score for one phenotype, taken apart.

    Attributes
    ----------
    score : float
        Cosine in the joint space: ``towers + shared + far + pulls``.
    towers : float
        Part of the neural towers.
    shared : float
        What every molecule gets at this dose, whatever its structure.
    far : float
        What a prediction far from the mean phenotype loses; zero or less for it alone.
    training : pandas.DataFrame
        One row for each training molecule, the strongest pull first: ``name``, ``smiles``, ``inchikey``,
        ``mechanism``, ``pull`` (part of the score), ``structure`` (Tanimoto of Morgan counts to the candidate,
        NaN without a structure), ``phenotype`` (cosine of its measured profile with the wells, at the dose nearest
        to the candidate's) and ``dose`` (that dose, micromolar, NaN where unknown).
    without : str
        Why there are no pulls, "" where there are: then ``pull`` is NaN, the nearest structure stands first, and
        ``towers`` is the whole score.
    """

    score: float
    towers: float
    shared: float
    far: float
    training: pd.DataFrame
    without: str = ""


def explain(bundle: Bundle, space: str, phenotype: NDArray[np.floating], smiles: str, dose: float) -> Explanation:
    """Take the score of a candidate for some wells apart.

    Parameters
    ----------
    bundle : Bundle
    space : str
        Embedding space of the phenotype; one that the bundle has a tower for.
    phenotype : float (d,)
        Mean of the wells' prepared embeddings.
    smiles : str
        The candidate's structure, standardised.
    dose : float
        Micromolar, NaN for an unknown dose.

    Returns
    -------
    Explanation

    Raises
    ------
    MoleculeError
        The SMILES cannot be read.
    UnknownSpaceError
        The bundle has no tower for the space.
    InputError
        The dose is zero, negative or infinite.
    """
    wells = np.asarray(phenotype, dtype=np.float32)
    query = bundle.embed_phenotypes(wells[None], space)[0].astype(np.float64)
    features = bundle.molecule_features([smiles], processes=1)
    place = bundle.embed_molecules(features, np.array([dose]))[0, 0].astype(np.float64)
    score = float(query @ place)
    head, reference = bundle.heads.get(space), bundle.references.get(space)
    without = _why_no_pulls(head, reference)
    table = _training_molecules(bundle, reference, wells, smiles, dose)
    if head is None or without:
        return Explanation(score, score, 0.0, 0.0, table.sort_values("structure", ascending=False), without)
    joint = bundle.retriever.shape.joint
    columns = bundle.head_columns()[space]
    # The molecule side of each part is scaled so that the whole is a unit vector.
    scale = 1 / (np.sqrt(1 + len(bundle.heads)) * float(head.length[0]))
    pulls, shared, far = head.pulls(query[columns] * scale, features[0], dose)
    by_molecule = np.bincount(head.molecule, weights=pulls, minlength=len(head.molecules))
    # The head's molecules are those of the reference, in the order of its own numbers.
    first = np.unique(head.molecule, return_index=True)[1]
    assert reference is not None
    pull = pd.Series(by_molecule, index=reference.wells[INCHIKEY].to_numpy(object)[first])
    table["pull"] = pull.reindex(table["inchikey"]).to_numpy(np.float64)
    return Explanation(
        score=score,
        towers=float(query[:joint] @ place[:joint]),
        shared=shared,
        far=far,
        training=table.sort_values("pull", ascending=False, kind="stable", ignore_index=True),
    )


def _why_no_pulls(head: KernelHead | None, reference: Plate | None) -> str:
    if head is None:
        return "the model ranks in this embedding space by its towers alone"
    if reference is None:
        return "the model does not keep its training treatments"
    keys = pd.factorize(reference.wells[INCHIKEY])[0]
    doses = np.log10(reference.wells[CONCENTRATION].to_numpy(np.float64))
    alike = len(keys) == len(head.molecule) and np.allclose(
        np.where(np.isfinite(doses), doses, np.inf), head.log_dose, atol=1e-4
    )
    # One name for each molecule of the head, and the other way round.
    if not alike or len({*zip(keys.tolist(), head.molecule.tolist(), strict=True)}) != len(head.molecules):
        return "the training treatments that the model keeps are not those of its kernel head"
    return ""


def _training_molecules(
    bundle: Bundle, reference: Plate | None, wells: NDArray[np.float32], smiles: str, dose: float
) -> pd.DataFrame:
    columns = ["name", "smiles", "inchikey", "mechanism", "pull", "structure", "phenotype", "dose"]
    if reference is None:
        return pd.DataFrame({column: pd.Series(dtype=object) for column in columns})
    table = reference.wells
    measured = table[CONCENTRATION].to_numpy(np.float64)
    away = np.abs(np.log10(measured) - np.log10(dose))
    # Of one molecule's treatments the one at the dose nearest to the candidate's speaks for it.
    order = np.argsort(np.where(np.isnan(away), np.inf, away), kind="stable")
    chosen = np.sort(order[~table[INCHIKEY].iloc[order].duplicated().to_numpy()])
    chosen = chosen[table[INCHIKEY].iloc[chosen].notna().to_numpy()]
    values = reference.embeddings[chosen].astype(np.float64)
    length = np.linalg.norm(values, axis=1) * np.linalg.norm(wells)
    rows = table.iloc[chosen]
    similarity = training_domain(bundle).similarities_to(smiles)
    return pd.DataFrame(
        {
            "name": rows[NAME].where(rows[NAME].notna(), rows[INCHIKEY]).to_numpy(object),
            "smiles": rows[SMILES].to_numpy(object),
            "inchikey": rows[INCHIKEY].to_numpy(object),
            "mechanism": rows[MECHANISM].to_numpy(object),
            "pull": np.nan,
            "structure": similarity.reindex(rows[INCHIKEY]).to_numpy(np.float64),
            "phenotype": np.divide(values @ wells, length, out=np.zeros(len(values)), where=length > 0),
            "dose": measured[chosen],
        }
    )
