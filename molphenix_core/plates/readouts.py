"""One number a well: what the quality of a plate is judged by.

A screen with profiles has no single readout, so the one that was used is named beside every figure made from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.errors import InputError
from molphenix_core.plates.activity import centre_on_controls
from molphenix_core.plates.normalise import SPHERED
from molphenix_core.plates.plate import (
    COMPOUND,
    CONCENTRATION,
    CONTROL_TYPE,
    NAME,
    PLATE,
    Plate,
)

__all__ = [
    "FEWEST_CONTROLS",
    "Readout",
    "column_readout",
    "control_axis_readout",
    "distance_readout",
    "main_axis_readout",
    "positive_control_kinds",
    "wells_of_compound",
]

FEWEST_CONTROLS = 4
"""Wells of a kind that a plate needs before their mean and spread are taken for the plate's."""

_SPHERED = "the plate was sphered to its own controls, which then scatter less than other wells"


@dataclass(frozen=True, eq=False)
class Readout:
    """One number a well.

    Parameters
    ----------
    name : str
        What it is, for a caption.
    values : float64 (n_wells,)
        NaN where a well has none.
    reason : str
        Why wells have none; "" where all have one.
    """

    name: str
    values: NDArray[np.float64]
    reason: str = ""


def positive_control_kinds(plate: Plate) -> tuple[str, ...]:
    """Name the kinds of positive control: the control types that begin with "poscon".

    Parameters
    ----------
    plate : Plate

    Returns
    -------
    tuple of str
        Sorted; empty where the file marks none.
    """
    kinds = plate.wells[CONTROL_TYPE].dropna().astype(str)
    return tuple(sorted(set(kinds[kinds.str.startswith("poscon")])))


def wells_of_compound(plate: Plate, compound: str, *, concentration: float | None = None) -> NDArray[np.bool_]:
    """Find the wells of a compound, such as one that serves as positive control without being marked so.

    Parameters
    ----------
    plate : Plate
    compound : str
        Its name or identifier, as the file has it.
    concentration : float, optional
        Micromolar; doses within 5 % are one.

    Returns
    -------
    bool (n_wells,)

    Raises
    ------
    InputError
        No well holds it at that concentration.
    """
    named = np.zeros(len(plate), dtype=bool)
    for column in (NAME, COMPOUND):
        if column in plate.wells:
            named |= (plate.wells[column] == compound).fillna(False).to_numpy(dtype=bool)
    if concentration is not None:
        doses = plate.wells[CONCENTRATION].to_numpy(np.float64)
        named &= np.abs(doses - concentration) <= 0.05 * concentration
    if not named.any():
        dose = "" if concentration is None else f" at {concentration:g} uM"
        raise InputError(
            plate.source or "plate", NAME, f"no well of {compound!r}{dose}", "a compound of this file"
        )
    return named


def column_readout(plate: Plate, name: str) -> Readout:
    """Take a feature, or a numeric column of the wells such as a cell count.

    Parameters
    ----------
    plate : Plate
    name : str
        Of the feature or column.

    Returns
    -------
    Readout

    Raises
    ------
    InputError
        There is no such column, or it holds text or an infinite number.
    """
    source = plate.source or "plate"
    if name in plate.feature_names:
        return Readout(name, plate.embeddings[:, plate.feature_names.index(name)].astype(np.float64))
    if name not in plate.wells:
        raise InputError(source, name, "no such column", "a feature or a numeric column of the wells")
    cells = plate.wells[name]
    numbers = pd.to_numeric(cells.astype(object), errors="coerce").astype(np.float64)
    wrong = (numbers.isna() & cells.notna()) | np.isinf(numbers)
    if wrong.any():
        at = int(wrong.to_numpy().argmax())
        raise InputError(source, name, f"{cells.iloc[at]!r} in well {plate.wells.index[at]}", "a finite number")
    missing = int(numbers.isna().sum())
    reason = f"{missing} wells without {name}" if missing else ""
    return Readout(name, np.asarray(numbers, dtype=np.float64), reason)


def distance_readout(plate: Plate) -> Readout:
    """Distance of every well to the mean negative control of its plate.

    A control well is measured against the mean of the *other* controls: against a mean that it belongs to it
    would look nearer than a well that does nothing.

    Parameters
    ----------
    plate : Plate
        Features on one scale, such as robust z-scores.

    Returns
    -------
    Readout
        In units of the root mean square distance of the controls of all plates: about 1 for a well that does
        nothing. NaN throughout with fewer than four controls, or on a plate that was sphered to them.
    """
    name = "distance to the mean negative control"
    controls = plate.is_negative_control
    if SPHERED in (plate.embedding.normalisation or ()):
        return Readout(name, np.full(len(plate), np.nan), _SPHERED)
    if controls.sum() < FEWEST_CONTROLS:
        reason = f"{int(controls.sum())} negative controls, at least {FEWEST_CONTROLS} needed"
        return Readout(name, np.full(len(plate), np.nan), reason)
    centred = centre_on_controls(plate).astype(np.float64)
    squared = np.einsum("ij,ij->i", centred, centred)
    labels = plate.wells[PLATE].astype(object).where(plate.wells[PLATE].notna(), "").to_numpy()
    every = int(controls.sum())
    for label in pd.unique(labels):
        rows = controls & (labels == label)
        own = int(rows.sum())
        # Plates with fewer controls are centred on those of all plates.
        centred_on = own if own >= FEWEST_CONTROLS and label != "" else every
        squared[rows] *= (centred_on / (centred_on - 1)) ** 2
    return Readout(name, np.sqrt(squared / max(float(squared[controls].mean()), 1e-24)))


