"""Dose response: a Hill curve through the wells of one compound, with its uncertainty, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import curve_fit
from scipy.stats import f as f_distribution

from molphenix_core.plates.doses import nominal_doses
from molphenix_core.plates.hill_profile import (
    HillProfile,
    crossings,
    flat_chance,
    search_around,
    search_nodes,
    share,
)

__all__ = ["HillFit", "NoHillFit", "fit_hill"]

_FEWEST_DOSES = 3
# With three doses only, a slope cannot be told from an EC50.
_DOSES_FOR_SLOPE = 4
_CONFIDENCE = 0.95
_FLAT_ABOVE = 0.01

# Nodes of the search: EC50 from a decade below the lowest dose to a decade above the highest.
_DECADES_BEYOND = 1.0
_STEP = 0.05
_SLOPES = np.geomspace(0.4, 6.0, 14)
# The search is repeated, closer, until as many nodes fit about as well as the best: intervals are read off them.
_NEAR = 200
_ROUNDS = 4
_EVALUATIONS = 2_000


@dataclass(frozen=True)
class NoHillFit:
    """Why there is no curve.

    Attributes
    ----------
    reason : str
        A sentence for the user, beginning with "not available: ".
    p_value : float or None
        Of a response that does not change with dose; None where it was not tested.
    """

    reason: str
    p_value: float | None = None


@dataclass(frozen=True, eq=False)
class HillFit:
    """A Hill curve, ``bottom + (top - bottom) / (1 + (ec50 / dose) ** slope)``.

    Attributes
    ----------
    bottom, top : float
        Response towards no dose and towards infinite dose, in the readout's unit; a readout that falls with dose
        has its top below its bottom.
    ec50 : float
        Micromolar.
    slope : float
        Hill coefficient, 0.4 to 6.
    intervals : mapping of str to (float, float)
        95 % by the profile likelihood, for ``"bottom"``, ``"top"``, ``"ec50"`` and ``"slope"``. An EC50 whose
        interval reaches a decade beyond the doses is open there: 0 or infinity.
    slope_is_fixed : bool
        With three doses the slope is 1, not fitted.
    r_squared : float
        Share of the variance between wells, not between means of replicates.
    p_value : float
        Of a response that does not depend on dose, by permutation.
    wells : int
        Wells fitted.
    doses : ndarray of float64, (k,)
        Nominal doses, micromolar, ascending.
    """

    bottom: float
    top: float
    ec50: float
    slope: float
    intervals: Mapping[str, tuple[float, float]]
    slope_is_fixed: bool
    r_squared: float
    p_value: float
    wells: int
    doses: NDArray[np.float64]
    _profile: HillProfile
    _limit: float

    @property
    def is_extrapolated(self) -> bool:
        """Whether the EC50 lies outside the doses that were measured."""
        return not self.doses[0] <= self.ec50 <= self.doses[-1]

    def curve(self, concentrations: ArrayLike) -> NDArray[np.float64]:
        """Evaluate the curve.

        Parameters
        ----------
        concentrations : array_like, (m,)
            Micromolar, above zero.

        Returns
        -------
        ndarray of float64, (m,)
            Response.
        """
        logs = np.log10(np.asarray(concentrations, dtype=np.float64))
        return _hill(logs, self.bottom, self.top, np.log10(self.ec50), self.slope)

    def band(self, concentrations: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Evaluate where the curve may run, at each dose for itself.

        Parameters
        ----------
        concentrations : array_like, (m,)
            Micromolar, above zero.

        Returns
        -------
        low, high : ndarray of float64, (m,)
            95 % by the profile likelihood: of the mean response, not of a single well.
        """
        curve = self.curve(concentrations)
        logs = np.log10(np.asarray(concentrations, dtype=np.float64))
        low, high = self._profile.range_of(share(logs, self._profile.log_ec50, self._profile.slope), self._limit)
        return np.minimum(low, curve), np.maximum(high, curve)


