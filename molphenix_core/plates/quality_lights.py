"""Traffic lights: which plates of a run stand out from the others."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["AMBER", "FEWEST_PLATES", "GREEN", "HIGH", "LOW", "RED", "deviations", "traffic_lights"]

GREEN, AMBER, RED = "green", "amber", "red"
LOW, HIGH = "low", "high"
FEWEST_PLATES = 8
"""Plates with the statistic that a run needs before any gets a light."""


def deviations(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Standard deviations from the mean of the *other* plates.

    A plate that counted in its own mean and spread could never stand out among few: with all ten plates of a run
    in them, none can lie more than 2.85 standard deviations away, and none ever turns red.

    Parameters
    ----------
    values : float (n_plates,)
        NaN where a plate has none.

    Returns
    -------
    float64 (n_plates,)
        NaN where the plate has no value, and throughout when fewer than eight plates have one; infinite where all
        others agree exactly and this one does not.
    """
    values = np.asarray(values, dtype=np.float64)
    out = np.full(values.shape, np.nan)
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < FEWEST_PLATES:
        return out
    for row in known:
        others = values[known[known != row]]
        away, spread = values[row] - others.mean(), others.std(ddof=1)
        # What rounding leaves of equal numbers is no spread.
        least = 1e-9 * max(1.0, float(np.abs(others).max()))
        if spread > least:
            out[row] = away / spread
        else:
            out[row] = 0.0 if abs(away) <= least else np.copysign(np.inf, away)
    return out


def traffic_lights(table: pd.DataFrame, bad_side: Mapping[str, str]) -> pd.DataFrame:
    """Give every plate a light for every statistic.

    Green within one standard deviation of the mean of the other plates or on the good side, amber up to three,
    red beyond. Where plates are alike and nothing is wrong, with eight plates about 1.5 % of the lights are red,
    with thirty 0.3 %; about one in six is amber. The lights compare the plates of one run: they say nothing of a
    run that is bad throughout.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a plate.
    bad_side : mapping of str to {"low", "high"}
        The side on which a statistic is bad, by its column.

    Returns
    -------
    pandas.DataFrame
        Same rows, those columns: "green", "amber", "red", or "" where the plate has no such statistic or fewer
        than eight plates have it.
    """
    lights = pd.DataFrame("", index=table.index, columns=list(bad_side), dtype=object)
    for column, side in bad_side.items():
        away = deviations(table[column].to_numpy(np.float64)) * (-1 if side == LOW else 1)
        known = ~np.isnan(away)
        lights.loc[known, column] = np.where(away[known] > 3, RED, np.where(away[known] > 1, AMBER, GREEN))
    return lights
