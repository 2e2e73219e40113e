"""What is on the map, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.numbers import percent
from app.open_plate import OpenPlate
from app.views.map.map_library import MapLibrary

__all__ = ["MapData", "MapRequest"]


@dataclass(frozen=True)
class MapRequest:
    """What the user wants on the map.

    Parameters
    ----------
    space : str
        "plate" for the embeddings that came with the plate, "joint" for the model's space.
    method : str
        "pca" or "umap".
    every_file : bool
        Whether wells of all open files of the current one's space are shown.
    library : bool
        Whether library molecules are.
    dose : int or None
        Which of the library's doses; None for the one at which each comes nearest to the selected wells.
    """

    space: str = "plate"
    method: str = "pca"
    every_file: bool = False
    library: bool = False
    dose: int | None = None

    @classmethod
    def read(cls, state: Mapping[str, Any]) -> MapRequest:
        """A choice as it was kept; the usual one where that is none."""
        dose = state.get("dose")
        library = bool(state.get("library")) and state.get("space") == "joint"
        return cls(
            space="joint" if state.get("space") == "joint" else "plate",
            method="umap" if state.get("method") == "umap" else "pca",
            every_file=bool(state.get("every_file")),
            library=library,
            dose=dose if library and isinstance(dose, int) and dose >= 0 else None,
        )

    @property
    def needs_engine(self) -> bool:
        """Whether the window lacks any of the coordinates."""
        return self != MapRequest()

    @property
    def follows_selection(self) -> bool:
        """Whether the coordinates depend on which wells are selected."""
        return self.library and self.dose is None


@dataclass(frozen=True, eq=False)
class MapData:
    """Points of the map: the wells of some files, one file after the other, then the library's molecules.

    Parameters
    ----------
    request : MapRequest
    plates : tuple of OpenPlate
    at : float32 (n, 2)
        Coordinates, NaN where a point has none.
    library : MapLibrary or None
    dose_of_molecule : float64 (n_molecules,)
        Micromolar; NaN where unknown.
    axes : (str, str)
        What stands at the axes.
    method : str
        How the coordinates were made, in a few words.
    notes : tuple of str
        What is not on the map, and why.
    """

    request: MapRequest
    plates: tuple[OpenPlate, ...]
    at: NDArray[np.float32]
    library: MapLibrary | None = None
    dose_of_molecule: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    axes: tuple[str, str] = ("", "")
    method: str = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def of_plate(cls, plate: OpenPlate) -> MapData:
        """The wells of one file as they came from the engine."""
        return cls(
            MapRequest(),
            (plate,),
            plate.pca,
            axes=("PC 1", "PC 2"),
            method="PCA of the embeddings",
        )

    @classmethod
    def unpack(
        cls,
        request: MapRequest,
        plates: tuple[OpenPlate, ...],
        library: MapLibrary | None,
        packed: dict[str, Any],
    ) -> MapData:
        """Read an answer of the engine about these files, some of which it may have left out."""
        kept = tuple(plates[i] for i in packed["files"])
        wells = np.asarray(packed["wells"], dtype=np.float32)
        molecules = packed["molecules"]
        parts = [wells] if molecules is None else [wells, np.asarray(molecules, dtype=np.float32)]
        return cls(
            request=request,
            plates=kept,
            at=np.concatenate(parts),
            library=library if molecules is not None else None,
            dose_of_molecule=np.asarray(packed["doses"], dtype=np.float64),
            axes=_axes(packed["shares"]),
            method=packed["method"],
            notes=tuple(packed["notes"]),
        )

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def starts(self) -> NDArray[np.intp]:
        """First point of each file, then the first molecule."""
        return np.concatenate([[0], np.cumsum([len(plate) for plate in self.plates])]).astype(np.intp)

    @property
    def n_wells(self) -> int:
        return int(self.starts[-1])

    @property
    def n_molecules(self) -> int:
        return len(self.at) - self.n_wells

    def well(self, point: int) -> tuple[OpenPlate, int] | None:
        """File and row of a well; None for a molecule."""
        if point >= self.n_wells:
            return None
        file = int(np.searchsorted(self.starts, point, side="right")) - 1
        return self.plates[file], int(point - self.starts[file])

    def molecule(self, point: int) -> int:
        """Row of a molecule in the library, -1 for a well."""
        return point - self.n_wells if point >= self.n_wells else -1

    def points_of(self, plate: OpenPlate | None, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Points of some wells of a file; none where the file is not on the map."""
        for file, other in enumerate(self.plates):
            if other is plate:
                return rows + self.starts[file]
        return np.empty(0, dtype=np.intp)

    def rows_of(self, file: int, points: NDArray[np.intp]) -> NDArray[np.intp]:
        """Rows in a file of those points that are its wells."""
        first, last = self.starts[file], self.starts[file + 1]
        return points[(points >= first) & (points < last)] - first


def _axes(shares: list[float]) -> tuple[str, str]:
    """What stands at the axes: principal components with their share of the variance, or those of a UMAP."""
    if not shares:
        return "UMAP 1", "UMAP 2"
    return f"PC 1 ({percent(shares[0])})", f"PC 2 ({percent(shares[1])})"
