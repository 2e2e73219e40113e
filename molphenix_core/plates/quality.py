"""How good each plate of a run is: Z', control spread, replicate retrieval, position effects, traffic lights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.plates.activity import centre_on_controls
from molphenix_core.plates.plate import CONTROL_TYPE, PLATE, Plate
from molphenix_core.plates.quality_lights import HIGH, LOW, traffic_lights
from molphenix_core.plates.quality_trends import TRENDS, plate_trends
from molphenix_core.plates.readouts import (
    FEWEST_CONTROLS,
    Readout,
    control_axis_readout,
    main_axis_readout,
    positive_control_kinds,
)
from molphenix_core.progress import Progress, silent

__all__ = ["BAD_SIDE", "RETRIEVAL", "PlateQuality", "control_spread", "plate_quality", "z_prime"]

_MAD_TO_SD = 1.4826  # median absolute deviation of a normal distribution is sd / 1.4826

RETRIEVAL = ("retrieval", "retrieval_position_only", "retrieval_chance")
"""Columns that :func:`molphenix_core.evaluation.plate_retrieval.plate_retrieval` fills in."""

BAD_SIDE = {
    "z_prime": LOW,
    "z_prime_robust": LOW,
    "control_spread": HIGH,
    "retrieval": LOW,
    **{f"{trend}_size": HIGH for trend in TRENDS},
}
"""The statistics that get a light, and the side on which each is bad."""


@dataclass(frozen=True, eq=False)
class PlateQuality:
    """Quality of the plates of a run.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a plate, index ``plate``; numbers float64, NaN where not available:

        ``wells``, ``negative_controls``, ``positive_controls``
            counts
        ``z_prime``, ``z_prime_robust``
            of :attr:`readout`, see :func:`z_prime`
        ``control_spread``
            see :func:`control_spread`
        ``retrieval``, ``retrieval_position_only``, ``retrieval_chance``
            mean average precision of finding replicates on other plates; what position alone finds; chance
        ``edge``, ``row``, ``column``, ``rows``, ``columns``
            effects of :data:`~molphenix_core.plates.quality_trends.TRENDS` on :attr:`trend_readout`
        ``edge_size`` ...
            the same without sign
        ``edge_p``, ``edge_q`` ...
            p-value by permutation; the same corrected over the plates
    reasons : pandas.DataFrame of str
        Same shape: why a number is not available, "" where it is.
    lights : pandas.DataFrame of str
        Same rows, the columns of :data:`BAD_SIDE`: "green", "amber", "red" or "".
    trends : pandas.DataFrame
        As :func:`~molphenix_core.plates.quality_trends.plate_trends` gives it.
    readout, trend_readout : str
        Names of the readouts.
    positive : str
        What served as positive control; "" where nothing did.
    not_available : str
        Why there is no plate in the table, else "".
    simulated : bool
        Whether the data were simulated.
    """

    table: pd.DataFrame
    reasons: pd.DataFrame
    lights: pd.DataFrame
    trends: pd.DataFrame
    readout: str
    trend_readout: str
    positive: str
    not_available: str
    simulated: bool


def z_prime(negative: NDArray[np.floating], positive: NDArray[np.floating], *, robust: bool = False) -> float:
    """Z' factor: the room between the bands of both controls, as a share of their distance.

    ``1 - 3 (sd_negative + sd_positive) / |mean_negative - mean_positive|`` (Zhang, Chung and Oldenburg, Journal of
    Biomolecular Screening 4:67, 1999): 1 is perfect, above 0.5 an excellent assay, at 0 the bands of three
    standard deviations touch.

    Parameters
    ----------
    negative : float (n,)
    positive : float (m,)
        Readout of the control wells; values that are not finite do not count.
    robust : bool
        Medians for means, and 1.4826 times the median absolute deviation for standard deviations.

    Returns
    -------
    float
        NaN with fewer than four of either, or when both have one mean.
    """
    sides = [np.asarray(side, dtype=np.float64) for side in (negative, positive)]
    sides = [side[np.isfinite(side)] for side in sides]
    if min(map(len, sides)) < FEWEST_CONTROLS:
        return np.nan
    if robust:
        middles = [float(np.median(side)) for side in sides]
        spreads = [
            _MAD_TO_SD * float(np.median(np.abs(side - middle)))
            for side, middle in zip(sides, middles, strict=True)
        ]
    else:
        middles = [float(side.mean()) for side in sides]
        spreads = [float(side.std(ddof=1)) for side in sides]
    distance = abs(middles[0] - middles[1])
    return 1 - 3 * sum(spreads) / distance if distance > 0 else np.nan


def control_spread(plate: Plate) -> pd.Series:
    """How widely the negative controls of each plate scatter about their own mean.

    Parameters
    ----------
    plate : Plate
        Embeddings (n_wells, d).

    Returns
    -------
    pandas.Series of float64
        By plate: the root of the controls' total variance (n - 1 in the denominator), divided by its median over
        the plates, so that 1 is the run's usual. NaN with fewer than four controls.
    """
    labels = plate.wells[PLATE].astype(object).to_numpy()
    centred = centre_on_controls(plate).astype(np.float64)
    spread = pd.Series(np.nan, index=list(plate.barcodes), dtype=np.float64)
    for barcode in plate.barcodes:
        rows = plate.is_negative_control & (labels == barcode)
        if rows.sum() >= FEWEST_CONTROLS:
            spread[barcode] = np.sqrt((centred[rows] ** 2).sum() / (rows.sum() - 1))
    usual = spread.median()
    return spread / usual if usual > 0 else spread


def plate_quality(
    plate: Plate,
    *,
    positive: NDArray[np.bool_] | None = None,
    readout: Readout | None = None,
    trend_readout: Readout | None = None,
    retrieval: pd.DataFrame | None = None,
    permutations: int = 1999,
    seed: int = 0,
    progress: Progress = silent,
) -> PlateQuality:
    """Judge every plate of a run.

    Parameters
    ----------
    plate : Plate
        The run. Features on one scale, such as robust z-scores.
    positive : bool (n_wells,), optional
        The positive controls; by default the wells marked so, if they are of one kind: different kinds do not
        share a mean.
    readout : Readout, optional
        What Z' is made of; by default the projection on the axis between the controls of the other plates.
    trend_readout : Readout, optional
        What position effects are sought in; by default the direction in which the controls vary most.
    retrieval : pandas.DataFrame, optional
        Replicate retrieval by plate, from :func:`molphenix_core.evaluation.plate_retrieval.plate_retrieval`.
    permutations, seed : int
        Of the tests of position effects.
    progress : callable

    Returns
    -------
    PlateQuality
    """
    kinds = positive_control_kinds(plate)
    why = ""
    if positive is not None:
        named = "chosen wells"
    elif len(kinds) == 1:
        positive, named = (plate.wells[CONTROL_TYPE] == kinds[0]).fillna(False).to_numpy(dtype=bool), kinds[0]
    else:
        positive, named = np.zeros(len(plate), dtype=bool), ""
        why = f"{len(kinds)} kinds of positive control ({', '.join(kinds)}): choose one" if kinds else ""
    readout = readout if readout is not None else control_axis_readout(plate, positive)
    trend_readout = trend_readout if trend_readout is not None else main_axis_readout(plate)
    trends = plate_trends(plate, trend_readout, permutations=permutations, seed=seed, progress=progress)
    table, reasons = _controls(plate, positive, readout, why)
    _add_retrieval(table, reasons, retrieval)
    for name in TRENDS:
        rows = trends[trends["trend"] == name].set_index("plate").reindex(table.index)
        for column, values in (
            (name, rows["effect"]),
            (f"{name}_size", rows["effect"].abs()),
            (f"{name}_p", rows["p_value"]),
            (f"{name}_q", rows["q_value"]),
        ):
            table[column] = values.astype(np.float64)
            reasons[column] = rows["reason"]
    return PlateQuality(
        table=table,
        reasons=reasons,
        lights=traffic_lights(table, BAD_SIDE),
        trends=trends,
        readout=readout.name,
        trend_readout=trend_readout.name,
        positive=named if positive.any() else "",
        not_available="" if plate.barcodes else "the file names no plates (Metadata_Plate is empty)",
        simulated=plate.simulated,
    )


def _controls(
    plate: Plate, positive: NDArray[np.bool_], readout: Readout, why: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts, Z' and control spread by plate, and why what is missing is missing."""
    labels = plate.wells[PLATE].astype(object).to_numpy()
    spreads = control_spread(plate)
    found, reasons = [], []
    for barcode in plate.barcodes:
        here = labels == barcode
        negatives, positives = here & plate.is_negative_control, here & positive
        sides = readout.values[negatives], readout.values[positives]
        factors = z_prime(*sides), z_prime(*sides, robust=True)
        counts = int(negatives.sum()), int(positives.sum())
        found.append((int(here.sum()), *counts, *factors, float(spreads[barcode])))
        reason = why or _no_z_prime(counts, sides, readout)
        few = f"{counts[0]} negative controls, at least {FEWEST_CONTROLS} needed"
        reasons.append(
            (
                "",
                "",
                "",
                *("" if np.isfinite(f) else reason for f in factors),
                "" if counts[0] >= FEWEST_CONTROLS else few,
            )
        )
    columns = ["wells", "negative_controls", "positive_controls", "z_prime", "z_prime_robust", "control_spread"]
    index = pd.Index(list(plate.barcodes), name="plate", dtype=object)
    return pd.DataFrame(found, index, columns), pd.DataFrame(reasons, index, columns, dtype=object)


def _no_z_prime(
    counts: tuple[int, int], sides: tuple[NDArray[np.float64], NDArray[np.float64]], readout: Readout
) -> str:
    """Why a plate has no Z'."""
    kinds = ("negative", "positive")
    for count, kind in zip(counts, kinds, strict=True):
        if count < FEWEST_CONTROLS:
            return f"{count or 'no'} {kind} controls, at least {FEWEST_CONTROLS} needed"
    for side, kind in zip(sides, kinds, strict=True):
        if np.isfinite(side).sum() < FEWEST_CONTROLS:
            return readout.reason or f"{kind} controls without {readout.name}"
    return "both controls have one mean"


def _add_retrieval(table: pd.DataFrame, reasons: pd.DataFrame, retrieval: pd.DataFrame | None) -> None:
    for column in RETRIEVAL:
        if retrieval is None:
            table[column], reasons[column] = np.nan, "not measured"
        else:
            table[column] = retrieval[column].reindex(table.index).astype(np.float64)
            missing = table[column].isna()
            reasons[column] = np.where(missing, "no well with a replicate on another plate", "")
