"""A short list of things to choose from: a name, a figure beside it, facts below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.theme import font, theme_of

__all__ = ["Row", "RowList"]

_ROW = Qt.ItemDataRole.UserRole
_MARGIN = 4


@dataclass(frozen=True)
class Row:
    """One line of the list.

    Parameters
    ----------
    text : str
        What it is.
    figure : str
        On the right.
    facts : str
        In the quieter colour below, "" for none.
    tip : str
    """

    text: str
    figure: str = ""
    facts: str = ""
    tip: str = ""


class _Painter(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        line = option.fontMetrics.height()
        row: Row = index.data(_ROW)
        return QSize(80, (2 * line if row.facts else line) + 2 * _MARGIN)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row: Row = index.data(_ROW)
        widget = option.widget
        theme = theme_of(widget.palette())
        painter.save()
        rect: QRect = option.rect
        if option.state & QStyle.StateFlag.State_MouseOver or (
            option.state & QStyle.StateFlag.State_HasFocus and widget.hasFocus()
        ):
            painter.fillRect(rect, QColor(theme.tint))
        inner = rect.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        line = option.fontMetrics.height()
        first = QRect(inner.left(), inner.top(), inner.width(), line)
        figure = option.fontMetrics.horizontalAdvance(row.figure)
        room = first.width() - figure - (8 if figure else 0)
        painter.setFont(option.font)
        painter.setPen(QColor(theme.text))
        text = option.fontMetrics.elidedText(row.text, Qt.TextElideMode.ElideRight, room)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(first, middle | Qt.AlignmentFlag.AlignLeft, text)
        painter.drawText(first, middle | Qt.AlignmentFlag.AlignRight, row.figure)
        if row.facts:
            painter.setFont(font(option.font, step=-0.5))
            painter.setPen(QColor(theme.muted))
            second = first.translated(0, line)
            facts = painter.fontMetrics().elidedText(row.facts, Qt.TextElideMode.ElideRight, second.width())
            painter.drawText(second, middle | Qt.AlignmentFlag.AlignLeft, facts)
        painter.restore()


class RowList(QListWidget):
    """As high as its rows; a click or Enter chooses one, Ctrl+C copies them all.

    Signals
    -------
    chosen(int)
        A row.
    """

    chosen = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setItemDelegate(_Painter(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.itemClicked.connect(lambda item: self.chosen.emit(self.row(item)))

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these."""
        self.clear()
        for row in rows:
            said = ", ".join(part for part in (row.text, row.figure, row.facts) if part)
            item = QListWidgetItem(said)
            item.setData(_ROW, row)
            item.setToolTip(row.tip)
            self.addItem(item)
        if rows:
            self.setCurrentRow(0)
        self.updateGeometry()

    def texts(self) -> list[str]:
        """What the rows say."""
        return [self.item(i).text() for i in range(self.count())]

    def sizeHint(self) -> QSize:
        return QSize(120, sum(self.sizeHintForRow(i) for i in range(self.count())) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and self.currentRow() >= 0:
            self.chosen.emit(self.currentRow())
        elif event.matches(QKeySequence.StandardKey.Copy):
            rows = [self.item(i).data(_ROW) for i in range(self.count())]
            QGuiApplication.clipboard().setText("\n".join(f"{r.text}\t{r.figure}\t{r.facts}" for r in rows))
        else:
            super().keyPressEvent(event)
