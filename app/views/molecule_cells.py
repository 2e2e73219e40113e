"""Cells that are pictures: structures, scores at all doses, and the mark of the wells' own molecule."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionViewItem

from app.structures import Structures
from app.theme import font, theme_of
from app.views.table.cell import CellDelegate
from app.views.table.column_table import ColumnTable
from app.views.table.header import PADDING

__all__ = ["DosesCell", "NameCell", "StructureCell"]

_Index = QModelIndex | QPersistentModelIndex
_BAR = 7
_GAP = 3


class StructureCell(CellDelegate):
    """Draws the structure whose SMILES the cell holds, once it is on screen."""

    def __init__(self, table: ColumnTable, structures: Structures) -> None:
        super().__init__(table.cells.model, table.cells.selection, table)
        self._structures = structures
        structures.drawn.connect(table.viewport().update)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        ink = self.paint_ground(painter, option, index)
        widget = option.widget
        smiles = self.value(index) or ""
        rect: QRect = option.rect.adjusted(4, 2, -4, -3)
        pixmap = self._structures.pixmap(
            str(smiles),
            QSize(rect.width(), rect.height()),
            scale=widget.devicePixelRatioF(),
            dark=theme_of(widget.palette()).dark,
            marked=True,
        )
        if pixmap is not None and not pixmap.isNull():
            painter.drawPixmap(rect.topLeft(), pixmap)
        elif pixmap is not None:
            ink.setAlphaF(0.6)
            painter.setPen(ink)
            painter.setFont(font(widget.font(), step=-1))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "not drawn" if smiles else "no structure")
            painter.setFont(widget.font())


class DosesCell(CellDelegate):
    """Scores at all doses as bars, the best one in the strong colour.

    Parameters
    ----------
    scores : callable
        From a row to float (k,); None where there are none.
    """

    def __init__(self, table: ColumnTable, scores: Callable[[int], NDArray[np.floating] | None]) -> None:
        super().__init__(table.cells.model, table.cells.selection, table)
        self._scores = scores

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        self.paint_ground(painter, option, index)
        values = self._scores(self.row(index))
        if values is None:
            return
        theme = theme_of(option.widget.palette())
        height = min(30, option.rect.height() - 10)
        step = min(_BAR + _GAP, (option.rect.width() - 2 * PADDING) // max(1, len(values)))
        left, foot = option.rect.left() + PADDING, option.rect.center().y() + height / 2
        # From zero, so that a flat row looks flat; below zero nothing resembles anything.
        heights = np.clip(values, 0, None) / max(float(values.max()), 1e-9) * height
        best = int(values.argmax())
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawLine(QPointF(left, foot), QPointF(left + step * len(values) - _GAP, foot))
        painter.setPen(Qt.PenStyle.NoPen)
        for at, tall in enumerate(heights.tolist()):
            painter.setBrush(QColor(theme.accent if at == best else theme.muted))
            painter.drawRect(QRectF(left + at * step, foot - max(tall, 1), max(2, step - _GAP), max(tall, 1)))
        painter.setBrush(Qt.BrushStyle.NoBrush)


class NameCell(CellDelegate):
    """A name, with a mark where it is that of the molecule in the wells."""

    mark = "in these wells"

    def __init__(self, table: ColumnTable) -> None:
        super().__init__(table.cells.model, table.cells.selection, table)
        self.own: frozenset[int] = frozenset()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        if self.row(index) not in self.own:
            super().paint(painter, option, index)
            return
        ink = self.paint_ground(painter, option, index)
        theme = theme_of(option.widget.palette())
        inner = option.rect.adjusted(PADDING, 0, -PADDING, 0)
        line = QFontMetrics(option.widget.font()).height()
        high = inner.height() >= 2 * line + 4
        first = QRect(inner.left(), inner.center().y() - line + 1, inner.width(), line) if high else inner
        text = str(self.value(index) or "")
        painter.setFont(font(option.widget.font(), bold=True))
        painter.setPen(ink if high else QColor(theme.seen[1]))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, first.width())
        painter.drawText(first, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        if high:
            painter.setFont(font(option.widget.font(), step=-1, bold=True))
            painter.setPen(QColor(theme.seen[1]))
            painter.drawText(first.translated(0, line), Qt.AlignmentFlag.AlignVCenter, self.mark)
        painter.setFont(option.widget.font())
