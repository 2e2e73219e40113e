"""Concentrations as they are told apart: nominal doses.

Concentrations are in micromolar, float64, and NaN where unknown. Controls have none: a zero never enters a
logarithm.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from molphenix_core.errors import InputError

__all__ = ["checked_concentrations", "nominal_doses"]


def checked_concentrations(concentrations: ArrayLike) -> NDArray[np.float64]:
    """Concentrations that are known to be usable.

    Parameters
    ----------
    concentrations : array_like (n,)
        Micromolar, NaN where unknown; a single number counts as (1,).

    Returns
    -------
    float64 (n,)

    Raises
    ------
    InputError
        A concentration is zero, negative or infinite.
    ValueError
        The shape is another.
    """
    values = np.atleast_1d(np.asarray(concentrations, dtype=np.float64))
    if values.ndim != 1:
        raise ValueError(f"concentrations must be one-dimensional, not of shape {values.shape}")
    wrong = np.flatnonzero((values <= 0) | np.isinf(values))
    if wrong.size:
        raise InputError(
            "concentrations",
            f"row {wrong[0] + 1}",
            f"{values[wrong[0]]:g} micromolar",
            "a finite concentration above zero, or none where it is unknown or a control",
        )
    return values


def nominal_doses(concentrations: ArrayLike, tolerance: float = 0.05) -> NDArray[np.float64]:
    """Make doses one that differ only by rounding or pipetting, such as 0.62 and 0.63.

    Doses are gathered from the smallest up: each group holds all within ``tolerance`` of its smallest, which
    becomes the dose of all of them. So nominal doses lie further apart than ``tolerance``, and doing it again
    changes nothing.

    Parameters
    ----------
    concentrations : array_like, (n,)
        Micromolar; NaN where unknown, and NaN stays.
    tolerance : float
        Relative.

    Returns
    -------
    ndarray of float64, (n,)
        Independent of the order of the rows.

    Raises
    ------
    InputError
        A concentration is zero, negative or infinite.
    """
    values = checked_concentrations(concentrations)
    nominal = values.copy()
    known = np.isfinite(values)
    start = -np.inf
    unique = np.unique(values[known])
    representative = np.empty_like(unique)
    for index, dose in enumerate(unique):
        if dose > start * (1 + tolerance) or index == 0:
            start = dose
        representative[index] = start
    nominal[known] = representative[np.searchsorted(unique, values[known])]
    return nominal
