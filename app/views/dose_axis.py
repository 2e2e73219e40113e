"""A logarithmic axis of doses that reads 0.5, 1, 2, 5, 10."""

from __future__ import annotations

import math
from typing import Any

import pyqtgraph as pg

from app.numbers import number

__all__ = ["DoseAxis", "dose_ticks"]

# More than so many decades have room for their ends alone.
_DECADES_FOR_THREES = 1.4
_DECADES_FOR_FIVES = 2.6
_DECADES_FOR_STEPS = 5.0


def dose_ticks(low: float, high: float, room: int = 12) -> tuple[list[float], list[float]]:
    """Places of labelled and of unlabelled ticks, log10 micromolar.

    Parameters
    ----------
    low, high : float
        Ends of the axis, log10 micromolar.
    room : int
        Labels that fit beside each other.
    """
    decades = range(math.floor(low) - 1, math.ceil(high) + 1)

    def within(steps: tuple[int, ...], every: int = 1) -> list[float]:
        places = (d + math.log10(s) for d in decades if d % every == 0 for s in steps)
        return [place for place in places if low <= place <= high]

    span = high - low
    small = within(tuple(range(1, 10))) if span <= _DECADES_FOR_STEPS else within((1,))
    choices = [within((1, 2, 3, 5))] if span <= _DECADES_FOR_THREES else []
    choices += [within((1, 2, 5))] if span <= _DECADES_FOR_FIVES else []
    choices += [within((1, 3))] if span <= _DECADES_FOR_STEPS else []
    choices += [within((1,)), within((1,), 2), within((1,), 3)]
    labelled = next((places for places in choices if 2 <= len(places) <= room), max(choices, key=len)[:room])
    if len(labelled) < 2:
        # Less than a decade that holds one round number: every number is round enough.
        labelled = small
    return labelled, [place for place in small if place not in labelled]


class DoseAxis(pg.AxisItem):
    """The lower axis of a dose response; its values are log10 micromolar."""

    def __init__(self) -> None:
        super().__init__("bottom")

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        labelled, small = dose_ticks(low, high, room=max(2, int(size // 44)))
        return [(1.0, labelled), (0.1, small)]

    def tickStrings(self, values: list[float], _scale: float, spacing: float) -> list[Any]:
        return [number(10**value, 2) if spacing == 1.0 else "" for value in values]
