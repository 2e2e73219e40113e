"""Rivals that train no tower: the nearest neighbour, physico-chemical descriptors, and strength of effect alone.

Each makes one score for every held-out phenotype and candidate (molecule, dose). What they learn, they learn from
the training wells. Phenotypes are those of the retriever's space (sphered, where the job fits an encoder), less
the mean training phenotype.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from molphenix_core.errors import InputError
from molphenix_core.evaluation.held_out import HeldOut
from molphenix_core.evaluation.kernel_ridge import cosine_scores, fit_kernel_ridge
from molphenix_core.evaluation.measured_split import MeasuredSplit
from molphenix_core.evaluation.recall import ranks_of_true
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.molecules.scaffolds import scaffold_folds, scaffold_groups
from molphenix_core.molecules.scaling import FeatureScaler
from molphenix_core.molecules.similarity import nearest
from molphenix_core.plates.activity import distance_to_control
from molphenix_core.plates.treatments import Treatments

__all__ = [
    "DESCRIPTORS_ONLY",
    "DISTANCE_ONLY",
    "NEAREST_NEIGHBOUR",
    "BaselineScores",
    "baseline_scores",
    "descriptor_ridge",
    "nearest_neighbour_phenotypes",
]

NEAREST_NEIGHBOUR = "nearest neighbour by fingerprint"
DESCRIPTORS_ONLY = "physico-chemical descriptors"
DISTANCE_ONLY = "distance to control"

_DESCRIPTORS = FeatureSet(("descriptors",))
_ALPHAS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_INNER_FOLDS = 5


@dataclass(frozen=True)
class BaselineScores:
    """What the baselines make of held-out treatments.

    Parameters
    ----------
    scores : dict of str to float64 (n, n)
        By method; row a phenotype, column a candidate.
    not_available : dict of str to str
        By method, why there is none.
    """

    scores: dict[str, NDArray[np.float64]]
    not_available: dict[str, str]


def baseline_scores(split: MeasuredSplit, held_out: HeldOut, only: Treatments) -> BaselineScores:
    """Scores of the baselines that need no towers.

    Parameters
    ----------
    split : MeasuredSplit
    held_out : HeldOut
        Of it; n treatments.
    only : Treatments
        As if there were no wells but the held-out ones: what the queries are averaged over.

    Returns
    -------
    BaselineScores
        ``"nearest neighbour by fingerprint"``: cosine with :func:`nearest_neighbour_phenotypes`.
        ``"physico-chemical descriptors"``: cosine with :func:`descriptor_ridge`; not available with a single
        training scaffold or where no descriptor varies.
        ``"distance to control"``: minus the difference between the logarithms of the query's own distance to
        control and of the distance that kernel ridge on Tanimoto and dose predicts for the candidate. Of a
        phenotype it sees one number, its strength; not available without negative controls.
    """
    rows = held_out.treatments
    training = split.only(split.train)
    trained = np.unique(training.of_well[training.of_well >= 0])
    log_dose = np.log10(split.doses)
    phenotypes = training.mean(split.plate.embeddings)[trained].astype(np.float64)
    mean = phenotypes.mean(axis=0)
    queries = only.mean(split.plate.embeddings)[rows] - mean
    scores: dict[str, NDArray[np.float64]] = {}
    not_available: dict[str, str] = {}

    predicted = nearest_neighbour_phenotypes(
        split.counts,
        (split.molecule[trained], log_dose[trained], phenotypes - mean),
        (held_out.molecule, log_dose[rows]),
    )
    scores[NEAREST_NEIGHBOUR] = cosine_scores(queries, predicted)

    descriptors, groups = _described(split)
    where = np.unique(split.molecule, return_inverse=True)[1]
    raw = descriptors[where]
    try:
        ridge = descriptor_ridge(
            (raw[trained], log_dose[trained]),
            phenotypes - mean,
            (raw[rows], log_dose[rows]),
            scaffold=groups[where[trained]],
        )
        scores[DESCRIPTORS_ONLY] = cosine_scores(queries, ridge)
    except InputError as error:
        not_available[DESCRIPTORS_ONLY] = f"training molecules: {error.found}"

    distance = distance_to_control(split.plate, training)[trained]
    if np.isnan(distance).any():
        not_available[DISTANCE_ONLY] = f"{int(split.plate.is_negative_control.sum())} negative control wells"
    else:
        scores[DISTANCE_ONLY] = _distance_scores(
            (split.counts[split.molecule[trained]], log_dose[trained], distance),
            (split.counts[held_out.molecule], log_dose[rows]),
            distance_to_control(split.plate, only)[rows],
        )
    return BaselineScores(scores, not_available)


def nearest_neighbour_phenotypes(
    counts: NDArray[np.float32],
    training: tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]],
    candidates: tuple[NDArray[np.int64], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """What the most similar training molecule was measured to do at the nearest dose.

    Parameters
    ----------
    counts : float32 (n_molecules, width)
        Morgan counts.
    training : int64 (n,), float64 (n,), float64 (n, d)
        Molecule (row of ``counts``), log10 micromolar (NaN where unknown) and phenotype of each training
        treatment.
    candidates : int64 (m,), float64 (m,)
        Molecule and log10 micromolar of each candidate.

    Returns
    -------
    float64 (m, d)
        The mean over the training treatments of that molecule that are nearest in log10 dose (several, where
        they lie equally near or differ in another condition), or over all of them where the dose of the candidate
        or all of theirs are unknown. The molecule is the one of the highest Tanimoto similarity, the first of
        equals.
    """
    molecule, log_dose, phenotypes = training
    known = np.unique(molecule)
    asked, column = np.unique(candidates[0], return_inverse=True)
    neighbour = known[nearest(counts[asked], counts[known])[0]][column]
    out = np.empty((len(neighbour), phenotypes.shape[1]))
    for row, (of, dose) in enumerate(zip(neighbour, candidates[1], strict=True)):
        members = np.flatnonzero(molecule == of)
        apart = np.abs(log_dose[members] - dose)
        if not np.isnan(apart).all():
            # Doses within 5 % are one nominal dose; 1e-6 only forgives rounding.
            members = members[apart <= np.nanmin(apart) + 1e-6]
        out[row] = phenotypes[members].mean(axis=0)
    return out


def descriptor_ridge(
    training: tuple[NDArray[np.float32], NDArray[np.float64]],
    phenotypes: NDArray[np.float64],
    candidates: tuple[NDArray[np.float32], NDArray[np.float64]],
    *,
    scaffold: NDArray[np.integer],
) -> NDArray[np.float64]:
    """Predict phenotypes by linear ridge regression on RDKit's descriptors and log10 dose.

    Descriptors are standardised on the training treatments (a missing one counts as the mean) and share one
    unit of variance; the dose has another. The penalty is the one that ranks the true candidate best (mean
    reciprocal rank of the cosine) over inner folds of whole training scaffolds.

    Parameters
    ----------
    training, candidates : float32 (n, D) and float64 (n,), float32 (m, D) and float64 (m,)
        Raw descriptors (:data:`molphenix_core.molecules.features.DESCRIPTORS`), and log10 micromolar, NaN where
        unknown.
    phenotypes : float64 (n, d)
        Of the training treatments, less their mean.
    scaffold : int (n,)
        Group of each training treatment; at least two groups.

    Returns
    -------
    float64 (m, d)

    Raises
    ------
    InputError
        A single scaffold, or no descriptor varies.
    """
    names = [str(group) for group in scaffold]
    if len(set(names)) < 2:
        raise InputError("descriptor ridge", "scaffold", "one scaffold", "at least two, to choose the penalty on")
    scaler = FeatureScaler.fit(training[0], _DESCRIPTORS)
    known = training[1][np.isfinite(training[1])]
    centre, spread = (known.mean(), known.std()) if len(known) else (0.0, 0.0)

    def inputs(descriptors: NDArray[np.float32], log_dose: NDArray[np.float64]) -> NDArray[np.float64]:
        dose = np.nan_to_num((log_dose - centre) / (spread if spread > 1e-9 else 1.0), nan=0.0)
        return np.column_stack([scaler.transform(descriptors), dose])

    x = inputs(*training)
    inner = scaffold_folds(names, folds=min(_INNER_FOLDS, len(set(names))))
    reciprocal = np.zeros((len(_ALPHAS), len(x)))
    for fold in np.unique(inner):
        held = inner == fold
        offset = phenotypes[~held].mean(axis=0)
        for number, predicted in enumerate(_ridges(x[~held], phenotypes[~held] - offset, x[held])):
            scores = cosine_scores(phenotypes[held] - offset, predicted)
            reciprocal[number, held] = 1 / ranks_of_true(scores, np.arange(len(scores)))
    return _ridges(x, phenotypes, inputs(*candidates))[int(reciprocal.mean(axis=1).argmax())]


def _ridges(x: NDArray[np.float64], y: NDArray[np.float64], new: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Predictions at ``new`` for every penalty."""
    values, vectors = np.linalg.eigh(x.T @ x)
    target = vectors.T @ (x.T @ y)
    turned = new @ vectors
    return [turned @ (target / (np.maximum(values, 0.0) + alpha)[:, None]) for alpha in _ALPHAS]


