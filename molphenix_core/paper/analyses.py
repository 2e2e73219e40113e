"""What a trained retriever has learned, looked at in four ways that the paper looks at it.

The results are JSON values: a run can store them, and draws from them later
(:func:`molphenix_core.paper.analyses_sections.sections_from`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molphenix_core.evaluation.measured_split import MeasuredSplit
from molphenix_core.model.bundle import Bundle
from molphenix_core.molecules.features import DESCRIPTORS, FeatureSet
from molphenix_core.molecules.scaffolds import scaffold_groups
from molphenix_core.molecules.scaling import FeatureScaler
from molphenix_core.paper.analyses_map import treatment_map
from molphenix_core.paper.analyses_probe import ProbeFold, probe_scores
from molphenix_core.paper.analyses_properties import PropertyFold, predict_properties
from molphenix_core.paper.analyses_similarity import pair_similarities
from molphenix_core.plates.activity import activity
from molphenix_core.training.dataset import Molecules
from molphenix_core.training.fit import median_squared_distance

__all__ = ["PROPERTIES", "analyse"]

PROPERTIES = {
    "molecular weight": "MolWt",
    "cLogP": "MolLogP",
    "TPSA": "TPSA",
    "hydrogen bond donors": "NumHDonors",
    "hydrogen bond acceptors": "NumHAcceptors",
    "rotatable bonds": "NumRotatableBonds",
    "rings": "RingCount",
    "fraction sp3": "FractionCSP3",
}
"""Properties that are predicted from z_m, and RDKit's names of them."""

_DOSES = (0.05, 0.35, 0.65, 0.95)
"""Quantiles of the treatments' doses that properties are predicted at."""
_DESCRIPTORS = FeatureSet(("descriptors",))


def analyse(
    bundle: Bundle, split: MeasuredSplit, molecules: Molecules, *, seed: int = 0, maps: bool = True
) -> dict[str, Any]:
    """Analyse a retriever on the plate file that it was trained on a part of.

    What is found on several scaffold folds can be pooled: see
    :func:`molphenix_core.paper.analyses_sections.sections_from`.

    Parameters
    ----------
    bundle : Bundle
        Trained on the training wells of ``split``.
    split : MeasuredSplit
    molecules : Molecules
        Those that ``split.molecule`` counts.
    seed : int
        Of the map, folds and shuffles.
    maps : bool
        Make the map and the pairs too, of which one fold is enough: half a minute.

    Returns
    -------
    dict
        JSON values:

        ``data``, ``simulated``, ``activity_threshold``
            name of the plate file; whether it is simulated; p below which a treatment is active
        ``map``
            :func:`~molphenix_core.paper.analyses_map.treatment_map` of z_m of the treatments
        ``similarity``
            :func:`~molphenix_core.paper.analyses_similarity.pair_similarities` of frozen phenotypes
        ``probe``
            :func:`~molphenix_core.paper.analyses_probe.probe_scores` of held-out molecules
        ``properties``
            :func:`~molphenix_core.paper.analyses_properties.predict_properties` of held-out molecules

        Each of the last four may instead be ``{"not_available": reason}``; the first two of them may be missing.
    """
    measured = _measured(bundle, split)
    here, place = np.unique(split.molecule, return_inverse=True)
    descriptors = _DESCRIPTORS.compute([molecules.smiles[row] for row in here])
    out: dict[str, Any] = {
        "data": Path(split.profiles.source).name,
        "simulated": split.profiles.simulated,
        "activity_threshold": split.activity_threshold,
        "probe": probe_scores(_probe_fold(split, measured, molecules, descriptors[place]), seed=seed),
        "properties": predict_properties(
            _property_fold(bundle, split, measured, here),
            split.counts[here],
            {name: descriptors[:, DESCRIPTORS.index(label)].astype(float) for name, label in PROPERTIES.items()},
            seed=seed,
        ),
    }
    if maps:
        out["map"] = treatment_map(
            measured.z_m, measured.p_value, measured.dose, held_out=measured.held_out, seed=seed
        )
        out["similarity"] = pair_similarities(
            measured.phenotype,
            measured.p_value,
            split.molecule[measured.rows],
            scale=median_squared_distance(measured.phenotype[measured.trained], seed=seed),
            threshold=split.activity_threshold,
            seed=seed,
        )
    return out


