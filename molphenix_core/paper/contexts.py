"""What units have in common, kept by each process: files read, molecules dealt, features, splits, p-values.

Many recipes are trained on the same fold of the same file. Everything here is a function of files by their digest
and of the recipe's own fields, so that what is kept is never what another recipe meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from molphenix_core.errors import JobError
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.paper.units import DOSE, HoldOut, Unit
from molphenix_core.plates.activity import activity
from molphenix_core.training.dataset import Molecules, collect_molecules
from molphenix_core.training.fit import FitConfig
from molphenix_core.training.job import DataConfig, Job, SplitConfig
from molphenix_core.training.pipeline import Source, SplitSource, load_sources, split_source
from molphenix_core.training.undersampling import UndersamplingConfig

__all__ = ["COMPLETE", "Context", "context_of", "raw_features"]

COMPLETE = "Metadata_complete"
"""Column of the wells that says whether all features were measured. A filled gap may teach, but proves nothing."""


@dataclass(frozen=True, eq=False)
class Context:
    """The data of a unit, split and encoded.

    Parameters
    ----------
    molecules : Molecules
        All that were dealt into folds.
    sources : tuple of Source
        One a file of the job, whole.
    parts : tuple of SplitSource
        One a source, with what is trained on.
    held_out : tuple of bool (n_wells,), or None
        Of each source, the wells that the unit holds out by a column; None where it does not.
    p_values : tuple of float64 (n_treatments,)
        Activity of the treatments of each source, over all of their wells.
    complete : tuple of bool (n_treatments,)
        Which treatments of each source are ranked: those that :data:`COMPLETE` does not say to hold filled gaps.
    """

    molecules: Molecules
    sources: tuple[Source, ...]
    parts: tuple[SplitSource, ...]
    held_out: tuple[NDArray[np.bool_], ...] | None
    p_values: tuple[NDArray[np.float64], ...]
    complete: tuple[NDArray[np.bool_], ...]


def context_of(unit: Unit, digests: Mapping[str, str]) -> Context:
    """Read, deal, split and encode the data of a unit, as far as that is not kept from another one.

    Parameters
    ----------
    unit : Unit
    digests : mapping of str to str
        SHA-256 of every file of the unit, by path.

    Returns
    -------
    Context

    Raises
    ------
    InputError
        As of :func:`~molphenix_core.training.pipeline.load_sources` and ``split_source``.
    """
    job = unit.job
    dealt = tuple(sorted((path, digests[path]) for path in unit.dealt))
    recipe = _of_data(job)
    judge = replace(recipe, encoder=unit.active_by or recipe.encoder, fit=FitConfig())
    places = [(config.path, digests[config.path]) for config in job.data]
    sphere = [config.sphere for config in job.data]
    splits = [
        _split(place, dealt, recipe, unit.held_out, each) for place, each in zip(places, sphere, strict=True)
    ]
    return Context(
        molecules=_molecules(dealt, _whole(recipe), _dealing(job.split)),
        sources=tuple(source for source, _, _ in splits),
        parts=tuple(part for _, part, _ in splits),
        held_out=None if unit.held_out is None else tuple(mask for _, _, mask in splits),
        p_values=tuple(
            _p_values(place, dealt, judge, unit.held_out, each) for place, each in zip(places, sphere, strict=True)
        ),
        complete=tuple(_complete(source) for source, _, _ in splits),
    )


_Place = tuple[str, str]  # path and digest of a file


def _of_data(job: Job) -> Job:
    """The job without what does not touch its data, so that many recipes have one."""
    undersampling = UndersamplingConfig() if job.fit.undersampling is not None else None
    plain = Job(name="paper", data=())
    return replace(
        job,
        name=plain.name,
        data=plain.data,
        molecule_features=plain.molecule_features,
        dose_encoding=plain.dose_encoding,
        molecule_encoder=plain.molecule_encoder,
        kernel_head=plain.kernel_head,
        model=plain.model,
        # Whether p-values are wanted; which are low enough is decided in training.
        fit=replace(plain.fit, undersampling=undersampling),
        activity_threshold=plain.activity_threshold,
        cross_validation_seeds=plain.cross_validation_seeds,
    )


def _whole(recipe: Job) -> Job:
    return replace(recipe, split=SplitConfig(), fit=FitConfig())


def _dealing(split: SplitConfig) -> SplitConfig:
    """How molecules are dealt, whatever is held out."""
    return replace(split, fold=0, held_out_plates=())


@lru_cache(maxsize=16)
def _source(place: _Place, recipe: Job) -> Source:
    return load_sources(replace(recipe, data=(DataConfig(path=place[0]),)), "")[0]


@lru_cache(maxsize=16)
def _molecules(dealt: tuple[_Place, ...], recipe: Job, split: SplitConfig) -> Molecules:
    return collect_molecules([_source(place, recipe).treatments.table for place in dealt], split)


def _complete(source: Source) -> NDArray[np.bool_]:
    out = np.ones(len(source.treatments), dtype=bool)
    if COMPLETE in source.profiles.wells:
        gaps = ~source.profiles.wells[COMPLETE].fillna(True).astype(bool).to_numpy()
        of_well = source.treatments.of_well
        out[of_well[gaps & (of_well >= 0)]] = False
    return out


# An encoded screen takes tens of megabytes.
@lru_cache(maxsize=8)
def _split(
    place: _Place, dealt: tuple[_Place, ...], recipe: Job, held_out: HoldOut | None, sphere: bool
) -> tuple[Source, SplitSource, NDArray[np.bool_]]:
    whole = _whole(recipe)
    source = _source(place, whole)
    source = replace(source, config=replace(source.config, sphere=sphere))
    mask = np.zeros(len(source.profiles), dtype=bool)
    training = source
    if held_out is not None:
        mask = _held_out_wells(source, held_out)
        # As if those wells held no treatment: nothing is fitted on them.
        of_well = np.where(mask, -1, source.treatments.of_well).astype(np.int32)
        training = replace(source, treatments=replace(source.treatments, of_well=of_well))
    molecules = _molecules(dealt, whole, _dealing(recipe.split))
    return source, split_source(replace(recipe, data=(source.config,)), training, molecules), mask


def _held_out_wells(source: Source, held_out: HoldOut) -> NDArray[np.bool_]:
    treatments = source.treatments
    used = treatments.of_well >= 0
    if held_out.column == DOSE:
        doses = treatments.table["concentration"].to_numpy(np.float64)
        return used & np.isclose(doses, float(held_out.value), rtol=1e-6)[treatments.of_well]
    if held_out.column not in source.profiles.wells:
        raise JobError(source.config.path, held_out.column, "no such column", "one of the wells' columns")
    said = source.profiles.wells[held_out.column].astype(str).to_numpy(dtype=object)
    return used & (said == str(held_out.value))


@lru_cache(maxsize=32)
def _p_values(
    place: _Place, dealt: tuple[_Place, ...], recipe: Job, held_out: HoldOut | None, sphere: bool
) -> NDArray[np.float64]:
    source, part, _ = _split(place, dealt, recipe, held_out, sphere)
    return activity(part.plate, source.treatments)["p_value"].to_numpy(np.float64)


def raw_features(smiles: tuple[str, ...], blocks: tuple[str, ...]) -> NDArray[np.float32]:
    """Features of molecules as ``FeatureSet(blocks).compute(smiles)`` gives them.

    Each is computed once a process, ten milliseconds a molecule: files share molecules, and recipes blocks.

    Parameters
    ----------
    smiles : tuple of str, (n,)
    blocks : tuple of str

    Returns
    -------
    float32 (n, width)
    """
    return np.concatenate([_block(smiles, block) for block in blocks], axis=1)


_KNOWN: dict[str, dict[str, NDArray[np.float32]]] = {}
"""Features by block and SMILES."""


def _block(smiles: tuple[str, ...], block: str) -> NDArray[np.float32]:
    known = _KNOWN.setdefault(block, {})
    missing = [text for text in dict.fromkeys(smiles) if text not in known]
    if missing:
        known.update(zip(missing, FeatureSet((block,)).compute(missing, processes=1), strict=True))
    return np.stack([known[text] for text in smiles])
