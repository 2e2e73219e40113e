"""Running a training job: plate files in, a measured model bundle out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from molphenix_core.evaluation.held_out import (
    HeldOut,
    figures_table,
    position_means,
    shared_position_scores,
)
from molphenix_core.evaluation.kernel_ridge import cosine_scores, fit_kernel_ridge, morgan_counts
from molphenix_core.model.bundle import Bundle
from molphenix_core.model.bundle_files import round_to_stored, save_bundle
from molphenix_core.model.retriever import Retriever
from molphenix_core.molecules.doses import DoseEncoding
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.molecules.plate_structures import standardise_plate
from molphenix_core.molecules.scaling import FeatureScaler
from molphenix_core.plates.activity import activity
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

__all__ = ["run_job"]

Emit = Callable[[dict[str, Any]], None]


@dataclass(eq=False)
class _Source:
    """One plate file of the job on its way through it."""

    config: DataConfig
    profiles: Plate
    treatments: Treatments
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
    sources, molecules = _load(job, Path(folder), emit)
    feature_set = FeatureSet(job.molecule_features)
    raw = feature_set.compute(molecules.smiles)
    trained = np.unique(np.concatenate([source.data.molecule for source in sources]))
    scaler = FeatureScaler.fit(raw[trained], feature_set)
    doses = DoseEncoding.fit(job.dose_encoding, np.concatenate([source.data.dose for source in sources]))
    features = scaler.transform(raw)

    retriever = _train(job, sources, features, doses, emit, "training")
    shuffled = _train(job, [_shuffle(s, job.fit.seed) for s in sources], features, doses, emit, "shuffled labels")
    bundle = Bundle(
        name=job.name,
        retriever=retriever,
        feature_set=feature_set,
        scaler=scaler,
        doses=doses,
        encoders={s.plate.space: s.encoder for s in sources if s.encoder is not None},
        training_molecules=frozenset(molecules.inchikeys[row][:14] for row in trained),
        facts={},
        references={s.plate.space: treatment_plate(s.plate, s.treatments, s.train) for s in sources},
    )
    figures: list[dict[str, object]] = []
    for source in sources:
        rows = _measure(job, source, molecules, features, bundle, replace(bundle, retriever=shuffled))
        figures += [{"space": source.plate.space, **row} for row in rows]
    for row in figures:
        emit({"event": "figures", **row})
    manifest = _manifest(job, sources, molecules)
    facts = {
        "job": job.to_dict(),
        "training": [_describe(source) for source in sources],
        "split": {**manifest, "sha256": _sha256(manifest)},
        "figures": figures,
        "figures_note": _NOTE,
    }
    return save_bundle(replace(bundle, facts=facts), out)


_NOTE = (
    "Queries are mean phenotypes of held-out treatments, candidates the (molecule, dose) pairs of the same "
    "treatments. Recall in the top 1 % counts ranks up to k = ceil(0.01 N); intervals: bootstrap over molecules. "
    "Active: replicate-consistency p below the job's activity_threshold. Position only, unseen scaffolds: the "
    "phenotype replaced by the mean training well at its position. Layout only, held-out plates: candidates that "
    "stood at the query's position in training."
)


def _load(job: Job, folder: Path, emit: Emit) -> tuple[list[_Source], Molecules]:
    loaded = []
    for config in job.data:
        plate, rejected = standardise_plate(read_plate(folder / config.path))
        for structure in rejected:
            emit({"event": "rejected", "smiles": structure.smiles, "reason": structure.reason})
        loaded.append((config, plate, treatments_with_structure(plate)))
    molecules = collect_molecules([treatments.table for _, _, treatments in loaded], job.split)
    sources = []
    for config, profiles, treatments in loaded:
        here = replace(
            job.split, held_out_plates=tuple(b for b in job.split.held_out_plates if b in profiles.barcodes)
        )
        train, unseen, held_out = split_wells(profiles, treatments, molecules, here)
        encoder = None
        plate = profiles
        if job.encoder is not None and profiles.embedding.encoder == "cellprofiler":
            profiles = normalise_to_controls(profiles)
            encoder = fit_profile_encoder(
                profiles.take(train),
                components=job.encoder.components,
                shrinkage=job.encoder.shrinkage,
                limit=job.encoder.limit,
            )
            plate = encoder.encode(profiles)
        data = training_set(plate, treatments, train, molecules)
        emit(
            {
                "event": "data",
                "file": config.path,
                "space": plate.space,
                "wells": {
                    "training": int(train.sum()),
                    "unseen scaffolds": int(unseen.sum()),
                    "held-out plates": int(held_out.sum()),
                },
                "training_treatments": len(data),
            }
        )
        sources.append(
            _Source(config, profiles, treatments, train, unseen, held_out, encoder, plate, data),
        )
    return sources, molecules


def _train(
    job: Job,
    sources: list[_Source],
    features: NDArray[np.float32],
    doses: DoseEncoding,
    emit: Emit,
    stage: str,
) -> Retriever:
    torch.manual_seed(job.fit.seed)
    retriever = Retriever(
        molecule_features=features.shape[1],
        dose_width=doses.width,
        spaces={s.plate.space: s.plate.embeddings.shape[1] for s in sources},
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

    fit(retriever, [s.data for s in sources], features, doses, job.fit, report=report)
    round_to_stored(retriever)
    return retriever


def _shuffle(source: _Source, seed: int) -> _Source:
    """The same data with phenotypes and (molecule, dose) pairs torn apart."""
    order = np.random.default_rng(seed).permutation(len(source.data))
    data = replace(source.data, molecule=source.data.molecule[order], dose=source.data.dose[order])
    return replace(source, data=data)


def _measure(
    job: Job,
    source: _Source,
    molecules: Molecules,
    features: NDArray[np.float32],
    bundle: Bundle,
    shuffled: Bundle,
) -> list[dict[str, object]]:
    counts = morgan_counts(list(molecules.smiles))
    table = source.treatments.table
    log_dose = np.log10(table["concentration"].to_numpy(np.float64))
    molecule = molecules.rows(table["inchikey"])
    train_rows = np.unique(source.treatments.of_well[source.train])
    p_value = activity(source.plate, source.treatments)["p_value"].to_numpy()
    rows: list[dict[str, object]] = []
    for name, wells in (("held-out plates", source.held_out_plate), ("unseen scaffolds", source.unseen_scaffold)):
        only = replace(source.treatments, of_well=np.where(wells, source.treatments.of_well, -1).astype(np.int32))
        of = np.unique(only.of_well[only.of_well >= 0]).astype(np.int64)
        if name == "held-out plates":
            of = np.intersect1d(of, train_rows).astype(np.int64)
        if len(of) < 2:
            rows.append({"split": name, "not_available": f"{len(of)} treatments"})
            continue
        here = HeldOut(
            name=name,
            treatments=of,
            molecule=molecule[of],
            dose=table["concentration"].to_numpy(np.float64)[of],
            active=None if np.isnan(p_value).all() else p_value[of] < job.activity_threshold,
        )
        queries = only.mean(source.plate.embeddings)[of]
        scores = {"retriever": _tower_scores(bundle, source.plate.space, queries, features, here)}
        for label, space in (("plain", source.profiles), ("sphered", source.plate)):
            clipped = np.clip(space.embeddings, -5.0, 5.0) if space is source.profiles else space.embeddings
            training = replace(
                source.treatments, of_well=np.where(source.train, source.treatments.of_well, -1).astype(np.int32)
            )
            ridge = fit_kernel_ridge(
                counts[molecule[train_rows]], log_dose[train_rows], training.mean(clipped)[train_rows]
            )
            predicted = ridge.predict(counts[molecule[of]], log_dose[of])
            scores[f"kernel ridge on Tanimoto, {label}"] = cosine_scores(
                only.mean(clipped)[of] - ridge.mean, predicted
            )
        places = position_means(source.plate, source.train, only, of)
        if name == "unseen scaffolds":
            scores["position only"] = _tower_scores(bundle, source.plate.space, places, features, here)
        else:
            scores["layout only"] = shared_position_scores(
                source.plate, source.treatments, wells, source.train, of
            )
        scores["shuffled labels"] = _tower_scores(shuffled, source.plate.space, queries, features, here)
        rows += figures_table(here, scores)
    return rows


def _tower_scores(
    bundle: Bundle,
    space: str,
    queries: NDArray[np.float32],
    features: NDArray[np.float32],
    held_out: HeldOut,
) -> NDArray[np.float64]:
    z_x = bundle.embed_phenotypes(queries, space)
    doses, column = np.unique(held_out.dose, return_inverse=True)
    z_m = bundle.embed_molecules(features[held_out.molecule], doses)[np.arange(len(column)), column]
    return z_x.astype(np.float64) @ z_m.astype(np.float64).T


def _describe(source: _Source) -> dict[str, object]:
    return {
        "title": source.config.title,
        "source": source.config.source,
        "licence": source.config.licence,
        "space": source.plate.space,
        "simulated": source.plate.simulated,
        "training_wells": int(source.train.sum()),
        "training_treatments": len(source.data),
        "training_molecules": len(np.unique(source.data.molecule)),
        "plates": len(source.plate.barcodes),
    }


def _manifest(job: Job, sources: list[_Source], molecules: Molecules) -> dict[str, object]:
    trained = np.unique(np.concatenate([s.data.molecule for s in sources]))
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
