"""Small made-up plates for tests of plate files."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, settings

from molphenix_core.plates.plate import (
    CONCENTRATION,
    CONTROL_TYPE,
    PERTURBATION_TYPE,
    PLATE,
    SMILES,
    WELL,
    EmbeddingInfo,
    Plate,
)
from molphenix_core.plates.wells import well_name

quick = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def a_plate(rows: int = 4, width: int = 3, **columns: list[object]) -> Plate:
    wells = pd.DataFrame(
        {
            PLATE: ["P1"] * rows,
            WELL: [well_name(i // 12, i % 12) for i in range(rows)],
            PERTURBATION_TYPE: ["control"] + ["trt"] * (rows - 1),
            CONTROL_TYPE: ["negcon"] + [None] * (rows - 1),
            SMILES: [None] + ["CCO"] * (rows - 1),
            CONCENTRATION: [np.nan] + [2.5] * (rows - 1),
            **columns,
        },
        index=[f"P1:{well_name(i // 12, i % 12)}" for i in range(rows)],
    )
    values = np.arange(rows * width, dtype=np.float32).reshape(rows, width)
    names = tuple(f"feature {i}" for i in range(width))
    return Plate(wells, values, names, EmbeddingInfo("cellprofiler", "4.2", ("robust-to-controls",)))


def assert_same(found: Plate, expected: Plate) -> None:
    pd.testing.assert_frame_equal(found.wells, expected.wells)
    np.testing.assert_array_equal(found.embeddings, expected.embeddings)
    assert found.embeddings.dtype == np.float32
    assert found.feature_names == expected.feature_names
    assert found.embedding == expected.embedding
    assert found.simulated == expected.simulated
