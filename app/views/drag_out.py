"""Dragging what is selected out of a view."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QObject, QPoint, Qt
from PySide6.QtGui import QDrag, QMouseEvent, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

__all__ = ["DragOut"]

_NO_BUTTON, _LEFT = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton


class DragOut(QObject):
    """Begins a drag where the left button is pressed on something that is selected, and moved.

    A press there waits for what follows: what only clicks is a click like any other. So a drag never changes
    the selection that it carries.

    Parameters
    ----------
    widget : QWidget
        Whose mouse events are looked at: of a scrolling view its viewport.
    can_drag : callable
        Whether a drag may begin at a point.
    mime : callable
        What is dragged, asked for when it begins.
    picture : callable
        What hangs on the pointer; a null pixmap for Qt's own.
    """

    def __init__(
        self,
        widget: QWidget,
        can_drag: Callable[[QPoint], bool],
        mime: Callable[[], QMimeData | None],
        picture: Callable[[], QPixmap] = QPixmap,
    ) -> None:
        super().__init__(widget)
        self._widget, self._can_drag, self._mime, self._picture = widget, can_drag, mime, picture
        self._press: QPoint | None = None
        self._passing = False
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if self._passing or not isinstance(event, QMouseEvent):
            return False
        if event.type() == QEvent.Type.MouseButtonPress:
            plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            point = event.position().toPoint()
            self._press = point if event.button() == _LEFT and plain and self._can_drag(point) else None
            return self._press is not None
        if self._press is None:
            return False
        if event.type() == QEvent.Type.MouseMove and event.buttons() & _LEFT:
            moved = (event.position().toPoint() - self._press).manhattanLength()
            if moved >= QApplication.startDragDistance():
                self._press = None
                self._drag()
            return True
        if event.type() == QEvent.Type.MouseButtonRelease and event.button() == _LEFT:
            press, self._press = self._press, None
            self._click(press, event)
            return True
        return False

    def _click(self, press: QPoint, release: QMouseEvent) -> None:
        """Hand on the press that was held back, and its release."""
        self._passing = True
        where = self._widget.mapToGlobal(press)
        for kind, buttons in ((QEvent.Type.MouseButtonPress, _LEFT), (QEvent.Type.MouseButtonRelease, _NO_BUTTON)):
            copy = QMouseEvent(kind, press.toPointF(), where.toPointF(), _LEFT, buttons, release.modifiers())
            QCoreApplication.sendEvent(self._widget, copy)
        self._passing = False

    def _drag(self) -> None:
        data = self._mime()
        if data is None:
            return
        drag = QDrag(self._widget)
        drag.setMimeData(data)
        picture = self._picture()
        if not picture.isNull():
            drag.setPixmap(picture)
        drag.exec(Qt.DropAction.CopyAction)
