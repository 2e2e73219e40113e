"""Converting: missing values of the features."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up_tables import save

from molphenix_core.plates.convert import plate_from_table
from molphenix_core.plates.plate import Plate
from molphenix_core.plates.report import ConversionReport


def many(rows: int = 40, width: int = 8) -> tuple[dict[str, object], np.ndarray]:
    wells = {
        "plate": ["P"] * (rows // 2) + ["Q"] * (rows - rows // 2),
        "well": [f"{'ABCDEFGH'[i % (rows // 2) // 12]}{i % (rows // 2) % 12 + 1}" for i in range(rows)],
    }
    return wells, np.random.default_rng(0).normal(size=(rows, width))


def gapped(folder: Path, wells: Mapping[str, object], numbers: np.ndarray) -> tuple[Plate, ConversionReport]:
    features = {f"f_{i}": column for i, column in enumerate(numbers.T)}
    return plate_from_table(save(folder, {**wells, **features}))


def test_gaps_are_dropped_or_filled_and_counted(tmp_path: Path) -> None:
    wells, numbers = many()
    complete = numbers.copy()
    numbers[3, :5] = np.nan  # over half of this well
    numbers[4, :4] = np.nan  # exactly half: stays
    numbers[[10, 11, 12], 6] = np.inf  # 3 of 39: over 5 % of this feature
    numbers[25, 7] = -np.inf
    plate, report = gapped(tmp_path, wells, numbers)
    assert report.dropped_wells == ("P:A04",)
    assert report.dropped_features == ("f_6",)
    assert (report.filled, report.filled_over_plates) == (5, 0)
    assert len(plate) == 39
    assert plate.feature_names == ("f_0", "f_1", "f_2", "f_3", "f_4", "f_5", "f_7")
    on_p = [row for row in range(20) if row not in (3, 4)]
    filled = plate.embeddings[plate.wells.index.get_loc("P:A05")]
    np.testing.assert_allclose(filled[:4], np.median(complete[on_p, :4], axis=0), rtol=1e-6)
    np.testing.assert_allclose(filled[4:], complete[4, [4, 5, 7]], rtol=1e-6)
    on_q = [row for row in range(20, 40) if row != 25]
    assert plate.embeddings[24, 6] == pytest.approx(np.median(complete[on_q, 7]), rel=1e-6)


def test_a_feature_missing_on_a_whole_small_plate_takes_the_median_of_all(tmp_path: Path) -> None:
    wells, numbers = many()
    wells["plate"] = ["P"] * 39 + ["Q"]
    wells["well"] = [f"{'ABCDEFGH'[i // 12]}{i % 12 + 1}" for i in range(40)]
    numbers[39, 0] = np.nan
    plate, report = gapped(tmp_path, wells, numbers)
    assert (report.filled, report.filled_over_plates) == (1, 1)
    assert plate.embeddings[39, 0] == pytest.approx(np.median(numbers[:39, 0]), rel=1e-6)
    assert "1 missing value filled" in str(report)


def test_numbers_beyond_float32_are_missing(tmp_path: Path) -> None:
    wells, numbers = many()
    numbers[0, 0] = 1e300
    plate, report = gapped(tmp_path, wells, numbers)
    assert report.filled == 1
    assert np.isfinite(plate.embeddings).all()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_gap_is_left_and_nothing_else_changes(data: st.DataObject, tmp_path: Path) -> None:
    wells, numbers = many(rows=24, width=4)
    numbers = numbers.astype(np.float32)
    spots = data.draw(st.lists(st.tuples(st.integers(0, 23), st.integers(0, 2)), max_size=12, unique=True))
    for row, column in spots:
        numbers[row, column] = data.draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    plate, report = gapped(tmp_path, wells, numbers)
    assert np.isfinite(plate.embeddings).all()
    assert len(plate) == 24 - len(report.dropped_wells)
    assert plate.embeddings.shape[1] == 4 - len(report.dropped_features)
    rows = [i for i in range(24) if f"{wells['plate'][i]}:A{i % 12 + 1:02d}" in set(plate.wells.index)]  # type: ignore[index]
    kept = numbers[np.ix_(rows, [int(name[2:]) for name in plate.feature_names])]
    present = np.isfinite(kept)
    np.testing.assert_array_equal(plate.embeddings[present], kept[present])
    assert report.filled == int((~present).sum())
