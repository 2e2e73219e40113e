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
            for size in np.unique(counts[(counts >= 2) & (shares == same)]):
                rows = np.flatnonzero((counts == size) & (shares == same))
                statistics, kind = null.draw(int(size), same)
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


class _Null:
    """Random groups of wells of different treatments."""

    def __init__(
        self,
        units: NDArray[np.float32],
        of_well: NDArray[np.int32],
        positions: NDArray[np.int16],
        seed: int,
    ) -> None:
        self.units = units
        self.of_well = of_well
        self.wells = np.flatnonzero(of_well >= 0)
        self.random = np.random.default_rng(seed)
        placed = self.wells[positions[self.wells, 0] >= 0]
        code = positions[placed, 0].astype(np.int64) * 1000 + positions[placed, 1]
        self.at_position = [placed[code == c] for c in np.unique(code)]

    def draw(self, size: int, same_position: bool) -> tuple[NDArray[np.float64], str]:
        """Sorted statistics of random groups, and how they were drawn."""
        if same_position:
            pools = [pool for pool in self.at_position if len(np.unique(self.of_well[pool])) >= size]
            # A handful of positions cannot stand for the plate.
            if len(pools) >= 10:
                weights = np.array([len(pool) for pool in pools], dtype=np.float64)
                chosen = self.random.choice(len(pools), size=_DRAWS, p=weights / weights.sum())
                return self._statistics([self._group(pools[i], size) for i in chosen]), "same position"
        size = min(size, len(np.unique(self.of_well[self.wells])))
        return self._statistics([self._group(self.wells, size) for _ in range(_DRAWS)]), "any position"

    def _group(self, pool: NDArray[np.intp], size: int) -> NDArray[np.intp]:
        picked = self.random.choice(pool, size=size, replace=False)
        if len(set(self.of_well[picked].tolist())) == size:
            return picked
        # Too many wells of one treatment in the pool: one well each, of treatments drawn evenly.
        shuffled = self.random.permutation(pool)
        _, first = np.unique(self.of_well[shuffled], return_index=True)
        return self.random.choice(shuffled[first], size=size, replace=False)

    def _statistics(self, groups: list[NDArray[np.intp]]) -> NDArray[np.float64]:
        rows = np.array(groups)
        size = rows.shape[1]
        out = np.empty(len(rows))
        for start in range(0, len(rows), 500):
            members = self.units[rows[start : start + 500]].astype(np.float64)
            sums, own = members.sum(axis=1), (members**2).sum(axis=(1, 2))
            out[start : start + 500] = ((sums**2).sum(axis=1) - own) / (size * (size - 1.0))
        return np.sort(out)
