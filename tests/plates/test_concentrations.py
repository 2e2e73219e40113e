"""Concentrations as people write them."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molphenix_core.errors import TableError
from molphenix_core.plates.concentrations import UNITS, parse_concentration, parse_concentrations, parse_unit

SPELLINGS = {
    "pM": ("pM", "pm", "PM", "pmol/L", "pmoles_per_liter", "picomolar"),
    "nM": ("nM", "nm", "NM", "nmol/l", "nanomolar"),
    "uM": ("uM", "um", "UM", "µM", "μM", "µm", "umol/L", "µmol/L", "micromolar", "Micromolar"),
    "mM": ("mM", "mm", "mmol/L", "mmoles_per_liter", "mmoles_per_litre", "millimolar"),
    "M": ("M", "mol/L", "mol/l", "molar"),
}
spelled = st.sampled_from([(unit, text) for unit, texts in SPELLINGS.items() for text in texts])
numbers = st.decimals(min_value=0, max_value=10**6, places=6, allow_nan=False, allow_infinity=False)


@given(numbers, spelled, st.sampled_from(["", " ", "_", "  "]), st.sampled_from([".", ","]))
def test_every_number_in_every_unit(number: Decimal, unit: tuple[str, str], gap: str, point: str) -> None:
    name, spelling = unit
    text = f"{number:f}".replace(".", point)
    assert parse_concentration(text + gap + spelling) == float(number.scaleb(UNITS[name]))


@given(st.floats(0, 1e100), spelled)
def test_every_float_as_python_writes_it(number: float, unit: tuple[str, str]) -> None:
    expected = float(Decimal(repr(number)).scaleb(UNITS[unit[0]]))
    assert parse_concentration(f"{number!r} {unit[1]}") == expected
    assert parse_concentration(repr(number), unit[0]) == expected


@pytest.mark.parametrize(
    ("text", "micromolar"),
    [
        ("10 µM", 10.0),
        ("5 nM", 0.005),
        ("0.1 mM", 100.0),
        ("1e-6 M", 1.0),
        ("3.3e-6 M", 3.3),
        ("3.3uM", 3.3),
        ("10", 10.0),
        ("3,3 uM", 3.3),
        ("0,125", 0.125),
        (".5", 0.5),
        ("+2.", 2.0),
        ("0", 0.0),
        ("1250 nM", 1.25),
    ],
)
def test_examples(text: str, micromolar: float) -> None:
    assert parse_concentration(text) == micromolar


@pytest.mark.parametrize("text", ["", "  ", "NA", "n/a", "nan", "None", "-"])
def test_missing(text: str) -> None:
    assert math.isnan(parse_concentration(text))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ten",
            "-1",
            "-1 uM",
            "inf",
            "1e999",
            "10 MM",
            "10 m",
            "10 µg/mL",
            "0.1 %",
            "1,250",
            "1,250 nM",
            "1,234.5",
        ),
        *("1 000", "10 20", ">10 uM", "~1", "10 uM/ml", "uM", "1..5", "1e", "0x10", "10;5", "10 uM 5", "١"),
    ],
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_concentration(text)


@given(st.text(max_size=10))
def test_any_text_is_a_concentration_or_refused(text: str) -> None:
    try:
        value = parse_concentration(text)
    except ValueError:
        return
    assert math.isnan(value) or (0 <= value < math.inf)


@pytest.mark.parametrize("text", ["", "ug/mL", "%", "MM", "m", "x", "uMM", "min", "mol", "moles"])
def test_what_is_no_molar_unit(text: str) -> None:
    assert parse_unit(text) is None


def test_a_column_names_the_row_at_fault() -> None:
    column = pd.Series(["1 uM", None, "10 ug", "5"])
    with pytest.raises(TableError, match=r"screen\.csv: Dose, row 3: found '10 ug'; expected a number"):
        parse_concentrations("screen.csv", "Dose", column)


def test_a_column_of_numbers_in_its_unit() -> None:
    values = parse_concentrations("t", "c", pd.Series([3.3, np.nan, 0.0]), "nM")
    np.testing.assert_array_equal(values, [0.0033, np.nan, 0.0])
    assert values.dtype == np.float64


def test_a_unit_a_row_yields_to_the_unit_in_the_text() -> None:
    column, units = pd.Series(["1", "2", "3 mM", "4", None]), pd.Series(["nM", "µM", "nM", None, "?"])
    np.testing.assert_array_equal(parse_concentrations("t", "c", column, units), [0.001, 2.0, 3000.0, 4.0, np.nan])


def test_an_unknown_unit_of_a_row_is_named() -> None:
    with pytest.raises(TableError, match=r"c, row 2: found '5' in 'ug/mL'"):
        parse_concentrations("t", "c", pd.Series(["1", "5"]), pd.Series(["uM", "ug/mL"]))
