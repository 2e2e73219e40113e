"""Tables of a million rows over numpy arrays: columns, sorting by several of them, the view."""

from __future__ import annotations

from app.views.table.column_table import ColumnTable
from app.views.table.columns import TableColumn

__all__ = ["ColumnTable", "TableColumn"]
