"""What hits are called from: one row a treatment, with everything that a rule can ask for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from molphenix_core.errors import InputError
from molphenix_core.plates.activity import CONTROLS_AT_POSITION, activity
from molphenix_core.plates.normalise import ROBUST, SPHERED
from molphenix_core.plates.plate import PLATE, Plate
from molphenix_core.plates.readouts import column_readout
from molphenix_core.plates.treatments import Treatments

__all__ = ["flag_treatments", "hit_table", "relative_cell_count"]


def relative_cell_count(
    plate: Plate, treatments: Treatments, column: str, *, relative: bool = False
) -> NDArray[np.float64]:
    """Cells of every treatment, relative to the negative controls of the same plate.

    Parameters
    ----------
    plate : Plate
    treatments : Treatments
        Of the same plate.
    column : str
        A feature or a column of the wells that counts cells, such as "Metadata_Count_Cells".
    relative : bool
        The column is relative to the controls already.

    Returns
    -------
    float64 (n_treatments,)
        Median over the wells of a treatment of the count divided by the median count of the plate's negative
        controls: 1 for as many cells as without treatment. NaN where no well has a count, or its plate no control
        that has one.

    Raises
    ------
    InputError
        There is no such column, or it holds no counts: text, negative numbers, or a feature that was normalised
        (a z-score of a count is no count).
    """
    source = plate.source or "plate"
    readout = column_readout(plate, column)
    steps = set(plate.embedding.normalisation or ())
    if column in plate.feature_names and not relative and steps & {ROBUST, SPHERED}:
        raise InputError(source, column, "a normalised feature", "counts of cells as they were measured")
    counts = readout.values
    if (counts < 0).any():
        at = int(np.argmax(counts < 0))
        raise InputError(
            source, column, f"{counts[at]:g} in well {plate.wells.index[at]}", "counts, zero or above"
        )
    if not relative:
        labels = plate.wells[PLATE].astype(object).to_numpy()
        share = np.full(len(plate), np.nan)
        for barcode in plate.barcodes:
            here = labels == barcode
            controls = counts[here & plate.is_negative_control]
            controls = controls[np.isfinite(controls)]
            if len(controls) and np.median(controls) > 0:
                share[here] = counts[here] / np.median(controls)
        counts = share
    return _medians(counts, treatments)


def flag_treatments(
    plate: Plate, treatments: Treatments, column: str, *, above: float = 0.5
) -> NDArray[np.object_]:
    """Flag the treatments whose wells say so in some column, such as one of measured autofluorescence.

    Parameters
    ----------
    plate : Plate
    treatments : Treatments
        Of the same plate.
    column : str
        A feature or a column of the wells: true and false, 0 and 1, or numbers.
    above : float
        A treatment is flagged when the median over its wells is above this.

    Returns
    -------
    object (n_treatments,)
        True, False, or None where no well of the treatment has a value.

    Raises
    ------
    InputError
        There is no such column, or it holds text.
    """
    medians = _medians(column_readout(plate, column).values, treatments)
    flags = np.full(len(treatments), None, dtype=object)
    known = ~np.isnan(medians)
    flags[known] = [bool(value) for value in medians[known] > above]
    return flags


def _medians(values: NDArray[np.float64], treatments: Treatments) -> NDArray[np.float64]:
    used = (treatments.of_well >= 0) & np.isfinite(values)
    medians = pd.Series(values[used]).groupby(treatments.of_well[used]).median()
    return np.asarray(medians.reindex(range(len(treatments))), dtype=np.float64)


def hit_table(
    plate: Plate,
    treatments: Treatments,
    *,
    measured: pd.DataFrame | None = None,
    cell_count: str | None = None,
    cell_count_is_relative: bool = False,
    autofluorescence: str | None = None,
    autofluorescent_above: float = 0.5,
    pains: Sequence[Sequence[str] | None] | None = None,
) -> pd.DataFrame:
    """Gather what hits are called from.

    A plate that was sphered to its own controls has no distance to control, and no p- and q-value where their null
    was drawn from controls: sphering pulls the wells that it was fitted to together and leaves the others where
    they are, so that everything looks far from the controls and more consistent than they are. Take the plate as
    it was before.

    Parameters
    ----------
    plate : Plate
        In any space in which cosine similarity means something, such as robust z-scores. No retriever is needed.
    treatments : Treatments
        Of the same plate.
    measured : pandas.DataFrame, optional
        From :func:`~molphenix_core.plates.activity.activity`, of the same treatments; computed where not given.
    cell_count : str, optional
        See :func:`relative_cell_count`.
    cell_count_is_relative : bool
        See :func:`relative_cell_count`.
    autofluorescence : str, optional
        Column that tells autofluorescent wells, see :func:`flag_treatments`. There is no default: nothing in a
        profile or a structure tells it surely.
    autofluorescent_above : float
        See :func:`flag_treatments`.
    pains : sequence of (sequence of str, or None), optional
        For each treatment, from :func:`molphenix_core.molecules.alerts.pains_alerts_many` of its structure.

    Returns
    -------
    pandas.DataFrame
        One row a treatment, in their order: the columns of ``treatments.table`` and of ``activity``, and those
        asked for of ``relative_cell_count`` (float64), ``autofluorescent`` and ``pains`` (object: True, False or
        None where not known), ``pains_names`` (str). ``note`` (str) says why a statistic was left out, else "".
    """
    table = treatments.table.copy()
    statistics = measured if measured is not None else activity(plate, treatments)
    for name in statistics:
        table[name] = statistics[name].to_numpy()
    table["note"] = ""
    if SPHERED in (plate.embedding.normalisation or ()):
        _leave_out_controls(table)
    if cell_count is not None:
        table["relative_cell_count"] = relative_cell_count(
            plate, treatments, cell_count, relative=cell_count_is_relative
        )
    if autofluorescence is not None:
        table["autofluorescent"] = flag_treatments(
            plate, treatments, autofluorescence, above=autofluorescent_above
        )
    if pains is not None:
        flags = np.full(len(table), None, dtype=object)
        flags[:] = [None if names is None else bool(names) for names in pains]
        table["pains"] = flags
        table["pains_names"] = [", ".join(names or ()) for names in pains]
    return table


def _leave_out_controls(table: pd.DataFrame) -> None:
    """Blank what compares treatments with control wells that sphering was fitted to."""
    table["distance_to_control"] = np.nan
    against_controls = (table["null"] == CONTROLS_AT_POSITION).to_numpy()
    table.loc[against_controls, ["p_value", "q_value"]] = np.nan
    known = table["p_value"].notna()
    if known.any():
        table.loc[known, "q_value"] = false_discovery_control(table.loc[known, "p_value"])
    distance = "no distance to control: the plate was sphered to its own controls"
    table["note"] = np.where(against_controls, f"{distance}; no p-value, for the same reason", distance)
