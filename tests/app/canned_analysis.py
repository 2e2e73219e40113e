"""Canned answers about the quality of the two plates of :mod:`canned_tasks`, and about its six treatments."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np

from molphenix_core.progress import Progress

FEW = "no positive controls, at least 4 needed"
_TRENDS = ("edge", "row", "column", "rows", "columns")
_LIT = ("z_prime", "z_prime_robust", "control_spread", "retrieval", *(f"{trend}_size" for trend in _TRENDS))
WELLS_A_PLATE = 21


def _wait_for_ever(progress: Progress) -> None:
    pause = threading.Event()
    while True:
        progress(0.3, "Waiting to be stopped")
        pause.wait(0.01)


def _reasons(text: str) -> dict[str, Any]:
    codes = np.zeros(2, dtype=np.int32)
    return {"codes": codes, "categories": [text]}


def _quality(_state: Any, progress: Progress, *, path: str, positive: str = "", **_rest: Any) -> dict[str, Any]:
    """Z' with a compound as positive control alone; P2 has red control spread and amber retrieval."""
    if "endless" in Path(path).name or positive == "compound:caffeine":
        _wait_for_ever(progress)
    progress(0.5, "Quality")
    known = bool(positive)
    columns = {
        "wells": [21.0, 21.0],
        "negative_controls": [8.0, 8.0],
        "positive_controls": [8.0 * known] * 2,
        "z_prime": [0.61, 0.48] if known else [np.nan] * 2,
        "z_prime_robust": [0.66, 0.5] if known else [np.nan] * 2,
        "control_spread": [0.9, 1.75],
        "retrieval": [0.8, 0.4],
        "retrieval_position_only": [1.0, 1.0],
        "retrieval_chance": [0.1, 0.1],
    }
    for trend in _TRENDS:
        columns |= {trend: [0.2, -0.3], f"{trend}_size": [0.2, 0.3]}
        columns |= {f"{trend}_p": [0.5, 0.01], f"{trend}_q": [0.6, 0.02]}
    lights = {name: [1, 1] for name in _LIT if known or not name.startswith("z_prime")}
    few = "few" in Path(path).name
    if not few:
        lights |= {"control_spread": [1, 3], "retrieval": [1, 2]}
    return {
        "barcodes": ["P1", "P2"],
        "columns": {name: np.array(values) for name, values in columns.items()},
        "reasons": {name: _reasons(FEW if name.startswith("z_prime") and not known else "") for name in columns},
        "lights": {name: np.array(codes, dtype=np.int8) * (not few) for name, codes in lights.items()},
        "fewest_plates": 8 if few else 2,
        "readout": "projection on the axis between the controls of the other plates",
        "trend_readout": "first principal component of the negative controls",
        "positive": positive.partition(":")[2],
        "trend_values": np.linspace(-1, 1, 2 * WELLS_A_PLATE),
        "trend_wells": np.tile(np.arange(WELLS_A_PLATE) < 8, 2),
        "trend_among": ["negative controls"] * 2,
        "not_available": "",
        "simulated": False,
        "readouts": [
            {"key": "axis", "label": "Axis between the controls"},
            {"key": "distance", "label": "Distance to negative controls"},
        ],
        "positives": [
            {"key": "compound:aspirin", "label": "aspirin (on 2 plates)"},
            {"key": "compound:caffeine", "label": "caffeine (on 2 plates)"},
        ],
    }


def _hit_table(_state: Any, _progress: Progress, *, cell_count: str = "", **_rest: Any) -> dict[str, Any]:
    columns = {
        "n_wells": [4.0] * 6,
        "q_value": [0.6, 0.01, 0.6, 0.5, 0.5, np.nan],
        "distance_to_control": [1.0, 9.0, 1.5, 2.0, 1.1, 1.2],
    }
    reasons = {"autofluorescent": "no column of autofluorescence in this file"}
    if cell_count:
        columns["relative_cell_count"] = [1.0, 0.3, 1.0, 0.9, 1.0, 1.1]
    else:
        reasons["relative_cell_count"] = "no column of cell counts in this file"
    return {
        "columns": {name: np.array(values) for name, values in columns.items()},
        "reasons": reasons,
        "used": {"relative_cell_count": cell_count, "autofluorescent": ""},
        "cell_count_is_relative": False,
        "numeric_columns": ["Metadata_cell_count"],
        "note": "",
    }


def _pains(_state: Any, _progress: Progress, *, smiles: list[str]) -> dict[str, Any]:
    """Caffeine has an alert, paracetamol cannot be read."""
    known = {"CC(=O)Oc1ccccc1C(=O)O": 0.0, "CN1C=NC2=C1C(=O)N(C)C(=O)N2C": 1.0}
    flags = [known.get(one, np.nan) for one in smiles]
    return {"flags": np.array(flags), "names": ["quinone_A(370)" if flag == 1 else "" for flag in flags]}


def _hit_clusters(_state: Any, _progress: Progress, *, treatments: Any, **_rest: Any) -> dict[str, Any]:
    """The first hits are one cluster, the last one is a cluster of its own."""
    n = len(treatments)
    single = int(n > 2)
    label = np.ones(n, dtype=np.int32)
    label[n - single :] = 2
    return {
        "treatments": np.asarray(treatments, dtype=np.intp),
        "label": label,
        "order": np.arange(n, dtype=np.intp),
        "size": np.array([n - single, *[1] * single], dtype=np.int32),
        "cohesion": np.array([0.7, *[np.nan] * single]),
        "cut": 0.42,
        "cut_by_chance": True,
        "similarity": np.eye(n, dtype=np.float32),
    }


TASKS = {"quality": _quality, "hit_table": _hit_table, "pains": _pains, "hit_clusters": _hit_clusters}
