"""The library as the window holds it: columns of all its molecules, and their scores for the selected wells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.open_plate import Column
from app.records import Molecule
from app.texts import PackedTexts

__all__ = ["LibraryScores", "LibraryTable"]


@dataclass(frozen=True, eq=False)
class LibraryTable:
    """What is known of the n molecules of a library whatever wells are selected.

    Parameters
    ----------
    smiles, inchikey, name : PackedTexts
    mechanism : Column
        Texts, missing where unknown.
    seen : bool (n,)
        Whether the model was trained on the molecule.
    properties : dict of str to float32 (n,)
        ``molecular_weight``, ``clogp`` and so on; empty for libraries of earlier versions of the program.
    doses : float64 (k,)
        Micromolar, NaN for the unknown dose.
    """

    smiles: PackedTexts
    inchikey: PackedTexts
    name: PackedTexts
    mechanism: Column
    seen: NDArray[np.bool_]
    properties: dict[str, NDArray[np.float32]]
    doses: NDArray[np.float64]

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> LibraryTable:
        return cls(
            smiles=PackedTexts.unpack(packed["smiles"]),
            inchikey=PackedTexts.unpack(packed["inchikey"]),
            name=PackedTexts.unpack(packed["name"]),
            mechanism=Column.unpack(packed["mechanism"]),
            seen=packed["seen"],
            properties=packed["properties"],
            doses=packed["doses"],
        )

    def __len__(self) -> int:
        return len(self.seen)

    def molecule(self, row: int) -> Molecule:
        """One molecule."""
        return Molecule(
            name=self.name[row],
            smiles=self.smiles[row],
            inchikey=self.inchikey[row],
            mechanism=self.mechanism[row] or "",
            seen=bool(self.seen[row]),
        )

    def row_of(self, molecule: Molecule) -> int | None:
        """Where a molecule stands; None where the library lacks it."""
        if molecule.inchikey:
            return self.inchikey.row_of(molecule.inchikey)
        return self.smiles.row_of(molecule.smiles)


@dataclass(frozen=True, eq=False)
class LibraryScores:
    """Scores of a library's n molecules for some wells; all worked out by the engine.

    Parameters
    ----------
    at_doses : float32 (k, n)
        Cosine similarity at each dose of the library.
    dose_index : int
        The dose at which all are scored; -1 where each is scored at its best.
    score : float32 (n,)
        What the molecules are ranked by.
    rank : int32 (n,)
        From 1.
    best_dose : float32 (n,)
        Dose of the largest score, micromolar.
    spread : float32 (n,)
        Largest less smallest score over the doses.
    chance : float32 (n,)
        That the true molecule is the one or among those ranked above it; NaN where none was measured.
    """

    at_doses: NDArray[np.float32]
    dose_index: int
    score: NDArray[np.float32]
    rank: NDArray[np.int32]
    best_dose: NDArray[np.float32]
    spread: NDArray[np.float32]
    chance: NDArray[np.float32]

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> LibraryScores:
        return cls(**packed)
