"""Numbers by locale."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLocale

from app.numbers import fixed, in_locale, integer, number, percent, read_number


@pytest.fixture
def german():
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    yield
    QLocale.setDefault(before)


def test_three_significant_digits_without_an_exponent_where_that_is_short():
    shown = [number(v) for v in (0, 0.1517, 12.345, 1747.4, 0.5, 3, 1e-7, 2.5e9, -0.25)]
    assert shown == ["0", "0.152", "12.3", "1747", "0.5", "3", "1.0e-07", "2.5e+09", "-0.25"]
    assert number(math.nan) == "–"
    assert number(math.inf) == "∞"


def test_groups_decimals_and_shares():
    assert integer(1_000_000) == "1,000,000"
    assert fixed(1747.25, 1) == "1,747.3"
    assert percent(0.0571) == "5.7 %"


@pytest.mark.usefixtures("german")
def test_a_german_reads_and_types_a_comma():
    assert number(0.1517) == "0,152"
    assert integer(1_000_000) == "1.000.000"
    assert read_number("0,5") == 0.5
    assert read_number("1e-3") == 0.001


def test_what_is_no_finite_number_is_none():
    assert [read_number(text) for text in ("", "nan", "inf", "12x", "1 2")] == [None] * 5
    assert read_number(" −2.5 ") == -2.5


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.integers(2, 6))
def test_what_is_shown_reads_back_to_the_digits_shown(value, digits):
    back = read_number(number(value, digits))
    assert back is not None
    assert math.isclose(back, value, rel_tol=6 * 10.0 ** -max(digits - 2 + 1, 2), abs_tol=0)


@pytest.mark.usefixtures("german")
def test_sentences_of_the_library_follow_the_locale():
    text = "cell-painting-1.2: recall 0.090 (chance 0.015), -0.5, first 18 of 1,747, 1,234.5 of v1.2.3, a/0.5.h5ad"
    told = "cell-painting-1.2: recall 0,090 (chance 0,015), -0,5, first 18 of 1.747, 1.234,5 of v1.2.3, a/0.5.h5ad"
    assert in_locale(text) == told
    assert in_locale("among 3,4 and 5, or 12.") == "among 3,4 and 5, or 12."


def test_english_sentences_stay():
    assert in_locale("0.090 of 1,747") == "0.090 of 1,747"
