"""A list from which plates are picked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.views.scroll_bar import SlimScrollBar

__all__ = ["PlatePicker"]


class PlatePicker(QFrame):
    """A popup with a check box for each plate; what is chosen is shown at once.

    Signals
    -------
    value_changed(list of bool)

    Parameters
    ----------
    plates : sequence of (str, str)
        Name of each, and what stands beside it.
    """

    value_changed = Signal(object)

    def __init__(self, plates: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName("Choose plates")
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Search plates…")
        self.filter.setAccessibleName("Search plates")
        self.filter.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Plates")
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setVerticalScrollBar(SlimScrollBar())
        self.list.setUniformItemSizes(True)
        for name, beside in plates:
            item = QListWidgetItem(f"{name}   {beside}")
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable
            )
            item.setCheckState(Qt.CheckState.Checked)
            item.setSizeHint(QSize(0, self.fontMetrics().height() + 8))
            self.list.addItem(item)
        self.all, self.none = QPushButton("Show &all"), QPushButton("Show &none")
        for button, way in ((self.all, True), (self.none, False)):
            button.setToolTip("Of those that the search leaves")
            button.clicked.connect(lambda _=False, way=way: self._set_listed(way))
        buttons = QHBoxLayout()
        buttons.addWidget(self.all)
        buttons.addWidget(self.none)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.setSpacing(8)
        layout.addWidget(self.filter)
        layout.addWidget(self.list, 1)
        layout.addLayout(buttons)
        self.setFixedSize(340, 380)
        self.filter.textChanged.connect(self._search)
        self.list.itemChanged.connect(lambda _item: self.value_changed.emit(self.value()))

    def value(self) -> list[bool]:
        """Which plates are chosen."""
        return [self.list.item(i).checkState() == Qt.CheckState.Checked for i in range(self.list.count())]

    def set_value(self, chosen: Sequence[bool]) -> None:
        """Choose plates, without emitting ``value_changed``."""
        blocked = self.list.blockSignals(True)
        for i, one in enumerate(chosen):
            self.list.item(i).setCheckState(Qt.CheckState.Checked if one else Qt.CheckState.Unchecked)
        self.list.blockSignals(blocked)
        self.list.viewport().update()

    def show_below(self, widget: QWidget) -> None:
        """Open below a widget."""
        corner = widget.mapToGlobal(QPoint(widget.width() - self.width(), widget.height() + 4))
        available = widget.screen().availableGeometry()
        corner.setX(max(available.left(), min(corner.x(), available.right() - self.width())))
        corner.setY(max(available.top(), min(corner.y(), available.bottom() - self.height())))
        self.move(corner)
        self.show()
        self.filter.setFocus(Qt.FocusReason.PopupFocusReason)

    def _search(self, text: str) -> None:
        wanted = text.strip().casefold()
        for i in range(self.list.count()):
            item = self.list.item(i)
            item.setHidden(wanted not in item.text().casefold())

    def _set_listed(self, chosen: bool) -> None:
        self.set_value([chosen if not self.list.item(i).isHidden() else was for i, was in enumerate(self.value())])
        self.value_changed.emit(self.value())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)
