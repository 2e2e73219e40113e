"""What differs between two treatments: feature by feature, and as a whole beside what chance gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, ttest_ind

from molphenix_core.plates.activity import centre_on_controls
from molphenix_core.plates.plate import Plate

__all__ = ["FeatureDifferences", "ProfileCosines", "feature_differences", "profile_cosines"]

# Fewer controls do not tell a feature's spread.
_FEWEST_CONTROLS = 10
_PAIRS = 5_000
_PERCENTILES = (5, 50, 95)


@dataclass(frozen=True, eq=False)
class FeatureDifferences:
    """Two groups of wells compared in every feature.

    Attributes
    ----------
    difference : ndarray of float64, (d,)
        Mean of the second less mean of the first group, both about the negative controls of their plates, in
        standard deviations; NaN for a feature without spread.
    p_value, q_value : ndarray of float64, (d,)
        Of Welch's t test between the wells, and corrected by Benjamini and Hochberg over the features; NaN
        throughout where a group has a single well.
    spread : str
        What the standard deviations are of: "negative controls", or "both treatments" without ten of those.
    """

    difference: NDArray[np.float64]
    p_value: NDArray[np.float64]
    q_value: NDArray[np.float64]
    spread: str


@dataclass(frozen=True)
class ProfileCosines:
    """How alike two mean profiles are, beside others of the same plates.

    Attributes
    ----------
    cosine : float
        Between the means of both groups, about the negative controls.
    chance : (float, float, float) or None
        5th, 50th and 95th percentile between pairs of treatments of different molecules; None with fewer than
        three molecules.
    share_above : float
        Share of those pairs that are at least as alike; NaN without them.
    replicates : (float, float, float) or None
        The same percentiles between two halves of the wells of one treatment; None where no treatment has two.
    """

    cosine: float
    chance: tuple[float, float, float] | None
    share_above: float
    replicates: tuple[float, float, float] | None


def feature_differences(
    plate: Plate, first: NDArray[np.integer], second: NDArray[np.integer]
) -> FeatureDifferences:
    """Compare two groups of wells in every feature.

    Parameters
    ----------
    plate : Plate
        Embeddings (n_wells, d).
    first, second : ndarray of int, (n,) and (m,)
        Rows of the wells, one each at least.

    Returns
    -------
    FeatureDifferences

    Raises
    ------
    ValueError
        A group is empty.
    """
    if not len(first) or not len(second):
        raise ValueError("both groups need a well")
    values = centre_on_controls(plate).astype(np.float64)
    a, b = values[first], values[second]
    controls = values[plate.is_negative_control]
    if len(controls) >= _FEWEST_CONTROLS:
        deviation, spread = controls.std(axis=0, ddof=1), "negative controls"
    else:
        deviation, spread = _pooled(a, b), "both treatments"
    apart = b.mean(axis=0) - a.mean(axis=0)
    # A feature that never varies differs by rounding at most.
    tiny = 1e-6 * np.maximum(np.abs(plate.embeddings).max(axis=0), 1e-12)
    difference = np.divide(apart, deviation, out=np.full(len(apart), np.nan), where=deviation > tiny)
    p_value = np.full(len(apart), np.nan)
    q_value = p_value.copy()
    if len(first) > 1 and len(second) > 1:
        tested = np.flatnonzero((a.std(axis=0) > tiny) | (b.std(axis=0) > tiny))
        p_value[tested] = ttest_ind(a[:, tested], b[:, tested], equal_var=False).pvalue
        known = np.isfinite(p_value)
        if known.any():
            q_value[known] = false_discovery_control(p_value[known])
    return FeatureDifferences(difference, p_value, q_value, spread)


def _pooled(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    freedom = len(a) + len(b) - 2
    if freedom < 1:
        return np.zeros(a.shape[1])
    squares = ((a - a.mean(axis=0)) ** 2).sum(axis=0) + ((b - b.mean(axis=0)) ** 2).sum(axis=0)
    return np.asarray(np.sqrt(squares / freedom))


def profile_cosines(
    plate: Plate,
    first: NDArray[np.integer],
    second: NDArray[np.integer],
    treatment_of_well: NDArray[np.integer],
    molecule_of_treatment: NDArray[np.integer],
    *,
    seed: int = 0,
) -> ProfileCosines:
    """Compare the mean profiles of two groups of wells, beside random treatments and beside replicates.

    Parameters
    ----------
    plate : Plate
    first, second : ndarray of int, (n,) and (m,)
        Rows of the wells, one each at least.
    treatment_of_well : ndarray of int, (n_wells,)
        Number of the treatment, -1 for none.
    molecule_of_treatment : ndarray of int, (n_treatments,)
        Number of its molecule.
    seed : int
        Of the random pairs, at most 5,000, and of the halves.

    Returns
    -------
    ProfileCosines
    """
    centred = centre_on_controls(plate).astype(np.float64)
    cosine = float(_cosines(centred[first].mean(axis=0)[None], centred[second].mean(axis=0)[None])[0])
    random = np.random.default_rng(seed)
    means = _means(centred, treatment_of_well, len(molecule_of_treatment))
    between = _between_molecules(means, molecule_of_treatment, random)
    halves = _between_halves(centred, treatment_of_well, len(molecule_of_treatment), random)
    return ProfileCosines(
        cosine=cosine,
        chance=_percentiles(between),
        share_above=float((between >= cosine).mean()) if len(between) else float("nan"),
        replicates=_percentiles(halves),
    )


def _cosines(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.divide((a * b).sum(axis=1), norms, out=np.full(len(a), np.nan), where=norms > 0)


def _means(values: NDArray[np.float64], group: NDArray[np.integer], count: int) -> NDArray[np.float64]:
    used = group >= 0
    sums = np.zeros((count, values.shape[1]))
    np.add.at(sums, group[used], values[used])
    return sums / np.maximum(np.bincount(group[used], minlength=count), 1)[:, None]


def _between_molecules(
    means: NDArray[np.float64], molecule: NDArray[np.integer], random: np.random.Generator
) -> NDArray[np.float64]:
    if len(np.unique(molecule)) < 3:
        return np.empty(0)
    a, b = random.integers(len(means), size=(2, 3 * _PAIRS))
    apart = np.flatnonzero(molecule[a] != molecule[b])[:_PAIRS]
    cosines = _cosines(means[a[apart]], means[b[apart]])
    return cosines[np.isfinite(cosines)]


def _between_halves(
    values: NDArray[np.float64], treatment: NDArray[np.integer], count: int, random: np.random.Generator
) -> NDArray[np.float64]:
    wells = np.flatnonzero(treatment >= 0)
    # A random order within each treatment: the places take turns in the two halves.
    order = wells[np.lexsort((random.random(len(wells)), treatment[wells]))]
    sizes = np.bincount(treatment[order], minlength=count)
    place = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    halves = [_means(values[order[place % 2 == h]], treatment[order[place % 2 == h]], count) for h in (0, 1)]
    several = sizes > 1
    cosines = _cosines(halves[0][several], halves[1][several])
    return cosines[np.isfinite(cosines)]


def _percentiles(values: NDArray[np.float64]) -> tuple[float, float, float] | None:
    if not len(values):
        return None
    low, middle, high = (float(v) for v in np.percentile(values, _PERCENTILES))
    return low, middle, high
