"""Colour scales: limits, what lies beyond them, maps, and one scale for several files."""

from __future__ import annotations

import dataclasses

import numpy as np
import pyqtgraph as pg
import pytest

from app.colouring import MAPS, Computed, MapChoice, colour, colour_together, fit_scale, quantity
from app.colouring.quantities import Quantity
from app.open_plate import Column
from app.session_file import Limits
from app.theme import LIGHT


def numbers(values, **how) -> Quantity:
    return Quantity("Value", np.asarray(values, dtype=np.float64), **how)


def test_a_linear_scale_runs_from_the_smallest_to_the_largest_value():
    scale = fit_scale([np.array([2.0, 4.0, np.nan]), np.array([6.0])], None)
    assert (scale.kind, scale.low, scale.high, scale.log) == ("linear", 2.0, 6.0, False)
    np.testing.assert_allclose(scale.shares(np.array([2.0, 4.0, 6.0, np.nan])).share, [0, 0.5, 1, np.nan])


def test_a_log_scale_has_no_place_for_what_is_not_positive_and_says_so():
    scale = fit_scale([np.array([0.01, 1.0, 0.0, -3.0])], Limits("k", "log"))
    share = scale.shares(np.array([0.01, 0.1, 1.0, 0.0])).share
    np.testing.assert_allclose(share, [0, 0.5, 1, np.nan])
    colouring = colour_together([numbers([0.01, 1.0, 0.0, -3.0])], LIGHT, Limits("k", "log"))[0]
    assert colouring.unplaced == 2
    assert colouring.known.tolist() == [True, True, False, False]


def test_robust_limits_are_three_mads_from_the_median_whatever_a_few_wells_do():
    rng = np.random.default_rng(0)
    values = rng.normal(10, 2, 5000)
    values[:20] = 1e6
    scale = fit_scale([values], Limits("k", "robust"))
    assert scale.centre == pytest.approx(10, abs=0.1)
    assert scale.high - scale.low == pytest.approx(12, abs=0.4)
    placed = scale.shares(values)
    assert placed.above[:20].all()
    assert placed.above.sum() < 40
    assert placed.share.max() == 1


def test_robust_limits_of_equal_values_fall_to_the_whole_range_and_say_so():
    scale = fit_scale([np.array([1.0, 1.0, 1.0, 5.0])], Limits("k", "robust"))
    assert (scale.low, scale.high) == (1.0, 5.0)
    assert "MAD is 0" in scale.in_words
    assert scale.centre is None


def test_limits_by_hand_hold_and_what_lies_beyond_is_counted_at_its_end():
    part = numbers([0.0, 1.0, 2.0, 3.0, 4.0])
    colouring = colour_together([part], LIGHT, Limits("k", "manual", 0.5, 2.5))[0]
    assert colouring.limits == ("0.5", "2.5")
    assert colouring.beyond == (1, 2)
    np.testing.assert_array_equal(colouring.rgb[3], colouring.rgb[4])
    assert "set by hand" in colouring.title
    reversed_bar = colour_together(
        [dataclasses.replace(part, reverse=True)], LIGHT, Limits("k", "manual", 0.5, 2.5)
    )
    assert reversed_bar[0].beyond == (2, 1)
    assert reversed_bar[0].limits == ("2.5", "0.5")


def test_limits_by_hand_keep_the_logarithm_where_ratios_count():
    scale = fit_scale([np.array([0.001, 1.0])], Limits("p", "manual", 0.01, 1.0), log=True)
    assert scale.log
    np.testing.assert_allclose(scale.shares(np.array([0.1])).share, [0.5])


def test_a_bar_centred_on_zero_or_the_median_may_diverge_and_no_other():
    assert fit_scale([np.array([-2.0, 1.0])], Limits("k", "manual", -3.0, 3.0)).centre == 0
    assert fit_scale([np.array([-2.0, 1.0])], None).centre is None
    choice = MapChoice("cividis", "vik")
    assert choice.map_for(centred=True).id == "vik"
    assert choice.map_for(centred=False).id == "cividis"
    assert choice.with_map("viridis", centred=True) == MapChoice("viridis", "")
    assert choice.with_map("viridis", centred=False) == MapChoice("viridis", "vik")
    assert choice.with_map("berlin", centred=True) == MapChoice("cividis", "berlin")


