"""A plate's treatments as a plate of their own: one row a treatment, replicates averaged, no wells."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.plates.plate import (
    CONCENTRATION,
    CONTROL_TYPE,
    INCHIKEY,
    MECHANISM,
    NAME,
    PERTURBATION_TYPE,
    PLATE,
    SMILES,
    WELL,
    Plate,
)
from molphenix_core.plates.treatments import CELL_LINE, TIME_POINT, Treatments

__all__ = ["REPLICATES", "treatment_plate"]

REPLICATES = "Metadata_wells"
"""Column of a summary: wells averaged."""


def treatment_plate(plate: Plate, treatments: Treatments, wells: NDArray[np.bool_]) -> Plate:
    """Average the replicates among some wells of every treatment that has any.

    Parameters
    ----------
    plate : Plate
    treatments : Treatments
        Of the same plate.
    wells : bool (n_wells,)
        Which wells count.

    Returns
    -------
    Plate
        One row a treatment, embeddings float32 (n, d) in the same space, no barcodes or wells;
        ``Metadata_Concentration`` is nominal (micromolar), ``Metadata_wells`` counts the replicates.
    """
    only = dataclasses.replace(treatments, of_well=np.where(wells, treatments.of_well, -1).astype(np.int32))
    counts = np.bincount(only.of_well[only.of_well >= 0], minlength=len(treatments))
    rows = np.flatnonzero(counts)
    table = treatments.table.iloc[rows]
    described = pd.DataFrame(
        {
            PLATE: None,
            WELL: None,
            PERTURBATION_TYPE: "trt",
            CONTROL_TYPE: None,
            NAME: table["name"].to_numpy(),
            SMILES: table["smiles"].to_numpy(),
            INCHIKEY: table["inchikey"].to_numpy(),
            MECHANISM: table["mechanism"].to_numpy(),
            CONCENTRATION: table["concentration"].to_numpy(np.float64),
            REPLICATES: counts[rows],
            **{name: table[name].to_numpy() for name in (CELL_LINE, TIME_POINT) if name in table},
        },
        index=[f"treatment {row + 1}" for row in range(len(rows))],
    )
    means = only.mean(plate.embeddings)[rows]
    return dataclasses.replace(plate, wells=described, embeddings=means, source="")
