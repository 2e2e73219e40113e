"""Batches and random averaging of replicates."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molphenix_core.training.batches import TrainingSet, average_replicates, batch_count, epoch_batches


def training_set(counts: list[int], *, width: int = 0) -> TrainingSet:
    """Wells that tell themselves apart: unit vectors, or random ones of a width."""
    n = sum(counts)
    wells = np.eye(n) if not width else np.random.default_rng(0).normal(size=(n, width))
    return TrainingSet(
        space="s",
        wells=wells.astype(np.float32),
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        molecule=np.arange(len(counts), dtype=np.int64),
        dose=np.ones(len(counts)),
    )


COUNTS = st.lists(st.integers(1, 6), min_size=1, max_size=12)


@given(COUNTS, st.integers(0, 1000))
def test_a_random_average_is_the_mean_of_some_of_the_treatments_own_wells(counts: list[int], seed: int) -> None:
    data = training_set(counts)
    out = average_replicates(data, "random", np.random.default_rng(seed))
    assert out.dtype == np.float32
    for row, (start, stop) in zip(out, zip(data.starts, data.starts[1:], strict=False), strict=True):
        inside = row[start:stop]
        chosen = inside > 0
        assert chosen.any()
        np.testing.assert_allclose(inside[chosen], 1 / chosen.sum(), rtol=1e-6)
        assert row.sum() == pytest.approx(1)


def test_sizes_are_uniform_and_so_are_the_subsets_of_a_size() -> None:
    data, random = training_set([4]), np.random.default_rng(0)
    draws = 6000
    seen: dict[frozenset[int], int] = {}
    for _ in range(draws):
        subset = frozenset(np.flatnonzero(average_replicates(data, "random", random)[0]).tolist())
        seen[subset] = seen.get(subset, 0) + 1
    for size in (1, 2, 3, 4):
        subsets = [frozenset(c) for c in combinations(range(4), size)]
        expected = draws / 4 / len(subsets)
        for subset in subsets:
            assert abs(seen[subset] - expected) < 5 * np.sqrt(expected)
    assert sum(seen.values()) == draws


def test_treatments_draw_independently() -> None:
    data, random = training_set([2, 2]), np.random.default_rng(0)
    pairs = {tuple(map(tuple, average_replicates(data, "random", random) > 0)) for _ in range(200)}
    assert len(pairs) == 9


@given(COUNTS)
def test_all_is_the_plain_mean_and_one_is_a_single_well(counts: list[int]) -> None:
    data = training_set(counts, width=3)
    random = np.random.default_rng(0)
    every = average_replicates(data, "all", random)
    single = average_replicates(data, "one", random)
    for i, (start, stop) in enumerate(zip(data.starts, data.starts[1:], strict=False)):
        np.testing.assert_allclose(every[i], data.wells[start:stop].mean(axis=0), atol=1e-6)
        assert np.isclose(single[i], data.wells[start:stop], atol=1e-6).all(axis=1).any()


@given(st.integers(2, 500), st.integers(1, 600), st.integers(0, 100))
def test_every_treatment_comes_once_an_epoch_in_even_batches(n: int, size: int, seed: int) -> None:
    batches = list(epoch_batches(n, size, np.random.default_rng(seed)))
    assert len(batches) == batch_count(n, size)
    assert sorted(np.concatenate(batches).tolist()) == list(range(n))
    lengths = [len(batch) for batch in batches]
    assert min(lengths) >= 2
    assert max(lengths) - min(lengths) <= 1
    assert max(lengths) <= max(3, 1.5 * size + 1)


def test_epochs_differ_and_seeds_repeat() -> None:
    random = np.random.default_rng(0)
    first, second = (np.concatenate(list(epoch_batches(50, 10, random))) for _ in range(2))
    again = np.concatenate(list(epoch_batches(50, 10, np.random.default_rng(0))))
    assert (first != second).any()
    assert (first == again).all()
