"""The plate: what it is coloured by, its heat map and its colour bar."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from app.theme import theme_of
from app.views.colour_chooser import ColourChooser
from app.views.labels import ShortLabel
from app.views.legend import Legend
from app.views.panel import Panel
from app.views.plate_map import PlateMap
from app.well_colours import WellColours
from app.workspace import Workspace

__all__ = ["PlateView"]

_ON_WELLS = (
    *("replicates", "same_positions", "new_hit_list", "add_selection"),
    *("copy_wells", "export_wells", "export_plates"),
)


class PlateView(Panel):
    """Heat map of the current plate with the choice of colours."""

    def __init__(self, workspace: Workspace, colours: WellColours, parent: QWidget | None = None) -> None:
        super().__init__("Plate", parent=parent)
        self._workspace = workspace
        self._colours = colours
        self.colour_by = ColourChooser()
        # The choice and the barcode say more: this gives way to them.
        label = ShortLabel("&Colour by", short="", least=0)
        self.title.mode = Qt.TextElideMode.ElideMiddle
        label.setBuddy(self.colour_by)
        self.header.addWidget(label)
        self.header.addWidget(self.colour_by)
        self.map = PlateMap()
        self.legend = Legend(colours)
        self.body.addWidget(self.map, 1)
        self.body.addWidget(self.legend)
        self.colour_by.chosen.connect(workspace.set_colour_by)
        self.map.selection_changed.connect(workspace.select)
        self.map.replicates_wanted.connect(workspace.select_replicates)
        workspace.current_changed.connect(self._show_plate)
        workspace.selection_changed.connect(lambda: self.map.set_value(workspace.selection))
        colours.changed.connect(self._recolour)
        colours.choices_changed.connect(self._offer)
        self._show_plate()

    def use_actions(self, actions: Mapping[str, QAction]) -> None:
        """Offer the commands of the window where the wells are."""
        self.map.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.map.addActions([actions[name] for name in _ON_WELLS])

    def _show_plate(self) -> None:
        plate, barcode = self._workspace.plate, self._workspace.barcode
        self.title.setText(plate.barcodes[barcode] if plate is not None and plate.barcodes else "Plate")
        self._offer()
        self.map.set_plate(plate, barcode)
        self.map.set_value(self._workspace.selection)
        self._recolour()

    def _offer(self) -> None:
        plate = self._workspace.plate
        self.colour_by.set_choices(self._colours.choices(plate) if plate is not None else (), self._colours.key)
        self.colour_by.setEnabled(plate is not None)

    def _recolour(self) -> None:
        plate = self._workspace.plate
        colouring = self._colours.colouring(plate, theme_of(self.palette())) if plate is not None else None
        self.colour_by.set_key(self._colours.key)
        self.map.set_colouring(colouring)
        self.legend.set_colouring(colouring)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "legend"):
            self._recolour()
