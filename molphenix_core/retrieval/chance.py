"""The chance that the true molecule is among the first of a ranking, as it was measured on held-out molecules.

In a gallery of N molecules, the true one and N - 1 drawn at random from the M of a reference library, the true one
is among the first r when the r-th best of the drawn ones scores below it. That r-th best has a of the M above
itself with probability::

    w(a) = C(a, r - 1) C(M - a - 1, N - 1 - r) / C(M, N - 1)

(negative hypergeometric). With ``F(a)``, the share of held-out treatments with at most ``a`` of the M scored above
their molecule, the chance is the sum of ``w(a) F(a)``: exactly the measured recall where N is M + 1, and what it
would have been on average in any smaller gallery. In larger ones it is not known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from molphenix_core.retrieval.stored_calibration import (
    SMALLEST_GALLERY,
    Calibration,
    Stratum,
    stratum_in_words,
)

__all__ = ["Chance", "NoChance", "chance_in_words", "place_weights", "top_rank", "top_score_z"]


@dataclass(frozen=True)
class Chance:
    """A calibrated chance.

    Parameters
    ----------
    probability, low, high : float
        That the true molecule is among the first ``r`` of ``of``, with the 95 % interval of the estimate
        (bootstrap over molecules).
    r, of : int
    stratum : Stratum
        What it was measured on.
    library : str
        Whose molecules it was measured with.
    """

    probability: float
    low: float
    high: float
    r: int
    of: int
    stratum: Stratum
    library: str

    @property
    def text(self) -> str:
        """The chance as one sentence."""
        low, high = round(100 * self.low), round(100 * self.high)
        return (
            f"{_in_hundred(self.probability)} in 100 ({low} to {high}): the true molecule, if it is in this "
            f"library, is among the first {self.r:,} of {self.of:,}"
        )

    @property
    def basis(self) -> str:
        """What the chance holds for and was measured on."""
        return (
            f"For {self.stratum.in_words}. Measured on {self.stratum.queries:,} held-out rankings of "
            f"{self.stratum.molecules:,} molecules against the library {self.library!r}; by chance alone "
            f"{_in_hundred(self.r / self.of)} in 100."
        )


@dataclass(frozen=True)
class NoChance:
    """Why no chance can be given."""

    reason: str

    @property
    def text(self) -> str:
        """The reason as one sentence."""
        return f"No calibrated chance: {self.reason}"


def _in_hundred(probability: float) -> str:
    """A probability out of a hundred, as words."""
    if probability >= 0.01 or probability == 0:
        return f"{100 * probability:.0f}"
    return "less than 1"


def top_rank(of: int) -> int:
    """How many candidates make the first percent of a gallery: the ``k = ceil(0.01 N)`` of every recall shown.

    Parameters
    ----------
    of : int
        N, candidates in the gallery.

    Returns
    -------
    int
    """
    return math.ceil(0.01 * of)


def top_score_z(scores: NDArray[np.floating]) -> float:
    """How far the best score stands above the mean, in standard deviations of the scores.

    Parameters
    ----------
    scores : float (n,)
        Of one query with the molecules of a library.

    Returns
    -------
    float
        Zero where all scores are equal.
    """
    values = np.asarray(scores, dtype=np.float64)
    deviation = values.std()
    return float((values.max() - values.mean()) / deviation) if deviation > 0 else 0.0


def place_weights(r: int, of: int, decoys: int) -> NDArray[np.float64]:
    """Where the r-th best of the drawn decoys stands among all of them.

    Parameters
    ----------
    r : int
        From 1 to ``of - 1``.
    of : int
        N, molecules in the gallery; at most ``decoys + 1``.
    decoys : int
        M.

    Returns
    -------
    float64 (M,)
        ``w(a)`` of the module's text: the probability that ``a`` of the M stand above it.
    """
    a = np.arange(decoys, dtype=np.float64)
    drawn = of - 1
    possible = (a >= r - 1) & (decoys - a - 1 >= drawn - r)
    log = np.full(decoys, -np.inf)
    log[possible] = (
        _log_choose(a[possible], r - 1)
        + _log_choose(decoys - a[possible] - 1, drawn - r)
        - _log_choose(np.array(float(decoys)), drawn)
    )
    return np.exp(log)


def _log_choose(n: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def chance_in_words(
    calibration: Calibration | None,
    *,
    seen: bool | None,
    active: bool | None,
    over_doses: bool,
    r: int,
    of: int,
    replicates: int,
    covariates: Mapping[str, float],
) -> Chance | NoChance:
    """The chance that the true molecule is among the first r of N, where it was calibrated for such a ranking.

    Parameters
    ----------
    calibration : Calibration or None
        Of the query's embedding space; None where the model has none.
    seen : bool or None
        Whether the model was trained on the true molecule; None, as in use, takes unseen scaffolds, which are
        the harder ones.
    active : bool or None
        Replicate-consistency p below 0.1 or not; None without a p-value.
    over_doses : bool
        Whether each molecule was scored at its best dose of the library's, for want of the query's own.
    r, of : int
        First candidates, of how many molecules in the library; 1 <= r <= of.
    replicates : int
        Wells averaged to the query.
    covariates : mapping of str to float
        Those of :data:`COVARIATES` that are known.

    Returns
    -------
    Chance or NoChance
        Its ``text`` is for the user either way.

    Raises
    ------
    ValueError
        When r is not between 1 and N.
    """
    if not 1 <= r <= of:
        raise ValueError(f"r must lie between 1 and {of}, not {r}")
    if calibration is None:
        return NoChance("this model was not calibrated on held-out molecules.")
    largest = calibration.decoys + 1
    if not SMALLEST_GALLERY <= of <= largest:
        return NoChance(
            f"the library has {of:,} molecules, and the chance was measured for {SMALLEST_GALLERY} to {largest:,}."
        )
    stratum = calibration.stratum(seen=bool(seen), active=active, over_doses=over_doses)
    if stratum is None and active is None:
        wells = "one replicate has" if replicates == 1 else "these wells have"
        return NoChance(f"{wells} no activity p-value, and too few such treatments were held out to measure it.")
    if stratum is None:
        kind = stratum_in_words(bool(seen), active, over_doses)
        return NoChance(f"too few were held out to measure it for {kind}.")
    fewest, most = stratum.replicates
    if not fewest <= replicates <= most:
        return NoChance(f"it was measured for means of {fewest} to {most:,} wells, and this is of {replicates:,}.")
    curve = stratum.curve(covariates.get(stratum.covariate, math.nan))
    if r == of:
        return Chance(1.0, 1.0, 1.0, r, of, stratum, calibration.library)
    weights = place_weights(r, of, calibration.decoys)
    places = np.arange(calibration.decoys)
    chance, low, high = (
        float(np.clip(weights @ np.interp(places, calibration.knots, values), 0, 1))
        for values in (curve.probability, curve.low, curve.high)
    )
    return Chance(chance, min(low, chance), max(high, chance), r, of, stratum, calibration.library)
