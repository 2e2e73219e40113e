"""Experiments on how to train: samples, losses, the guidelines, and one setting after another."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np

from molphenix_core.evaluation.rival_recipes import rival_job
from molphenix_core.model.losses import LossName
from molphenix_core.paper.drawing import ChartLine, line_chart
from molphenix_core.paper.experiment import OUR_TOWERS, Experiment, ablation, towers_alone, with_fit
from molphenix_core.paper.figures import Arm
from molphenix_core.paper.published import DIRECTIONS
from molphenix_core.paper.ranks import UNSEEN_SCAFFOLDS
from molphenix_core.paper.runner import Outcome
from molphenix_core.paper.section import Cell, Figure, Section, Table
from molphenix_core.paper.study import FileFacts, Study
from molphenix_core.training.job import Job
from molphenix_core.training.undersampling import UndersamplingConfig

__all__ = ["guidelines", "losses", "samples_seen", "settings"]

_CUTOFFS = (0.01, 0.05, 0.1, 0.2)
_BATCHES = (32, 64, 128, 256, 512)
_WIDTHS = (128, 256, 512, 1024)
_JOINTS = (32, 128, 256, 512)
_COMPONENTS = (16, 32, 64, 128, 256)
_BLOCKS = ("morgan", "morgan_chiral", "rdkit_path", "maccs", "descriptors")


def _with_loss(job: Job, name: LossName) -> Job:
    return with_fit(job, loss=replace(job.fit.loss, name=name))


def samples_seen(study: Study, file: FileFacts) -> Experiment:
    """Recall while training, by treatments drawn (the samples seen of arXiv 2409.08302).

    Parameters
    ----------
    study : Study
    file : FileFacts

    Returns
    -------
    Experiment
    """
    ours = towers_alone(study.recipe(file))
    arms = [Arm(OUR_TOWERS, study.units(ours))]
    arms += [
        Arm(name, study.units(rival_job(ours, name))) for name in ("CLOOME", "CLOOME with dose", "SigLIP", "S2L")
    ]

    def write(outcome: Outcome) -> tuple[Section, ...]:
        columns = ("Treatments seen", *(f"{arm.label}{part}" for arm in arms for part in ("", ", sd")))
        curves = [_curve(arm, outcome) for arm in arms]
        samples = sorted({seen for curve in curves for seen in curve})
        rows: list[tuple[Cell, ...]] = []
        for seen in samples:
            cells: list[Cell] = [seen]
            for curve in curves:
                cells += curve.get(seen, (None, None))
            rows.append(tuple(cells))
        caption = (
            f"Recall in the top 1 % against treatments seen: {file.title}, {UNSEEN_SCAFFOLDS}, gallery: all. Mean "
            "over seeds of the mean over the queries of all folds, and standard deviation over seeds"
        )
        asked = (
            "How fast does each loss learn? Ranks during training are those of the towers as they are at that "
            "moment; they take no part in any choice."
        )
        why = tuple(
            f"{arm.label}: not available ({outcome.why(unit)})."
            for arm in arms
            for unit in arm.units[:1]
            if outcome.of(unit) is None
        )
        table = Table(caption, columns, tuple(rows))
        return (Section("Recall against samples seen", (asked, *why), (table,), _drawn(arms, curves, caption)),)

    return Experiment("samples", tuple(unit for arm in arms for unit in arm.units), write)


def _drawn(
    arms: list[Arm], curves: list[dict[int, tuple[float, float | None]]], caption: str
) -> tuple[Figure, ...]:
    lines = []
    for arm, curve in zip(arms, curves, strict=True):
        if curve:
            x = sorted(curve)
            y = [curve[seen][0] for seen in x]
            sd = [curve[seen][1] or 0.0 for seen in x]
            low, high = [a - b for a, b in zip(y, sd, strict=True)], [a + b for a, b in zip(y, sd, strict=True)]
            lines.append(ChartLine(arm.label, x, y, low, high))
    if not lines:
        return ()
    return (Figure(caption, line_chart(lines, x_label="treatments seen", y_label="recall in the top 1 %")),)


def _curve(arm: Arm, outcome: Outcome) -> dict[int, tuple[float, float | None]]:
    """Mean and sd over seeds by the median number of treatments seen at each epoch; folds differ in size."""
    found: dict[int, dict[int, list[tuple[float, int]]]] = {}
    samples: dict[int, list[int]] = {}
    for unit in arm.units:
        result = outcome.of(unit)
        for point in result["curve"] if result is not None else ():
            recall, queries = point["recall"][arm.file], point["queries"][arm.file]
            if recall is not None:
                found.setdefault(point["epoch"], {}).setdefault(unit.seed, []).append((recall, queries))
                samples.setdefault(point["epoch"], []).append(point["samples"])
    out: dict[int, tuple[float, float | None]] = {}
    for epoch, by_seed in found.items():
        means = [
            float(np.average([r for r, _ in parts], weights=[n for _, n in parts])) for parts in by_seed.values()
        ]
        sd = round(float(np.std(means, ddof=1)), 4) if len(means) > 1 else None
        out[int(np.median(samples[epoch]))] = round(float(np.mean(means)), 4), sd
    return out


def losses(study: Study, file: FileFacts) -> Experiment:
    """All losses of :mod:`molphenix_core.model.losses` on one recipe.

    Parameters
    ----------
    study : Study
    file : FileFacts

    Returns
    -------
    Experiment
    """
    ours = towers_alone(study.recipe(file))
    names = sorted(get_args(LossName), key=lambda name: name != ours.fit.loss.name)
    arms = [
        Arm(f"{name} ({OUR_TOWERS})" if name == ours.fit.loss.name else name, study.units(_with_loss(ours, name)))
        for name in names
    ]
    return ablation(
        "losses",
        "Losses",
        "Which loss finds most, all else being ours? Constants are those of the job; they were not tuned loss by "
        "loss here.",
        arms,
        data=file.title,
    )


def guidelines(study: Study, file: FileFacts) -> Experiment:
    """The guidelines of the publication (arXiv 2409.08302), each switched on and off.

    Parameters
    ----------
    study : Study
    file : FileFacts

    Returns
    -------
    Experiment
    """
    ours = towers_alone(study.recipe(file))
    arms = [Arm(OUR_TOWERS, study.units(ours))]
    names = {"random": "a random part", "all": "all", "one": "one"}
    arms += [
        Arm(f"averaging {words} of the replicates", study.units(with_fit(ours, averaging=name)))
        for name, words in names.items()
        if name != ours.fit.averaging
    ]
    if ours.fit.undersampling is None:
        cut = UndersamplingConfig()
        arms.append(
            Arm(
                f"without inactive treatments (p >= {cut.threshold:g})",
                study.units(with_fit(ours, undersampling=cut)),
            )
        )
    else:
        arms.append(Arm("with all inactive treatments", study.units(with_fit(ours, undersampling=None))))
    for name, label in (("s2l", "S2L"), ("siglip", "SigLIP")):
        if ours.fit.loss.name != name:
            arms.append(Arm(label, study.units(rival_job(ours, label))))
    arms.append(Arm("no dose (still told apart)", study.units(replace(ours, dose_encoding=()))))
    arms.append(
        Arm(
            "molecules as classes, no dose",
            study.units(with_fit(replace(ours, dose_encoding=()), classes="molecule")),
        )
    )
    return ablation(
        "guidelines",
        "Guidelines",
        "What does each guideline of the publication bring here: averaging replicates, leaving out inactive "
        "treatments, soft targets (S2L) against SigLIP, telling the dose, treatments rather than molecules as "
        f"classes? Published of averaging replicates: {DIRECTIONS['averaging of replicates']}.",
        arms,
        data=file.title,
    )


def settings(study: Study, file: FileFacts) -> tuple[Experiment, ...]:
    """One setting after another, with one seed: activity cutoff, batch size, width, features, encoder, parts.

    Parameters
    ----------
    study : Study
    file : FileFacts

    Returns
    -------
    tuple of Experiment
        The last, on the parts beside the towers, only where the recipe has them.
    """
    whole = study.recipe(file)
    ours = towers_alone(whole)

    def arms(variants: dict[str, Job]) -> list[Arm]:
        out = [Arm(OUR_TOWERS, study.units(ours, seeds=1))]
        return out + [Arm(label, study.units(job, seeds=1)) for label, job in variants.items() if job != ours]

    cut = {f"p < {p:g}": with_fit(ours, undersampling=UndersamplingConfig(threshold=p)) for p in _CUTOFFS}
    features = {f"{block} alone": replace(ours, molecule_features=(block,)) for block in _BLOCKS}
    features["all blocks"] = replace(ours, molecule_features=_BLOCKS)
    encoder = {"no encoder": replace(ours, encoder=None)}
    if ours.encoder is not None:
        encoder |= {
            f"{n} components": replace(ours, encoder=replace(ours.encoder, components=n)) for n in _COMPONENTS
        }
    sweeps: dict[str, tuple[str, str, dict[str, Job]]] = {
        "cutoff": (
            "Activity cutoff",
            "Which treatments to train on, by the p-value of activity?",
            {"all treatments": with_fit(ours, undersampling=None), **cut},
        ),
        "batch-size": ("Batch size", "How many to contrast at a time?", _by_batch(ours)),
        "width": (
            "Width",
            "How wide are the towers to be, and the joint space?",
            {
                **{f"width {n}": replace(ours, model=replace(ours.model, width=n)) for n in _WIDTHS},
                **{f"joint {n}": replace(ours, model=replace(ours.model, joint=n)) for n in _JOINTS},
            },
        ),
        "features": ("Molecule features", "What to tell the molecule tower?", features),
        "encoder": (
            "Profile encoder",
            "How many components of the profiles to keep? Activity, for the active gallery, is measured in the "
            "space of our encoder for all rows.",
            encoder,
        ),
    }
    if whole != ours:
        sweeps["parts"] = (
            "Molecule encoder and kernel head",
            "What do the kernel coordinates of molecules and the closed-form head beside the towers bring?",
            {
                "towers with kernel head (ours)": whole,
                "towers on scaled features": replace(ours, molecule_encoder=None),
            },
        )
    return tuple(
        ablation(
            name,
            title,
            f"{asked} {_published(name)}One seed: differences of less than the interval are luck.",
            arms(variants),
            data=file.title,
            splits=(UNSEEN_SCAFFOLDS,),
        )
        for name, (title, asked, variants) in sweeps.items()
    )


_DIRECTIONS = {
    "cutoff": "p cutoff",
    "batch-size": "batch size",
    "width": "parameters",
    "features": "molecule features",
    "encoder": "embedding size",
}


def _published(sweep: str) -> str:
    """What the publication found of a setting, in words that end with a space; nothing where it tells nothing."""
    of = _DIRECTIONS.get(sweep)
    return "" if of is None else f"Published of {of}: {DIRECTIONS[of]}. "


def _by_batch(ours: Job) -> dict[str, Job]:
    return {f"{n} treatments": with_fit(ours, batch_size=n) for n in _BATCHES}
