"""The library's molecules as the map holds them: arrays, no lists of a million texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.open_plate import Column
from app.records import Molecule

__all__ = ["MapLibrary", "Texts"]


@dataclass(frozen=True, eq=False)
class Texts:
    """Many texts in one array, read one at a time.

    Parameters
    ----------
    data : uint8 (bytes,)
        All of them, in UTF-8.
    ends : int64 (n,)
        Where each ends.
    """

    data: NDArray[np.uint8]
    ends: NDArray[np.int64]

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> Texts:
        return cls(packed["data"], packed["ends"])

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, row: int) -> str:
        start = int(self.ends[row - 1]) if row > 0 else 0
        return self.data[start : int(self.ends[row])].tobytes().decode()


@dataclass(frozen=True, eq=False)
class MapLibrary:
    """Who the molecules are.

    Parameters
    ----------
    name, smiles, inchikey : Texts
    mechanism : Column
        Texts, -1 where unknown.
    seen : bool (n,)
        Whether the model was trained on each.
    sorted_keys : bytes (n,)
        The InChIKeys, ascending, with ``key_row`` the molecule of each: to find a molecule.
    key_row : int32 (n,)
    doses : float64 (k,)
        The library's, in micromolar.
    sha256 : str
        Of the library's embeddings.
    """

    name: Texts
    smiles: Texts
    inchikey: Texts
    mechanism: Column
    seen: NDArray[np.bool_]
    sorted_keys: NDArray[np.bytes_]
    key_row: NDArray[np.int32]
    doses: NDArray[np.float64]
    sha256: str

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> MapLibrary:
        return cls(
            name=Texts.unpack(packed["name"]),
            smiles=Texts.unpack(packed["smiles"]),
            inchikey=Texts.unpack(packed["inchikey"]),
            mechanism=Column.unpack(packed["mechanism"]),
            seen=packed["seen"],
            sorted_keys=packed["sorted_keys"],
            key_row=packed["key_row"],
            doses=np.asarray(packed["doses"], dtype=np.float64),
            sha256=packed["sha256"],
        )

    def __len__(self) -> int:
        return len(self.seen)

    def molecule(self, row: int) -> Molecule:
        """One of them."""
        return Molecule(
            name=self.name[row],
            smiles=self.smiles[row],
            inchikey=self.inchikey[row],
            mechanism=self.mechanism[row] or "",
            seen=bool(self.seen[row]),
        )

    def row_of(self, molecule: Molecule | None) -> int:
        """The row of a molecule, -1 where the library lacks it."""
        if molecule is None or not molecule.inchikey:
            return -1
        key = np.array(molecule.inchikey.encode(), dtype=self.sorted_keys.dtype)
        place = int(np.searchsorted(self.sorted_keys, key))
        found = place < len(self.sorted_keys) and self.sorted_keys[place] == key
        return int(self.key_row[place]) if found else -1
