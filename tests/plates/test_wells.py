"""Well names and plate formats."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molphenix_core.plates.wells import FORMATS, format_for, parse_well, parse_wells, well_name

positions = st.tuples(st.integers(0, 31), st.integers(0, 47))


@given(positions)
def test_every_position_of_a_1536_well_plate_has_a_name_that_reads_back(position: tuple[int, int]) -> None:
    assert parse_well(well_name(*position)) == position


@given(positions, st.sampled_from(["{r}{c}", "{r}{c:02d}", "{r}{c:03d}", " {r}{c} ", "{r} {c}"]), st.booleans())
def test_spellings_in_use_are_one_well(position: tuple[int, int], spelling: str, lower: bool) -> None:
    row, column = position
    letters = well_name(row, 0)[:-2]
    text = spelling.format(r=letters.lower() if lower else letters, c=column + 1)
    assert parse_well(text) == position


@given(st.text(max_size=8))
def test_any_text_is_a_well_of_the_plate_or_none(text: str) -> None:
    found = parse_well(text)
    assert found is None or (0 <= found[0] < 32 and 0 <= found[1] < 48)


@pytest.mark.parametrize(
    "text", ["", "A0", "A00", "A49", "AG01", "BA01", "Q", "7", "A1B", "A-1", "A1.0", "А01", "A٣"]
)
def test_off_the_plate_or_no_well(text: str) -> None:
    assert parse_well(text) is None


@pytest.mark.parametrize(
    ("name", "expected"), [("A01", (0, 0)), ("H12", (7, 11)), ("P24", (15, 23)), ("AF48", (31, 47))]
)
def test_corners(name: str, expected: tuple[int, int]) -> None:
    assert parse_well(name) == expected
    assert well_name(*expected) == name


def test_many_at_once_mark_what_is_no_well() -> None:
    assert parse_wells(["B3", None, "x", 7, "AF48"]).tolist() == [
        [1, 2],
        [-1, -1],
        [-1, -1],
        [-1, -1],
        [31, 47],
    ]
    assert parse_wells([]).shape == (0, 2)


@pytest.mark.parametrize(
    ("names", "wells"),
    [
        ([], 96),
        (["A01"], 96),
        (["H12"], 96),
        (["I01"], 384),
        (["A13"], 384),
        (["P24"], 384),
        (["Q01"], 1536),
        (["A25"], 1536),
    ],
)
def test_smallest_format_that_holds_the_wells(names: list[str], wells: int) -> None:
    assert format_for(parse_wells([*names, None])).wells == wells


def test_formats_are_those_of_the_standard() -> None:
    assert [(f.rows, f.columns, f.wells) for f in FORMATS] == [(8, 12, 96), (16, 24, 384), (32, 48, 1536)]


def test_a_position_outside_every_format_is_refused() -> None:
    with pytest.raises(ValueError, match="outside a 1536-well plate"):
        format_for(np.array([[32, 0]], dtype=np.int16))
