"""Where the files that ship with the program are."""

from __future__ import annotations

from pathlib import Path

__all__ = ["default_job", "default_library", "default_model", "resource_folder"]


def resource_folder() -> Path:
    """Folder with ``models/``, ``libraries/`` and ``plates/``.

    It lies beside the packages in a checkout and inside this one in an installed wheel.
    """
    inside = Path(__file__).parent / "_resources"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "resources"


def default_model() -> Path:
    """The bundle that ships."""
    return resource_folder() / "models" / "cell-painting-1"


def default_job() -> Path:
    """The job that trained that bundle."""
    model = default_model()
    return model.with_name(f"{model.name}.job.json")


def default_library() -> Path:
    """The reference library that ships, embedded by that bundle."""
    return resource_folder() / "libraries" / "reference"
