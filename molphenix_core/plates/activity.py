"""Which treatments do something: replicate consistency, and distance to the negative controls.

The p-value follows the published method (arXiv 2409.08302, section on inactive molecules): the mean cosine
similarity between the replicates of a treatment, ranked among the same statistic of random groups, equally
large, of wells of different treatments. Replicates that share one well position also share that position's
bias, so their null groups are drawn from one position too: wells of different treatments where the layout
varies, else negative controls.
"""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from molphenix_core.plates.plate import PLATE, Plate
from molphenix_core.plates.treatments import Treatments

__all__ = [
    "ANY_POSITION",
    "CONTROLS_AT_POSITION",
    "SAME_POSITION",
    "activity",
    "centre_on_controls",
    "distance_to_control",
]

SAME_POSITION = "same position"
CONTROLS_AT_POSITION = "controls at the same position"
ANY_POSITION = "any position"

_DRAWS = 5000
_FEWEST_POSITIONS = 10
_GROUPS_AT_ONCE = 250
_SORTED_AT_MOST = (
    2000  # treatments; sorting random numbers for all is fastest among few, and too much memory for many
)
_FEWEST_DISTINCT = 20  # treatments needed before a null over "different treatments" means anything


def centre_on_controls(plate: Plate) -> NDArray[np.float32]:
    """Embeddings minus the mean negative control of the same plate.

    A plate with fewer than four controls takes the mean control of all plates; without any at all, the mean well.

    Parameters
    ----------
    plate : Plate
        Embeddings (n_wells, d).

    Returns
    -------
    float32 (n_wells, d)
    """
    values = plate.embeddings
    controls = plate.is_negative_control
    overall = values[controls].mean(axis=0) if controls.any() else values.mean(axis=0)
    out = values - overall
    barcodes = plate.wells[PLATE].fillna("").to_numpy()
    for barcode in np.unique(barcodes[controls].astype(str)):
        rows = barcodes == barcode
        if (rows & controls).sum() >= 4:
            out[rows] = values[rows] - values[rows & controls].mean(axis=0)
    return out.astype(np.float32)


def activity(plate: Plate, treatments: Treatments, *, seed: int = 0) -> pd.DataFrame:
    """Activity statistics of every treatment.

    Parameters
    ----------
    plate : Plate
        In any space in which cosine similarity means something, such as the retriever's.
    treatments : Treatments
        Of the same plate.
    seed : int
        Of the random groups that make the null.

    Returns
    -------
    pandas.DataFrame
        One row a treatment, in their order (numbers float64):

        ``consistency``
            mean cosine similarity over all pairs of its replicates, centred on controls; NaN for one replicate
        ``p_value``
            share of null groups that are at least as consistent, with one added above and below; NaN for one
            replicate, or fewer than 20 treatments to draw a null from. Where fewer than 5000 null groups exist,
            each counts once: two plates of one layout with 116 controls give no p below 1/117
        ``q_value``
            p-values corrected for their number (Benjamini and Hochberg)
        ``null``
            how the null groups were drawn: "same position", "controls at the same position" or "any position";
            "" without p-value
        ``shares_position``
            whether most of its replicates share one well position: with a null from any position, position
            effects then look like activity
        ``distance_to_control``
            root mean square distance of its wells to the mean control, divided by that of the control wells: about
            1 for a treatment that does nothing, however many replicates it has; NaN without controls
    """
    centred = centre_on_controls(plate)
    norms = np.linalg.norm(centred, axis=1, keepdims=True)
    units = centred / np.maximum(norms, 1e-12)
    used = np.flatnonzero(treatments.of_well >= 0)
    order = used[np.argsort(treatments.of_well[used], kind="stable")]
    members = treatments.of_well[order]
    counts = np.bincount(members, minlength=len(treatments))
    sums = np.zeros((len(treatments), units.shape[1]))
    np.add.at(sums, members, units[order])
    # A well that equals its controls has no direction: its similarity to itself is 0, not 1.
    lengths = (units.astype(np.float64) ** 2).sum(axis=1)
    own = np.bincount(members, weights=lengths[order], minlength=len(treatments))
    with np.errstate(divide="ignore", invalid="ignore"):
        consistency = ((sums**2).sum(axis=1) - own) / (counts * (counts - 1.0))
    consistency[counts < 2] = np.nan
    p_value = np.full(len(treatments), np.nan)
    null_kind = np.full(len(treatments), "", dtype=object)
    shares = _share_position(treatments, plate.positions)
    if len(treatments) >= _FEWEST_DISTINCT:
        null = _Null(units, plate, treatments.of_well, seed)
        for same in (True, False):
            sizes = np.unique(counts[(counts >= 2) & (shares == same)])
            for size, (statistics, kind) in null.draw(sizes, same).items():
                rows = np.flatnonzero((counts == size) & (shares == same))
                above = len(statistics) - np.searchsorted(statistics, consistency[rows], side="left")
                p_value[rows] = (1 + above) / (1 + len(statistics))
                null_kind[rows] = kind
    q_value = np.full(len(treatments), np.nan)
    known = ~np.isnan(p_value)
    if known.any():
        q_value[known] = false_discovery_control(p_value[known])
    return pd.DataFrame(
        {
            "consistency": consistency,
            "p_value": p_value,
            "q_value": q_value,
            "null": null_kind,
            "shares_position": shares,
            "distance_to_control": _distances(plate, centred, treatments),
        }
    )


