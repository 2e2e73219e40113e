"""One recipe on every scaffold fold in turn: one fold of a small set is mostly luck."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molphenix_core.evaluation.calibration import fit_calibration
from molphenix_core.evaluation.calibration_records import CalibrationRecords, library_records
from molphenix_core.evaluation.measured_split import MeasuredSplit
from molphenix_core.evaluation.rivals import FoldRanks, fold_ranks, pooled_figures
from molphenix_core.model.bundle import Bundle
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.plates.activity import activity
from molphenix_core.retrieval.library import Library
from molphenix_core.training.dataset import Molecules
from molphenix_core.training.fit import EpochReport
from molphenix_core.training.job import Job
from molphenix_core.training.pipeline import Source, SplitSource, split_source, train_bundle

__all__ = ["CrossValidation", "cross_validate", "measure_split"]


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """What the folds of a recipe gave.

    Parameters
    ----------
    figures : list of dict
        Pooled over folds and seeds, rows of :func:`~molphenix_core.evaluation.rivals.pooled_figures` with the
        plate file under ``data``.
    records : tuple of CalibrationRecords or None
        Of each source, where its true molecules stand within a library; None where none was given.
    library : str
        Name of that library; "" where none was given.
    """

    figures: list[dict[str, object]]
    records: tuple[CalibrationRecords, ...] | None
    library: str

    def calibrations(self, spaces: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Calibrated chances for a bundle trained by the same recipe.

        Parameters
        ----------
        spaces : sequence of str
            Of that bundle, in the order of the sources: each fold's encoder writes a space of its own.

        Returns
        -------
        dict of str to dict
            By space, JSON values; empty without a library.
        """
        if self.records is None:
            return {}
        return {
            space: fit_calibration(records, space=space, library=self.library).to_dict()
            for space, records in zip(spaces, self.records, strict=True)
        }


def measure_split(
    job: Job,
    part: SplitSource,
    molecules: Molecules,
    counts: NDArray[np.float32],
    features: NDArray[np.float32],
) -> MeasuredSplit:
    """A split as the retriever and its rivals are measured on it.

    Parameters
    ----------
    job : Job
    part : SplitSource
    molecules : Molecules
        Of the job, n.
    counts : float32 (n, width)
        Morgan counts of all molecules.
    features : float32 (n, F)
        Their features as the retriever takes them.

    Returns
    -------
    MeasuredSplit
    """
    return MeasuredSplit(
        profiles=part.source.profiles,
        plate=part.plate,
        treatments=part.source.treatments,
        train=part.train,
        unseen_scaffold=part.unseen_scaffold,
        held_out_plate=part.held_out_plate,
        molecule=molecules.rows(part.source.treatments.table["inchikey"]),
        counts=counts,
        features=features,
        activity_threshold=job.activity_threshold,
    )


def cross_validate(
    job: Job,
    sources: Sequence[Source],
    molecules: Molecules,
    raw: NDArray[np.float32],
    counts: NDArray[np.float32],
    *,
    library: Library | None = None,
    report: Callable[[str, EpochReport], None] = lambda *_: None,
) -> CrossValidation:
    """Train and measure a recipe on every scaffold fold, with ``job.cross_validation_seeds`` seeds.

    The held-out plates of the job stay held out, so that molecules that were seen can be measured as well.

    Parameters
    ----------
    job : Job
    sources : sequence of Source
    molecules : Molecules
    raw : float32 (n_molecules, width)
        Features of all molecules, unscaled.
    counts : float32 (n_molecules, width)
        Morgan counts, for the rivals.
    library : Library, optional
        To calibrate chances in; its molecules need not be those of the job.
    report : callable
        Told a fold's name and its epochs.

    Returns
    -------
    CrossValidation
    """
    measured: list[list[FoldRanks]] = [[] for _ in sources]
    records: list[list[CalibrationRecords]] = [[] for _ in sources]
    library_raw = None
    if library is not None:
        library_raw = FeatureSet(job.molecule_features).compute(library.molecules["smiles"].tolist())
    for seed in range(job.cross_validation_seeds):
        for fold in range(job.split.folds):
            here = replace(job, split=replace(job.split, fold=fold), fit=replace(job.fit, seed=seed))
            splits = [split_source(here, source, molecules) for source in sources]
            stage = f"fold {fold + 1} of {job.split.folds}, seed {seed + 1} of {job.cross_validation_seeds}"
            bundle = train_bundle(here, splits, molecules, raw, report=_reporter(report, stage))
            features = bundle.scaler.transform(raw)
            for number, part in enumerate(splits):
                split = measure_split(here, part, molecules, counts, features)
                measured[number].append(fold_ranks(split, bundle))
                if library is not None and library_raw is not None:
                    records[number] += _records(split, bundle, raw, library, library_raw)
    name = f"unseen scaffolds, {job.split.folds} folds x {job.cross_validation_seeds} seeds"
    figures: list[dict[str, object]] = [
        {"data": source.config.path, **row}
        for source, folds in zip(sources, measured, strict=True)
        if folds
        for row in pooled_figures(name, folds)
    ]
    calibrated = job.cross_validation_seeds > 0 and library is not None
    return CrossValidation(
        figures=figures,
        records=tuple(CalibrationRecords.join(parts) for parts in records) if calibrated else None,
        library=library.name if library is not None else "",
    )


def _reporter(report: Callable[[str, EpochReport], None], stage: str) -> Callable[[EpochReport, Bundle], None]:
    return lambda epoch, _: report(stage, epoch)


def _records(
    split: MeasuredSplit,
    bundle: Bundle,
    raw: NDArray[np.float32],
    library: Library,
    library_raw: NDArray[np.float32],
) -> list[CalibrationRecords]:
    table = split.treatments.table
    statistics = activity(split.plate, split.treatments)
    trained = np.unique(split.treatments.of_well[split.train])
    out = []
    for wells, seen in (
        (split.unseen_scaffold & ~split.held_out_plate, False),
        (split.held_out_plate & ~split.unseen_scaffold, True),
    ):
        only = split.only(wells)
        count = np.bincount(only.of_well[only.of_well >= 0], minlength=len(table))
        rows = np.intersect1d(np.flatnonzero(count), trained) if seen else np.flatnonzero(count)
        if len(rows) == 0:
            continue
        records = library_records(
            bundle,
            split.plate.space,
            only.mean(split.plate.embeddings)[rows],
            inchikeys=table["inchikey"].iloc[rows].tolist(),
            molecule_features=raw[split.molecule[rows]],
            doses=table["concentration"].to_numpy(np.float64)[rows],
            p_value=statistics["p_value"].to_numpy(np.float64)[rows],
            seen=seen,
            replicates=count[rows],
            distance_to_control=statistics["distance_to_control"].to_numpy(np.float64)[rows],
            library_inchikeys=library.molecules["inchikey"].tolist(),
            library_features=library_raw,
            library_doses=library.doses,
        )
        out.append(records)
    return out
