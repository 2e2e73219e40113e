"""Points laid flat so that neighbours stay neighbours: UMAP."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molphenix_core.errors import InputError
from molphenix_core.plates.neighbours import nearest_neighbours
from molphenix_core.progress import Progress, silent

__all__ = ["MAP_MOST", "MAP_VERSION", "neighbour_map"]

MAP_MOST = 150_000
"""Points in a map at most: the search for neighbours takes minutes there, and grows with the square."""

MAP_VERSION = "umap-2"
"""Changes whenever the same points would be laid out in another way: for caches."""

_NEIGHBOURS = 15
_MIN_DISTANCE = 0.1
# How much of the time the search and the layout take.
_SEARCH, _GRAPH = 0.4, 0.5


class _Bar(io.StringIO):
    """Where umap-learn writes its progress bar; a caller's wish to stop comes back out of it."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def write(self, text: str) -> int:
        found = re.search(r"(\d+)%", text)
        if found:
            self._progress(_GRAPH + (1 - _GRAPH) * int(found.group(1)) / 100, "Laying out the map")
        return len(text)


def neighbour_map(
    groups: Sequence[NDArray[np.float32]],
    start: NDArray[np.floating],
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> NDArray[np.float32]:
    """UMAP of unit vectors: cosine, exact neighbours, minimum distance 0.1.

    Each point is held by its 15 nearest neighbours of its own group and, where there is a second group, by its 15
    nearest of that one too: groups whose members are all more alike to each other than to any of the other group,
    as wells and molecules are in a joint space, would otherwise lie apart and say nothing of each other. Distances
    between clusters, and how wide a cluster is, mean nothing on such a map; who is near whom does.

    Parameters
    ----------
    groups : sequence of float32 (n_i, d)
        Unit vectors; at most two groups.
    start : float (n, 2)
        Where points stand at first, as their principal components: two maps of like data then look alike.
    seed : int
        Equal ones give equal maps.
    progress : callable
        Told the share done; may raise :class:`~molphenix_core.errors.Cancelled` at any time.

    Returns
    -------
    float32 (n, 2)
        One group after the other.

    Raises
    ------
    InputError
        Fewer than 4 points in all, or more than 150,000.

    References
    ----------
    McInnes, Healy and Melville, arXiv 1802.03426.
    """
    units = np.concatenate(list(groups))
    n = len(units)
    if not 4 <= n <= MAP_MOST:
        raise InputError("map", "points", f"{n:,}", f"4 to {MAP_MOST:,} for UMAP")
    filled = [group for group in groups if len(group)]
    searches = _searches(filled, lambda share, text: progress(_SEARCH * share, text))
    progress(_SEARCH, "Joining neighbours")
    with warnings.catch_warnings():
        # It says at every import that it could do more with TensorFlow.
        warnings.simplefilter("ignore", ImportWarning)
        from umap.umap_ import find_ab_params, fuzzy_simplicial_set, simplicial_set_embedding
    random = np.random.RandomState(seed)
    graph = None
    for index, distance in searches:
        count = index.shape[1]
        part, _, _ = fuzzy_simplicial_set(
            units, count, random, "cosine", knn_indices=index, knn_dists=distance, verbose=False
        )
        # Two points are neighbours where either search says so.
        graph = part if graph is None else graph.maximum(part)
    progress(_GRAPH, "Laying out the map")
    a, b = find_ab_params(1.0, _MIN_DISTANCE)
    placed, _ = simplicial_set_embedding(
        units,
        graph,
        n_components=2,
        initial_alpha=1.0,
        a=a,
        b=b,
        gamma=1.0,
        negative_sample_rate=5,
        n_epochs=None,
        init=_first_places(start, random),
        random_state=random,
        metric="cosine",
        metric_kwds={},
        densmap=False,
        densmap_kwds={},
        output_dens=False,
        # One thread: more would make another map each time.
        parallel=False,
        tqdm_kwds={"disable": False, "file": _Bar(progress), "mininterval": 0.2},
    )
    progress(1.0, "Map laid out")
    return np.ascontiguousarray(placed, dtype=np.float32)


def _searches(
    groups: Sequence[NDArray[np.float32]], progress: Progress
) -> list[tuple[NDArray[np.int32], NDArray[np.float32]]]:
    """Neighbours of all points within their groups, and where there are two, in the other one."""
    sizes = [len(group) for group in groups]
    starts = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    steps = len(groups) ** 2
    found = []
    for across in range(len(groups)):
        pairs = [(i, (i + across) % len(groups)) for i in range(len(groups))]
        # As umap-learn wants it: as many for all, and each point its own first neighbour.
        count = min(_NEIGHBOURS, *(sizes[other] + bool(across) for _, other in pairs))
        index = np.empty((sum(sizes), count), dtype=np.int32)
        distance = np.zeros((sum(sizes), count), dtype=np.float32)
        for i, other in pairs:
            rows = slice(starts[i], starts[i] + sizes[i])
            done = len(groups) * across + i

            def told(share: float, text: str, done: int = done) -> None:
                progress((done + share) / steps, text)

            if across:
                near, apart = nearest_neighbours(groups[i], count - 1, among=groups[other], progress=told)
                index[rows, 0] = np.arange(starts[i], starts[i] + sizes[i])
                index[rows, 1:], distance[rows, 1:] = near + starts[other], apart
            else:
                near, apart = nearest_neighbours(groups[i], count, progress=told)
                index[rows], distance[rows] = near + starts[i], apart
        found.append((index, distance))
    return found


def _first_places(start: NDArray[np.floating], random: np.random.RandomState) -> NDArray[np.float32]:
    """Principal components at the scale that umap-learn begins with, no two points in one place."""
    places = np.asarray(start, dtype=np.float64) - np.mean(start, axis=0)
    places *= 10 / max(float(np.abs(places).max()), 1e-12)
    return np.asarray(places + random.normal(scale=1e-4, size=places.shape), dtype=np.float32)
