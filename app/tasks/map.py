"""The map: wells and library molecules laid flat, and grouped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.tasks.map_cache import kept_map
from app.tasks.packing import texts
from app.tasks.state import State
from molphenix_core.errors import UnknownSpaceError
from molphenix_core.plates.density_clusters import density_clusters
from molphenix_core.plates.neighbour_map import MAP_VERSION, neighbour_map
from molphenix_core.plates.neighbours import nearest_neighbours
from molphenix_core.plates.projection import Flat, draw_in, principal_components
from molphenix_core.progress import Progress
from molphenix_core.retrieval.joint_points import joint_components, joint_points, nearest_doses
from molphenix_core.retrieval.library import Library
from molphenix_core.retrieval.workbench import Workbench

__all__ = ["TASKS"]

_CLUSTER_VERSION = "clusters-1"


@dataclass(frozen=True, eq=False)
class _Source:
    """Points of the map in the space that they come from.

    ``wells`` as they are (plate embeddings) or units (joint space), ``molecules`` units or None, ``doses``
    micromolar by molecule.
    """

    files: tuple[int, ...]
    wells: NDArray[np.float32]
    molecules: NDArray[np.float32] | None
    doses: NDArray[np.float64]
    notes: tuple[str, ...]

    def units(self) -> list[NDArray[np.float32]]:
        """All points at unit length: wells, then molecules."""
        length = np.linalg.norm(self.wells, axis=1, keepdims=True)
        wells = self.wells / np.maximum(length, 1e-12)
        return [wells] if self.molecules is None else [wells, self.molecules]

    def flat(self, joint: bool) -> Flat:
        """Principal components."""
        if not joint:
            return principal_components([draw_in(self.wells)])
        if self.molecules is None:
            return principal_components([self.wells])
        return joint_components(self.wells, self.molecules)


def _map_doses(state: State, progress: Progress) -> dict[str, Any]:
    """Doses of the library, and how many molecules it has; none where there is none."""
    library = state.models.library(progress)
    if library is None:
        return {"doses": [], "molecules": 0}
    return {"doses": [float(dose) for dose in library.doses], "molecules": len(library)}


def _map_library(state: State, progress: Progress) -> dict[str, Any]:
    """Who the molecules are, as :class:`app.views.map.map_library.MapLibrary` reads it."""
    library = _library(state, progress)
    table = library.molecules
    keys = table["inchikey"].to_numpy(dtype="S27")
    order = np.argsort(keys, kind="stable")
    return {
        "name": _blob(table["name"]),
        "smiles": _blob(table["smiles"]),
        "inchikey": _blob(table["inchikey"]),
        "mechanism": texts(table["mechanism"].mask(table["mechanism"] == "")),
        "seen": table["seen"].to_numpy(bool),
        "sorted_keys": keys[order],
        "key_row": order.astype(np.int32),
        "doses": np.asarray(library.doses),
        "sha256": library.embeddings_sha256,
    }


def _library(state: State, progress: Progress) -> Library:
    library = state.models.library(progress)
    if library is None:
        raise UnknownSpaceError("map", "library", "no library that can be used", "one that fits the model")
    return library


def _blob(column: Iterable[object]) -> dict[str, Any]:
    """Many texts as one array: a list of a million would hold up the window while it is read."""
    encoded = [str(text).encode() for text in column]
    ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
    return {"data": np.frombuffer(b"".join(encoded), dtype=np.uint8), "ends": ends}


def _source(
    state: State,
    progress: Progress,
    files: Sequence[dict[str, str]],
    current: int,
    space: str,
    library: bool,
    dose: int | None,
    rows: NDArray[np.integer],
) -> _Source:
    benches = []
    for place, file in enumerate(files):
        progress(0.2 * place / len(files), f"Opening {Path(file['path']).name}")
        benches.append(state.workbench(file["path"], file["token"], progress))
    here = benches[current]
    if space == "joint" and here.joint is None:
        raise UnknownSpaceError(
            files[current]["path"], "embedding space", here.space_reason, "a space of the model"
        )
    kept = tuple(i for i, bench in enumerate(benches) if bench.prepared.space == here.prepared.space)
    left = [Path(files[i]["path"]).name for i in range(len(files)) if i not in kept]
    notes = [f"Not shown: {', '.join(left)}, in another embedding space"] if left else []
    if space == "plate":
        wells = np.concatenate([benches[i].prepared.embeddings for i in kept])
        return _Source(kept, wells, None, np.empty(0), tuple(notes))
    joint = np.concatenate([_joint(benches[i]) for i in kept])
    if not library:
        return _Source(kept, joint_points(joint, joint[:0])[0], None, np.empty(0), tuple(notes))
    molecules, doses, note = _molecules(state, progress, here, dose, rows)
    wells, units = joint_points(joint, molecules)
    return _Source(kept, wells, units, doses, (*notes, *note))


def _joint(bench: Workbench) -> NDArray[np.float32]:
    assert bench.joint is not None
    return bench.joint


def _molecules(
    state: State, progress: Progress, bench: Workbench, dose: int | None, rows: NDArray[np.integer]
) -> tuple[NDArray[np.floating], NDArray[np.float64], tuple[str, ...]]:
    """Joint vectors of the library's molecules, their doses, and what is to be said of these."""
    library = _library(state, progress)
    doses = np.asarray(library.doses, dtype=np.float64)
    if dose is None and len(rows):
        best = nearest_doses(library, _joint(bench)[rows].mean(axis=0), progress=progress)
        molecules = np.empty((len(library), library.width), dtype=np.float16)
        for place in range(len(doses)):
            molecules[best == place] = library.embeddings[place][best == place]
        return molecules, doses[best], ("Each molecule at the dose at which it is nearest to the wells selected",)
    place = min(dose if dose is not None else len(doses) // 2, len(doses) - 1)
    note = () if dose is not None else ("No wells are selected, so that no dose is the best: all stand at one",)
    return library.embeddings[place], np.full(len(library), doses[place]), note


def _project(
    state: State,
    progress: Progress,
    *,
    files: list[dict[str, str]],
    current: int,
    space: str,
    method: str,
    library: bool,
    dose: int | None,
    rows: NDArray[np.integer],
) -> dict[str, Any]:
    """Coordinates of the wells of some files and of the library's molecules.

    Parameters
    ----------
    files : list of {path, token}
        Those of another embedding space than the current one are left out, and said so.
    current : int
        Which of them is.
    space : str
        "plate" or "joint".
    method : str
        "pca" or "umap".
    library : bool
        Whether molecules are wanted: in the joint space alone.
    dose : int or None
        Which of the library's, or the best one for the wells in ``rows`` of the current file.
    """
    source = _source(state, progress, files, current, space, library, dose, rows)
    progress(0.3, "Finding principal components")
    flat = source.flat(space == "joint")
    n = len(source.wells)
    said = "of the joint space" if space == "joint" else "of the embeddings"
    notes = list(source.notes)
    if library:
        notes.insert(
            0, "Wells and molecules each about their own mean, as a contrastive model keeps the two apart"
        )
    if method == "umap":
        units = source.units()
        at = kept_map(
            MAP_VERSION,
            units,
            lambda: neighbour_map(
                units, flat.coordinates, progress=lambda share, text: progress(0.35 + 0.65 * share, text)
            ),
        )
        words = f"UMAP {said}"
        held = "15 neighbours by cosine" + (" of either kind" if library else "")
        notes.append(f"Each point is held by its {held}; only who is near whom means something")
    else:
        at = flat.coordinates
        words = f"PCA {said}"
        if library:
            notes.append("Either side is drawn at its own spread")
    return {
        "files": list(source.files),
        "wells": np.ascontiguousarray(at[:n]),
        "molecules": None if source.molecules is None else np.ascontiguousarray(at[n:]),
        "doses": source.doses,
        "shares": list(flat.shares) if method == "pca" else [],
        "method": words,
        "notes": notes,
    }


def _clusters(
    state: State,
    progress: Progress,
    *,
    files: list[dict[str, str]],
    current: int,
    space: str,
    library: bool,
    dose: int | None,
    rows: NDArray[np.integer],
) -> dict[str, Any]:
    """Clusters of the points of a map, in the space they come from: int32, wells first, -1 for none.

    Wells make the clusters. A molecule is in the cluster of the well that is nearest to it: molecules are more
    like each other than like any well, and would be one cluster.
    """
    source = _source(state, progress, files, current, space, library, dose, rows)
    wells, *molecules = source.units()
    label = kept_map(
        _CLUSTER_VERSION,
        [wells],
        lambda: density_clusters(wells, progress=lambda share, text: progress(0.3 + 0.5 * share, text)),
    )
    for units in molecules:
        nearest, _ = nearest_neighbours(
            units, 1, among=wells, progress=lambda share, text: progress(0.8 + 0.2 * share, text)
        )
        label = np.concatenate([label, label[nearest[:, 0]]])
    return {"label": np.ascontiguousarray(label, dtype=np.int32)}


TASKS: dict[str, Callable[..., Any]] = {
    "map_doses": _map_doses,
    "map_library": _map_library,
    "map_project": _project,
    "map_clusters": _clusters,
}
"""Tasks by the names that the window uses."""
