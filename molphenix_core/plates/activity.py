"""Which treatments do something: replicate consistency, and distance to the negative controls.

The p-value follows the published method (arXiv 2409.08302, section on inactive molecules): the mean cosine
similarity between the replicates of a treatment, ranked among the same statistic of random groups, equally
large, of wells of different treatments. Replicates that share one well position also share that position's
bias, so their null groups are drawn from one position too.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from molphenix_core.plates.plate import PLATE, Plate
from molphenix_core.plates.treatments import Treatments

__all__ = ["activity", "centre_on_controls"]

_DRAWS = 5000
_FEWEST_POSITIONS = 10
_GROUPS_AT_ONCE = 250
_SORTED_AT_MOST = (
    2000  # treatments; sorting random numbers for all is fastest among few, and too much memory for many
)
_FEWEST_DISTINCT = 20  # treatments needed before a null over "different treatments" means anything


def centre_on_controls(plate: Plate) -> NDArray[np.float32]:
    """Embeddings minus the mean negative control of the same plate, float32 (n_wells, d).

    A plate without controls takes the mean control of all plates; with no controls at all the mean well.
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

    Returns
    -------
    pandas.DataFrame
        One row a treatment, in their order:

        ``consistency``
            mean cosine similarity over all pairs of its replicates, centred on controls; NaN for one replicate
        ``p_value``
            share of null groups that are at least as consistent, with one added above and below; NaN for one
            replicate, or fewer than 20 treatments to draw a null from
        ``q_value``
            p-values corrected for their number (Benjamini and Hochberg)
        ``null``
            "same position" or "any position": how the null groups were drawn; "" without p-value
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
    if len(treatments) >= _FEWEST_DISTINCT:
        null = _Null(units, treatments.of_well, plate.positions, seed)
        shares = _share_position(treatments, plate.positions)
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
            "distance_to_control": _distances(plate, centred, treatments),
        }
    )


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
    """Wells to draw from, grouped by treatment."""

    def __init__(self, wells: NDArray[np.intp], of_well: NDArray[np.int32]) -> None:
        self.wells = wells[np.argsort(of_well[wells], kind="stable")]
        _, self.starts, self.counts = np.unique(of_well[self.wells], return_index=True, return_counts=True)

    def draw(self, groups: int, size: int, random: np.random.Generator) -> NDArray[np.intp]:
        """Wells of ``size`` different treatments, in random order, for each group: (groups, size)."""
        treatments = len(self.starts)
        if treatments <= _SORTED_AT_MOST:
            order = np.argsort(random.random((groups, treatments)), axis=1)[:, :size]
        else:
            order = np.array([random.choice(treatments, size=size, replace=False) for _ in range(groups)])
        within = (random.random(order.shape) * self.counts[order]).astype(np.intp)
        return self.wells[self.starts[order] + within]


class _Null:
    """Statistics of random groups of wells of different treatments."""

    def __init__(
        self,
        units: NDArray[np.float32],
        of_well: NDArray[np.int32],
        positions: NDArray[np.int16],
        seed: int,
    ) -> None:
        self.units = units
        self.random = np.random.default_rng(seed)
        wells = np.flatnonzero(of_well >= 0)
        self.anywhere = _Pool(wells, of_well)
        placed = wells[positions[wells, 0] >= 0]
        code = positions[placed, 0].astype(np.int64) * 1000 + positions[placed, 1]
        self.at_position = [_Pool(placed[code == c], of_well) for c in np.unique(code)]

    def draw(self, sizes: NDArray[np.intp], same_position: bool) -> dict[int, tuple[NDArray[np.float64], str]]:
        """For each group size, the sorted statistics of random groups, and how they were drawn."""
        out: dict[int, tuple[NDArray[np.float64], str]] = {}
        for size in sizes if same_position else ():
            pools = [pool for pool in self.at_position if len(pool.starts) >= size]
            # A handful of positions cannot stand for the plate.
            if len(pools) >= _FEWEST_POSITIONS:
                weights = np.array([len(pool.wells) for pool in pools], dtype=np.float64)
                shares = self.random.multinomial(_DRAWS, weights / weights.sum())
                drawn = [pool.draw(int(n), int(size), self.random) for pool, n in zip(pools, shares, strict=True)]
                statistics = self._statistics(np.concatenate(drawn), [int(size)])
                out[int(size)] = statistics[int(size)], "same position"
        rest = [int(size) for size in sizes if int(size) not in out]
        if rest:
            # Larger groups than there are treatments do not exist; the largest stands for them.
            most = min(max(rest), len(self.anywhere.starts))
            groups = self.anywhere.draw(_DRAWS, most, self.random)
            statistics = self._statistics(groups, sorted({min(size, most) for size in rest}))
            out |= {size: (statistics[min(size, most)], "any position") for size in rest}
        return out

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
