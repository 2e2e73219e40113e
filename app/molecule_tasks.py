"""Tasks of the drawing engine for the card of one molecule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from molphenix_core.molecules.alerts import pains_alerts
from molphenix_core.molecules.depict import depict_svg
from molphenix_core.progress import Progress

__all__ = ["TASKS"]


def _alerts(_state: object, _progress: Progress, *, smiles: str) -> list[str]:
    return list(pains_alerts(smiles))


def _draw_svg(_state: object, _progress: Progress, *, smiles: str, width: int, height: int) -> str:
    """For paper: dark lines on a transparent ground, whatever the theme."""
    return depict_svg(smiles, width=width, height=height)


TASKS: dict[str, Callable[..., Any]] = {"alerts": _alerts, "draw_svg": _draw_svg}
"""Tasks by the names that the window uses."""
