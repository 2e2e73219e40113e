"""A plate file, measured, and which of its wells were held out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from molphenix_core.plates.plate import Plate
from molphenix_core.plates.treatments import Treatments

__all__ = ["MeasuredSplit"]


@dataclass(frozen=True, eq=False)
class MeasuredSplit:
    """One plate file and what of it was held out.

    Parameters
    ----------
    profiles : Plate
        Before the encoder, normalised.
    plate : Plate
        In the retriever's space.
    treatments : Treatments
    train, unseen_scaffold, held_out_plate : bool (n_wells,)
    molecule : int64 (n_treatments,)
        Row in ``counts`` and ``features``.
    counts : float32 (n_molecules, width)
        Morgan counts, for kernel ridge.
    features : float32 (n_molecules, F)
        Scaled molecule features of the retriever.
    activity_threshold : float
        p below it makes the "active" gallery.
    """

    profiles: Plate
    plate: Plate
    treatments: Treatments
    train: NDArray[np.bool_]
    unseen_scaffold: NDArray[np.bool_]
    held_out_plate: NDArray[np.bool_]
    molecule: NDArray[np.int64]
    counts: NDArray[np.float32]
    features: NDArray[np.float32]
    activity_threshold: float

    def only(self, wells: NDArray[np.bool_]) -> Treatments:
        """The treatments as if no other wells existed.

        Parameters
        ----------
        wells : bool (n_wells,)

        Returns
        -------
        Treatments
            Numbered as before; the other wells belong to none (-1).
        """
        return replace(self.treatments, of_well=np.where(wells, self.treatments.of_well, -1).astype(np.int32))

    @property
    def doses(self) -> NDArray[np.float64]:
        """Micromolar, of every treatment."""
        return self.treatments.table["concentration"].to_numpy(np.float64)
