"""Small made-up profile tables, and the plates that they become."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from molphenix_core.plates.convert import plate_from_table
from molphenix_core.plates.plate import Plate
from molphenix_core.plates.report import ConversionReport

ROWS = 4
FEATURES = {"f_0": [1.0, 2.0, 3.0, 4.0], "f_1": [0.5, 0.5, 0.25, 0.0]}
WELLS = {"plate": ["P1"] * 4, "well": ["A01", "A02", "B01", "B02"]}


def save(folder: Path, columns: Mapping[str, object], name: str = "table.csv") -> Path:
    path = folder / name
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


def converted(folder: Path, cells: Mapping[str, object], **options: object) -> tuple[Plate, ConversionReport]:
    return plate_from_table(save(folder, {**WELLS, **cells, **FEATURES}), **options)  # type: ignore[arg-type]


def values(plate: Plate, column: str) -> list[object]:
    cells = plate.wells[column].astype(object)
    return cells.where(cells.notna(), None).tolist()
