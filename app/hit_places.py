"""Where hits are in the files that are open: which of them, and which row of it."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.hit_entries import HitEntry
from app.open_plate import OpenPlate
from molphenix_core.plates.wells import parse_well

__all__ = ["HitPlaces", "PlateWells", "places_of", "wells_of"]

# More columns than any plate has.
_COLUMNS = 1 << 10
_ROWS = 1 << 10


@dataclass(frozen=True, eq=False)
class HitPlaces:
    """Where n hits are.

    Parameters
    ----------
    file : int32 (n,)
        Which of the open files, -1 for none.
    row : intp (n,)
        Which well of it, -1 for none.
    p : float64 (n,)
        Activity p of what the well holds, NaN where it is not known.
    """

    file: NDArray[np.int32]
    row: NDArray[np.intp]
    p: NDArray[np.float64]

    def rows_in(self, file: int) -> NDArray[np.intp]:
        """The wells that some of the hits are in one file, ascending."""
        return np.unique(self.row[self.file == file])


class PlateWells:
    """Wells of one file by their plate and position, sorted so that they are found without a table of texts."""

    def __init__(self, plate: OpenPlate) -> None:
        self.barcodes = {barcode: i for i, barcode in enumerate(plate.barcodes)}
        self._folded: dict[str, list[int]] = {}
        for barcode, i in self.barcodes.items():
            self._folded.setdefault(barcode.casefold(), []).append(i)
        keys = _key(plate.plate_of_well, plate.positions[:, 0], plate.positions[:, 1])
        keys[(plate.positions < 0).any(axis=1)] = -1
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]
        self._unplaced = keys < 0

    def rows_at(self, barcode: str, position: tuple[int, int]) -> list[int]:
        """Wells at a zero-based row and column of a plate, whatever the capitals of its barcode."""
        found: list[int] = []
        for on in self._folded.get(barcode.casefold(), ()):
            key = _key(np.int64(on), np.int64(position[0]), np.int64(position[1]))
            first, last = np.searchsorted(self._keys, [key, key + 1])
            found += self._order[first:last].tolist()
        return found

    def find(self, entries: Sequence[HitEntry]) -> NDArray[np.intp]:
        """Rows of some hits, -1 where there is no such well."""
        rows = np.full(len(entries), -1, dtype=np.intp)
        wanted = np.full(len(entries), -2, dtype=np.int64)
        for i, entry in enumerate(entries):
            position = _position(entry.well)
            on = self.barcodes.get(entry.barcode, -1)
            if position is not None and (on >= 0 or not entry.barcode):
                wanted[i] = _key(np.int64(on), np.int64(position[0]), np.int64(position[1]))
            elif position is None and entry.well.startswith("row "):
                row = int(entry.well.removeprefix("row ")) - 1
                rows[i] = row if row < len(self._unplaced) and self._unplaced[row] else -1
        at = np.minimum(np.searchsorted(self._keys, wanted), max(len(self._keys) - 1, 0))
        if len(self._keys):
            found = self._keys[at] == wanted
            rows[found] = self._order[at[found]]
        return rows


def _key(plate: NDArray[np.integer] | np.integer, row: NDArray[np.integer] | np.integer, column: object) -> Any:
    return ((np.asarray(plate, dtype=np.int64) + 1) * _ROWS + row) * _COLUMNS + column


_position = functools.lru_cache(maxsize=4096)(parse_well)
_wells: weakref.WeakKeyDictionary[OpenPlate, PlateWells] = weakref.WeakKeyDictionary()


def wells_of(plate: OpenPlate) -> PlateWells:
    """The wells of a file, sorted once."""
    if plate not in _wells:
        _wells[plate] = PlateWells(plate)
    return _wells[plate]


def places_of(entries: Sequence[HitEntry], plates: Sequence[OpenPlate]) -> HitPlaces:
    """Find hits in the files that are open, by the files' hashes, barcodes and wells.

    Parameters
    ----------
    entries : sequence of HitEntry (n,)
    plates : sequence of OpenPlate

    Returns
    -------
    HitPlaces
    """
    file, row = np.full(len(entries), -1, dtype=np.int32), np.full(len(entries), -1, dtype=np.intp)
    p = np.full(len(entries), np.nan)
    hashes = [entry.plate_sha256 if entry.well else "" for entry in entries]
    for number, plate in enumerate(plates):
        meant = np.array([i for i, sha256 in enumerate(hashes) if sha256 == plate.sha256], dtype=np.intp)
        if not len(meant):
            continue
        found = wells_of(plate).find([entries[i] for i in meant])
        meant, found = meant[found >= 0], found[found >= 0]
        file[meant], row[meant] = number, found
        p[meant] = plate.by_treatment("p_value")[found]
    return HitPlaces(file, row, p)
