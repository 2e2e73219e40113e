"""Running a training job: plate files in, a measured model bundle out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from molphenix_core.errors import BundleError, JobError
from molphenix_core.evaluation.kernel_ridge import morgan_counts
from molphenix_core.evaluation.rivals import MeasuredSplit, compare, fold_ranks, pooled_figures
from molphenix_core.model.bundle import Bundle
from molphenix_core.model.bundle_files import round_to_stored, save_bundle
from molphenix_core.model.retriever import Retriever
from molphenix_core.molecules.doses import DoseEncoding
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.molecules.plate_structures import standardise_plate
from molphenix_core.molecules.scaling import FeatureScaler
from molphenix_core.plates.encoder import ProfileEncoder, fit_profile_encoder
from molphenix_core.plates.files import read_plate
from molphenix_core.plates.normalise import normalise_to_controls
from molphenix_core.plates.plate import Plate
from molphenix_core.plates.summary import treatment_plate
from molphenix_core.plates.treatments import Treatments
from molphenix_core.training.batches import TrainingSet
from molphenix_core.training.dataset import (
    Molecules,
    collect_molecules,
    split_wells,
    training_set,
    treatments_with_structure,
)
from molphenix_core.training.fit import EpochReport, fit
from molphenix_core.training.job import DataConfig, Job
from molphenix_core.writing import require_writable

__all__ = ["run_job"]

Emit = Callable[[dict[str, Any]], None]

_NOTE = (
    "Queries are mean phenotypes of held-out treatments, candidates the (molecule, dose) pairs of the same "
    "treatments. Recall in the top 1 % counts ranks up to k = ceil(0.01 N); intervals: bootstrap over molecules. "
    "Active: replicate-consistency p, over all wells of a treatment, below the job's activity_threshold. Position "
    "only: the phenotype replaced by the mean training well of other treatments at its position, through the same "
    "towers. Layout only: candidates that stood at the "
    "query's position in training, without looking at any phenotype."
)


@dataclass(frozen=True, eq=False)
class _Source:
    """One plate file of the job, read and normalised."""

    config: DataConfig
    profiles: Plate
    treatments: Treatments


@dataclass(frozen=True, eq=False)
class _Split:
    """A source, split and encoded for one fold."""

    source: _Source
    train: NDArray[np.bool_]
    unseen_scaffold: NDArray[np.bool_]
    held_out_plate: NDArray[np.bool_]
    encoder: ProfileEncoder | None
    plate: Plate
    data: TrainingSet


def run_job(job: Job, folder: str | Path, out: str | Path, *, emit: Emit = lambda _: None) -> Path:
    """Train a retriever, measure it beside its rivals on what was held out, and write the bundle.

    Parameters
    ----------
    job : Job
    folder : path
        That the data paths of the job are relative to.
    out : path
        Folder of the bundle; the new version becomes the current one there.
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
    sources = _load(job, Path(folder), emit)
    _check_held_out_plates(job, sources)
    molecules = collect_molecules([source.treatments.table for source in sources], job.split)
    feature_set = FeatureSet(job.molecule_features)
    raw = feature_set.compute(molecules.smiles)
    counts = morgan_counts(list(molecules.smiles))

    splits = [_split(job, source, molecules) for source in sources]
    for part in splits:
        emit(_describe_split(part))
    bundle = _train(job, splits, molecules, feature_set, raw, emit, "training")
    shuffled = _train(
        job, [_shuffle(s, job.fit.seed) for s in splits], molecules, feature_set, raw, emit, "shuffled labels"
    )
    features = bundle.scaler.transform(raw)
    figures: list[dict[str, object]] = []
    for part in splits:
        rows = compare(_measured(job, part, molecules, counts, features), bundle, shuffled)
        figures += [{"data": part.source.config.path, **row} for row in rows]
    figures += _cross_validate(job, sources, molecules, feature_set, raw, counts, emit)
    for row in figures:
        emit({"event": "figures", **row})
    manifest = _manifest(job, splits, molecules)
    facts = {
        "job": job.to_dict(),
        "training": [_describe(part) for part in splits],
        "split": {**manifest, "sha256": _sha256(manifest)},
        "figures": figures,
        "figures_note": _NOTE,
    }
    return save_bundle(replace(bundle, facts=facts), out)


def _load(job: Job, folder: Path, emit: Emit) -> list[_Source]:
    sources = []
    for config in job.data:
        plate, rejected = standardise_plate(read_plate(folder / config.path))
        for structure in rejected:
            emit({"event": "rejected", "smiles": structure.smiles, "reason": structure.reason})
        if _is_encoded(job, plate):
            plate = normalise_to_controls(plate)
        sources.append(_Source(config, plate, treatments_with_structure(plate)))
    return sources


def _check_held_out_plates(job: Job, sources: list[_Source]) -> None:
    barcodes = {barcode for source in sources for barcode in source.profiles.barcodes}
    for barcode in job.split.held_out_plates:
        if barcode not in barcodes:
            raise JobError("job", "split.held_out_plates", repr(barcode), "a barcode of the data")


def _is_encoded(job: Job, plate: Plate) -> bool:
    """Whether the job fits a profile encoder on this plate."""
    return job.encoder is not None and plate.embedding.encoder == "cellprofiler"


