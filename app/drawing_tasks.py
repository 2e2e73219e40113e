"""Tasks of the drawing engine: structures and their properties, with nothing imported but RDKit.

The window's process names this module but never imports it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from molphenix_core.errors import MoleculeError
from molphenix_core.molecules.depict import depict_png
from molphenix_core.molecules.properties import properties
from molphenix_core.progress import Progress

__all__ = ["TASKS", "State"]


class State:
    """Nothing to keep: every request stands alone."""


def _draw(
    _state: State, _progress: Progress, *, smiles: list[str], width: int, height: int, scale: float, dark: bool
) -> list[bytes | None]:
    pictures: list[bytes | None] = []
    for text in smiles:
        try:
            pictures.append(depict_png(text, width=width, height=height, scale=scale, dark=dark))
        except MoleculeError:
            # Its place says that it cannot be drawn; the others are.
            pictures.append(None)
    return pictures


def _properties(_state: State, _progress: Progress, *, smiles: str) -> dict[str, Any]:
    return dict(properties(smiles))


TASKS: dict[str, Callable[..., Any]] = {"draw": _draw, "properties": _properties}
"""Tasks by the names that the window uses."""
