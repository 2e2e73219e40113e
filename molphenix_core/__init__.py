"""Contrastive retrieval of molecules from cell phenotypes: plates, molecules, retriever, ranking.

Everything named here is loaded when it is first asked for: the package itself imports nothing heavy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from molphenix_core.errors import (
        BundleError,
        Cancelled,
        InputError,
        JobError,
        LibraryError,
        MoleculeError,
        MolPhenixError,
        PlateFileError,
        TableError,
        UnknownSpaceError,
    )
    from molphenix_core.evaluation.evaluate import evaluate_plate, write_report
    from molphenix_core.jobs import run_job
    from molphenix_core.model.bundle import Bundle
    from molphenix_core.model.bundle_files import load_bundle, save_bundle
    from molphenix_core.molecules.standardise import StandardMolecule, standardise
    from molphenix_core.plates.activity import activity
    from molphenix_core.plates.convert import convert_table
    from molphenix_core.plates.encoder import ProfileEncoder, fit_profile_encoder
    from molphenix_core.plates.files import read_plate, write_plate
    from molphenix_core.plates.normalise import normalise_to_controls, sphere_to_controls
    from molphenix_core.plates.plate import EmbeddingInfo, Plate
    from molphenix_core.plates.treatments import Treatments, group_treatments
    from molphenix_core.retrieval.build import build_library
    from molphenix_core.retrieval.compounds import read_compound_table
    from molphenix_core.retrieval.hit_files import write_hits
    from molphenix_core.retrieval.hits import hits_table
    from molphenix_core.retrieval.library import Library, open_library
    from molphenix_core.retrieval.ranking import WellRanking, rank_wells
    from molphenix_core.retrieval.workbench import Workbench, open_workbench
    from molphenix_core.simulate.config import SimulationConfig
    from molphenix_core.simulate.mechanisms import SimulatedMolecules, simulate_molecules
    from molphenix_core.simulate.screen import (
        Simulation,
        SimulationTruth,
        TreatmentBlock,
        simulate_screen,
        simulate_treatments,
    )
    from molphenix_core.training.job import Job, read_job

__all__ = [
    "Bundle",
    "BundleError",
    "Cancelled",
    "EmbeddingInfo",
    "InputError",
    "Job",
    "JobError",
    "Library",
    "LibraryError",
    "MolPhenixError",
    "MoleculeError",
    "Plate",
    "PlateFileError",
    "ProfileEncoder",
    "SimulatedMolecules",
    "Simulation",
    "SimulationConfig",
    "SimulationTruth",
    "StandardMolecule",
    "TableError",
    "TreatmentBlock",
    "Treatments",
    "UnknownSpaceError",
    "WellRanking",
    "Workbench",
    "__version__",
    "activity",
    "build_library",
    "convert_table",
    "evaluate_plate",
    "fit_profile_encoder",
    "group_treatments",
    "hits_table",
    "load_bundle",
    "normalise_to_controls",
    "open_library",
    "open_workbench",
    "rank_wells",
    "read_compound_table",
    "read_job",
    "read_plate",
    "run_job",
    "save_bundle",
    "simulate_molecules",
    "simulate_screen",
    "simulate_treatments",
    "sphere_to_controls",
    "standardise",
    "write_hits",
    "write_plate",
    "write_report",
]

__version__ = "0.1.0"

_HOMES = {
    "molphenix_core.errors": (
        "BundleError",
        "Cancelled",
        "InputError",
        "JobError",
        "LibraryError",
        "MolPhenixError",
        "MoleculeError",
        "PlateFileError",
        "TableError",
        "UnknownSpaceError",
    ),
    "molphenix_core.evaluation.evaluate": ("evaluate_plate", "write_report"),
    "molphenix_core.jobs": ("run_job",),
    "molphenix_core.model.bundle": ("Bundle",),
    "molphenix_core.model.bundle_files": ("load_bundle", "save_bundle"),
    "molphenix_core.molecules.standardise": ("StandardMolecule", "standardise"),
    "molphenix_core.plates.activity": ("activity",),
    "molphenix_core.plates.convert": ("convert_table",),
    "molphenix_core.plates.encoder": ("ProfileEncoder", "fit_profile_encoder"),
    "molphenix_core.plates.files": ("read_plate", "write_plate"),
    "molphenix_core.plates.normalise": ("normalise_to_controls", "sphere_to_controls"),
    "molphenix_core.plates.plate": ("EmbeddingInfo", "Plate"),
    "molphenix_core.plates.treatments": ("Treatments", "group_treatments"),
    "molphenix_core.retrieval.build": ("build_library",),
    "molphenix_core.retrieval.compounds": ("read_compound_table",),
    "molphenix_core.retrieval.hit_files": ("write_hits",),
    "molphenix_core.retrieval.hits": ("hits_table",),
    "molphenix_core.retrieval.library": ("Library", "open_library"),
    "molphenix_core.retrieval.ranking": ("WellRanking", "rank_wells"),
    "molphenix_core.retrieval.workbench": ("Workbench", "open_workbench"),
    "molphenix_core.simulate.config": ("SimulationConfig",),
    "molphenix_core.simulate.mechanisms": ("SimulatedMolecules", "simulate_molecules"),
    "molphenix_core.simulate.screen": (
        "Simulation",
        "SimulationTruth",
        "TreatmentBlock",
        "simulate_screen",
        "simulate_treatments",
    ),
    "molphenix_core.training.job": ("Job", "read_job"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
