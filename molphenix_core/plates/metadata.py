"""The columns of a table that describe wells, under the names and in the types of a plate file."""

from __future__ import annotations

import re

import pandas as pd

from molphenix_core.plates.columns import CONCENTRATION_UNIT, FIELDS, Columns
from molphenix_core.plates.concentrations import parse_concentrations
from molphenix_core.plates.plate import CONCENTRATION
from molphenix_core.plates.tables import Table

__all__ = ["describe_wells"]

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?")


def describe_wells(table: Table, columns: Columns, unit: str | None) -> pd.DataFrame:
    """All columns of a table but its features, one row a row.

    Fields become texts (stripped, null where empty), concentrations micromolar; every other column becomes
    ``Metadata_<name>``: numbers or booleans where all of its values are, else texts.

    Parameters
    ----------
    table, columns : Table, Columns
        The table, and what its columns hold.
    unit : str or None
        Unit of concentrations without one; None takes the unit in the column's name, else the table's column of
        units, else micromolar.

    Raises
    ------
    TableError
        Naming the first row whose concentration cannot be read.
    """
    wells = pd.DataFrame(index=table.frame.index)
    for target in FIELDS:
        if target not in columns.fields or target == CONCENTRATION_UNIT:
            continue
        name = columns.fields[target]
        if target != CONCENTRATION:
            wells[target] = _texts(table.frame[name])
            continue
        units: str | pd.Series = unit or columns.unit or "uM"
        if not (unit or columns.unit) and CONCENTRATION_UNIT in columns.fields:
            units = table.frame[columns.fields[CONCENTRATION_UNIT]]
        wells[target] = parse_concentrations(table.source, name, table.frame[name], units)
    for name in columns.others:
        wells[_free_name(name, wells)] = _tidy(table.frame[name])
    return wells


def _texts(column: pd.Series) -> pd.Series:
    """Texts, null where empty; whole numbers without the ".0" that gaps in a column of integers leave."""
    if pd.api.types.is_float_dtype(column.dtype):
        texts = column.map(
            lambda value: str(int(value)) if float(value).is_integer() else str(value), na_action="ignore"
        )
    else:
        texts = column.map(str, na_action="ignore")
    texts = texts.astype(object).map(lambda text: text.strip() or None, na_action="ignore")
    return texts.where(texts.notna(), None).astype(object)


def _tidy(column: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column.dtype) and not column.isna().any():
        return column
    if pd.api.types.is_float_dtype(column.dtype):
        return column.astype("float64")
    texts = _texts(column)
    present = texts.dropna()
    if present.isin(("True", "False")).all():
        return texts.map({"True": True, "False": False}, na_action="ignore").where(texts.notna(), None)
    if present.map(lambda text: _NUMBER.fullmatch(text) is not None).all():
        return pd.to_numeric(texts)
    return texts


def _free_name(name: str, wells: pd.DataFrame) -> str:
    """A column's name in the plate file: not with "/", a path in HDF5, nor that of a field but for its case."""
    bare = re.sub(r"(?i)^(?:image_)?metadata_", "", re.sub(r"[/\0]", "_", name))
    taken = {column.casefold() for column in (*wells.columns, *FIELDS)}
    while f"Metadata_{bare}".casefold() in taken:
        bare = f"source_{bare}"
    return f"Metadata_{bare}"
