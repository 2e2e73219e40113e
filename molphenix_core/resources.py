"""Where the files that ship with the program are."""

from __future__ import annotations

from pathlib import Path

__all__ = ["resource_folder"]


def resource_folder() -> Path:
    """Folder with ``models/``, ``libraries/`` and ``plates/``.

    It lies beside the packages in a checkout and inside this one in an installed wheel.
    """
    inside = Path(__file__).parent / "_resources"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "resources"
