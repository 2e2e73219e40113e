"""Writing into a cell of the hits' table: a line for a note, a choice for a status."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractScrollArea, QComboBox, QLineEdit, QWidget

from app.hit_entries import STATUSES

__all__ = ["CellEditor"]


class CellEditor(QObject):
    """An editor over one cell. Enter or leaving it takes what was written, Escape does not.

    Parameters
    ----------
    view : QAbstractScrollArea
        What the cell is in; it has the keyboard again afterwards.
    place : QRect
        Of the cell, in the view's viewport.
    text : str
        What stands there.
    use : callable
        Takes another text than that.
    choices : bool
        Whether it is one of :data:`app.hit_entries.STATUSES`, not a line.
    """

    def __init__(
        self, view: QAbstractScrollArea, place: QRect, text: str, use: Callable[[str], None], *, choices: bool
    ) -> None:
        super().__init__(view)
        self._view, self._text, self._use = view, text, use
        self._ended = False
        self.widget: QWidget = self._combo(text) if choices else self._line(text)
        self.widget.setParent(view.viewport())
        hint = self.widget.sizeHint()
        width = max(place.width(), min(hint.width(), view.viewport().width() - place.left()))
        # Rows are as high as a structure: a line is not.
        top = place.top() + max(0, (place.height() - hint.height()) // 2)
        self.widget.setGeometry(place.left(), top, width, hint.height())
        self.widget.installEventFilter(self)
        self.widget.show()
        self.widget.setFocus(Qt.FocusReason.OtherFocusReason)
        for bar in (view.verticalScrollBar(), view.horizontalScrollBar()):
            bar.valueChanged.connect(self.take)

    def _line(self, text: str) -> QLineEdit:
        line = QLineEdit(text)
        line.setAccessibleName("Note")
        line.setMaxLength(10_000)
        line.selectAll()
        return line

    def _combo(self, text: str) -> QComboBox:
        combo = QComboBox()
        combo.setAccessibleName("Status")
        combo.addItems(STATUSES)
        combo.setCurrentText(text)
        combo.activated.connect(self.take)
        return combo

    def _written(self) -> str:
        return self.widget.currentText() if isinstance(self.widget, QComboBox) else self.widget.text().strip()  # type: ignore[attr-defined]

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                event.accept()
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self._end()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.take()
                return True
        elif event.type() == QEvent.Type.FocusOut and not self._opens_a_list():
            self.take()
        return False

    def _opens_a_list(self) -> bool:
        return isinstance(self.widget, QComboBox) and self.widget.view().isVisible()

    def take(self) -> None:
        """Use what was written, and go."""
        if self._ended:
            return
        written = self._written()
        self._end()
        if written != self._text:
            self._use(written)

    def _end(self) -> None:
        self._ended = True
        self.widget.hide()
        self.widget.deleteLater()
        self.deleteLater()
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)
