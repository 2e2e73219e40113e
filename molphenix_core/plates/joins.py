"""Joining plate maps and compound tables to the wells of a profile table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from molphenix_core.errors import TableError
from molphenix_core.plates.columns import CONCENTRATION_UNIT, PLATE_MAP
from molphenix_core.plates.plate import BATCH, COMPOUND, CONCENTRATION, INCHIKEY, NAME, PLATE, WELL

__all__ = ["NOT_OF_A_COMPOUND", "Join", "join_compounds", "join_plate_map"]

NOT_OF_A_COMPOUND = (PLATE, WELL, BATCH, PLATE_MAP, CONCENTRATION, CONCENTRATION_UNIT)
"""Fields that a compound table may have but that tell of its stocks, such as the concentration of a solution."""


@dataclass(frozen=True)
class Join:
    """What a join did.

    Parameters
    ----------
    source : str
        File of the plate map or compound table.
    by : tuple of str
        Columns whose values had to be equal.
    joined, wells : int
        Wells with a match, and wells that have all of the key.
    not_found : tuple of str
        Keys of wells for which the file has no row.
    unused : int
        Rows of the file that no well asked for.
    added : tuple of str
        Columns that were new or had gaps to fill.
    disagreeing : dict
        Per column, the wells where both have a value and the two differ (the profile table's is kept).
    """

    source: str
    by: tuple[str, ...]
    joined: int
    wells: int
    not_found: tuple[str, ...]
    unused: int
    added: tuple[str, ...]
    disagreeing: dict[str, int]

    def __str__(self) -> str:
        text = f"{Path(self.source).name}: joined {self.joined:,} of {self.wells:,} wells by {' + '.join(self.by)}"
        text += f"; filled {', '.join(self.added) or 'nothing'}"
        if self.not_found:
            more = ", ..." if len(self.not_found) > 5 else ""
            text += f"; {len(self.not_found):,} not found: {', '.join(self.not_found[:5])}{more}"
        if self.unused:
            text += f"; {self.unused:,} of its rows not used"
        for column, count in self.disagreeing.items():
            text += f"; {column} differs in {count:,} wells (the profile table's was kept)"
        return text


def join_plate_map(wells: pd.DataFrame, plate_map: pd.DataFrame, source: str | Path) -> tuple[pd.DataFrame, Join]:
    """Fill the wells' columns from a plate map, by barcode and well, by plate-map name and well, or by well.

    Parameters
    ----------
    wells, plate_map : pandas.DataFrame
        Columns by their names in the plate file, wells as "A01", texts stripped and null where empty.
    source : path
        The plate map's file.

    Returns
    -------
    pandas.DataFrame
        The wells in their order, with the map's columns; where both have a value, their own stays.
    Join

    Raises
    ------
    TableError
        When there are no wells to join by, the map holds several plates that the wells do not name, two rows of
        it differ for one well, or nothing matches.
    """
    if WELL not in plate_map:
        raise TableError(source, WELL, "no such column", "a plate map with one row a well")
    if WELL not in wells or wells[WELL].isna().all():
        raise TableError(source, WELL, "a plate map for a profile table without wells", "wells in that table")
    by: tuple[str, ...]
    for name in (PLATE, PLATE_MAP):
        if name in plate_map and name in wells:
            by = (name, WELL)
            break
    else:
        by = (WELL,)
        for name in (PLATE, PLATE_MAP):
            if name in plate_map and plate_map[name].nunique() > 1:
                found = f"{plate_map[name].nunique()} plates, and no such column in the profile table"
                raise TableError(source, name, found, "the same column there, or a map of one plate")
    return _join(wells, plate_map, by, source)


def join_compounds(wells: pd.DataFrame, compounds: pd.DataFrame, source: str | Path) -> tuple[pd.DataFrame, Join]:
    """Fill the wells' columns from a compound table, by compound id, else by name, else by InChIKey.

    The table must not hold :data:`NOT_OF_A_COMPOUND`.

    Parameters
    ----------
    wells, compounds : pandas.DataFrame
        Columns by their names in the plate file, texts stripped and null where empty.
    source : path
        The compound table's file.

    Returns
    -------
    pandas.DataFrame
        The wells in their order, with the table's columns; where both have a value, their own stays.
    Join

    Raises
    ------
    TableError
        When nothing matches, or two rows of it differ for one compound that the wells name.
    """
    shared = [name for name in (COMPOUND, NAME, INCHIKEY) if name in wells and name in compounds]
    if not shared:
        found = f"{_listed(compounds)} against {_listed(wells)} in the profile table"
        raise TableError(source, "key", found, "a compound id, name or InChIKey in both")
    for name in shared:
        if _keys(wells, (name,)).dropna().isin(_keys(compounds, (name,))).any():
            return _join(wells, compounds, (name,), source)
    first = _keys(wells, (shared[0],)).dropna()
    example = repr(wells[shared[0]].dropna().iloc[0]) if len(first) else "no value"
    raise TableError(source, shared[0], f"none of the wells' values (such as {example})", "the same compounds")


def _listed(table: pd.DataFrame) -> str:
    found = [name for name in (COMPOUND, NAME, INCHIKEY) if name in table]
    return " and ".join(found) or "none of them"


def _keys(table: pd.DataFrame, by: tuple[str, ...]) -> pd.Series:
    """One text a row to compare, null where a part of the key is; names compare in any case."""
    parts = [table[name].map(str.casefold, na_action="ignore") if name == NAME else table[name] for name in by]
    keys = [None if any(pd.isna(part) for part in row) else "\0".join(row) for row in zip(*parts, strict=True)]
    return pd.Series(keys, index=table.index, dtype=object)


def _join(
    wells: pd.DataFrame, other: pd.DataFrame, by: tuple[str, ...], source: str | Path
) -> tuple[pd.DataFrame, Join]:
    keys, other_keys = _keys(wells, by), _keys(other, by)
    asked = other_keys.isin(keys.dropna())
    rows = other[asked].assign(**{"\0key": other_keys[asked]}).drop_duplicates()
    twice = rows["\0key"].duplicated(keep=False)
    if twice.any():
        key = rows.loc[twice, "\0key"].iloc[0]
        same = rows[rows["\0key"] == key]
        differing = [name for name in other.columns if name not in by and same[name].nunique(dropna=False) > 1]
        raise TableError(
            source,
            " + ".join(by),
            f"{key.replace(chr(0), ' ')!r} in {len(same)} rows that differ in {', '.join(differing) or by[0]}",
            "one row for each",
        )
    if rows.empty:
        example = keys.dropna().iloc[0].replace("\0", " ") if keys.notna().any() else "none"
        raise TableError(source, " + ".join(by), f"none of the wells' values (such as {example!r})", "the same")
    table = rows.set_index("\0key")
    wells = wells.copy()
    added: list[str] = []
    disagreeing: dict[str, int] = {}
    for name in (name for name in other.columns if name not in by):
        values = keys.map(table[name], na_action="ignore")
        if name not in wells:
            wells[name] = values
            added.append(name)
            continue
        gaps = wells[name].isna() & values.notna()
        differ = int((wells[name].notna() & values.notna() & (wells[name] != values)).sum())
        if differ:
            disagreeing[name] = differ
        if gaps.any():
            wells[name] = wells[name].where(~gaps, values)
            added.append(name)
    found = keys.isin(table.index)
    missing = keys[keys.notna() & ~found].drop_duplicates()
    shown: list[str] = list(wells.loc[missing.index, list(by)].agg(" ".join, axis=1)) if len(missing) else []
    join = Join(
        source=str(source),
        by=by,
        joined=int(found.sum()),
        wells=int(keys.notna().sum()),
        not_found=tuple(shown),
        unused=int((~asked).sum()),
        added=tuple(added),
        disagreeing=disagreeing,
    )
    return wells, join
