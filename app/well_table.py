"""The wells of a file as a table, for export: what is in each, how active it is, and what it is coloured by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.colouring import Colouring
from app.numbers import integer
from app.open_plate import KINDS, Column, OpenPlate
from app.true_molecules import TrueMolecules
from app.views.table import TableColumn
from app.views.table.columns import Kind

__all__ = ["well_columns"]

_TREATMENT = (
    ("name", "Treatment", "", "Name of the compound"),
    ("smiles", "SMILES", "", "Standardised structure"),
    ("inchikey", "InChIKey", "", ""),
    ("concentration", "Dose", "µM", "Nominal"),
    ("mechanism", "Mechanism of action", "", ""),
    ("n_wells", "Replicates", "", "Wells of the treatment in this file"),
    ("p_value", "Activity p", "", "Of the treatment"),
    ("q_value", "Activity q", "", "Of the treatment, Benjamini-Hochberg over the file"),
    ("distance_to_control", "Distance to control", "", "Of the treatment"),
)
# What a well is coloured by and stands in the table anyway.
_THERE = {"p", "distance", "replicates", "dose", "kind", "rank", "confidence"}


def well_columns(
    plate: OpenPlate, key: str, colouring: Colouring | None, true: TrueMolecules | None
) -> list[TableColumn]:
    """Columns of all wells of a file.

    Parameters
    ----------
    plate : OpenPlate
    key : str
        What the wells are coloured by.
    colouring : Colouring or None
        Its values, in a column of their own unless they stand in the table anyway.
    true : TrueMolecules or None
        Ranks and chances, where they were computed.
    """
    rows, columns = plate.positions[:, 0], plate.positions[:, 1]
    # Each position is named once, however many plates there are.
    known = np.flatnonzero(rows >= 0)
    _, first, index = np.unique(plate.positions[known], axis=0, return_index=True, return_inverse=True)
    wells = np.full(len(plate), -1, dtype=np.int32)
    wells[known] = index.ravel()
    names = tuple(plate.well(int(known[row])) for row in first)
    table = [
        TableColumn("plate", "Plate", plate.plate_of_well, "text", categories=plate.barcodes),
        TableColumn("well", "Well", wells, "text", categories=names),
        TableColumn("row", "Row", _from_one(rows)),
        TableColumn("column", "Column", _from_one(columns)),
        TableColumn("kind", "Kind", plate.kind.astype(np.int32), "text", categories=KINDS),
    ]
    for name, title, unit, tip in _TREATMENT:
        table.append(_of_treatment(plate, name, title, unit, tip, plate.treatments[name]))
    if true is not None:
        among = f"first {integer(int(np.nanmax(true.first)))}" if np.isfinite(true.first).any() else "first 1 %"
        for name, title, numbers in (
            ("true_rank", f"Rank of the true molecule (of {integer(true.of)})", true.rank),
            ("true_chance", f"Chance that the true molecule is in the {among}", true.chance),
            ("true_chance_low", "Lower end of the chance (95 %)", true.low),
            ("true_chance_high", "Upper end of the chance (95 %)", true.high),
        ):
            table.append(_of_treatment(plate, name, title, "", "", Column(numbers)))
        table.append(_of_treatment(plate, "true_note", "Why there is no rank or chance", "", "", true.note))
    if colouring is not None and key not in _THERE:
        kind: Kind = "number" if colouring.names is None else "text"
        values = np.asarray(colouring.values)
        title = f"Coloured by: {colouring.label}"
        table.append(TableColumn("coloured_by", title, values, kind, categories=colouring.names))
    return table


def _from_one(places: NDArray[np.int16]) -> NDArray[np.float64]:
    return np.where(places >= 0, places + 1.0, np.nan)


def _of_treatment(plate: OpenPlate, key: str, title: str, unit: str, tip: str, column: Column) -> TableColumn:
    categories: Sequence[str] | None = column.categories
    if categories is not None:
        codes = np.append(np.asarray(column.values, dtype=np.int32), np.int32(-1))[plate.treatment_of_well]
        return TableColumn(key, title, codes, "text", tip, categories=categories)
    values = np.append(np.asarray(column.values, dtype=np.float64), np.nan)[plate.treatment_of_well]
    return TableColumn(key, title, values, "number", tip, unit)
