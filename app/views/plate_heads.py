"""Names of the rows and columns of a plate, beside its wells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from app.theme import Theme, font
from molphenix_core.plates.wells import row_label

__all__ = ["head_size", "paint_heads"]


def head_size(metrics: QFontMetrics) -> tuple[int, int]:
    """Width of the names of rows, and height of those of columns."""
    return metrics.horizontalAdvance("AF") + 8, metrics.height() + 4


def paint_heads(
    painter: QPainter,
    chosen: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    corner: QPointF,
    side: float,
    base: QFont,
    theme: Theme,
) -> None:
    """Paint the names of rows and columns, as many as there is room for.

    Parameters
    ----------
    painter : QPainter
    chosen : bool (rows,) and bool (columns,)
        Which of them hold selected wells.
    corner : QPointF
        Upper left corner of the wells.
    side : float
        Of a well.
    base : QFont
        Of the widget.
    theme : Theme
    """
    chosen_rows, chosen_columns = chosen
    left, top = corner.x(), corner.y()
    painter.setFont(font(base, step=-1.5))
    metrics = painter.fontMetrics()
    plain, strong = QColor(theme.muted), QColor(theme.accent)
    step = _step(side, metrics.horizontalAdvance("00") + 5)
    for column in range(0, len(chosen_columns), step):
        painter.setPen(strong if chosen_columns[column] else plain)
        rect = QRectF(left + column * side - side, top - metrics.height() - 4, side * 3, metrics.height() + 2)
        painter.drawText(rect, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, str(column + 1))
    step = _step(side, metrics.height() - 1)
    for row in range(0, len(chosen_rows), step):
        painter.setPen(strong if chosen_rows[row] else plain)
        rect = QRectF(left - 105, top + row * side - side, 100, side * 3)
        painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, row_label(row))


def _step(side: float, room: float) -> int:
    """Every how many wells there is room for a name."""
    return next((step for step in (1, 2, 4) if side * step >= room), 8)
