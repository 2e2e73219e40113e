"""Which two treatments of a selection are compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.open_plate import OpenPlate

__all__ = ["by_activity", "choose_pair"]


def by_activity(plate: OpenPlate, treatments: NDArray[np.integer]) -> list[int]:
    """Treatments by ascending activity p, among equals the farthest from the controls first."""
    p, far = (
        np.asarray(plate.treatments[name].values, dtype=np.float64)[treatments]
        for name in ("p_value", "distance_to_control")
    )
    order = np.lexsort((-np.nan_to_num(far, nan=-1.0), np.nan_to_num(p, nan=2.0)))
    return [int(one) for one in treatments[order]]


def choose_pair(plate: OpenPlate, treatments: Sequence[int], kept: int | None) -> tuple[int, int] | None:
    """The treatment that is kept, else the first, and the first of the others; None without two.

    Parameters
    ----------
    treatments : sequence of int
        Those selected, the most active first.
    kept : int or None
        Without one, another molecule goes before another dose.
    """
    if kept is not None:
        others = [one for one in treatments if one != kept]
        return (kept, others[0]) if others else None
    if len(treatments) < 2:
        return None
    first, rest = treatments[0], treatments[1:]
    known = _identity(plate, first)
    others = [one for one in rest if _identity(plate, one) != known]
    return first, (others or rest)[0]


def _identity(plate: OpenPlate, treatment: int) -> tuple[str, str]:
    molecule = plate.molecule(treatment)
    return molecule.key, molecule.name
