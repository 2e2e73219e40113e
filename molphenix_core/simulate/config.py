"""What a simulated screen is made of."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from molphenix_core.errors import InputError
from molphenix_core.plates.wells import FORMATS, PlateFormat

__all__ = ["SimulationConfig"]


@dataclass(frozen=True, kw_only=True)
class SimulationConfig:
    """A virtual screen.

    Effects are standard deviations of one feature over what the effect is named after. ``response`` is on the same
    scale: the root mean square of one feature over the full responses to each mechanism alone. An effect of zero
    is absent, and switching one off leaves the draws of all others as they were.

    Parameters
    ----------
    seed : int
        Of everything that is drawn.
    mechanisms : int
        How many ways there are to change a cell.
    mechanisms_a_molecule : int
        Through how many of them one molecule acts at most.
    inactive : float
        Share of molecules that act through none, 0 to 1.
    ec50 : (float, float)
        Half-maximal concentrations of the molecules of highest and of lowest affinity, micromolar.
    slope : (float, float)
        Range of the Hill slopes; each mechanism has one.
    dimensions : int
        Width of the embedding.
    response : float
        Size of a full response.
    doses : tuple of float
        Micromolar; each molecule is tested at all of them.
    replicates : int
        Wells of each treatment, each on a plate of its own.
    batches : int
        Replicate r belongs to batch r modulo this.
    wells_a_plate : {96, 384, 1536}
        The number of plates follows from it: as many as hold all treatments, once for each replicate.
    controls : int
        Negative control wells on each plate.
    one_layout : bool
        Whether all replicates of a treatment stand at one position, as in most real screens.
    plate_effect, position_effect, batch_effect, well_effect : float
        Of each plate; of each row and column, the same on all plates; of each batch; of each well.

    Raises
    ------
    InputError
        A value that no screen can have, naming the field.
    """

    seed: int = 0
    mechanisms: int = 20
    mechanisms_a_molecule: int = 2
    inactive: float = 0.5
    ec50: tuple[float, float] = (0.03, 10.0)
    slope: tuple[float, float] = (0.8, 2.0)
    dimensions: int = 128
    response: float = 1.0
    doses: tuple[float, ...] = (0.1, 1.0, 10.0)
    replicates: int = 4
    batches: int = 2
    wells_a_plate: int = 384
    controls: int = 32
    one_layout: bool = False
    plate_effect: float = 0.2
    position_effect: float = 0.2
    batch_effect: float = 0.3
    well_effect: float = 0.5

    def __post_init__(self) -> None:
        for field in fields(self):
            if not np.isfinite(np.asarray(getattr(self, field.name), dtype=np.float64)).all():
                self._refuse(field.name, "finite numbers")
        for name in ("mechanisms", "dimensions", "replicates"):
            if getattr(self, name) < 1:
                self._refuse(name, "at least 1")
        for name in ("response", "plate_effect", "position_effect", "batch_effect", "well_effect"):
            if getattr(self, name) < 0:
                self._refuse(name, "zero or more")
        if self.seed < 0:
            self._refuse("seed", "zero or more")
        if not 1 <= self.mechanisms_a_molecule <= self.mechanisms:
            self._refuse("mechanisms_a_molecule", f"1 to the number of mechanisms, {self.mechanisms}")
        if not 0 <= self.inactive <= 1:
            self._refuse("inactive", "a share from 0 to 1")
        for name in ("ec50", "slope"):
            low, high = getattr(self, name)
            if not 0 < low <= high:
                self._refuse(name, "a range of numbers above zero, the lower first")
        if not self.doses or min(self.doses) <= 0 or len(set(self.doses)) < len(self.doses):
            self._refuse("doses", "different concentrations above zero")
        if not 1 <= self.batches <= self.replicates:
            self._refuse("batches", f"1 to the number of replicates, {self.replicates}")
        if self.wells_a_plate not in [known.wells for known in FORMATS]:
            self._refuse("wells_a_plate", "96, 384 or 1536")
        if not 0 <= self.controls < self.wells_a_plate:
            self._refuse("controls", f"zero or more, and fewer than the {self.wells_a_plate} wells of a plate")

    def _refuse(self, name: str, expected: str) -> None:
        raise InputError("simulation", name, repr(getattr(self, name)), expected)

    @property
    def plate_format(self) -> PlateFormat:
        """Rows and columns of its plates.

        Returns
        -------
        PlateFormat
            The one that has ``wells_a_plate`` wells.
        """
        return next(known for known in FORMATS if known.wells == self.wells_a_plate)