def _distance_scores(
    training: tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]],
    candidates: tuple[NDArray[np.float32], NDArray[np.float64]],
    own: NDArray[np.float64],
) -> NDArray[np.float64]:
    def log(distance: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.log(np.maximum(distance, 1e-12))

    ridge = fit_kernel_ridge(training[0], training[1], log(training[2])[:, None])
    predicted = (ridge.predict(*candidates) + ridge.mean)[:, 0]
    return -np.abs(log(own)[:, None] - predicted[None, :])


def _described(split: MeasuredSplit) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Descriptors and scaffold of the molecules of a split, in the order of their rows in ``counts``."""
    first = np.unique(split.molecule, return_index=True)[1]
    table = split.treatments.table.iloc[first]
    return _of_structures(tuple(table["smiles"]), tuple(table["inchikey"]))


# Ten milliseconds a molecule, and the same molecules in every fold and with every seed.
@lru_cache(maxsize=8)
def _of_structures(
    smiles: tuple[str, ...], inchikeys: tuple[str, ...]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    descriptors = _DESCRIPTORS.compute(smiles)
    groups = np.unique(scaffold_groups(smiles, inchikeys), return_inverse=True)[1].astype(np.int64)
    descriptors.flags.writeable = groups.flags.writeable = False
    return descriptors, groups
