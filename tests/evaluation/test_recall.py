"""Ranks, recall and its chance, against brute force."""

from __future__ import annotations

from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molphenix_core.evaluation.recall import (
    bootstrap_interval,
    collapse_doses,
    figures_from_ranks,
    ranks_of_true,
    retrieval_figures,
)


@st.composite
def galleries(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Scores with many ties, and the true candidates."""
    queries, candidates = draw(st.integers(1, 8)), draw(st.integers(1, 30))
    values = st.lists(st.integers(-3, 3), min_size=candidates, max_size=candidates)
    scores = draw(st.lists(values, min_size=queries, max_size=queries))
    true = draw(st.lists(st.integers(0, candidates - 1), min_size=queries, max_size=queries))
    return np.array(scores, dtype=float), np.array(true)


@settings(deadline=None)
@given(galleries())
def test_a_rank_is_one_plus_the_better_plus_half_of_the_ties(gallery: tuple[np.ndarray, np.ndarray]) -> None:
    scores, true = gallery
    for row, own, rank in zip(scores, true, ranks_of_true(scores, true), strict=True):
        better = sum(score > row[own] for score in row)
        ties = sum(score == row[own] for i, score in enumerate(row) if i != own)
        assert rank == 1 + better + ties / 2


@settings(deadline=None)
@given(galleries())
def test_figures_are_those_of_the_ranks(gallery: tuple[np.ndarray, np.ndarray]) -> None:
    scores, true = gallery
    figures = retrieval_figures(scores, true, np.arange(len(true)))
    ranks, n = ranks_of_true(scores, true), scores.shape[1]
    assert figures.k == ceil(n / 100)
    assert figures.chance == pytest.approx(figures.k / n)
    assert figures.recall_top_1_percent == pytest.approx(np.mean([rank <= ceil(n / 100) for rank in ranks]))
    assert figures.recall_top_5_percent == pytest.approx(np.mean([rank <= ceil(n / 20) for rank in ranks]))
    assert figures.recall_at_5 == pytest.approx(np.mean(ranks <= 5))
    assert figures.mean_reciprocal_rank == pytest.approx(np.mean(1 / ranks))
    assert figures.median_rank_percentile == pytest.approx(np.median(100 * ranks / n))
    low, high = figures.recall_interval
    assert 0 <= low <= high <= 1


@pytest.mark.parametrize("n", [2, 9, 150, 1000])
def test_a_constant_score_ranks_in_the_middle_and_recalls_nothing(n: int) -> None:
    scores = np.zeros((n, n))
    assert (ranks_of_true(scores, np.arange(n)) == (n + 1) / 2).all()
    assert retrieval_figures(scores, np.arange(n), np.arange(n)).recall_top_1_percent == 0


def test_random_scores_recall_what_chance_says() -> None:
    random = np.random.default_rng(0)
    figures = retrieval_figures(random.random((4000, 250)), random.integers(0, 250, 4000), np.arange(4000))
    assert figures.chance == pytest.approx(3 / 250)
    assert figures.recall_top_1_percent == pytest.approx(figures.chance, abs=0.006)
    assert figures.median_rank_percentile == pytest.approx(50, abs=2)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_scores_that_are_no_numbers_are_refused_and_not_ranked_first(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        ranks_of_true(np.array([[value, 1.0]]), np.array([0]))


def test_no_queries_have_no_figures() -> None:
    with pytest.raises(ValueError, match="no queries"):
        retrieval_figures(np.zeros((0, 3)), np.zeros(0, dtype=int), np.zeros(0, dtype=int))


def test_the_bootstrap_draws_molecules_and_not_treatments() -> None:
    hits = np.repeat([1.0, 0.0], 300)
    by_molecule = bootstrap_interval(hits, np.repeat([0, 1], 300))
    by_treatment = bootstrap_interval(hits, np.arange(600))
    assert by_molecule == (0.0, 1.0)
    assert by_treatment[1] - by_treatment[0] < 0.1
    assert bootstrap_interval(hits, np.arange(600)) == by_treatment


def test_an_interval_covers_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    covered = 0
    for seed in range(100):
        low, high = bootstrap_interval((random.random(80) < 0.4).astype(float), np.arange(80), seed=seed)
        covered += low <= 0.4 <= high
    assert 87 <= covered <= 100


@settings(deadline=None)
@given(galleries(), st.data())
def test_collapsed_doses_keep_the_best_of_each_molecule(
    gallery: tuple[np.ndarray, np.ndarray], data: st.DataObject
) -> None:
    scores, _ = gallery
    n = scores.shape[1]
    molecule = np.array(data.draw(st.lists(st.integers(0, 4), min_size=n, max_size=n)))
    collapsed, names = collapse_doses(scores, molecule)
    assert names.tolist() == sorted(set(molecule.tolist()))
    for column, name in enumerate(names):
        assert (collapsed[:, column] == scores[:, molecule == name].max(axis=1)).all()


def test_pooled_ranks_count_each_query_in_its_own_gallery() -> None:
    figures = figures_from_ranks(np.array([1.0, 2.0, 2.0]), np.array([50, 150, 50]), np.array([0, 1, 2]))
    assert figures.recall_top_1_percent == pytest.approx(2 / 3)
    assert figures.chance == pytest.approx((1 / 50 + 2 / 150 + 1 / 50) / 3)


def test_figures_are_json_values() -> None:
    values = retrieval_figures(np.eye(3), np.arange(3), np.arange(3)).to_dict()
    assert values["recall_interval"] == [1.0, 1.0]
    assert all(isinstance(value, (int, float, list)) for value in values.values())
