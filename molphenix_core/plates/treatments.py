"""From wells to treatments: a molecule at a nominal dose under the same conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.plates.check import none_where_missing
from molphenix_core.plates.doses import nominal_doses
from molphenix_core.plates.plate import (
    COMPOUND,
    CONCENTRATION,
    INCHIKEY,
    MECHANISM,
    NAME,
    PLATE,
    SMILES,
    Plate,
)

__all__ = ["CELL_LINE", "TIME_POINT", "Treatments", "group_treatments"]

CELL_LINE = "Metadata_cell_line"
TIME_POINT = "Metadata_time_point"


@dataclass(frozen=True)
class Treatments:
    """The treatments of a plate and the wells of each.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a treatment: ``key`` (of the molecule), ``name``, ``smiles``, ``inchikey``, ``mechanism``,
        ``concentration`` (nominal, micromolar, NaN where unknown), ``n_wells``, ``n_plates``, and the
        condition columns.
    of_well : int32 (n_wells,)
        Row of ``table`` for every well, -1 for controls and wells without an identity.
    """

    table: pd.DataFrame
    of_well: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.table)

    def wells_of(self, treatment: int) -> NDArray[np.intp]:
        """Find the wells of one treatment.

        Parameters
        ----------
        treatment : int
            Row of ``table``.

        Returns
        -------
        intp (n,)
            Rows of its wells in the plate, ascending.
        """
        return np.flatnonzero(self.of_well == treatment)

    def mean(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """Average replicates.

        Parameters
        ----------
        values : float (n_wells, d)
            Such as embeddings.

        Returns
        -------
        float32 (n_treatments, d)
            Summed in float64; zeros for a treatment without wells.
        """
        used = self.of_well >= 0
        sums = np.zeros((len(self.table), values.shape[1]), dtype=np.float64)
        np.add.at(sums, self.of_well[used], values[used])
        counts = np.bincount(self.of_well[used], minlength=len(self.table))
        return (sums / np.maximum(counts, 1)[:, None]).astype(np.float32)


def _column(wells: pd.DataFrame, name: str) -> pd.Series:
    if name not in wells:
        return pd.Series(None, index=wells.index, dtype=object)
    return none_where_missing(wells[name])


def molecule_keys(wells: pd.DataFrame) -> pd.Series:
    """What tells molecules apart, the best that each well has: InChIKey, else SMILES, compound id, name."""
    keys = _column(wells, INCHIKEY)
    for name in (SMILES, COMPOUND, NAME):
        keys = keys.where(keys.notna(), _column(wells, name))
    return keys


def _described(values: pd.Series, groups: NDArray[np.int32], count: int) -> pd.Series:
    """What the wells of each treatment say of it; where they differ, the first in the alphabet.

    Not what its first well says: that may say nothing, and would depend on the order of the wells.
    """
    said = pd.DataFrame({"value": values.to_numpy(), "group": groups}).dropna()
    return none_where_missing(said["value"].map(str).groupby(said["group"]).min().reindex(range(count)))


def group_treatments(plate: Plate, *, conditions: Sequence[str] = (CELL_LINE, TIME_POINT)) -> Treatments:
    """Group treated wells by molecule, nominal dose and condition columns (those that exist).

    A well whose molecule has neither structure, id nor name belongs to no treatment. An unknown dose or
    condition is a value of its own: it is never taken for a known one.

    Parameters
    ----------
    plate : Plate
        Concentrations in micromolar, made one where they differ by at most 5 %
        (:func:`~molphenix_core.plates.doses.nominal_doses`).
    conditions : sequence of str
        Columns of the wells that tell treatments apart besides molecule and dose.

    Returns
    -------
    Treatments
        Sorted by molecule key, dose and conditions.

    Raises
    ------
    InputError
        A treated well's concentration is zero, negative or infinite.
    """
    wells = plate.wells
    treated = plate.is_treated
    keys = molecule_keys(wells)
    frame = pd.DataFrame({"key": keys.to_numpy(), "concentration": np.nan})
    frame.loc[treated, "concentration"] = nominal_doses(wells[CONCENTRATION].to_numpy(np.float64)[treated])
    present = [name for name in conditions if name in wells]
    for name in present:
        frame[name] = _column(wells, name).to_numpy()
    usable = treated & keys.notna().to_numpy()
    by = ["key", "concentration", *present]
    grouped = frame[usable].groupby(by, dropna=False, sort=True)
    of_well = np.full(len(plate), -1, dtype=np.int32)
    of_well[usable] = grouped.ngroup().to_numpy(np.int32)
    first = pd.Series(np.flatnonzero(usable)).groupby(of_well[usable]).first().to_numpy(dtype=np.intp)
    table = frame.iloc[first].reset_index(drop=True)
    described = {"name": NAME, "smiles": SMILES, "inchikey": INCHIKEY, "mechanism": MECHANISM}
    groups = of_well[usable]
    for label, source in described.items():
        table[label] = _described(_column(wells, source)[usable], groups, len(table))
    named = table["name"].notna()
    table["name"] = table["name"].where(named, _described(_column(wells, COMPOUND)[usable], groups, len(table)))
    table["n_wells"] = np.bincount(groups, minlength=len(table))
    plates = pd.DataFrame({"t": groups, "p": wells[PLATE].to_numpy()[usable]}).groupby("t")["p"].nunique()
    table["n_plates"] = plates.reindex(range(len(table)), fill_value=0).to_numpy()
    return Treatments(table=table, of_well=of_well)
