"""Tables as files: comma-separated values for programs, Excel files for people.

Numbers are written in full and without a locale. A file of comma-separated values has no way to mark a text as a
text, and spreadsheets run one that begins with "=", "+", "-" or "@" as a formula: such a text has an apostrophe in
front, and :class:`Saved` counts them, so that whoever saved the table can say so. Excel files hold plain texts.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from molphenix_core.errors import InputError
from molphenix_core.progress import Progress, silent
from molphenix_core.spreadsheet import Cell, PictureColumn, SheetColumn, guarded, write_xlsx
from molphenix_core.writing import written_aside

__all__ = ["ENDINGS", "ExportColumn", "Saved", "header", "save_table"]

ENDINGS = {".csv": "Comma-separated values", ".xlsx": "Excel workbook"}
"""The formats of tables by the ending of a file's name."""

_ROWS_A_STEP = 2000
# Whole numbers up to here are exact as float64, and written without ".0".
_EXACT = 2**53


class ExportColumn(Protocol):
    """A column as tables of the window hold it: see :class:`app.views.table.TableColumn`."""

    @property
    def title(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def values(self) -> NDArray[Any]: ...
    @property
    def categories(self) -> Sequence[str] | None: ...


@dataclass(frozen=True)
class Saved:
    """A table that was written.

    Parameters
    ----------
    path : str
    rows : int
    guarded : int
        Texts that have an apostrophe in front, because a spreadsheet would run them as formulas.
    """

    path: str
    rows: int
    guarded: int = 0


def save_table(
    path: str | Path,
    columns: Sequence[ExportColumn],
    rows: NDArray[np.integer] | None = None,
    *,
    pictures: Sequence[bytes | None] | None = None,
    progress: Progress = silent,
) -> Saved:
    """Write a table as CSV or XLSX, by the ending of the name; aside, and then renamed.

    Parameters
    ----------
    path : path
        Ending in ``.csv`` or ``.xlsx``; a file that is there is replaced.
    columns : sequence of ExportColumn
        Numbers (``kind`` "number"), flags (1, 0, NaN) or texts (indices into ``categories``, -1 where null). Their
        titles, with units in brackets, are the header.
    rows : int (m,), optional
        The rows to write, in their order; by default all.
    pictures : sequence of bytes or None, optional
        PNG files of the structures in the m rows written, for the first column of an XLSX file. A CSV file holds
        none.
    progress : callable
        See :data:`~molphenix_core.progress.Progress`.

    Returns
    -------
    Saved

    Raises
    ------
    InputError
        For another ending, more rows or a longer text than the format holds, or a place that cannot be written to.
    Cancelled
        From ``progress``; nothing is written then.
    """
    path = Path(path)
    n = max((len(column.values) for column in columns), default=0)
    chosen = np.arange(n) if rows is None else np.asarray(rows, dtype=np.intp)
    ending = path.suffix.lower()
    if ending == ".csv":
        return Saved(str(path), len(chosen), _save_csv(path, columns, chosen, progress))
    if ending == ".xlsx":
        sheet: list[SheetColumn | PictureColumn] = [
            SheetColumn(header(column), _cells(column, chosen)) for column in columns
        ]
        if pictures is not None:
            sheet.insert(0, PictureColumn("Structure", pictures))
        write_xlsx(path, sheet, progress=progress)
        return Saved(str(path), len(chosen))
    raise InputError(path, "file name", path.suffix or "no ending", " or ".join(ENDINGS))


def header(column: ExportColumn) -> str:
    """The title with its unit, as every format names the column."""
    return f"{column.title} ({column.unit})" if column.unit else column.title


def _cells(column: ExportColumn, rows: NDArray[np.intp]) -> list[Cell]:
    """Values of some rows as plain numbers, truths and texts; None where there is none."""
    values = np.asarray(column.values)[rows]
    categories = column.categories
    if categories is not None:
        return [categories[code] if code >= 0 else None for code in values.tolist()]
    if column.kind == "flag":
        return [None if value != value else bool(value) for value in values.tolist()]
    # Of float32 the shortest text that is still the same number, not the digits of its double.
    plain = values.tolist() if values.dtype != np.float32 else [float(str(value)) for value in values]
    return [None if value != value else value for value in plain]


def _save_csv(path: Path, columns: Sequence[ExportColumn], rows: NDArray[np.intp], progress: Progress) -> int:
    n_guarded = 0

    def text(cell: Cell) -> str:
        nonlocal n_guarded
        if cell is None:
            return ""
        if isinstance(cell, str):
            safe = guarded(cell)
            n_guarded += safe != cell
            return safe
        if isinstance(cell, bool):
            return "true" if cell else "false"
        return repr(int(cell)) if cell == cell // 1 and abs(cell) < _EXACT else repr(cell)

    with written_aside(path) as aside, aside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([guarded(header(column)) for column in columns])
        for start in range(0, len(rows), _ROWS_A_STEP):
            progress(start / len(rows), "Writing rows")
            part = [map(text, _cells(column, rows[start : start + _ROWS_A_STEP])) for column in columns]
            writer.writerows(zip(*part, strict=True))
    return n_guarded
