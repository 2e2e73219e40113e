"""Canned answers about the map: wells on a lattice, the library's molecules on a line below it."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np

from molphenix_core.errors import UnknownSpaceError
from molphenix_core.progress import Progress


def hold_file() -> Path:
    """While it exists, a UMAP takes its time."""
    return Path(os.environ["MOLPHENIX_SETTINGS_DIR"]).parent / "hold_map"


def _blob(texts: list[str]) -> dict[str, Any]:
    encoded = [text.encode() for text in texts]
    return {
        "data": np.frombuffer(b"".join(encoded), dtype=np.uint8),
        "ends": np.cumsum([len(text) for text in encoded], dtype=np.int64),
    }


def _map_doses(_state: Any, _progress: Progress) -> dict[str, Any]:
    from canned_tasks import DOSES, MOLECULES

    return {"doses": list(DOSES), "molecules": len(MOLECULES)}


def _map_library(_state: Any, _progress: Progress) -> dict[str, Any]:
    from canned_tasks import DOSES, MOLECULES

    keys = np.array([one[2] for one in MOLECULES], dtype="S27")
    order = np.argsort(keys)
    mechanisms = sorted({one[3] for one in MOLECULES if one[3]})
    return {
        **{name: _blob([one[i] for one in MOLECULES]) for i, name in enumerate(("name", "smiles", "inchikey"))},
        "mechanism": {
            "codes": np.array([mechanisms.index(m[3]) if m[3] else -1 for m in MOLECULES], dtype=np.int32),
            "categories": mechanisms,
        },
        "seen": np.array([True, False, False]),
        "sorted_keys": keys[order],
        "key_row": order.astype(np.int32),
        "doses": np.array(DOSES),
        "sha256": "0" * 64,
    }


def _wells(files: list[dict[str, str]]) -> int:
    from canned_tasks import packed_plate, packed_small_plate

    return sum(
        len((packed_small_plate if "small" in Path(file["path"]).name else packed_plate)(file["path"])["kind"])
        for file in files
    )


def _project(
    _state: Any,
    progress: Progress,
    *,
    files: list[dict[str, str]],
    current: int,
    space: str,
    method: str,
    library: bool,
    dose: int | None,
    rows: Any,
) -> dict[str, Any]:
    from canned_tasks import DOSES, MOLECULES

    pause = threading.Event()
    while method == "umap" and hold_file().exists():
        progress(0.4, "Laying out the map")
        pause.wait(0.01)
    if space == "joint" and "foreign" in Path(files[current]["path"]).name:
        raise UnknownSpaceError(files[current]["path"], "embedding space", "another", "one of the model")
    n = _wells(files)
    turned = -1.0 if method == "umap" else 1.0
    return {
        "files": list(range(len(files))),
        "wells": np.stack([np.arange(n) % 7 * turned, np.arange(n) // 7], axis=1).astype(np.float32),
        "molecules": np.array([[0, -2], [3, -2], [6, -2]], dtype=np.float32) if library else None,
        "doses": np.full(len(MOLECULES) if library else 0, DOSES[0 if dose is None else dose]),
        "shares": [] if method == "umap" else [0.4, 0.1],
        "method": f"{method.upper()} of the {space} space",
        "notes": [f"Best for {len(rows)} wells"] if dose is None and library else [],
    }


def _clusters(
    _state: Any, progress: Progress, *, files: list[dict[str, str]], library: bool, **_: Any
) -> dict[str, Any]:
    progress(0.5, "Grouping neighbours")
    n = _wells(files) + 3 * library
    return {"label": (np.arange(n) % 3 - 1).astype(np.int32)}


TASKS = {
    "map_doses": _map_doses,
    "map_library": _map_library,
    "map_project": _project,
    "map_clusters": _clusters,
}
