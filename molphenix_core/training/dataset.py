"""From a plate to training treatments: structures standardised, wells encoded, treatments grouped and split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.errors import JobError
from molphenix_core.molecules.scaffolds import scaffold_folds, scaffold_groups
from molphenix_core.plates.activity import activity
from molphenix_core.plates.plate import PLATE, Plate
from molphenix_core.plates.treatments import Treatments, group_treatments
from molphenix_core.training.batches import TrainingSet
from molphenix_core.training.job import SplitConfig

__all__ = ["Molecules", "collect_molecules", "split_wells", "training_set", "treatments_with_structure"]


@dataclass(frozen=True)
class Molecules:
    """All molecules of a job, each once, and the scaffold fold of each.

    Parameters
    ----------
    inchikeys, smiles : tuple of str
        Of the n molecules, standardised.
    folds : int64 (n,)
        From 0; molecules of one scaffold share a fold.
    """

    inchikeys: tuple[str, ...]
    smiles: tuple[str, ...]
    folds: NDArray[np.int64]

    def rows(self, inchikeys: pd.Series) -> NDArray[np.int64]:
        """Find molecules.

        Parameters
        ----------
        inchikeys : pandas.Series of str, (m,)
            Null where there is no structure.

        Returns
        -------
        int64 (m,)
            Row of each; -1 where it is none of these.
        """
        place = {key: row for row, key in enumerate(self.inchikeys)}
        return np.array([place.get(key, -1) for key in inchikeys], dtype=np.int64)


def collect_molecules(tables: list[pd.DataFrame], split: SplitConfig) -> Molecules:
    """Collect the molecules of treatment tables, each once, and deal them into scaffold folds.

    Parameters
    ----------
    tables : list of pandas.DataFrame
        Columns ``inchikey`` and ``smiles`` (standardised); rows without either are left out.
    split : SplitConfig
        Number of folds, and the seed that deals them.

    Returns
    -------
    Molecules
        Sorted by InChIKey, so that the order of the tables does not matter.
    """
    both = pd.concat([table[["inchikey", "smiles"]] for table in tables]).dropna().drop_duplicates("inchikey")
    both = both.sort_values("inchikey")
    smiles, inchikeys = list(both["smiles"]), list(both["inchikey"])
    folds = scaffold_folds(scaffold_groups(smiles, inchikeys), folds=split.folds, seed=split.seed)
    return Molecules(inchikeys=tuple(inchikeys), smiles=tuple(smiles), folds=folds)


def treatments_with_structure(plate: Plate) -> Treatments:
    """Group the wells whose structure is known; others belong to no treatment.

    Parameters
    ----------
    plate : Plate
        With standardised structures.

    Returns
    -------
    Treatments

    Raises
    ------
    JobError
        When the plate has no well with a structure.
    """
    grouped = group_treatments(plate)
    keep = grouped.table["inchikey"].notna().to_numpy()
    if not keep.any():
        raise JobError(plate.source or "plate", "Metadata_SMILES", "no usable structure", "treated wells with one")
    renumbered = np.where(keep, np.cumsum(keep) - 1, -1).astype(np.int32)
    of_well = np.where(grouped.of_well >= 0, renumbered[grouped.of_well], -1).astype(np.int32)
    return Treatments(table=grouped.table[keep].reset_index(drop=True), of_well=of_well)


def split_wells(
    plate: Plate, treatments: Treatments, molecules: Molecules, split: SplitConfig
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Which wells train, test unseen scaffolds, and test seen molecules on held-out plates.

    Parameters
    ----------
    plate : Plate
    treatments : Treatments
        Of the plate, each with a structure.
    molecules : Molecules
        Of all plates of the job, with their scaffold folds.
    split : SplitConfig

    Returns
    -------
    three of bool (n_wells,)
        Training; any plate, molecules of the held-out fold; held-out plates, other molecules.

    Raises
    ------
    JobError
        When a held-out plate is not in the file.
    """
    missing = [barcode for barcode in split.held_out_plates if barcode not in plate.barcodes]
    if missing:
        raise JobError(plate.source, "split.held_out_plates", missing[0], "a barcode of the data")
    row = molecules.rows(treatments.table["inchikey"])
    unseen = molecules.folds[row] == split.fold
    used = treatments.of_well >= 0
    unseen_well = used & unseen[treatments.of_well]
    on_held_out = plate.wells[PLATE].isin(split.held_out_plates).to_numpy(dtype=bool)
    return used & ~unseen_well & ~on_held_out, unseen_well, used & ~unseen_well & on_held_out


def training_set(
    plate: Plate,
    treatments: Treatments,
    wells: NDArray[np.bool_],
    molecules: Molecules,
    *,
    p_values: bool = False,
) -> TrainingSet:
    """The treatments of some wells as arrays for :func:`molphenix_core.training.fit.fit`.

    Parameters
    ----------
    plate : Plate
    treatments : Treatments
        Of the plate, each with a structure.
    wells : bool (n_wells,)
        Which of them to take.
    molecules : Molecules
    p_values : bool
        Also compute activity p-values, which undersampling needs: from these wells alone, and the negative
        controls of the plates that they stand on. It takes seconds.

    Returns
    -------
    TrainingSet
        Treatments with at least one such well; its ``molecule`` are rows of ``molecules``.
    """
    taken = wells & (treatments.of_well >= 0)
    rows = np.flatnonzero(taken)
    rows = rows[np.argsort(treatments.of_well[rows], kind="stable")]
    present, counts = np.unique(treatments.of_well[rows], return_counts=True)
    return TrainingSet(
        space=plate.space,
        wells=np.ascontiguousarray(plate.embeddings[rows]),
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        molecule=molecules.rows(treatments.table["inchikey"].iloc[present]),
        dose=treatments.table["concentration"].to_numpy(np.float64)[present],
        p_value=_p_values(plate, treatments, taken, present) if p_values else None,
    )


def _p_values(
    plate: Plate, treatments: Treatments, taken: NDArray[np.bool_], present: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Activity p-values of the treatments present, as if the plate held no other wells."""
    here = plate.wells[PLATE].isin(plate.wells[PLATE][taken].unique()).to_numpy(dtype=bool)
    kept = taken | (plate.is_negative_control & here)
    of_well = np.where(taken, np.searchsorted(present, treatments.of_well), -1)[kept].astype(np.int32)
    table = treatments.table.iloc[present].reset_index(drop=True)
    statistics = activity(plate.take(kept), Treatments(table=table, of_well=of_well))
    return statistics["p_value"].to_numpy(np.float64)
