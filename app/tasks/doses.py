"""Dose response of the selected compounds: one readout of their wells, a Hill curve each, and the controls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.tasks.state import State
from molphenix_core.model.bundle import Bundle
from molphenix_core.plates.dose_readouts import (
    similarity_to_wells,
    top_dose_reference,
    well_distance_to_control,
)
from molphenix_core.plates.dose_response import HillFit, NoHillFit, fit_hill
from molphenix_core.plates.plate import PLATE
from molphenix_core.progress import Progress
from molphenix_core.retrieval.workbench import Workbench

__all__ = ["TASKS"]

_COLUMN = "column:"
_POINTS = 160
# Fewer wells have no 5th and 95th percentile to speak of.
_FEWEST_CONTROLS = 10
_BAND = (5, 50, 95)


@dataclass(frozen=True)
class _Readout:
    """Values of a compound's wells and of the controls beside them, or why there are none."""

    values: NDArray[np.float64]
    controls: NDArray[np.float64]
    reason: str = ""


def _dose_response(
    state: State,
    progress: Progress,
    *,
    path: str,
    token: str,
    rows: NDArray[np.integer],
    readout: str,
    most: int = 6,
) -> dict[str, Any]:
    """Curves of the compounds in some wells, over all their wells in the file.

    ``readout`` is "distance", "similarity" (to the compound's own phenotype at its top dose), "predicted" (to
    where the model places the molecule at that dose), or "column:" and a numeric column of the wells. Of more
    compounds than ``most`` the most active are taken.
    """
    workbench = state.workbench(path, token, progress)
    bundle = state.models.bundle(progress)
    table = workbench.treatments
    by = ["key", *(str(name) for name in table if str(name).startswith("Metadata_"))]
    compound = table.groupby(by, dropna=False, sort=False).ngroup().to_numpy()
    of_rows = workbench.treatment_of_well[rows]
    treatments = np.unique(of_rows[of_rows >= 0])
    chosen = _most_active(table, compound, np.unique(compound[treatments]))
    series, controls = [], []
    for number, one in enumerate(chosen[:most]):
        progress(number / min(most, len(chosen)), "Fitting dose response")
        members = np.flatnonzero(compound == one)
        wells = np.flatnonzero(np.isin(workbench.treatment_of_well, members))
        found = _read(workbench, bundle, wells, members, readout)
        controls.append(found.controls)
        series.append(_series(workbench, members, wells, found, by[1:]))
    return {
        "readout": readout,
        "compounds": len(chosen),
        "series": series,
        "controls": _band(np.concatenate(controls) if controls else np.empty(0)),
    }


def _most_active(
    table: pd.DataFrame, compound: NDArray[np.integer], wanted: NDArray[np.integer]
) -> NDArray[np.integer]:
    """Compounds by the smallest p of their doses, and among equals the farthest from the controls first."""
    groups = table.assign(compound=compound).groupby("compound")
    p = groups["p_value"].min().reindex(wanted).fillna(2.0).to_numpy()
    distance = groups["distance_to_control"].max().reindex(wanted).fillna(0.0).to_numpy()
    return wanted[np.lexsort((-distance, p))]


def _series(
    workbench: Workbench,
    members: NDArray[np.integer],
    wells: NDArray[np.integer],
    found: _Readout,
    conditions: list[str],
) -> dict[str, Any]:
    table = workbench.treatments
    doses = table["concentration"].to_numpy(np.float64)[workbench.treatment_of_well[wells]]
    first = table.iloc[int(members[0])]
    fit = fit_hill(doses, found.values) if not found.reason else None
    known = np.isfinite(doses) & np.isfinite(found.values)
    at, of_dose = np.unique(doses[known], return_inverse=True)
    return {
        "key": str(first["key"]),
        "name": str(first["name"] if pd.notna(first["name"]) else first["key"]),
        "condition": ", ".join(str(first[name]) for name in conditions if pd.notna(first[name])),
        "rows": wells.astype(np.int64),
        "doses": doses,
        "values": found.values,
        "mean_doses": at,
        "means": np.bincount(of_dose, weights=found.values[known]) / np.bincount(of_dose),
        "fit": _fit(fit) if isinstance(fit, HillFit) else None,
        "flat_p": fit.p_value if isinstance(fit, NoHillFit) else None,
        "reason": found.reason or ("" if fit is None or isinstance(fit, HillFit) else fit.reason),
    }


