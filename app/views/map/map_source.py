"""Where the map's points come from: what the window holds, or the engine's answers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.engine import EngineError
from app.open_plate import OpenPlate
from app.views.map.map_data import MapData, MapRequest
from app.views.map.map_library import MapLibrary
from app.workspace import Workspace

__all__ = ["MapSource"]

# Maps that were shown lately come back at once.
_KEPT = 6
# Larger libraries take longer than anybody wants to wait for a ranking.
_LARGE = 20_000

_Content = tuple[Any, ...]


class MapSource(QObject):
    """Coordinates and clusters for what the user wants on the map.

    Signals
    -------
    ready(MapData or None, str)
        The map, or why there is none.
    stopped(MapRequest)
        The user stopped the layout of this map.
    clusters_ready()
        See :attr:`clusters`.
    doses_changed()
        See :attr:`doses`.
    """

    ready = Signal(object, str)
    stopped = Signal(object)
    clusters_ready = Signal()
    doses_changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._library: MapLibrary | None = None
        self._n_molecules = 0
        self.doses: tuple[float, ...] = ()
        self.clusters: NDArray[np.int32] | None = None
        self.clusters_note = ""
        self._asked: _Content | None = None
        self._clustered: _Content | None = None
        self._kept: dict[_Content, MapData] = {}
        self._kept_clusters: dict[_Content, NDArray[np.int32]] = {}
        self._doses_asked = False
        workspace.session_changed.connect(self._session_changed)

    @property
    def busy(self) -> bool:
        """Whether coordinates or clusters are still to come."""
        return any(
            self._workspace.requests.waits_for(purpose) for purpose in ("map", "map library", "map clusters")
        )

    def _session_changed(self) -> None:
        """Another library has other molecules and doses."""
        self._library, self._asked, self._clustered = None, None, None
        self._doses_asked = False
        self._kept.clear()
        self._kept_clusters.clear()

    # Coordinates ----------------------------------------------------------------------------------------

    def ask(self, request: MapRequest) -> None:
        """Ask for a map; the same one is not asked for twice."""
        plate = self._workspace.plate
        self._ask_doses()
        if plate is None:
            self._asked = None
            self._workspace.requests.withdraw("map")
            self.ready.emit(None, "Open a plate to begin")
            return
        content = self._content(request, plate)
        if content == self._asked:
            return
        self._asked = content
        self._workspace.requests.withdraw("map")
        if not request.needs_engine:
            self.ready.emit(MapData.of_plate(plate), "")
        elif content in self._kept:
            self.ready.emit(self._kept[content], "")
        elif request.library and self._library is None:
            self._ask_library(request)
        else:
            self._ask_coordinates(request, content, plate)

    def ask_again(self, request: MapRequest) -> None:
        """Ask for a map that was refused or stopped."""
        self._asked = None
        self.ask(request)

    def _files(self, request: MapRequest, plate: OpenPlate) -> tuple[OpenPlate, ...]:
        return tuple(self._workspace.plates) if request.every_file else (plate,)

    def _content(self, request: MapRequest, plate: OpenPlate) -> _Content:
        """What the coordinates depend on: the same means the same map."""
        files = tuple((one.path, one.token) for one in self._files(request, plate))
        follows = request.follows_selection and request.method == "pca"
        # A UMAP takes its time: it stays as it was made until the user asks for another.
        selected = self._workspace.selection.tobytes() if follows else b""
        return request, files, (plate.path, plate.token), selected

    def _arguments(self, request: MapRequest, plate: OpenPlate) -> dict[str, Any]:
        files = self._files(request, plate)
        return {
            "files": [{"path": one.path, "token": one.token} for one in files],
            "current": files.index(plate),
            "space": request.space,
            "library": request.library,
            "dose": request.dose,
            "rows": self._workspace.selection if request.follows_selection else np.empty(0, dtype=np.intp),
        }

    def _ask_coordinates(self, request: MapRequest, content: _Content, plate: OpenPlate) -> None:
        files = self._files(request, plate)
        long = request.method == "umap" or (request.library and self._n_molecules > _LARGE)

        def use(packed: dict[str, Any]) -> None:
            data = MapData.unpack(request, files, self._library if request.library else None, packed)
            self._kept[content] = data
            while len(self._kept) > _KEPT:
                self._kept.pop(next(iter(self._kept)))
            self.ready.emit(data, "")

        def refuse(error: EngineError) -> None:
            if error.cancelled:
                # Whoever chooses it again means it.
                self._asked = None
                self.stopped.emit(request)
            else:
                self.ready.emit(None, error.text)

        self._workspace.ask(
            "map",
            "map_project",
            "Laying out the map",
            use,
            refuse,
            background=long,
            method=request.method,
            **self._arguments(request, plate),
        )

    # The library ----------------------------------------------------------------------------------------

    def _ask_doses(self) -> None:
        if self._doses_asked:
            return
        self._doses_asked = True

        def use(packed: dict[str, Any]) -> None:
            self.doses, self._n_molecules = tuple(packed["doses"]), int(packed["molecules"])
            self.doses_changed.emit()

        self._workspace.ask("map doses", "map_doses", "Reading the library's doses", use)

    def _ask_library(self, request: MapRequest) -> None:
        def use(packed: dict[str, Any]) -> None:
            self._library = MapLibrary.unpack(packed)
            self.ask_again(request)

        def refuse(error: EngineError) -> None:
            self.ready.emit(None, error.text)

        self._workspace.ask(
            "map library",
            "map_library",
            "Reading the library's molecules",
            use,
            refuse,
            background=self._n_molecules > _LARGE,
        )

    # Clusters -------------------------------------------------------------------------------------------

    def ask_clusters(self, request: MapRequest) -> None:
        """Ask for the clusters of a map's points; the same ones are not asked for twice."""
        plate = self._workspace.plate
        if plate is None:
            return
        content = self._content(request, plate)
        # Clusters are found in the space itself: however it is laid flat, they are the same.
        content = (content[0].space, content[0].library, content[0].dose, *content[1:])
        if content == self._clustered:
            return
        self._clustered = content
        self._take_clusters(self._kept_clusters.get(content), "being computed…")
        if self.clusters is not None:
            return

        def use(packed: dict[str, Any]) -> None:
            self._kept_clusters[content] = packed["label"]
            while len(self._kept_clusters) > _KEPT:
                self._kept_clusters.pop(next(iter(self._kept_clusters)))
            self._take_clusters(packed["label"], "")

        def refuse(error: EngineError) -> None:
            self._clustered = None
            note = "stopped; choose it again to compute it" if error.cancelled else "could not be computed"
            self._take_clusters(None, note)

        self._workspace.ask(
            "map clusters",
            "map_clusters",
            "Finding clusters",
            use,
            refuse,
            background=True,
            **self._arguments(request, plate),
        )

    def _take_clusters(self, label: NDArray[np.int32] | None, note: str) -> None:
        self.clusters, self.clusters_note = label, note if label is None else ""
        self.clusters_ready.emit()
