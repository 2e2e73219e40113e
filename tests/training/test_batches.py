"""Batches and random averaging of replicates."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molphenix_core.training.batches import TrainingSet, average_replicates, epoch_batches, treatment_classes


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
    batches = list(epoch_batches(np.arange(n), size, np.random.default_rng(seed)))
    assert sorted(np.concatenate(batches).tolist()) == list(range(n))
    lengths = [len(batch) for batch in batches]
    assert min(lengths) >= 2
    assert max(lengths) - min(lengths) <= 1
    assert max(lengths) <= max(3, 1.5 * size + 1)
    assert max(lengths) >= min(n, size) / 1.5


CLASS_SIZES = st.lists(st.integers(1, 12), min_size=2, max_size=60)


@given(CLASS_SIZES, st.integers(1, 200), st.integers(0, 100))
def test_a_batch_never_holds_two_of_a_class(sizes: list[int], size: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    classes = random.permutation(np.repeat(random.permutation(1000)[: len(sizes)], sizes))
    batches = list(epoch_batches(classes, size, random))
    rows = np.concatenate(batches)
    assert all(len(set(classes[batch])) == len(batch) >= 2 for batch in batches)
    assert len(set(rows.tolist())) == len(rows)
    lengths = [len(batch) for batch in batches]
    assert max(lengths) - min(lengths) <= 1
    assert max(lengths) <= max(3, 1.5 * size + 1)
    for name in set(classes):
        assert (classes[rows] == name).sum() == min((classes == name).sum(), len(batches))


@given(st.integers(1, 8), st.integers(8, 60), st.integers(2, 200))
def test_classes_of_one_size_come_whole(members: int, count: int, size: int) -> None:
    batches = list(epoch_batches(np.repeat(np.arange(count), members), size, np.random.default_rng(0)))
    assert len(np.concatenate(batches)) == members * count
    assert max(map(len, batches)) >= min(count, size) / 3 - 1


def test_one_class_measured_very_often_does_not_shrink_the_batches() -> None:
    classes, random = np.array([0] * 300 + list(range(1, 701))), np.random.default_rng(0)
    seen = np.zeros(len(classes), dtype=int)
    for _ in range(400):
        batches = list(epoch_batches(classes, 100, random))
        assert min(map(len, batches)) >= 35
        seen[np.concatenate(batches)] += 1
    assert (seen[300:] == 400).all()
    # Of the large class another part comes each time: 20 of 300, and none is preferred.
    assert seen[:300].sum() == 400 * 20
    assert 5 < seen[:300].min() <= seen[:300].max() < 60


def test_a_single_class_makes_no_batch() -> None:
    assert list(epoch_batches(np.zeros(9, dtype=np.int64), 4, np.random.default_rng(0))) == []
    assert list(epoch_batches(np.empty(0, dtype=np.int64), 4, np.random.default_rng(0))) == []


def test_all_pairs_of_different_classes_meet_sooner_or_later() -> None:
    classes, random = np.repeat(np.arange(6), 3), np.random.default_rng(0)
    met = np.zeros((18, 18), dtype=int)
    for _ in range(300):
        for batch in epoch_batches(classes, 6, random):
            met[np.ix_(batch, batch)] += 1
    other = classes[:, None] != classes
    # A row meets each of the three members of another class in a third of the epochs.
    assert met[~other & ~np.eye(18, dtype=bool)].max() == 0
    assert met[other].min() > 60
    assert met[other].max() < 140


def test_classes_are_molecules_at_doses_or_molecules() -> None:
    data = TrainingSet(
        space="s",
        wells=np.zeros((7, 1), dtype=np.float32),
        starts=np.arange(8),
        molecule=np.array([0, 0, 0, 2, 2, 0, 2]),
        dose=np.array([1.0, 1.0, 3.0, 1.0, np.nan, np.nan, np.nan]),
    )
    by_treatment = treatment_classes(data, "treatment")
    assert by_treatment[0] == by_treatment[1]
    assert by_treatment[4] == by_treatment[6]
    assert len(set(by_treatment.tolist())) == 5
    np.testing.assert_array_equal(treatment_classes(data, "molecule"), [0, 0, 0, 1, 1, 0, 1])


def test_epochs_differ_and_seeds_repeat() -> None:
    random, classes = np.random.default_rng(0), np.arange(50)
    first, second = (np.concatenate(list(epoch_batches(classes, 10, random))) for _ in range(2))
    again = np.concatenate(list(epoch_batches(classes, 10, np.random.default_rng(0))))
    assert (first != second).any()
    assert (first == again).all()