def fit_hill(concentration: ArrayLike, response: ArrayLike, *, seed: int = 0) -> HillFit | NoHillFit:
    """Fit a Hill curve to the wells of one compound.

    Least squares over wells, replicates kept apart, from the best of about 1,000 pairs of EC50 and slope (bottom
    and top follow from these in closed form). Intervals and band hold all curves that fit not significantly worse
    than the best (profile likelihood with the F distribution; Bates and Watts, Nonlinear Regression Analysis,
    1988). They take wells for independent, with one variance at all doses; replicates that share a plate or a
    position are not quite, and then the intervals are too narrow.

    There is no curve for a flat response: in fewer than 1 % of 999 permutations of the wells may the best curve
    fit as well. That holds whatever the distribution of the wells, so that of a hundred compounds without effect
    one gets an EC50.

    Parameters
    ----------
    concentration : array_like, (n,)
        Micromolar; NaN where unknown.
    response : array_like, (n,)
        Of the same wells, such as a distance to control; NaN where missing.
    seed : int
        Of the permutations.

    Returns
    -------
    HillFit or NoHillFit

    Raises
    ------
    InputError
        A concentration is zero, negative or infinite.
    ValueError
        The shapes differ.
    """
    nominal = nominal_doses(concentration)
    responses = np.atleast_1d(np.asarray(response, dtype=np.float64))
    if nominal.shape != responses.shape:
        raise ValueError(f"{nominal.shape} concentrations and {responses.shape} responses")
    known = np.isfinite(nominal) & np.isfinite(responses)
    values = responses[known]
    doses, of_dose = np.unique(nominal[known], return_inverse=True)
    if len(doses) < _FEWEST_DOSES:
        return NoHillFit(f"not available: three doses or more are needed, {len(doses)} known")
    fixed = len(doses) < _DOSES_FOR_SLOPE
    parameters = 3 if fixed else 4
    if len(values) <= parameters:
        return NoHillFit(f"not available: {parameters + 1} wells or more are needed, {len(values)} known")
    if np.ptp(values) == 0:
        return NoHillFit("not available: the response is the same in all wells")

    low, high = np.log10(doses[0]) - _DECADES_BEYOND, np.log10(doses[-1]) + _DECADES_BEYOND
    positions = np.linspace(low, high, int(np.ceil((high - low) / _STEP)) + 1)
    profile = search_nodes(np.log10(doses), of_dose, values, positions, np.ones(1) if fixed else _SLOPES)
    p_value = flat_chance(profile, of_dose, values, seed)
    if p_value >= _FLAT_ABOVE:
        return NoHillFit(f"not available: the response does not change with dose (p = {p_value:.2g})", p_value)

    freedom = len(values) - parameters
    allowance = 1 + f_distribution.ppf(_CONFIDENCE, 1, freedom) / freedom
    for _ in range(_ROUNDS):
        near = profile.residual <= profile.residual.min() * allowance
        if near.sum() >= _NEAR:
            break
        profile = search_around(profile, near, np.log10(doses), of_dose, values)
    logs = np.log10(doses)[of_dose]
    best = int(profile.residual.argmin())
    start = [*profile.ends(best), profile.log_ec50[best], profile.slope[best]]
    bounds = ([-np.inf, -np.inf, low], [np.inf, np.inf, high])
    try:
        if fixed:
            found, _ = curve_fit(
                _hill_of_slope_1, logs, values, start[:3], bounds=bounds, x_scale="jac", max_nfev=_EVALUATIONS
            )
            found = np.append(found, 1.0)
        else:
            bounds = ([*bounds[0], _SLOPES[0]], [*bounds[1], _SLOPES[-1]])
            found, _ = curve_fit(_hill, logs, values, start, bounds=bounds, x_scale="jac", max_nfev=_EVALUATIONS)
    except RuntimeError:
        return NoHillFit("not available: the fit did not converge")
    residual = min(float(((values - _hill(logs, *found)) ** 2).sum()), float(profile.residual[best]))
    limit = residual * allowance
    bottom, top, log_ec50, slope = (float(value) for value in found)
    return HillFit(
        bottom=bottom,
        top=top,
        ec50=10**log_ec50,
        slope=slope,
        intervals=_intervals(profile, limit, (low, high), bottom, top, log_ec50, slope),
        slope_is_fixed=fixed,
        r_squared=1 - residual / profile.total,
        p_value=p_value,
        wells=len(values),
        doses=doses,
        _profile=profile,
        _limit=limit,
    )


def _hill(
    logs: NDArray[np.float64], bottom: float, top: float, log_ec50: float, slope: float
) -> NDArray[np.float64]:
    return bottom + (top - bottom) / (1 + 10 ** (slope * (log_ec50 - logs)))


def _hill_of_slope_1(logs: NDArray[np.float64], bottom: float, top: float, log_ec50: float) -> NDArray[np.float64]:
    return _hill(logs, bottom, top, log_ec50, 1.0)


def _intervals(
    profile: HillProfile,
    limit: float,
    reach: tuple[float, float],
    bottom: float,
    top: float,
    log_ec50: float,
    slope: float,
) -> dict[str, tuple[float, float]]:
    ends = np.tile([0.0, 1.0], (len(profile.slope), 1))
    low, high = profile.range_of(ends, limit)
    log_low, log_high = crossings(profile.log_ec50, profile.residual, limit, log_ec50)
    slope_low, slope_high = crossings(profile.slope, profile.residual, limit, slope)
    return {
        "bottom": (min(float(low[0]), bottom), max(float(high[0]), bottom)),
        "top": (min(float(low[1]), top), max(float(high[1]), top)),
        "ec50": (
            0.0 if log_low <= reach[0] else 10**log_low,
            float("inf") if log_high >= reach[1] else 10**log_high,
        ),
        "slope": (slope_low, slope_high),
    }
