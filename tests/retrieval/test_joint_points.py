"""Wells and library molecules as points of one space."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from molphenix_core.errors import InputError
from molphenix_core.retrieval.joint_points import joint_components, joint_points, nearest_doses
from molphenix_core.retrieval.library import Library


def library(embeddings: np.ndarray) -> Library:
    return Library(
        path=Path("made up"),
        name="made up",
        source="",
        licence="",
        simulated=True,
        molecule_path_hash="",
        doses=np.arange(1.0, len(embeddings) + 1),
        embeddings=embeddings.astype(np.float16),
        embeddings_sha256="",
    )


def test_each_side_lies_about_its_own_mean_without_what_the_wells_lack() -> None:
    random = np.random.default_rng(0)
    wells = np.hstack([random.normal(size=(40, 5)) + 4, np.zeros((40, 3))]).astype(np.float32)
    molecules = random.normal(size=(90, 8)) - 4
    a, b = joint_points(wells, molecules)
    assert (a.shape, b.shape) == ((40, 5), (90, 5))
    for side in (a, b):
        assert np.allclose(np.linalg.norm(side, axis=1), 1, atol=1e-5)
        assert np.linalg.norm(side.mean(axis=0)) < 0.3


def test_either_side_is_drawn_at_its_own_spread() -> None:
    random = np.random.default_rng(1)
    wells, molecules = random.normal(size=(50, 6)) * 0.01, random.normal(size=(300, 6))
    flat = joint_components(wells.astype(np.float32), molecules.astype(np.float32))
    for side in (flat.coordinates[:50], flat.coordinates[50:]):
        assert (side**2).sum(axis=1).mean() == pytest.approx(1, rel=1e-4)


def test_the_nearest_dose_is_the_one_of_the_highest_score() -> None:
    random = np.random.default_rng(2)
    made = library(random.normal(size=(4, 30, 6)))
    query = random.normal(size=6).astype(np.float32)
    wanted = (made.embeddings.astype(np.float32) @ query).argmax(axis=0)
    assert nearest_doses(made, query).tolist() == wanted.tolist()
    with pytest.raises(InputError, match="joint space"):
        nearest_doses(made, query[:3])
