"""The columns of a table that describe wells, under the names and in the types of a plate file."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.plates.check import none_where_missing
from molphenix_core.plates.columns import CONCENTRATION_UNIT, FIELDS, Columns
from molphenix_core.plates.concentrations import parse_concentrations
from molphenix_core.plates.controls import mark_controls
from molphenix_core.plates.plate import CONCENTRATION, CONTROL_TYPE, NEGATIVE_CONTROL
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

    Returns
    -------
    pandas.DataFrame
        Index of the table; concentrations float64 in micromolar, NaN where unknown.

    Raises
    ------
    TableError
        Naming the first row whose concentration cannot be read.
    """
    wells = pd.DataFrame(index=table.frame.index)
    for target in FIELDS:
        if target not in columns.fields or target in (CONCENTRATION, CONCENTRATION_UNIT):
            continue
        name = columns.fields[target]
        wells[target] = _without_point(_texts(table.frame[name]))
    if CONCENTRATION in columns.fields:
        wells[CONCENTRATION] = _concentrations(table, columns, wells, unit)
    for name in columns.others:
        wells[_free_name(name, wells)] = _tidy(table.frame[name])
    return wells


def _concentrations(table: Table, columns: Columns, wells: pd.DataFrame, unit: str | None) -> NDArray[np.float64]:
    units: str | pd.Series = unit or columns.unit or "uM"
    if not (unit or columns.unit) and CONCENTRATION_UNIT in columns.fields:
        units = table.frame[columns.fields[CONCENTRATION_UNIT]]
    name = columns.fields[CONCENTRATION]
    cells = table.frame[name]
    # What stands beside a solvent is often no concentration of it: "DMSO", "vehicle", "0.1 %".
    marked, _ = mark_controls(table.source, wells.assign(**{CONCENTRATION: np.nan}))
    cells = cells.mask(marked[CONTROL_TYPE] == NEGATIVE_CONTROL)
    return parse_concentrations(table.source, name, cells, units)


def _without_point(texts: pd.Series) -> pd.Series:
    """Whole numbers without the ".0" that a program wrote because the column has gaps."""
    present = texts.dropna()
    if len(present) and present.str.fullmatch(r"[0-9]+\.0").all():
        return texts.map(lambda text: text[:-2], na_action="ignore")
    return texts


def _texts(column: pd.Series) -> pd.Series:
    """Texts, null where empty; whole numbers of a column of floats without ".0"."""
    if pd.api.types.is_float_dtype(column.dtype):
        texts = column.map(
            lambda value: str(int(value)) if float(value).is_integer() else str(value), na_action="ignore"
        )
    else:
        texts = column.map(str, na_action="ignore")
    stripped = texts.astype(object).map(lambda text: text.strip() or None, na_action="ignore")
    return none_where_missing(stripped)


def _tidy(column: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column.dtype) and not column.isna().any():
        return column
    if pd.api.types.is_float_dtype(column.dtype):
        return column.astype("float64")
    texts = _texts(column)
    present = texts.dropna()
    if present.isin(("True", "False")).all():
        return none_where_missing(texts.map({"True": True, "False": False}, na_action="ignore"))
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
