from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molphenix_core.errors import InputError
from molphenix_core.plates.dose_response import HillFit, NoHillFit, fit_hill

SIX = np.array([0.62, 1.25, 2.5, 5.0, 10.0, 20.0])


def hill(doses: np.ndarray, bottom: float, top: float, ec50: float, slope: float) -> np.ndarray:
    return bottom + (top - bottom) / (1 + (ec50 / doses) ** slope)


def fitted(doses: np.ndarray, responses: np.ndarray) -> HillFit:
    found = fit_hill(doses, responses)
    assert isinstance(found, HillFit), found
    return found


@settings(max_examples=40, deadline=None)
@given(
    st.floats(-5, 5),
    st.floats(0.5, 8),
    st.booleans(),
    st.floats(1.0, 12.0),
    st.floats(0.7, 3.0),
    st.integers(2, 4),
)
def test_a_curve_without_noise_is_found_again(
    bottom: float, height: float, falls: bool, ec50: float, slope: float, replicates: int
) -> None:
    top = bottom - height if falls else bottom + height
    doses = np.repeat(SIX, replicates)
    found = fitted(doses, hill(doses, bottom, top, ec50, slope))

    assert found.ec50 == pytest.approx(ec50, rel=0.02)
    assert found.bottom == pytest.approx(bottom, abs=0.05 * height)
    assert found.top == pytest.approx(top, abs=0.05 * height)
    assert found.slope == pytest.approx(slope, rel=0.05)
    assert found.r_squared > 0.999
    assert not found.is_extrapolated
    np.testing.assert_allclose(found.curve(SIX), hill(SIX, bottom, top, ec50, slope), atol=0.01 * height)


@pytest.mark.parametrize(("replicates", "noise"), [(4, 0.1), (2, 0.1), (4, 0.02)])
def test_intervals_hold_the_truth_as_often_as_they_say(replicates: int, noise: float) -> None:
    random = np.random.default_rng(0)
    doses = np.repeat(SIX, replicates)
    grid = np.geomspace(SIX[0], SIX[-1], 9)
    hits = []
    for _ in range(150):
        truth = {"bottom": 0.2, "top": 1.2, "ec50": random.uniform(1.5, 8), "slope": random.uniform(0.8, 2.5)}
        found = fitted(doses, hill(doses, **truth) + random.normal(0, noise, len(doses)))
        low, high = found.band(grid)
        curve = found.curve(grid)
        assert (low <= curve).all()
        assert (curve <= high).all()
        inside = [found.intervals[name][0] <= value <= found.intervals[name][1] for name, value in truth.items()]
        hits.append([*inside, ((low <= hill(grid, **truth)) & (hill(grid, **truth) <= high)).mean()])
    # 95 % of 150, with three standard errors either side.
    covered = np.mean(hits, axis=0)
    assert (covered >= 0.895).all(), covered
    assert (covered[:-1] <= 1.0).all()
    assert covered.mean() < 0.985


@pytest.mark.parametrize("distribution", ["normal", "lognormal"])
@pytest.mark.parametrize("replicates", [1, 4])
def test_flat_noise_seldom_gets_an_ec50(distribution: str, replicates: int) -> None:
    random = np.random.default_rng(1)
    doses = np.repeat(SIX, replicates)
    found = [fit_hill(doses, getattr(random, distribution)(size=len(doses))) for _ in range(300)]
    # One in a hundred: three of 300 expected, more than nine in one run of two thousand.
    assert sum(isinstance(each, HillFit) for each in found) <= 9
    assert all("does not change with dose" in each.reason for each in found if isinstance(each, NoHillFit))


def test_more_replicates_make_narrower_intervals() -> None:
    widths = []
    for replicates in (2, 32):
        doses = np.repeat(SIX, replicates)
        noise = np.random.default_rng(2).normal(0, 0.05, len(doses))
        low, high = fitted(doses, hill(doses, 0, 1, 3, 2) + noise).intervals["ec50"]
        widths.append(np.log10(high / low))
    assert widths[1] < widths[0] / 2


def test_an_ec50_that_the_doses_do_not_bound_is_open() -> None:
    doses = np.repeat(SIX, 4)
    noise = np.random.default_rng(3).normal(0, 0.02, len(doses))
    found = fitted(doses, hill(doses, 0, 1, 60, 1) + noise)
    assert found.is_extrapolated
    assert found.intervals["ec50"][0] > 5
    assert found.intervals["ec50"][1] == np.inf


def test_three_doses_fix_the_slope() -> None:
    doses = np.repeat([1.0, 5.0, 25.0], 4)
    noise = np.random.default_rng(4).normal(0, 0.02, len(doses))
    found = fitted(doses, hill(doses, 0, 1, 5, 1) + noise)
    assert found.slope_is_fixed
    assert found.slope == 1.0
    assert found.intervals["slope"] == (1.0, 1.0)
    assert found.intervals["ec50"][0] < 5 < found.intervals["ec50"][1]


@pytest.mark.parametrize(
    ("doses", "responses", "reason"),
    [
        ([], [], "three doses or more are needed, 0 known"),
        ([1, 1, 10, 10], [0, 0, 1, 1], "three doses or more are needed, 2 known"),
        # 0.62 and 0.63 are one nominal dose.
        ([0.62, 0.63, 10, 10, 0.62], [0, 0, 1, 1, 0], "three doses or more are needed, 2 known"),
        ([1, 2, np.nan, 4, np.nan], [0, 0, 1, np.nan, 1], "three doses or more are needed, 2 known"),
        ([1, 2, 4], [0, 1, 2], "4 wells or more are needed, 3 known"),
        ([1, 2, 4, 8], [0, 1, 2, 3], "5 wells or more are needed, 4 known"),
        ([1, 2, 4, 8, 8], [3, 3, 3, 3, 3], "the same in all wells"),
    ],
)
def test_too_little_says_why(doses: list[float], responses: list[float], reason: str) -> None:
    found = fit_hill(doses, responses)
    assert isinstance(found, NoHillFit)
    assert found.reason.startswith("not available: ")
    assert reason in found.reason


def test_the_unit_of_the_response_and_the_order_of_wells_do_not_matter() -> None:
    random = np.random.default_rng(5)
    doses = np.repeat(SIX, 3)
    responses = hill(doses, 0, 1, 4, 1.5) + random.normal(0, 0.05, len(doses))
    order = random.permutation(len(doses))
    first, second = fitted(doses, responses), fitted(doses[order], 1e4 * responses[order] - 7)
    assert second.ec50 == pytest.approx(first.ec50, rel=1e-3)
    assert second.bottom == pytest.approx(1e4 * first.bottom - 7, rel=1e-2, abs=20)
    assert second.intervals["ec50"] == pytest.approx(first.intervals["ec50"], rel=1e-2)


def test_the_same_seed_gives_the_same_fit() -> None:
    doses = np.repeat(SIX, 3)
    responses = hill(doses, 0, 1, 4, 1.5) + np.random.default_rng(6).normal(0, 0.1, len(doses))
    first, second = fitted(doses, responses), fitted(doses, responses)
    assert first.p_value == second.p_value
    assert first.intervals == second.intervals


def test_what_is_no_dose_is_refused() -> None:
    with pytest.raises(InputError, match="0 micromolar"):
        fit_hill([0.0, 1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="concentrations and"):
        fit_hill([1, 2, 3], [1, 2])
