"""Embeddings of molecules that another program computed, such as a pre-trained graph network."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from molphenix_core.errors import TableError

__all__ = ["OutsideEmbeddings"]

_INCHIKEY = re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]")


@dataclass(frozen=True, eq=False)
class OutsideEmbeddings:
    """A table of embeddings keyed by the InChIKey of the standardised molecule.

    Attributes
    ----------
    inchikeys : tuple of str, (m,)
        Each once.
    values : ndarray of float32, (m, width)
        Finite.
    """

    inchikeys: tuple[str, ...]
    values: NDArray[np.float32]

    @classmethod
    def load(cls, path: str | Path) -> OutsideEmbeddings:
        """Read a table.

        Parameters
        ----------
        path : path
            ``.parquet``, ``.csv`` or ``.csv.gz``: a column ``inchikey`` (any case, ``Metadata_`` allowed before
            it), all others numbers.
            ``.npz``: arrays ``inchikey`` (text, (m,)) and ``embedding`` (numbers, (m, width)).

        Returns
        -------
        OutsideEmbeddings

        Raises
        ------
        TableError
            The file cannot be read, has no rows, or holds malformed or repeated keys or values that are not
            finite numbers.
        """
        path = Path(path)
        try:
            keys, values = _read_npz(path) if path.suffix == ".npz" else _read_table(path)
        except (OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile, pa.ArrowException) as error:
            raise TableError(path, "file", str(error), "a Parquet, CSV or .npz table of embeddings") from error
        if values.ndim != 2 or values.shape[1] == 0 or len(values) != len(keys):
            raise TableError(
                path, "embedding", f"shape {values.shape}", f"({len(keys)}, width), one row for each key"
            )
        _check_keys(path, keys)
        wrong = np.argwhere(~np.isfinite(values))
        if wrong.size:
            row, column = wrong[0]
            raise TableError(
                path, f"row {row + 1}, column {column + 1}", str(values[row, column]), "a finite number"
            )
        return cls(tuple(keys), values)

    @property
    def width(self) -> int:
        """Number of columns."""
        return int(self.values.shape[1])

    def compute(self, inchikeys: Sequence[str]) -> NDArray[np.float32]:
        """Look molecules up.

        Parameters
        ----------
        inchikeys : sequence of str, (n,)
            Of standardised molecules.

        Returns
        -------
        ndarray of float32, (n, width)
            A row of NaN where the table lacks a molecule.
        """
        row_of = {key: row for row, key in enumerate(self.inchikeys)}
        rows = np.array([row_of.get(key, -1) for key in inchikeys], dtype=np.int64)
        embeddings = np.full((len(rows), self.width), np.nan, dtype=np.float32)
        embeddings[rows >= 0] = self.values[rows[rows >= 0]]
        return embeddings


def _check_keys(path: Path, keys: list[str]) -> None:
    seen: dict[str, int] = {}
    for row, key in enumerate(keys, start=1):
        if not _INCHIKEY.fullmatch(key):
            raise TableError(path, f"inchikey, row {row}", repr(key[:40]), "an InChIKey of 27 characters")
        if key in seen:
            raise TableError(path, f"inchikey, row {row}", f"{key}, as in row {seen[key]}", "each molecule once")
        seen[key] = row
    if not keys:
        raise TableError(path, "inchikey", "no rows", "at least one molecule")


def _read_npz(path: Path) -> tuple[list[str], NDArray[np.float32]]:
    # Opened here, because numpy leaves a file open that turns out to be no archive.
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        for name in ("inchikey", "embedding"):
            if name not in arrays:
                raise TableError(path, name, "arrays " + ", ".join(arrays.files), f"an array named {name}")
        keys, values = arrays["inchikey"], arrays["embedding"]
    if keys.dtype.kind != "U" or keys.ndim != 1:
        raise TableError(path, "inchikey", f"{keys.dtype} of shape {keys.shape}", "text of shape (m,)")
    if values.dtype.kind not in "fiu":
        raise TableError(path, "embedding", str(values.dtype), "numbers")
    return keys.tolist(), _narrow(values)


def _read_table(path: Path) -> tuple[list[str], NDArray[np.float32]]:
    import pandas as pd

    table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    columns = [str(name) for name in table.columns]
    found = [name for name in columns if name.lower().removeprefix("metadata_") == "inchikey"]
    if len(found) != 1:
        raise TableError(path, "inchikey", "columns " + ", ".join(columns[:8]), "one column named inchikey")
    table.columns = pd.Index(columns)
    numbers = table.drop(columns=found)
    for name in numbers:
        if not pd.api.types.is_numeric_dtype(numbers[name]):
            raise TableError(path, str(name), str(numbers[name].dtype), "numbers")
    keys = table[found[0]].fillna("").astype(str).tolist()
    return keys, _narrow(numbers.to_numpy(dtype=np.float64))


def _narrow(values: NDArray[np.generic]) -> NDArray[np.float32]:
    # A number too large for float32 becomes infinite, and is reported as such.
    with np.errstate(over="ignore"):
        return values.astype(np.float32)
