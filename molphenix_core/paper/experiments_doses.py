"""Experiments on doses: how to tell them, and doses that were never trained on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from molphenix_core.evaluation.rival_recipes import rival_job
from molphenix_core.paper.experiment import OUR_TOWERS, OURS, Experiment, ablation, rival_arms, towers_alone
from molphenix_core.paper.figures import Arm
from molphenix_core.paper.published import DIRECTIONS, NOT_COMPARABLE
from molphenix_core.paper.ranks import DOSE_HIDDEN, HELD_OUT
from molphenix_core.paper.ratios import Against, ratio_table
from molphenix_core.paper.runner import Outcome
from molphenix_core.paper.section import Section
from molphenix_core.paper.study import FileFacts, Study
from molphenix_core.paper.tables import finding, recall_chart, recall_table
from molphenix_core.paper.units import DOSE, NO_FOLD, HoldOut, Unit
from molphenix_core.training.job import Job

__all__ = ["dose_encodings", "held_out_doses"]

_ENCODINGS = {
    "no dose": (),
    "one-hot": ("one-hot",),
    "log10": ("log10",),
    "sigmoid": ("sigmoid",),
    "mix": ("one-hot", "log10", "sigmoid"),
}
_FEWEST = 20  # treatments at a dose, of which the top 1 % is a single one


def _encodings(ours: Job) -> dict[str, Job]:
    named = {label: replace(ours, dose_encoding=kinds) for label, kinds in _ENCODINGS.items()}
    if ours not in named.values():
        named[" and ".join(ours.dose_encoding)] = ours
    return {f"{label} ({OUR_TOWERS})" if job == ours else label: job for label, job in named.items()}


def dose_encodings(study: Study, file: FileFacts) -> Experiment:
    """Every dose encoding, on all doses together ("cumulative concentrations" of arXiv 2409.08302).

    Parameters
    ----------
    study : Study
    file : FileFacts

    Returns
    -------
    Experiment
    """
    arms = [Arm(label, study.units(job)) for label, job in _encodings(towers_alone(study.recipe(file))).items()]
    arms.sort(key=lambda arm: OUR_TOWERS not in arm.label)
    return ablation(
        "doses",
        "Dose encodings, all doses together",
        "How to tell the molecule tower a dose? Candidates are (molecule, dose) pairs at all doses. Published: "
        f"{DIRECTIONS['dose encoding']}.",
        arms,
        data=file.title,
    )


def held_out_doses(study: Study, file: FileFacts) -> Experiment:
    """Every dose in turn is left out of training and its treatments ranked among each other (arXiv 2409.08302).

    Parameters
    ----------
    study : Study
    file : FileFacts
        Left out are its known nominal doses (micromolar) that have enough treatments to rank.

    Returns
    -------
    Experiment
        Without units where fewer than two doses are known.
    """
    whole = study.recipe(file)
    ours = towers_alone(whole)
    doses = [dose for dose, count in file.doses if count >= _FEWEST]
    if len(file.doses) < 2:
        doses = []
    recipes = {
        **({} if whole == ours else {OURS: whole}),
        **_encodings(ours),
        "S2L": rival_job(ours, "S2L"),
        "CLOOME with dose": rival_job(ours, "CLOOME with dose"),
    }

    def units(job: Job, dose: float) -> tuple[Unit, ...]:
        # One seed of each: there are as many fits as doses already.
        return study.units(job, folds=(NO_FOLD,), held_out=HoldOut(DOSE, dose), seeds=1)

    # The ranks of all doses are pooled: each query is ranked among the molecules at its own dose.
    arms = [
        Arm(label, tuple(unit for dose in doses for unit in units(job, dose))) for label, job in recipes.items()
    ]
    arms.sort(key=lambda arm: OUR_TOWERS not in arm.label)
    if arms and arms[0].units:
        arms += [
            Arm(f"{arm.label}, dose hidden", arm.units, DOSE_HIDDEN) for arm in arms if arm.label != "no dose"
        ]
        arms += rival_arms(arms[0].units)

    def write(outcome: Outcome) -> tuple[Section, ...]:
        asked = (
            "Can a dose be ranked that was never trained on? Every dose in turn is left out of training, and its "
            f"treatments are ranked among each other ({len(doses)} doses with at least {_FEWEST} treatments, one "
            "seed). The molecules were trained on at other doses, so that this is about doses, not about new "
            "molecules; the nearest neighbour is the molecule itself at its nearest dose. 'Dose hidden': the same "
            "queries and training, ranked with the flag for an unknown dose."
        )
        if not doses:
            why = f"Not available: {file.title} has {len(file.doses)} known doses."
            return (Section("Held-out doses", (asked, why)),)
        tables = [
            recall_table(
                f"Held-out doses, every one in turn: {file.title}", arms, outcome, split=HELD_OUT, gallery=gallery
            )
            for gallery in ("all", "active")
        ]
        tables.append(
            ratio_table(
                f"The published ratio beside ours at held-out doses of {file.title}. S2L: towers alone.",
                {"S2L over CLOOME": (Against("S2L", "CLOOME with dose"),)},
                arms,
                outcome,
                split=HELD_OUT,
            )
        )
        few = [arm for arm in arms if not arm.label.endswith("hidden")]
        for number, dose in enumerate(doses):
            here = [replace(arm, units=(arm.units[number],)) for arm in few if len(arm.units) == len(doses)]
            tables.append(recall_table(f"Held-out dose {dose:g} µM: {file.title}", here, outcome, split=HELD_OUT))
        chart = recall_chart(f"Held-out doses: {file.title}", arms, outcome, split=HELD_OUT)
        found = [finding(arms, outcome, split=HELD_OUT, gallery=gallery) for gallery in ("all", "active")]
        words = (asked, _positions(arms, outcome), *found, NOT_COMPARABLE)
        return (Section("Held-out doses", words, tuple(tables), (chart,)),)

    return Experiment("held-out-doses", tuple(unit for arm in arms for unit in arm.units), write)


def _positions(arms: list[Arm], outcome: Outcome) -> str:
    """Whether positions could give the molecule away."""
    counted = [
        result["files"][0][HELD_OUT]["shared_positions"]
        for unit in arms[-2].units
        if (result := outcome.of(unit)) is not None and unit.kind == "rivals"
    ]
    known = np.array([pair for pair in counted if pair is not None], dtype=np.int64).reshape(-1, 2)
    if len(known) == 0:
        return "Positions: not available."
    shared, of = known.sum(axis=0)
    return (
        f"Positions: {shared} of {of} held-out treatments have a well where one of the same molecule at another "
        "dose stood in training."
    )
