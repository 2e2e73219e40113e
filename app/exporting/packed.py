"""Tables of the window on their way to an engine, which writes them: a long one takes its time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.exporting.tables import ExportColumn, Saved, save_table
from molphenix_core.progress import Progress

__all__ = ["pack_columns", "save_packed"]


@dataclass(frozen=True, eq=False)
class _Column:
    """A column as it came out of a message."""

    title: str
    unit: str
    kind: str
    values: NDArray[Any]
    categories: Sequence[str] | None


def pack_columns(columns: Sequence[ExportColumn]) -> list[dict[str, Any]]:
    """Columns as JSON values and arrays."""
    return [
        {
            "title": column.title,
            "unit": column.unit,
            "kind": column.kind,
            "values": np.asarray(column.values),
            "categories": None if column.categories is None else list(column.categories),
        }
        for column in columns
    ]


def save_packed(
    out: str, columns: Sequence[Mapping[str, Any]], rows: NDArray[np.integer], progress: Progress
) -> Saved:
    """Write columns of :func:`pack_columns`; see :func:`app.exporting.tables.save_table`."""
    return save_table(out, [_Column(**column) for column in columns], rows, progress=progress)
