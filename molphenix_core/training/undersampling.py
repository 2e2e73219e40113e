"""Which treatments an epoch shows: inactive ones are left out, or most of them (MolPhenix; arXiv 2409.08302)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molphenix_core.errors import JobError
from molphenix_core.training.batches import TrainingSet

__all__ = ["UndersamplingConfig", "inactive", "undersample"]


@dataclass(frozen=True)
class UndersamplingConfig:
    """How many inactive treatments to train on.

    A treatment without p-value is kept: having no replicates is no evidence of inactivity. A set without any
    p-values, such as a table of treatments, so is trained on whole; count :func:`inactive` to see what is dropped.

    Parameters
    ----------
    threshold : float
        psi: treatments with an activity p-value below it are active (0.1 was published as best for actives).
    keep : float
        Share of the others that an epoch shows, 0 to 1; drawn anew for each.

    Raises
    ------
    JobError
        When either is not a share.
    """

    threshold: float = 0.1
    keep: float = 0.0

    def __post_init__(self) -> None:
        for field in ("threshold", "keep"):
            if not 0 <= getattr(self, field) <= 1:
                raise JobError("job", f"fit.undersampling.{field}", str(getattr(self, field)), "0 to 1")


def inactive(data: TrainingSet, config: UndersamplingConfig) -> NDArray[np.bool_]:
    """Which treatments have a p-value of at least psi.

    Parameters
    ----------
    data : TrainingSet
    config : UndersamplingConfig

    Returns
    -------
    bool (n_treatments,)
        False where there is no p-value.
    """
    if data.p_value is None:
        return np.zeros(len(data), dtype=bool)
    return data.p_value >= config.threshold


def undersample(
    data: TrainingSet, config: UndersamplingConfig | None, random: np.random.Generator
) -> NDArray[np.int64]:
    """Draw the treatments of one epoch.

    Parameters
    ----------
    data : TrainingSet
    config : UndersamplingConfig or None
        None keeps all.
    random : numpy.random.Generator

    Returns
    -------
    int64 (n_kept,)
        Rows of the treatments, ascending: all that are not :func:`inactive`, and the share of the others that is
        kept, rounded to whole treatments.
    """
    dropped = np.zeros(len(data), dtype=bool)
    if config is not None:
        rows = np.flatnonzero(inactive(data, config))
        dropped[random.permutation(rows)[round(config.keep * len(rows)) :]] = True
    return np.flatnonzero(~dropped)
