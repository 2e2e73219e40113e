"""Hits grouped by phenotype."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
from scipy.spatial.distance import squareform

from molphenix_core.errors import InputError

__all__ = ["HitClusters", "cluster_hits", "similarity_by_chance"]

_MOST = 10_000  # hits; their distances take 400 MB
_PAIRS = 20_000
_FEWEST_MOLECULES = 20


@dataclass(frozen=True, eq=False)
class HitClusters:
    """Hits grouped by phenotype.

    Parameters
    ----------
    label : int32 (n,)
        Cluster of each hit, 1 for the largest; among equally large ones the first hit decides. A hit that is like
        no other is a cluster of its own.
    order : intp (n,)
        The hits as the leaves of the tree, so that like ones stand together: for a heat map.
    size : int32 (n_clusters,)
        Hits in cluster 1, 2, ...
    cohesion : float64 (n_clusters,)
        Mean cosine similarity over the pairs of a cluster; NaN for a single hit.
    min_similarity : float
        The cut.
    """

    label: NDArray[np.int32]
    order: NDArray[np.intp]
    size: NDArray[np.int32]
    cohesion: NDArray[np.float64]
    min_similarity: float


def similarity_by_chance(
    profiles: NDArray[np.floating],
    molecules: NDArray[np.generic],
    *,
    quantile: float = 0.99,
    seed: int = 0,
) -> float:
    """Cosine similarity that few pairs of different inactive molecules reach: a cut for :func:`cluster_hits`.

    Parameters
    ----------
    profiles : float (n, d)
        Of treatments that do nothing, less the mean control. Those that merely miss a strict rule may be alike,
        and set the cut too high.
    molecules : (n,)
        Which molecule each is of: doses of one molecule are no pair by chance.
    quantile : float
        Share of the pairs below it.
    seed : int
        Of the pairs drawn, at most 20,000.

    Returns
    -------
    float
        NaN with fewer than 20 molecules.
    """
    _, molecule = np.unique(np.asarray(molecules).astype(str), return_inverse=True)
    if len(molecule) == 0 or molecule.max() + 1 < _FEWEST_MOLECULES:
        return np.nan
    unit = _units(profiles)
    random = np.random.default_rng(seed)
    first, second = random.integers(len(unit), size=(2, _PAIRS))
    other = molecule[first] != molecule[second]
    similarity = np.einsum("ij,ij->i", unit[first[other]], unit[second[other]])
    return float(np.quantile(similarity, quantile))


def cluster_hits(profiles: NDArray[np.floating], *, min_similarity: float = 0.5) -> HitClusters:
    """Group hits by phenotype: average linkage on cosine similarity.

    Two clusters are joined as long as the mean cosine similarity between their members is at least the cut. What
    is a high similarity depends on the embedding: 0.5 means much among sphered profiles and little among raw ones,
    for which :func:`similarity_by_chance` gives a cut.

    Parameters
    ----------
    profiles : float (n, d)
        Of the hits, replicates averaged, less the mean control. A profile of zeros is like no other.
    min_similarity : float
        The cut, -1 to 1.

    Returns
    -------
    HitClusters

    Raises
    ------
    InputError
        More than 10,000 hits, a number that is not finite, or a cut outside its range.
    """
    if not -1 <= min_similarity <= 1:
        raise InputError("hit clusters", "min_similarity", repr(min_similarity), "a number from -1 to 1")
    count = len(profiles)
    if count > _MOST:
        raise InputError("hit clusters", "hits", f"{count:,}", f"at most {_MOST:,}: a stricter rule")
    if not np.isfinite(profiles).all():
        raise InputError("hit clusters", "profiles", "numbers that are not finite", "finite numbers")
    unit = _units(profiles)
    if count < 2:
        raw, order = np.ones(count, dtype=np.int32), np.arange(count, dtype=np.intp)
    else:
        distance = 1 - np.clip(unit @ unit.T, -1.0, 1.0)
        np.fill_diagonal(distance, 0.0)
        tree = linkage(squareform(distance, checks=False), method="average")
        # Rounding must not part what lies exactly at the cut.
        raw = fcluster(tree, 1 - min_similarity + 1e-9, criterion="distance")
        order = leaves_list(tree).astype(np.intp)
    _, first, group, size = np.unique(raw, return_index=True, return_inverse=True, return_counts=True)
    ranking = np.lexsort((first, -size))
    place = np.empty(len(size), dtype=np.int32)
    place[ranking] = np.arange(1, len(size) + 1)
    label = place[group] if count else np.zeros(0, dtype=np.int32)
    size = size[ranking]
    sums = np.zeros((len(size), unit.shape[1]))
    np.add.at(sums, label - 1, unit)
    own = np.bincount(label - 1, weights=(unit**2).sum(axis=1), minlength=len(size))
    with np.errstate(divide="ignore", invalid="ignore"):
        cohesion = ((sums**2).sum(axis=1) - own) / (size * (size - 1.0))
    return HitClusters(label, order, size.astype(np.int32), cohesion, float(min_similarity))


def _units(profiles: NDArray[np.floating]) -> NDArray[np.float64]:
    values = np.asarray(profiles, dtype=np.float64)
    return values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)
