"""An engine's tasks that answer at once, with two small plates and a fixed ranking."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import signal
import threading
import warnings
from pathlib import Path
from typing import Any

import canned_analysis
import canned_compounds
import canned_map
import numpy as np

from molphenix_core.errors import PlateFileError
from molphenix_core.progress import Progress

MOLECULES = (
    ("aspirin", "CC(=O)Oc1ccccc1C(=O)O", "BSYNRYMUTXBXSQ-UHFFFAOYSA-N", "COX inhibitor"),
    ("caffeine", "CN1C=NC2=C1C(=O)N(C)C(=O)N2C", "RYYVLZVUVIJVGH-UHFFFAOYSA-N", "adenosine antagonist"),
    ("paracetamol", "CC(=O)Nc1ccc(O)cc1", "RZVAJINKPMORJF-UHFFFAOYSA-N", ""),
)
DOSES = (0.05, 5.0)
"""Micromolar; each molecule at each of them is one treatment, in two wells a plate."""


def packed_plate(path: str) -> dict[str, Any]:
    """Plates P1 and P2: rows B to D hold the molecules, columns 3 and 4 the low dose, 6 and 7 the high one;
    column 1 holds negative controls, H12 a positive one. All else is missing."""
    positions, kind, treatment, on = [], [], [], []
    for barcode in range(2):
        for row in range(8):
            positions.append((row, 0))
            kind.append(1)
            treatment.append(-1)
        for molecule in range(3):
            for column in (2, 3, 5, 6):
                positions.append((molecule + 1, column))
                kind.append(0)
                treatment.append(2 * molecule + (column > 4))
        positions.append((7, 11))
        kind.append(2)
        treatment.append(-1)
        on += [barcode] * (len(positions) - len(on))
    n = len(positions)
    names = [m[0] for m in MOLECULES for _ in DOSES]
    return {
        "path": path,
        "token": "1 1",
        "sha256": hashlib.sha256(Path(path).name.encode()).hexdigest(),
        "barcodes": ["P1", "P2"],
        "plate_of_well": np.array(on, dtype=np.int32),
        "positions": np.array(positions, dtype=np.int16),
        "kind": np.array(kind, dtype=np.int8),
        "treatment_of_well": np.array(treatment, dtype=np.int32),
        "treatments": {
            "name": _texts(names),
            "smiles": _texts([m[1] for m in MOLECULES for _ in DOSES]),
            "inchikey": _texts([m[2] for m in MOLECULES for _ in DOSES]),
            "mechanism": _texts([m[3] for m in MOLECULES for _ in DOSES]),
            "concentration": _numbers(DOSES * 3),
            "n_wells": _numbers([4] * 6),
            "seen": _numbers([1, 1, 0, 0, np.nan, np.nan]),
            "p_value": _numbers([0.4, 0.001, 0.3, 0.2, 0.5, np.nan]),
            "q_value": _numbers([0.6, 0.01, 0.6, 0.5, 0.5, np.nan]),
            "null": _texts([*["same position"] * 2, *["any position"] * 3, ""]),
            "distance_to_control": _numbers([1.0, 9.0, 1.5, 2.0, 1.1, 1.2]),
            "consistency": _numbers([0.1, 0.9, 0.2, 0.3, 0.1, 0.1]),
        },
        "columns": {
            "Metadata_Plate": _texts([f"P{b + 1}" for b in on]),
            "Metadata_moa": _texts([MOLECULES[t // 2][3] or None if t >= 0 else None for t in treatment]),
            "Metadata_cell_count": _numbers(np.arange(n)),
        },
        "pca": np.random.default_rng(0).normal(size=(n, 2)).astype(np.float32),
        "space_known": True,
        "space_reason": "",
        "simulated": False,
        "notes": [],
    }


def packed_small_plate(path: str) -> dict[str, Any]:
    """Plate P1 alone: half the wells of :func:`packed_plate`."""
    packed = packed_plate(path)
    half = len(packed["kind"]) // 2
    for name in ("plate_of_well", "positions", "kind", "treatment_of_well", "pca"):
        packed[name] = packed[name][:half]
    for column in packed["columns"].values():
        for name in column.keys() - {"categories"}:
            column[name] = column[name][:half]
    return {**packed, "barcodes": ["P1"]}


def _texts(values: list[Any]) -> dict[str, Any]:
    categories = sorted({v for v in values if v is not None})
    codes = [categories.index(v) if v is not None else -1 for v in values]
    return {"codes": np.array(codes, dtype=np.int32), "categories": categories}


def _numbers(values: Any) -> dict[str, Any]:
    return {"values": np.array(values, dtype=np.float64)}


def _molecule(index: int) -> dict[str, Any]:
    name, smiles, inchikey, mechanism = MOLECULES[index]
    return {"name": name, "smiles": smiles, "inchikey": inchikey, "mechanism": mechanism}


_CHANCE = {
    "text": "12 in 100 (7 to 18): the true molecule, if it is in this library, is among the first 1 of 3",
    "holds_for": "active treatments of molecules of unseen scaffolds",
    "basis": "For active treatments of molecules of unseen scaffolds. Measured on 640 held-out rankings.",
    "calibrated": True,
}
_NO_CHANCE = {
    "text": "No calibrated chance: this model was not calibrated on held-out molecules.",
    "holds_for": "",
    "basis": "",
    "calibrated": False,
}


def packed_ranking(rows: Any) -> dict[str, Any]:
    """Caffeine before aspirin before paracetamol; aspirin is the wells' own."""
    order = (1, 0, 2)
    return {
        "candidates": [
            {
                **_molecule(m),
                "rank": r + 1,
                "molecule": m,
                "score": 0.5 - r / 10,
                "dose": 5.0,
                "own": m == 0,
                "seen": m == 0,
                "nearest_training": "aspirin",
                "nearest_training_similarity": (1.0, 0.06, 0.4)[m],
                "nearest_training_percentile": (100.0, 2.0, 61.0)[m],
                "outside": m == 1,
            }
            for r, m in enumerate(order)
        ],
        "measured": [
            {
                **_molecule(m),
                "similarity": 0.9 - m / 10,
                "dose": DOSES[0],
                "n_wells": 4,
                "origin": "this plate file",
                "own": m == 0,
            }
            for m in range(2)
        ],
        "own": {"name": "aspirin", "key": MOLECULES[0][2], "rank": 2.0, "of": 3, "chance_rank": 2.0},
        "chance": _CHANCE if 8 in rows else _NO_CHANCE,
        "training_percentile": 98.4 if 8 in rows else 41.0,
        "library_size": 3,
        "scored_at": 5.0,
        "note": "This treatment is inactive (activity p = 0.4)." if 8 in rows else "",
        "n_wells": len(rows),
        "n_treatments": 1,
    }


