"""A virtual screen with known truth: whole, as a plate, or treatment by treatment where it is large."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.plates.plate import (
    BATCH,
    CONCENTRATION,
    CONTROL_TYPE,
    MECHANISM,
    NAME,
    NEGATIVE_CONTROL,
    PERTURBATION_TYPE,
    PLATE,
    SMILES,
    WELL,
    EmbeddingInfo,
    Plate,
)
from molphenix_core.plates.wells import well_name
from molphenix_core.progress import Progress, silent
from molphenix_core.simulate.config import SimulationConfig
from molphenix_core.simulate.mechanisms import SimulatedMolecules, simulate_molecules
from molphenix_core.simulate.wells import Layout, PlaceEffects, ResponseNetwork, lay_out

__all__ = [
    "SIMULATED_ACTIVE",
    "SIMULATED_EC50",
    "Simulation",
    "SimulationTruth",
    "TreatmentBlock",
    "simulate_screen",
    "simulate_treatments",
]

SIMULATED_ACTIVE = "Metadata_simulated_active"
"""Column of the wells: whether the molecule is active."""

SIMULATED_EC50 = "Metadata_simulated_EC50"
"""Column of the wells: EC50 of the strongest mechanism, micromolar."""

_BLOCK = 4_096


@dataclass(frozen=True, eq=False)
class TreatmentBlock:
    """Some consecutive treatments of a simulated screen.

    Parameters
    ----------
    first : int
        Number of its first treatment in the whole screen.
    molecule : int64 (t,)
        Rows of :class:`~molphenix_core.simulate.mechanisms.SimulatedMolecules`.
    dose : float64 (t,)
        Micromolar.
    activity : float32 (t, K)
        Through each mechanism, 0 to 1.
    phenotype : float32 (t, d)
        The response without any effect of plate, position, batch or well.
    wells : float32 (t, replicates, d)
        What is measured.
    """

    first: int
    molecule: NDArray[np.int64]
    dose: NDArray[np.float64]
    activity: NDArray[np.float32]
    phenotype: NDArray[np.float32]
    wells: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class SimulationTruth:
    """What is known of a simulated screen.

    Treatment t is molecule ``t // len(doses)`` at dose ``t % len(doses)``.

    Parameters
    ----------
    molecules : SimulatedMolecules
        Active or not, mechanisms, EC50s, slopes and tops of each molecule.
    molecule : int64 (t,)
        Row of the molecule of each treatment.
    dose : float64 (t,)
        Micromolar.
    activity : float32 (t, K)
        Activity of each treatment through each mechanism.
    phenotype : float32 (t, d)
        Its response without noise.
    of_well : int64 (n_wells,)
        Treatment in each well of the plate, -1 for controls.
    """

    molecules: SimulatedMolecules
    molecule: NDArray[np.int64]
    dose: NDArray[np.float64]
    activity: NDArray[np.float32]
    phenotype: NDArray[np.float32]
    of_well: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Simulation:
    """A simulated screen: the plate as a screener would see it, and the truth behind it.

    Parameters
    ----------
    plate : Plate
        With ``simulated`` set; encoder "simulated". Its wells tell, beside what those of a real plate do, the
        strongest mechanism, whether the molecule is active, and its EC50.
    truth : SimulationTruth
    """

    plate: Plate
    truth: SimulationTruth


def simulate_treatments(
    molecules: SimulatedMolecules, config: SimulationConfig, *, progress: Progress = silent
) -> Iterator[TreatmentBlock]:
    """Simulate treatments block by block, so that a screen of millions needs no memory for its wells.

    The same wells as those of :func:`simulate_screen`, for the same molecules and configuration.

    Parameters
    ----------
    molecules : SimulatedMolecules
        From :func:`~molphenix_core.simulate.mechanisms.simulate_molecules`, with the same configuration.
    config : SimulationConfig
    progress : callable
        Told the share done; what it raises stops the work.

    Yields
    ------
    TreatmentBlock
        Up to 4096 consecutive treatments: activities float32 (t, K), responses float32 (t, d) and wells float32
        (t, replicates, d). Treatment t is molecule ``t // len(doses)`` at dose ``t % len(doses)``.
    """
    layout = lay_out(len(molecules) * len(config.doses), config)
    yield from _blocks(molecules, config, layout, PlaceEffects(config, layout.batch), progress)


def _blocks(
    molecules: SimulatedMolecules,
    config: SimulationConfig,
    layout: Layout,
    effects: PlaceEffects,
    progress: Progress,
) -> Iterator[TreatmentBlock]:
    network = ResponseNetwork(config)
    doses = np.array(config.doses, dtype=np.float64)
    total = len(layout.plate)
    for first in range(0, total, _BLOCK):
        treatment = np.arange(first, min(first + _BLOCK, total))
        molecule, dose = treatment // len(doses), doses[treatment % len(doses)]
        activity = molecules.activity(molecule, dose)
        phenotype = network(activity)
        wells = effects.at(layout.plate[treatment], layout.position[treatment])
        wells += phenotype[:, None, :]
        wells += _noise(config, wells.shape, 8, first)
        yield TreatmentBlock(first, molecule, dose, activity, phenotype, wells)
        progress((first + len(treatment)) / total, "Simulating wells")


def _noise(config: SimulationConfig, shape: tuple[int, ...], *stream: int) -> NDArray[np.float32]:
    random = np.random.default_rng([config.seed, *stream])
    return np.float32(config.well_effect) * random.standard_normal(shape, dtype=np.float32)


def simulate_screen(
    smiles: Sequence[str],
    config: SimulationConfig | None = None,
    *,
    source: str = "structure",
    progress: Progress = silent,
) -> Simulation:
    """Simulate a screen of molecules at doses: plates of treated wells and negative controls, and the truth.

    A well is the response of its treatment plus the effects of its plate, its position, its batch and itself. The
    wells are held in memory, ``4 d`` bytes each beside their table; for millions use :func:`simulate_treatments`.

    Parameters
    ----------
    smiles : sequence of str
        Any; equal texts are one molecule. The truth depends on the whole list.
    config : SimulationConfig, optional
    source : str
        Where the structures stand, for the messages.
    progress : callable
        Told the share done; what it raises stops the work.

    Returns
    -------
    Simulation
        A plate marked as simulated, its wells float32 (n_wells, d) by plate and position, doses in micromolar; and
        the truth.

    Raises
    ------
    MoleculeError
        A SMILES cannot be parsed; the field names the row, the first being row 1.
    InputError
        No two molecules differ in their substructures.
    """
    config = config or SimulationConfig()
    molecules = simulate_molecules(
        smiles, config, source=source, progress=lambda share, text: progress(0.5 * share, text)
    )
    layout = lay_out(len(molecules) * len(config.doses), config)
    effects = PlaceEffects(config, layout.batch)
    treatments, replicates = layout.plate.shape
    controls = layout.control_position.size
    embeddings = np.empty((treatments * replicates + controls, config.dimensions), dtype=np.float32)
    activity = np.empty((treatments, config.mechanisms), dtype=np.float32)
    phenotype = np.empty((treatments, config.dimensions), dtype=np.float32)
    for block in _blocks(molecules, config, layout, effects, lambda s, text: progress(0.5 + 0.5 * s, text)):
        rows = slice(block.first, block.first + len(block.molecule))
        embeddings[rows.start * replicates : rows.stop * replicates] = block.wells.reshape(-1, config.dimensions)
        activity[rows], phenotype[rows] = block.activity, block.phenotype

    of_well = np.concatenate([np.repeat(np.arange(treatments), replicates), np.full(controls, -1)])
    control_plate = np.repeat(np.arange(len(layout.batch), dtype=np.int32), config.controls)
    plate = np.concatenate([layout.plate.ravel(), control_plate])
    position = np.concatenate([layout.position.ravel(), layout.control_position.ravel()])
    blank = effects.at(control_plate, layout.control_position.ravel())
    embeddings[treatments * replicates :] = blank + _noise(config, blank.shape, 9)

    order = np.lexsort((position, plate))
    of_well, plate, position = of_well[order], plate[order], position[order]
    treatment = np.arange(treatments)
    truth = SimulationTruth(
        molecules=molecules,
        molecule=treatment // len(config.doses),
        dose=np.array(config.doses, dtype=np.float64)[treatment % len(config.doses)],
        activity=activity,
        phenotype=phenotype,
        of_well=of_well,
    )
    # The response network, and with it the meaning of the numbers, follows from these.
    version = f"seed {config.seed}, {config.mechanisms} mechanisms, response {config.response:g}"
    screen = Plate(
        wells=_table(truth, plate, position, layout, config),
        embeddings=embeddings[order],
        feature_names=tuple(f"simulated_{column}" for column in range(config.dimensions)),
        embedding=EmbeddingInfo(encoder="simulated", version=version, normalisation=()),
        source="simulated",
        simulated=True,
    )
    return Simulation(plate=screen, truth=truth)


def _table(
    truth: SimulationTruth,
    plate: NDArray[np.int32],
    position: NDArray[np.int32],
    layout: Layout,
    config: SimulationConfig,
) -> pd.DataFrame:
    treated = truth.of_well >= 0
    molecules = truth.molecules
    molecule = np.where(treated, truth.molecule[truth.of_well], len(molecules))

    def of_molecule(values: Iterable[object]) -> NDArray[np.object_]:
        return np.array([*values, None], dtype=object)[molecule]

    plates = len(layout.batch) // config.replicates
    barcodes = [f"simulated-{n % plates + 1:03d}-{replicate + 1}" for n, replicate in enumerate(layout.replicate)]
    batches = [f"simulated batch {number + 1}" for number in range(config.batches)]
    names = [well_name(*divmod(place, config.plate_format.columns)) for place in range(config.wells_a_plate)]
    strongest = (
        None if number < 0 else f"simulated mechanism {number + 1}" for number in molecules.mechanism[:, 0]
    )
    wells = pd.DataFrame(
        {
            PLATE: np.array(barcodes, dtype=object)[plate],
            WELL: np.array(names, dtype=object)[position],
            BATCH: np.array(batches, dtype=object)[layout.batch[plate]],
            PERTURBATION_TYPE: np.array(["control", "trt"], dtype=object)[treated.astype(int)],
            CONTROL_TYPE: np.array([NEGATIVE_CONTROL, None], dtype=object)[treated.astype(int)],
            SMILES: of_molecule(molecules.smiles),
            NAME: of_molecule(f"simulated {row + 1}" for row in range(len(molecules))),
            MECHANISM: of_molecule(strongest),
            CONCENTRATION: np.where(treated, truth.dose[truth.of_well], np.nan),
            SIMULATED_ACTIVE: of_molecule(molecules.active.tolist()),
            SIMULATED_EC50: np.append(molecules.ec50[:, 0], np.nan).astype(np.float64)[molecule],
        }
    )
    wells.index = pd.Index(wells[PLATE] + ":" + wells[WELL])
    return wells
