from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from molphenix_core.errors import Cancelled
from molphenix_core.retrieval import search
from molphenix_core.retrieval.search import top_k


def _unit(random: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    vectors = random.normal(size=shape).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


@pytest.fixture
def small_blocks() -> object:
    """Sizes at which a small search crosses every border between blocks."""
    with mock.patch.multiple(search, _QUERIES=3, _SEGMENT=20, _CONVERTED=7):
        yield


@pytest.mark.usefixtures("small_blocks")
@settings(max_examples=60, deadline=None)
@given(
    queries=st.integers(0, 8),
    count=st.integers(1, 70),
    planes=st.integers(1, 3),
    k=st.integers(1, 80),
    half=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_equals_brute_force(queries: int, count: int, planes: int, k: int, half: bool, seed: int) -> None:
    random = np.random.default_rng(seed)
    asked = _unit(random, queries, 6)
    vectors = _unit(random, planes, count, 6).astype(np.float16 if half else np.float32)
    indices, scores = top_k(asked, vectors[0] if planes == 1 else list(vectors), k)
    exact = np.einsum("qd,pnd->qpn", asked.astype(np.float64), vectors.astype(np.float64)).max(axis=1)
    expected = -np.sort(-exact, axis=1)[:, :k]
    assert indices.shape == scores.shape == (queries, min(k, count))
    assert indices.dtype == np.int64
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, atol=1e-6)
    np.testing.assert_allclose(np.take_along_axis(exact, indices, axis=1), expected, atol=1e-6)
    assert all(len(set(row)) == len(row) for row in indices.tolist())


@pytest.mark.usefixtures("small_blocks")
def test_equal_scores_come_in_order_of_index() -> None:
    vectors = np.zeros((50, 2), dtype=np.float32)
    vectors[:, 0] = 1
    vectors[[4, 17, 33, 48], 1] = 1
    indices, scores = top_k(np.array([[0.0, 1.0], [1.0, 0.0]]), vectors, 50)
    assert indices[0, :4].tolist() == [4, 17, 33, 48]
    assert indices[0, 4:].tolist() == [i for i in range(50) if i not in (4, 17, 33, 48)]
    assert indices[1].tolist() == list(range(50))
    assert scores[0, :5].tolist() == [1, 1, 1, 1, 0]


def test_real_block_sizes_and_strided_vectors() -> None:
    random = np.random.default_rng(1)
    vectors = _unit(random, 70_000, 2, 4).astype(np.float16)
    asked = _unit(random, 5, 4)
    indices, scores = top_k(asked, vectors[:, 1], 10)
    exact = asked @ vectors[:, 1].astype(np.float32).T
    np.testing.assert_allclose(scores, -np.sort(-exact, axis=1)[:, :10], atol=1e-6)
    np.testing.assert_allclose(np.take_along_axis(exact, indices, axis=1), scores, atol=1e-6)


def test_vectors_are_left_as_they_are_and_may_be_read_only() -> None:
    random = np.random.default_rng(1)
    vectors = _unit(random, 30, 4)
    before = vectors.copy()
    vectors.flags.writeable = False
    top_k(vectors[:2], vectors, 3)
    assert (vectors == before).all()


def test_number_of_threads_is_put_back() -> None:
    before = torch.get_num_threads()
    top_k(np.ones((1, 2)), np.ones((3, 2)), 1, threads=before + 1)
    assert torch.get_num_threads() == before


@pytest.mark.usefixtures("small_blocks")
def test_progress_ends_at_one_and_can_stop() -> None:
    shares: list[float] = []
    queries, vectors = np.ones((10, 2)), np.ones((5, 2))
    top_k(queries, vectors, 1, progress=lambda share, _: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == 1

    def stop(*_: object) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        top_k(queries, vectors, 1, progress=stop)


@pytest.mark.parametrize(
    ("queries", "vectors", "k", "message"),
    [
        (np.ones((1, 3)), np.ones((5, 2)), 1, r"\(q, 2\)"),
        (np.ones(2), np.ones((5, 2)), 1, r"\(q, 2\)"),
        (np.array([[np.nan, 1]]), np.ones((5, 2)), 1, "finite"),
        (np.array([[np.inf, 1]]), np.ones((5, 2)), 1, "finite"),
        (np.ones((1, 2)), np.ones((5, 2)), 0, "at least 1"),
        (np.ones((1, 2)), [np.ones((5, 2)), np.ones((4, 2))], 1, "one shape"),
        (np.ones((1, 2)), [], 1, "one shape"),
    ],
)
def test_what_does_not_fit_is_refused(queries: np.ndarray, vectors: np.ndarray, k: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        top_k(queries, vectors, k)
