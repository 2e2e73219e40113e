"""Tables for spreadsheet programs: Excel files with pictures, and texts that are not run as formulas."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from molphenix_core.errors import InputError
from molphenix_core.progress import Progress, silent
from molphenix_core.writing import written_aside

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

__all__ = ["Cell", "PictureColumn", "SheetColumn", "guarded", "write_xlsx"]

Cell = str | float | bool | None
"""What a cell holds; None and NaN leave it empty."""

# Of the file format.
_MOST_ROWS = 1_048_576
_MOST_CHARACTERS = 32_767
# Spreadsheets take such a cell of a text file for a formula and run it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z")
_SAMPLED = 200
_WIDTHS = (8, 48)
_PIXELS_A_CHARACTER = 7
_MARGIN = 4
_ROWS_A_STEP = 500


def guarded(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula.

    It is meant for comma- or tab-separated files, where nothing else tells a text from a formula. Numbers stay as
    they are. A text that begins with an apostrophe and would then be one of these gets another, so that taking one
    apostrophe off gives back every text.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> guarded("=1+1"), guarded("-1.5e-3"), guarded("(+)-JQ1")
    ("'=1+1", '-1.5e-3', '(+)-JQ1')
    """
    if not text.lstrip("'").startswith(_FORMULA) or _NUMBER.match(text):
        return text
    return f"'{text}"


@dataclass(frozen=True)
class SheetColumn:
    """A column of values.

    Parameters
    ----------
    title : str
        The cell in the header, with the unit.
    cells : sequence of str, float, bool or None
        Of length n.
    """

    title: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class PictureColumn:
    """A column of pictures, drawn into their cells.

    Parameters
    ----------
    title : str
        The cell in the header.
    pictures : sequence of bytes or None
        PNG files, of length n; None leaves the cell empty.
    width, height : int
        Of a picture in its cell, in pixels of 1/96 inch.
    """

    title: str
    pictures: Sequence[bytes | None]
    width: int = 150
    height: int = 100


def write_xlsx(
    path: str | Path, columns: Sequence[SheetColumn | PictureColumn], *, progress: Progress = silent
) -> None:
    """Write one sheet, aside and then renamed: numbers as numbers, texts as texts, the header frozen.

    Parameters
    ----------
    path : path
        The file to write; one that is there is replaced.
    columns : sequence of SheetColumn or PictureColumn
        All of one length.
    progress : callable
        See :data:`~molphenix_core.progress.Progress`.

    Raises
    ------
    InputError
        More rows or a longer text than the format holds, or a place that cannot be written to.
    Cancelled
        From ``progress``; nothing is written then.
    """
    import xlsxwriter

    n = max((len(_cells(column)) for column in columns), default=0)
    if n >= _MOST_ROWS:
        raise InputError(path, "rows", f"{n:,}", f"at most {_MOST_ROWS - 1:,} in an Excel file; CSV holds more")
    # Row by row to a file of its own: a million rows would else stay in memory until the end.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with written_aside(path) as aside:
        book = xlsxwriter.Workbook(str(aside), options)
        try:
            _fill(book, columns, n, path, progress)
        finally:
            # Only so are its own temporary files closed and removed, when it was cancelled too.
            book.close()


def _fill(
    book: Workbook, columns: Sequence[SheetColumn | PictureColumn], n: int, path: str | Path, progress: Progress
) -> None:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    _write_header(sheet, columns, book.add_format({"bold": True, "bottom": 1, "text_wrap": True}))
    centred = book.add_format({"valign": "vcenter"})
    tallest = max((c.height for c in columns if isinstance(c, PictureColumn)), default=0)
    for row in range(n):
        if row % _ROWS_A_STEP == 0:
            progress(row / n, "Writing rows")
        if tallest:
            sheet.set_row_pixels(row + 1, tallest + 2 * _MARGIN)
        for at, column in enumerate(columns):
            if isinstance(column, PictureColumn):
                _draw(sheet, row + 1, at, column, column.pictures[row])
            else:
                _write(sheet, row + 1, at, column.cells[row], centred, path, column.title)
    if n and columns:
        sheet.autofilter(0, 0, n, len(columns) - 1)


def _cells(column: SheetColumn | PictureColumn) -> Sequence[object]:
    return column.pictures if isinstance(column, PictureColumn) else column.cells


def _write_header(sheet: Worksheet, columns: Sequence[SheetColumn | PictureColumn], bold: Format) -> None:
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column.title, bold)
        if isinstance(column, PictureColumn):
            sheet.set_column_pixels(at, at, column.width + 2 * _MARGIN)
        else:
            shown = (len(_shown(cell)) for cell in column.cells[:_SAMPLED])
            # Room for the arrow of the filter.
            width = max(len(column.title) + 3, *shown, _WIDTHS[0])
            sheet.set_column_pixels(at, at, min(width, _WIDTHS[1]) * _PIXELS_A_CHARACTER + 5)


def _shown(cell: Cell) -> str:
    return f"{cell:.10g}" if isinstance(cell, float) else str(cell or "")


def _write(sheet: Worksheet, row: int, at: int, cell: Cell, how: Format, path: str | Path, title: str) -> None:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, at, cell, how)
    elif isinstance(cell, str):
        if len(cell) > _MOST_CHARACTERS:
            expected = f"at most {_MOST_CHARACTERS:,} in a cell of an Excel file; CSV holds more"
            raise InputError(path, f"{title}, row {row}", f"{len(cell):,} characters", expected)
        sheet.write_string(row, at, cell, how)
    elif math.isinf(cell):
        # The format has no infinite numbers.
        sheet.write_string(row, at, "inf" if cell > 0 else "-inf", how)
    else:
        sheet.write_number(row, at, cell, how)


def _draw(sheet: Worksheet, row: int, at: int, column: PictureColumn, picture: bytes | None) -> None:
    if picture is None:
        return
    width, height, dots = _png_size(picture)
    # The library lays a picture out by the resolution that its file names.
    natural = (width * 96 / dots, height * 96 / dots)
    scale = min(column.width / natural[0], column.height / natural[1])
    options = {
        "image_data": BytesIO(picture),
        "x_offset": _MARGIN,
        "y_offset": _MARGIN,
        "x_scale": scale,
        "y_scale": scale,
        # Sorted, filtered and resized with its cell.
        "object_position": 1,
        "decorative": True,
    }
    sheet.insert_image(row, at, f"{row}.png", options)


def _png_size(picture: bytes) -> tuple[int, int, float]:
    """Width and height in pixels, and pixels an inch."""
    width, height = struct.unpack(">II", picture[16:24])
    place = picture.find(b"pHYs", 0, picture.find(b"IDAT"))
    if place > 0:
        a_metre, _, unit = struct.unpack(">IIB", picture[place + 4 : place + 13])
        if unit == 1 and a_metre:
            return width, height, a_metre * 0.0254
    return width, height, 96.0
