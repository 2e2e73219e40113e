"""About how long a unit takes: for the plan and the time left, not for any figure."""

from __future__ import annotations

from molphenix_core.model.towers import TowerShape
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.paper.study import Study
from molphenix_core.paper.units import NO_FOLD, Unit

__all__ = ["unit_seconds"]

# Measured on one core: 2.5 s for 36,000 treatments through 0.4 million weights, 22 s through 5.4 million.
_A_WEIGHT = 1.1e-10
_A_TREATMENT = 2e-5
_A_UNIT = 1.0
_RIVALS_A_TREATMENT = 1e-3
_ANALYSES = 15.0


def unit_seconds(unit: Unit, study: Study) -> float:
    """Estimate how long a unit takes.

    Parameters
    ----------
    unit : Unit
    study : Study
        Which its files are of.

    Returns
    -------
    float
        Processor seconds, to within a factor of two.
    """
    files = {file.path: file for file in study.files}
    here = [files[config.path] for config in unit.job.data]
    trained = 1.0 if unit.fold == NO_FOLD else 1 - 1 / unit.job.split.folds
    treatments = trained * sum(file.treatments for file in here)
    if unit.kind == "rivals":
        return _A_UNIT + treatments * _RIVALS_A_TREATMENT
    job, shape = unit.job, unit.job.model
    molecules = FeatureSet(job.molecule_features).width
    if job.molecule_encoder is not None:
        molecules = min(job.molecule_encoder.components, sum(file.molecules for file in here))
    phenotypes = max(len(file.feature_names) for file in here)
    if job.encoder is not None:
        phenotypes = min(phenotypes, job.encoder.components)
    weights = _weights(molecules, shape.molecule_blocks, shape) + _weights(
        phenotypes, shape.phenomics_blocks, shape
    )
    training = treatments * job.fit.epochs * (_A_TREATMENT + weights * _A_WEIGHT)
    return _A_UNIT + training + (_ANALYSES if unit.kind == "analyses" else 0.0)


def _weights(inputs: int, blocks: int, shape: TowerShape) -> int:
    hidden = 2 * blocks if shape.kind == "residual" else max(blocks - 1, 0)
    return inputs * shape.width + hidden * shape.width**2 + shape.width * shape.joint
