"""The map: wells and library molecules in one scatter."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from app.background import Background
from app.engine import EngineError
from app.exporting.tables import Saved, save_table
from app.exporting.written_text import saved_text
from app.numbers import integer
from app.records import Molecule
from app.theme import theme_of
from app.views.map.gestures import combine
from app.views.map.map_colours import CLUSTER, OWN_CHOICES, MapColours, colour_map, colour_parts, make_scene
from app.views.map.map_controls import MapControls
from app.views.map.map_data import MapData, MapRequest
from app.views.map.map_legend import MapLegend
from app.views.map.map_library import MapLibrary
from app.views.map.map_source import MapSource
from app.views.map.map_table import map_table
from app.views.map.map_text import (
    explanation,
    legend_entries,
    legend_kinds,
    legend_marks,
    long_explanation,
    point_text,
)
from app.views.map.point_canvas import LASSO, RECTANGLE, PointCanvas
from app.views.map.points import Scene
from app.views.page_text import Pages
from app.views.panel import Panel
from app.well_colours import WellColours
from app.workspace import Workspace
from molphenix_core.errors import InputError

__all__ = ["MapPage"]

_MILLISECONDS_TO_REST = 250
# Candidates of the selection with a circle around them.
_CIRCLED = 20
_NO_ROWS: NDArray[np.intp] = np.empty(0, dtype=np.intp)


class MapPage(Panel):
    """Wells and library molecules, near where they are alike; what is chosen here is chosen everywhere.

    Parameters
    ----------
    workspace : Workspace
    colours : WellColours
        What all views of wells are coloured by.
    """

    def __init__(self, workspace: Workspace, colours: WellColours, parent: QWidget | None = None) -> None:
        super().__init__("Map", parent=parent)
        self._workspace, self._colours = workspace, colours
        self._data: MapData | None = None
        self._map_colours: MapColours | None = None
        self._source = MapSource(workspace, self)
        self._own_key = ""
        self._painting, self._saving = Background(self), Background(self)
        self.controls = MapControls()
        self.canvas = PointCanvas()
        self.legend = MapLegend()
        self.canvas.tip = self._tip
        drawing = QWidget()
        row = QHBoxLayout(drawing)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.canvas, 1)
        row.addWidget(self.legend)
        self.figure = drawing
        self.pages = Pages(drawing)
        self.body.addWidget(self.controls)
        self.body.addWidget(self.pages, 1)
        self._rest = QTimer(self, singleShot=True, interval=_MILLISECONDS_TO_REST)
        self._rest.timeout.connect(self._renew)
        self._connect()
        self._renew()

    def _connect(self) -> None:
        workspace = self._workspace
        self.controls.request_changed.connect(lambda _request: self._renew())
        self.controls.tool_changed.connect(self.set_tool)
        self.controls.fit_wanted.connect(self.canvas.fit)
        self.controls.colour_by.chosen.connect(self._colour_by)
        self.canvas.chosen.connect(self._chosen)
        self.canvas.scene_painted.connect(self._name_points)
        self.legend.kinds_changed.connect(self._repaint)
        self.legend.entries_changed.connect(self._repaint)
        self._colours.changed.connect(self._recolour)
        self._colours.choices_changed.connect(self._offer_colours)
        workspace.current_changed.connect(self._renew)
        workspace.plates_changed.connect(self._renew)
        workspace.session_changed.connect(self._renew)
        self._source.ready.connect(self._show)
        self._source.stopped.connect(self._go_back)
        self._source.clusters_ready.connect(self._recolour)
        self._source.doses_changed.connect(lambda: self.controls.set_doses(self._source.doses))
        workspace.selection_changed.connect(self._selection_changed)
        workspace.molecule_changed.connect(self._mark)
        workspace.ranking_changed.connect(self._mark)

    # What is on the map ---------------------------------------------------------------------------------

    def _renew(self) -> None:
        """Find out what is to be shown, and ask for what the window lacks, once the page is seen."""
        if self.isVisible():
            self._offer_colours()
            self._source.ask(self.controls.request)
            if self._own_key == CLUSTER:
                self._source.ask_clusters(self.controls.request)

    def _show(self, data: MapData | None, why_not: str = "") -> None:
        """Show other points, or say why there are none."""
        before, self._data = self._data, data
        self.pages.set_text(why_not)
        if data is None:
            self.explain("")
            self._map_colours = None
            self._painting.drop()
            self.canvas.set_scene(None)
            return
        same_place = before is not None and before.request == data.request and before.plates == data.plates
        self._recolour(keep_view=same_place)

    def _go_back(self, stopped: MapRequest) -> None:
        """Show again what was on show before a layout that was stopped."""
        before = self._data.request if self._data is not None else None
        if before is None or before == stopped:
            self._show(None, "The map was stopped before it was ready. Choose the projection again to lay it out.")
            return
        self.controls.set_request(before)
        self._workspace.told.emit("The map was stopped before it was ready: the one before it is shown again")
        self._source.ask_again(before)

    # Colours --------------------------------------------------------------------------------------------

    @property
    def colour_key(self) -> str:
        """What the map is coloured by: something of its own, or what all views of wells are."""
        return self._own_key or self._colours.key

    def _offer_colours(self) -> None:
        plate = self._workspace.plate
        offered = (*self._colours.choices(plate), *OWN_CHOICES) if plate is not None else ()
        self.controls.colour_by.set_choices(offered, self.colour_key)
        self.controls.colour_by.setEnabled(plate is not None)

    def _colour_by(self, key: str) -> None:
        self._own_key = key if key in {choice.key for choice in OWN_CHOICES} else ""
        if not self._own_key and key != self._workspace.colour_by:
            self._workspace.set_colour_by(key)
        if self._own_key == CLUSTER:
            self._source.ask_clusters(self.controls.request)
        self._recolour()

    def _recolour(self, *, keep_view: bool = True) -> None:
        """Colour the points anew; the scene follows from a thread."""
        data = self._data
        if data is None or not self.isVisible():
            return
        self.controls.colour_by.set_key(self.colour_key)
        theme, key = theme_of(self.palette()), self.colour_key
        shared = [] if self._own_key else [self._colours.colouring(plate, theme) for plate in data.plates]
        clusters, note = self._source.clusters, self._source.clusters_note

        def work() -> MapColours:
            parts = shared or colour_parts(data, key, clusters, note, theme)
            return colour_map(data, parts, key, theme)

        self._painting.run(work, lambda colours: self._use_colours(data, colours, keep_view))

    def _use_colours(self, data: MapData, colours: MapColours, keep_view: bool) -> None:
        self._map_colours = colours
        entries = legend_entries(colours, theme_of(self.palette()))
        self.legend.set_content(colours.legend, entries, legend_kinds(data), legend_marks(data, _CIRCLED))
        self._repaint(keep_view=keep_view)

    def _repaint(self, *, keep_view: bool = True) -> None:
        data, colours = self._data, self._map_colours
        if data is None or colours is None:
            return
        kinds, entries = self.legend.hidden_kinds, self.legend.hidden_entries
        theme = theme_of(self.palette())

        def work() -> Scene:
            scene = make_scene(data, colours, kinds, entries, theme)
            return dataclasses.replace(scene, axes=data.axes, title=explanation(data), tip=long_explanation(data))

        self._painting.run(work, lambda scene: self._use_scene(scene, keep_view))

    def _name_points(self, scene: Scene | None) -> None:
        if scene is not None:
            self.explain(scene.title)
            self.explanation.setToolTip(scene.tip)

    def _use_scene(self, scene: Scene, keep_view: bool) -> None:
        self.canvas.set_scene(scene, keep_view=keep_view)
        self._mark()

    @property
    def settled(self) -> bool:
        """Whether everything that was asked for is painted."""
        return not self._painting.busy and not self._source.busy and self.canvas.settled

    # The selection --------------------------------------------------------------------------------------

    def _selection_changed(self) -> None:
        self._mark()
        if self.controls.request.follows_selection:
            self._rest.start()

    def _mark(self) -> None:
        data, workspace = self._data, self._workspace
        if data is None or not self.isVisible():
            return
        ringed = circled = _NO_ROWS
        if (library := data.library) is not None:
            ringed = _points([workspace.molecule], library, data)
            best = workspace.ranking.candidates[:_CIRCLED] if workspace.ranking is not None else ()
            circled = _points([candidate.molecule for candidate in best], library, data)
        self.canvas.set_marked(data.points_of(workspace.plate, workspace.selection), ringed, circled)

    def _chosen(self, points: NDArray[np.intp], how: str) -> None:
        data, workspace = self._data, self._workspace
        if data is None:
            return
        wells, molecules = points[points < data.n_wells], points[points >= data.n_wells]
        if len(points) == 1 and len(molecules) and data.library is not None:
            workspace.choose_molecule(data.library.molecule(data.molecule(int(molecules[0]))))
            return
        here = next((i for i, plate in enumerate(data.plates) if plate is workspace.plate), -1)
        rows = data.rows_of(here, wells) if here >= 0 else _NO_ROWS
        elsewhere = len(wells) - len(rows)
        if elsewhere and not len(rows) and how == "replace":
            # Wells of another file alone: that file becomes the current one, as in the list of plates.
            plate, _ = data.well(int(wells[0])) or (None, 0)
            file = next(i for i, one in enumerate(data.plates) if one is plate)
            rows = data.rows_of(file, wells)
            elsewhere = len(wells) - len(rows)
            workspace.show(data.plates[file], int(data.plates[file].plate_of_well[rows[0]].clip(0)))
            workspace.select(rows)
        else:
            workspace.select(combine(workspace.selection, rows, how))
        if elsewhere:
            workspace.told.emit(
                f"{integer(elsewhere)} wells of other files are not selected: a selection lies in one file"
            )

    def _tip(self, point: int) -> str:
        return point_text(self._data, point) if self._data is not None else ""

    # Tools ----------------------------------------------------------------------------------------------

    def set_tool(self, tool: str) -> None:
        """What dragging draws: a lasso or a rectangle."""
        if tool in {LASSO, RECTANGLE}:
            self.canvas.tool = tool
            self.controls.set_tool(tool)

    def lay_out(self, method: str) -> None:
        """Lay the points out by "pca" or "umap"."""
        self.controls.set_request(dataclasses.replace(self.controls.request, method=method))
        self._source.ask_again(self.controls.request)

    def colour_by_cluster(self) -> None:
        """Find clusters, and colour by them."""
        self._colour_by(CLUSTER)
        self._offer_colours()

    @property
    def data(self) -> MapData | None:
        """What is on the map."""
        return self._data

    def use_actions(self, actions: Mapping[str, QAction]) -> None:
        """Offer the window's own commands where they are looked for."""
        menu = QMenu(self.controls.export)
        menu.setToolTipsVisible(True)
        for name in ("save_map", "save_map_picture"):
            menu.addAction(actions[name])
        self.controls.export.setMenu(menu)
        self.canvas.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        for name in (
            "map_all",
            "map_lasso",
            "map_rectangle",
            "replicates",
            "new_hit_list",
            *("save_map", "save_map_picture"),
        ):
            self.canvas.addAction(actions[name])

    def save_table(self, path: str, record: Callable[[str], None]) -> None:
        """Write all points with their coordinates, in a thread; ``record`` is told of it when it is done."""
        data, workspace = self._data, self._workspace
        if data is None:
            return
        selected, clusters = data.points_of(workspace.plate, workspace.selection), self._source.clusters

        def work() -> Saved | EngineError:
            try:
                return save_table(path, map_table(data, selected, clusters))
            except InputError as error:
                return EngineError.of(error)

        def use(result: Saved | EngineError) -> None:
            if isinstance(result, EngineError):
                workspace.failed.emit("Map as a table", result)
            else:
                record(f"Map as a table: {Path(path).name}, {result.rows} rows")
                workspace.told.emit(saved_text(result))

        self._saving.run(work, use)

    # The window -----------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._renew()
        self._recolour()
        self._mark()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "canvas"):
            self._recolour()
        super().changeEvent(event)

    def view_state(self) -> dict[str, Any]:
        """What is shown and how, as JSON values."""
        request = self.controls.request
        return {
            **dataclasses.asdict(request),
            "tool": self.canvas.tool,
            "colour": self._own_key,
            "hidden": sorted(self.legend.hidden_kinds),
        }

    def restore_view_state(self, state: dict[str, Any]) -> None:
        """Show what was shown; what does not fit is dropped."""
        request = MapRequest.read(state)
        self.controls.set_request(request)
        self.set_tool(str(state.get("tool")))
        if state.get("colour") in {choice.key for choice in OWN_CHOICES}:
            self._own_key = str(state["colour"])
        hidden = state.get("hidden")
        if isinstance(hidden, list):
            self.legend.hide_kinds(frozenset(kind for kind in hidden if isinstance(kind, int)))
        self._renew()


def _points(molecules: Iterable[Molecule | None], library: MapLibrary, data: MapData) -> NDArray[np.intp]:
    """Points of some molecules, as far as the library has them."""
    rows = [library.row_of(molecule) for molecule in molecules]
    return np.array([data.n_wells + row for row in rows if row >= 0], dtype=np.intp)
