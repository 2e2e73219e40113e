"""Tasks of the drawing engine on single structures: other ways to write them, and reading what comes in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from molphenix_core.errors import InputError, MoleculeError
from molphenix_core.molecules.depict import depict_png
from molphenix_core.molecules.exchange import (
    FoundStructure,
    read_structure_file,
    read_structure_line,
    to_inchi,
    to_molfile,
)
from molphenix_core.progress import Progress

__all__ = ["TASKS"]

_LINES_A_STEP = 50


def _molfile(_state: object, _progress: Progress, *, smiles: str, name: str) -> str:
    return to_molfile(smiles, name)


def _inchi(_state: object, _progress: Progress, *, smiles: str) -> str:
    return to_inchi(smiles)


def _read_structures(
    _state: object, progress: Progress, *, lines: list[str], files: list[str]
) -> dict[str, list[dict[str, Any]]]:
    """Each line and each record of each file as a structure, or as why it is none."""
    of_lines: list[dict[str, Any]] = []
    for i, line in enumerate(lines):
        if i % _LINES_A_STEP == 0:
            progress(i / len(lines), "Reading structures")
        try:
            of_lines.append(_packed(read_structure_line(line)))
        except MoleculeError as error:
            of_lines.append(_packed(error))
    of_files: list[dict[str, Any]] = []
    for path in files:
        try:
            records = read_structure_file(path, progress=progress)
        except InputError as error:
            of_files.append({**_packed(error), "file": path, "record": 0})
            continue
        of_files += [{**_packed(found), "file": path, "record": number} for number, found in records]
    return {"lines": of_lines, "files": of_files}


def _packed(found: FoundStructure | InputError) -> dict[str, Any]:
    if isinstance(found, InputError):
        return {"error": f"found {found.found}, expected {found.expected}"}
    return {"smiles": found.smiles, "inchikey": found.inchikey, "name": found.name}


def _structure_picture(
    _state: object, _progress: Progress, *, smiles: str, width: int, height: int, scale: float
) -> bytes:
    return depict_png(smiles, width=width, height=height, scale=scale)


TASKS: dict[str, Callable[..., Any]] = {
    "molfile": _molfile,
    "inchi": _inchi,
    "read_structures": _read_structures,
    "structure_picture": _structure_picture,
}
"""Tasks by the names that the window uses."""
