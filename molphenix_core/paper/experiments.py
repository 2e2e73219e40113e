"""All experiments of the report, in the order in which they stand there."""

from __future__ import annotations

from molphenix_core.paper.experiment import Experiment
from molphenix_core.paper.experiments_analyses import analyses
from molphenix_core.paper.experiments_doses import dose_encodings, held_out_doses
from molphenix_core.paper.experiments_main import main_comparison, unseen_dataset
from molphenix_core.paper.experiments_several import several_phenotypes
from molphenix_core.paper.experiments_training import guidelines, losses, samples_seen, settings
from molphenix_core.paper.study import Study

__all__ = ["experiments_of"]

_COMPARED = 2


def experiments_of(study: Study) -> tuple[Experiment, ...]:
    """The experiments on the files of a study: the first gets all, the second the main comparison too.

    Parameters
    ----------
    study : Study
        Of one file at least.

    Returns
    -------
    tuple of Experiment
    """
    first = study.files[0]
    return (
        *(main_comparison(study, file) for file in study.files[:_COMPARED]),
        unseen_dataset(study),
        samples_seen(study, first),
        losses(study, first),
        dose_encodings(study, first),
        held_out_doses(study, first),
        guidelines(study, first),
        *settings(study, first),
        several_phenotypes(study),
        analyses(study, first),
    )
