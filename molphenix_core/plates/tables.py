"""Tables from outside: CSV, TSV (gzipped or not) and Parquet, told apart by their content."""

from __future__ import annotations

import csv
import io
import itertools
import re
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from molphenix_core.errors import TableError

__all__ = ["Table", "read_profile_table"]

_MOST_BYTES = 4 * 2**30
_MOST_CELLS = 2 * 10**9
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
_DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]+(?:[eE][+-]?[0-9]+)?")
_DECIMAL_POINT = re.compile(r"-?[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?")
_FOREIGN = {
    b"PK\x03\x04": "a zip archive (an Excel workbook?)",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x89HDF": "an HDF5 file, which needs no conversion if it is a plate file",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}
_READABLE = "a CSV or TSV table (gzipped or not) in UTF-8 or Latin-1, or a Parquet table"


@dataclass(frozen=True)
class Table:
    """A table as it was read.

    Parameters
    ----------
    source : str
        Its file.
    frame : pandas.DataFrame
        Unique, non-empty column names; index 0 to n - 1.
    notes : tuple of str
        What was guessed or left out, as sentences.
    """

    source: str
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()


def read_profile_table(path: str | Path, *, as_text: Callable[[str], object] | None = None) -> Table:
    """Read a profile table, plate map or compound table.

    Text is read as UTF-8, else as Latin-1 (said in the notes); the separator is whichever of comma, semicolon
    and tab splits the header most often.

    Parameters
    ----------
    path : path
        CSV, TSV or either gzipped, or Parquet.
    as_text : callable
        Which columns of a text file, by name, are kept as the texts that stand there: identifiers such as "0012".
        None infers the type of every column.

    Returns
    -------
    Table
        At least one row.

    Raises
    ------
    TableError
        When the file is absent, too large, damaged or of another kind, holds no rows, or names a column twice.
    """
    path = Path(path)
    if not path.is_file():
        raise TableError(path, "file", "nothing there", _READABLE)
    size = path.stat().st_size
    if size > _MOST_BYTES:
        raise TableError(path, "file", f"{size:,} bytes", f"at most {_MOST_BYTES:,}")
    try:
        with path.open("rb") as file:
            start = file.read(4)
        if start == b"PAR1":
            table = _read_parquet(path)
        else:
            table = _read_text(path, _unpacked(path, path.read_bytes()), as_text)
    except OSError as error:
        raise TableError(path, "file", error.strerror or str(error), "a readable file") from error
    if table.frame.empty:
        raise TableError(path, "rows", f"{table.frame.shape[0]} rows", "at least one")
    return table


def _read_parquet(path: Path) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            cells = file.metadata.num_rows * len(schema.names)
            if cells > _MOST_CELLS:
                raise TableError(path, "size", f"{cells:,} cells", f"at most {_MOST_CELLS:,}")
            _refuse_duplicates(path, schema.names)
            if "" in schema.names:
                raise TableError(path, f"column {schema.names.index('') + 1}", "no name", "a name")
            for field in schema:
                if pa.types.is_nested(field.type):
                    raise TableError(path, field.name, f"nested values ({field.type})", "one value a cell")
            frame = file.read().to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise TableError(path, "file", f"damaged Parquet ({error})", "a whole Parquet table") from error
    index = [name for name in frame.columns if name.startswith("__index_level_")]
    return _without(Table(str(path), frame), index, "the index of a data frame")


def _unpacked(path: Path, content: bytes) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    pieces, total = [], 0
    try:
        while content:
            stream = zlib.decompressobj(wbits=31)
            pieces.append(stream.decompress(content, _MOST_BYTES - total + 1))
            total += len(pieces[-1])
            if total > _MOST_BYTES:
                raise TableError(path, "file", f"over {_MOST_BYTES:,} bytes unpacked", "no more than that")
            if not stream.eof:
                raise TableError(path, "file", "a gzip stream that ends too soon", "a whole .gz file")
            content = stream.unused_data
    except zlib.error as error:
        raise TableError(path, "file", f"damaged gzip ({error})", "a whole .gz file") from error
    return b"".join(pieces)


def _read_text(path: Path, content: bytes, as_text: Callable[[str], object] | None) -> Table:
    for magic, what in _FOREIGN.items():
        if content.startswith(magic):
            raise TableError(path, "file", what, _READABLE)
    if b"\0" in content:
        raise TableError(path, "file", "NUL bytes (UTF-16 text or a binary file)", _READABLE)
    notes = []
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
        notes.append("The text is not UTF-8 and was read as Latin-1.")
    filled = (line for line in io.StringIO(text, newline=None) if line.strip())
    lines = list(itertools.islice(filled, 50))
    if not lines:
        raise TableError(path, "header", "an empty file", "names of columns in the first line")
    separator = max(_SEPARATORS, key=lines[0].count)
    names = _fields(path, lines[:1], separator)
    if len(names) < 2:
        raise TableError(path, "header", f"{lines[0][:80]!r}", "names separated by comma, semicolon or tab")
    _refuse_duplicates(path, [name for name in names if name])
    decimal = "." if separator == "," else _decimal(_fields(path, lines[1:], separator))
    if decimal == ",":
        notes.append("Numbers were read with a decimal comma.")
    unnamed = [f"\0{position}" for position, name in enumerate(names) if not name]
    labels = [name or f"\0{position}" for position, name in enumerate(names)]
    frame = _parsed(path, text, labels, separator, decimal, as_text)
    for label in unnamed:
        if not (frame[label].isna().all() or _counts_rows(frame[label])):
            raise TableError(path, f"column {int(label[1:]) + 1}", "values but no name", "a name in the header")
    return _without(Table(str(path), frame, tuple(notes)), unnamed, "no name, and empty or row numbers")


def _parsed(
    path: Path,
    text: str,
    labels: list[str],
    separator: str,
    decimal: str,
    as_text: Callable[[str], object] | None,
) -> pd.DataFrame:
    try:
        with warnings.catch_warnings():
            # pandas drops the surplus of rows longer than the header with no more than this warning.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                io.StringIO(text),
                sep=separator,
                decimal=decimal,
                header=0,
                names=labels,
                index_col=False,
                na_values=["na", "Na"],
                float_precision="round_trip",
                dtype={label: str for label in labels if as_text is not None and as_text(label)},
                low_memory=False,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning, pd.errors.EmptyDataError, ValueError) as error:
        found = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
        expected = f"rows of {len(labels)} fields separated by {_SEPARATORS[separator]}"
        raise TableError(path, "rows", found, expected) from error


def _fields(path: Path, lines: Sequence[str], separator: str) -> list[str]:
    try:
        return [field.strip() for row in csv.reader(lines, delimiter=separator) for field in row]
    except csv.Error as error:
        raise TableError(path, "header", str(error), _READABLE) from error


def _decimal(fields: Sequence[str]) -> str:
    comma = any(_DECIMAL_COMMA.fullmatch(field) for field in fields)
    return "," if comma and not any(_DECIMAL_POINT.fullmatch(field) for field in fields) else "."


def _counts_rows(column: pd.Series) -> bool:
    if not pd.api.types.is_integer_dtype(column.dtype):
        return False
    values = column.to_numpy()
    return any(np.array_equal(values, np.arange(first, first + len(values))) for first in (0, 1))


def _refuse_duplicates(path: Path, names: Sequence[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise TableError(path, "header", f"column {twice[0]!r} more than once", "each column named once")


def _without(table: Table, names: list[str], why: str) -> Table:
    if not names:
        return table
    note = f"Left out {len(names)} column{'s' * (len(names) > 1)}: {why}."
    return Table(table.source, table.frame.drop(columns=names), (*table.notes, note))
