"""Where each row of a table stood: its plate and its well."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from molphenix_core.errors import TableError
from molphenix_core.plates.plate import PLATE, WELL
from molphenix_core.plates.wells import parse_wells, well_name

__all__ = ["SOURCE_WELL", "canonical_wells", "place_wells", "table_stem"]

SOURCE_WELL = "Metadata_source_well"
_WELL_EXPECTED = "a well from A01 to AF48"


def table_stem(path: str | Path) -> str:
    """Name of a table's file without ".csv", ".csv.gz", ".parquet" and the like.

    Parameters
    ----------
    path : path

    Returns
    -------
    str
    """
    name = Path(path).name
    for ending in (".gz", ".csv", ".tsv", ".txt", ".parquet", ".pq"):
        if name.lower().endswith(ending) and len(name) > len(ending):
            name = name[: -len(ending)]
    return name


def canonical_wells(source: str | Path, field: str, texts: pd.Series) -> pd.Series:
    """Well names as "A01"; null stays.

    Parameters
    ----------
    source, field : path, str
        File and column, for messages.
    texts : pandas.Series (n,)
        Well names such as "a1", null where there is none.

    Returns
    -------
    pandas.Series of object (n,)
        Same index.

    Raises
    ------
    TableError
        Naming the first row whose text is no well.
    """
    positions = parse_wells(texts)
    off = (positions[:, 0] < 0) & texts.notna().to_numpy()
    if off.any():
        row = int(off.argmax())
        raise TableError(
            source, f"{field}, row {row + 1}", f"{texts.iloc[row]!r} ({int(off.sum())} such)", _WELL_EXPECTED
        )
    names = [well_name(int(row), int(column)) if row >= 0 else None for row, column in positions]
    return pd.Series(names, index=texts.index, dtype=object)


def place_wells(
    source: str | Path, wells: pd.DataFrame, *, fields: dict[str, str]
) -> tuple[pd.DataFrame, list[str]]:
    """Check plates and wells, and give every row a unique name.

    A table with wells but no plates is one plate named after the file; one whose wells are all no wells, and
    which has no plates, is a table of treatments: their texts move to ``Metadata_source_well``.

    Parameters
    ----------
    source : path
        The table.
    wells : pandas.DataFrame
        Texts stripped, null where empty.
    fields : dict
        Columns of the table, for messages.

    Returns
    -------
    wells : pandas.DataFrame
        ``Metadata_Plate`` and ``Metadata_Well`` ("A01" or null); index "plate:well", or "row 7" without wells.
    notes : list of str

    Raises
    ------
    TableError
        Wells off the plate, wells without a plate beside others with one, or a well twice.
    """
    wells = wells.copy()
    notes: list[str] = []
    for column in (PLATE, WELL):
        if column not in wells:
            wells[column] = None
    if wells[PLATE].isna().all() and wells[WELL].notna().any():
        if (parse_wells(wells[WELL])[:, 0] < 0).all():
            notes.append(
                f"No plates, and {fields[WELL]!r} holds no well names (such as {wells[WELL].dropna().iloc[0]!r}): "
                f"a table of treatments; kept in {SOURCE_WELL}."
            )
            wells[SOURCE_WELL] = wells[WELL]
            wells[WELL] = None
        else:
            wells.loc[wells[WELL].notna(), PLATE] = table_stem(source)
            notes.append(f"No barcodes: all wells are of one plate, named {table_stem(source)!r} after the file.")
    wells[WELL] = canonical_wells(source, fields.get(WELL, WELL), wells[WELL])
    lost = wells[WELL].notna() & wells[PLATE].isna()
    if lost.any():
        row = int(lost.to_numpy().argmax())
        found = f"no plate for well {wells[WELL].iloc[row]}"
        raise TableError(source, f"{fields.get(PLATE, PLATE)}, row {row + 1}", found, "the barcode of its plate")
    _refuse_twice(source, wells)
    rows = np.arange(1, len(wells) + 1)
    wells.index = pd.Index(
        [
            f"{plate}:{well}" if well is not None else f"row {row}"
            for plate, well, row in zip(wells[PLATE], wells[WELL], rows, strict=True)
        ],
        dtype=object,
    )
    return wells, notes


def _refuse_twice(source: str | Path, wells: pd.DataFrame) -> None:
    placed = wells[wells[WELL].notna()]
    twice = placed.duplicated([PLATE, WELL])
    if twice.any():
        second = placed[twice].iloc[0]
        same = ((wells[PLATE] == second[PLATE]) & (wells[WELL] == second[WELL])).to_numpy()
        rows = ", ".join(str(row + 1) for row in np.flatnonzero(same)[:5])
        raise TableError(
            source,
            f"{PLATE}/{WELL}",
            f"well {second[WELL]} of plate {second[PLATE]} in rows {rows} ({int(twice.sum())} such)",
            "one row a well: average sites or cells first",
        )
