"""Choosing what wells are coloured by, among thousands of features too: type to search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit, QListView, QWidget

from app.colouring import Choice

__all__ = ["ColourChooser"]

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class _Choices(QAbstractListModel):
    """The choices; Qt would take a while over thousands of items of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.choices: tuple[Choice, ...] = ()

    def set_choices(self, choices: Sequence[Choice]) -> None:
        self.beginResetModel()
        self.choices = tuple(choices)
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.choices)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        choice = self.choices[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return choice.label
        if role == Qt.ItemDataRole.UserRole:
            return choice.key
        if role == Qt.ItemDataRole.ToolTipRole:
            return {"Features": f"{choice.label}: a feature, as it stands in the file"}.get(
                choice.group, choice.label
            )
        return None


class ColourChooser(QComboBox):
    """A list of choices in which typing searches.

    Signals
    -------
    chosen(str)
        The user chose this key.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices = _Choices()
        self.setModel(self._choices)
        self.setAccessibleName("Colour by")
        self.setToolTip("What the wells are coloured by, in every view; type to search columns and features")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(20)
        self._fit()
        self.setMaximumWidth(270)
        self._search = QLineEdit()
        self.setLineEdit(self._search)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        view = QListView()
        # All rows alike: the heights of thousands of them need not be asked for.
        view.setUniformItemSizes(True)
        self.setView(view)
        completer = QCompleter(self._choices, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setMaxVisibleItems(14)
        self.setCompleter(completer)
        self._search.setAccessibleName("Colour by")
        self._search.setPlaceholderText("Search…")
        self._key = ""
        self.activated.connect(self._activated)
        self._search.editingFinished.connect(self._restore)

    def set_choices(self, choices: Sequence[Choice], key: str) -> None:
        """Offer these, of which ``key`` is the present one."""
        if tuple(choices) != self._choices.choices:
            self._choices.set_choices(choices)
        self.set_key(key)

    def key(self) -> str:
        """What is chosen, "" where nothing is offered."""
        return self._key

    def set_key(self, key: str) -> None:
        """Show what is chosen, without emitting ``chosen``."""
        keys = [choice.key for choice in self._choices.choices]
        self._key = key if key in keys else ""
        self.setCurrentIndex(keys.index(key) if key in keys else -1)
        self._search.setCursorPosition(0)

    def _fit(self) -> None:
        # The field cannot elide: what wells are coloured by at first is always whole.
        self.setMinimumWidth(self.fontMetrics().horizontalAdvance("Activity p") + 44)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            self._fit()
        super().changeEvent(event)

    def _activated(self, index: int) -> None:
        key = self.itemData(index)
        if key:
            self._key = key
            self.chosen.emit(key)

    def _restore(self) -> None:
        """A search that was given up leaves what is chosen."""
        text = self._search.text().strip().casefold()
        keys = [choice.key for choice in self._choices.choices if choice.label.casefold() == text]
        if keys and self._key not in keys:
            self._activated(self.findData(keys[0]))
        self.set_key(self._key)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        # Typing replaces what is chosen and searches at once.
        if event.reason() not in {Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason}:
            self._search.selectAll()
