"""Tables of pandas as plain values and arrays, for the window."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["column", "records", "texts"]


def texts(column: pd.Series) -> dict[str, Any]:
    """Texts as codes and categories; -1 where null."""
    codes, categories = pd.factorize(column.astype(object).mask(column.isna()))
    return {"codes": codes.astype(np.int32), "categories": [str(category) for category in categories]}


def column(values: pd.Series) -> dict[str, Any]:
    """A column as :meth:`app.open_plate.Column.unpack` reads it."""
    if pd.api.types.is_numeric_dtype(values.dtype) and values.dtype != bool:
        return {"values": values.to_numpy(np.float64)}
    return texts(values)


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries, with None where a value is missing."""
    columns = {str(name): [None if value != value else value for value in table[name]] for name in table}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
