"""Colour scales: where a value lies between the limits of the colour bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.session_file import Limits

__all__ = ["MADS", "NumberScale", "Shares", "fit_scale"]

MADS = 3.0
"""Robust limits lie so many median absolute deviations from the median, scaled to standard deviations."""

# Of a normal distribution, the standard deviation in median absolute deviations.
_TO_DEVIATION = 1.4826


@dataclass(frozen=True, eq=False)
class Shares:
    """Places of some values on the colour bar.

    Parameters
    ----------
    share : float64 (n,)
        From 0 at the left end to 1 at the right one; NaN where there is no place.
    below, above : bool (n,)
        Beyond the lower and the upper limit; they take the colours of the ends.
    """

    share: NDArray[np.float64]
    below: NDArray[np.bool_]
    above: NDArray[np.bool_]


@dataclass(frozen=True)
class NumberScale:
    """Limits of a colour bar, and what lies between them.

    Parameters
    ----------
    kind : str
        As in :class:`app.session_file.Limits`.
    low, high : float
        The limits, in the unit of the values.
    log : bool
        Whether equal ratios take equal lengths of the bar; values that are not positive have no place then.
    reverse : bool
        Whether the bar runs from high to low.
    centre : float or None
        A value in the middle of the bar from which others differ in two ways: the median, or zero.
    trouble : str
        Why the limits are not what was asked for, "" where they are.
    """

    kind: str
    low: float
    high: float
    log: bool = False
    reverse: bool = False
    centre: float | None = None
    trouble: str = ""

    def shares(self, values: NDArray[np.float64]) -> Shares:
        """Places of values on the bar."""
        known = np.isfinite(values) & ((values > 0) | (not self.log))
        share = np.full(len(values), np.nan)
        low, high = (float(np.log10(v)) if self.log else v for v in (self.low, self.high))
        used = np.log10(values[known]) if self.log else values[known]
        share[known] = np.clip((used - low) / (high - low), 0, 1) if high > low else 1.0
        if self.reverse and high > low:
            share = 1 - share
        slack = 1e-9 * max(abs(low), abs(high), high - low)
        below, above = np.zeros(len(values), dtype=bool), np.zeros(len(values), dtype=bool)
        below[known], above[known] = used < low - slack, used > high + slack
        return Shares(share, below, above)

    @property
    def in_words(self) -> str:
        """How the bar is divided, for its title."""
        if self.trouble:
            return self.trouble
        spacing = "log scale" if self.log else ""
        words = {"robust": f"median ± {MADS:g} MAD", "manual": "limits set by hand"}.get(self.kind, "")
        return ", ".join(part for part in (spacing, words) if part)


def fit_scale(
    parts: Sequence[NDArray[np.float64]],
    limits: Limits | None,
    *,
    log: bool = False,
    robust: bool = False,
    reverse: bool = False,
    span: tuple[float, float] | None = None,
) -> NumberScale | None:
    """One scale for the values of some files.

    Parameters
    ----------
    parts : sequence of float64 (n,)
        Values, NaN where unknown.
    limits : Limits or None
        What the user chose; None for what suits the quantity.
    log : bool
        Whether ratios count. Robust and manual limits then lie on a logarithmic scale too.
    robust : bool
        Whether robust limits are the ones to begin with.
    reverse : bool
        Whether the bar runs from high to low.
    span : (float, float) or None
        Limits that the quantity has by itself, as a probability: the ones to begin with.

    Returns
    -------
    NumberScale or None
        None where no value has a place on such a scale.
    """
    kind = limits.scale if limits is not None else "log" if log else "robust" if robust else "linear"
    known = np.concatenate([np.empty(0), *(part[np.isfinite(part)] for part in parts)])
    on_log = kind == "log" or (log and kind in {"robust", "manual"})
    if limits is not None and limits.low is not None and limits.high is not None:
        on_log = on_log and limits.low > 0
        placed = known[known > 0] if on_log else known
        centre = _zero(limits.low, limits.high, on_log)
        return NumberScale(kind, limits.low, limits.high, on_log, reverse, centre) if len(placed) else None
    placed = known[known > 0] if on_log else known
    if not len(placed):
        return None
    low, high = float(placed.min()), float(placed.max())
    if limits is None and span is not None:
        return NumberScale(kind, *span, on_log, reverse)
    if kind == "robust":
        spaced = np.log10(placed) if on_log else placed
        middle = float(np.median(spaced))
        reach = MADS * _TO_DEVIATION * float(np.median(np.abs(spaced - middle)))
        if reach == 0:
            trouble = "whole range: half of the values are equal, so that their MAD is 0"
            return NumberScale(kind, low, high, on_log, reverse, None, trouble)
        low, high, middle = (10**v if on_log else v for v in (middle - reach, middle + reach, middle))
        return NumberScale(kind, low, high, on_log, reverse, middle)
    return NumberScale(kind, low, high, on_log, reverse, _zero(low, high, on_log))


def _zero(low: float, high: float, log: bool) -> float | None:
    """Zero, where it is the very middle of the bar."""
    return 0.0 if not log and low < 0 and abs(low + high) <= 1e-9 * (high - low) else None
