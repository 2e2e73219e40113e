"""Open files and their physical plates."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget

from app.open_plate import OpenPlate
from app.theme import set_colours
from app.views.scroll_bar import SlimScrollBar
from app.views.words import plural
from app.workspace import Workspace

__all__ = ["PlateList"]

_PLACE = Qt.ItemDataRole.UserRole


class PlateList(QTreeWidget):
    """A tree of files and, below each, its plates; the current one is shown in the other views."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Open plates")
        self.setHeaderHidden(True)
        self.setColumnCount(2)
        self.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.setVerticalScrollBar(SlimScrollBar())
        self.setRootIsDecorated(False)
        self.setIndentation(14)
        self.setUniformRowHeights(True)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, self.header().ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, self.header().ResizeMode.ResizeToContents)
        self._workspace = workspace
        workspace.plates_changed.connect(self._fill)
        workspace.current_changed.connect(self._mark)
        self.currentItemChanged.connect(self._chosen)
        self._recolour()
        self._fill()

    def _row(self) -> QSize:
        return QSize(0, self.fontMetrics().height() + 8)

    def _recolour(self) -> None:
        """Mark the current plate with a tint: it is a place, not a selection of wells."""
        set_colours(self, {QPalette.ColorRole.Highlight: "tint", QPalette.ColorRole.HighlightedText: "text"})

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._recolour()
        super().changeEvent(event)

    def sizeHint(self) -> QSize:
        rows = sum(1 + max(len(p.barcodes), 1) for p in self._workspace.plates)
        return QSize(240, min(max(rows, 2), 7) * self._row().height() + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 2 * self._row().height())

    def _fill(self) -> None:
        blocked = self.blockSignals(True)
        self.clear()
        for number, plate in enumerate(self._workspace.plates):
            top = QTreeWidgetItem([plate.name + ("  (simulated)" if plate.simulated else ""), ""])
            top.setToolTip(0, plate.path)
            top.setData(0, _PLACE, (number, 0))
            top.setSizeHint(0, self._row())
            self.addTopLevelItem(top)
            for barcode, name in enumerate(plate.barcodes or ("all wells",)):
                n = len(plate.rows_on(barcode)) if plate.barcodes else len(plate)
                item = QTreeWidgetItem([name, plural(n, "well")])
                item.setData(0, _PLACE, (number, barcode))
                item.setSizeHint(0, self._row())
                item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                top.addChild(item)
            top.setExpanded(True)
        self.blockSignals(blocked)
        self._mark()
        self.updateGeometry()

    def _item(self, plate: OpenPlate, barcode: int) -> QTreeWidgetItem | None:
        if plate not in self._workspace.plates:
            return None
        top = self.topLevelItem(self._workspace.plates.index(plate))
        return top.child(barcode) if top is not None else None

    def _mark(self) -> None:
        plate = self._workspace.plate
        item = self._item(plate, self._workspace.barcode) if plate is not None else None
        blocked = self.blockSignals(True)
        self.setCurrentItem(item)  # type: ignore[arg-type]
        self.blockSignals(blocked)

    def _chosen(self, item: QTreeWidgetItem | None, _previous: QTreeWidgetItem | None) -> None:
        if item is not None:
            number, barcode = item.data(0, _PLACE)
            self._workspace.show(self._workspace.plates[number], barcode)