def _split(job: Job, source: _Source, molecules: Molecules) -> _Split:
    profiles = source.profiles
    held_out = tuple(barcode for barcode in job.split.held_out_plates if barcode in profiles.barcodes)
    here = replace(job.split, held_out_plates=held_out)
    train, unseen, on_held_out = split_wells(profiles, source.treatments, molecules, here)
    if not train.any():
        raise JobError(
            "job",
            "split",
            f"no training wells in {source.config.path}",
            "wells that are neither on held-out plates nor of held-out scaffolds",
        )
    encoder, plate = None, profiles
    if job.encoder is not None and _is_encoded(job, profiles):
        encoder = fit_profile_encoder(
            profiles.take(train),
            components=job.encoder.components,
            shrinkage=job.encoder.shrinkage,
            limit=job.encoder.limit,
        )
        plate = encoder.encode(profiles)
    data = training_set(plate, source.treatments, train, molecules)
    return _Split(source, train, unseen, on_held_out, encoder, plate, data)


def _train(
    job: Job,
    splits: list[_Split],
    molecules: Molecules,
    feature_set: FeatureSet,
    raw: NDArray[np.float32],
    emit: Emit,
    stage: str,
) -> Bundle:
    trained = np.unique(np.concatenate([part.data.molecule for part in splits]))
    scaler = FeatureScaler.fit(raw[trained], feature_set)
    doses = DoseEncoding.fit(job.dose_encoding, np.concatenate([part.data.dose for part in splits]))
    torch.manual_seed(job.fit.seed)
    retriever = Retriever(
        molecule_features=scaler.width,
        dose_width=doses.width,
        spaces={part.plate.space: part.plate.embeddings.shape[1] for part in splits},
        shape=job.model,
    )

    def report(epoch: EpochReport) -> None:
        emit(
            {
                "event": "epoch",
                "stage": stage,
                "epoch": epoch.epoch,
                "of": job.fit.epochs,
                "loss": round(epoch.loss, 5),
                "samples": epoch.samples,
            }
        )

    fit(retriever, [part.data for part in splits], scaler.transform(raw), doses, job.fit, report=report)
    round_to_stored(retriever)
    return Bundle(
        name=job.name,
        retriever=retriever,
        feature_set=feature_set,
        scaler=scaler,
        doses=doses,
        encoders={part.plate.space: part.encoder for part in splits if part.encoder is not None},
        training_molecules=frozenset(molecules.inchikeys[row][:14] for row in trained),
        facts={},
        references=_references(splits),
    )


def _references(splits: list[_Split]) -> dict[str, Plate]:
    """The training treatments as measured, those of all files of one space together."""
    out: dict[str, Plate] = {}
    for part in splits:
        reference = treatment_plate(part.plate, part.source.treatments, part.train)
        if (before := out.get(reference.space)) is not None:
            wells = pd.concat([before.wells, reference.wells])
            wells.index = pd.Index([f"treatment {row + 1}" for row in range(len(wells))])
            reference = replace(
                reference,
                wells=wells,
                embeddings=np.concatenate([before.embeddings, reference.embeddings]),
                simulated=before.simulated or reference.simulated,
            )
        out[reference.space] = reference
    return out


def _shuffle(part: _Split, seed: int) -> _Split:
    """The same data with phenotypes and (molecule, dose) pairs torn apart."""
    order = np.random.default_rng(seed).permutation(len(part.data))
    return replace(part, data=replace(part.data, molecule=part.data.molecule[order], dose=part.data.dose[order]))


def _cross_validate(
    job: Job,
    sources: list[_Source],
    molecules: Molecules,
    feature_set: FeatureSet,
    raw: NDArray[np.float32],
    counts: NDArray[np.float32],
    emit: Emit,
) -> list[dict[str, object]]:
    """The same recipe on every scaffold fold in turn: one fold of a small set is mostly luck."""
    measured: list[list[Any]] = [[] for _ in sources]
    spaces = [""] * len(sources)
    for seed in range(job.cross_validation_seeds):
        for fold in range(job.split.folds):
            here = replace(
                job,
                split=replace(job.split, fold=fold, held_out_plates=()),
                fit=replace(job.fit, seed=seed),
            )
            splits = [_split(here, source, molecules) for source in sources]
            stage = f"fold {fold + 1} of {job.split.folds}, seed {seed + 1} of {job.cross_validation_seeds}"
            bundle = _train(here, splits, molecules, feature_set, raw, emit, stage)
            features = bundle.scaler.transform(raw)
            for number, part in enumerate(splits):
                measured[number].append(fold_ranks(_measured(here, part, molecules, counts, features), bundle))
                spaces[number] = part.source.config.path
    name = f"unseen scaffolds, {job.split.folds} folds x {job.cross_validation_seeds} seeds"
    return [
        {"data": spaces[number], **row}
        for number, folds in enumerate(measured)
        if folds
        for row in pooled_figures(name, folds)
    ]


def _measured(
    job: Job, part: _Split, molecules: Molecules, counts: NDArray[np.float32], features: NDArray[np.float32]
) -> MeasuredSplit:
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


def _describe_split(part: _Split) -> dict[str, Any]:
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
    }


def _describe(part: _Split) -> dict[str, object]:
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
    }


def _manifest(job: Job, splits: list[_Split], molecules: Molecules) -> dict[str, object]:
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
