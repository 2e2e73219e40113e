"""Phenotypes laid flat by principal components."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Flat", "centred_units", "draw_in", "principal_components"]

_ROWS = 65_536
_LONGEST = 5.0


@dataclass(frozen=True, eq=False)
class Flat:
    """Points in the plane.

    Parameters
    ----------
    coordinates : float32 (n, 2)
        Along the first and the second axis.
    shares : (float, float)
        Of the variance, along either axis.
    """

    coordinates: NDArray[np.float32]
    shares: tuple[float, float]


def draw_in(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """Centre phenotypes on their median and draw long ones in to five median lengths.

    A few dead wells would otherwise take the principal components for themselves.

    Parameters
    ----------
    values : float (n, d)

    Returns
    -------
    float32 (n, d)
    """
    centred = np.asarray(values, dtype=np.float32)
    if not len(centred):
        return centred
    centred = (centred - np.median(centred, axis=0)).astype(np.float32)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    limit = _LONGEST * max(float(np.median(length)), 1e-12)
    return centred * np.minimum(1.0, limit / np.maximum(length, 1e-12)).astype(np.float32)


def centred_units(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """Vectors less their mean, at unit length: what cosine similarity about the mean compares.

    A contrastive model leaves phenotypes and molecules in two cones that hardly touch (the modality gap): each
    side about its own mean, the two lie over each other.

    Parameters
    ----------
    values : float (n, d)

    Returns
    -------
    float32 (n, d)
        A vector that is the mean stays zero.

    References
    ----------
    Liang et al. 2022, Mind the gap, arXiv 2203.02053.
    """
    centred = np.asarray(values, dtype=np.float32)
    if not len(centred):
        return centred
    centred = centred - centred.mean(axis=0, dtype=np.float64).astype(np.float32)
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    return centred


def principal_components(groups: Sequence[NDArray[np.floating]]) -> Flat:
    """First two principal components of groups of points that count alike, however many points each has.

    Parameters
    ----------
    groups : sequence of float (n_i, d)
        Empty ones count nothing.

    Returns
    -------
    Flat
        Of all points, one group after the other. The signs are such that the largest loading of either axis is
        positive, so that equal input gives equal pictures.
    """
    filled = [group for group in groups if len(group)]
    if not filled:
        return Flat(np.empty((0, 2), dtype=np.float32), (np.nan, np.nan))
    width = filled[0].shape[1]
    mean = np.mean([group.mean(axis=0, dtype=np.float64) for group in filled], axis=0)
    scatter = np.zeros((width, width))
    for group in filled:
        for block in _blocks(group):
            held = block - mean
            scatter += (held.T @ held) / len(group)
    variances, axes = np.linalg.eigh(scatter)
    variances, axes = np.maximum(variances[::-1], 0), axes[:, ::-1][:, :2]
    if width < 2:
        variances, axes = np.append(variances, 0.0), np.pad(axes, ((0, 0), (0, 1)))
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), [0, 1]] < 0, -1.0, 1.0)
    flat = [((block - mean) @ axes).astype(np.float32) for group in filled for block in _blocks(group)]
    total = max(float(variances.sum()), 1e-30)
    return Flat(np.concatenate(flat), (float(variances[0] / total), float(variances[1] / total)))


def _blocks(group: NDArray[np.floating]) -> Iterator[NDArray[np.float64]]:
    for start in range(0, len(group), _ROWS):
        yield group[start : start + _ROWS].astype(np.float64)