def _fit(fit: HillFit) -> dict[str, Any]:
    at = np.geomspace(fit.doses[0], fit.doses[-1], _POINTS)
    low, high = fit.band(at)
    return {
        "bottom": fit.bottom,
        "top": fit.top,
        "ec50": fit.ec50,
        "slope": fit.slope,
        "intervals": {name: list(ends) for name, ends in fit.intervals.items()},
        "slope_is_fixed": fit.slope_is_fixed,
        "is_extrapolated": fit.is_extrapolated,
        "r_squared": fit.r_squared,
        "p_value": fit.p_value,
        "wells": fit.wells,
        "doses": fit.doses,
        "curve_doses": at,
        "curve": fit.curve(at),
        "low": low,
        "high": high,
    }


def _read(
    workbench: Workbench,
    bundle: Bundle | None,
    wells: NDArray[np.integer],
    members: NDArray[np.integer],
    readout: str,
) -> _Readout:
    plate = workbench.prepared
    barcodes = plate.wells[PLATE].fillna("").astype(str).to_numpy()
    beside = np.flatnonzero(plate.is_negative_control & np.isin(barcodes, np.unique(barcodes[wells])))
    if readout.startswith(_COLUMN):
        column = pd.to_numeric(workbench.plate.wells[readout.removeprefix(_COLUMN)]).to_numpy(np.float64)
        return _Readout(column[wells], column[beside])
    return _READOUTS[readout](workbench, bundle, wells, members, beside)


def _nothing(wells: NDArray[np.integer], reason: str) -> _Readout:
    return _Readout(np.full(len(wells), np.nan), np.empty(0), f"not available: {reason}")


def _distance(
    workbench: Workbench,
    _bundle: Bundle | None,
    wells: NDArray[np.integer],
    _members: NDArray[np.integer],
    beside: NDArray[np.integer],
) -> _Readout:
    values = well_distance_to_control(workbench.prepared)
    if np.isnan(values).all():
        return _nothing(wells, "the file has fewer than two negative controls to measure a distance from")
    return _Readout(values[wells], values[beside])


def _similarity(
    workbench: Workbench,
    _bundle: Bundle | None,
    wells: NDArray[np.integer],
    _members: NDArray[np.integer],
    beside: NDArray[np.integer],
) -> _Readout:
    reference = top_dose_reference(workbench.prepared, wells)
    if not len(reference):
        return _nothing(wells, "no dose is known")
    similarity = similarity_to_wells(workbench.prepared, wells[reference], np.concatenate([wells, beside]))
    values = similarity[: len(wells)]
    values[reference] = np.nan
    return _Readout(values, similarity[len(wells) :])


def _predicted(
    workbench: Workbench,
    bundle: Bundle | None,
    wells: NDArray[np.integer],
    members: NDArray[np.integer],
    beside: NDArray[np.integer],
) -> _Readout:
    if bundle is None or workbench.joint is None:
        return _nothing(wells, workbench.space_reason or "no model is loaded")
    smiles = workbench.treatments["smiles"].iloc[members[0]]
    if not isinstance(smiles, str):
        return _nothing(wells, "no structure is known")
    doses = workbench.treatments["concentration"].to_numpy(np.float64)[members]
    top = np.array([np.nanmax(doses) if np.isfinite(doses).any() else np.nan])
    place = bundle.embed_molecules(bundle.molecule_features([smiles]), top)[0, 0].astype(np.float64)
    joint = workbench.joint.astype(np.float64)
    return _Readout(joint[wells] @ place, joint[beside] @ place)


_READOUTS: dict[str, Callable[..., _Readout]] = {
    "distance": _distance,
    "similarity": _similarity,
    "predicted": _predicted,
}


def _band(values: NDArray[np.float64]) -> dict[str, Any] | None:
    known = values[np.isfinite(values)]
    if len(known) < _FEWEST_CONTROLS:
        return None
    low, middle, high = (float(v) for v in np.percentile(known, _BAND))
    return {"low": low, "middle": middle, "high": high}


TASKS: dict[str, Callable[..., Any]] = {"dose_response": _dose_response}
"""Tasks by the names that the window uses."""
