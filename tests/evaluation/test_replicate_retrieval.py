"""Replicate retrieval, against loops, copairs, and what chance gives."""

from __future__ import annotations

from math import ceil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molphenix_core.evaluation.replicate_retrieval import (
    QueryResults,
    WellLabels,
    chance_average_precision,
    cosine_scores,
    nearness_scores,
    paired_difference,
    replicate_retrieval,
    summarise,
)

RANDOM = np.random.default_rng(3)


def random_labels(
    wells: int, *, treatments: int = 6, plates: int = 4, places: int = 5, seed: int = 0
) -> WellLabels:
    """Wells dealt at random: some share plates, positions, both or neither with their replicates."""
    random = np.random.default_rng(seed)
    treatment = random.integers(0, treatments, wells)
    return WellLabels(
        same=treatment,
        treatment=treatment,
        molecule=treatment // 2,
        plate=random.integers(0, plates, wells),
        position=np.stack([random.integers(0, places, wells), random.integers(0, 3, wells)], axis=1),
    )


def literal(
    scores: np.ndarray, labels: WellLabels, other_positions: bool, *, queries: int | None = None
) -> list[tuple[int, float, float, float]]:
    """Query, average precision, recall in the top 1 %, share of positives in first place: straight from words."""
    out = []
    for query in range(len(scores) if queries is None else queries):
        candidates = [
            well
            for well in range(len(scores))
            if labels.plate[well] != labels.plate[query]
            and (not other_positions or tuple(labels.position[well]) != tuple(labels.position[query]))
        ]
        positives = [well for well in candidates if labels.same[well] == labels.same[query]]
        if not positives:
            continue

        def rank(well: int, among: list[int], row: np.ndarray = scores[query]) -> float:
            return 1 + sum((row[c] > row[well]) + 0.5 * (row[c] == row[well]) for c in among if c != well)

        ranks = [rank(well, candidates) for well in positives]
        precision = np.mean([rank(w, positives) / r for w, r in zip(positives, ranks, strict=True)])
        k = ceil(0.01 * len(candidates))
        best = max(scores[query][candidates])
        top = [well for well in candidates if scores[query][well] == best]
        nearest = np.mean([well in positives for well in top])
        out.append((query, float(precision), float(np.mean([r <= k for r in ranks])), float(nearest)))
    return out


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 30), st.integers(0, 10_000), st.booleans(), st.sampled_from([2, 1000]))
def test_every_query_is_measured_as_the_words_say(wells: int, seed: int, strict: bool, levels: int) -> None:
    labels = random_labels(wells, seed=seed)
    scores = np.random.default_rng(seed).integers(0, levels, (wells, wells)).astype(float)
    expected = literal(scores, labels, strict)
    found = replicate_retrieval(lambda rows: scores[rows], labels, other_positions=strict)
    assert len(found) == len(expected)
    assert found.without_positives == wells - len(expected)
    for i, (query, precision, recall, nearest) in enumerate(expected):
        assert found.treatment[i] == labels.treatment[query]
        assert found.average_precision[i] == pytest.approx(precision)
        assert found.recall[i] == pytest.approx(recall)
        assert found.nearest[i] == pytest.approx(nearest)


def test_blocks_of_queries_change_nothing() -> None:
    labels = random_labels(700, treatments=40)
    embeddings = RANDOM.normal(size=(700, 8)).astype(np.float32)
    asked: list[int] = []

    def scores(rows: np.ndarray) -> np.ndarray:
        asked.append(len(rows))
        return cosine_scores(embeddings)(rows)

    found = replicate_retrieval(scores, labels, other_positions=True)
    assert max(asked) < 300
    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    expected = literal(unit @ unit.T, labels, True, queries=20)
    np.testing.assert_allclose(
        found.average_precision[: len(expected)], [row[1] for row in expected], rtol=1e-5, atol=1e-7
    )


@pytest.mark.parametrize("strict", [True, False])
def test_average_precisions_are_those_of_copairs(strict: bool) -> None:
    # copairs turns pandas' copy-on-write on for the whole process.
    with pd.option_context("mode.copy_on_write", pd.options.mode.copy_on_write):
        copairs = pytest.importorskip("copairs.map")
    labels = random_labels(60, treatments=8)
    embeddings = RANDOM.normal(size=(60, 5)).astype(np.float32)
    place = [f"{row}:{column}" for row, column in labels.position]
    table = pd.DataFrame({"plate": labels.plate, "place": place, "treatment": labels.treatment})
    apart = ["plate", "place"] if strict else ["plate"]
    theirs = copairs.average_precision(
        table,
        embeddings,
        pos_sameby=["treatment"],
        pos_diffby=apart,
        neg_sameby=[],
        neg_diffby=[*apart, "treatment"],
        distance="cosine",
        progress_bar=False,
    )
    theirs = theirs.dropna(subset=["average_precision"])
    ours = replicate_retrieval(cosine_scores(embeddings), labels, other_positions=strict)
    np.testing.assert_array_equal(ours.positives, theirs["n_pos_pairs"])
    np.testing.assert_array_equal(ours.candidates, theirs["n_total_pairs"])
    np.testing.assert_allclose(ours.average_precision, theirs["average_precision"], rtol=1e-5)


