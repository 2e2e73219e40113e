"""How one cell is painted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from app.theme import DARK, LIGHT, theme_of
from app.views.table.columns import NO_VALUE
from app.views.table.header import PADDING
from app.views.table.model import ColumnModel
from app.views.table.selection import RowSelection

__all__ = ["CellDelegate", "Tints"]

_Index = QModelIndex | QPersistentModelIndex
# Of Rec. 601, out of 255: on lighter grounds dark ink is easier to read.
_LUMINANCE = (0.299, 0.587, 0.114)
_LIGHT_GROUND = 140


@dataclass(frozen=True, eq=False)
class Tints:
    """Ground colours of the cells of one column, uint8 (n, 3), where they are known, bool (n,)."""

    rgb: NDArray[np.uint8]
    known: NDArray[np.bool_]


class CellDelegate(QStyledItemDelegate):
    """Paints texts straight from the columns: asking the model role by role takes ten times as long.

    Parameters
    ----------
    model : ColumnModel
    selection : RowSelection
        Of the model's source rows.
    """

    def __init__(self, model: ColumnModel, selection: RowSelection, parent: QAbstractItemView) -> None:
        super().__init__(parent)
        self.selection = selection
        self.tints: dict[str, Tints] = {}
        self.model = model

    def row(self, index: _Index) -> int:
        """Number of the cell's row in the source."""
        return int(self.model.order[index.row()])

    def value(self, index: _Index) -> float | int | str | bool | None:
        """What the cell holds."""
        return self.model.columns[index.column()].value(self.row(index))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        column = self.model.columns[index.column()]
        row = self.row(index)
        rect: QRect = option.rect
        ink = self.paint_ground(painter, option, index)
        text = column.text(row)
        if text == NO_VALUE:
            ink = QColor(theme_of(option.widget.palette()).muted)
        painter.setPen(ink)
        inner = rect.adjusted(PADDING, 0, -PADDING, 0)
        side = Qt.AlignmentFlag.AlignRight if column.kind == "number" else Qt.AlignmentFlag.AlignLeft
        shown = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter, shown)

    def paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> QColor:
        """Paint all but the content of a cell: the colour to write with."""
        theme = theme_of(option.widget.palette())
        row = self.row(index)
        rect: QRect = option.rect
        selected = bool(self.selection.mask[row])
        ink = QColor(theme.text)
        painter.fillRect(rect, QColor(theme.tint if selected else theme.base))
        tints = self.tints.get(self.model.columns[index.column()].key)
        if tints is not None and tints.known[row]:
            red, green, blue = (int(part) for part in tints.rgb[row])
            painter.fillRect(rect.adjusted(2, 2, -2, -2), QColor(red, green, blue))
            light = np.dot(_LUMINANCE, (red, green, blue)) > _LIGHT_GROUND
            ink = QColor((LIGHT if light else DARK).text)
        painter.setPen(QColor(theme.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(theme.accent), 1))
            # A picture before may have left its own, which would fill the cell.
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        return ink

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        """Tell what the column has to say, or the whole of a text that is cut short."""
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return super().helpEvent(event, view, option, index)
        text = self.model.tip(index)
        if not text:
            whole = self.model.columns[index.column()].text(self.row(index))
            cut = view.fontMetrics().horizontalAdvance(whole) > option.rect.width() - 2 * PADDING
            text = whole if cut else ""
        # An empty text takes away the tip of the cell before.
        QToolTip.showText(event.globalPos(), text, view.viewport(), option.rect)
        return True