def distance_to_control(plate: Plate, treatments: Treatments) -> NDArray[np.float64]:
    """Distance of every treatment to the negative controls, as in :func:`activity`.

    Parameters
    ----------
    plate : Plate
    treatments : Treatments
        Of the same plate.

    Returns
    -------
    float64 (n_treatments,)
        About 1 for a treatment that does nothing, 0 for one without wells; NaN throughout without at least two
        control wells.
    """
    return _distances(plate, centre_on_controls(plate), treatments)


def _distances(plate: Plate, centred: NDArray[np.float32], treatments: Treatments) -> NDArray[np.float64]:
    if plate.is_negative_control.sum() < 2:
        return np.full(len(treatments), np.nan)
    squared = (centred.astype(np.float64) ** 2).sum(axis=1)
    scale = float(squared[plate.is_negative_control].mean())
    return np.sqrt(treatments.mean(squared[:, None])[:, 0].astype(np.float64) / max(scale, 1e-24))


def _share_position(treatments: Treatments, positions: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Whether most pairs of a treatment's replicates share a well position, bool (n_treatments,)."""
    used = treatments.of_well >= 0
    code = positions[:, 0].astype(np.int64) * 1000 + positions[:, 1]
    placed = used & (positions[:, 0] >= 0)
    pairs = pd.DataFrame({"t": treatments.of_well[placed], "w": code[placed]}).value_counts(["t", "w"])
    same = (pairs * (pairs - 1)).groupby(level="t").sum().reindex(range(len(treatments)), fill_value=0)
    counts = np.bincount(treatments.of_well[used], minlength=len(treatments))
    return same.to_numpy() > 0.5 * counts * (counts - 1)


class _Pool:
    """Wells to draw from, in classes of which a group takes at most one well each."""

    def __init__(self, wells: NDArray[np.intp], classes: NDArray[np.integer]) -> None:
        order = np.argsort(classes, kind="stable")
        self.wells = wells[order]
        _, self.starts, self.counts = np.unique(classes[order], return_index=True, return_counts=True)

    def groups(self, size: int) -> int:
        """How many different groups of classes there are, counted up to one more than are ever drawn."""
        return min(comb(len(self.starts), size), _DRAWS + 1)

    def every(self, size: int, random: np.random.Generator) -> NDArray[np.intp]:
        """A well of each class, for every group of classes: (groups, size)."""
        chosen = np.array(list(combinations(range(len(self.starts)), size)), dtype=np.intp)
        return self._wells(chosen.reshape(-1, size), random)

    def draw(self, groups: int, size: int, random: np.random.Generator) -> NDArray[np.intp]:
        """A well of each of ``size`` different classes, in random order, for random groups: (groups, size)."""
        classes = len(self.starts)
        if classes <= _SORTED_AT_MOST:
            chosen = np.argsort(random.random((groups, classes)), axis=1)[:, :size]
        else:
            chosen = np.array([random.choice(classes, size=size, replace=False) for _ in range(groups)])
        return self._wells(chosen, random)

    def _wells(self, chosen: NDArray[np.intp], random: np.random.Generator) -> NDArray[np.intp]:
        within = (random.random(chosen.shape) * self.counts[chosen]).astype(np.intp)
        return self.wells[self.starts[chosen] + within]


class _Null:
    """Statistics of random groups of wells that share no treatment.

    Where replicates share a position, a null group comes from one position too: wells of different treatments,
    or, where every plate has the same layout, negative controls. Where neither exists it comes from anywhere.
    """

    def __init__(self, units: NDArray[np.float32], plate: Plate, of_well: NDArray[np.int32], seed: int) -> None:
        self.units = units
        self.random = np.random.default_rng(seed)
        treated = np.flatnonzero(of_well >= 0)
        self.anywhere = _Pool(treated, of_well[treated])
        controls = np.flatnonzero(plate.is_negative_control)
        self.at_position = {
            SAME_POSITION: _pools_by_position(plate.positions, treated, of_well[treated]),
            # Each control well is a class of its own: they share a treatment that does nothing.
            CONTROLS_AT_POSITION: _pools_by_position(plate.positions, controls, np.arange(len(controls))),
        }

    def draw(self, sizes: NDArray[np.intp], same_position: bool) -> dict[int, tuple[NDArray[np.float64], str]]:
        """For each group size, the sorted statistics of random groups, and how they were drawn."""
        out: dict[int, tuple[NDArray[np.float64], str]] = {}
        for size in map(int, sizes):
            for kind, all_pools in self.at_position.items() if same_position else ():
                pools = [pool for pool in all_pools if len(pool.starts) >= size]
                # A handful of positions cannot stand for the plate.
                if len(pools) >= _FEWEST_POSITIONS:
                    out[size] = self._statistics(self._groups(pools, size), [size])[size], kind
                    break
        rest = [size for size in map(int, sizes) if size not in out]
        # Larger groups than there are treatments do not exist; the largest stands for them.
        most = min(max(rest, default=2), len(self.anywhere.starts))
        few = [size for size in rest if self.anywhere.groups(min(size, most)) <= _DRAWS]
        for size in few:
            groups = self._groups([self.anywhere], min(size, most))
            out[size] = self._statistics(groups, [min(size, most)])[min(size, most)], ANY_POSITION
        many = [size for size in rest if size not in few]
        if many:
            statistics = self._statistics(self.anywhere.draw(_DRAWS, max(many), self.random), sorted(many))
            out |= {size: (statistics[size], ANY_POSITION) for size in many}
        return out

    def _groups(self, pools: list[_Pool], size: int) -> NDArray[np.intp]:
        """Groups of one pool each; all of them where they are few, so that no p-value looks finer than it is."""
        if sum(pool.groups(size) for pool in pools) <= _DRAWS:
            return np.concatenate([pool.every(size, self.random) for pool in pools])
        weights = np.array([len(pool.wells) for pool in pools], dtype=np.float64)
        shares = self.random.multinomial(_DRAWS, weights / weights.sum())
        return np.concatenate(
            [pool.draw(int(n), size, self.random) for pool, n in zip(pools, shares, strict=True)]
        )

    def _statistics(self, groups: NDArray[np.intp], sizes: list[int]) -> dict[int, NDArray[np.float64]]:
        """Mean pairwise cosine of the first ``size`` wells of every group, sorted, for each size."""
        out = {size: np.empty(len(groups)) for size in sizes}
        last = np.array(sizes) - 1
        for start in range(0, len(groups), _GROUPS_AT_ONCE):
            rows = slice(start, start + _GROUPS_AT_ONCE)
            members = self.units[groups[rows]].astype(np.float64)
            # Groups of all sizes are prefixes of the same draw: their sums are one running sum.
            sums = np.cumsum(members, axis=1)[:, last]
            own = np.cumsum((members**2).sum(axis=2), axis=1)[:, last]
            pairs = last * (last + 1.0)
            values = ((sums**2).sum(axis=2) - own) / pairs
            for column, size in enumerate(sizes):
                out[size][rows] = values[:, column]
        return {size: np.sort(values) for size, values in out.items()}


def _pools_by_position(
    positions: NDArray[np.int16], wells: NDArray[np.intp], classes: NDArray[np.integer]
) -> list[_Pool]:
    placed = positions[wells, 0] >= 0
    wells, classes = wells[placed], classes[placed]
    code = positions[wells, 0].astype(np.int64) * 1000 + positions[wells, 1]
    return [_Pool(wells[code == c], classes[code == c]) for c in np.unique(code)]
