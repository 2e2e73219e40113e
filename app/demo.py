"""The plate that comes with the program."""

from __future__ import annotations

from pathlib import Path

from molphenix_core.errors import PlateFileError
from molphenix_core.resources import resource_folder

__all__ = ["demo_plate"]


_DEMO = "u2os-BR00114092-BR00114095.h5ad"


def demo_plate() -> Path:
    """The demo plate file: two real plates of which the retriever has seen no well.

    Raises
    ------
    PlateFileError
        When the program came without it.
    """
    path = resource_folder() / "plates" / _DEMO
    if not path.is_file():
        raise PlateFileError(path, "file", "nothing there", "the demo plate that comes with the program")
    return path
