"""Simulated plates with known truth, for tests that need to know what a plate holds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from molphenix_core.plates.plate import EmbeddingInfo, Plate

_RINGS = (
    "c1ccccc1",
    "c1ccncc1",
    "c1ccsc1",
    "c1ccoc1",
    "C1CCCCC1",
    "C1CCNCC1",
    "c1ccc2ccccc2c1",
    "c1ccc2[nH]ccc2c1",
)
_TAILS = ("C", "CC", "CO", "N", "C(=O)O", "C(=O)N", "CCN", "Cl")


def simulated_molecules(count: int) -> list[str]:
    """Different SMILES over eight ring systems, so that there are scaffolds to hold out."""
    every = [f"{tail}{ring}" if tail[0] != "(" else ring for tail in _TAILS for ring in _RINGS]
    if count > len(every):
        raise ValueError(f"at most {len(every)} molecules")
    return every[:count]


def simulated_plate(
    *,
    molecules: int = 24,
    doses: Sequence[float] = (1.0, 10.0),
    plates: int = 3,
    controls: int = 16,
    features: int = 30,
    effect: float = 3.0,
    position_bias: float = 0.0,
    one_layout: bool = False,
    encoder: str = "cellprofiler",
    names: Sequence[str] | None = None,
    structures: bool = True,
    seed: int = 0,
) -> Plate:
    """Each (molecule, dose) once on every plate, and negative controls; profiles are noise plus an effect.

    Wells stand where chance puts them, anew on every plate unless ``one_layout``. The effect of a molecule is a
    random direction, larger at larger doses.
    """
    random = np.random.default_rng(seed)
    smiles = simulated_molecules(molecules)
    direction = random.normal(size=(molecules, features))
    strength = np.linspace(0.7, 1.3, len(doses))
    bias = position_bias * random.normal(size=(384, features))
    scale, shift = random.uniform(0.1, 20.0, features), random.normal(size=features) * 30
    rows: list[dict[str, object]] = []
    values = []
    layout = random.permutation(384)
    for plate in range(plates):
        if not one_layout:
            layout = random.permutation(384)
        contents = [(m, d) for m in range(molecules) for d in range(len(doses))] + [None] * controls
        for place, content in zip(layout, contents, strict=False):
            value = random.normal(size=features) + bias[place]
            row: dict[str, object] = {
                "Metadata_Plate": f"S{plate + 1}",
                "Metadata_Well": f"{'ABCDEFGHIJKLMNOP'[place // 24]}{place % 24 + 1:02d}",
                "Metadata_Batch": f"batch {plate // 2 + 1}",
                "Metadata_pert_type": "control",
                "Metadata_control_type": "negcon",
                "Metadata_SMILES": None,
                "Metadata_compound_name": None,
                "Metadata_moa": None,
                "Metadata_Concentration": np.nan,
            }
            if content is not None:
                molecule, dose = content
                value = value + effect * strength[dose] * direction[molecule]
                row |= {
                    "Metadata_pert_type": "trt",
                    "Metadata_control_type": None,
                    "Metadata_SMILES": smiles[molecule] if structures else None,
                    "Metadata_compound_name": f"simulated {molecule + 1}",
                    "Metadata_Concentration": doses[dose],
                }
            rows.append(row)
            values.append(value * scale + shift)
    wells = pd.DataFrame(rows)
    wells.index = pd.Index(
        [f"{p}:{w}" for p, w in zip(wells["Metadata_Plate"], wells["Metadata_Well"], strict=True)]
    )
    return Plate(
        wells=wells,
        embeddings=np.array(values, dtype=np.float32),
        feature_names=tuple(names) if names else tuple(f"Cells_Simulated_{i:02d}" for i in range(features)),
        embedding=EmbeddingInfo(encoder=encoder, normalisation=()),
        source="simulated.h5ad",
        simulated=True,
    )
