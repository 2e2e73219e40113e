"""The header of a table: titles, and beside them the arrows and numbers of the order."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QHeaderView, QWidget

from app.theme import font, theme_of
from app.views.table.columns import TableColumn
from app.views.table.sorting import SortKey

__all__ = ["Header"]

PADDING = 8
_ARROW = 18


class Header(QHeaderView):
    """Titles of the columns; a click sorts, with Shift within the order so far."""

    sort_wanted = Signal(int, bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setAccessibleName("Column titles")
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(36)
        self.setFont(font(self.font(), step=-0.5))
        self.setFixedHeight(self.fontMetrics().height() + 12)
        self.setMouseTracking(True)
        self._keys: tuple[SortKey, ...] = ()
        self._columns: tuple[TableColumn, ...] = ()
        self._adding = False
        self.sectionClicked.connect(lambda section: self.sort_wanted.emit(section, self._adding))

    def set_columns(self, columns: Sequence[TableColumn]) -> None:
        """Say what the sections are."""
        self._columns = tuple(columns)
        self.viewport().update()

    def set_keys(self, keys: Sequence[SortKey]) -> None:
        """Say what the rows are sorted by."""
        self._keys = tuple(keys)
        self.viewport().update()

    def place_of(self, column: str) -> int | None:
        """Which key of the order a column is, from 0; None where it is none."""
        return next((i for i, key in enumerate(self._keys) if key.column == column), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._adding = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        super().mousePressEvent(event)

    def width_for(self, column: TableColumn) -> int:
        """Pixels that a title takes where it is sorted by."""
        bold = QFontMetrics(font(self.font(), bold=True))
        return bold.horizontalAdvance(column.heading) + _ARROW + 4 + 2 * PADDING

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        beyond = self.rect().adjusted(self.length() - self.offset(), 0, 0, 0)
        if beyond.width() > 0:
            theme = theme_of(self.palette())
            painter = QPainter(self.viewport())
            painter.fillRect(beyond, QColor(theme.base))
            painter.setPen(QColor(theme.line))
            painter.drawLine(beyond.bottomLeft(), beyond.bottomRight())

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        if not rect.isValid() or section >= len(self._columns):
            return
        column = self._columns[section]
        theme = theme_of(self.palette())
        painter.save()
        painter.fillRect(rect, QColor(theme.base))
        painter.setPen(QColor(theme.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        inner = rect.adjusted(PADDING, 0, -PADDING, 0)
        place = self.place_of(column.key)
        right = column.kind == "number"
        if place is not None:
            numbered = len(self._keys) > 1
            room = _ARROW if numbered else _ARROW - 7
            at = QRect(inner.left() if right else inner.right() - room + 1, inner.top(), room, inner.height())
            self._paint_order(painter, at, place if numbered else None, QColor(theme.accent))
            inner = inner.adjusted(room + 2, 0, 0, 0) if right else inner.adjusted(0, 0, -room - 2, 0)
        painter.setFont(font(self.font(), bold=place is not None))
        painter.setPen(QColor(theme.text if place is not None else theme.muted))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        shown = painter.fontMetrics().elidedText(column.heading, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()

    def _paint_order(self, painter: QPainter, rect: QRect, place: int | None, colour: QColor) -> None:
        """An arrow up or down, and which key of the order this is."""
        key = self._keys[place if place is not None else 0]
        x, y = rect.left() + 1.0, rect.center().y() + 1.0
        tip, foot = (y + 3, y - 2.5) if key.descending else (y - 3, y + 2.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([QPointF(x, foot), QPointF(x + 8, foot), QPointF(x + 4, tip)]))
        if place is not None:
            painter.setPen(colour)
            painter.setFont(font(self.font(), step=-1.5, bold=True))
            painter.drawText(rect.adjusted(11, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, str(place + 1))
