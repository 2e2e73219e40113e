"""The rule on plain arrays: the same as on tables, without pandas, and quick."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from molphenix_core.errors import InputError
from molphenix_core.plates.hit_rule import CRITERIA, HitRule, count_hits, failed_criterion, not_checked, reason

NAN = np.nan
COLUMNS = {
    "n_wells": np.array([1.0, 3, 3, 3, 3, 3]),
    "q_value": np.array([0.001, NAN, 0.2, 0.01, 0.01, 0.02]),
    "pains": np.array([0.0, 0, 0, 1, NAN, 0]),
}


def test_each_treatment_is_told_the_first_criterion_that_it_fails():
    rule = HitRule(exclude_pains=True)
    failed = failed_criterion(COLUMNS, rule)
    told = [reason(COLUMNS, rule, row, int(place)) for row, place in enumerate(failed)]
    assert told == ["replicates 1 below 2", "no q-value", "q-value 0.2 above 0.05", "PAINS", "", ""]
    assert [CRITERIA[place].field for place in failed[:4]] == ["min_replicates", "max_q", "max_q", "exclude_pains"]


def test_a_reason_is_written_with_the_numbers_of_the_reader():
    rule = HitRule()
    assert reason(COLUMNS, rule, 2, 1, number=lambda v: f"{v:g}".replace(".", ",")) == "q-value 0,2 above 0,05"


def test_a_flag_that_is_not_known_is_not_checked():
    ((title, missing),) = not_checked(COLUMNS, HitRule(exclude_pains=True))
    assert title == "PAINS"
    assert missing.tolist() == [False, False, False, False, True, False]
    assert not_checked(COLUMNS, HitRule()) == ()


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("max_q", [0.0, 0.01, 0.015, 0.2, 1.0, None]),
        ("min_replicates", [1, 2, 3, 4]),
        ("exclude_pains", [True, False]),
    ],
)
def test_counts_are_those_of_the_rule_at_each_value(field, values):
    from dataclasses import replace

    rule = HitRule(exclude_pains=True)
    each = [np.count_nonzero(failed_criterion(COLUMNS, replace(rule, **{field: v})) < 0) for v in values]
    assert count_hits(COLUMNS, rule, field, values).tolist() == each


def test_what_there_is_no_column_for_is_an_error():
    with pytest.raises(InputError, match=r"distance_to_control.*not available"):
        failed_criterion(COLUMNS, HitRule(min_distance=2.0))
    with pytest.raises(InputError, match=r"distance_to_control.*not available"):
        count_hits(COLUMNS, HitRule(), "min_distance", [2.0])


def test_the_rule_loads_without_pandas():
    code = (
        "import sys, molphenix_core.plates.hit_rule; sys.exit('pandas' in sys.modules or 'scipy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
