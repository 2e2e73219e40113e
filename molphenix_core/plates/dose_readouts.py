"""Readouts of single wells that a dose response is drawn of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from molphenix_core.plates.activity import centre_on_controls
from molphenix_core.plates.doses import nominal_doses
from molphenix_core.plates.plate import CONCENTRATION, Plate

__all__ = ["similarity_to_top_dose", "similarity_to_wells", "top_dose_reference", "well_distance_to_control"]


def well_distance_to_control(plate: Plate) -> NDArray[np.float64]:
    """Distance of every well to the negative controls, in units of theirs.

    The square of a treatment's distance in :func:`molphenix_core.plates.activity.activity` is the mean of the
    squares of its wells'.

    Parameters
    ----------
    plate : Plate

    Returns
    -------
    ndarray of float64, (n,)
        About 1 for a well in which nothing happens; NaN throughout without at least two control wells.
    """
    if plate.is_negative_control.sum() < 2:
        return np.full(len(plate), np.nan)
    squared = (centre_on_controls(plate).astype(np.float64) ** 2).sum(axis=1)
    scale = float(squared[plate.is_negative_control].mean())
    return np.sqrt(squared / max(scale, 1e-24))


def top_dose_reference(plate: Plate, rows: NDArray[np.integer]) -> NDArray[np.intp]:
    """Wells that stand for a compound's phenotype at its highest dose: every second one at that dose.

    Parameters
    ----------
    plate : Plate
    rows : ndarray of int, (n,)
        Wells of one compound.

    Returns
    -------
    ndarray of intp, (m,)
        Places in ``rows``; empty where no dose is known.
    """
    doses = nominal_doses(plate.wells[CONCENTRATION].to_numpy(dtype=np.float64)[rows])
    if not np.isfinite(doses).any():
        return np.empty(0, dtype=np.intp)
    return np.flatnonzero(doses == np.nanmax(doses))[::2]


def similarity_to_wells(
    plate: Plate, reference: NDArray[np.integer], rows: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Similarity of wells to the mean of some others.

    Parameters
    ----------
    plate : Plate
    reference : ndarray of int, (m,)
        Rows of the wells to compare with, one at least.
    rows : ndarray of int, (n,)
        Rows of the wells that are compared.

    Returns
    -------
    ndarray of float64, (n,)
        Cosine about the negative controls, -1 to 1; NaN where either lies on them.
    """
    centred = centre_on_controls(plate)
    direction = centred[reference].astype(np.float64).mean(axis=0)
    compared = centred[rows].astype(np.float64)
    norms = np.linalg.norm(compared, axis=1) * np.linalg.norm(direction)
    return np.divide(compared @ direction, norms, out=np.full(len(rows), np.nan), where=norms > 0)


def similarity_to_top_dose(plate: Plate, rows: NDArray[np.integer]) -> NDArray[np.float64]:
    """Similarity of a compound's wells to its phenotype at the highest dose.

    Every second well at that dose is set aside as the reference: a well is compared with none that it is part of,
    nor with its comparers, so that wells in which nothing acts are equally alike to it at all doses.

    Parameters
    ----------
    plate : Plate
    rows : ndarray of int, (n,)
        Wells of one compound.

    Returns
    -------
    ndarray of float64, (n,)
        Cosine about the negative controls, -1 to 1; NaN for the wells of the reference, and throughout where no
        dose is known.
    """
    reference = top_dose_reference(plate, rows)
    if not len(reference):
        return np.full(len(rows), np.nan)
    similarity = similarity_to_wells(plate, rows[reference], rows)
    similarity[reference] = np.nan
    return similarity
