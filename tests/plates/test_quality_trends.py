"""Effects of the place: found where planted, and no more often than chance where not."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from molphenix_core.plates.plate import EmbeddingInfo, Plate
from molphenix_core.plates.quality_trends import TRENDS, edge_wells, plate_trends
from molphenix_core.plates.readouts import Readout
from molphenix_core.plates.wells import well_name


def a_run(*, plates: int = 1, controls: bool = True, rows: range = range(8), columns: range = range(12)) -> Plate:
    """Plates full of negative controls, or of treatments."""
    wells = pd.DataFrame(
        [
            {
                "Metadata_Plate": f"P{plate}",
                "Metadata_Well": well_name(row, column),
                "Metadata_pert_type": "control" if controls else "trt",
                "Metadata_control_type": "negcon" if controls else None,
                "Metadata_SMILES": None,
                "Metadata_Concentration": np.nan,
            }
            for plate in range(plates)
            for row in rows
            for column in columns
        ]
    )
    values = np.zeros((len(wells), 2), dtype=np.float32)
    return Plate(wells, values, ("a", "b"), EmbeddingInfo(), simulated=True)


def noise(plate: Plate, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=len(plate))


def measured(plate: Plate, values: NDArray[np.float64], *, permutations: int = 499) -> pd.DataFrame:
    """Table of one plate, by trend."""
    return plate_trends(plate, Readout("planted", values), permutations=permutations).set_index("trend")


def test_the_edge_is_the_outermost_ring_that_is_used() -> None:
    assert edge_wells(a_run()).sum() == 2 * 8 + 2 * 10
    inner = a_run(rows=range(1, 7), columns=range(1, 11))
    assert edge_wells(inner).sum() == 2 * 6 + 2 * 8
    unplaced = dataclasses.replace(inner, wells=inner.wells.assign(Metadata_Well=None))
    assert not edge_wells(unplaced).any()


def test_a_planted_edge_effect_has_its_size_and_sign() -> None:
    plate = a_run(plates=1)
    found = measured(plate, noise(plate) - 2.0 * edge_wells(plate))
    assert found["effect"]["edge"] == pytest.approx(-2, abs=0.5)
    assert found["p_value"]["edge"] == pytest.approx(1 / 500)
    assert found["wells"]["edge"] == 96
    assert found["among"]["edge"] == "negative controls"


def test_a_planted_gradient_shows_along_its_own_direction_only() -> None:
    plate = a_run()
    found = measured(plate, noise(plate) - 0.5 * plate.positions[:, 0])
    assert found["effect"]["row"] < -0.5
    assert found["p_value"]["row"] < 0.01
    assert found["p_value"]["rows"] < 0.01
    assert found["p_value"]["column"] > 0.05
    assert found["p_value"]["columns"] > 0.05


def test_stripes_are_uneven_columns_without_a_gradient() -> None:
    plate = a_run()
    found = measured(plate, noise(plate) + 2.0 * (plate.positions[:, 1] % 2))
    assert found["p_value"]["columns"] < 0.01
    assert found["effect"]["columns"] > 0.3
    assert abs(found["effect"]["column"]) < 0.3
    assert found["p_value"]["row"] > 0.05


def test_nothing_is_found_more_often_than_chance_where_nothing_is_planted() -> None:
    plate = a_run(plates=120)
    table = plate_trends(plate, Readout("noise", noise(plate)), permutations=199)
    for trend in TRENDS:
        own = table[table["trend"] == trend]
        # 120 plates at 5 %: six expected, 14 or more once in 300 runs.
        assert (own["p_value"] <= 0.05).sum() < 14
        assert (own["q_value"] >= own["p_value"]).all()
        assert (own["q_value"] > 0.05).all()
        assert own["p_value"].mean() == pytest.approx(0.5, abs=0.1)
    # Twelve columns explain an eighth of the variance of noise; beyond chance they explain none.
    assert table.loc[table["trend"] == "columns", "effect"].mean() < 0.05


@given(seed=st.integers(0, 10_000), power=st.sampled_from([1, 3, 5]))
@settings(max_examples=15, deadline=None)
def test_tests_depend_on_the_order_of_the_readouts_alone(seed: int, power: int) -> None:
    plate = a_run()
    values = noise(plate, seed)
    one, other = measured(plate, values, permutations=49), measured(plate, values**power, permutations=49)
    pd.testing.assert_series_equal(one["p_value"], other["p_value"])
    assert one["p_value"].between(1 / 50, 1).all()
    assert abs(one["effect"]["row"]) <= 1
    assert 0 <= one["effect"]["rows"] <= 1


def test_treated_wells_serve_on_a_plate_without_controls_only() -> None:
    plate = a_run(controls=False)
    assert (measured(plate, noise(plate))["among"] == "treated wells").all()
    wells = plate.wells.copy()
    wells.loc[wells["Metadata_Well"].isin(["A01", "B01", "C01", "D01", "E01"]), "Metadata_control_type"] = "negcon"
    few = measured(dataclasses.replace(plate, wells=wells), noise(plate))
    assert few["effect"].isna().all()
    assert few["reason"]["edge"] == "negative controls: 5 at the edge and 0 inside, at least 4 of each needed"
    assert "too few to tell" in few["reason"]["row"]


def test_a_readout_that_does_not_vary_has_no_trend() -> None:
    plate = a_run()
    found = measured(plate, np.ones(len(plate)))
    assert found[["effect", "p_value", "q_value"]].isna().all(axis=None)
    assert (found["reason"] == "negative controls: all 96 have one value").all()


def test_wells_without_readout_or_place_do_not_count() -> None:
    plate = a_run()
    values = noise(plate)
    values[:10] = np.nan
    wells = plate.wells.copy()
    wells.loc[wells.index[10:15], "Metadata_Well"] = None
    assert (measured(dataclasses.replace(plate, wells=wells), values)["wells"] == 81).all()