def test_maps_that_are_unknown_fall_to_the_default():
    assert MapChoice("jet", "rainbow") == MapChoice()
    assert MapChoice("vik", "viridis") == MapChoice()


@pytest.mark.parametrize("name", ["viridis", "cividis"])
def test_maps_are_the_published_ones(name):
    published = pg.colormap.get(name).getLookupTable(nPts=256)[:, :3].astype(int)
    assert np.abs(MAPS[name].table.astype(int) - published).max() <= 12
    lightness = MAPS[name].table @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(lightness) > -0.5).all()


def test_diverging_maps_are_lightest_or_darkest_in_their_middle():
    for name, sign in (("vik", 1), ("berlin", -1)):
        lightness = sign * (MAPS[name].table @ np.array([0.2126, 0.7152, 0.0722]))
        assert abs(int(lightness.argmax()) - 127) < 16
        assert min(lightness[127] - lightness[0], lightness[127] - lightness[255]) > 40


def test_two_files_share_one_scale():
    low, high = colour_together([numbers([0.0, 1.0]), numbers([1.0, 2.0])], LIGHT)
    assert low.limits == high.limits == ("0", "2")
    np.testing.assert_array_equal(low.rgb[1], high.rgb[0])


def test_two_files_share_the_colours_of_names_and_many_names_share_one():
    first = Quantity("Mechanism", np.array([0, 0, 1, -1], np.int32), ("a", "b"))
    second = Quantity("Mechanism", np.array([1, 0], np.int32), ("c", "b"))
    one, two = colour_together([first, second], LIGHT)
    assert [name for name, _ in one.entries] == ["a", "b", "c"]
    np.testing.assert_array_equal(one.rgb[2], two.rgb[0 if second.names[second.values[0]] == "b" else 1])
    many = Quantity("Name", np.arange(12, dtype=np.int32), tuple("abcdefghijkl"))
    assert colour_together([many], LIGHT)[0].entries[-1][0] == "3 more"


def test_a_file_without_the_quantity_says_so_beside_one_that_has_it():
    without = numbers([np.nan, np.nan], note="not in this file")
    coloured, empty = colour_together([numbers([1.0, 2.0]), without], LIGHT)
    assert coloured.known.all()
    assert not empty.known.any()
    alone = colour_together([without], LIGHT)[0]
    assert alone.title == "Value: not in this file"


def test_what_the_engine_computes_is_coloured_when_it_is_there(plate):
    waiting = quantity(plate, "rank")
    assert colour_together([waiting], LIGHT)[0].title == "Rank of the true molecule: not computed yet"
    ranks = np.where(plate.treatment_of_well >= 0, plate.treatment_of_well + 1.0, np.nan)
    known = quantity(plate, "rank", {"rank": Computed(ranks, text=lambda row: f"{ranks[row]:.0f} of 6")})
    colouring = colour_together([known], LIGHT)[0]
    assert colouring.limits == ("6", "1")
    row = int(np.flatnonzero(plate.treatment_of_well == 2)[0])
    assert colouring.described(row) == "Rank of the true molecule: 3 of 6"


def test_described_values(plate):
    assert colour(plate, "column:Metadata_cell_count", LIGHT).described(7) == "Cell count: 7"
    moa = colour(plate, "column:Metadata_moa", LIGHT)
    assert moa.described(0) == "Mechanism of action: no value"
    assert "COX inhibitor" in moa.described(int(np.flatnonzero(plate.treatment_of_well == 0)[0]))
    nan = dataclasses.replace(plate, columns={"Metadata_x": Column(np.full(len(plate), np.nan))})
    assert colour(nan, "column:Metadata_x", LIGHT).described(0) == "X: no value"
    with pytest.raises(KeyError):
        colour(plate, "column:nothing", LIGHT)