class State:
    """Nothing to keep."""


def _describe(_state: State, progress: Progress) -> dict[str, Any]:
    # Until the test lets it go on: the model takes its time.
    hold = Path(os.environ["MOLPHENIX_SETTINGS_DIR"]).parent / "hold"
    pause = threading.Event()
    while hold.exists():
        progress(0.1, "Loading the model")
        pause.wait(0.01)
    return {
        "model": "test model",
        "model_detail": "",
        "model_error": None,
        "library": "3 molecules",
        "library_detail": "",
        "library_error": None,
    }


def _open_plate(_state: State, progress: Progress, *, path: str) -> dict[str, Any]:
    if "bad" in Path(path).name:
        raise PlateFileError(path, "X", "NaN in 3 of 96 wells", "finite numbers")
    if "slow" in Path(path).name:
        pause = threading.Event()
        while True:
            progress(0.3, "Reading wells")
            pause.wait(0.01)
    return packed_small_plate(path) if "small" in Path(path).name else packed_plate(path)


def _rank(_state: State, progress: Progress, *, path: str, rows: Any, **_options: Any) -> dict[str, Any]:
    if "fatal" in Path(path).name:
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait()
    progress(0.5, "Ranking")
    return packed_ranking(rows)


FEATURES = ("Cells_Area", "Nuclei_Texture", "Cells_Intensity")


def _feature_names(_state: State, _progress: Progress, **_plate: Any) -> dict[str, Any]:
    return {"names": list(FEATURES)}


def _feature_values(_state: State, _progress: Progress, *, path: str, feature: str, **_o: Any) -> dict[str, Any]:
    """Row numbers, times one more than the place of the feature."""
    n = len(packed_small_plate(path)["kind"] if "small" in Path(path).name else packed_plate(path)["kind"])
    return {"values": np.arange(n, dtype=np.float32) * (1 + FEATURES.index(feature))}


def _true_molecules(_state: State, progress: Progress, **_plate: Any) -> dict[str, Any]:
    """Ranks 1, 2, 3 of 3 and one missing; a chance for the first two treatments."""
    progress(0.5, "Ranking true molecules")
    chance = np.array([0.4, 0.7, np.nan, np.nan, np.nan, np.nan])
    return {
        "rank": np.array([1.0, 2.0, 3.0, 3.0, np.nan, np.nan]),
        "of": 3,
        "chance": chance,
        "chance_low": chance - 0.1,
        "chance_high": chance + 0.1,
        "chance_first": np.where(np.isfinite(chance), 1.0, np.nan),
        "note": _texts(["", "", *["not calibrated"] * 2, *["the library does not hold its molecule"] * 2]),
    }


