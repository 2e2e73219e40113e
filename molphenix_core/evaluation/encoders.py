"""Which profile encoder finds replicates across plates and positions better."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molphenix_core.errors import JobError
from molphenix_core.evaluation.replicate_retrieval import (
    QueryResults,
    WellLabels,
    cosine_scores,
    nearness_scores,
    paired_difference,
    replicate_retrieval,
    summarise,
)
from molphenix_core.molecules.plate_structures import standardise_plate
from molphenix_core.plates.encoder import aligned_profiles, fit_profile_encoder
from molphenix_core.plates.normalise import normalise_to_controls
from molphenix_core.plates.plate import PLATE, Plate
from molphenix_core.progress import Progress, silent
from molphenix_core.training.dataset import collect_molecules, split_wells, treatments_with_structure
from molphenix_core.training.job import EncoderConfig, SplitConfig
from molphenix_core.training.masked_autoencoder import MaskedAutoencoderConfig, fit_masked_autoencoder

__all__ = ["AUTOENCODER", "MEASURES", "SPHERED_PCA", "EncoderComparison", "compare_encoders", "encoder_table"]

POSITION_ONLY = "position only"
PROFILES = "profiles"
PCA = "PCA"
SPHERED_PCA = "sphered PCA"
AUTOENCODER = "masked autoencoder"
_ENCODERS = (POSITION_ONLY, PROFILES, PCA, SPHERED_PCA, AUTOENCODER)

MEASURES = ("replicates, other positions", "replicates, any position", "same molecule, other positions")
"""What counts as found, always on other plates. The first decides; position helps in the others, as is printed."""

UNSEEN = "unseen scaffolds"
HELD_OUT = "held-out plates"

_FEWEST_MOLECULES = 10  # the bootstrap over fewer gives intervals that are too narrow


@dataclass(frozen=True)
class EncoderComparison:
    """Encoders measured beside each other.

    Parameters
    ----------
    rows : tuple of dict
        JSON values. Each names its ``split``, ``measure`` and ``encoder``, with the fields of
        :class:`~molphenix_core.evaluation.replicate_retrieval.ReplicateFigures`; the autoencoder's are of the mean
        over its seeds, with ``seeds`` and ``sd_over_seeds`` of its mean average precision. Where nothing can be
        measured, ``not_available`` says why.
    verdicts : tuple of dict
        JSON values. Of each split and measure that has figures, the ``difference`` in mean average precision,
        autoencoder less sphered PCA, its 95 % ``interval`` (paired, bootstrap over molecules), ``better`` (an
        encoder, or null where the interval holds zero or there are fewer than ten molecules), and a
        ``sentence``.
    simulated : bool
        Whether the data were simulated.
    """

    rows: tuple[dict[str, Any], ...]
    verdicts: tuple[dict[str, Any], ...]
    simulated: bool


def compare_encoders(
    plate: Plate,
    *,
    folds: Sequence[int] = (0,),
    held_out_plates: Sequence[str] = (),
    pca: EncoderConfig | None = None,
    autoencoder: MaskedAutoencoderConfig | None = None,
    seeds: Sequence[int] = (0, 1, 2),
    progress: Progress = silent,
) -> EncoderComparison:
    """Fit encoders on training wells, and measure replicate retrieval among wells that they were not fitted on.

    The wells of one scaffold fold are held out in turn (of five, as for training a retriever), and the figures
    pooled over folds. Beside the encoders stand the profiles that they take, and position alone: the nearer two
    wells on their plates, the more alike.

    Parameters
    ----------
    plate : Plate
        CellProfiler profiles with structures.
    folds : sequence of int
        Scaffold folds of five to hold out, 0 to 4.
    held_out_plates : sequence of str
        Barcodes that no encoder is fitted on; molecules trained on elsewhere are measured among them apart.
    pca : EncoderConfig, optional
        Of the sphered PCA, and of the limit that profiles are clipped to; as it ships by default.
    autoencoder : MaskedAutoencoderConfig, optional
        Its ``seed`` does not count.
    seeds : sequence of int
        Of the autoencoder.
    progress : callable

    Returns
    -------
    EncoderComparison

    Raises
    ------
    JobError
        No structures, no training wells, a fold that is none of the five, or a held-out plate not in the file.
    UnknownSpaceError
        The plate holds no CellProfiler profiles, or was sphered or encoded before.
    InputError
        As :func:`~molphenix_core.training.masked_autoencoder.fit_masked_autoencoder`.
    """
    pca = pca if pca is not None else EncoderConfig()
    autoencoder = autoencoder if autoencoder is not None else MaskedAutoencoderConfig()
    split = SplitConfig(held_out_plates=tuple(held_out_plates))
    for fold in folds:
        if not 0 <= fold < split.folds:
            raise JobError("command line", "folds", repr(fold), f"0 to {split.folds - 1}")
    plate, _ = standardise_plate(plate)
    aligned_profiles(plate.take(np.arange(0)), plate.feature_names, limit=pca.limit)
    plate = normalise_to_controls(plate)
    treatments = treatments_with_structure(plate)
    molecules = collect_molecules([treatments.table], split)
    molecule = np.where(
        treatments.of_well >= 0, molecules.rows(treatments.table["inchikey"])[treatments.of_well], -1
    )
    found: dict[tuple[str, str, str], list[list[QueryResults]]] = {}
    for number, fold in enumerate(folds):
        train, unseen, held_out = split_wells(plate, treatments, molecules, replace(split, fold=fold))
        if not train.any():
            raise JobError(
                plate.source or "plate", "Metadata_Plate", "no training wells", "wells to fit encoders to"
            )

        def step(share: float, message: str, number: int = number) -> None:
            progress((number + share) / len(folds), f"fold {number + 1} of {len(folds)}: {message}")

        embeddings = _embeddings(plate, train, pca, autoencoder, seeds, step)
        for name, wells in ((UNSEEN, unseen), *(((HELD_OUT, held_out),) if held_out_plates else ())):
            rows = np.flatnonzero(wells)
            labels = _labels(plate, rows, treatments.of_well, molecule)
            for measure in MEASURES:
                for encoder in _ENCODERS:
                    found.setdefault((name, measure, encoder), []).append(
                        [_measure(measure, labels, values) for values in _of_wells(embeddings, encoder, rows)]
                    )
    progress(1.0, "encoders compared")
    figures, verdicts = _figures(found, len(seeds))
    return EncoderComparison(rows=tuple(figures), verdicts=tuple(verdicts), simulated=plate.simulated)


def _embeddings(
    plate: Plate,
    train: NDArray[np.bool_],
    pca: EncoderConfig,
    config: MaskedAutoencoderConfig,
    seeds: Sequence[int],
    progress: Progress,
) -> dict[str, list[NDArray[np.float32]]]:
    """Embeddings of all wells by every encoder fitted to some, one for each seed."""
    fitted_on = plate.take(train)
    sphered = fit_profile_encoder(fitted_on, components=pca.components, shrinkage=pca.shrinkage, limit=pca.limit)
    # The same axes without the scaling along them.
    plain = replace(sphered, matrix=sphered.matrix / np.linalg.norm(sphered.matrix, axis=0))
    learned = []
    for number, seed in enumerate(seeds):
        report = _epochs(progress, number, len(seeds), config.epochs)
        encoder = fit_masked_autoencoder(fitted_on, replace(config, seed=seed), report=report)
        learned.append(encoder.encode(plate).embeddings)
    return {
        PROFILES: [aligned_profiles(plate, plate.feature_names, limit=pca.limit)],
        PCA: [plain.encode(plate).embeddings],
        SPHERED_PCA: [sphered.encode(plate).embeddings],
        AUTOENCODER: learned,
    }


def _epochs(progress: Progress, number: int, seeds: int, epochs: int) -> Callable[[int, float], None]:
    return lambda epoch, _: progress((number + epoch / epochs) / seeds, f"autoencoder {number + 1} of {seeds}")


def _of_wells(
    embeddings: dict[str, list[NDArray[np.float32]]], encoder: str, rows: NDArray[np.intp]
) -> list[NDArray[np.float32] | None]:
    if encoder == POSITION_ONLY:
        return [None]
    return [values[rows] for values in embeddings[encoder]]


def _labels(
    plate: Plate, rows: NDArray[np.intp], treatment: NDArray[np.int32], molecule: NDArray[np.int64]
) -> WellLabels:
    place = {barcode: number for number, barcode in enumerate(plate.barcodes)}
    return WellLabels(
        same=treatment[rows],
        treatment=treatment[rows],
        molecule=molecule[rows],
        plate=np.array([place.get(barcode, -1) for barcode in plate.wells[PLATE].iloc[rows]], dtype=np.int64),
        position=plate.positions[rows],
    )


def _measure(measure: str, labels: WellLabels, values: NDArray[np.float32] | None) -> QueryResults:
    if measure == MEASURES[2]:
        labels = replace(labels, same=labels.molecule)
    scores = nearness_scores(labels.position) if values is None else cosine_scores(values)
    return replicate_retrieval(scores, labels, other_positions=measure != MEASURES[1])


def _figures(
    found: dict[tuple[str, str, str], list[list[QueryResults]]], seeds: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    verdicts: list[dict[str, Any]] = []
    for (split, measure, encoder), folds in found.items():
        of_all_seeds = [_mean_over_seeds(results) for results in folds]
        named: dict[str, Any] = {"split": split, "measure": measure}
        if not any(len(results) for results in of_all_seeds):
            if encoder == _ENCODERS[0]:
                rows.append({**named, "not_available": _why_not(of_all_seeds, measure)})
            continue
        row = {**named, "encoder": encoder, **summarise(of_all_seeds).to_dict()}
        if encoder == AUTOENCODER:
            precision = [
                summarise([results[seed] for results in folds]).mean_average_precision for seed in range(seeds)
            ]
            row |= {
                "seeds": seeds,
                "sd_over_seeds": round(float(np.std(precision, ddof=1)), 4) if seeds > 1 else None,
            }
            against = [_mean_over_seeds(results) for results in found[split, measure, SPHERED_PCA]]
            verdicts.append({**named, **_verdict(of_all_seeds, against, f"{split}, {measure}")})
        rows.append(row)
    return rows, verdicts


def _mean_over_seeds(results: list[QueryResults]) -> QueryResults:
    measured = ("average_precision", "recall", "nearest")
    return replace(results[0], **{name: np.mean([getattr(r, name) for r in results], axis=0) for name in measured})


def _why_not(results: list[QueryResults], measure: str) -> str:
    wells = sum(r.without_positives for r in results)
    where = "" if measure == MEASURES[1] else " at another position"
    return f"none of {wells} wells has a replicate on another plate{where}"


def _verdict(autoencoder: list[QueryResults], pca: list[QueryResults], what: str) -> dict[str, Any]:
    difference, (low, high) = paired_difference(autoencoder, pca)
    molecules = len(np.unique(np.concatenate([r.molecule for r in pca])))
    better, said = None, f"no difference between {SPHERED_PCA} and {AUTOENCODER} can be told"
    if molecules < _FEWEST_MOLECULES:
        said = f"too few molecules to tell {SPHERED_PCA} and {AUTOENCODER} apart"
    elif low > 0 or high < 0:
        better = AUTOENCODER if low > 0 else SPHERED_PCA
        said = f"{better} is better"
    return {
        "difference": round(difference, 4),
        "interval": [round(low, 4), round(high, 4)],
        "better": better,
        "sentence": (
            f"{what}: {said} ({AUTOENCODER} less {SPHERED_PCA}: {difference:+.3f} mean average precision, "
            f"95 % interval {low:+.3f} to {high:+.3f}, {molecules} molecules)."
        ),
    }


def encoder_table(comparison: EncoderComparison) -> str:
    """A row an encoder and measure, with chance and position alone beside each, and the verdicts.

    Parameters
    ----------
    comparison : EncoderComparison

    Returns
    -------
    str
        Markdown, headed by "Simulated data." where it is.
    """
    lines = ["Simulated data.", ""] if comparison.simulated else []
    lines += [
        "| held out | found | encoder | queries | treatments | molecules | chance | mAP (95 % interval) "
        "| top 1 % (chance) | nearest |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in comparison.rows:
        head = f"| {row['split']} | {row['measure']} "
        if "not_available" in row:
            lines.append(f"{head}| not available: {row['not_available']} | | | | | | | |")
            continue
        lines.append(head + _line(row))
    return "\n".join([*lines, "", *(str(verdict["sentence"]) for verdict in comparison.verdicts)])


def _line(row: dict[str, Any]) -> str:
    low, high = row["precision_interval"]
    spread = f", sd {row['sd_over_seeds']:.3f} over {row['seeds']} seeds" if row.get("sd_over_seeds") else ""
    return (
        f"| {row['encoder']} | {row['queries']} | {row['treatments']} | {row['molecules']} "
        f"| {row['chance_precision']:.3f} | {row['mean_average_precision']:.3f} ({low:.3f} to {high:.3f}{spread}) "
        f"| {row['recall_top_1_percent']:.3f} ({row['chance_recall']:.3f}) | {row['recall_at_1']:.3f} |"
    )
