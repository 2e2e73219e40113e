"""Quality of the plates of a file: one row a plate, with reasons where a figure is missing, and traffic lights."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.tasks.packing import texts
from app.tasks.state import State
from molphenix_core.evaluation.plate_retrieval import plate_retrieval
from molphenix_core.plates.plate import CONCENTRATION, CONTROL_TYPE, PLATE, Plate
from molphenix_core.plates.quality import plate_quality
from molphenix_core.plates.quality_lights import AMBER, FEWEST_PLATES, GREEN, RED
from molphenix_core.plates.readouts import (
    FEWEST_CONTROLS,
    Readout,
    column_readout,
    control_axis_readout,
    distance_readout,
    main_axis_readout,
    positive_control_kinds,
    wells_of_compound,
)
from molphenix_core.plates.treatments import Treatments
from molphenix_core.progress import Progress
from molphenix_core.retrieval.workbench import Workbench

__all__ = ["TASKS", "chosen_readout", "positive_wells"]

_LIGHTS = ("", GREEN, AMBER, RED)
_AXIS, _DISTANCE, _COLUMN = "axis", "distance", "column:"
_KIND, _COMPOUND = "kind:", "compound:"
_MOST_COMPOUNDS = 40
# Of an n x n matrix, however often another readout is chosen; gone with the plate.
_retrieval: WeakKeyDictionary[Workbench, pd.DataFrame] = WeakKeyDictionary()


def _quality(
    state: State, progress: Progress, *, path: str, token: str, readout: str = "", positive: str = ""
) -> dict[str, Any]:
    """Judge the plates of a file.

    ``readout`` of Z' is "axis" (or "", between the controls), "distance" (to the mean negative control), or
    "column:" and a feature or numeric column; ``positive`` is "kind:" and a kind of control, "compound:" and a
    name, or "" for the kind that the file marks.
    """
    workbench = state.workbench(path, token, progress)
    plate = workbench.prepared
    wells = positive_wells(workbench.plate, positive)
    chosen = chosen_readout(workbench, readout, wells)
    trend = main_axis_readout(plate)
    retrieval = _retrieval.get(workbench)
    if retrieval is None:
        treatments = Treatments(workbench.treatments, workbench.treatment_of_well)
        retrieval = plate_retrieval(
            plate, treatments, progress=lambda share, text: progress(0.7 * share, f"Quality: {text}")
        )
        _retrieval[workbench] = retrieval
    found = plate_quality(
        plate,
        positive=wells,
        readout=chosen,
        trend_readout=trend,
        retrieval=retrieval,
        progress=lambda share, text: progress(0.7 + 0.3 * share, f"Quality: {text}"),
    )
    trends = found.trends.drop_duplicates("plate").set_index("plate")["among"]
    return {
        "barcodes": list(plate.barcodes),
        "columns": {str(name): found.table[name].to_numpy(np.float64) for name in found.table},
        "reasons": {str(name): texts(found.reasons[name]) for name in found.reasons},
        "lights": {
            str(name): np.array([_LIGHTS.index(light) for light in found.lights[name]], dtype=np.int8)
            for name in found.lights
        },
        "fewest_plates": FEWEST_PLATES,
        "readout": found.readout,
        "trend_readout": found.trend_readout,
        "positive": positive.partition(":")[2] or found.positive,
        "trend_values": trend.values,
        "trend_wells": _trend_wells(plate, trends),
        "trend_among": [str(trends.get(barcode, "")) for barcode in plate.barcodes],
        "not_available": found.not_available,
        "simulated": found.simulated,
        "readouts": _readouts(workbench.plate),
        "positives": _positives(workbench),
    }


def positive_wells(plate: Plate, positive: str) -> NDArray[np.bool_] | None:
    """The positive controls that were chosen; None for those that the file marks."""
    if positive.startswith(_COMPOUND):
        return wells_of_compound(plate, positive.removeprefix(_COMPOUND))
    if positive.startswith(_KIND):
        kind = positive.removeprefix(_KIND)
        return np.asarray((plate.wells[CONTROL_TYPE] == kind).fillna(False), dtype=bool)
    return None


def chosen_readout(workbench: Workbench, readout: str, positive: NDArray[np.bool_] | None) -> Readout | None:
    """The readout of Z'; None for the library's own choice."""
    if readout.startswith(_COLUMN):
        return column_readout(workbench.plate, readout.removeprefix(_COLUMN))
    if readout == _DISTANCE:
        return distance_readout(workbench.prepared)
    return control_axis_readout(workbench.prepared, positive) if positive is not None else None


def _trend_wells(plate: Plate, among: pd.Series) -> NDArray[np.bool_]:
    """The wells in which position effects were sought."""
    of_well = plate.wells[PLATE].map(among).astype(object)
    controls = (of_well == "negative controls").to_numpy(dtype=bool)
    return np.where(controls, plate.is_negative_control, plate.is_treated & of_well.notna().to_numpy())


def _readouts(plate: Plate) -> list[dict[str, str]]:
    """What Z' can be made of: two distances, numeric columns of the wells, features."""
    choices = [
        {"key": _AXIS, "label": "Axis between the controls"},
        {"key": _DISTANCE, "label": "Distance to negative controls"},
    ]
    numeric = [
        str(name)
        for name in plate.wells
        if pd.api.types.is_numeric_dtype(plate.wells[name].dtype)
        and name not in (CONCENTRATION, PLATE)
        and plate.wells[name].nunique() > 1
    ]
    for name in (*numeric, *plate.feature_names):
        label = re.sub(r"^Metadata_", "", str(name)).replace("_", " ")
        choices.append({"key": f"{_COLUMN}{name}", "label": label})
    return choices


def _positives(workbench: Workbench) -> list[dict[str, str]]:
    """What can serve as positive control: the kinds that are marked, and compounds in enough wells of a plate."""
    kinds = positive_control_kinds(workbench.plate)
    choices = [{"key": f"{_KIND}{kind}", "label": kind} for kind in kinds]
    treatment = workbench.treatment_of_well
    names = workbench.treatments["name"].astype(object).to_numpy()
    wells = pd.DataFrame(
        {
            "plate": workbench.plate.wells[PLATE].astype(object).to_numpy(),
            "name": np.array([*names, None], dtype=object)[treatment],
        }
    ).dropna()
    counts = wells.groupby(["name", "plate"]).size()
    plates = counts[counts >= FEWEST_CONTROLS].groupby(level="name").size().sort_values(ascending=False)
    for name, count in plates.head(_MOST_COMPOUNDS).items():
        label = f"{name} (on {count} plate{'s' if count > 1 else ''})"
        choices.append({"key": f"{_COMPOUND}{name}", "label": label})
    return choices


TASKS: dict[str, Callable[..., Any]] = {"quality": _quality}
"""Tasks by the names that the window uses."""
