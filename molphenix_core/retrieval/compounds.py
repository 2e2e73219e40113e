"""Tables of compounds, from which libraries are built."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from molphenix_core.errors import TableError
from molphenix_core.plates.columns import find_columns
from molphenix_core.plates.plate import COMPOUND, MECHANISM, NAME, SMILES
from molphenix_core.plates.tables import read_profile_table

__all__ = ["read_compound_table"]

_FIELDS = {"smiles": SMILES, "name": NAME, "mechanism": MECHANISM, "compound_id": COMPOUND}


def read_compound_table(path: str | Path) -> pd.DataFrame:
    """Read the compounds of a table, its columns guessed by their names.

    Parameters
    ----------
    path : path
        CSV or TSV (gzipped or not) or Parquet with a column of SMILES, and perhaps of names, compound ids and
        mechanisms in any of the field's names; or ``.smi``: a SMILES a line, then white space and perhaps a name.

    Returns
    -------
    pandas.DataFrame
        Columns ``smiles``, ``name``, ``mechanism``, ``compound_id`` (str, empty where unknown), rows as in the
        file.

    Raises
    ------
    TableError
        The file cannot be read, or no column is one of SMILES.
    """
    path = Path(path)
    frame = _read_smi(path) if path.suffix.lower() == ".smi" else _read_table(path)
    if not len(frame):
        raise TableError(path, "file", "no rows", "at least one compound")
    return frame


def _read_table(path: Path) -> pd.DataFrame:
    # Everything as text: an id of 0012 is not 12.
    table = read_profile_table(path, as_text=lambda _: True).frame
    found = find_columns(path, table, with_features=False).fields
    if SMILES not in found:
        raise TableError(
            path, "SMILES", "columns " + ", ".join(map(str, table.columns[:8])), "a column named smiles"
        )
    columns = {
        column: table[found[field]].fillna("").astype(str).str.strip() if field in found else ""
        for column, field in _FIELDS.items()
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(len(table)))


def _read_smi(path: Path) -> pd.DataFrame:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(path, "file", str(error), "lines of SMILES in UTF-8") from error
    rows = [line.split(maxsplit=1) for line in lines if line.strip()]
    if rows and rows[0][0].lower() == "smiles":
        del rows[0]
    return pd.DataFrame(
        {
            "smiles": [row[0] for row in rows],
            "name": [row[1].strip() if len(row) > 1 else "" for row in rows],
            "mechanism": "",
            "compound_id": "",
        },
        index=pd.RangeIndex(len(rows)),
    )
