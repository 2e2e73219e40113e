"""The best Hill curve for every pair of EC50 and slope: what fits, intervals and bands are read off.

At a given EC50 and slope a Hill curve is a straight line in the share of the effect, so bottom and top follow in
closed form, for all pairs ("nodes") and all permutations of the wells at once. Doses are log10 micromolar.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["HillProfile", "crossings", "flat_chance", "search_around", "search_nodes", "share"]

_PERMUTATIONS = 999
_POSITIONS = 101
_SLOPES = 31


@dataclass(frozen=True, eq=False)
class HillProfile:
    """The best curve at each node.

    Attributes
    ----------
    log_ec50, slope : ndarray of float64, (nodes,)
        log10 micromolar; Hill coefficient.
    shares : ndarray of float64, (nodes, k)
        Share of the effect at each dose, 0 to 1.
    mean_share, squares : ndarray of float64, (nodes,)
        Mean of that over wells, and sum of squares about it.
    amplitude : ndarray of float64, (nodes,)
        Top less bottom.
    residual : ndarray of float64, (nodes,)
        Sum of squares that is left.
    mean, total : float
        Of the responses, and their sum of squares about it.
    wells : int
    """

    log_ec50: NDArray[np.float64]
    slope: NDArray[np.float64]
    shares: NDArray[np.float64]
    mean_share: NDArray[np.float64]
    squares: NDArray[np.float64]
    amplitude: NDArray[np.float64]
    residual: NDArray[np.float64]
    mean: float
    total: float
    wells: int

    def ends(self, node: int) -> tuple[float, float]:
        """Bottom and top at a node.

        Parameters
        ----------
        node : int

        Returns
        -------
        bottom, top : float
        """
        bottom = self.mean - self.amplitude[node] * self.mean_share[node]
        return float(bottom), float(bottom + self.amplitude[node])

    def range_of(
        self, share: NDArray[np.float64], limit: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lowest and highest response over all curves with residuals up to a limit.

        Parameters
        ----------
        share : ndarray of float64, (nodes, m)
            Of the effect, at each of m places.
        limit : float
            Sum of squares.

        Returns
        -------
        low, high : ndarray of float64, (m,)
            Infinite and minus infinite where no node is as good.
        """
        near = np.flatnonzero(self.residual <= limit)
        if not near.size:
            return np.full(share.shape[1], np.inf), np.full(share.shape[1], -np.inf)
        away = share[near] - self.mean_share[near, None]
        middle = self.mean + self.amplitude[near, None] * away
        variance = 1 / self.wells + away**2 / self.squares[near, None]
        half = np.sqrt((limit - self.residual[near])[:, None] * variance)
        return (middle - half).min(axis=0), (middle + half).max(axis=0)