def packed_texts(values: list[str]) -> dict[str, Any]:
    """As the engine packs the texts of a library."""
    encoded = [value.encode() for value in values]
    starts = np.cumsum([0, *map(len, encoded)])
    ranks = np.unique([value.lower() for value in values], return_inverse=True)[1]
    return {
        "data": np.frombuffer(b"".join(encoded), dtype=np.uint8),
        "starts": starts.astype(np.int64),
        "ranks": ranks.astype(np.int32),
    }


def _library_table(_state: State, _progress: Progress) -> dict[str, Any]:
    names, smiles, keys, mechanisms = (list(column) for column in zip(*MOLECULES, strict=True))
    return {
        "smiles": packed_texts(smiles),
        "inchikey": packed_texts(keys),
        "name": packed_texts(names),
        "mechanism": _texts([text or None for text in mechanisms]),
        "seen": np.array([True, False, False]),
        "properties": {"molecular_weight": np.array([180.16, 194.19, 151.16], dtype=np.float32)},
        "doses": np.array(DOSES),
    }


def _library_scores(_state: State, _progress: Progress, *, rows: Any, **_options: Any) -> dict[str, Any]:
    """The scores of :func:`packed_ranking`, at the high dose; a tenth of them at the low one."""
    score = np.array([0.4, 0.5, 0.3], dtype=np.float32)
    chance = [0.6, 0.3, 1.0] if 8 in rows else [np.nan] * 3
    return {
        "at_doses": np.stack([score / 10, score]),
        "dose_index": 1,
        "score": score,
        "rank": np.array([2, 1, 3], dtype=np.int32),
        "best_dose": np.full(3, DOSES[1], dtype=np.float32),
        "spread": 0.9 * score,
        "chance": np.array(chance, dtype=np.float32),
    }


def _molecule_facts(_state: State, _progress: Progress, *, smiles: list[str], properties: bool) -> dict[str, Any]:
    places = [[molecule[1] for molecule in MOLECULES].index(text) for text in smiles]
    known = {"molecular_weight": np.array([180.16, 194.19, 151.16], dtype=np.float32)[places]}
    return {
        "nearest": _texts(["aspirin"] * len(smiles)),
        "similarity": np.array([1.0, 0.06, 0.4], dtype=np.float32)[places],
        "percentile": np.array([100.0, 2.0, 61.0], dtype=np.float32)[places],
        "outside": np.array([False, True, False])[places],
        "properties": known if properties else {},
    }


def _save_table(_state: State, progress: Progress, *, out: str, columns: Any, rows: Any) -> dict[str, Any]:
    from app.exporting.packed import save_packed

    saved = save_packed(out, columns, rows, progress)
    return dataclasses.asdict(saved)


def _export_hits(_state: State, _progress: Progress, *, out: str, **_options: Any) -> dict[str, Any]:
    if not Path(out).parent.is_dir():
        raise PlateFileError(out, "file", "no such folder", "a folder to write into")
    Path(out).write_text("rank,name\n1,caffeine\n")
    return {"path": out, "rows": 3082, "left_out": 38, "treatments": 156}


def _export_candidates(_state: State, _progress: Progress, *, out: str, rows: Any, top: int, **_where: Any) -> Any:
    Path(out).write_text(f"{len(rows)} wells, {top} candidates")
    return {"path": out, "rows": top, "left_out": 0}


def _warn(_state: State, _progress: Progress, *, text: str) -> None:
    warnings.warn(text, UserWarning, stacklevel=1)


def _plate_report(_state: State, progress: Progress, *, out: str, **asked: Any) -> dict[str, Any]:
    progress(0.5, "Report: judging plates")
    Path(out).write_text(json.dumps({name: value for name, value in asked.items() if name != "token"}))
    return {"path": out, "size": 1}


def _draw(state: State, progress: Progress, *, smiles: list[str], **size: Any) -> list[bytes | None]:
    from app import drawing_tasks

    if "fatal" in smiles:
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait()
    return drawing_tasks.TASKS["draw"](state, progress, smiles=smiles, **size)


def _properties(state: State, progress: Progress, *, smiles: str) -> dict[str, Any]:
    from app import drawing_tasks

    return drawing_tasks.TASKS["properties"](state, progress, smiles=smiles)


def _read_query(state: State, progress: Progress, **arguments: Any) -> dict[str, Any]:
    from app import drawing_tasks

    return drawing_tasks.TASKS["read_query"](state, progress, **arguments)


