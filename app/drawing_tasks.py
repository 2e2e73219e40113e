"""Tasks of the drawing engine: structures and their properties, with nothing imported but RDKit.

The window's process names this module but never imports it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from app import molecule_tasks, structure_tasks
from molphenix_core.errors import MoleculeError
from molphenix_core.molecules.depict import depict_png, depict_query_png
from molphenix_core.molecules.properties import properties
from molphenix_core.molecules.structure_query import StructureQuery
from molphenix_core.molecules.substructure import SubstructureFilter
from molphenix_core.progress import Progress

__all__ = ["TASKS", "State"]


class State:
    """Nothing to keep: every request stands alone."""


def _draw(
    _state: State,
    _progress: Progress,
    *,
    smiles: list[str],
    atoms: list[list[int]],
    pattern: str,
    drawn: bool,
    width: int,
    height: int,
    scale: float,
    dark: bool,
) -> list[bytes | None]:
    """Draw structures; ``atoms`` of each stand out, or where there are none those that hold the pattern."""
    pictures: list[bytes | None] = []
    for text, marked in zip(smiles, atoms, strict=True):
        try:
            found = marked or (_substructure(pattern, drawn).atoms(text) if pattern else ())
            picture = depict_png(text, width=width, height=height, scale=scale, dark=dark, highlight_atoms=found)
            pictures.append(picture)
        except MoleculeError:
            # Its place says that it cannot be drawn; the others are.
            pictures.append(None)
    return pictures


@functools.lru_cache(maxsize=8)
def _substructure(pattern: str, drawn: bool) -> SubstructureFilter:
    return StructureQuery.read(pattern, drawn=drawn).substructure()


def _read_query(
    _state: State,
    _progress: Progress,
    *,
    text: str,
    drawn: bool,
    kind: str,
    width: int,
    height: int,
    scale: float,
) -> dict[str, Any]:
    """Read what is looked for: a molfile becomes one line, and what cannot be searched for says why."""
    query = StructureQuery.read(text, drawn=drawn, source="structure filter")
    if kind == "similarity":
        query.structure(source="structure filter")
    else:
        query.substructure(source="structure filter")
    pictures = {
        name: depict_query_png(query, width=width, height=height, scale=scale, dark=name == "dark")
        for name in ("light", "dark")
    }
    return {"text": query.text, "language": query.language, **pictures}


def _properties(_state: State, _progress: Progress, *, smiles: str) -> dict[str, Any]:
    return dict(properties(smiles))


TASKS: dict[str, Callable[..., Any]] = {
    "draw": _draw,
    "properties": _properties,
    "read_query": _read_query,
    **structure_tasks.TASKS,
    **molecule_tasks.TASKS,
}
"""Tasks by the names that the window uses."""
