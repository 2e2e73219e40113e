"""The plate: what it is coloured by, its heat map and its colour bar."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from app.colouring import choices
from app.views.legend import Legend
from app.views.panel import Panel
from app.views.plate_map import PlateMap
from app.workspace import Workspace

__all__ = ["PlateView"]


class PlateView(Panel):
    """Heat map of the current plate with the choice of colours."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__("Plate", parent=parent)
        self._workspace = workspace
        self.colour_by = QComboBox()
        self.colour_by.setAccessibleName("Colour by")
        self.colour_by.setToolTip("What the wells are coloured by, here and in the scatter")
        self.colour_by.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.colour_by.setMaximumWidth(220)
        label = QLabel("&Colour by")
        label.setBuddy(self.colour_by)
        self.header.addWidget(label)
        self.header.addWidget(self.colour_by)
        self.map = PlateMap()
        self.legend = Legend()
        self.body.addWidget(self.map, 1)
        self.body.addWidget(self.legend)
        self.colour_by.activated.connect(lambda i: workspace.set_colour_by(self.colour_by.itemData(i)))
        self.map.selection_changed.connect(workspace.select)
        self.map.replicates_wanted.connect(workspace.select_replicates)
        workspace.current_changed.connect(self._show_plate)
        workspace.selection_changed.connect(lambda: self.map.set_value(workspace.selection))
        self._show_plate()

    def _show_plate(self) -> None:
        plate, barcode = self._workspace.plate, self._workspace.barcode
        self.title.setText(plate.barcodes[barcode] if plate is not None and plate.barcodes else "Plate")
        self.colour_by.clear()
        for choice in choices(plate) if plate is not None else ():
            self.colour_by.addItem(choice.label, choice.key)
        self.colour_by.setEnabled(plate is not None)
        self.map.set_plate(plate, barcode)
        self.map.set_value(self._workspace.selection)