def _find_molecules(
    _state: State, _progress: Progress, *, text: str, drawn: bool, kind: str, threshold: float, mechanism: str
) -> dict[str, Any]:
    """By a real search in the three molecules."""
    from molphenix_core.molecules.structure_index import build_structure_index
    from molphenix_core.molecules.structure_query import StructureQuery

    rows, similarity = np.arange(len(MOLECULES)), None
    if text:
        index, query = build_structure_index([m[1] for m in MOLECULES]), StructureQuery.read(text, drawn=drawn)
        if kind == "similarity":
            similar = index.similarity(query.structure())
            rows = np.flatnonzero(similar >= threshold)
            similarity = similar[rows]
        else:
            rows = index.substructure(query.substructure()).rows
    kept = np.array([mechanism in ("", MOLECULES[row][3]) for row in rows], dtype=bool)
    return {
        "rows": rows[kept],
        "similarity": similarity[kept] if similarity is not None else None,
        "of": len(MOLECULES),
        "searched": 2 if text == "[#6]" else len(MOLECULES),
        "library_hash": "",
    }


def _enrich(_state: State, _progress: Progress, *, keys: list[str]) -> dict[str, Any]:
    """COX inhibitors are enriched in a longer top."""
    found = [m for m in MOLECULES if m[2] in keys and m[3]]
    return {
        "mechanism": [m[3] for m in found],
        "in_top": np.array([1] * len(found)),
        "expected": np.array([0.25] * len(found)),
        "in_library": np.array([2] * len(found)),
        "fold": np.array([4.0] * len(found)),
        "p_value": np.array([0.001 if m[0] == "aspirin" else 0.4 for m in found]),
        "q_value": np.array([0.02 if m[0] == "aspirin" and len(keys) > 2 else 0.5 for m in found]),
        "top": len(keys),
        "top_annotated": len(found),
        "library": 3,
        "library_annotated": 2,
        "tested": 2,
    }


def _find_common(_state: State, progress: Progress, *, smiles: list[str]) -> dict[str, Any]:
    from app.tasks.common_substructure import TASKS as COMMON

    return COMMON["find_common"](None, progress, smiles=smiles)


def _export_hit_list(state: State, progress: Progress, **arguments: Any) -> dict[str, Any]:
    from app.tasks.hit_lists import TASKS as OF_LISTS

    return OF_LISTS["export_hit_list"](state, progress, **arguments)


def _of_structures(name: str) -> Any:
    """A task on single structures as it is: RDKit answers in no time."""

    def task(state: State, progress: Progress, **arguments: Any) -> Any:
        from app.structure_tasks import TASKS as STRUCTURES

        return STRUCTURES[name](state, progress, **arguments)

    return task


def _explain(_state: State, _progress: Progress, *, smiles: str, **_: Any) -> dict[str, Any]:
    """Aspirin's wells explain everything."""
    name, structure, key, mechanism = MOLECULES[0]
    strong = {
        "name": name,
        "smiles": structure,
        "inchikey": key,
        "mechanism": mechanism,
        "pull": 0.09,
        "structure": 1.0 if smiles == structure else 0.62,
        "phenotype": 0.93,
        "dose": 5.0,
    }
    weak = {
        **strong,
        "name": MOLECULES[1][0],
        "smiles": MOLECULES[1][1],
        "inchikey": MOLECULES[1][2],
        "pull": 0.001,
    }
    parts = {"score": 0.11, "towers": 0.03, "shared": 0.01, "far": -0.02, "rest": -0.001, "others": 81}
    return {"without": "", **parts, "training": [strong, weak]}


TASKS = {
    "describe": _describe,
    "explain": _explain,
    "open_plate": _open_plate,
    "rank": _rank,
    "library_table": _library_table,
    "library_scores": _library_scores,
    "molecule_facts": _molecule_facts,
    "export_hits": _export_hits,
    "plate_report": _plate_report,
    "export_candidates": _export_candidates,
    "warn": _warn,
    "feature_names": _feature_names,
    "feature_values": _feature_values,
    "true_molecules": _true_molecules,
    "save_table": _save_table,
    "draw": _draw,
    "properties": _properties,
    "read_query": _read_query,
    "find_molecules": _find_molecules,
    "enrich": _enrich,
    "find_common": _find_common,
    **{name: _of_structures(name) for name in ("molfile", "inchi", "read_structures", "structure_picture")},
    "export_hit_list": _export_hit_list,
    **canned_compounds.TASKS,
    **canned_analysis.TASKS,
    **canned_map.TASKS,
}
