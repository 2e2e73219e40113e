"""A hit list as a file: a table, a workbook with structures drawn, or structures with their data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.exporting.tables import header, save_table
from molphenix_core.errors import MoleculeError
from molphenix_core.molecules.depict import depict_png
from molphenix_core.molecules.exchange import write_sdf
from molphenix_core.progress import Progress

__all__ = ["TASKS"]

_STRUCTURES = "SMILES"
_NAMES = "Name"
_PICTURES_A_STEP = 20
_SHARE_OF_PICTURES = 0.8


@dataclass(frozen=True)
class _Column:
    """A column of a table of the window."""

    title: str
    unit: str
    kind: str
    values: Any
    categories: list[str] | None

    def texts(self) -> list[str]:
        """The values as texts, "" for none."""
        if self.categories is not None:
            return [self.categories[code] if code >= 0 else "" for code in self.values.tolist()]
        return ["" if value != value else f"{value:.6g}" for value in self.values.tolist()]


def _export_hit_list(
    _state: object, progress: Progress, *, out: str, columns: list[dict[str, Any]]
) -> dict[str, Any]:
    """Write the columns of a list by the ending of the name; "SMILES" and "Name" are of the molecules."""
    table = [_Column(**column) for column in columns]
    by_title = {column.title: column for column in table}
    smiles = by_title[_STRUCTURES].texts()
    ending = Path(out).suffix.lower()
    if ending == ".sdf":
        data = {header(column): column.texts() for column in table if column.title != _STRUCTURES}
        written = write_sdf(out, smiles, by_title[_NAMES].texts(), data, progress=progress)
        return {"path": out, "rows": written, "left_out": len(smiles) - written}
    pictures = _pictures(smiles, progress) if ending == ".xlsx" else None
    saved = save_table(out, table, pictures=pictures, progress=progress)
    return {"path": saved.path, "rows": saved.rows, "left_out": 0, "guarded": saved.guarded}


def _pictures(smiles: list[str], progress: Progress) -> list[bytes | None]:
    """A drawing for each row, each structure drawn once; None where there is none."""
    drawn: dict[str, bytes | None] = {"": None}
    different = sorted(set(smiles) - {""})
    for i, text in enumerate(different):
        if i % _PICTURES_A_STEP == 0:
            progress(_SHARE_OF_PICTURES * i / len(different), "Drawing structures")
        try:
            drawn[text] = depict_png(text, width=180, height=120, scale=2.0)
        except MoleculeError:
            drawn[text] = None
    return [drawn[text] for text in smiles]


TASKS: dict[str, Callable[..., Any]] = {"export_hit_list": _export_hit_list}
"""Tasks by the names that the window uses."""
