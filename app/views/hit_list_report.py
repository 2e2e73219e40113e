"""What of a pasted text is no hit: line, text and reason, to be read and copied."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from app.hit_list_text import Pasted
from app.views.table import ColumnTable, TableColumn
from app.views.words import plural

__all__ = ["UnmatchedDialog"]


class UnmatchedDialog(QDialog):
    """Lines that are no hits.

    Parameters
    ----------
    pasted : Pasted
    """

    def __init__(self, pasted: Pasted, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Lines that are no hits")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        n = len(pasted.unmatched)
        lines = plural(n, "line") + (" is no hit" if n == 1 else " are no hits")
        label = QLabel(f"{plural(len(pasted.entries), 'hit')} found; {lines}:")
        self.table = ColumnTable("Lines that are no hits")
        self.table.set_columns(_columns(pasted))
        self.table.horizontalHeader().setStretchLastSection(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("&Copy", QDialogButtonBox.ButtonRole.ActionRole)
        copy.setToolTip("Copy these lines as a table")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.table.to_text()))
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(label)
        layout.addWidget(self.table, 1)
        layout.addWidget(buttons)
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)

    def sizeHint(self) -> QSize:
        return QSize(640, 360)


def _columns(pasted: Pasted) -> tuple[TableColumn, ...]:
    numbers = np.array([one.line for one in pasted.unmatched], dtype=np.int64)
    columns = [TableColumn("line", "Line", numbers)]
    for key, title in (("text", "Text"), ("reason", "Why")):
        codes: dict[str, int] = {}
        values = [codes.setdefault(getattr(one, key), len(codes)) for one in pasted.unmatched]
        columns.append(TableColumn(key, title, np.array(values, dtype=np.int32), "text", categories=tuple(codes)))
    return tuple(columns)
