"""The steps of training: plate files read and normalised, split, encoded, and a retriever trained on them.

:mod:`molphenix_core.jobs` strings them together to a bundle, :mod:`molphenix_core.paper` to experiments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from molphenix_core.errors import JobError
from molphenix_core.model.bundle import Bundle
from molphenix_core.model.bundle_files import round_to_stored
from molphenix_core.model.kernel_head import KernelHead, KernelHeadConfig, fit_kernel_head
from molphenix_core.model.retriever import Retriever
from molphenix_core.molecules.doses import DoseEncoding
from molphenix_core.molecules.encoder import MoleculeEncoder, fit_molecule_encoder
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.molecules.plate_structures import standardise_plate
from molphenix_core.molecules.scaling import FeatureScaler
from molphenix_core.plates.encoder import ProfileEncoder, fit_embedding_encoder, fit_profile_encoder
from molphenix_core.plates.files import read_plate
from molphenix_core.plates.normalise import normalise_to_controls
from molphenix_core.plates.plate import Plate
from molphenix_core.plates.summary import treatment_plate
from molphenix_core.plates.treatments import Treatments
from molphenix_core.training.batches import TrainingSet
from molphenix_core.training.dataset import Molecules, split_wells, training_set, treatments_with_structure
from molphenix_core.training.fit import EpochReport, fit
from molphenix_core.training.job import DataConfig, Job

__all__ = ["Source", "SplitSource", "load_sources", "split_source", "train_bundle"]

Emit = Callable[[dict[str, Any]], None]

_PROFILES = "cellprofiler"


@dataclass(frozen=True, eq=False)
class Source:
    """One plate file of a job, read, structures standardised, profiles normalised to the controls.

    Parameters
    ----------
    config : DataConfig
    profiles : Plate
        Embeddings float32 (n_wells, d) before any encoder.
    treatments : Treatments
        Those with a structure.
    """

    config: DataConfig
    profiles: Plate
    treatments: Treatments


@dataclass(frozen=True, eq=False)
class SplitSource:
    """A source, split and encoded for one fold.

    Parameters
    ----------
    source : Source
    train, unseen_scaffold, held_out_plate : bool (n_wells,)
        As :func:`~molphenix_core.training.dataset.split_wells` gives them.
    encoder : ProfileEncoder or None
        Fitted on the training wells alone.
    plate : Plate
        All wells in the space that the tower sees.
    data : TrainingSet
        The treatments of the training wells.
    """

    source: Source
    train: NDArray[np.bool_]
    unseen_scaffold: NDArray[np.bool_]
    held_out_plate: NDArray[np.bool_]
    encoder: ProfileEncoder | None
    plate: Plate
    data: TrainingSet


def load_sources(job: Job, folder: str | Path, *, emit: Emit = lambda _: None) -> list[Source]:
    """Read the plate files of a job.

    Parameters
    ----------
    job : Job
    folder : path
        That the data paths are relative to.
    emit : callable
        Told of structures that cannot be used: ``{"event": "rejected", ...}``.

    Returns
    -------
    list of Source
        In the order of ``job.data``.

    Raises
    ------
    InputError
        When a file is not what it should be, or holds no usable structure.
    """
    sources = []
    for config in job.data:
        plate, rejected = standardise_plate(read_plate(Path(folder) / config.path))
        for structure in rejected:
            emit({"event": "rejected", "smiles": structure.smiles, "reason": structure.reason})
        if _is_encoded(job, plate):
            plate = normalise_to_controls(plate)
        sources.append(Source(config, plate, treatments_with_structure(plate)))
    return sources


def _is_encoded(job: Job, plate: Plate) -> bool:
    """Whether the job fits a profile encoder on this plate."""
    return job.encoder is not None and plate.embedding.encoder == _PROFILES


def split_source(job: Job, source: Source, molecules: Molecules) -> SplitSource:
    """Hold out what the job's split says, and encode the wells by an encoder fitted on the rest.

    Parameters
    ----------
    job : Job
    source : Source
    molecules : Molecules
        Of all sources of the job.

    Returns
    -------
    SplitSource

    Raises
    ------
    JobError
        When no training wells are left.
    """
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
    elif job.encoder is not None and source.config.sphere:
        encoder = fit_embedding_encoder(
            profiles.take(train), components=job.encoder.components, shrinkage=job.encoder.shrinkage
        )
        plate = encoder.encode(profiles)
    data = training_set(plate, source.treatments, train, molecules, p_values=job.fit.undersampling is not None)
    return SplitSource(source, train, unseen, on_held_out, encoder, plate, data)


def train_bundle(
    job: Job,
    splits: Sequence[SplitSource],
    molecules: Molecules,
    raw: NDArray[np.float32],
    *,
    report: Callable[[EpochReport, Bundle], None] = lambda *_: None,
) -> Bundle:
    """Train the job's retriever on the training wells of some splits.

    Parameters
    ----------
    job : Job
    splits : sequence of SplitSource
        One a source; those of one space share a tower.
    molecules : Molecules
    raw : float32 (n_molecules, width)
        Features of all molecules, computed by ``FeatureSet(job.molecule_features)``.
    report : callable
        Told of each epoch, with the bundle as it is then, in evaluation mode; it stops the training by raising
        :class:`molphenix_core.errors.Cancelled`.

    Returns
    -------
    Bundle
        Weights rounded to what is stored; without facts.

    Raises
    ------
    JobError
        As :func:`~molphenix_core.training.fit.fit`.
    """
    feature_set = FeatureSet(job.molecule_features)
    trained = np.unique(np.concatenate([part.data.molecule for part in splits]))
    scaler: FeatureScaler | MoleculeEncoder
    if job.molecule_encoder is None:
        scaler = FeatureScaler.fit(raw[trained], feature_set)
    else:
        scaler = fit_molecule_encoder(raw[trained], feature_set, job.molecule_encoder)
    features = scaler.transform(raw)
    doses = DoseEncoding.fit(job.dose_encoding, np.concatenate([part.data.dose for part in splits]))
    torch.manual_seed(job.fit.seed)
    retriever = Retriever(
        molecule_features=scaler.width,
        dose_width=doses.width,
        spaces={part.plate.space: part.plate.embeddings.shape[1] for part in splits},
        shape=job.model,
    )
    bundle = Bundle(
        name=job.name,
        retriever=retriever,
        feature_set=feature_set,
        scaler=scaler,
        doses=doses,
        encoders={part.plate.space: part.encoder for part in splits if part.encoder is not None},
        training_molecules=frozenset(molecules.inchikeys[row][:14] for row in trained),
        facts={},
        references=_references(splits),
        heads={} if job.kernel_head is None else _heads(splits, features, job.kernel_head, job.model.joint),
    )
    fit(
        retriever,
        [part.data for part in splits],
        features,
        doses,
        job.fit,
        report=lambda epoch: report(epoch, bundle),
    )
    round_to_stored(retriever)
    # A new one, since a bundle remembers its hash and the weights have changed.
    return replace(bundle, heads=_beside_towers(bundle, splits, features))


def _by_space(splits: Sequence[SplitSource]) -> dict[str, list[TrainingSet]]:
    out: dict[str, list[TrainingSet]] = {}
    for part in splits:
        out.setdefault(part.data.space, []).append(part.data)
    return out


def _heads(
    splits: Sequence[SplitSource], features: NDArray[np.float32], config: KernelHeadConfig, joint: int
) -> dict[str, KernelHead]:
    heads = {}
    for space, parts in _by_space(splits).items():
        head = fit_kernel_head(
            features,
            np.concatenate([part.molecule for part in parts]),
            np.concatenate([part.dose for part in parts]),
            np.concatenate([part.mean() for part in parts]),
            config,
        )
        # Scores of untrained towers are on the scale of cosines, until the trained ones are known.
        heads[space] = replace(head, towers=(np.eye(joint) / joint).astype(np.float32))
    return heads


def _beside_towers(
    bundle: Bundle, splits: Sequence[SplitSource], features: NDArray[np.float32]
) -> dict[str, KernelHead]:
    heads = {}
    for space, parts in _by_space(splits).items():
        if space not in bundle.heads:
            continue
        treated = torch.from_numpy(features[np.concatenate([part.molecule for part in parts])])
        doses = torch.from_numpy(bundle.doses.encode(np.concatenate([part.dose for part in parts])))
        with torch.inference_mode():
            z_m = bundle.retriever.molecule(treated, doses).numpy()
        heads[space] = bundle.heads[space].beside_towers(z_m)
    return heads


def _references(splits: Sequence[SplitSource]) -> dict[str, Plate]:
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
