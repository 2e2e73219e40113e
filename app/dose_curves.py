"""Dose response as the window holds it, and what is said about it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.colouring import label_of
from app.numbers import number
from app.open_plate import OpenPlate
from app.views.words import dose_text, doses_between

__all__ = ["READOUTS", "DoseCurve", "DoseResponse", "HillCurve", "Readout", "dose_range_text", "readouts"]


@dataclass(frozen=True)
class Readout:
    """Something a dose response is drawn of.

    Parameters
    ----------
    key : str
        What the engine knows it by.
    title : str
        For the choice.
    axis : str
        For the axis.
    tip : str
        What it is.
    """

    key: str
    title: str
    axis: str
    tip: str


READOUTS = (
    Readout(
        "distance",
        "Distance to control",
        "Distance to control",
        "Distance of a well to the negative controls, in units of theirs: about 1 where nothing happens",
    ),
    Readout(
        "similarity",
        "Similarity to top dose",
        "Similarity to top dose (cosine)",
        "Cosine to the compound's own phenotype at its highest dose. Every second well at that dose is the "
        "reference, and is not drawn",
    ),
    Readout(
        "predicted",
        "Similarity to prediction",
        "Similarity to prediction (cosine)",
        "Cosine to where the model places the molecule at its highest dose, in the joint space",
    ),
)
"""What every plate can be read out as; numeric columns of the wells come besides."""

_NO_READOUTS = {"Metadata_Concentration", "Metadata_Plate", "Metadata_Well", "Metadata_Batch"}


def readouts(plate: OpenPlate) -> tuple[Readout, ...]:
    """What the wells of a plate can be read out as."""
    columns = [
        Readout(
            f"column:{name}",
            label_of(f"column:{name}"),
            label_of(f"column:{name}"),
            f"The column {name} of the plate file",
        )
        for name in plate.telling_columns
        if plate.columns[name].categories is None and name not in _NO_READOUTS
    ]
    return (*READOUTS, *columns)


def _side(value: float) -> str:
    return dose_text(value, 2)


@dataclass(frozen=True, eq=False)
class HillCurve:
    """A fitted curve with its interval; doses in micromolar.

    Parameters
    ----------
    intervals : mapping
        95 %, of "ec50", "slope", "top" and "bottom"; 0 or infinity where an EC50 is open.
    at, curve, low, high : float64 (k,)
        Where the curve runs, and its 95 % band.
    """

    bottom: float
    top: float
    ec50: float
    slope: float
    intervals: Mapping[str, tuple[float, float]]
    slope_is_fixed: bool
    is_extrapolated: bool
    r_squared: float
    p_value: float
    lowest_dose: float
    highest_dose: float
    at: NDArray[np.float64]
    curve: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> HillCurve:
        return cls(
            bottom=packed["bottom"],
            top=packed["top"],
            ec50=packed["ec50"],
            slope=packed["slope"],
            intervals={name: (float(low), float(high)) for name, (low, high) in packed["intervals"].items()},
            slope_is_fixed=packed["slope_is_fixed"],
            is_extrapolated=packed["is_extrapolated"],
            r_squared=packed["r_squared"],
            p_value=packed["p_value"],
            lowest_dose=float(packed["doses"][0]),
            highest_dose=float(packed["doses"][-1]),
            at=packed["curve_doses"],
            curve=packed["curve"],
            low=packed["low"],
            high=packed["high"],
        )

    @property
    def interval_text(self) -> str:
        """The interval of the EC50 in words."""
        low, high = self.intervals["ec50"]
        if low <= 0 and math.isinf(high):
            return "open on both sides"
        if low <= 0:
            return f"up to {_side(high)}, open below"
        if math.isinf(high):
            return f"from {_side(low)}, open above"
        return doses_between(low, high, 2)

    @property
    def ec50_text(self) -> str:
        """The EC50 with its interval, in words."""
        interval = f"95 % interval {self.interval_text}"
        if not self.is_extrapolated:
            return f"EC50 {_side(self.ec50)} ({interval})"
        if self.ec50 > self.highest_dose:
            return f"EC50 above the highest dose, {_side(self.highest_dose)} ({interval})"
        return f"EC50 below the lowest dose, {_side(self.lowest_dose)} ({interval})"

    @property
    def short_text(self) -> str:
        """The same under a heading that says what it is."""
        if not self.is_extrapolated:
            return f"{_side(self.ec50)} ({self.interval_text})"
        if self.ec50 > self.highest_dose:
            return f"above {_side(self.highest_dose)} ({self.interval_text})"
        return f"below {_side(self.lowest_dose)} ({self.interval_text})"

    @property
    def fit_text(self) -> str:
        """The rest of the fit, in words."""
        slope = "1, not fitted" if self.slope_is_fixed else number(self.slope, 2)
        beyond = self.ec50 > self.highest_dose
        top = "a plateau that was not reached" if beyond else number(self.top)
        bottom = "below what was measured" if self.ec50 < self.lowest_dose else number(self.bottom)
        return (
            f"from {bottom} to {top} · Hill slope {slope} · "
            f"R² {number(self.r_squared, 2)} over wells · p of no response {number(self.p_value, 2)}"
        )


@dataclass(frozen=True, eq=False)
class DoseCurve:
    """One compound under one condition: n wells in the whole file.

    Parameters
    ----------
    rows : int64 (n,)
        Rows of its wells.
    doses, values : float64 (n,)
        Micromolar and readout; NaN where unknown.
    mean_doses, means : float64 (k,)
        Doses at which the readout is known, ascending, and its means.
    fit : HillCurve or None
    reason : str
        Why there is no fit, "" where there is one.
    flat_p : float or None
        p of a response that does not change with dose, where that is why there is no fit.
    above_controls : bool
        Whether the means of all doses lie above the band of the negative controls.
    """

    key: str
    name: str
    condition: str
    rows: NDArray[np.int64]
    doses: NDArray[np.float64]
    values: NDArray[np.float64]
    mean_doses: NDArray[np.float64]
    means: NDArray[np.float64]
    fit: HillCurve | None
    reason: str
    flat_p: float | None
    above_controls: bool

    @classmethod
    def unpack(cls, packed: Mapping[str, Any], control_high: float = math.inf) -> DoseCurve:
        return cls(
            key=packed["key"],
            name=packed["name"],
            condition=packed["condition"],
            rows=packed["rows"],
            doses=packed["doses"],
            values=packed["values"],
            mean_doses=packed["mean_doses"],
            means=packed["means"],
            fit=packed["fit"] and HillCurve.unpack(packed["fit"]),
            reason=packed["reason"],
            flat_p=packed["flat_p"],
            above_controls=bool(len(packed["means"]) and (packed["means"] > control_high).all()),
        )

    @property
    def title(self) -> str:
        """Name and condition."""
        return f"{self.name} ({self.condition})" if self.condition else self.name

    @property
    def shown(self) -> NDArray[np.intp]:
        """Places of the wells that have both a dose and a value."""
        return np.flatnonzero(np.isfinite(self.doses) & np.isfinite(self.values))

    @property
    def short_text(self) -> str:
        """The same where p has a column of its own."""
        if self.fit is not None:
            return self.fit.short_text
        if self.flat_p is None:
            return self.text
        return "No change with dose" + (", above controls" if self.above_controls else "")

    @property
    def p_value(self) -> float:
        """p of a response that does not change with dose; NaN where it was not tested."""
        if self.fit is not None:
            return self.fit.p_value
        return math.nan if self.flat_p is None else self.flat_p

    @property
    def text(self) -> str:
        """What the fit says, or why there is none."""
        if self.fit is not None:
            return self.fit.ec50_text
        n_doses = len(np.unique(self.doses[np.isfinite(self.doses)]))
        if n_doses == 0:
            return "No curve: the dose is not known"
        if n_doses == 1:
            return "One dose only: no curve"
        reason = self.reason.removeprefix("not available: ")
        if self.flat_p is not None and self.above_controls:
            reason += " and lies above the controls at every dose"
        return f"No curve: {reason}" if len(self.mean_doses) else f"Not available: {reason}"


@dataclass(frozen=True, eq=False)
class DoseResponse:
    """Curves of some compounds, and where the negative controls of their plates lie.

    Parameters
    ----------
    readout : str
        Key of the :class:`Readout`.
    compounds : int
        How many were selected; of many, the most active are in ``curves``.
    controls : (float, float, float) or None
        5th percentile, median and 95th percentile of the readout; None with fewer than ten such wells.
    """

    readout: str
    compounds: int
    curves: tuple[DoseCurve, ...]
    controls: tuple[float, float, float] | None

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> DoseResponse:
        controls = packed["controls"]
        high = controls["high"] if controls else math.inf
        return cls(
            readout=packed["readout"],
            compounds=int(packed["compounds"]),
            curves=tuple(DoseCurve.unpack(one, high) for one in packed["series"]),
            controls=controls and (controls["low"], controls["middle"], controls["high"]),
        )


def dose_range_text(doses: NDArray[np.float64]) -> str:
    """The doses of some wells: "6 doses, 0.62 to 20 µM"."""
    known = np.unique(doses[np.isfinite(doses)])
    if not len(known):
        return "dose unknown"
    if len(known) == 1:
        return f"one dose, {dose_text(float(known[0]))}"
    return f"{len(known)} doses, {doses_between(float(known[0]), float(known[-1]))}"
