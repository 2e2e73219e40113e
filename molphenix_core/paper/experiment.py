"""An experiment of the report: what it needs computed, and how it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from molphenix_core.evaluation.baselines import DESCRIPTORS_ONLY, DISTANCE_ONLY, NEAREST_NEIGHBOUR
from molphenix_core.paper.figures import Arm
from molphenix_core.paper.ranks import HELD_OUT_PLATES, LAYOUT_ONLY, POSITION_ONLY, UNSEEN_SCAFFOLDS
from molphenix_core.paper.runner import Outcome
from molphenix_core.paper.section import Section, Table
from molphenix_core.paper.tables import finding, recall_chart, recall_table
from molphenix_core.paper.units import NO_FOLD, Unit, rivals_unit
from molphenix_core.training.job import Job

__all__ = ["OURS", "OUR_TOWERS", "Experiment", "ablation", "how", "rival_arms", "towers_alone", "with_fit"]

OURS = "ours"
OUR_TOWERS = "our towers"

_RIDGES = ("kernel ridge on Tanimoto, plain", "kernel ridge on Tanimoto, sphered")


@dataclass(frozen=True)
class Experiment:
    """A part of the report.

    Parameters
    ----------
    name : str
        What the command line calls it.
    units : tuple of Unit
    write : callable
        Makes its sections of what was computed.
    """

    name: str
    units: tuple[Unit, ...]
    write: Callable[[Outcome], tuple[Section, ...]]


def towers_alone(job: Job) -> Job:
    """The recipe without its kernel head, which no setting of the training touches and which would hide them.

    Parameters
    ----------
    job : Job

    Returns
    -------
    Job
    """
    return replace(job, kernel_head=None)


def with_fit(job: Job, **changes: Any) -> Job:
    """The recipe with other settings of its training.

    Parameters
    ----------
    job : Job
    **changes
        Fields of :class:`~molphenix_core.training.fit.FitConfig`.

    Returns
    -------
    Job
    """
    return replace(job, fit=replace(job.fit, **changes))


def how(units: Sequence[Unit]) -> str:
    """Folds and seeds of an arm, in words.

    Parameters
    ----------
    units : sequence of Unit

    Returns
    -------
    str
        Such as "5 scaffold folds, 3 seeds"; without folds where no molecule is held out.
    """
    folds, seeds = {unit.fold for unit in units}, len({unit.seed for unit in units})
    words = f"{seeds} seed{'s' * (seeds > 1)}"
    return words if folds == {NO_FOLD} else f"{len(folds)} scaffold fold{'s' * (len(folds) > 1)}, {words}"


def rival_arms(ours: Sequence[Unit]) -> tuple[Arm, ...]:
    """The rivals that train no tower, scored once on each fold of our units, and the position alone.

    Parameters
    ----------
    ours : sequence of Unit
        Of one recipe, one at least; their data and splits are those of the rivals.

    Returns
    -------
    tuple of Arm
    """
    first = ours[0].seed
    units = tuple(rivals_unit(unit) for unit in ours if unit.seed == first)
    methods = (*_RIDGES, NEAREST_NEIGHBOUR, DESCRIPTORS_ONLY, DISTANCE_ONLY, LAYOUT_ONLY)
    return (
        *(Arm(method, units, method) for method in methods),
        Arm(POSITION_ONLY, tuple(ours), POSITION_ONLY),
    )


def ablation(
    name: str,
    title: str,
    asked: str,
    arms: Sequence[Arm],
    *,
    data: str,
    splits: Sequence[str] = (UNSEEN_SCAFFOLDS, HELD_OUT_PLATES),
    galleries: Sequence[str] = ("all", "active"),
    more: Callable[[Outcome], tuple[tuple[str, ...], tuple[Table, ...]]] = lambda _: ((), ()),
) -> Experiment:
    """An experiment whose section is a table for each split and gallery.

    Parameters
    ----------
    name, title, asked : str
        ``asked`` opens the section.
    arms : sequence of Arm
        The first is the one that the others are compared with.
    data : str
        What the file is called in captions.
    splits, galleries : sequence of str
    more : callable
        Gives further paragraphs and tables of what was computed.

    Returns
    -------
    Experiment
        Of one section, with a chart of the first split and gallery.
    """

    def write(outcome: Outcome) -> tuple[Section, ...]:
        tables = [
            recall_table(
                f"{title}: {data}, {split}, {how(arms[0].units)}", arms, outcome, split=split, gallery=gallery
            )
            for split in splits
            for gallery in galleries
        ]
        found = [finding(arms, outcome, split=split, gallery=gallery) for split in splits for gallery in galleries]
        paragraphs, further = more(outcome)
        chart = recall_chart(f"{title}: {data}, {splits[0]}", arms, outcome, split=splits[0], gallery=galleries[0])
        return (Section(title, (asked, *found, *paragraphs), (*tables, *further), (chart,)),)

    return Experiment(name, tuple(unit for arm in arms for unit in arm.units), write)
