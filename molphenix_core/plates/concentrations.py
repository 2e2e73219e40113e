"""Concentrations as people write them, in micromolar."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.errors import TableError

__all__ = ["UNITS", "parse_concentration", "parse_concentrations", "parse_unit"]

UNITS = {"pM": -6, "nM": -3, "uM": 0, "mM": 3, "M": 6}
"""Units, and the power of ten that makes each micromolar."""

_SYMBOL = re.compile(r"(?P<prefix>[pPnNuUµμm]?)M|(?P<lower>[pnuµμm])m")
_PER_LITRE = re.compile(r"(?P<prefix>[pnuµμm]?)mol(?:e?s)?(?:/|_per_| per )l(?:it(?:er|re))?")
_WORD = re.compile(r"(?P<prefix>pico|nano|micro|milli|)molar")
_PREFIXES = {"": "M", "p": "pM", "n": "nM", "u": "uM", "µ": "uM", "μ": "uM", "m": "mM"}
_WORDS = {"": "M", "pico": "pM", "nano": "nM", "micro": "uM", "milli": "mM"}
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
# "1,250" is 1250 to some and 1.25 to others; "0,125" is only ever the latter.
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}(?![0-9])")
_MISSING = frozenset({"", "na", "n/a", "nan", "none", "null", "-"})
_EXPECTED = "a number with or without a unit, such as 10, '10 µM', '5 nM', '0.1 mM' or '1e-6 M'"


def parse_unit(text: str) -> str | None:
    """Tell which molar unit a text means.

    Parameters
    ----------
    text : str
        Understood are symbols ("uM", "µM", "nm"), "umol/L" and "mmoles_per_liter", and words ("micromolar").

    Returns
    -------
    str or None
        Its name in :data:`UNITS`; None where the text is none.
    """
    text = text.strip()
    if match := _SYMBOL.fullmatch(text):
        return _PREFIXES[(match["prefix"] or match["lower"] or "").lower()]
    if match := _PER_LITRE.fullmatch(text.lower()):
        return _PREFIXES[match["prefix"]]
    if match := _WORD.fullmatch(text.lower()):
        return _WORDS[match["prefix"]]
    return None


def parse_concentration(text: str, unit: str = "uM") -> float:
    """Micromolar of a text; its own unit, where it has one, goes before ``unit``.

    Parameters
    ----------
    text : str
        Such as "10 µM", "3,3uM" or "1e-6 M"; NaN for an empty text, "NA", "none" and the like.
    unit : str
        One of :data:`UNITS`, of a number without its own.

    Returns
    -------
    float
        Micromolar, zero or above, or NaN.

    Raises
    ------
    ValueError
        For anything else, a negative or infinite number, a unit that is not molar, and for "1,250", which can be
        read in two ways.
    """
    text = text.strip()
    if text.lower() in _MISSING:
        return float("nan")
    number = _NUMBER.match(text)
    if number is None or _THOUSANDS.match(text):
        raise ValueError(text)
    rest = text[number.end() :].strip().strip("_")
    own = parse_unit(rest) if rest else unit
    if own is None:
        raise ValueError(text)
    # Shifting the decimal point keeps 3.3e-6 M exactly 3.3 uM, which a float product does not.
    value = float(Decimal(number.group().replace(",", ".")).scaleb(UNITS[own]))
    if value < 0 or np.isinf(value):
        raise ValueError(text)
    return value


def parse_concentrations(
    source: str | Path, field: str, column: pd.Series, unit: str | pd.Series = "uM"
) -> NDArray[np.float64]:
    """Micromolar of a column of numbers or texts.

    Parameters
    ----------
    source, field : path, str
        File and column, for messages.
    column : pandas.Series (n,)
        Numbers or texts.
    unit : str or pandas.Series (n,)
        Unit of the numbers without one: one of :data:`UNITS`, or a text a row.

    Returns
    -------
    float64 (n,)
        Zero or above; NaN where the column is empty.

    Raises
    ------
    TableError
        Naming the first row that cannot be read.
    """
    units = unit if isinstance(unit, pd.Series) else pd.Series(unit, index=column.index)
    known: dict[tuple[str, str], float] = {}
    values = np.empty(len(column), dtype=np.float64)
    for row, (cell, cell_unit) in enumerate(zip(column, units, strict=True)):
        key = ("" if pd.isna(cell) else str(cell), "" if pd.isna(cell_unit) else str(cell_unit))
        if key not in known:
            try:
                known[key] = _one(*key)
            except ValueError:
                found = f"{key[0]!r}" + (f" in {key[1]!r}" if isinstance(unit, pd.Series) else "")
                raise TableError(source, f"{field}, row {row + 1}", found, _EXPECTED) from None
        values[row] = known[key]
    return values


def _one(text: str, unit: str) -> float:
    name = parse_unit(unit) if unit.strip() else "uM"
    if name is None and text.strip().lower() not in _MISSING:
        raise ValueError(unit)
    return parse_concentration(text, name or "uM")