def share(
    logs: NDArray[np.float64], log_ec50: NDArray[np.float64], slope: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Share of the full effect.

    Parameters
    ----------
    logs : ndarray of float64, (k,)
        Doses, log10 micromolar.
    log_ec50, slope : ndarray of float64, (nodes,)

    Returns
    -------
    ndarray of float64, (nodes, k)
        0 to 1.
    """
    return 1 / (1 + 10 ** (slope[:, None] * (log_ec50[:, None] - logs[None, :])))


def search_nodes(
    logs: NDArray[np.float64],
    of_dose: NDArray[np.intp],
    values: NDArray[np.float64],
    positions: NDArray[np.float64],
    slopes: NDArray[np.float64],
) -> HillProfile:
    """Fit bottom and top at every pair of EC50 and slope.

    Parameters
    ----------
    logs : ndarray of float64, (k,)
        Doses, log10 micromolar, ascending.
    of_dose : ndarray of int, (n,)
        Dose of each well.
    values : ndarray of float64, (n,)
        Responses of the wells.
    positions, slopes : ndarray of float64
        EC50 in log10 micromolar, and Hill coefficients; ascending.

    Returns
    -------
    HillProfile
        Without the nodes whose curve is flat over the doses.
    """
    log_ec50, slope = (each.ravel() for each in np.meshgrid(positions, slopes, indexing="ij"))
    shares = share(logs, log_ec50, slope)
    weights = np.bincount(of_dose).astype(np.float64)
    mean_share = shares @ weights / weights.sum()
    squares = (shares - mean_share[:, None]) ** 2 @ weights
    # A steep curve far from the doses is flat over them: its ends are anything.
    kept = squares > 1e-6
    log_ec50, slope, shares = log_ec50[kept], slope[kept], shares[kept]
    mean_share, squares = mean_share[kept], squares[kept]
    mean = float(values.mean())
    products = (shares - mean_share[:, None]) @ np.bincount(of_dose, values - mean)
    total = float(((values - mean) ** 2).sum())
    return HillProfile(
        log_ec50=log_ec50,
        slope=slope,
        shares=shares,
        mean_share=mean_share,
        squares=squares,
        amplitude=products / squares,
        residual=np.maximum(total - products**2 / squares, 0.0),
        mean=mean,
        total=total,
        wells=len(values),
    )


def search_around(
    profile: HillProfile,
    near: NDArray[np.bool_],
    logs: NDArray[np.float64],
    of_dose: NDArray[np.intp],
    values: NDArray[np.float64],
) -> HillProfile:
    """Search again, closer, around some nodes.

    Parameters
    ----------
    profile : HillProfile
    near : ndarray of bool, (nodes,)
        Around which.
    logs : ndarray of float64, (k,)
        Doses, log10 micromolar, ascending.
    of_dose : ndarray of int, (n,)
        Dose of each well.
    values : ndarray of float64, (n,)
        Responses of the wells.

    Returns
    -------
    HillProfile
    """
    positions = _around(profile.log_ec50, near, _POSITIONS)
    return search_nodes(logs, of_dose, values, positions, _around(profile.slope, near, _SLOPES))


def _around(parameter: NDArray[np.float64], near: NDArray[np.bool_], number: int) -> NDArray[np.float64]:
    """Values of a parameter over those of some nodes and a step further on either side."""
    known = np.unique(parameter)
    if len(known) == 1:
        return known
    inside = np.searchsorted(known, parameter[near])
    return np.linspace(known[max(inside.min() - 1, 0)], known[min(inside.max() + 1, len(known) - 1)], number)


def flat_chance(profile: HillProfile, of_dose: NDArray[np.intp], values: NDArray[np.float64], seed: int) -> float:
    """Chance of a curve as good through permuted wells.

    Parameters
    ----------
    profile : HillProfile
    of_dose : ndarray of int, (n,)
        Dose of each well.
    values : ndarray of float64, (n,)
        Responses of the wells.
    seed : int

    Returns
    -------
    float
        p-value, at least one in a thousand.
    """
    basis = (profile.shares - profile.mean_share[:, None]) / np.sqrt(profile.squares)[:, None]
    random = np.random.default_rng(seed)
    shuffled = random.permuted(np.tile(values - profile.mean, (_PERMUTATIONS, 1)), axis=1)
    summed = shuffled @ np.eye(basis.shape[1])[of_dose]
    explained = ((basis @ summed.T) ** 2).max(axis=0)
    # Rounding must not make an equal arrangement a worse one.
    as_good = int((explained >= (profile.total - profile.residual.min()) * (1 - 1e-9)).sum())
    return (as_good + 1) / (_PERMUTATIONS + 1)


def crossings(
    parameter: NDArray[np.float64], residual: NDArray[np.float64], limit: float, best: float
) -> tuple[float, float]:
    """Outermost values of a parameter at which the residuals of the best curve pass a limit.

    Parameters
    ----------
    parameter, residual : ndarray of float64, (nodes,)
    limit : float
        Sum of squares.
    best : float
        Value of the parameter at the fit.

    Returns
    -------
    low, high : float
        Around ``best``; the first or last value where the limit is not reached.
    """
    positions, node = np.unique(parameter, return_inverse=True)
    least = np.full(len(positions), np.inf)
    np.minimum.at(least, node, residual)
    inside = np.flatnonzero(least <= limit)
    if not inside.size:
        # The best curve lies between two nodes, and neither is as good: the interval is narrower than a step.
        place = int(np.clip(np.searchsorted(positions, best), 1, len(positions) - 1))
        return (float(positions[place - 1]), float(positions[place])) if len(positions) > 1 else (best, best)
    first, last = int(inside[0]), int(inside[-1])
    low, high = positions[first], positions[last]
    if first > 0:
        low = np.interp(limit, [least[first], least[first - 1]], [positions[first], positions[first - 1]])
    if last < len(positions) - 1:
        high = np.interp(limit, [least[last], least[last + 1]], [positions[last], positions[last + 1]])
    return min(float(low), best), max(float(high), best)
