"""The rows of tables: recipes on all folds and seeds, and their ranks pooled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molphenix_core.evaluation.recall import bootstrap_interval
from molphenix_core.paper.ranks import TOWERS
from molphenix_core.paper.runner import Outcome
from molphenix_core.paper.units import Unit

__all__ = ["Arm", "Pooled", "difference", "pooled", "ratio"]

_DRAWS = 1000


@dataclass(frozen=True)
class Arm:
    """One row of a table: a recipe on all folds with all seeds, or a rival.

    Parameters
    ----------
    label : str
    units : tuple of Unit
    method : str
        Whose ranks to take from their results.
    file : int
        Number of the file among those of the job.
    """

    label: str
    units: tuple[Unit, ...]
    method: str = TOWERS
    file: int = 0


@dataclass(frozen=True, eq=False)
class Pooled:
    """The queries of all units of an arm in one gallery, each ranked within its own fold.

    Parameters
    ----------
    forward, reverse, by_molecule : float64 (n,)
        Ranks, from 1.
    sizes, molecules : int64 (n,)
        Treatments and molecules in the gallery of each query.
    molecule : int64 (n,)
    seed : int64 (n,)
    gallery : int64 (n,)
        Number of the gallery that each query is ranked in.
    """

    forward: NDArray[np.float64]
    reverse: NDArray[np.float64]
    by_molecule: NDArray[np.float64]
    sizes: NDArray[np.int64]
    molecules: NDArray[np.int64]
    molecule: NDArray[np.int64]
    seed: NDArray[np.int64]
    gallery: NDArray[np.int64]


def pooled(arm: Arm, outcome: Outcome, split: str, gallery: str) -> Pooled | str:
    """Put the ranks of an arm together.

    Parameters
    ----------
    arm : Arm
    outcome : Outcome
    split, gallery : str
        By their names in :mod:`molphenix_core.paper.ranks`.

    Returns
    -------
    Pooled or str
        Why there is nothing, where a unit failed or no fold has such a gallery. A fold without it is left out.
    """
    parts: list[tuple[NDArray[Any], ...]] = []
    why = "no queries"
    for unit in arm.units:
        result = outcome.of(unit)
        if result is None:
            return outcome.why(unit)
        ranked = result["files"][arm.file].get(split)
        if ranked is None:
            why = f"nothing is held out as {split}"
            continue
        here: dict[str, Any] = ranked["galleries"].get(gallery, {"not_available": "no such gallery"})
        if "not_available" in here:
            why = here["not_available"]
        elif arm.method not in here["methods"]:
            why = ranked["missing"].get(arm.method, "not computed")
        else:
            ranks, molecule = here["methods"][arm.method], np.array(here["molecule"], dtype=np.int64)
            n, m = len(molecule), len(np.unique(molecule))
            parts.append(
                (
                    *(np.array(ranks[key]) for key in ("forward", "reverse", "by_molecule")),
                    *(np.full(n, value, dtype=np.int64) for value in (n, m)),
                    molecule,
                    np.full(n, unit.seed, dtype=np.int64),
                    np.full(n, len(parts), dtype=np.int64),
                )
            )
    return Pooled(*map(np.concatenate, zip(*parts, strict=True))) if parts else why


def difference(a: Pooled, b: Pooled) -> tuple[float, float, float] | None:
    """Recall in the top 1 % of one arm less that of another on the same queries.

    Parameters
    ----------
    a, b : Pooled
        Of n queries each, or a of a rival without seeds: it stands once for all seeds of b.

    Returns
    -------
    (float, float, float) or None
        The difference and its 95 % interval, by bootstrap over molecules; None where the queries differ.
    """
    aligned = _aligned(a, b)
    if aligned is None:
        return None
    gain = _hits(aligned) - _hits(b)
    low, high = bootstrap_interval(gain, b.molecule)
    return float(gain.mean()), low, high


def ratio(a: Pooled, b: Pooled, *, by_molecule: bool = False) -> tuple[float, tuple[float, float] | None] | None:
    """Recall in the top 1 % of one arm over that of another on the same queries.

    Parameters
    ----------
    a, b : Pooled
        Of n queries each, or one of them with fewer seeds: it stands for all seeds of the other.
    by_molecule : bool
        Of molecules by their best dose in place of treatments.

    Returns
    -------
    (float, (float, float) or None) or None
        The ratio and its 95 % interval, by paired bootstrap over molecules; no interval where a draw finds nothing
        to divide by, and nothing at all where the queries differ or the second arm finds none.
    """
    over = _aligned(a, b) if len(a.molecule) < len(b.molecule) else a
    under = b if len(a.molecule) < len(b.molecule) else _aligned(b, a)
    if over is None or under is None:
        return None
    top, bottom = _hits(over, by_molecule=by_molecule), _hits(under, by_molecule=by_molecule)
    if not bottom.any():
        return None
    names, index = np.unique(over.molecule, return_inverse=True)
    drawn = np.random.default_rng(0).integers(0, len(names), (_DRAWS, len(names)))
    tops, bottoms = (np.bincount(index, weights=hits)[drawn].sum(axis=1) for hits in (top, bottom))
    value = float(top.mean() / bottom.mean())
    if not bottoms.all():
        return value, None
    low, high = np.percentile(tops / bottoms, [2.5, 97.5])
    return value, (float(low), float(high))


def _aligned(a: Pooled, b: Pooled) -> Pooled | None:
    """The first on the queries of the second, None where they differ."""
    if np.array_equal(a.molecule, b.molecule) and np.array_equal(a.sizes, b.sizes):
        return a
    if len(a.molecule) == 0 or len(b.molecule) % len(a.molecule):
        return None
    # A rival without seeds stands once for all seeds of the other.
    times = len(b.molecule) // len(a.molecule)
    if not np.array_equal(np.tile(a.molecule, times), b.molecule):
        return None
    return Pooled(*(np.tile(values, times) for values in vars(a).values()))


def _hits(pooled: Pooled, *, by_molecule: bool = False) -> NDArray[np.float64]:
    if by_molecule:
        return (pooled.by_molecule <= np.ceil(0.01 * pooled.molecules)).astype(np.float64)
    return (pooled.forward <= np.ceil(0.01 * pooled.sizes)).astype(np.float64)
