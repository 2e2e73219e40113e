"""Simulated plate files and a recipe that is trained in a moment, for tests of the report."""

from __future__ import annotations

from pathlib import Path

from simulated_plates import simulated_plate

from molphenix_core.model.kernel_head import KernelHeadConfig
from molphenix_core.model.towers import TowerShape
from molphenix_core.molecules.encoder import MoleculeEncoderConfig
from molphenix_core.plates.files import write_plate
from molphenix_core.training.fit import FitConfig
from molphenix_core.training.job import DataConfig, EncoderConfig, Job, SplitConfig

JOB = Job(
    name="tiny",
    data=(DataConfig(path="anything.h5ad"),),
    encoder=EncoderConfig(components=8),
    split=SplitConfig(folds=2),
    molecule_features=("maccs",),
    molecule_encoder=MoleculeEncoderConfig(components=12),
    kernel_head=KernelHeadConfig(),
    model=TowerShape(joint=8, width=16),
    fit=FitConfig(epochs=3, batch_size=16, device="cpu"),
)

DOSES = (0.1, 1.0, 10.0)
MOLECULES = 24


def write_screen(path: Path) -> Path:
    """Wells on plates in two batches, three doses."""
    write_plate(simulated_plate(molecules=MOLECULES, doses=DOSES, plates=4, controls=8, features=12), path)
    return path


def write_other_assay(path: Path) -> Path:
    """Another embedding space, other wells, more molecules, one dose."""
    plate = simulated_plate(
        molecules=32, doses=(1.0,), plates=3, controls=0, features=6, encoder="unknown", seed=1
    )
    write_plate(plate, path)
    return path
