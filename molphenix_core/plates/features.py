"""Features without holes: what is dropped, and what is filled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.errors import TableError

__all__ = ["Completed", "complete_features"]

_MOST_MISSING_IN_A_WELL = 0.5
_MOST_MISSING_OF_A_FEATURE = 0.05


@dataclass(frozen=True)
class Completed:
    """Features after :func:`complete_features`.

    Parameters
    ----------
    values : float32 (n, d)
        Finite numbers.
    wells : intp (n,)
        Rows kept.
    features : intp (d,)
        Columns kept.
    filled : int
        Values that were missing and took a median.
    filled_over_plates : int
        Those of them that took the median of all wells, as their plate has no value of that feature.
    """

    values: NDArray[np.float32]
    wells: NDArray[np.intp]
    features: NDArray[np.intp]
    filled: int
    filled_over_plates: int


def complete_features(source: str | Path, values: NDArray[np.float32], plates: pd.Series) -> Completed:
    """Drop wells and features with too many missing values, and fill the rest with medians.

    Wells that miss over half of the features go first, then features that over 5 % of the remaining wells miss;
    what is still missing becomes the median of that feature over the wells of the same plate.

    Parameters
    ----------
    source : path
        The table, for messages.
    values : float32 (n_wells, n_features)
        NaN and infinite values count as missing.
    plates : pandas.Series (n_wells,)
        Barcodes, null for tables without plates.

    Returns
    -------
    Completed

    Raises
    ------
    TableError
        When no well or no feature is left.
    """
    missing = ~np.isfinite(values)
    wells = np.flatnonzero(missing.mean(axis=1) <= _MOST_MISSING_IN_A_WELL)
    if len(wells) == 0:
        raise TableError(source, "features", "over half of the features missing in every row", "numbers")
    missing = missing[wells]
    features = np.flatnonzero(missing.mean(axis=0) <= _MOST_MISSING_OF_A_FEATURE)
    if len(features) == 0:
        raise TableError(source, "features", "each missing in over 5 % of the rows", "features without such gaps")
    missing = missing[:, features]
    kept = np.ascontiguousarray(values[np.ix_(wells, features)], dtype=np.float32)
    groups = pd.factorize(plates.iloc[wells].fillna(""))[0]
    over_plates = 0
    for column in np.flatnonzero(missing.any(axis=0)):
        gaps = missing[:, column]
        whole = np.median(kept[~gaps, column])
        for group in np.unique(groups[gaps]):
            here = groups == group
            present = kept[here & ~gaps, column]
            over_plates += 0 if len(present) else int((here & gaps).sum())
            kept[here & gaps, column] = np.median(present) if len(present) else whole
    return Completed(kept, wells, features, int(missing.sum()), over_plates)
