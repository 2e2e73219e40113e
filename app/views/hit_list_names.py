"""The hit lists by their names: one is shown, renamed in place, and takes what is dropped on it."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from app.dragging import has_hits
from app.hit_lists import HitLists
from app.numbers import integer
from app.views.scroll_bar import SlimScrollBar

__all__ = ["HitListNames"]

_NAME = Qt.ItemDataRole.UserRole


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
        self.setAccessibleName("Hit lists")
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setVerticalScrollBar(SlimScrollBar())
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked
        )
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
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

    def dropEvent(self, event: QDropEvent) -> None:
        _accept(event, event.mimeData())
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
