"""Plates side by side: one colour scale, one selection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QFocusEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QSlider, QVBoxLayout, QWidget

from app.colouring import Colouring
from app.numbers import integer
from app.open_plate import OpenPlate
from app.theme import theme_of
from app.views.colour_chooser import ColourChooser
from app.views.legend import Legend
from app.views.page_text import Pages
from app.views.panel import Panel
from app.views.plate_picker import PlatePicker
from app.views.plate_wall import LARGEST, SMALLEST, PlatePlace, PlateWall
from app.views.words import plural
from app.well_colours import WellColours
from app.workspace import Rows, Workspace

__all__ = ["PlatesPage"]


_HOW = "Ctrl adds, Alt takes away, a double click selects replicates"
_EXPORTS = ("export_plates", "export_wells", "copy_wells")
_ON_WELLS = (
    *("replicates", "same_positions", "new_hit_list", "add_selection"),
    *("copy_wells", "export_wells", "export_plates"),
)


class PlatesPage(Panel):
    """All plates of the open files, or those that the user picks.

    Parameters
    ----------
    workspace : Workspace
    colours : WellColours
    """

    def __init__(self, workspace: Workspace, colours: WellColours, parent: QWidget | None = None) -> None:
        super().__init__("Plates", explanation="One colour scale for all plates", parent=parent)
        self._workspace = workspace
        self._colours = colours
        # By file and barcode: plates that are new are shown.
        self._hidden: set[tuple[str, str]] = set()
        self._stale = True
        self.colour_by = ColourChooser()
        label = QLabel("C&olour by")
        label.setBuddy(self.colour_by)
        self.pick = QPushButton("Plates…")
        self.pick.setToolTip("Which plates are shown")
        self.pick.setAccessibleName("Choose plates")
        self.zoom = QSlider(Qt.Orientation.Horizontal)
        self.zoom.setRange(SMALLEST, LARGEST)
        self.zoom.setPageStep(80)
        self.zoom.setSingleStep(20)
        self.zoom.setMinimumWidth(50)
        self.zoom.setMaximumWidth(100)
        self.zoom.setAccessibleName("Size of the plates")
        self.zoom.setToolTip("Size of the plates (Ctrl and the wheel over them)")
        self.export = QPushButton("Export")
        self.export.setAccessibleName("Export plates and wells")
        self.export.setToolTip("Picture of the plates, table of the wells")
        for widget in (label, self.colour_by, self.pick, self.export, self.zoom):
            self.header.addWidget(widget)
        self.wall = PlateWall(self._colouring, workspace.selection_in)
        self.zoom.setValue(self.wall.tile_width)
        self.legend = Legend(colours)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.wall, 1)
        column.addWidget(self.legend)
        self.text = Pages(content)
        self.body.addWidget(self.text, 1)
        self.colour_by.chosen.connect(workspace.set_colour_by)
        self.pick.clicked.connect(self.choose_plates)
        self.zoom.valueChanged.connect(self._zoom)
        self.wall.tile_width_changed.connect(self._show_zoom)
        self.wall.selected.connect(self._selected)
        self.wall.chosen.connect(workspace.show)
        self.wall.replicates_wanted.connect(workspace.select_replicates)
        workspace.plates_changed.connect(self._plates_changed)
        workspace.current_changed.connect(self._turn)
        workspace.selection_changed.connect(self._reselect)
        colours.changed.connect(self._recolour)
        colours.choices_changed.connect(self._offer)
        self._fill()

    def use_actions(self, actions: Mapping[str, QAction]) -> None:
        """Offer the commands of the window where the plates are."""
        menu = QMenu(self.export)
        menu.setToolTipsVisible(True)
        menu.addActions([actions[name] for name in _EXPORTS])
        self.export.setMenu(menu)
        self.wall.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.wall.addActions([actions[name] for name in _ON_WELLS])

    # What is shown --------------------------------------------------------------------------------------

    def _colouring(self, plate: OpenPlate) -> Colouring:
        return self._colours.colouring(plate, theme_of(self.palette()))

    def places(self) -> tuple[PlatePlace, ...]:
        """All plates of the open files, shown or not."""
        several = len(self._workspace.plates) > 1
        found = []
        for plate in self._workspace.plates:
            for barcode, name in enumerate(plate.barcodes):
                wells = plural(len(plate.rows_on(barcode)), "well")
                found.append(PlatePlace(plate, barcode, name, f"{plate.name} · {wells}" if several else wells))
        return tuple(found)

    def _fill(self) -> None:
        places = self.places()
        shown = [place for place in places if _name(place) not in self._hidden]
        self.wall.set_places(shown)
        self.wall.set_current(self._workspace.plate, self._workspace.barcode)
        self.text.set_text(self._why_none(len(places), len(shown)))
        if places:
            told = f"{integer(len(shown))} of {plural(len(places), 'plate')}"
            told = told if len(shown) < len(places) else plural(len(places), "plate")
            self.explain(f"{told} on one colour scale · {_HOW}")
        else:
            self.explain("")
        self.pick.setEnabled(bool(places))
        self.zoom.setEnabled(bool(shown))
        self.export.setEnabled(bool(shown))
        self._offer()
        self._recolour()

    def _why_none(self, n_places: int, n_shown: int) -> str:
        if not self._workspace.plates:
            return "Open a plate file, or drop one here."
        if not n_places:
            return "These files have no plates: their wells have no barcodes and positions."
        return "" if n_shown else "No plate is chosen. Choose plates with the button above."

    def _offer(self) -> None:
        plate = self._workspace.plate
        self.colour_by.set_choices(self._colours.choices(plate) if plate is not None else (), self._colours.key)
        self.colour_by.setEnabled(plate is not None)

    # Changes --------------------------------------------------------------------------------------------

    def _plates_changed(self) -> None:
        self._stale = True
        # Tiles of closed files must not be asked to paint.
        open_now = set(map(id, self._workspace.plates))
        self.wall.set_places([place for place in self.wall.places if id(place.plate) in open_now])
        if self.isVisible():
            self._refresh()

    def _refresh(self) -> None:
        self._stale = False
        self._fill()

    def _turn(self) -> None:
        if not self.isVisible():
            self._stale = True
            return
        had_focus = self.wall.has_focus()
        self.wall.set_current(self._workspace.plate, self._workspace.barcode)
        self._offer()
        self.wall.reselect()
        if had_focus:
            self.wall.focus_current()

    def _reselect(self) -> None:
        if self.isVisible():
            self.wall.reselect()
        else:
            self._stale = True

    def _recolour(self) -> None:
        if not self.isVisible():
            self._stale = True
            return
        plate = self._workspace.plate
        self.colour_by.set_key(self._colours.key)
        self.legend.set_colouring(self._colouring(plate) if plate is not None else None)
        self.wall.recolour()

    def _selected(self, plate: OpenPlate, barcode: int, rows: Rows) -> None:
        self._workspace.show(plate, barcode)
        self._workspace.select(rows)

    def _zoom(self, width: int) -> None:
        if width != self.wall.tile_width:
            self.wall.set_tile_width(width)

    def _show_zoom(self, width: int) -> None:
        blocked = self.zoom.blockSignals(True)
        self.zoom.setValue(width)
        self.zoom.blockSignals(blocked)

    # Choosing plates ------------------------------------------------------------------------------------

    def choose_plates(self) -> None:
        """Open the list of plates from which the user picks."""
        places = self.places()
        if not places:
            return
        picker = PlatePicker([(place.title, place.subtitle) for place in places], self)
        picker.set_value([_name(place) not in self._hidden for place in places])
        picker.value_changed.connect(lambda shown: self._pick(places, shown))
        picker.show_below(self.pick)

    def _pick(self, places: tuple[PlatePlace, ...], shown: list[bool]) -> None:
        for place, is_shown in zip(places, shown, strict=True):
            if is_shown:
                self._hidden.discard(_name(place))
            else:
                self._hidden.add(_name(place))
        self._fill()

    # State ----------------------------------------------------------------------------------------------

    def view_state(self) -> dict[str, Any]:
        """Size of the plates, those that are not shown, limits and maps."""
        return {
            "tile_width": 0 if self.wall.fits else self.wall.tile_width,
            "hidden": [list(name) for name in sorted(self._hidden)],
            **self._colours.view_state(),
        }

    def restore_view_state(self, state: Mapping[str, Any]) -> None:
        """Show plates as they were shown; what does not fit is dropped."""
        width, hidden = state.get("tile_width"), state.get("hidden")
        if isinstance(width, int) and not isinstance(width, bool):
            self.wall.set_tile_width(width) if width > 0 else self.wall.fit()
        if isinstance(hidden, list):
            pairs = [one for one in hidden if isinstance(one, list) and len(one) == 2]
            self._hidden = {(one[0], one[1]) for one in pairs if all(isinstance(part, str) for part in one)}
        self._colours.restore_view_state(state)
        self._plates_changed()

    # Events ---------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._refresh()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        # Not by a proxy: Tab would jump to it over all that stands before it.
        self.wall.setFocus(event.reason())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "legend"):
            self._recolour()


def _name(place: PlatePlace) -> tuple[str, str]:
    """What a plate is remembered by."""
    return place.plate.path, place.title
