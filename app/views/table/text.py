"""A table as text for other programs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.views.table.columns import TableColumn

__all__ = ["table_text"]

# A tab or a line end within a value would shift every value after it.
_NO_BREAKS = str.maketrans("\t\r\n", "   ")


def table_text(columns: Sequence[TableColumn], rows: NDArray[np.intp]) -> str:
    """Rows as lines of values with tabs between them, under a line of headings; numbers without locale."""
    lines = ["\t".join(column.heading.translate(_NO_BREAKS) for column in columns)]
    lines += ("\t".join(column.plain(row).translate(_NO_BREAKS) for column in columns) for row in rows.tolist())
    return "\n".join(lines) + "\n"