def control_axis_readout(plate: Plate, positive: NDArray[np.bool_]) -> Readout:
    """Project every well on an axis from negative to positive controls that was not fitted to that well.

    An axis fitted to the very wells that it then separates flatters them: with more features than controls it
    separates pure noise. So the wells of a plate are projected on the mean axis of all other plates. Where only
    one plate has positive controls, each of its controls is projected on the axis of its other controls, which
    still flatters where neighbouring wells share an effect of their place.

    Parameters
    ----------
    plate : Plate
        Features on one scale.
    positive : bool (n_wells,)
        The positive controls.

    Returns
    -------
    Readout
        In the units of the features, 0 at the mean negative control. NaN for the wells of a plate for which there
        is no axis, and throughout with fewer than four negative controls or on a plate that was sphered to them.
    """
    name = "projection on the axis between the controls of the other plates"
    values = np.full(len(plate), np.nan)
    if SPHERED in (plate.embedding.normalisation or ()):
        return Readout(name, values, _SPHERED)
    found = int(plate.is_negative_control.sum())
    if found < FEWEST_CONTROLS:
        return Readout(name, values, f"{found} negative controls, at least {FEWEST_CONTROLS} needed")
    centred = centre_on_controls(plate).astype(np.float64)
    labels = plate.wells[PLATE].astype(object).to_numpy()
    positive_here = {
        barcode: np.flatnonzero(positive & (labels == barcode))
        for barcode in plate.barcodes
        if (positive & (labels == barcode)).any()
    }
    if len(positive_here) == 1:
        [(barcode, positives)] = positive_here.items()
        negatives = np.flatnonzero(plate.is_negative_control & (labels == barcode))
        if min(len(negatives), len(positives)) >= FEWEST_CONTROLS:
            values[labels == barcode] = _among_own_controls(centred, negatives, positives)[labels == barcode]
            return Readout("projection on the axis between the other controls of the plate", values)
    axes = {barcode: centred[rows].mean(axis=0) for barcode, rows in positive_here.items()}
    for barcode in plate.barcodes:
        others = [axis for other, axis in axes.items() if other != barcode]
        if others:
            rows = labels == barcode
            values[rows] = centred[rows] @ _unit(np.mean(others, axis=0))
    reason = "no positive controls on any other plate to take the axis from" if np.isnan(values).any() else ""
    return Readout(name, values, reason)


def _among_own_controls(
    centred: NDArray[np.float64], negatives: NDArray[np.intp], positives: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Projections of all wells on the axis of one plate's controls, that of each control without itself."""
    low, high = centred[negatives].mean(axis=0), centred[positives].mean(axis=0)
    values = centred @ _unit(high - low)
    for row in negatives:
        without = (low * len(negatives) - centred[row]) / (len(negatives) - 1)
        values[row] = centred[row] @ _unit(high - without)
    for row in positives:
        without = (high * len(positives) - centred[row]) / (len(positives) - 1)
        values[row] = centred[row] @ _unit(without - low)
    return np.asarray(values, dtype=np.float64)


def _unit(axis: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(axis / max(float(np.linalg.norm(axis)), 1e-12), dtype=np.float64)


def main_axis_readout(plate: Plate) -> Readout:
    """Project every well on the direction in which negative controls vary most within their plates.

    Position effects are what mostly tells the controls of a plate apart, and the distance to their mean is blind
    to them where half of the controls lie on either side.

    Parameters
    ----------
    plate : Plate
        Features on one scale.

    Returns
    -------
    Readout
        In standard deviations of the controls along it, each plate counting alike. Made of all wells, and in
        theirs, where there are fewer than four controls.
    """
    centred = centre_on_controls(plate).astype(np.float64)
    enough = plate.is_negative_control.sum() >= FEWEST_CONTROLS
    rows = np.flatnonzero(plate.is_negative_control) if enough else np.arange(len(plate))
    among = "negative controls" if enough else "wells"
    fitted = np.zeros((len(rows), centred.shape[1]))
    labels = plate.wells[PLATE].astype(object).where(plate.wells[PLATE].notna(), "").to_numpy()[rows]
    for label in pd.unique(labels):
        # Each plate counts alike, or the one with a few wild wells decides for all.
        own = centred[rows[labels == label]]
        own = own - own.mean(axis=0)
        fitted[labels == label] = own / max(float(np.linalg.norm(own)), 1e-12)
    axis = np.linalg.eigh(fitted.T @ fitted)[1][:, -1]
    # A direction has two signs: the same data must always give the same one.
    axis *= np.sign(axis[np.abs(axis).argmax()])
    values = centred @ axis
    return Readout(f"first principal component of the {among}", values / max(float(values[rows].std()), 1e-12))
