"""From activities to wells: the phenotype of an activity, where wells stand, and what their place adds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molphenix_core.simulate.config import SimulationConfig

__all__ = ["Layout", "PlaceEffects", "ResponseNetwork", "lay_out"]

_HIDDEN = 128
_GAIN = 1.5


class ResponseNetwork:
    """A fixed random network from mechanism activities to embeddings; no activity is the origin.

    ``(tanh(1.5 a U + v) - tanh(v)) V``, scaled so that the responses to each mechanism alone have the configured
    root mean square.

    Parameters
    ----------
    config : SimulationConfig
    """

    def __init__(self, config: SimulationConfig) -> None:
        random = np.random.default_rng([config.seed, 2])
        self._inner = (_GAIN * random.normal(size=(config.mechanisms, _HIDDEN))).astype(np.float32)
        self._shift = random.normal(size=_HIDDEN).astype(np.float32)
        self._outer = random.normal(size=(_HIDDEN, config.dimensions)).astype(np.float32)
        full = self(np.eye(config.mechanisms, dtype=np.float32))
        self._outer *= np.float32(config.response / np.sqrt((full**2).mean()))

    def __call__(self, activity: NDArray[np.float32]) -> NDArray[np.float32]:
        """Respond to activities.

        Parameters
        ----------
        activity : float32 (t, K)
            Through each mechanism, 0 to 1.

        Returns
        -------
        float32 (t, d)
            Phenotypes without noise, in the units of ``SimulationConfig.response``.
        """
        return (np.tanh(activity @ self._inner + self._shift) - np.tanh(self._shift)) @ self._outer


@dataclass(frozen=True, eq=False)
class Layout:
    """Where every well stands. Plates are numbered over all replicates, positions row by row, both from 0.

    Parameters
    ----------
    plate, position : int32 (n_treatments, replicates)
        Of each well of a treatment.
    control_position : int32 (n_plates, controls)
        Of the negative controls of each plate.
    batch : int32 (n_plates,)
        That each plate belongs to, from 0.
    replicate : int32 (n_plates,)
        That each plate holds, from 0.
    """

    plate: NDArray[np.int32]
    position: NDArray[np.int32]
    control_position: NDArray[np.int32]
    batch: NDArray[np.int32]
    replicate: NDArray[np.int32]


def lay_out(treatments: int, config: SimulationConfig) -> Layout:
    """Deal treatments evenly over plates and wells, at random, anew for each replicate unless ``one_layout``.

    Parameters
    ----------
    treatments : int
        How many.
    config : SimulationConfig

    Returns
    -------
    Layout
        As many plates as hold all treatments and controls, once for each replicate; no well is used twice.
    """
    random = np.random.default_rng([config.seed, 3])
    wells, capacity = config.wells_a_plate, config.wells_a_plate - config.controls
    plates = -(-treatments // capacity)
    plate = np.empty((treatments, config.replicates), dtype=np.int32)
    position = np.empty_like(plate)
    controls = np.empty((config.replicates, plates, config.controls), dtype=np.int32)
    turn = np.arange(treatments)
    for replicate in range(config.replicates):
        if replicate == 0 or not config.one_layout:
            order = random.permutation(treatments)
            places = random.permuted(np.tile(np.arange(wells, dtype=np.int32), (plates, 1)), axis=1)
        plate[order, replicate] = replicate * plates + turn % plates
        position[order, replicate] = places[turn % plates, turn // plates]
        controls[replicate] = places[:, capacity:]
    of_plate = np.repeat(np.arange(config.replicates, dtype=np.int32), plates)
    return Layout(
        plate=plate,
        position=position,
        control_position=controls.reshape(-1, config.controls),
        batch=of_plate % config.batches,
        replicate=of_plate,
    )


class PlaceEffects:
    """What plate, position and batch add to a well, whatever is in it.

    Parameters
    ----------
    config : SimulationConfig
    batch : int32 (n_plates,)
        Batch of each plate.
    """

    def __init__(self, config: SimulationConfig, batch: NDArray[np.int32]) -> None:
        def draw(stream: int, count: int, size: float) -> NDArray[np.float32]:
            random = np.random.default_rng([config.seed, stream])
            return np.float32(size) * random.standard_normal((count, config.dimensions), dtype=np.float32)

        grid = config.plate_format
        self._columns = grid.columns
        self._plate = draw(4, len(batch), config.plate_effect)
        self._plate += draw(5, config.batches, config.batch_effect)[batch]
        # Rows and columns, as evaporation and dispensing leave them; each has half of the variance.
        self._row = draw(6, grid.rows, config.position_effect / np.sqrt(2))
        self._column = draw(7, grid.columns, config.position_effect / np.sqrt(2))

    def at(self, plate: NDArray[np.int32], position: NDArray[np.int32]) -> NDArray[np.float32]:
        """Sum the effects of plate, batch, row and column at some wells.

        Parameters
        ----------
        plate, position : int32 (...,)
            As in :class:`Layout`.

        Returns
        -------
        float32 (..., d)
            In the units of ``SimulationConfig.response``.
        """
        row, column = position // self._columns, position % self._columns
        return self._plate[plate] + self._row[row] + self._column[column]
