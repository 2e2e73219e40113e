"""AnnData's on-disk encoding of tables and dictionaries in HDF5, as far as plate files need it.

Reference: https://anndata.readthedocs.io, "On-disk format", encoding versions "array" 0.2.0,
"string-array" 0.2.0, "categorical" 0.2.0, "dataframe" 0.2.0, "dict" 0.1.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from molphenix_core.errors import PlateFileError

__all__ = ["read_column", "read_table", "refuse_outside_links", "write_dict", "write_table"]

_TEXT = h5py.string_dtype("utf-8")
_SMALL_BYTES = 2**20
_MOST_COMPRESSED = 1000


def _mark(node: h5py.Group | h5py.Dataset, kind: str, version: str) -> None:
    node.attrs["encoding-type"] = kind
    node.attrs["encoding-version"] = version


def _write_texts(parent: h5py.Group, name: str, texts: list[str]) -> None:
    dataset = parent.create_dataset(name, data=np.array(texts, dtype=object), dtype=_TEXT, shape=(len(texts),))
    _mark(dataset, "string-array", "0.2.0")


def _write_column(parent: h5py.Group, name: str, column: pd.Series) -> None:
    if pd.api.types.is_numeric_dtype(column.dtype):  # booleans included
        if pd.api.types.is_extension_array_dtype(column.dtype) and column.isna().any():
            column = column.astype(object if pd.api.types.is_bool_dtype(column.dtype) else np.float64)
        else:
            column = pd.Series(column.to_numpy())
    if column.dtype != object and pd.api.types.is_numeric_dtype(column.dtype):
        _mark(parent.create_dataset(name, data=column.to_numpy()), "array", "0.2.0")
        return
    column = column.astype(object)  # categories too: their mapped values would be categories again
    present = column.dropna()
    if len(present) and present.map(lambda value: isinstance(value, bool | np.bool_)).all():
        group = parent.create_group(name)
        _mark(group, "nullable-boolean", "0.1.0")
        values = np.array([value is not None and not pd.isna(value) and bool(value) for value in column])
        _mark(group.create_dataset("values", data=values), "array", "0.2.0")
        _mark(group.create_dataset("mask", data=column.isna().to_numpy()), "array", "0.2.0")
        return
    # Categories are the one encoding of texts with nulls that every version of AnnData reads.
    codes, categories = pd.factorize(column.map(lambda v: None if pd.isna(v) else str(v)))
    group = parent.create_group(name)
    _mark(group, "categorical", "0.2.0")
    group.attrs["ordered"] = False
    width = np.int16 if len(categories) < 2**15 else np.int32
    _mark(group.create_dataset("codes", data=codes.astype(width)), "array", "0.2.0")
    _write_texts(group, "categories", [str(c) for c in categories])


def write_table(parent: h5py.Group, name: str, table: pd.DataFrame) -> None:
    """Write a table as an AnnData "dataframe" group.

    Parameters
    ----------
    parent : h5py.Group
    name : str
        Of the new group in it.
    table : pandas.DataFrame
        Texts, numbers, booleans or categories.
    """
    group = parent.create_group(name)
    _mark(group, "dataframe", "0.2.0")
    group.attrs["_index"] = "_index"
    columns = [str(c) for c in table.columns]
    group.attrs.create("column-order", np.array(columns, dtype=object), dtype=_TEXT, shape=(len(columns),))
    _write_texts(group, "_index", [str(v) for v in table.index])
    for column in columns:
        _write_column(group, column, table[column])


def write_dict(parent: h5py.Group, name: str, content: Mapping[str, object]) -> None:
    """Write texts, numbers, lists of texts and further dictionaries as an AnnData "dict" group.

    Parameters
    ----------
    parent : h5py.Group
    name : str
        Of the new group in it.
    content : mapping
        By keys without "/".

    Raises
    ------
    TypeError
        For a value of any other type.
    """
    group = parent.create_group(name)
    _mark(group, "dict", "0.1.0")
    for key, value in content.items():
        if isinstance(value, Mapping):
            write_dict(group, key, value)
        elif isinstance(value, str):
            _mark(group.create_dataset(key, data=value, dtype=_TEXT), "string", "0.2.0")
        elif isinstance(value, bool | int | float):
            _mark(group.create_dataset(key, data=value), "numeric-scalar", "0.2.0")
        elif isinstance(value, list | tuple):
            _write_texts(group, key, [str(v) for v in value])
        else:
            raise TypeError(f"{name}/{key}: cannot write {type(value).__name__}")


def refuse_outside_links(source: str | Path, file: h5py.File) -> None:
    """Refuse a file that would make the reader follow links, data outside of it, or far more data than it holds.

    Parameters
    ----------
    source : path
        The file, for messages.
    file : h5py.File
        Open for reading.

    Raises
    ------
    PlateFileError
        Naming the first such place.
    """
    _refuse(source, file, "", set())


def _refuse(source: str | Path, group: h5py.Group, path: str, seen: set[int]) -> None:
    if path.count("/") > 8:
        raise PlateFileError(source, path, "groups nested over eight deep", "a plate file")
    for name in group:
        where = f"{path}/{name}"
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise PlateFileError(source, where, "a link", "data within the file itself")
        node = group[name]
        # Hard links may make circles, or a tree with more branches than there are objects.
        address = h5py.h5o.get_info(node.id).addr
        if address in seen:
            continue
        seen.add(address)
        if isinstance(node, h5py.Group):
            _refuse(source, node, where, seen)
        elif isinstance(node, h5py.Dataset):
            _refuse_data(source, node, where)


def _refuse_data(source: str | Path, node: h5py.Dataset, where: str) -> None:
    if node.is_virtual or node.external:
        raise PlateFileError(source, where, "data kept in another file", "data within the file itself")
    size, stored = (node.size or 0) * node.dtype.itemsize, node.id.get_storage_size()
    if size > _SMALL_BYTES and stored * _MOST_COMPRESSED < size:
        raise PlateFileError(source, where, f"{size:,} bytes of which {stored:,} are stored", "whole data")


def _texts(source: str | Path, dataset: h5py.Dataset) -> np.ndarray:
    try:
        return np.array(dataset.asstr()[...], dtype=object)
    except (TypeError, UnicodeDecodeError) as error:
        raise PlateFileError(source, dataset.name, str(error), "UTF-8 text") from error


def _one_dimensional(source: str | Path, node: h5py.Dataset, length: int | None) -> None:
    if node.ndim != 1 or (length is not None and len(node) != length):
        expected = "one value a well" if length is None else f"shape ({length},)"
        raise PlateFileError(source, node.name, f"shape {node.shape}", expected)


def read_column(source: str | Path, node: h5py.Group | h5py.Dataset, length: int | None) -> pd.Series:
    """One column of a table.

    Parameters
    ----------
    source : path
        The file, for messages.
    node : h5py.Group or h5py.Dataset
        The column: an array, a string array, a categorical or a nullable array.
    length : int or None
        Rows that it must have; None where any number will do.

    Returns
    -------
    pandas.Series (n,)
        Texts and booleans with gaps as objects, null as None; else numbers (NaN where missing) or booleans.

    Raises
    ------
    PlateFileError
        For a length other than the table's, a damaged or unknown encoding.
    """
    if isinstance(node, h5py.Dataset):
        _one_dimensional(source, node, length)
        if h5py.check_string_dtype(node.dtype) is not None:
            return pd.Series(_texts(source, node), dtype=object)
        if node.dtype.kind not in "biuf":
            raise PlateFileError(source, node.name, f"type {node.dtype}", "text, numbers or booleans")
        return pd.Series(node[...].astype(node.dtype.newbyteorder("=")))
    kind = str(node.attrs.get("encoding-type", ""))
    parts = {"categorical": ("codes", "categories")}.get(kind, ("values", "mask"))
    if kind != "categorical" and not kind.startswith("nullable-"):
        raise PlateFileError(source, node.name, f"encoding {kind!r}", "an AnnData column")
    for part in parts:
        if not isinstance(node.get(part), h5py.Dataset):
            raise PlateFileError(source, f"{node.name}/{part}", "nothing", f"the {part} of the column")
    first, second = node[parts[0]], node[parts[1]]
    _one_dimensional(source, first, length)
    if kind == "categorical":
        return _decode(source, first, read_column(source, second, None))
    _one_dimensional(source, second, len(first))
    values, missing = read_column(source, first, length), second[...].astype(bool)
    if values.dtype.kind in "iuf":
        return values.where(~missing) if missing.any() else values
    return values.astype(object).mask(missing, None) if missing.any() else values


def _decode(source: str | Path, codes: h5py.Dataset, categories: pd.Series) -> pd.Series:
    values = codes[...]
    if values.dtype.kind not in "iu" or (len(values) and (values.min() < -1 or values.max() >= len(categories))):
        raise PlateFileError(source, codes.name, "codes outside the categories", f"-1 to {len(categories) - 1}")
    table = np.array([*categories, None], dtype=object)
    return pd.Series(table[values], dtype=object)


def read_table(source: str | Path, parent: h5py.Group, name: str, length: int) -> pd.DataFrame:
    """A "dataframe" group of a known number of rows.

    Parameters
    ----------
    source : path
        The file, for messages.
    parent : h5py.Group
    name : str
        Of the group in it.
    length : int
        Rows that the table must have.

    Returns
    -------
    pandas.DataFrame (length, n_columns)
        Index of texts; columns in their stored order.

    Raises
    ------
    PlateFileError
        When it is none, or a column is damaged.
    """
    group = parent.get(name)
    if not isinstance(group, h5py.Group):
        raise PlateFileError(source, name, "no table", "an AnnData dataframe group")
    index_name = group.attrs.get("_index", "_index")
    if isinstance(index_name, bytes):
        index_name = index_name.decode("utf-8", "replace")
    if index_name not in group:
        raise PlateFileError(source, f"{group.name}/{index_name}", "nothing", "the names of the rows")
    index = read_column(source, group[index_name], length)
    columns = {label: read_column(source, group[label], length) for label in group if label != index_name}
    order = [str(label) for label in group.attrs.get("column-order", ()) if str(label) in columns]
    order += [label for label in columns if label not in order]
    table = pd.DataFrame({label: columns[label].to_numpy() for label in order}, index=index.astype(str).to_numpy())
    table.index.name = None
    return table
