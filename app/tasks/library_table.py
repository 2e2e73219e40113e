"""The library's molecules for the window's table, and what is worked out for single ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from app.tasks.packing import texts
from app.tasks.state import State
from molphenix_core.molecules.properties import PROPERTIES, property_table
from molphenix_core.progress import Progress
from molphenix_core.retrieval.applicability import training_domain

__all__ = ["TASKS"]

# At once, so that a request that is no longer wanted stops soon.
_BLOCK = 500


def _library_table(state: State, progress: Progress) -> dict[str, Any]:
    """Everything in the library's table, as arrays."""
    library = state.models.require_library(progress)
    table = library.molecules
    packed: dict[str, Any] = {}
    for done, name in enumerate(("smiles", "inchikey", "name"), start=1):
        packed[name] = packed_texts(table[name])
        progress(done / 4, "Reading the library")
    return {
        **packed,
        "mechanism": texts(table["mechanism"].replace("", None)),
        "seen": table["seen"].to_numpy(bool),
        "properties": {p: table[p].to_numpy(np.float32) for p in PROPERTIES} if library.has_properties else {},
        "doses": library.doses,
    }


def packed_texts(column: pd.Series) -> dict[str, Any]:
    """Texts as :class:`app.texts.PackedTexts` reads them."""
    array = pa.array(column, pa.large_string())
    _, starts, data = array.buffers()
    ranks = pc.rank(pc.utf8_lower(array), tiebreaker="dense")
    return {
        "data": np.frombuffer(data if data is not None else b"", dtype=np.uint8),
        "starts": np.frombuffer(starts, dtype=np.int64)[: len(array) + 1],
        "ranks": ranks.to_numpy().astype(np.int32) - 1,
    }


def _molecule_facts(state: State, progress: Progress, *, smiles: list[str], properties: bool) -> dict[str, Any]:
    """The nearest training molecule of each structure, and its properties where they are wanted."""
    domain = training_domain(state.models.bundle(progress))
    found, numbers = [], []
    for start in range(0, len(smiles), _BLOCK):
        block = smiles[start : start + _BLOCK]
        found.append(domain.nearest_molecules(block))
        if properties:
            numbers.append(property_table(block, processes=1))
        progress((start + len(block)) / len(smiles), "Comparing with the training molecules")
    nearest = pd.concat(found) if found else domain.nearest_molecules([])
    values = pd.concat(numbers) if numbers else pd.DataFrame(columns=list(PROPERTIES) if properties else [])
    return {
        "nearest": texts(nearest["nearest_training"]),
        "similarity": nearest["nearest_training_similarity"].to_numpy(np.float32),
        "percentile": nearest["nearest_training_percentile"].to_numpy(np.float32),
        "outside": nearest["outside"].to_numpy(bool),
        "properties": {str(name): values[name].to_numpy(np.float32) for name in values},
    }


TASKS: dict[str, Callable[..., Any]] = {"library_table": _library_table, "molecule_facts": _molecule_facts}
"""Tasks by the names that the window uses."""
