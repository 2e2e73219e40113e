"""Where the molecules that are known to be in the wells stand in the library, as the engine told it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.colouring import Computed
from app.numbers import fixed, integer, number
from app.open_plate import Column, OpenPlate

__all__ = ["TrueMolecules"]


@dataclass(frozen=True, eq=False)
class TrueMolecules:
    """Rank and calibrated chance of each treatment's own molecule.

    Parameters
    ----------
    rank : float64 (t,)
        From 1, halves with ties; NaN where the library does not hold it.
    of : int
        Molecules in the library.
    chance, low, high : float64 (t,)
        That it is among the first ones, with the 95 % interval; NaN where that was not measured.
    first : float64 (t,)
        How many first ones.
    note : Column
        Why one of them is missing, "" where none is.
    """

    rank: NDArray[np.float64]
    of: int
    chance: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    first: NDArray[np.float64]
    note: Column

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> TrueMolecules:
        return cls(
            rank=packed["rank"],
            of=int(packed["of"]),
            chance=packed["chance"],
            low=packed["chance_low"],
            high=packed["chance_high"],
            first=packed["chance_first"],
            note=Column.unpack(packed["note"]),
        )

    def computed(self, plate: OpenPlate) -> dict[str, Computed]:
        """Both for the wells of the file, by the keys of what wells are coloured by."""
        of_well = plate.treatment_of_well

        def by_well(values: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.append(values, np.nan)[of_well]

        first = int(np.nanmax(self.first)) if np.isfinite(self.first).any() else 0
        by_chance = f"by chance {number((self.of + 1) / 2, 7)}"
        return {
            "rank": Computed(
                by_well(self.rank),
                self._why(self.rank),
                lambda row: self._rank_text(of_well[row]),
                f"Rank of the true molecule of {integer(self.of)}, {by_chance}" if self.of else "",
            ),
            "confidence": Computed(
                by_well(self.chance),
                self._why(self.chance),
                lambda row: self._chance_text(of_well[row]),
                f"Confidence: first {integer(first)} of {integer(self.of)}, by chance {number(first / self.of, 2)}"
                if first
                else "",
            ),
        }

    def _why(self, values: NDArray[np.float64]) -> str:
        """Why there is no value at all: the reason that most treatments have."""
        if np.isfinite(values).any() or not len(values):
            return ""
        codes = np.asarray(self.note.values)
        return (self.note.categories or ("",))[int(np.bincount(codes[codes >= 0], minlength=1).argmax())]

    def _rank_text(self, treatment: int) -> str:
        if treatment < 0:
            return "no treatment"
        rank = float(self.rank[treatment])
        return f"{number(rank, 7)} of {integer(self.of)}" if np.isfinite(rank) else self.note[treatment] or "none"

    def _chance_text(self, treatment: int) -> str:
        if treatment < 0:
            return "no treatment"
        chance = float(self.chance[treatment])
        if not np.isfinite(chance):
            return self.note[treatment] or "none"
        low, high = (fixed(100 * float(one[treatment]), 0) for one in (self.low, self.high))
        return f"{fixed(100 * chance, 0)} in 100 ({low} to {high}): first {integer(int(self.first[treatment]))}"
