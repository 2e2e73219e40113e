"""What hits are called from, PAINS alerts of structures, and hits grouped by phenotype."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.tasks.state import State
from molphenix_core.errors import InputError
from molphenix_core.molecules.alerts import pains_alerts_many
from molphenix_core.plates.activity import centre_on_controls
from molphenix_core.plates.hit_calling import rule_columns
from molphenix_core.plates.hit_clusters import cluster_hits, similarity_by_chance
from molphenix_core.plates.hit_table import flag_treatments, hit_table, relative_cell_count
from molphenix_core.plates.plate import CONCENTRATION, PLATE, Plate
from molphenix_core.plates.treatments import Treatments
from molphenix_core.progress import Progress

__all__ = ["TASKS"]

_COUNTS = re.compile(r"cell.?count|count.?cells|nuclei.?count|count.?nuclei|number.?of.?cells|n.?cells\b", re.I)
_RELATIVE = re.compile(r"(^|[^a-z])rel(ative)?[^a-z]", re.I)
_FLUORESCENCE = re.compile(r"auto.?fluor|fluorescen", re.I)
_ACTIVITY = ("consistency", "p_value", "q_value", "null", "shares_position", "distance_to_control")
# Treatments that surely do nothing: those that merely miss a rule may be alike.
_INACTIVE_FROM = 0.5
_CUT_WITHOUT_CHANCE = 0.5
_HEAT_MAP = 512
_ONE_PROCESS = 1


def _hit_table(
    state: State, progress: Progress, *, path: str, token: str, cell_count: str = "", autofluorescence: str = ""
) -> dict[str, Any]:
    """Columns that a rule can ask of every treatment, and why those that are missing are.

    ``cell_count`` and ``autofluorescence`` name columns; "" takes the first one that is called like that.
    """
    workbench = state.workbench(path, token, progress)
    plate, treatments = workbench.plate, Treatments(workbench.treatments, workbench.treatment_of_well)
    measured = workbench.treatments[list(_ACTIVITY)]
    table = hit_table(workbench.prepared, treatments, measured=measured)
    reasons = _missing(table)
    columns = _numeric_columns(plate)
    cell_count, autofluorescence = _sources(plate, cell_count, autofluorescence)
    used = {}
    relative = bool(_RELATIVE.search(cell_count))
    count_cells = partial(relative_cell_count, relative=relative)
    for column, name, what, read in (
        ("relative_cell_count", cell_count, "cell counts", count_cells),
        ("autofluorescent", autofluorescence, "autofluorescence", flag_treatments),
    ):
        used[column] = name
        if not name:
            reasons[column] = f"no column of {what} in this file"
            continue
        try:
            table[column] = read(plate, treatments, name)
        except InputError as error:
            reasons[column] = f"{name}: found {error.found}; expected {error.expected}"
            continue
        if table[column].isna().all():
            reasons[column] = f"{name} tells nothing of any treatment (no negative control with a value)"
    return {
        "columns": rule_columns(table),
        "reasons": reasons,
        "used": used,
        "cell_count_is_relative": relative,
        "numeric_columns": columns,
        "note": next((str(note) for note in table["note"].unique() if note), ""),
    }


def _sources(plate: Plate, cell_count: str = "", autofluorescence: str = "") -> tuple[str, str]:
    """Columns with cell counts and autofluorescence: those named, else the first that are called like that."""
    columns = _numeric_columns(plate)
    return (
        cell_count or next((name for name in columns if _COUNTS.search(name)), ""),
        autofluorescence or next((name for name in columns if _FLUORESCENCE.search(name)), ""),
    )


def _missing(table: pd.DataFrame) -> dict[str, str]:
    """Why no treatment has a statistic."""
    reasons = {}
    note = next((str(note) for note in table["note"].unique() if note), "")
    single = bool(len(table)) and int(table["n_wells"].max()) < 2
    if not table["q_value"].notna().any():
        reasons["q_value"] = note or ("no treatment has replicates" if single else "no activity p on this plate")
    if not table["distance_to_control"].notna().any():
        reasons["distance_to_control"] = note or "no negative controls on this plate"
    if single:
        reasons["n_wells"] = "no treatment has replicates"
    return reasons


def _numeric_columns(plate: Plate) -> list[str]:
    """Columns of the wells that hold numbers or flags, and features named like a count or fluorescence."""
    wells = [
        str(name)
        for name in plate.wells
        if name not in (CONCENTRATION, PLATE)
        and (pd.api.types.is_numeric_dtype(plate.wells[name].dtype) or plate.wells[name].dtype == bool)
        and plate.wells[name].notna().any()
    ]
    features = [name for name in plate.feature_names if _COUNTS.search(name) or _FLUORESCENCE.search(name)]
    return [*wells, *features]


def _pains(_state: State, progress: Progress, *, smiles: list[str]) -> dict[str, Any]:
    """PAINS of structures: 1 with an alert, 0 without, NaN where the structure cannot be read; and the names."""
    found = pains_alerts_many(smiles, processes=_ONE_PROCESS, progress=progress)
    return {
        "flags": np.array([np.nan if names is None else float(bool(names)) for names in found]),
        "names": [", ".join(names or ()) for names in found],
    }


def _hit_clusters(
    state: State, progress: Progress, *, path: str, token: str, treatments: NDArray[np.integer]
) -> dict[str, Any]:
    """Some treatments grouped by phenotype: labels, order, sizes and the similarities as a picture."""
    workbench = state.workbench(path, token, progress)
    treatments = np.asarray(treatments, dtype=np.intp)
    progress(0.1, "Grouping the hits by phenotype")
    grouped = Treatments(workbench.treatments, workbench.treatment_of_well)
    profiles = grouped.mean(centre_on_controls(workbench.prepared))
    table = workbench.treatments
    inactive = (table["p_value"] >= _INACTIVE_FROM).to_numpy()
    cut = similarity_by_chance(profiles[inactive], table["key"].astype(str).to_numpy()[inactive])
    by_chance = not np.isnan(cut)
    progress(0.3, "Grouping the hits by phenotype")
    found = cluster_hits(profiles[treatments], min_similarity=cut if by_chance else _CUT_WITHOUT_CHANCE)
    progress(0.8, "Similarities of the hits")
    return {
        "treatments": treatments,
        "label": found.label,
        "order": found.order,
        "size": found.size,
        "cohesion": found.cohesion,
        "cut": found.min_similarity,
        "cut_by_chance": by_chance,
        "similarity": _similarities(profiles[treatments[found.order]]),
    }


def _similarities(profiles: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosine similarities, float32 (m, m); of more than a picture shows, means over neighbours."""
    norms = np.linalg.norm(profiles, axis=1, keepdims=True)
    unit = profiles / np.maximum(norms, 1e-12)
    if len(unit) > _HEAT_MAP:
        starts = np.linspace(0, len(unit), _HEAT_MAP, endpoint=False).astype(np.intp)
        # The mean similarity between two groups is the product of their mean directions.
        unit = np.add.reduceat(unit, starts) / np.diff(np.append(starts, len(unit)))[:, None]
    return np.asarray(unit @ unit.T, dtype=np.float32)


TASKS: dict[str, Callable[..., Any]] = {
    "hit_table": _hit_table,
    "pains": _pains,
    "hit_clusters": _hit_clusters,
}
"""Tasks by the names that the window uses."""
