"""Converting: doses in any unit become micromolar."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_up_tables import WELLS, converted, save, values

from molphenix_core.errors import TableError
from molphenix_core.plates.plate import CONCENTRATION


@pytest.mark.parametrize(
    ("name", "cells", "expected"),
    [
        ("conc_uM", [1, 2.5, None, 10], [1.0, 2.5, None, 10.0]),
        ("conc_nM", [1, 2500, None, 5], [0.001, 2.5, None, 0.005]),
        ("Concentration (uM)", ["1", "3,3", "", "5 nM"], [1.0, 3.3, None, 0.005]),
        ("Concentration [µM]", [1, 2, 3, 4], [1.0, 2.0, 3.0, 4.0]),
        ("Metadata_mmoles_per_liter", [0.001, 0.01, None, 0.0033], [1.0, 10.0, None, 3.3]),
        ("dose", ["10 µM", "0.1 mM", "1e-6 M", "3.3uM"], [10.0, 100.0, 1.0, 3.3]),
        ("Dose_M", [1e-6, 1e-5, None, 5e-9], [1.0, 10.0, None, 0.005]),
        ("Metadata_Concentration", [1, 2, 3, 4], [1.0, 2.0, 3.0, 4.0]),
    ],
)
def test_doses_become_micromolar(name: str, cells: list[object], expected: list[object], tmp_path: Path) -> None:
    plate, report = converted(tmp_path, {name: cells})
    assert values(plate, CONCENTRATION) == expected
    assert plate.wells[CONCENTRATION].dtype == np.float64
    assert report.mapped[CONCENTRATION] == name


def test_a_unit_given_goes_before_the_name_and_a_column_of_units_after_it(tmp_path: Path) -> None:
    numbers = [1, 10, 100, 1000]
    assert values(converted(tmp_path, {"conc_nM": numbers}, unit="µM")[0], CONCENTRATION) == [
        1.0,
        10.0,
        100.0,
        1000.0,
    ]
    units = {"pert_dose": numbers, "pert_dose_unit": ["uM", "nM", "µM", "nM"]}
    plate, _ = converted(tmp_path, units)
    assert values(plate, CONCENTRATION) == [1.0, 0.01, 100.0, 1.0]
    assert "Metadata_concentration_unit" not in plate.wells
    assert values(converted(tmp_path, units, unit="mM")[0], CONCENTRATION) == [1e3, 1e4, 1e5, 1e6]
    with pytest.raises(TableError, match="unit: found 'ug/mL'; expected pM, nM, uM, mM, M"):
        converted(tmp_path, units, unit="ug/mL")


def test_doses_that_are_too_high_to_be_true_are_noted(tmp_path: Path) -> None:
    _, report = converted(tmp_path, {"Metadata_mmoles_per_liter": [3.3, 10, 1.1, 10]})
    assert any("is its unit right?" in note for note in report.notes)
    _, report = converted(tmp_path, {"conc_uM": [3.3, 10, 1.1, 10]})
    assert not any("unit" in note for note in report.notes)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["1", "2", "lots", "4"], r"dose, row 3: found 'lots'; expected a number with or without a unit"),
        ([1, -2, 3, 4], r"dose, row 2: found '-2"),
        ([1, 2, 0, 4], r"dose, row 3: found 0 \(1 such\); expected above zero for a treatment"),
    ],
)
def test_doses_that_are_none(cells: list[object], message: str, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=message):
        converted(tmp_path, {"dose": cells})


def test_texts_beside_the_solvent_are_no_doses(tmp_path: Path) -> None:
    for text in ("DMSO", "0.1 %", "vehicle", "0"):
        plate, _ = converted(tmp_path, {"name": ["DMSO", "a", "b", "c"], "dose": [text, "1", "2 nM", None]})
        assert values(plate, CONCENTRATION) == [None, 1.0, 0.002, None]


def test_a_solvent_known_only_from_the_plate_map_has_no_dose(tmp_path: Path) -> None:
    plate_map = save(tmp_path, {"well": WELLS["well"], "name": ["DMSO", "a", "b", "c"]}, "map.csv")
    plate, _ = converted(tmp_path, {"conc_uM": [10, 10, 5, 1]}, plate_map=plate_map)
    assert values(plate, CONCENTRATION) == [None, 10.0, 5.0, 1.0]
