"""What the colours and shapes of the map mean, and what of it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.colouring import Colouring
from app.numbers import integer
from app.theme import font, theme_of
from app.views.panel import Muted

__all__ = ["KeyInfo", "MapLegend", "MarkInfo"]

_GLYPH = 10
_WIDTH = 176


@dataclass(frozen=True)
class KeyInfo:
    """One line of the legend.

    Parameters
    ----------
    id : int
        What is shown or hidden with it.
    text : str
    colour : str
        "" for a kind, which has no colour of its own.
    count : int
        Points.
    """

    id: int
    text: str
    colour: str
    count: int


@dataclass(frozen=True)
class MarkInfo:
    """What one mark on the map means.

    Parameters
    ----------
    text : str
    shape : {"disc", "diamond", "rim", "circle", "ring"}
        A point with a dark rim is selected; circles and rings stand around points.
    """

    text: str
    shape: Literal["disc", "diamond", "rim", "circle", "ring"]


class _MarkLine(QWidget):
    """A mark and what it means."""

    def __init__(self, info: MarkInfo) -> None:
        super().__init__()
        self._info = info
        self.setFont(font(self.font(), step=-0.5))
        self.setAccessibleName(info.text)
        self.setToolTip(info.text)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH - 20, self.fontMetrics().height() + 5)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, shape = theme_of(self.palette()), self._info.shape
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, half = QPointF(4 + _GLYPH / 2, self.height() / 2), _GLYPH / 2 - 0.5
        around = shape in {"circle", "ring"}
        ink = theme.accent if around else theme.text if shape == "rim" else theme.muted
        painter.setPen(QPen(QColor(ink), {"ring": 2.4, "rim": 1.8}.get(shape, 1.2)))
        painter.setBrush(Qt.BrushStyle.NoBrush if around else QColor(theme.muted))
        if shape == "diamond":
            painter.drawPolygon(_diamond(middle, half))
        else:
            painter.drawEllipse(middle, half - 0.3, half - 0.3)
        box = QRectF(_GLYPH + 10, 0, self.width() - _GLYPH - 12, self.height())
        painter.setPen(QColor(theme.text))
        words = self.fontMetrics().elidedText(self._info.text, Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)


def _diamond(middle: QPointF, half: float) -> QPolygonF:
    corners = [QPointF(0, -half), QPointF(half, 0), QPointF(0, half), QPointF(-half, 0)]
    return QPolygonF([middle + corner for corner in corners])


class _Key(QAbstractButton):
    """A line that shows or hides points when clicked."""

    def __init__(self, info: KeyInfo, shown: bool) -> None:
        super().__init__()
        self.info = info
        self.setCheckable(True)
        self.setChecked(shown)
        self.setText(info.text)
        self.setFont(font(self.font(), step=-0.5))
        self.setAccessibleName(f"{info.text}, {integer(info.count)} points")
        self.setToolTip(f"{info.text}: {integer(info.count)} points. Click to show or hide them")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH - 20, self.fontMetrics().height() + 5)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus() or self.underMouse():
            painter.setPen(QPen(QColor(theme.accent)) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.tint))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        shown = self.isChecked()
        self._paint_glyph(painter, QColor(self.info.colour or theme.muted), shown)
        metrics = self.fontMetrics()
        count = integer(self.info.count)
        across = metrics.horizontalAdvance(count)
        box = QRectF(_GLYPH + 10, 0, self.width() - _GLYPH - 20 - across, self.height())
        painter.setPen(QColor(theme.text if shown else theme.muted))
        words = metrics.elidedText(self.info.text, Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)
        painter.setPen(QColor(theme.muted))
        painter.drawText(
            QRectF(0, 0, self.width() - 4, self.height()),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
            count,
        )

    def _paint_glyph(self, painter: QPainter, colour: QColor, shown: bool) -> None:
        middle = QPointF(4 + _GLYPH / 2, self.height() / 2)
        half = _GLYPH / 2 - 0.5
        painter.setPen(QPen(colour, 1.4))
        painter.setBrush(colour if shown else Qt.BrushStyle.NoBrush)
        if not self.info.colour:
            # A kind has no colour of its own: a box says only whether it is shown.
            painter.drawRoundedRect(QRectF(middle.x() - half, middle.y() - half, 2 * half, 2 * half), 2, 2)
            if shown:
                painter.setPen(QPen(QColor(theme_of(self.palette()).base), 1.6))
                tick = [QPointF(-2.6, 0.2), QPointF(-0.8, 2.2), QPointF(2.8, -2.2)]
                painter.drawPolyline(QPolygonF([middle + corner for corner in tick]))
        else:
            painter.drawEllipse(middle, half - 0.3, half - 0.3)


class _Bar(QWidget):
    """The colour map of a scale with its ends."""

    def __init__(self, colouring: Colouring) -> None:
        super().__init__()
        self._colouring = colouring
        self.setFont(font(self.font(), step=-1))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ends = colouring.limits or ("", "")
        self.setAccessibleName("Colour bar")
        self.setAccessibleDescription(f"{colouring.title}: {ends[0]} to {ends[1]}")

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH - 20, self.fontMetrics().height() + 18)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        table = self._colouring.colours.table
        row = np.ascontiguousarray(np.dstack([table[None], np.full((1, 256, 1), 255, np.uint8)]))
        image = QImage(row.data, 256, 1, 1024, QImage.Format.Format_RGBA8888).copy()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(4, 2, self.width() - 8, 10), image)
        painter.setPen(QColor(theme_of(self.palette()).text))
        low, high = self._colouring.limits or ("", "")
        line = QRectF(4, 14, self.width() - 8, self.fontMetrics().height())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, low)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, high)


class MapLegend(QScrollArea):
    """Colours of the map and kinds of points; each line shows or hides its points.

    Signals
    -------
    kinds_changed()
    entries_changed()
        Other points are to be shown.
    """

    kinds_changed = Signal()
    entries_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Legend of the map")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedWidth(_WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self._title = ""
        self._entries: list[_Key] = []
        self._kinds: list[_Key] = []
        self._hidden_kinds: set[int] = set()
        self._hidden_entries: set[int] = set()

    @property
    def hidden_kinds(self) -> frozenset[int]:
        """Kinds of points not shown."""
        return frozenset(self._hidden_kinds)

    @property
    def hidden_entries(self) -> frozenset[int]:
        """Entries of the colours not shown; -1 is "no value"."""
        return frozenset(self._hidden_entries)

    def hide_kinds(self, kinds: frozenset[int]) -> None:
        """Begin with some kinds hidden."""
        self._hidden_kinds = set(kinds)

    def lines(self) -> list[QAbstractButton]:
        """All lines, from top to bottom."""
        return [*self._entries, *self._kinds]

    def set_content(
        self, colouring: Colouring, entries: Sequence[KeyInfo], kinds: Sequence[KeyInfo], marks: Sequence[MarkInfo]
    ) -> None:
        """Explain these colours, kinds of points and marks."""
        if colouring.title != self._title:
            # Hidden names of one colouring are no names of another.
            self._hidden_entries.clear()
            self._title = colouring.title
        inner = QWidget()
        inner.setAutoFillBackground(False)
        column = QVBoxLayout(inner)
        column.setContentsMargins(8, 0, 4, 0)
        column.setSpacing(1)
        column.addWidget(self._heading(colouring.title))
        if not colouring.entries and colouring.limits is not None:
            column.addWidget(_Bar(colouring))
        self._entries = [_Key(info, info.id not in self._hidden_entries) for info in entries]
        for key in self._entries:
            key.toggled.connect(lambda shown, key=key: self._toggle(self._hidden_entries, key, shown))
            column.addWidget(key)
        column.addSpacing(10)
        column.addWidget(self._heading("Shown"))
        self._kinds = [_Key(info, info.id not in self._hidden_kinds) for info in kinds]
        for key in self._kinds:
            key.toggled.connect(lambda shown, key=key: self._toggle(self._hidden_kinds, key, shown))
            column.addWidget(key)
        column.addSpacing(10)
        column.addWidget(self._heading("Marks"))
        for mark in marks:
            column.addWidget(_MarkLine(mark))
        column.addStretch(1)
        self.setWidget(inner)

    def _heading(self, text: str) -> QLabel:
        label = Muted(text, wrap=True)
        label.setFont(font(self.font(), step=-0.5))
        return label

    def _toggle(self, hidden: set[int], key: _Key, shown: bool) -> None:
        (hidden.discard if shown else hidden.add)(key.info.id)
        (self.kinds_changed if hidden is self._hidden_kinds else self.entries_changed).emit()
