"""A retriever and its rivals on the held-out treatments of one plate file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molphenix_core.evaluation.baselines import BaselineScores, baseline_scores
from molphenix_core.evaluation.held_out import (
    HeldOut,
    figures_table,
    position_means,
    shared_position_scores,
)
from molphenix_core.evaluation.kernel_ridge import cosine_scores, fit_kernel_ridge
from molphenix_core.evaluation.measured_split import MeasuredSplit
from molphenix_core.evaluation.recall import figures_from_ranks, ranks_of_true
from molphenix_core.model.bundle import Bundle
from molphenix_core.plates.activity import activity
from molphenix_core.plates.normalise import ROBUST
from molphenix_core.plates.treatments import Treatments

__all__ = [
    "BaselineScores",
    "MeasuredSplit",
    "compare",
    "fold_ranks",
    "pooled_figures",
    "rival_scores",
    "tower_scores",
]

_LIMIT = 5.0  # robust z-scores are clipped for the plain kernel ridge as they are for the encoder


def compare(split: MeasuredSplit, bundle: Bundle, shuffled: Bundle) -> list[dict[str, object]]:
    """Figures of the retriever and all rivals on held-out plates and unseen scaffolds.

    Parameters
    ----------
    split : MeasuredSplit
    bundle : Bundle
    shuffled : Bundle
        Trained alike, on molecules and doses shuffled among the phenotypes.

    Returns
    -------
    list of dict
        Rows of :func:`~molphenix_core.evaluation.held_out.figures_table`; a rival that cannot be made says why
        under ``not_available``.
    """
    rows: list[dict[str, object]] = []
    for name, wells in (("held-out plates", split.held_out_plate), ("unseen scaffolds", split.unseen_scaffold)):
        held_out = _held_out(split, name, wells)
        if len(held_out.treatments) < 2:
            rows.append({"split": name, "not_available": f"{len(held_out.treatments)} treatments"})
            continue
        only = split.only(wells)
        scores, missing = _main_scores(split, bundle, held_out, only)
        placed = _add_position_only(split, bundle, held_out, wells, scores)
        if placed and name == "held-out plates":
            scores["layout only"] = shared_position_scores(
                split.plate, split.treatments, wells, split.train, held_out.treatments
            )
        queries = only.mean(split.plate.embeddings)[held_out.treatments]
        scores["shuffled labels"] = tower_scores(split, shuffled, held_out, queries)
        rows += figures_table(held_out, scores)
        if not placed:
            missing["position only"] = "wells without positions"
        rows += [{"split": name, "method": method, "not_available": why} for method, why in missing.items()]
    return rows


FoldRanks = dict[str, dict[str, tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]]]


def fold_ranks(split: MeasuredSplit, bundle: Bundle) -> FoldRanks:
    """Rank one fold's unseen scaffolds.

    Parameters
    ----------
    split : MeasuredSplit
    bundle : Bundle
        Trained on the split's training wells.

    Returns
    -------
    dict of dict
        By gallery and method: ranks float64 (n,), gallery sizes int64 (n,), molecules int64 (n,).
    """
    held_out = _held_out(split, "unseen scaffolds", split.unseen_scaffold)
    scores, _ = _main_scores(split, bundle, held_out, split.only(split.unseen_scaffold))
    _add_position_only(split, bundle, held_out, split.unseen_scaffold, scores)
    galleries = {"all": np.arange(len(held_out.treatments))}
    if held_out.active is not None:
        galleries["active"] = np.flatnonzero(held_out.active)
    out: FoldRanks = {}
    for gallery, kept in galleries.items():
        sizes = np.full(len(kept), len(kept))
        molecule = held_out.molecule[kept]
        out[gallery] = {
            method: (ranks_of_true(matrix[np.ix_(kept, kept)], np.arange(len(kept))), sizes, molecule)
            for method, matrix in scores.items()
        }
    return out


def pooled_figures(name: str, folds: Sequence[FoldRanks]) -> list[dict[str, object]]:
    """Figures over all folds and seeds together, every query ranked within its own fold's gallery.

    Parameters
    ----------
    name : str
        Of the split, for the rows.
    folds : sequence of dict
        From :func:`fold_ranks`. The galleries are those of the first; a fold may lack one ("active").

    Returns
    -------
    list of dict
        A row a gallery and method: ``split``, ``gallery``, ``method`` and the fields of
        :class:`~molphenix_core.evaluation.recall.RetrievalFigures`.
    """
    rows: list[dict[str, object]] = []
    for gallery in folds[0]:
        for method in folds[0][gallery]:
            parts = [fold[gallery][method] for fold in folds if gallery in fold]
            ranks, sizes, molecule = (np.concatenate(values) for values in zip(*parts, strict=True))
            figures = figures_from_ranks(ranks, sizes, molecule).to_dict()
            rows.append({"split": name, "gallery": gallery, "method": method, **figures})
    return rows


def _held_out(split: MeasuredSplit, name: str, wells: NDArray[np.bool_]) -> HeldOut:
    only = split.only(wells)
    rows = np.unique(only.of_well[only.of_well >= 0]).astype(np.int64)
    if name == "held-out plates":
        trained = np.unique(split.treatments.of_well[split.train])
        rows = np.intersect1d(rows, trained).astype(np.int64)
    p_value = activity(split.plate, split.treatments)["p_value"].to_numpy()
    return HeldOut(
        name=name,
        treatments=rows,
        molecule=split.molecule[rows],
        dose=split.doses[rows],
        active=None if np.isnan(p_value).all() else p_value[rows] < split.activity_threshold,
    )


def _add_position_only(
    split: MeasuredSplit,
    bundle: Bundle,
    held_out: HeldOut,
    wells: NDArray[np.bool_],
    scores: dict[str, NDArray[np.floating]],
) -> bool:
    """Add the scores of the position alone where all wells have one; says whether."""
    placed = bool((split.plate.positions[wells | split.train, 0] >= 0).all())
    if placed:
        places = position_means(
            split.plate, split.treatments, query_wells=wells, training=split.train, rows=held_out.treatments
        )
        scores["position only"] = tower_scores(split, bundle, held_out, places)
    return placed


def _main_scores(
    split: MeasuredSplit, bundle: Bundle, held_out: HeldOut, only: Treatments
) -> tuple[dict[str, NDArray[np.floating]], dict[str, str]]:
    """Scores by method, and of the methods that cannot be had, why."""
    queries = only.mean(split.plate.embeddings)[held_out.treatments]
    scores: dict[str, NDArray[np.floating]] = {"retriever": tower_scores(split, bundle, held_out, queries)}
    rivals = rival_scores(split, held_out, only)
    return {**scores, **rivals.scores}, rivals.not_available


def rival_scores(split: MeasuredSplit, held_out: HeldOut, only: Treatments) -> BaselineScores:
    """Scores of all rivals that train no tower: kernel ridge, plain and sphered, and the baselines.

    Parameters
    ----------
    split : MeasuredSplit
    held_out : HeldOut
        Of it; n treatments.
    only : Treatments
        As if there were no wells but the held-out ones: what the queries are averaged over.

    Returns
    -------
    BaselineScores
        As of :func:`~molphenix_core.evaluation.baselines.baseline_scores`, with
        ``"kernel ridge on Tanimoto, plain"`` (clipped profiles before the encoder) and ``"..., sphered"`` (after).
    """
    rows = held_out.treatments
    training = split.only(split.train)
    trained = np.unique(training.of_well[training.of_well >= 0])
    log_dose = np.log10(split.doses)
    profiles = split.profiles.embeddings
    if ROBUST in (split.profiles.embedding.normalisation or ()):
        # Dead wells reach thousands. Embeddings on a scale of their own, such as percentages, are left whole.
        profiles = np.clip(profiles, -_LIMIT, _LIMIT)
    targets = {
        "plain": profiles,
        "sphered": split.plate.embeddings,
    }
    # One regression for both: the kernel is the same, and every column is fitted by itself.
    together = np.concatenate([training.mean(values)[trained] for values in targets.values()], axis=1)
    ridge = fit_kernel_ridge(split.counts[split.molecule[trained]], log_dose[trained], together)
    predicted = ridge.predict(split.counts[held_out.molecule], log_dose[rows])
    scores: dict[str, NDArray[np.float64]] = {}
    start = 0
    for label, values in targets.items():
        own = slice(start, start + values.shape[1])
        scores[f"kernel ridge on Tanimoto, {label}"] = cosine_scores(
            only.mean(values)[rows] - ridge.mean[own], predicted[:, own]
        )
        start = own.stop
    baselines = baseline_scores(split, held_out, only)
    return BaselineScores({**scores, **baselines.scores}, baselines.not_available)


def tower_scores(
    split: MeasuredSplit, bundle: Bundle, held_out: HeldOut, queries: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Cosine of phenotypes with held-out candidates in the joint space of a bundle.

    Parameters
    ----------
    split : MeasuredSplit
    bundle : Bundle
    held_out : HeldOut
        Of it; n treatments.
    queries : float32 (n, d)
        Phenotypes in the space of ``split.plate``.

    Returns
    -------
    float64 (n, n)
        Row a phenotype, column a candidate.
    """
    z_x = bundle.embed_phenotypes(queries, split.plate.space)
    doses, column = np.unique(held_out.dose, return_inverse=True)
    z_m = bundle.embed_molecules(split.features[held_out.molecule], doses)[np.arange(len(column)), column]
    return z_x.astype(np.float64) @ z_m.astype(np.float64).T
