"""Analyses of one trained recipe: what its molecule embeddings know."""

from __future__ import annotations

from dataclasses import replace

from molphenix_core.paper.analyses_sections import sections_from
from molphenix_core.paper.experiment import Experiment
from molphenix_core.paper.runner import Outcome
from molphenix_core.paper.section import Section
from molphenix_core.paper.study import FileFacts, Study

__all__ = ["analyses"]


def analyses(study: Study, file: FileFacts) -> Experiment:
    """Map, similarity, probe and properties: ours on every scaffold fold with one seed, pooled.

    Parameters
    ----------
    study : Study
    file : FileFacts

    Returns
    -------
    Experiment
        Its sections say why when a fold could not be computed: the folds are pooled only when all are there.
    """
    units = tuple(replace(unit, kind="analyses") for unit in study.units(study.recipe(file), seeds=1))

    def write(outcome: Outcome) -> tuple[Section, ...]:
        results = [result["analyses"][0] for unit in units if (result := outcome.of(unit)) is not None]
        if len(results) < len(units):
            why = next(outcome.why(unit) for unit in units if outcome.of(unit) is None)
            return (Section(f"Analyses of {file.title}", (f"Not available: {why}.",)),)
        return tuple(sections_from(results))

    return Experiment("analyses", units, write)
