"""Which calibrated chance, if any, holds for a ranking of some wells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molphenix_core.errors import BundleError
from molphenix_core.model.bundle import Bundle
from molphenix_core.plates.plate import PLATE
from molphenix_core.retrieval.applicability import WellApplicability
from molphenix_core.retrieval.chance import Chance, NoChance, chance_in_words, top_rank, top_score_z
from molphenix_core.retrieval.library import Library
from molphenix_core.retrieval.ranking_notes import ACTIVE
from molphenix_core.retrieval.stored_calibration import Calibration
from molphenix_core.retrieval.workbench import Workbench

__all__ = ["chance_of_ranks", "held_out_plates", "ranking_chance"]

# Ranks for each of which the chance is worked out, and how many beyond them.
_EACH = 100
_BEYOND = 60


def held_out_plates(bundle: Bundle) -> frozenset[str]:
    """Barcodes of the plates of the training screen that no model was fitted on.

    Parameters
    ----------
    bundle : Bundle

    Returns
    -------
    frozenset of str
        Empty where the card names none.

    Raises
    ------
    BundleError
        The card holds something else there.
    """
    split = bundle.facts.get("split", {})
    barcodes = split.get("held_out_plates", []) if isinstance(split, Mapping) else None
    if not isinstance(barcodes, (list, tuple)) or not all(isinstance(barcode, str) for barcode in barcodes):
        raise BundleError(bundle.name, "split.held_out_plates", repr(barcodes)[:80], "a list of barcodes")
    return frozenset(barcodes)


def ranking_chance(
    calibration: Calibration | None,
    workbench: Workbench,
    rows: NDArray[np.integer],
    library: Library,
    query: NDArray[np.float32],
    scored_at: float,
    applicability: WellApplicability | None,
    measured_on: frozenset[str],
) -> Chance | NoChance:
    """The chance that the true molecule of some wells is in the first percent of the library.

    Parameters
    ----------
    calibration : Calibration or None
        Of the wells' embedding space.
    workbench : Workbench
    rows : int (n,)
        Rows of the wells, one at least.
    library : Library
    query : float32 (width,)
        Their mean phenotype in the joint space.
    scored_at : float
        Micromolar; NaN where each molecule was scored at its best dose.
    applicability : WellApplicability or None
    measured_on : frozenset of str
        From :func:`held_out_plates`: the chance of molecules seen in training holds for these alone, as much of it
        comes from the positions that the screen's plates share.

    Returns
    -------
    Chance or NoChance
    """
    question = _question(calibration, workbench, rows, library, query, scored_at, applicability, measured_on)
    if isinstance(question, NoChance):
        return question
    return chance_in_words(calibration, r=top_rank(len(library)), of=len(library), **question)


def chance_of_ranks(
    calibration: Calibration | None,
    workbench: Workbench,
    rows: NDArray[np.integer],
    library: Library,
    query: NDArray[np.float32],
    scored_at: float,
    applicability: WellApplicability | None,
    measured_on: frozenset[str],
) -> NDArray[np.float64]:
    """The chance that the true molecule of some wells is among the first r of the library, for every r.

    Parameters
    ----------
    calibration, workbench, rows, library, query, scored_at, applicability, measured_on
        As in :func:`ranking_chance`.

    Returns
    -------
    float64 (n,)
        For the first 1, 2, ... n; worked out for the first hundred and for 60 beyond, and between those by
        straight lines. NaN where no chance was measured for such wells.
    """
    n = len(library)
    chances = np.full(n, np.nan)
    question = _question(calibration, workbench, rows, library, query, scored_at, applicability, measured_on)
    if isinstance(question, NoChance):
        return chances
    beyond = np.geomspace(_EACH, max(n, _EACH), _BEYOND).round().astype(np.int64)
    ranks = np.unique(np.minimum(np.concatenate([np.arange(1, _EACH + 1), beyond]), n))
    found = []
    for r in ranks.tolist():
        chance = chance_in_words(calibration, r=r, of=n, **question)
        if isinstance(chance, NoChance):
            return chances
        found.append(chance.probability)
    return np.interp(np.arange(1, n + 1), ranks, found)


def _question(
    calibration: Calibration | None,
    workbench: Workbench,
    rows: NDArray[np.integer],
    library: Library,
    query: NDArray[np.float32],
    scored_at: float,
    applicability: WellApplicability | None,
    measured_on: frozenset[str],
) -> NoChance | dict[str, Any]:
    """What :func:`chance_in_words` is told of the wells, or why no chance holds for them."""
    held = np.unique(workbench.treatment_of_well[rows])
    if calibration is not None and (len(held) != 1 or held[0] < 0):
        return NoChance("it was measured for wells of one treatment, and these hold something else.")
    if calibration is not None and applicability is not None and applicability.is_outside:
        return NoChance("the wells lie outside the training data, for which no chance was measured separately.")
    treatment = workbench.treatments.iloc[int(held[0])]
    seen = treatment["seen"]
    if calibration is not None and seen and not set(workbench.plate.wells[PLATE].iloc[rows]) <= measured_on:
        return NoChance(
            "for molecules seen in training the chance was measured on new plates of the training screen only."
        )
    covariates = {"replicates": float(len(rows)), "distance_to_control": float(treatment["distance_to_control"])}
    if calibration is not None and any(s.covariate == "top_score_z" for s in calibration.strata):
        planes = slice(None) if np.isnan(scored_at) else np.flatnonzero(library.doses == scored_at)
        scores = (library.embeddings[planes].astype(np.float32) @ query).max(axis=0)
        covariates["top_score_z"] = top_score_z(scores)
    p_value = float(treatment["p_value"])
    return {
        "seen": seen,
        "active": None if np.isnan(p_value) else p_value < ACTIVE,
        "over_doses": bool(np.isnan(scored_at)),
        "replicates": len(rows),
        "covariates": covariates,
    }
