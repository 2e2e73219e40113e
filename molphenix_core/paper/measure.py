"""One unit: train, rank what is held out, and put the ranks into JSON values."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molphenix_core.evaluation.cross_validation import measure_split
from molphenix_core.evaluation.held_out import HeldOut, position_means, shared_position_scores
from molphenix_core.evaluation.measured_split import MeasuredSplit
from molphenix_core.evaluation.recall import figures_from_ranks, ranks_of_true
from molphenix_core.evaluation.rivals import rival_scores, tower_scores
from molphenix_core.evaluation.shuffles import shuffle_doses, shuffle_structures
from molphenix_core.model.bundle import Bundle
from molphenix_core.paper.analyses import analyse
from molphenix_core.paper.contexts import Context, context_of, raw_features
from molphenix_core.paper.ranks import (
    DOSE_HIDDEN,
    HELD_OUT,
    HELD_OUT_PLATES,
    LAYOUT_ONLY,
    POSITION_ONLY,
    TOWERS,
    UNSEEN_SCAFFOLDS,
    gallery_ranks,
)
from molphenix_core.paper.units import DOSE, Unit, source_digest
from molphenix_core.plates.normalise import NormalisationWarning
from molphenix_core.training.fit import EpochReport
from molphenix_core.training.pipeline import SplitSource, train_bundle
from molphenix_core.training.undersampling import inactive

__all__ = ["run_unit"]

_CURVE_POINTS = 12


def run_unit(unit: Unit, digests: Mapping[str, str]) -> dict[str, Any]:
    """Compute a unit.

    Parameters
    ----------
    unit : Unit
    digests : mapping of str to str
        SHA-256 of every file of the unit, by path.

    Returns
    -------
    dict
        JSON values: ``seconds`` of processor time;
        ``source``, :func:`~molphenix_core.paper.units.source_digest`; ``training``, the number of
        treatments, molecules and inactive treatments of each file; and, of a unit that ranks, ``files``: for each
        file of the job, in order, by split and gallery the ranks of
        :func:`~molphenix_core.paper.ranks.gallery_ranks` under ``methods``, with ``molecule`` int (n,) and
        ``dose`` (n,) of the queries, or why there are none under ``not_available``. ``curve``: the recall in the
        top 1 % of the gallery "all" by epoch. ``analyses``: of a unit that analyses.

    Raises
    ------
    InputError
        When the data cannot be used, or the training cannot be done.
    """
    start = time.process_time()
    with warnings.catch_warnings():
        # The report says once of each file what every unit would say of it again.
        warnings.simplefilter("ignore", NormalisationWarning)
        context = context_of(unit, digests)
        result = _rivals(unit, context) if unit.kind == "rivals" else _towers(unit, context)
    result["source"] = source_digest()
    result["seconds"] = round(time.process_time() - start, 2)
    return result


def _towers(unit: Unit, context: Context) -> dict[str, Any]:
    job, molecules = unit.job, context.molecules
    raw = raw_features(molecules.smiles, job.molecule_features)
    counts = raw_features(molecules.smiles, ("morgan",))
    parts = [_shuffled(part, unit) for part in context.parts]
    every = max(1, job.fit.epochs // _CURVE_POINTS)
    curve: list[dict[str, Any]] = []
    # Weights change from epoch to epoch, features do not: among thousands of molecules they cost more than a fit.
    features = cache(lambda scaler: scaler.transform(raw))

    def measured(bundle: Bundle, number: int) -> tuple[MeasuredSplit, dict[str, HeldOut]]:
        part = replace(context.parts[number], source=context.sources[number])
        split = measure_split(job, part, molecules, counts, features(bundle.scaler))
        return split, _held_out(context, number, split)

    def report(epoch: EpochReport, bundle: Bundle) -> None:
        if epoch.epoch % every and epoch.epoch != job.fit.epochs:
            return
        recall: list[float | None] = []
        queries = []
        for number in range(len(parts)):
            split, held_out = measured(bundle, number)
            first = next(iter(held_out.values()))
            queries.append(len(first.treatments))
            if len(first.treatments) < 2:
                recall.append(None)
                continue
            phenotypes = _queries(split, first, _wells(context, number, split)[first.name])
            ranks = ranks_of_true(tower_scores(split, bundle, first, phenotypes), np.arange(len(first.treatments)))
            sizes = np.full(len(ranks), len(ranks))
            recall.append(round(figures_from_ranks(ranks, sizes, first.molecule).recall_top_1_percent, 6))
        curve.append(
            {
                "epoch": epoch.epoch,
                "samples": epoch.samples,
                "loss": round(epoch.loss, 6),
                "recall": recall,
                "queries": queries,
            }
        )

    bundle = train_bundle(job, parts, molecules, raw, report=report)
    result: dict[str, Any] = {"training": [_described(part, unit) for part in parts]}
    if unit.kind == "analyses":
        # One map is enough: what it shows is looked at, not counted.
        result["analyses"] = [
            analyse(bundle, measured(bundle, number)[0], molecules, seed=unit.seed, maps=unit.fold == 0)
            for number in range(len(parts))
        ]
        return result
    files = []
    for number in range(len(parts)):
        split, held_out = measured(bundle, number)
        wells = _wells(context, number, split)
        files.append(
            {
                name: gallery_ranks(
                    each, _galleries(unit, split, each), *_tower_scores(unit, split, bundle, each, wells[name])
                )
                for name, each in held_out.items()
            }
        )
    return {**result, "files": files, "curve": curve}


def _rivals(unit: Unit, context: Context) -> dict[str, Any]:
    counts = raw_features(context.molecules.smiles, ("morgan",))
    files = []
    for number, part in enumerate(context.parts):
        whole = replace(part, source=context.sources[number])
        split = measure_split(unit.job, whole, context.molecules, counts, counts[:, :0])
        wells = _wells(context, number, split)
        ranked = {}
        for name, held_out in _held_out(context, number, split).items():
            scores: dict[str, NDArray[np.floating]] = {}
            missing: dict[str, str] = {}
            if len(held_out.treatments) >= 2:
                rivals = rival_scores(split, held_out, split.only(wells[name]))
                scores |= rivals.scores
                missing |= rivals.not_available
                if name != HELD_OUT_PLATES:
                    missing[LAYOUT_ONLY] = "candidates that never stood in training"
                elif not _placed(split, wells[name]):
                    missing[LAYOUT_ONLY] = "wells without positions"
                else:
                    scores[LAYOUT_ONLY] = shared_position_scores(
                        split.plate, split.treatments, wells[name], split.train, held_out.treatments
                    )
            ranked[name] = gallery_ranks(held_out, _galleries(unit, split, held_out), scores, missing)
            ranked[name]["shared_positions"] = _shared_positions(split, held_out, wells[name])
        files.append(ranked)
    return {"training": [_described(part, unit) for part in context.parts], "files": files}


def _shuffled(part: SplitSource, unit: Unit) -> SplitSource:
    if unit.shuffle is None:
        return part
    shuffle = shuffle_structures if unit.shuffle == "structures" else shuffle_doses
    return replace(part, data=shuffle(part.data, unit.seed))


def _wells(context: Context, number: int, split: MeasuredSplit) -> dict[str, NDArray[np.bool_]]:
    """The held-out wells by name of the split."""
    if context.held_out is not None:
        return {HELD_OUT: context.held_out[number]}
    return {UNSEEN_SCAFFOLDS: split.unseen_scaffold, HELD_OUT_PLATES: split.held_out_plate}


def _held_out(context: Context, number: int, split: MeasuredSplit) -> dict[str, HeldOut]:
    trained = np.unique(split.treatments.of_well[split.train])
    p_value = context.p_values[number]
    out = {}
    for name, wells in _wells(context, number, split).items():
        of_well = split.treatments.of_well[wells]
        rows = np.unique(of_well[of_well >= 0]).astype(np.int64)
        if name == HELD_OUT_PLATES:
            rows = np.intersect1d(rows, trained).astype(np.int64)
        rows = rows[context.complete[number][rows]]
        out[name] = HeldOut(
            name=name,
            treatments=rows,
            molecule=split.molecule[rows],
            dose=split.doses[rows],
            active=None if np.isnan(p_value).all() else p_value[rows] < split.activity_threshold,
        )
    return out


def _galleries(unit: Unit, split: MeasuredSplit, held_out: HeldOut) -> dict[str, NDArray[np.bool_] | None]:
    galleries = {"all": np.ones(len(held_out.treatments), dtype=bool), "active": held_out.active}
    if unit.held_out is not None and unit.held_out.column != DOSE:
        used = split.treatments.of_well[split.train]
        galleries["unseen molecules"] = ~np.isin(held_out.molecule, split.molecule[np.unique(used)])
    return galleries


def _queries(split: MeasuredSplit, held_out: HeldOut, wells: NDArray[np.bool_]) -> NDArray[np.float32]:
    return split.only(wells).mean(split.plate.embeddings)[held_out.treatments]


def _placed(split: MeasuredSplit, wells: NDArray[np.bool_]) -> bool:
    return bool((split.plate.positions[wells | split.train, 0] >= 0).all())


def _tower_scores(
    unit: Unit, split: MeasuredSplit, bundle: Bundle, held_out: HeldOut, wells: NDArray[np.bool_]
) -> tuple[dict[str, NDArray[np.floating]], dict[str, str]]:
    if len(held_out.treatments) < 2:
        return {}, {}
    queries = _queries(split, held_out, wells)
    scores: dict[str, NDArray[np.floating]] = {TOWERS: tower_scores(split, bundle, held_out, queries)}
    if unit.held_out is not None and unit.held_out.column == DOSE:
        hidden = replace(held_out, dose=np.full(len(held_out.dose), np.nan))
        scores[DOSE_HIDDEN] = tower_scores(split, bundle, hidden, queries)
    if not _placed(split, wells):
        return scores, {POSITION_ONLY: "wells without positions"}
    places = position_means(
        split.plate, split.treatments, query_wells=wells, training=split.train, rows=held_out.treatments
    )
    scores[POSITION_ONLY] = tower_scores(split, bundle, held_out, places)
    return scores, {}


def _shared_positions(split: MeasuredSplit, held_out: HeldOut, wells: NDArray[np.bool_]) -> list[int] | None:
    """Of how many held-out treatments a well stands where the same molecule stood in training, and of how many."""
    if not _placed(split, wells):
        return None
    positions = split.plate.positions.astype(np.int64)
    code = positions[:, 0] * 1000 + positions[:, 1]
    of_well = split.treatments.of_well
    molecule = np.where(of_well >= 0, split.molecule[of_well], -1)
    trained = set(zip(molecule[split.train].tolist(), code[split.train].tolist(), strict=True))
    shared = {
        int(of_well[well]) for well in np.flatnonzero(wells) if (int(molecule[well]), int(code[well])) in trained
    }
    return [len(shared & set(held_out.treatments.tolist())), len(held_out.treatments)]


def _described(part: SplitSource, unit: Unit) -> dict[str, int]:
    config = unit.job.fit.undersampling
    return {
        "treatments": len(part.data),
        "molecules": len(np.unique(part.data.molecule)),
        "wells": int(part.train.sum()),
        "inactive": int(inactive(part.data, config).sum()) if config is not None else 0,
    }
