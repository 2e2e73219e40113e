"""The plate that comes with the program."""

from __future__ import annotations

from pathlib import Path

from molphenix_core.errors import PlateFileError
from molphenix_core.resources import resource_folder

__all__ = ["demo_plate"]


def demo_plate() -> Path:
    """First of the bundled demo plates.

    Raises
    ------
    PlateFileError
        When the program came without any.
    """
    folder = resource_folder() / "plates"
    found = sorted(folder.glob("*.h5ad"))
    if not found:
        raise PlateFileError(folder, "*.h5ad", "no plate file", "the demo plates that come with the program")
    return found[0]
