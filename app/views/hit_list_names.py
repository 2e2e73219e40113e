"""The hit lists by their names: one is shown, renamed in place, and takes what is dropped on it."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.dragging import has_hits
from app.hit_lists import HitLists
from app.numbers import integer
from app.theme import theme_of
from app.views.scroll_bar import SlimScrollBar

__all__ = ["HitListNames"]

_NAME = Qt.ItemDataRole.UserRole
_COUNT = Qt.ItemDataRole.UserRole + 1
_PADDING = 6

_Index = QModelIndex | QPersistentModelIndex


class _Row(QStyledItemDelegate):
    """A name, and how many hits there are."""

    def __init__(self, names: HitListNames) -> None:
        super().__init__(names)
        self._names = names

    def sizeHint(self, option: QStyleOptionViewItem, _index: _Index) -> QSize:
        return QSize(0, option.fontMetrics.height() + 8)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme = theme_of(option.widget.palette())
        rect: QRect = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.fillRect(rect, QColor(theme.tint if chosen else theme.base))
        inner, count = rect.adjusted(_PADDING, 0, -_PADDING, 0), index.data(_COUNT)
        painter.setPen(QColor(theme.muted))
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count)
        inner.setRight(inner.right() - option.fontMetrics.horizontalAdvance(count) - 8)
        painter.setPen(QColor(theme.text))
        name = option.fontMetrics.elidedText(
            index.data(Qt.ItemDataRole.DisplayRole), Qt.TextElideMode.ElideMiddle, inner.width()
        )
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        if index.row() == self._names.drop_row or option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(theme.accent), 1))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))


class HitListNames(QListWidget):
    """Names of the lists, in the order they were made.

    Signals
    -------
    renamed(str, str)
        A list, and what the user wants it called.
    dropped(str, QMimeData)
        On which list, and what; "" for a new one.
    """

    renamed = Signal(str, str)
    dropped = Signal(str, object)

    def __init__(self, lists: HitLists, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lists = lists
        self.drop_row = -1
        self.setAccessibleName("Hit lists")
        self.setItemDelegate(_Row(self))
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setVerticalScrollBar(SlimScrollBar())
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked
        )
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(False)
        self.currentItemChanged.connect(self._chosen)
        self.itemChanged.connect(self._edited)
        lists.changed.connect(self.fill)
        lists.current_changed.connect(self.fill)
        self.fill()

    def fill(self) -> None:
        """Show the lists as they are."""
        blocked = self.blockSignals(True)
        while self.count() > len(self._lists.lists):
            self.takeItem(self.count() - 1)
        for row, one in enumerate(self._lists.lists):
            if row == self.count():
                self.addItem(QListWidgetItem())
            item = self.item(row)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setText(one.name)
            item.setData(_NAME, one.name)
            count = f"{integer(len(one.entries))} hit{'' if len(one.entries) == 1 else 's'}"
            item.setData(_COUNT, integer(len(one.entries)))
            item.setToolTip(f"{one.name}: {count}")
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{one.name}, {count}")
            if one is self._lists.current:
                self.setCurrentItem(item)
        self.blockSignals(blocked)
        self.viewport().update()

    def rename_current(self) -> None:
        """Let the user write another name."""
        item = self.currentItem()
        if item is not None:
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            self.editItem(item)

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._lists.show(item.data(_NAME))

    def _edited(self, item: QListWidgetItem) -> None:
        name, wanted = item.data(_NAME), item.text()
        if wanted != name:
            blocked = self.blockSignals(True)
            # Until the document has it: the name may be taken.
            item.setText(name)
            self.blockSignals(blocked)
            self.renamed.emit(name, wanted)

    # Dropping -------------------------------------------------------------------------------------------

    def _list_at(self, event: QDropEvent) -> str:
        item = self.itemAt(event.position().toPoint())
        return item.data(_NAME) if item is not None else ""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        _accept(event, event.mimeData())

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        _accept(event, event.mimeData())
        self._mark_drop(self.indexAt(event.position().toPoint()).row())

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._mark_drop(-1)

    def _mark_drop(self, row: int) -> None:
        self.drop_row = row
        self.viewport().update()

    def dropEvent(self, event: QDropEvent) -> None:
        _accept(event, event.mimeData())
        self._mark_drop(-1)
        if event.isAccepted():
            self.dropped.emit(self._list_at(event), event.mimeData())

    def sizeHint(self) -> QSize:
        return QSize(150, 200)


def _accept(event: QDropEvent, data: QMimeData) -> None:
    if has_hits(data):
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
    else:
        event.ignore()
