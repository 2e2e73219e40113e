"""Points grouped where they are dense: HDBSCAN on the graph of nearest neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components

from molphenix_core.errors import InputError
from molphenix_core.plates.neighbour_map import MAP_MOST
from molphenix_core.plates.neighbours import nearest_neighbours
from molphenix_core.progress import Progress, silent

__all__ = ["density_clusters"]

_NEIGHBOURS = 30
_CORE = 5
_FARTHEST = 2.0


def density_clusters(
    units: NDArray[np.float32], *, min_size: int = 10, progress: Progress = silent
) -> NDArray[np.int32]:
    """Group unit vectors by HDBSCAN on cosine distance, in their own space and not on a picture of it.

    Mutual reachability (5 neighbours) is taken along the 30 exact nearest neighbours of each point: clusters that
    share no such neighbours are never joined, and the rest is as HDBSCAN on all distances would have it.

    Parameters
    ----------
    units : float32 (n, d)
        Unit vectors.
    min_size : int
        Points that make a cluster.
    progress : callable
        Told the share done; may raise :class:`~molphenix_core.errors.Cancelled`.

    Returns
    -------
    int32 (n,)
        Cluster of each point, 0 for the largest; -1 for points in no cluster, which are most of a screen in which
        little is active.

    Raises
    ------
    InputError
        More than 150,000 points.

    References
    ----------
    Campello, Moulavi and Sander 2013, doi:10.1007/978-3-642-37456-2_14.
    """
    n = len(units)
    if n > MAP_MOST:
        raise InputError("clusters", "points", f"{n:,}", f"at most {MAP_MOST:,}")
    if n < 2 * min_size:
        return np.full(n, -1, dtype=np.int32)
    graph = _graph(units, lambda share, text: progress(0.8 * share, text))
    progress(0.8, "Grouping neighbours")
    # Only now: scikit-learn takes a second to import.
    from sklearn.cluster import HDBSCAN

    clusterer = HDBSCAN(min_cluster_size=min_size, min_samples=_CORE, metric="precomputed", copy=True)
    label = clusterer.fit_predict(graph)
    progress(1.0, "Clusters found")
    return _largest_first(label)


def _graph(units: NDArray[np.float32], progress: Progress) -> csr_matrix:
    """Cosine distances to the nearest neighbours, symmetric and in one piece."""
    n = len(units)
    index, distance = nearest_neighbours(units, min(_NEIGHBOURS + 1, n), progress=progress)
    rows = np.repeat(np.arange(n), index.shape[1] - 1)
    # Zero is no edge to a sparse matrix, but twins are near.
    values = np.maximum(distance[:, 1:].ravel().astype(np.float64), 1e-9)
    graph = coo_matrix((values, (rows, index[:, 1:].ravel())), shape=(n, n)).tocsr()
    graph = graph.maximum(graph.T)
    pieces, piece = connected_components(graph, directed=False)
    if pieces > 1:
        # HDBSCAN wants one piece: bridges as long as cosine distance gets join nothing that is dense.
        first = np.unique(piece, return_index=True)[1]
        bridge = np.full(pieces - 1, _FARTHEST)
        bridges = coo_matrix((bridge, (np.full(pieces - 1, first[0]), first[1:])), shape=(n, n)).tocsr()
        graph = graph + bridges + bridges.T
    return graph


def _largest_first(label: NDArray[np.integer]) -> NDArray[np.int32]:
    if label.max(initial=-1) < 0:
        return np.full(len(label), -1, dtype=np.int32)
    order = np.argsort(-np.bincount(label[label >= 0]), kind="stable")
    place = np.empty(len(order) + 1, dtype=np.int32)
    place[order] = np.arange(len(order))
    place[-1] = -1
    return place[label]
