"""Tasks of the engine: each calls the library and packs the answer for the window.

The window's process names this package but never imports it: torch and pandas are loaded here, while the window
is being built.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.tasks import (
    common_substructure,
    compare,
    doses,
    enrichment,
    explain,
    hit_calling,
    hit_lists,
    hits,
    library_table,
    molecule_card,
    plates,
    quality,
    ranking,
    report,
    structure_search,
    wells,
)
from app.tasks import map as point_map
from app.tasks.state import State

__all__ = ["TASKS", "State"]

TASKS: dict[str, Callable[..., Any]] = {
    **plates.TASKS,
    **ranking.TASKS,
    **library_table.TASKS,
    **explain.TASKS,
    **quality.TASKS,
    **hit_calling.TASKS,
    **hits.TASKS,
    **hit_lists.TASKS,
    **wells.TASKS,
    **structure_search.TASKS,
    **enrichment.TASKS,
    **common_substructure.TASKS,
    **doses.TASKS,
    **molecule_card.TASKS,
    **compare.TASKS,
    **point_map.TASKS,
    **report.TASKS,
}
"""Tasks by the names that the window uses."""
