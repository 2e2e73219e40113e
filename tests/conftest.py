"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real measurements; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("MOLPHENIX_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    if not (folder / "u2os_cell_injury.parquet").is_file():
        pytest.skip(f"the shared measurements are not in {folder} (set MOLPHENIX_SHARED_DATA)")
    return folder
