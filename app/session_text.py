"""What the status line and the help say of a model and a library; used in the engine's process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from molphenix_core.model.bundle import Bundle
    from molphenix_core.retrieval.library import Library

__all__ = ["describe_library", "describe_model"]

_HARDEST = "unseen scaffolds"


def describe_model(bundle: Bundle) -> tuple[str, str]:
    """One line for the status line, and the held-out figures for its tool tip."""
    figures = [f for f in bundle.facts.get("figures", ()) if f.get("method") == "retriever"]
    lines = [f"Model {bundle.name}"]
    for data in bundle.facts.get("training", ()):
        lines.append(
            f"Trained on: {data.get('title')} ({data.get('licence')}), "
            f"{data.get('training_molecules')} molecules, {data.get('training_treatments')} treatments"
        )
    lines += [_figure_line(figure) for figure in figures]
    first = figures[0].get("data") if figures else None
    hardest = [
        f for f in figures if f["split"].startswith(_HARDEST) and f["gallery"] == "all" and f.get("data") == first
    ]
    # Of one fold and of all folds pooled, the latter is the less lucky number.
    headline = max(hardest, key=lambda f: f["queries"], default=None)
    if headline is None:
        return f"{bundle.name}: no held-out figures", "\n".join(lines)
    several = len({f.get("data") for f in figures}) > 1
    return (
        f"{bundle.name}: recall in the top 1 % {headline['recall_top_1_percent']:.3f} "
        f"(chance {headline['chance']:.3f}), {headline['split']}{_of(headline) if several else ''}",
        "\n".join(lines),
    )


def _of(figure: Mapping[str, Any]) -> str:
    """Which data a figure was measured on, where the card says."""
    return f" of {Path(figure['data']).stem}" if figure.get("data") else ""


def _figure_line(figure: Mapping[str, Any]) -> str:
    low, high = figure["recall_interval"]
    return (
        f"{figure['split']}{_of(figure)}, {figure['gallery']} treatments: recall in the top 1 % "
        f"{figure['recall_top_1_percent']:.3f} ({low:.3f} to {high:.3f}), chance {figure['chance']:.3f}, "
        f"{figure['candidates']} candidates, k = {figure['k']}"
    )


def describe_library(library: Library) -> tuple[str, str]:
    """One line for the status line, and where the library comes from for its tool tip."""
    doses = library.doses[~np.isnan(library.doses)]
    line = f"{library.name}: {len(library):,} molecules × {len(doses)} doses"
    grid = ", ".join(f"{dose:g}" for dose in doses)
    detail = [f"Library {library.name}, {len(library):,} molecules", f"Doses: {grid} µM", library.source]
    detail += [f"Licence: {library.licence}"] if library.licence else []
    if library.simulated:
        line += " (simulated)"
    return line, "\n".join(text for text in detail if text)
