"""What a hand draws on the map, and how the points within join the selection."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

__all__ = ["ADD", "REMOVE", "REPLACE", "Gesture", "combine", "how_to_combine"]

REPLACE, ADD, REMOVE = "replace", "add", "remove"
"""How chosen points join the selection."""

_STILL = 4
# Corners of a lasso nearer to each other than this are one.
_CORNER = 2


def how_to_combine(modifiers: Qt.KeyboardModifier) -> str:
    """Ctrl adds, Alt takes away, and neither begins anew."""
    if modifiers & Qt.KeyboardModifier.AltModifier:
        return REMOVE
    return ADD if modifiers & Qt.KeyboardModifier.ControlModifier else REPLACE


def combine(selection: NDArray[np.intp], rows: NDArray[np.intp], how: str) -> NDArray[np.intp]:
    """The new selection, ascending.

    Parameters
    ----------
    selection, rows : intp (n,), (m,)
        What is selected, and what was chosen.
    how : str
        :data:`REPLACE`, :data:`ADD` or :data:`REMOVE`. A single row that is selected already is taken away by
        :data:`ADD`, so that a second click with Ctrl undoes the first.
    """
    if how == REMOVE or (how == ADD and len(rows) == 1 and rows[0] in selection):
        return np.setdiff1d(selection, rows)
    return np.union1d(selection, rows) if how == ADD else np.unique(rows)


class Gesture:
    """One press of a button until its release: a click, a lasso, a rectangle, or a move.

    Parameters
    ----------
    kind : str
        "lasso", "rectangle" or "move".
    button : Qt.MouseButton
    start : QPointF
    """

    def __init__(self, kind: str, button: Qt.MouseButton, start: QPointF) -> None:
        self.kind, self.button, self.start = kind, button, QPointF(start)
        self.last = QPointF(start)
        self.dragged = False
        self._corners = [QPointF(start)]

    def extend(self, here: QPointF) -> bool:
        """Follow the pointer; whether there is something to paint."""
        away = here - self.start
        self.dragged = self.dragged or math.hypot(away.x(), away.y()) > _STILL
        self.last = QPointF(here)
        step = here - self._corners[-1]
        if self.kind == "lasso" and math.hypot(step.x(), step.y()) >= _CORNER:
            self._corners.append(QPointF(here))
        return self.dragged

    def outline(self) -> list[QPointF]:
        """Corners of what was drawn, in pixels."""
        if self.kind == "lasso":
            return [*self._corners, self.last]
        box = QRectF(self.start, self.last).normalized()
        return [box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft()]

    def paint(self, painter: QPainter, colour: QColor) -> None:
        """Paint what has been drawn so far."""
        if not self.dragged or self.kind == "move":
            return
        painter.setPen(QPen(colour, 1.4))
        fill = QColor(colour)
        fill.setAlphaF(0.13)
        painter.setBrush(fill)
        painter.drawPolygon(QPolygonF(self.outline()), Qt.FillRule.OddEvenFill)
