"""Well names and plate formats (ANSI/SLAS microplates)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["FORMATS", "PlateFormat", "format_for", "parse_well", "parse_wells", "row_label", "well_name"]

_WELL = re.compile(r"\s*([A-Za-z]{1,2})\s*0*([1-9][0-9]?)\s*\Z", re.ASCII)


@dataclass(frozen=True)
class PlateFormat:
    """Rows and columns of a microplate."""

    rows: int
    columns: int

    @property
    def wells(self) -> int:
        """Wells of a plate of this format."""
        return self.rows * self.columns


FORMATS = (PlateFormat(8, 12), PlateFormat(16, 24), PlateFormat(32, 48))
"""The formats supported: 96, 384 and 1536 wells."""


def row_label(row: int) -> str:
    """Letters of a zero-based row: 0 is "A", 26 is "AA", 31 is "AF".

    Parameters
    ----------
    row : int
        From 0 to 31.

    Returns
    -------
    str
    """
    return chr(65 + row) if row < 26 else "A" + chr(65 + row - 26)


def well_name(row: int, column: int) -> str:
    """Name of a zero-based position, columns with two digits: (0, 0) is "A01".

    Parameters
    ----------
    row, column : int
        From zero.

    Returns
    -------
    str
    """
    return f"{row_label(row)}{column + 1:02d}"


def parse_well(text: str) -> tuple[int, int] | None:
    """Position of a well name.

    Parameters
    ----------
    text : str
        Such as "A1", "a01" or "AF48".

    Returns
    -------
    (int, int) or None
        Row and column from zero; None where the text is no well of a 1536-well plate or smaller.
    """
    match = _WELL.match(text)
    if match is None:
        return None
    letters, number = match.group(1).upper(), int(match.group(2))
    row = ord(letters) - 65 if len(letters) == 1 else 26 + ord(letters[1]) - 65
    largest = FORMATS[-1]
    if len(letters) == 2 and letters[0] != "A":
        return None
    if row >= largest.rows or number > largest.columns:
        return None
    return row, number - 1


def parse_wells(texts: Iterable[object]) -> NDArray[np.int16]:
    """Positions of many well names.

    Parameters
    ----------
    texts : iterable (n)
        Anything: what is no text is no well name.

    Returns
    -------
    int16 (n, 2)
        Row and column from zero, both -1 where it is none.
    """
    known: dict[object, tuple[int, int]] = {}
    positions = []
    for text in texts:
        if text not in known:
            known[text] = (parse_well(text) if isinstance(text, str) else None) or (-1, -1)
        positions.append(known[text])
    return np.array(positions, dtype=np.int16).reshape(-1, 2)


def format_for(positions: NDArray[np.int16]) -> PlateFormat:
    """Smallest format that holds all of some positions.

    Parameters
    ----------
    positions : int16 (n, 2)
        Row and column from zero; negative ones are ignored.

    Returns
    -------
    PlateFormat
        The smallest of all without any position.

    Raises
    ------
    ValueError
        When a position lies outside the largest format.
    """
    used = positions[(positions >= 0).all(axis=1)]
    rows, columns = (int(v) + 1 for v in used.max(axis=0)) if len(used) else (0, 0)
    for candidate in FORMATS:
        if rows <= candidate.rows and columns <= candidate.columns:
            return candidate
    raise ValueError(f"row {rows}, column {columns} lies outside a 1536-well plate")
