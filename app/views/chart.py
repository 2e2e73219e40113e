"""A plot in the colours and the type of the window."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QWidget

from app.numbers import locale
from app.theme import Theme, font, theme_of

__all__ = ["Chart"]


class _Axis(pg.AxisItem):
    """An axis whose numbers follow the locale."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        point = locale().decimalPoint()
        return [str(text).replace(".", point) for text in super().tickStrings(values, scale, spacing)]


class Chart(pg.PlotWidget):
    """A themed plot: quiet axes, no menu, no buttons.

    Parameters
    ----------
    name : str
        The accessible name.
    bottom, left : str
        Labels of the axes, with units.

    Signals
    -------
    rethemed()
        The palette changed: curves and points are to be drawn in its colours again.
    """

    rethemed = Signal()

    def __init__(self, name: str, *, bottom: str = "", left: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent, axisItems={side: _Axis(side) for side in ("bottom", "left")})
        self.setAccessibleName(name)
        self.setMinimumSize(120, 90)
        self.hideButtons()
        self.setMenuEnabled(False)
        self.setAntialiasing(True)
        self.setFrameShape(self.Shape.NoFrame)
        self._labels = {"bottom": bottom, "left": left}
        self._retheme()

    @property
    def theme(self) -> Theme:
        """The colours to draw in."""
        return theme_of(self.palette())

    def set_labels(self, *, bottom: str | None = None, left: str | None = None) -> None:
        """Change what the axes say."""
        for side, text in (("bottom", bottom), ("left", left)):
            if text is not None:
                self._labels[side] = text
        self._retheme()

    def add(self, item: Any) -> Any:
        """Add an item of pyqtgraph and return it."""
        self.addItem(item)
        return item

    def _retheme(self) -> None:
        theme = self.theme
        self.setBackground(theme.base)
        small = font(self.font(), step=-1)
        for side, text in self._labels.items():
            axis = self.getAxis(side)
            axis.setPen(QPen(QColor(theme.line), 1))
            axis.setTextPen(QColor(theme.muted))
            axis.setTickFont(small)
            axis.setStyle(tickLength=4, tickTextOffset=5)
            # pyqtgraph would write units of its own ("k", "m") beside the number; where there is a label it shows
            # numbers in them even when that is switched off: there must be no range in which it would.
            axis.setLabel(text or None, siPrefixEnableRanges=(), color=theme.muted)
            axis.enableAutoSIPrefix(False)
            axis.label.setFont(small)

    def changeEvent(self, event: QEvent) -> None:
        # Qt tells of the palette while pyqtgraph still builds the plot.
        if event.type() == QEvent.Type.PaletteChange and "_labels" in self.__dict__:
            self._retheme()
            self.rethemed.emit()
        super().changeEvent(event)
