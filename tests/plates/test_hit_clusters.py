"""Hits grouped by phenotype."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from molphenix_core.errors import InputError
from molphenix_core.plates.activity import centre_on_controls
from molphenix_core.plates.convert import convert_table
from molphenix_core.plates.files import read_plate
from molphenix_core.plates.hit_calling import HitRule, call_hits
from molphenix_core.plates.hit_clusters import cluster_hits, similarity_by_chance
from molphenix_core.plates.hit_table import hit_table
from molphenix_core.plates.normalise import normalise_to_controls
from molphenix_core.plates.treatments import group_treatments


def planted(*sizes: int, seed: int = 0, noise: float = 0.3) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Profiles about as many random directions as there are sizes, shuffled, of random lengths; and whose."""
    random = np.random.default_rng(seed)
    whose = random.permutation(np.repeat(np.arange(len(sizes)), sizes))
    directions = random.normal(size=(len(sizes), 50))
    profiles = directions[whose] + noise * random.normal(size=(len(whose), 50))
    return profiles * random.uniform(0.5, 5, size=(len(whose), 1)), whose


def test_planted_phenotypes_are_the_clusters_largest_first() -> None:
    profiles, whose = planted(3, 12, 7, 1)
    found = cluster_hits(profiles)
    assert found.size.tolist() == [12, 7, 3, 1]
    for label, phenotype in ((1, 1), (2, 2), (3, 0), (4, 3)):
        np.testing.assert_array_equal(found.label == label, whose == phenotype)
    assert (found.cohesion[:3] > 0.8).all()
    assert np.isnan(found.cohesion[3])


def test_the_order_keeps_clusters_together() -> None:
    profiles, _ = planted(5, 9, 4)
    found = cluster_hits(profiles)
    assert sorted(found.order) == list(range(18))
    assert (np.diff(found.label[found.order]) != 0).sum() == 2


@given(seed=st.integers(0, 1000), cut=st.floats(-0.9, 0.9), count=st.integers(0, 25))
@settings(max_examples=60, deadline=None)
def test_labels_count_from_one_by_size_and_a_higher_cut_only_splits(seed: int, cut: float, count: int) -> None:
    profiles = np.random.default_rng(seed).normal(size=(count, 6))
    found = cluster_hits(profiles, min_similarity=cut)
    np.testing.assert_array_equal(np.bincount(found.label, minlength=1)[1:], found.size)
    assert (np.diff(found.size) <= 0).all()
    finer = cluster_hits(profiles, min_similarity=min(cut + 0.2, 1.0))
    for label in range(1, len(finer.size) + 1):
        assert len(set(found.label[finer.label == label])) == 1


def test_cohesion_is_the_mean_similarity_of_pairs() -> None:
    profiles, whose = planted(6, 4)
    found = cluster_hits(profiles)
    unit = profiles / np.linalg.norm(profiles, axis=1, keepdims=True)
    for label, phenotype in ((1, 0), (2, 1)):
        own = unit[whose == phenotype]
        pairs = (own @ own.T)[np.triu_indices(len(own), 1)]
        assert found.cohesion[label - 1] == pytest.approx(pairs.mean())


def test_twins_stay_together_at_any_cut_and_zeros_are_like_nothing() -> None:
    profiles = np.array([[1.0, 2, 3], [2, 4, 6], [0, 0, 0], [0, 0, 0]])
    found = cluster_hits(profiles, min_similarity=1.0)
    assert found.label[0] == found.label[1]
    assert len(found.size) == 3


def test_rounding_parts_no_twins() -> None:
    random = np.random.default_rng(0)
    one = random.normal(size=(60, 7))
    found = cluster_hits(np.concatenate([one, one * random.uniform(0.1, 9, size=(60, 1))]), min_similarity=1.0)
    np.testing.assert_array_equal(found.label[:60], found.label[60:])


def test_a_chain_is_no_cluster() -> None:
    """Each is like the next, the ends are not: the mean over pairs decides."""
    angle = np.deg2rad([0, 45, 100])
    found = cluster_hits(np.stack([np.cos(angle), np.sin(angle)], axis=1))
    assert found.label.tolist() == [1, 1, 2]


def test_none_and_one() -> None:
    assert len(cluster_hits(np.zeros((0, 4))).label) == 0
    one = cluster_hits(np.ones((1, 4)))
    assert (one.label.tolist(), one.order.tolist(), one.size.tolist()) == ([1], [0], [1])


def test_what_cannot_be_clustered_is_refused() -> None:
    with pytest.raises(InputError, match="finite"):
        cluster_hits(np.array([[1.0, np.nan], [0.0, 1.0]]))
    with pytest.raises(InputError, match="min_similarity"):
        cluster_hits(np.ones((2, 2)), min_similarity=2.0)
    with pytest.raises(InputError, match="stricter rule"):
        cluster_hits(np.ones((10_001, 2)))


def test_chance_is_measured_between_molecules() -> None:
    random = np.random.default_rng(0)
    profiles = np.repeat(random.normal(size=(60, 100)), 3, axis=0)
    # Three doses each, all alike: as pairs they would set the cut to one.
    cut = similarity_by_chance(profiles, np.repeat(np.arange(60), 3))
    assert cut == pytest.approx(2.33 / np.sqrt(100), abs=0.05)
    assert similarity_by_chance(profiles, np.arange(180)) > cut
    assert np.isnan(similarity_by_chance(profiles, np.zeros(180)))


@pytest.mark.data
def test_real_hits_of_one_mechanism_fall_into_one_cluster_more_often_than_others(
    shared_data: Path, tmp_path: Path
) -> None:
    convert_table(shared_data / "bbbc021.parquet", tmp_path / "plate.h5ad")
    plate = normalise_to_controls(read_plate(tmp_path / "plate.h5ad"))
    treatments = group_treatments(plate)
    table = hit_table(plate, treatments)
    hit = (call_hits(table, HitRule(max_q=0.1))["hit"] & table["mechanism"].notna()).to_numpy()
    found = cluster_hits(treatments.mean(centre_on_controls(plate))[hit])
    molecule, mechanism = table.loc[hit, "key"].to_numpy(), table.loc[hit, "mechanism"].to_numpy()
    first, second = np.triu_indices(hit.sum(), 1)
    # Doses of one molecule are alike anyway.
    pair = molecule[first] != molecule[second]
    first, second = first[pair], second[pair]
    together = found.label[first] == found.label[second]
    same = mechanism[first] == mechanism[second]
    assert same.sum() > 20
    assert together[same].mean() > 2 * together[~same].mean()
