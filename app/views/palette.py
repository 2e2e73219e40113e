"""The command palette: any command, found by a few letters of its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAction, QColor, QKeyEvent, QKeySequence, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.actions import ACTIONS, MENUS
from app.theme import theme_of
from app.views.scroll_bar import SlimScrollBar

__all__ = ["CommandPalette", "matches"]

_ID = Qt.ItemDataRole.UserRole
_KEYS = Qt.ItemDataRole.UserRole + 1
_MENU = Qt.ItemDataRole.UserRole + 2
_ROWS = 12
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: _ROWS, Qt.Key.Key_PageUp: -_ROWS}


def plain(text: str) -> str:
    """A menu's text without its mnemonic and its dots."""
    return text.replace("&", "").removesuffix("…")


def matches(typed: str) -> list[str]:
    """Ids of the commands whose name, menu or tip has every word typed; names that begin so come first."""
    words = typed.casefold().split()
    menu_of = {entry: plain(title) for title, entries in MENUS for entry in entries}
    found = []
    for place, info in enumerate(ACTIONS):
        name = plain(info.text).casefold()
        everything = f"{menu_of[info.id]} {name} {info.tip}".casefold()
        if all(word in everything for word in words):
            in_name = all(word in name for word in words)
            begins = bool(words) and name.startswith(words[0])
            found.append((not begins, not in_name, place, info.id))
    return [entry[-1] for entry in sorted(found)]


class _Line(QStyledItemDelegate):
    """Menu in the quieter colour, name, and keys at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex) -> QSize:  # type: ignore[override]
        return QSize(200, option.fontMetrics.height() + 12)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:  # type: ignore[override]
        view = cast(QListView, option.widget)
        theme = theme_of(view.palette())
        enabled = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        rect = option.rect
        if index == view.currentIndex():
            painter.fillRect(rect, QColor(theme.tint))
        rect = rect.adjusted(12, 0, -12, 0)
        centre = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(theme.text if enabled else theme.muted))
        painter.drawText(rect, centre | Qt.AlignmentFlag.AlignLeft, index.data())
        painter.setPen(QColor(theme.muted))
        keys = index.data(_KEYS) or ""
        beside = f"{index.data(_MENU)}{'   ' if keys else ''}{keys}" if enabled else "not now"
        width = rect.width() - option.fontMetrics.horizontalAdvance(index.data()) - 24
        place = QRect(rect.right() - width, rect.top(), width, rect.height())
        text = option.fontMetrics.elidedText(beside, Qt.TextElideMode.ElideLeft, width)
        painter.drawText(place, centre | Qt.AlignmentFlag.AlignRight, text)


class CommandPalette(QDialog):
    """Type to find a command, Enter to do it, Escape to leave.

    Parameters
    ----------
    actions : dict
        The actions of the window by id.
    window : QWidget
        Over which it opens.
    """

    def __init__(self, actions: Mapping[str, QAction], window: QWidget) -> None:
        super().__init__(window, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Command palette")
        self.setAccessibleName("Command palette")
        self._actions = actions
        self.line = QLineEdit()
        self.line.setAccessibleName("Find a command")
        self.line.setPlaceholderText("Find a command")
        self.line.setClearButtonEnabled(True)
        self.list = QListView()
        self.list.setAccessibleName("Commands found")
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setVerticalScrollBar(SlimScrollBar())
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_Line(self.list))
        self._model = QStandardItemModel(self)
        self.list.setModel(self._model)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(self.line)
        layout.addWidget(self.list)
        self.line.textChanged.connect(self._fill)
        self.line.installEventFilter(self)
        self.list.clicked.connect(self._do)
        self._fill("")
        height = self.line.sizeHint().height() + 24 + _ROWS * (self.fontMetrics().height() + 12)
        self.resize(min(620, window.width() - 40), height)
        self.move(window.mapToGlobal(window.rect().topLeft()) + self._offset(window))
        self.line.setFocus()

    def _offset(self, window: QWidget) -> QPoint:
        rect = QRect(0, 0, self.width(), self.height())
        rect.moveCenter(window.rect().center())
        rect.moveTop(min(90, max(window.height() - self.height(), 0)))
        return rect.topLeft()

    def _fill(self, typed: str) -> None:
        self._model.clear()
        info_of = {info.id: info for info in ACTIONS}
        menu_of = {entry: plain(title) for title, entries in MENUS for entry in entries}
        # What makes no sense now stays in sight, below: so a user learns that it is there.
        for name in sorted(matches(typed), key=lambda name: not self._actions[name].isEnabled()):
            info = info_of[name]
            item = QStandardItem(plain(info.text))
            item.setData(name, _ID)
            keys = QKeySequence(info.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            item.setData(keys, _KEYS)
            item.setData(menu_of[name], _MENU)
            item.setToolTip(info.tip)
            item.setEnabled(self._actions[name].isEnabled())
            self._model.appendRow(item)
        self.list.setCurrentIndex(self._model.index(0, 0))

    def shown(self) -> list[str]:
        """Ids of the commands in the list, from the top."""
        return [self._model.index(row, 0).data(_ID) for row in range(self._model.rowCount())]

    def _do(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        action = self._actions[index.data(_ID)]
        if action.isEnabled():
            # Closed first: the command may open a dialog of its own.
            self.accept()
            action.trigger()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        key = Qt.Key(event.key())
        if key in _STEPS:
            row = self.list.currentIndex().row() + _STEPS[key]
            self.list.setCurrentIndex(self._model.index(min(max(row, 0), self._model.rowCount() - 1), 0))
            return True
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._do(self.list.currentIndex())
            return True
        return False
