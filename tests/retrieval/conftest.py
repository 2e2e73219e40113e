"""A small library."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from fake_encoder import FakeEncoder

from molphenix_core.retrieval.build import build_library
from molphenix_core.retrieval.library import Library, open_library


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture
def records() -> pd.DataFrame:
    smiles = ["C" * carbons + "N" * nitrogens for carbons in range(1, 11) for nitrogens in range(5)]
    return pd.DataFrame({"name": [f"molecule {i}" for i in range(len(smiles))], "smiles": smiles})


@pytest.fixture
def folder(tmp_path: Path, records: pd.DataFrame, encoder: FakeEncoder) -> Path:
    out = tmp_path / "library"
    build_library(
        records, encoder, out, doses=(0.1, 1.0, 10.0), name="Amines", source="written here", licence="CC0-1.0"
    )
    return out


@pytest.fixture
def library(folder: Path) -> Library:
    return open_library(folder)
