"""Effects of the place on a plate: edges against the interior, and rows and columns that differ.

Tested among the negative controls, which differ by nothing but their places. On a plate without any it is tested
among the treated wells, where the layout of the treatments counts as a trend too.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, rankdata

from molphenix_core.plates.plate import PLATE, Plate
from molphenix_core.plates.readouts import FEWEST_CONTROLS, Readout
from molphenix_core.progress import Progress, silent

__all__ = ["TRENDS", "edge_wells", "plate_trends"]

TRENDS = {
    "edge": "edge less interior, medians, in robust standard deviations of the interior",
    "row": "Spearman correlation with the row, A at the top",
    "column": "Spearman correlation with the column, 1 at the left",
    "rows": "share of the variance of the ranks between rows beyond that expected by chance",
    "columns": "share of the variance of the ranks between columns beyond that expected by chance",
}
"""The effects that are measured, and the unit of each."""

_CONTROLS, _TREATED = "negative controls", "treated wells"
_FEWEST_LINES = 3
_FEWEST_WELLS = 10
_MAD_TO_SD = 1.4826


def edge_wells(plate: Plate) -> NDArray[np.bool_]:
    """Find the wells at the edge: in the outermost rows and columns that hold any well of the file.

    Screens often leave the outermost ring of the plate empty; then the next one is the edge of what was used.

    Parameters
    ----------
    plate : Plate

    Returns
    -------
    bool (n_wells,)
        False for wells without a position.
    """
    positions = plate.positions
    placed = positions[:, 0] >= 0
    if not placed.any():
        return placed
    low, high = positions[placed].min(axis=0), positions[placed].max(axis=0)
    return np.asarray(placed & ((positions == low) | (positions == high)).any(axis=1))


def plate_trends(
    plate: Plate,
    readout: Readout,
    *,
    permutations: int = 1999,
    seed: int = 0,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Measure the effects of :data:`TRENDS` on every plate, each with a permutation test.

    The test exchanges the readouts of the wells used, among themselves: nothing is assumed of their distribution.
    Its statistics are made from ranks, so that a few wild wells decide nothing.

    Parameters
    ----------
    plate : Plate
    readout : Readout
        Of the same wells.
    permutations : int
        Random orders a plate; no p-value is below ``1 / (permutations + 1)``.
    seed : int
        Of the random orders.
    progress : callable

    Returns
    -------
    pandas.DataFrame
        One row a plate and effect: ``plate``; ``trend``, a key of :data:`TRENDS`; ``effect`` and ``p_value``
        (two-sided, float64, NaN where not available); ``q_value`` corrected over the plates for each trend
        (Benjamini and Hochberg); ``wells``, how many were used, and ``among``, which; ``reason``, why there is
        none, else "".
    """
    random = np.random.default_rng(seed)
    usable = (plate.positions >= 0).all(axis=1) & np.isfinite(readout.values)
    edge = edge_wells(plate)
    labels = plate.wells[PLATE].astype(object).to_numpy()
    found: list[tuple[str, str, float, float, int, str, str]] = []
    for number, barcode in enumerate(plate.barcodes):
        here = labels == barcode
        has_controls = (here & plate.is_negative_control).any()
        among, kind = (_CONTROLS, plate.is_negative_control) if has_controls else (_TREATED, plate.is_treated)
        rows = np.flatnonzero(here & usable & kind)
        values = readout.values[rows]
        for names in (("edge",), ("row", "rows"), ("column", "columns")):
            place = edge[rows] if names == ("edge",) else plate.positions[rows, 0 if names[0] == "row" else 1]
            if reason := _lacking(names, place, values):
                found += [
                    (barcode, name, np.nan, np.nan, len(rows), among, f"{among}: {reason}") for name in names
                ]
                continue
            measured = _measure(names, place, values, permutations, random)
            for name, (effect, p) in zip(names, measured, strict=True):
                found.append((barcode, name, effect, p, len(rows), among, ""))
        progress((number + 1) / len(plate.barcodes), "trends over the plates")
    columns = ["plate", "trend", "effect", "p_value", "wells", "among", "reason"]
    table = pd.DataFrame(found, columns=columns)
    table.insert(4, "q_value", np.nan)
    for trend in TRENDS:
        known = table.loc[table["trend"] == trend, "p_value"].dropna()
        if len(known):
            table.loc[known.index, "q_value"] = false_discovery_control(known.to_numpy())
    return table


def _lacking(names: tuple[str, ...], place: NDArray[np.generic], values: NDArray[np.float64]) -> str:
    """What the wells lack for the test; "" where nothing."""
    if len(place) and np.ptp(values) == 0:
        return f"all {len(values)} have one value"
    if names == ("edge",):
        outside, inside = int(place.sum()), int((~place.astype(bool)).sum())
        if min(outside, inside) < FEWEST_CONTROLS:
            return f"{outside} at the edge and {inside} inside, at least {FEWEST_CONTROLS} of each needed"
        return ""
    lines = len(np.unique(place))
    if lines < _FEWEST_LINES or len(place) < max(_FEWEST_WELLS, lines + 2):
        return f"{len(place)} in {lines} {names[1]}, too few to tell"
    return ""


def _measure(
    names: tuple[str, ...],
    place: NDArray[np.generic],
    values: NDArray[np.float64],
    permutations: int,
    random: np.random.Generator,
) -> list[tuple[float, float]]:
    """Effect and p-value of each name."""
    ranks = rankdata(values)
    ranks -= ranks.mean()
    shuffled = random.permuted(np.tile(ranks, (permutations, 1)), axis=1)
    if names == ("edge",):
        outside = place.astype(bool)
        inside = values[~outside]
        spread = _MAD_TO_SD * float(np.median(np.abs(inside - np.median(inside))))
        shift = float(np.median(values[outside]) - np.median(inside))
        effect = shift / spread if spread > 0 else np.nan
        # The sum of the ranks outside is the Wilcoxon statistic.
        return [(effect, _p_value(np.abs(ranks @ outside), np.abs(shuffled @ outside)))]
    line = rankdata(place)
    line -= line.mean()
    correlation = float(ranks @ line / np.sqrt((ranks**2).sum() * (line**2).sum()))
    _, member = np.unique(place, return_inverse=True)
    lines = int(member.max()) + 1
    # Sums of ranks over each line, divided so that their squares add up to the sum of squares between lines.
    weights = np.eye(lines)[member] / np.sqrt(np.bincount(member))
    between = float(((ranks @ weights) ** 2).sum())
    # Adjusted R squared: many rows with few wells each would always seem to differ.
    share = 1 - (1 - between / (ranks**2).sum()) * (len(ranks) - 1) / (len(ranks) - lines)
    return [
        (correlation, _p_value(np.abs(ranks @ line), np.abs(shuffled @ line))),
        (max(float(share), 0.0), _p_value(between, ((shuffled @ weights) ** 2).sum(axis=1))),
    ]


def _p_value(own: float, others: NDArray[np.float64]) -> float:
    """Share of orders at least as extreme; rounding must not tell equal orders apart."""
    return float((1 + (others >= own * (1 - 1e-9)).sum()) / (1 + len(others)))
