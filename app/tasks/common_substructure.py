"""What the selected structures have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.tasks.state import State
from molphenix_core.molecules.common_substructure import common_substructure
from molphenix_core.progress import Progress

__all__ = ["TASKS"]

_SECONDS = 2


def _find_common(_state: State, progress: Progress, *, smiles: list[str]) -> dict[str, Any]:
    progress(0.1, "Looking for a common substructure")
    found = common_substructure(smiles, seconds=_SECONDS)
    return {
        "smarts": found.smarts if found is not None else "",
        "atoms": [list(atoms) for atoms in found.atoms] if found is not None else [],
        "complete": found.complete if found is not None else True,
        "seconds": _SECONDS,
    }


TASKS: dict[str, Callable[..., Any]] = {"find_common": _find_common}
"""Tasks by the names that the window uses."""
