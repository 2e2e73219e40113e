"""What is studied: a recipe, the plate files that it is tried on, and the units that experiments are made of."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from molphenix_core.paper.contexts import COMPLETE
from molphenix_core.paper.units import HoldOut, Shuffle, Unit, file_digest
from molphenix_core.plates.normalise import NormalisationWarning
from molphenix_core.plates.plate import BATCH
from molphenix_core.training.job import DataConfig, Job
from molphenix_core.training.pipeline import load_sources

__all__ = ["FileFacts", "Study", "read_facts"]

_FEWEST_PLATES = 3
_ONE_PLATE_IN = 20


@dataclass(frozen=True)
class FileFacts:
    """What a plate file holds, as far as experiments depend on it.

    Parameters
    ----------
    path : str
        Absolute.
    digest : str
        SHA-256.
    title : str
        The file's name without its ending.
    wells, treatments, molecules, controls : int
        Treatments and molecules are those with a usable structure.
    doses : tuple of (float, int)
        Known nominal doses in micromolar, ascending, and the treatments at each.
    batches, barcodes : tuple of str
        Sorted; empty where there are none.
    feature_names : tuple of str
    space : str
        Of the profiles before any encoder.
    simulated : bool
    incomplete : bool
        Whether it says of some wells that gaps were filled.
    notes : tuple of str
        What was warned of when it was read and normalised.
    """

    path: str
    digest: str
    title: str
    wells: int
    treatments: int
    molecules: int
    controls: int
    doses: tuple[tuple[float, int], ...]
    batches: tuple[str, ...]
    barcodes: tuple[str, ...]
    feature_names: tuple[str, ...]
    space: str
    simulated: bool
    incomplete: bool
    notes: tuple[str, ...]


def read_facts(path: str | Path, job: Job) -> FileFacts:
    """Read what a plate file holds.

    Parameters
    ----------
    path : path
    job : Job
        Whose encoder decides how profiles are normalised.

    Returns
    -------
    FileFacts

    Raises
    ------
    InputError
        When it is no plate file, or has no usable structure.
    """
    path = Path(path).resolve()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        source = load_sources(replace(job, data=(DataConfig(path=str(path)),)), "")[0]
    for warning in caught:
        if not issubclass(warning.category, NormalisationWarning):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    table, plate = source.treatments.table, source.profiles
    dose = table["concentration"].to_numpy(np.float64)
    doses, counts = np.unique(dose[~np.isnan(dose)], return_counts=True)
    used = plate.wells[source.treatments.of_well >= 0]
    batches = used[BATCH].dropna() if BATCH in used else pd.Series(dtype=object)
    return FileFacts(
        path=str(path),
        digest=file_digest(path),
        title=path.stem,
        wells=len(plate),
        treatments=len(table),
        molecules=int(table["inchikey"].nunique()),
        controls=int(plate.is_negative_control.sum()),
        doses=tuple(zip(doses.tolist(), counts.tolist(), strict=True)),
        batches=tuple(sorted({str(value) for value in batches})),
        barcodes=tuple(sorted(plate.barcodes)),
        feature_names=plate.feature_names,
        space=plate.space,
        simulated=plate.simulated,
        incomplete=COMPLETE in plate.wells and not plate.wells[COMPLETE].fillna(True).astype(bool).all(),
        notes=tuple(sorted({str(warning.message) for warning in caught})),
    )


@dataclass(frozen=True)
class Study:
    """A recipe, plate files and a number of seeds.

    Parameters
    ----------
    job : Job
        Ours; of its data only matters which embeddings are sphered.
    files : tuple of FileFacts
        The first gets all sections, the second the main comparison too, all of them the comparison of several
        phenotypes.
    seeds : int
    """

    job: Job
    files: tuple[FileFacts, ...]
    seeds: int

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of the files by path."""
        return {file.path: file.digest for file in self.files}

    def recipe(self, *files: FileFacts, job: Job | None = None) -> Job:
        """A recipe on some of the files.

        Held out are the plates that the job names, or of a file with three plates or more of which it names none,
        every twentieth (at least one). Where no dose is known there is no dose encoding.

        Parameters
        ----------
        *files : FileFacts
            To train on together.
        job : Job, optional
            The study's by default.

        Returns
        -------
        Job
        """
        job = self.job if job is None else job
        held_out = [barcode for file in files for barcode in _held_out_plates(job, file)]
        known = any(file.doses for file in files)
        return replace(
            job,
            data=tuple(DataConfig(path=file.path, sphere=_sphered(job, file)) for file in files),
            split=replace(job.split, held_out_plates=tuple(held_out)),
            dose_encoding=job.dose_encoding if known else (),
        )

    def units(
        self,
        job: Job,
        *,
        seeds: int | None = None,
        folds: Sequence[int] | None = None,
        dealt: Sequence[FileFacts] | None = None,
        held_out: HoldOut | None = None,
        shuffle: Shuffle | None = None,
    ) -> tuple[Unit, ...]:
        """A recipe on every fold with every seed.

        Parameters
        ----------
        job : Job
            From :meth:`recipe`, or made from that.
        seeds : int, optional
            Fewer than those of the study.
        folds : sequence of int, optional
            All scaffold folds by default.
        dealt : sequence of FileFacts, optional
            Whose molecules are dealt into folds; those of the job by default.
        held_out, shuffle
            See :class:`~molphenix_core.paper.units.Unit`.

        Returns
        -------
        tuple of Unit
            Fold by fold within each seed.
        """
        paths = tuple(file.path for file in dealt) if dealt is not None else tuple(d.path for d in job.data)
        return tuple(
            Unit(
                kind="towers",
                job=replace(job, split=replace(job.split, fold=fold), fit=replace(job.fit, seed=seed)),
                dealt=paths,
                held_out=held_out,
                shuffle=shuffle,
                active_by=self.job.encoder,
            )
            for seed in range(self.seeds if seeds is None else min(seeds, self.seeds))
            for fold in (range(job.split.folds) if folds is None else folds)
        )


def _sphered(job: Job, file: FileFacts) -> bool:
    """As the job says of a file of that name. Of another one: embeddings have scales of their own."""
    named = [config.sphere for config in job.data if Path(config.path).name == Path(file.path).name]
    return named[0] if named else True


def _held_out_plates(job: Job, file: FileFacts) -> tuple[str, ...]:
    named = tuple(barcode for barcode in job.split.held_out_plates if barcode in file.barcodes)
    if named or len(file.barcodes) < _FEWEST_PLATES:
        return named
    return file.barcodes[::_ONE_PLATE_IN]
