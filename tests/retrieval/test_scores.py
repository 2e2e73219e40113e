"""Scores of the whole library, which must say what the ranking says."""

from __future__ import annotations

import numpy as np
import pytest
from shipped import demo_workbench, shipped_bundle, shipped_library

from molphenix_core.retrieval.chance import Chance
from molphenix_core.retrieval.ranking import rank_wells
from molphenix_core.retrieval.scores import score_library


def treatments_with_chance(count: int) -> list[np.ndarray]:
    """Wells of the most active treatments, and of some for whose wells there is a calibrated chance."""
    opened = demo_workbench()
    table = opened.treatments
    order = table["p_value"].sort_values().index[:40]
    rows = [np.flatnonzero(opened.treatment_of_well == t) for t in order]
    told = [
        isinstance(rank_wells(opened, r, shipped_bundle(), shipped_library()).chance, Chance) for r in rows[:20]
    ]
    return [r for r, has in zip(rows, told, strict=False) if has][:count]


def test_order_scores_and_doses_are_those_of_the_ranking() -> None:
    opened, bundle, library = demo_workbench(), shipped_bundle(), shipped_library()
    one = np.flatnonzero(opened.treatment_of_well == 3)
    for rows in (one, np.concatenate([one, np.flatnonzero(opened.treatment_of_well == 5)])):
        ranking = rank_wells(opened, rows, bundle, library, top=100)
        scores = score_library(opened, rows, bundle, library)
        assert scores.at_doses.shape == (6, len(library))
        assert (scores.dose_index >= 0) == (not np.isnan(ranking.scored_at))
        table = ranking.candidates
        np.testing.assert_allclose(scores.score[table["molecule"]], table["score"], atol=1e-5)
        np.testing.assert_allclose(scores.score[scores.order[:100]], table["score"], atol=1e-5)
        best = library.doses[scores.at_doses[:, table["molecule"].to_numpy(np.int64)].argmax(axis=0)]
        if scores.dose_index < 0:
            np.testing.assert_array_equal(best, table["dose"])


def test_the_chance_of_a_rank_is_that_of_the_ranking_and_grows_to_one() -> None:
    opened, bundle, library = demo_workbench(), shipped_bundle(), shipped_library()
    found = treatments_with_chance(1)
    if not found:
        pytest.skip("no demo treatment has a calibrated chance")
    chance = rank_wells(opened, found[0], bundle, library).chance
    assert isinstance(chance, Chance)
    chances = score_library(opened, found[0], bundle, library).chance
    assert chances[chance.r - 1] == pytest.approx(chance.probability)
    assert (np.diff(chances) >= -1e-9).all()
    assert chances[-1] == 1.0


def test_without_a_calibrated_chance_there_is_none() -> None:
    opened = demo_workbench()
    mixed = np.flatnonzero(np.isin(opened.treatment_of_well, (3, 5)))
    assert np.isnan(score_library(opened, mixed, shipped_bundle(), shipped_library()).chance).all()


def test_wells_are_needed() -> None:
    with pytest.raises(ValueError, match="no wells"):
        score_library(demo_workbench(), np.empty(0, dtype=np.intp), shipped_bundle(), shipped_library())
