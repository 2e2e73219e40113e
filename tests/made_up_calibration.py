"""Held-out rankings with known truth, and calibrations made of them."""

from __future__ import annotations

import numpy as np

from molphenix_core.evaluation.calibration import fit_calibration
from molphenix_core.evaluation.calibration_records import CalibrationRecords
from molphenix_core.retrieval.stored_calibration import Calibration

DECOYS = 499


def made_up_records(
    *,
    molecules: int = 120,
    each: int = 4,
    skill: float = 4.0,
    telling: bool = False,
    seen: bool = False,
    activity: int = 1,
    over_doses: bool = False,
    decoys: int = DECOYS,
    seed: int = 0,
) -> CalibrationRecords:
    """The share of decoys above the true molecule is a uniform number to the power ``skill``.

    Where ``telling``, the score of the best candidate says how good a ranking is: no skill in the lower half.
    """
    random = np.random.default_rng(seed)
    n = molecules * each
    z = random.normal(4.0, 1.0, n)
    power = np.where(z > np.median(z), 2 * skill, 1.0) if telling else np.full(n, skill)
    return CalibrationRecords(
        decoys=decoys,
        above=np.floor(random.uniform(size=n) ** power * (decoys + 1)),
        molecule=np.repeat([f"MOLECULE{i:06d}" for i in range(molecules)], each),
        seen=np.full(n, seen),
        activity=np.full(n, activity, dtype=np.int8),
        over_doses=np.full(n, over_doses),
        replicates=random.integers(2, 7, n),
        top_score_z=z,
        distance_to_control=random.normal(10.0, 2.0, n),
    )


def made_up_calibration(space: str = "a space", **options: object) -> Calibration:
    """Fitted to :func:`made_up_records`."""
    return fit_calibration(made_up_records(**options), space=space, library="Reference")  # type: ignore[arg-type]