@pytest.mark.parametrize(("positives", "candidates"), [(1, 1), (1, 7), (3, 8), (5, 5), (2, 60)])
def test_chance_is_what_random_orders_give(positives: int, candidates: int) -> None:
    precision = []
    for _ in range(4000):
        ranks = np.sort(RANDOM.choice(candidates, positives, replace=False)) + 1
        precision.append(np.mean(np.arange(1, positives + 1) / ranks))
    expected = chance_average_precision(np.array([positives]), np.array([candidates]))[0]
    assert np.mean(precision) == pytest.approx(expected, abs=5 * np.std(precision) / np.sqrt(4000) + 1e-9)


def test_replicates_at_one_position_are_found_by_position_alone_and_only_where_that_is_allowed() -> None:
    treatment = np.repeat(np.arange(12), 3)
    position = np.stack([treatment, np.zeros_like(treatment)], axis=1)
    position[30:, 1] = [1, 2, 3, 1, 2, 3]
    labels = WellLabels(treatment, treatment, treatment, np.tile(np.arange(3), 12), position)
    anywhere = summarise([replicate_retrieval(nearness_scores(position), labels, other_positions=False)])
    assert (anywhere.treatments, anywhere.queries) == (12, 36)
    assert anywhere.mean_average_precision > 0.9
    elsewhere = replicate_retrieval(nearness_scores(position), labels, other_positions=True)
    assert set(elsewhere.treatment) == {10, 11}
    assert elsewhere.without_positives == 30


def test_wells_without_plate_or_position_take_no_part() -> None:
    treatment = np.zeros(4, dtype=np.int64)
    labels = WellLabels(
        treatment, treatment, treatment, np.array([0, 1, 2, -1]), np.array([[0, 0], [1, 1], [-1, -1], [2, 2]])
    )
    embeddings = RANDOM.normal(size=(4, 3))
    strict = replicate_retrieval(cosine_scores(embeddings), labels, other_positions=True)
    assert (len(strict), strict.without_positives) == (2, 2)
    loose = replicate_retrieval(cosine_scores(embeddings), labels, other_positions=False)
    assert (len(loose), loose.without_positives) == (3, 1)


def results(precision: list[float], treatment: list[int], molecule: list[int]) -> QueryResults:
    values, ones = np.array(precision), np.ones(len(precision), dtype=np.int64)
    return QueryResults(
        np.array(treatment), np.array(molecule), values, values, values, values / 2, values / 4, 10 * ones, ones, 1
    )


def test_averages_are_over_treatments_then_molecules_and_folds_are_pooled() -> None:
    folds = [results([1.0, 0.5, 0.0], [0, 0, 1], [0, 0, 0]), results([0.2], [2], [1])]
    figures = summarise(folds)
    assert figures.mean_average_precision == pytest.approx(((0.75 + 0.0) / 2 + 0.2) / 2)
    assert figures.chance_precision == pytest.approx(figures.mean_average_precision / 2)
    assert (figures.queries, figures.without_positives, figures.treatments, figures.molecules) == (4, 2, 3, 2)
    low, high = figures.precision_interval
    assert (low, high) == (pytest.approx(0.2), pytest.approx(0.375))


def test_a_difference_is_paired_by_molecule() -> None:
    molecule = list(range(30))
    hard = RANDOM.uniform(0, 0.9, 30)
    first, second = results(list(hard + 0.05), molecule, molecule), results(list(hard), molecule, molecule)
    difference, (low, high) = paired_difference([first], [second])
    assert difference == pytest.approx(0.05)
    assert low > 0.04
    assert high < 0.06
    with pytest.raises(ValueError, match="the same queries"):
        paired_difference([first], [results([0.1], [0], [0])])


def test_without_queries_there_are_no_figures_and_scores_must_be_numbers() -> None:
    labels = random_labels(5, treatments=1, plates=1)
    none = replicate_retrieval(cosine_scores(np.ones((5, 2))), labels, other_positions=True)
    assert len(none) == 0
    with pytest.raises(ValueError, match="no query"):
        summarise([none])
    with pytest.raises(ValueError, match="finite"):
        replicate_retrieval(
            lambda rows: np.full((len(rows), 5), np.nan), random_labels(5, plates=2), other_positions=False
        )
