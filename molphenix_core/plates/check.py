"""The rules that every plate keeps, checked where plates enter."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.errors import PlateFileError
from molphenix_core.plates.plate import (
    CONCENTRATION,
    CONTROL_TYPE,
    NEGATIVE_CONTROL,
    PERTURBATION_TYPE,
    PLATE,
    SMILES,
    WELL,
)
from molphenix_core.plates.wells import parse_wells, well_name

__all__ = ["check_embeddings", "check_names", "checked_wells", "none_where_missing"]


def check_embeddings(source: str | Path, values: NDArray[np.float32], wells: pd.DataFrame) -> None:
    """Refuse embeddings that hold no numbers, or numbers that are not finite.

    Parameters
    ----------
    source : path
        The file, for messages.
    values : float32 (n_wells, d)
    wells : pandas.DataFrame (n_wells rows)
        Its index names the wells in messages.

    Raises
    ------
    PlateFileError
        Naming the first well at fault.
    """
    if values.shape[0] == 0 or values.shape[1] == 0:
        raise PlateFileError(source, "X", f"shape {values.shape}", "at least one well and one feature")
    # A sum is finite only if all its terms are: one pass without a mask of the whole array.
    with np.errstate(over="ignore", invalid="ignore"):
        suspects = np.flatnonzero(~np.isfinite(values.sum(axis=1, dtype=np.float64)))
    bad = [int(row) for row in suspects if not np.isfinite(values[row]).all()]
    if bad:
        raise PlateFileError(
            source,
            f"X, well {wells.index[bad[0]]!s}",
            f"NaN or infinite values in {len(bad)} of {len(values)} wells",
            "finite numbers (drop those wells, or fill them when converting)",
        )


def check_names(source: str | Path, wells: pd.DataFrame, feature_names: tuple[str, ...], width: int) -> None:
    """Refuse feature names that do not fit the embeddings, and names or texts that HDF5 cannot hold.

    Parameters
    ----------
    source : path
        The file, for messages.
    wells : pandas.DataFrame (n_wells rows)
    feature_names : tuple of str
    width : int
        Features of the embeddings.

    Raises
    ------
    PlateFileError
        Naming the column at fault.
    """
    if len(feature_names) != width:
        raise PlateFileError(source, "var_names", f"{len(feature_names)} names", f"{width}, one a column of X")
    twice = pd.Series(feature_names, dtype=object).duplicated()
    if twice.any():
        name = feature_names[int(twice.to_numpy().argmax())]
        raise PlateFileError(source, "var_names", f"{name!r} more than once", "each feature named once")
    _check_texts(source, "var_names", feature_names)
    _check_texts(source, "obs_names", wells.index)
    columns = [str(name) for name in wells.columns]
    for name in columns:
        if name in ("", ".", "..", "_index") or "/" in name or columns.count(name) > 1:
            raise PlateFileError(source, f"obs column {name!r}", "this name", "a unique name without '/'")
        _check_texts(source, f"obs column {name!r}", [name])
        if wells[name].dtype.kind in "cmM":
            raise PlateFileError(source, name, f"type {wells[name].dtype}", "text, numbers or booleans")
        if wells[name].dtype == object:
            _check_texts(source, name, wells[name].dropna().unique())
        elif isinstance(wells[name].dtype, pd.CategoricalDtype):
            _check_texts(source, name, wells[name].cat.categories)


def _check_texts(source: str | Path, field: str, texts: Iterable[object]) -> None:
    for text in texts:
        if "\0" in str(text):
            raise PlateFileError(source, field, f"a NUL character in {text!r}", "text")
        try:
            str(text).encode()
        except UnicodeEncodeError:
            raise PlateFileError(source, field, f"half a character in {text!r}", "text") from None


def checked_wells(source: str | Path, wells: pd.DataFrame) -> pd.DataFrame:
    """Wells with the columns of the contract, each checked and in its canonical form.

    Well names become "A01"; missing columns are added as unknown; a null control type of a control
    means that its kind is not known.

    Parameters
    ----------
    source : path
        The file, for messages.
    wells : pandas.DataFrame (n_wells rows)
        As read; not changed.

    Returns
    -------
    pandas.DataFrame (n_wells rows)
        A copy; concentrations float64 in micromolar, NaN where unknown, texts with None where missing.

    Raises
    ------
    PlateFileError
        Duplicate wells, wells off the plate, a concentration that is no positive number, and the like.
    """
    wells = wells.copy()
    for column in (PLATE, WELL, CONTROL_TYPE, SMILES):
        if column not in wells:
            wells[column] = None
        wells[column] = _texts(wells[column])
    if PERTURBATION_TYPE not in wells:
        wells[PERTURBATION_TYPE] = None
    told = pd.Series(np.where(wells[CONTROL_TYPE].notna(), "control", "trt"), index=wells.index, dtype=object)
    stated = _texts(wells[PERTURBATION_TYPE])
    wells[PERTURBATION_TYPE] = stated.where(stated.notna(), told)
    wells[CONCENTRATION] = _concentrations(source, wells)
    _check_kinds(source, wells)
    wells[WELL] = _wells(source, wells[WELL])
    _check_unique(source, wells)
    return wells


def none_where_missing(column: pd.Series) -> pd.Series:
    """The same cells as objects, with None for every kind of missing value.

    Parameters
    ----------
    column : pandas.Series (n,)

    Returns
    -------
    pandas.Series of object (n,)
    """
    cells = column.to_numpy(dtype=object, copy=True)
    cells[column.isna().to_numpy()] = None
    return pd.Series(cells, index=column.index, dtype=object)


def _texts(column: pd.Series) -> pd.Series:
    return none_where_missing(column).map(lambda value: None if value is None else str(value).strip() or None)


def _concentrations(source: str | Path, wells: pd.DataFrame) -> pd.Series:
    if CONCENTRATION not in wells:
        return pd.Series(np.nan, index=wells.index, dtype=np.float64)
    values = pd.to_numeric(wells[CONCENTRATION], errors="coerce").astype(np.float64)
    unreadable = values.isna() & wells[CONCENTRATION].notna()
    treated = wells[PERTURBATION_TYPE] == "trt"
    wrong = np.isinf(values) | (values < 0) | (treated & (values == 0)) | unreadable
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise PlateFileError(
            source,
            f"{CONCENTRATION}, well {wells.index[row]!s}",
            repr(wells[CONCENTRATION].iloc[row]),
            "micromolar, above zero for a treatment; empty where unknown",
        )
    return values.where(treated | (values > 0))


def _check_kinds(source: str | Path, wells: pd.DataFrame) -> None:
    kinds = wells[PERTURBATION_TYPE]
    wrong = ~kinds.isin(("trt", "control"))
    if wrong.any():
        raise PlateFileError(source, PERTURBATION_TYPE, repr(kinds[wrong].iloc[0]), "'trt' or 'control'")
    control = wells[CONTROL_TYPE].dropna()
    wrong = ~(control.eq(NEGATIVE_CONTROL) | control.str.startswith("poscon"))
    if wrong.any():
        raise PlateFileError(source, CONTROL_TYPE, repr(control[wrong].iloc[0]), "'negcon', 'poscon...' or empty")


def _wells(source: str | Path, names: pd.Series) -> pd.Series:
    positions = parse_wells(names)
    off = (positions[:, 0] < 0) & names.notna().to_numpy()
    if off.any():
        raise PlateFileError(
            source, WELL, f"{names[off].iloc[0]!r} ({int(off.sum())} such)", "a well from A01 to AF48"
        )
    canonical = [well_name(int(r), int(c)) if r >= 0 else None for r, c in positions]
    return pd.Series(canonical, index=names.index, dtype=object)


def _check_unique(source: str | Path, wells: pd.DataFrame) -> None:
    placed = wells.loc[wells[WELL].notna(), [PLATE, WELL]].fillna("")
    twice = placed.duplicated([PLATE, WELL])
    if twice.any():
        first = placed[twice].iloc[0]
        raise PlateFileError(
            source,
            f"{PLATE}/{WELL}",
            f"well {first[WELL]} of plate {first[PLATE]} more than once ({int(twice.sum())} such)",
            "each well once a plate",
        )
    if not wells.index.is_unique:
        name = wells.index[wells.index.duplicated()][0]
        raise PlateFileError(source, "obs_names", f"{name!r} more than once", "unique names (plate:well)")
