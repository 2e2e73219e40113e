"""The map as a table: one row a point, with its coordinates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.open_plate import KINDS, OpenPlate
from app.views.map.map_data import MapData
from app.views.table import TableColumn

__all__ = ["map_table"]


def map_table(
    data: MapData, selected: NDArray[np.intp], clusters: NDArray[np.int32] | None
) -> tuple[TableColumn, ...]:
    """All points of a map: who they are, where they lie, and which are selected.

    Parameters
    ----------
    data : MapData
    selected : intp (m,)
        Points that are.
    clusters : int32 (n,) or None
        As :func:`molphenix_core.plates.density_clusters.density_clusters` gives them; None where nobody asked.
    """
    n, first = len(data), data.n_wells
    mark = np.zeros(n)
    mark[selected] = 1
    molecules = np.zeros(data.n_molecules)
    columns = [
        _texts(
            "kind",
            "Point",
            [*(KINDS[kind] for plate in data.plates for kind in plate.kind)],
            data,
            "library molecule",
        ),
        _texts("file", "File", [plate.name for plate in data.plates for _ in range(len(plate))], data),
        _texts("plate", "Plate", [name for plate in data.plates for name in _barcodes(plate)], data),
        _texts("well", "Well", [_well(plate, row) for plate in data.plates for row in range(len(plate))], data),
        _names(data),
        TableColumn("dose", "Concentration", _doses(data), unit="µM"),
        TableColumn("x", data.axes[0], data.at[:, 0]),
        TableColumn("y", data.axes[1], data.at[:, 1]),
        TableColumn("selected", "Selected", np.concatenate([mark[:first], molecules]), kind="flag"),
    ]
    if clusters is not None and len(clusters) == n:
        numbers = np.where(clusters >= 0, clusters + 1.0, np.nan)
        columns.append(
            TableColumn("cluster", "Cluster", numbers, tip="1 is the largest; empty for points in none")
        )
    return tuple(columns)


def _texts(key: str, title: str, wells: Sequence[str], data: MapData, molecules: str = "") -> TableColumn:
    """Texts of the wells, and one for all molecules."""
    categories, codes = np.unique([*wells, molecules], return_inverse=True)
    codes = codes.astype(np.int32)
    codes[np.array([not one for one in categories.tolist()])[codes]] = -1
    values = np.concatenate([codes[:-1], np.full(data.n_molecules, codes[-1], dtype=np.int32)])
    return TableColumn(key, title, values, kind="text", categories=tuple(categories.tolist()))


def _barcodes(plate: OpenPlate) -> list[str]:
    return [plate.barcodes[on] if on >= 0 else "" for on in plate.plate_of_well.tolist()]


def _well(plate: OpenPlate, row: int) -> str:
    return plate.well(row) if plate.positions[row, 0] >= 0 else ""


def _names(data: MapData) -> TableColumn:
    names: list[str] = []
    codes: list[NDArray[np.int32]] = []
    for plate in data.plates:
        column = plate.treatments["name"]
        start = len(names)
        names += list(column.categories or ())
        of_treatment = np.append(np.asarray(column.values, dtype=np.int32), -1)
        code = of_treatment[plate.treatment_of_well]
        codes.append(np.where(code >= 0, code + start, -1).astype(np.int32))
    if data.library is not None:
        start = len(names)
        names += [data.library.name[row] for row in range(data.n_molecules)]
        codes.append(np.arange(start, start + data.n_molecules, dtype=np.int32))
    return TableColumn("name", "Name", np.concatenate(codes), kind="text", categories=tuple(names))


def _doses(data: MapData) -> NDArray[np.float64]:
    wells = [plate.by_treatment("concentration") for plate in data.plates]
    return np.concatenate([*wells, data.dose_of_molecule if data.n_molecules else np.empty(0)])
