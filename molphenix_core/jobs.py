"""Running a training job: plate files in, a measured model bundle out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from molphenix_core.errors import BundleError, JobError
from molphenix_core.evaluation.cross_validation import cross_validate, measure_split
from molphenix_core.evaluation.kernel_ridge import morgan_counts
from molphenix_core.evaluation.rivals import compare
from molphenix_core.model.bundle_files import save_bundle
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.retrieval.library import Library
from molphenix_core.retrieval.stored_calibration import CALIBRATION
from molphenix_core.training.dataset import Molecules, collect_molecules
from molphenix_core.training.fit import EpochReport
from molphenix_core.training.job import Job
from molphenix_core.training.pipeline import Source, SplitSource, load_sources, split_source, train_bundle
from molphenix_core.training.undersampling import UndersamplingConfig, inactive
from molphenix_core.writing import require_writable

__all__ = ["run_job"]

Emit = Callable[[dict[str, Any]], None]

_NOTE = (
    "Queries are mean phenotypes of held-out treatments, candidates the (molecule, dose) pairs of the same "
    "treatments. Recall in the top 1 % counts ranks up to k = ceil(0.01 N); intervals: bootstrap over molecules. "
    "Active: replicate-consistency p, over all wells of a treatment, below the job's activity_threshold. Position "
    "only: the phenotype replaced by the mean training well of other treatments at its position, through the same "
    "towers. Layout only: candidates that stood at the query's position in training, without looking at any "
    "phenotype. Nearest neighbour by fingerprint: the measured phenotype of the most similar training molecule at "
    "the nearest dose. Physico-chemical descriptors: ridge regression from descriptors and dose to the phenotype. "
    "Distance to control: kernel ridge predicts how far from the controls a candidate lies, and nothing else. "
    "Shuffled labels: trained alike, with molecules and doses shuffled among the phenotypes."
)


def run_job(
    job: Job,
    folder: str | Path,
    out: str | Path,
    *,
    library: Library | None = None,
    emit: Emit = lambda _: None,
) -> Path:
    """Train a retriever, measure it beside its rivals on what was held out, and write the bundle.

    Parameters
    ----------
    job : Job
    folder : path
        That the data paths of the job are relative to.
    out : path
        Folder of the bundle; the new version becomes the current one there.
    library : Library, optional
        Whose molecules the chances on the card are calibrated among, where the job cross-validates.
    emit : callable
        Told of progress and figures as JSON values: ``{"event": "epoch", ...}``, ``{"event": "figures", ...}``.

    Returns
    -------
    Path
        The folder of the new version.

    Raises
    ------
    InputError
        When a plate file, the job or the bundle folder is not what it should be.
    """
    require_writable(out, BundleError)
    sources = load_sources(job, folder, emit=emit)
    _check_held_out_plates(job, sources)
    molecules = collect_molecules([source.treatments.table for source in sources], job.split)
    raw = FeatureSet(job.molecule_features).compute(molecules.smiles)
    counts = morgan_counts(list(molecules.smiles))

    splits = [split_source(job, source, molecules) for source in sources]
    for part in splits:
        emit(_describe_split(part, job.fit.undersampling))

    def reported(stage: str, epoch: EpochReport) -> None:
        emit(_epoch(job, stage, epoch))

    bundle = train_bundle(job, splits, molecules, raw, report=lambda epoch, _: reported("training", epoch))
    shuffled = train_bundle(
        job,
        [_shuffle(part, job.fit.seed) for part in splits],
        molecules,
        raw,
        report=lambda epoch, _: reported("shuffled labels", epoch),
    )
    features = bundle.scaler.transform(raw)
    figures: list[dict[str, object]] = []
    for part in splits:
        rows = compare(measure_split(job, part, molecules, counts, features), bundle, shuffled)
        figures += [{"data": part.source.config.path, **row} for row in rows]
    folds = cross_validate(job, sources, molecules, raw, counts, library=library, report=reported)
    figures += folds.figures
    for row in figures:
        emit({"event": "figures", **row})
    manifest = _manifest(job, splits, molecules)
    facts = {
        "job": job.to_dict(),
        "training": [_describe(part, job.fit.undersampling) for part in splits],
        "split": {**manifest, "sha256": _sha256(manifest)},
        "figures": figures,
        "figures_note": _NOTE,
    }
    calibrations = folds.calibrations([part.plate.space for part in splits])
    if calibrations:
        facts[CALIBRATION] = calibrations
    return save_bundle(replace(bundle, facts=facts), out)


def _check_held_out_plates(job: Job, sources: list[Source]) -> None:
    barcodes = {barcode for source in sources for barcode in source.profiles.barcodes}
    for barcode in job.split.held_out_plates:
        if barcode not in barcodes:
            raise JobError("job", "split.held_out_plates", repr(barcode), "a barcode of the data")


def _shuffle(part: SplitSource, seed: int) -> SplitSource:
    """The same data with phenotypes and (molecule, dose) pairs torn apart."""
    order = np.random.default_rng(seed).permutation(len(part.data))
    return replace(part, data=replace(part.data, molecule=part.data.molecule[order], dose=part.data.dose[order]))


def _epoch(job: Job, stage: str, epoch: EpochReport) -> dict[str, Any]:
    return {
        "event": "epoch",
        "stage": stage,
        "epoch": epoch.epoch,
        "of": job.fit.epochs,
        "loss": round(epoch.loss, 5),
        "samples": epoch.samples,
    }


def _describe_split(part: SplitSource, undersampling: UndersamplingConfig | None) -> dict[str, Any]:
    wells = {
        "training": int(part.train.sum()),
        "unseen scaffolds": int(part.unseen_scaffold.sum()),
        "held-out plates": int(part.held_out_plate.sum()),
    }
    return {
        "event": "data",
        "file": part.source.config.path,
        "space": part.plate.space,
        "wells": wells,
        "training_treatments": len(part.data),
        **_undersampled(part, undersampling),
    }


def _undersampled(part: SplitSource, undersampling: UndersamplingConfig | None) -> dict[str, int]:
    """How many training treatments undersampling takes for inactive, and how many it knows nothing of."""
    if undersampling is None:
        return {}
    p_value = part.data.p_value
    return {
        "inactive_treatments": int(inactive(part.data, undersampling).sum()),
        "treatments_without_p_value": len(part.data) if p_value is None else int(np.isnan(p_value).sum()),
    }


def _describe(part: SplitSource, undersampling: UndersamplingConfig | None) -> dict[str, object]:
    config = part.source.config
    return {
        "title": config.title,
        "source": config.source,
        "licence": config.licence,
        "space": part.plate.space,
        "simulated": part.plate.simulated,
        "training_wells": int(part.train.sum()),
        "training_treatments": len(part.data),
        "training_molecules": len(np.unique(part.data.molecule)),
        "plates": len(part.plate.barcodes),
        **_undersampled(part, undersampling),
    }


def _manifest(job: Job, splits: list[SplitSource], molecules: Molecules) -> dict[str, object]:
    trained = np.unique(np.concatenate([part.data.molecule for part in splits]))
    return {
        "by": "Murcko scaffold",
        "training_molecules": [molecules.inchikeys[row] for row in trained],
        "held_out_molecules": [
            key for key, fold in zip(molecules.inchikeys, molecules.folds, strict=True) if fold == job.split.fold
        ],
        "held_out_plates": list(job.split.held_out_plates),
    }


def _sha256(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
