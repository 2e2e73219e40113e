"""Traffic lights against the other plates of the run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molphenix_core.plates.quality_lights import deviations, traffic_lights

values = st.lists(st.floats(-100, 100, allow_nan=False).map(lambda v: round(v, 3)), min_size=8, max_size=30)


def lights(column: list[float], side: str = "high") -> list[str]:
    return traffic_lights(pd.DataFrame({"x": column}), {"x": side})["x"].tolist()


def test_a_plate_is_held_against_the_others() -> None:
    others = [1.0, 2, 3, 4, 5, 6, 7]
    away = (20 - 4) / np.std(others, ddof=1)
    assert deviations(np.array([*others, 20.0]))[-1] == pytest.approx(away)
    assert lights([*others, 20.0])[-1] == "red"


def test_colours_change_at_one_and_three_on_the_bad_side_alone() -> None:
    others = [-1.0, 1] * 6
    sd = float(np.std(others, ddof=1))
    for away, colour in ((0.9, "green"), (1.1, "amber"), (2.9, "amber"), (3.1, "red")):
        assert lights([*others, away * sd])[-1] == colour
        assert lights([*others, -away * sd])[-1] == "green"
        assert lights([*others, -away * sd], "low")[-1] == colour


def test_seven_plates_are_too_few() -> None:
    assert lights([0.0] * 6 + [100.0]) == [""] * 7
    assert lights([0.0, 1] * 4 + [np.nan])[-1] == ""
    assert lights([0.0] * 6 + [100.0] + [np.nan] * 5) == [""] * 12


def test_where_all_others_agree_one_that_does_not_is_red() -> None:
    assert lights([0.1] * 9 + [0.2]) == ["green"] * 9 + ["red"]
    assert lights([0.1] * 10) == ["green"] * 10


@given(column=values, scale=st.floats(0.5, 2), shift=st.floats(-10, 10))
@settings(max_examples=40, deadline=None)
def test_lights_know_no_unit(column: list[float], scale: float, shift: float) -> None:
    one = deviations(np.array(column))
    other = deviations(scale * np.array(column) + shift)
    regular = np.isfinite(one) & np.isfinite(other)
    np.testing.assert_allclose(one[regular], other[regular], rtol=1e-4, atol=1e-4)


@given(column=values)
@settings(max_examples=40, deadline=None)
def test_a_worse_value_never_gets_a_better_light(column: list[float]) -> None:
    order = {"green": 0, "amber": 1, "red": 2}
    colours = lights(column)
    ranked = [order[colours[row]] for row in np.argsort(column, kind="stable")]
    assert ranked == sorted(ranked)


def test_alike_plates_are_rarely_red() -> None:
    """What the docstring says: 1.5 % with eight plates, 0.3 % with thirty, one in six amber."""
    random = np.random.default_rng(0)
    for plates, red in ((8, 0.016), (30, 0.003)):
        away = np.concatenate([deviations(random.normal(size=plates)) for _ in range(500)])
        assert (away > 3).mean() == pytest.approx(red, abs=0.006)
        assert ((away > 1) & (away <= 3)).mean() == pytest.approx(1 / 6, abs=0.03)


def test_most_plates_of_a_sound_run_have_a_light_among_seven_figures() -> None:
    """What the window says of chance: about 70 % of plates are not green by the worst of seven figures."""
    random = np.random.default_rng(1)
    runs = [np.stack([deviations(random.normal(size=84)) for _ in range(7)]).max(axis=0) > 1 for _ in range(40)]
    assert np.mean(runs) == pytest.approx(0.70, abs=0.03)
