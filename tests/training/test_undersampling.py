"""Leaving out inactive treatments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molphenix_core.errors import JobError
from molphenix_core.training.batches import TrainingSet
from molphenix_core.training.undersampling import UndersamplingConfig, inactive, undersample


def training_set(p_values: list[float] | None, *, count: int = 0) -> TrainingSet:
    n = len(p_values) if p_values is not None else count
    return TrainingSet(
        space="s",
        wells=np.zeros((n, 1), dtype=np.float32),
        starts=np.arange(n + 1),
        molecule=np.arange(n),
        dose=np.ones(n),
        p_value=None if p_values is None else np.array(p_values, dtype=np.float64),
    )


P_VALUES = st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), max_size=40)


@given(P_VALUES, st.floats(0, 1), st.floats(0, 1), st.integers(0, 1000))
def test_the_active_and_the_unknown_stay_and_a_share_of_the_others(
    p_values: list[float], threshold: float, keep: float, seed: int
) -> None:
    data, config = training_set(p_values), UndersamplingConfig(threshold, keep)
    rows = undersample(data, config, np.random.default_rng(seed))
    idle = [row for row, p in enumerate(p_values) if p >= threshold]
    assert np.flatnonzero(inactive(data, config)).tolist() == idle
    assert (np.diff(rows) > 0).all()
    kept = set(rows.tolist())
    assert kept >= set(range(len(p_values))) - set(idle)
    assert len(kept & set(idle)) == round(keep * len(idle))


def test_another_share_is_drawn_each_time_and_none_is_preferred() -> None:
    data, random = training_set([0.5] * 40), np.random.default_rng(0)
    seen = np.zeros(40)
    for _ in range(400):
        seen[undersample(data, UndersamplingConfig(keep=0.25), random)] += 1
    assert seen.sum() == 400 * 10
    assert 60 < seen.min() <= seen.max() < 140


@pytest.mark.parametrize("p_values", [None, [np.nan] * 5])
def test_a_set_without_p_values_is_trained_on_whole(p_values: list[float] | None) -> None:
    data = training_set(p_values, count=5)
    assert not inactive(data, UndersamplingConfig()).any()
    assert undersample(data, UndersamplingConfig(), np.random.default_rng(0)).tolist() == list(range(5))


def test_without_undersampling_all_stay() -> None:
    assert undersample(training_set([0.9, 0.01]), None, np.random.default_rng(0)).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("field", "value"), [("threshold", 1.5), ("threshold", float("nan")), ("keep", -0.1), ("keep", float("nan"))]
)
def test_what_is_no_share_is_refused(field: str, value: float) -> None:
    with pytest.raises(JobError, match=f"fit.undersampling.{field}: found .*; expected 0 to 1"):
        UndersamplingConfig(**{field: value})
