"""Where the program keeps what it can make again."""

from __future__ import annotations

import os
from pathlib import Path

import appdirs

__all__ = ["cache_folder"]


def cache_folder() -> Path:
    """Folder of the user's caches; beside the settings where ``MOLPHENIX_SETTINGS_DIR`` says where those are."""
    settings = os.environ.get("MOLPHENIX_SETTINGS_DIR")
    return Path(settings) / "cache" if settings else Path(appdirs.user_cache_dir("MolPhenix", False))
