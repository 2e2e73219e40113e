"""Molecules of the library by structure and by mechanism."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.caches import cache_folder
from app.tasks.library_mechanisms import mechanism_classes
from app.tasks.state import State
from molphenix_core.errors import LibraryError
from molphenix_core.molecules.prepared_structures import (
    PreparedStructures,
    prepare_structures,
    read_prepared,
    structures_hash,
    write_prepared,
)
from molphenix_core.molecules.structure_index import StructureIndex
from molphenix_core.molecules.structure_query import StructureQuery
from molphenix_core.progress import Progress
from molphenix_core.retrieval.library import Library

__all__ = ["TASKS", "library_index"]

_log = logging.getLogger(__name__)

# A million molecules take ten on a quiet computer; the user can stop it.
_SECONDS = 60.0
# A library of 100,000 takes 70 MB.
_KEPT_FILES = 3


def _find_molecules(
    state: State, progress: Progress, *, text: str, drawn: bool, kind: str, threshold: float, mechanism: str
) -> dict[str, Any]:
    """Rows of the library that hold a structure, or are similar to it, and have a mechanism; "" for any."""
    library = state.models.require_library(progress)
    rows: NDArray[np.int64] = np.arange(len(library))
    similarity: NDArray[np.float32] | None = None
    searched = len(library)
    if text:
        query = StructureQuery.read(text, drawn=drawn, source="structure filter")
        index = library_index(state, library, progress)
        if kind == "similarity":
            all_similar = index.similarity(query.structure(source="structure filter"))
            rows = np.flatnonzero(all_similar >= threshold)
            similarity = all_similar[rows]
        else:
            found = index.substructure(
                query.substructure(source="structure filter"), seconds=_SECONDS, progress=progress
            )
            rows, searched = found.rows, found.searched
    if mechanism:
        classes = state.keep("mechanisms", library, lambda: mechanism_classes(library))
        kept = np.array([mechanism in classes[row] for row in rows.tolist()], dtype=bool)
        rows, similarity = rows[kept], similarity[kept] if similarity is not None else None
    progress(1.0, "Molecules found")
    return {
        "rows": rows,
        "similarity": similarity,
        "of": len(library),
        "searched": searched,
        "library_hash": library.embeddings_sha256,
    }


def library_index(state: State, library: Library, progress: Progress) -> StructureIndex:
    """The library made searchable, once in this process."""
    return state.keep("structure index", library, lambda: _index(library.molecules["smiles"].tolist(), progress))


def _index(smiles: Sequence[str], progress: Progress) -> StructureIndex:
    key = structures_hash(smiles)
    path = cache_folder() / "structures" / f"{key[:32]}.npz"
    return StructureIndex.assemble(_kept(path, key) or _made(smiles, path, key, progress))


def _kept(path: Path, key: str) -> PreparedStructures | None:
    if not path.exists():
        return None
    try:
        return read_prepared(path, key)
    except LibraryError as error:
        _log.warning("prepared structures are made again: %s", error)
        return None


def _made(smiles: Sequence[str], path: Path, key: str, progress: Progress) -> PreparedStructures:
    prepared = prepare_structures(smiles, progress=functools.partial(_nearly, progress))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_prepared(prepared, path, key)
        for old in sorted(path.parent.glob("*.npz"), key=lambda other: other.stat().st_mtime)[:-_KEPT_FILES]:
            old.unlink(missing_ok=True)
            old.with_suffix(".json").unlink(missing_ok=True)
    except (OSError, LibraryError) as error:
        # A cache that cannot be written costs time at the next start, and nothing else.
        _log.warning("prepared structures could not be kept: %s", error)
    return prepared


def _nearly(progress: Progress, share: float, text: str) -> None:
    progress(0.95 * share, f"{text}, once for this library")


TASKS: dict[str, Callable[..., Any]] = {"find_molecules": _find_molecules}
"""Tasks by the names that the window uses."""
