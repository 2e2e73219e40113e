"""The chance of molecules by their best dose, against random scores and where it is known."""

from __future__ import annotations

import numpy as np
import pytest

from molphenix_core.evaluation.collapsed_chance import collapsed_reciprocal_rank, collapsed_top
from molphenix_core.evaluation.recall import collapse_doses, ranks_of_true


@pytest.mark.parametrize("k", [1, 3, 8])
def test_unequal_doses_agree_with_random_scores(k: int) -> None:
    counts = np.array([1, 1, 1, 2, 3, 6, 6, 12, 1, 4])
    molecule = np.repeat(np.arange(len(counts)), counts)
    draws = 40_000
    best, _ = collapse_doses(np.random.default_rng(0).random((draws, len(molecule))), molecule)
    ranks = np.stack([ranks_of_true(best, np.full(draws, m)) for m in range(len(counts))])
    # Four standard errors of a share of a half.
    np.testing.assert_allclose(collapsed_top(counts, k), (ranks <= k).mean(axis=1), atol=0.01)
    np.testing.assert_allclose(collapsed_reciprocal_rank(counts), (1 / ranks).mean(axis=1), atol=0.01)


def test_the_chance_of_the_first_place_is_the_share_of_candidates() -> None:
    counts = np.array([1, 2, 5, 12, 2])
    np.testing.assert_allclose(collapsed_top(counts, 1), counts / counts.sum(), atol=1e-9)


@pytest.mark.parametrize(("molecules", "k"), [(2, 1), (130, 2), (3000, 30), (3000, 150)])
@pytest.mark.parametrize("doses", [1, 6])
def test_equal_doses_give_k_of_m(molecules: int, k: int, doses: int) -> None:
    counts = np.full(molecules, doses)
    np.testing.assert_allclose(collapsed_top(counts, k), k / molecules, rtol=1e-6)
    harmonic = (1 / np.arange(1, molecules + 1)).mean()
    np.testing.assert_allclose(collapsed_reciprocal_rank(counts), harmonic, rtol=1e-6)


def test_k_places_are_given_away_and_more_doses_get_more_of_them() -> None:
    counts = np.repeat([1, 3, 8], 50)
    chance = collapsed_top(counts, 2)
    assert chance.sum() == pytest.approx(2)
    assert chance[0] < chance[50] < chance[100]
    np.testing.assert_allclose(collapsed_top(np.array([1, 4]), 5), 1)