@dataclass(frozen=True, eq=False)
class _Measured:
    """The treatments that have wells: n of them."""

    rows: NDArray[np.intp]
    z_m: NDArray[np.float32]
    phenotype: NDArray[np.float32]
    p_value: NDArray[np.float64]
    dose: NDArray[np.float64]
    held_out: NDArray[np.bool_]
    trained: NDArray[np.bool_]


def _measured(bundle: Bundle, split: MeasuredSplit) -> _Measured:
    def has(wells: NDArray[np.bool_]) -> NDArray[np.bool_]:
        of_well = split.treatments.of_well[wells]
        return np.bincount(of_well[of_well >= 0], minlength=len(split.treatments)) > 0

    rows = np.flatnonzero(has(np.ones(len(split.plate), dtype=bool)))
    doses, column = np.unique(split.doses[rows], return_inverse=True)
    used, place = np.unique(split.molecule[rows], return_inverse=True)
    z_m = bundle.embed_molecules(split.features[used], doses)[place, column]
    return _Measured(
        rows=rows,
        z_m=z_m,
        phenotype=split.treatments.mean(split.plate.embeddings)[rows],
        p_value=activity(split.plate, split.treatments)["p_value"].to_numpy(np.float64)[rows],
        dose=split.doses[rows],
        held_out=has(split.unseen_scaffold)[rows],
        trained=has(split.train)[rows],
    )


def _probe_fold(
    split: MeasuredSplit, measured: _Measured, molecules: Molecules, descriptors: NDArray[np.float32]
) -> ProbeFold:
    """Of descriptors (n_treatments, width)."""
    kept = (measured.held_out | measured.trained) & ~np.isnan(measured.p_value)
    molecule = split.molecule[measured.rows][kept]
    described = descriptors[measured.rows]
    scaler = FeatureScaler.fit(described[measured.trained], _DESCRIPTORS)
    dose = _dose_columns(measured.dose[kept])
    return ProbeFold(
        inputs={
            "z_m": measured.z_m[kept].astype(np.float64),
            "descriptors and dose": np.concatenate([scaler.transform(described[kept]), dose], axis=1),
            "dose alone": dose,
        },
        active=measured.p_value[kept] < split.activity_threshold,
        molecule=molecule,
        scaffold=scaffold_groups(
            [molecules.smiles[row] for row in molecule], [molecules.inchikeys[row] for row in molecule]
        ),
        held_out=measured.held_out[kept],
    )


def _dose_columns(dose: NDArray[np.float64]) -> NDArray[np.float64]:
    """log10 micromolar with zero where unknown, and whether it is known: float64 (n, 2)."""
    known = ~np.isnan(dose)
    return np.stack([np.log10(np.where(known, dose, 1.0)), known], axis=1)


def _property_fold(
    bundle: Bundle, split: MeasuredSplit, measured: _Measured, here: NDArray[np.int64]
) -> PropertyFold:
    known = measured.dose[~np.isnan(measured.dose)]
    # From the low doses to the high ones that many treatments have, not that a few reach.
    chosen = np.unique(np.quantile(known, _DOSES, method="nearest")) if len(known) else known
    names = [*(f"z_m at {dose:.3g} µM" for dose in chosen), "z_m, dose unknown"]
    z_m = bundle.embed_molecules(split.features[here], np.concatenate([chosen, [np.nan]]))
    molecule = split.molecule[measured.rows]
    return PropertyFold(
        z_m={name: z_m[:, number] for number, name in enumerate(names)},
        train=np.isin(here, molecule[measured.trained]),
        held_out=np.isin(here, molecule[measured.held_out]),
    )
