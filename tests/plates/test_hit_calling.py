"""Hits by a rule: planted ones are found, others are not, and a stricter rule never finds more."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_plates import simulated_plate

from molphenix_core.errors import InputError
from molphenix_core.plates.activity import activity
from molphenix_core.plates.convert import convert_table
from molphenix_core.plates.files import read_plate
from molphenix_core.plates.hit_calling import HitRule, call_hits, hit_rate_curve
from molphenix_core.plates.hit_table import flag_treatments, hit_table, relative_cell_count
from molphenix_core.plates.normalise import normalise_to_controls, sphere_to_controls
from molphenix_core.plates.plate import Plate
from molphenix_core.plates.treatments import group_treatments

share = st.one_of(st.none(), st.floats(0, 1))
amount = st.one_of(st.none(), st.floats(0, 5))


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    count = draw(st.integers(0, 12))

    def column(values: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(values, min_size=count, max_size=count))

    flag = st.sampled_from([True, False, None])
    return pd.DataFrame(
        {
            "q_value": pd.Series(column(share), dtype=float),
            "distance_to_control": pd.Series(column(amount), dtype=float),
            "n_wells": pd.Series(column(st.integers(1, 6)), dtype=int),
            "relative_cell_count": pd.Series(column(amount), dtype=float),
            "pains": pd.Series(column(flag), dtype=object),
            "autofluorescent": pd.Series(column(flag), dtype=object),
        }
    )


rules = st.builds(
    HitRule,
    max_q=share,
    min_distance=amount,
    min_replicates=st.integers(1, 6),
    min_relative_cell_count=amount,
    exclude_pains=st.booleans(),
    exclude_autofluorescent=st.booleans(),
)


def stricter(one: HitRule, other: HitRule) -> HitRule:
    """The rule that asks for whatever either asks for."""

    def both(pick: Any, a: float | None, b: float | None) -> float | None:
        known = [v for v in (a, b) if v is not None]
        return pick(known) if known else None

    return HitRule(
        max_q=both(min, one.max_q, other.max_q),
        min_distance=both(max, one.min_distance, other.min_distance),
        min_replicates=max(one.min_replicates, other.min_replicates),
        min_relative_cell_count=both(max, one.min_relative_cell_count, other.min_relative_cell_count),
        exclude_pains=one.exclude_pains or other.exclude_pains,
        exclude_autofluorescent=one.exclude_autofluorescent or other.exclude_autofluorescent,
    )


@given(table=tables(), one=rules, other=rules)
@settings(max_examples=150, deadline=None)
def test_hits_of_a_stricter_rule_are_those_of_both(table: pd.DataFrame, one: HitRule, other: HitRule) -> None:
    together = call_hits(table, stricter(one, other))["hit"]
    pd.testing.assert_series_equal(together, call_hits(table, one)["hit"] & call_hits(table, other)["hit"])


@given(table=tables(), rule=rules)
@settings(max_examples=80, deadline=None)
def test_every_other_treatment_has_a_reason_and_no_hit_has(table: pd.DataFrame, rule: HitRule) -> None:
    called = call_hits(table, rule)
    assert called["hit"].dtype == bool
    assert ((called["reason"] == "") == called["hit"]).all()
    assert ((called["criterion"] == "") == called["hit"]).all()


@given(table=tables(), rule=rules, values=st.lists(st.floats(0, 1), max_size=6))
@settings(max_examples=50, deadline=None)
def test_the_curve_counts_what_the_rule_calls_and_only_rises(
    table: pd.DataFrame, rule: HitRule, values: list[float]
) -> None:
    curve = hit_rate_curve(table, rule, "max_q", sorted(values))
    for value, hits in zip(curve["value"], curve["hits"], strict=True):
        assert call_hits(table, dataclasses.replace(rule, max_q=value))["hit"].sum() == hits
    assert curve["hits"].is_monotonic_increasing
    assert curve["hit_rate"].dropna().between(0, 1).all()


def a_table(**columns: object) -> pd.DataFrame:
    values: dict[str, object] = {
        "q_value": [0.01],
        "distance_to_control": [2.0],
        "n_wells": [3],
        "relative_cell_count": [0.9],
        "pains": pd.Series([False], dtype=object),
        "autofluorescent": pd.Series([False], dtype=object),
    }
    return pd.DataFrame(values | columns)


ALL = HitRule(
    max_q=0.05,
    min_distance=1.5,
    min_replicates=2,
    min_relative_cell_count=0.5,
    exclude_pains=True,
    exclude_autofluorescent=True,
)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("n_wells", 1, "replicates 1 below 2"),
        ("q_value", 0.31, "q-value 0.31 above 0.05"),
        ("q_value", np.nan, "no q-value"),
        ("distance_to_control", 1.2, "distance to control 1.2 below 1.5"),
        ("relative_cell_count", 0.2, "relative cell count 0.2 below 0.5"),
        ("relative_cell_count", np.nan, "no relative cell count"),
        ("pains", True, "PAINS"),
        ("autofluorescent", True, "autofluorescent"),
    ],
)
def test_each_criterion_alone_rules_a_treatment_out(column: str, value: object, reason: str) -> None:
    assert call_hits(a_table(), ALL)["hit"].all()
    called = call_hits(a_table(**{column: pd.Series([value])}), ALL)
    assert called["reason"].tolist() == [reason]


def test_the_first_reason_is_given_and_limits_themselves_pass() -> None:
    called = call_hits(a_table(n_wells=[1], q_value=[0.9], pains=[True]), ALL)
    assert called["reason"].tolist() == ["replicates 1 below 2"]
    assert called["criterion"].tolist() == ["min_replicates"]
    at_limit = a_table(n_wells=[2], q_value=[0.05], distance_to_control=[1.5], relative_cell_count=[0.5])
    assert call_hits(at_limit, ALL)["hit"].all()


def test_a_flag_that_is_not_known_excludes_nothing_and_is_listed() -> None:
    called = call_hits(a_table(pains=pd.Series([None], dtype=object)), ALL)
    assert called["hit"].tolist() == [True]
    assert called["not_checked"].tolist() == ["PAINS"]


def test_what_the_table_does_not_have_cannot_be_asked() -> None:
    table = a_table().drop(columns=["autofluorescent"])
    assert call_hits(table, dataclasses.replace(ALL, exclude_autofluorescent=False))["hit"].all()
    with pytest.raises(InputError, match="autofluorescent: found not available"):
        call_hits(table, ALL)
    with pytest.raises(InputError, match="no such field"):
        hit_rate_curve(table, HitRule(), "p_value", [0.1])


@pytest.mark.parametrize(
    "field",
    [
        {"max_q": 1.5},
        {"max_q": float("nan")},
        {"min_distance": -1.0},
        {"min_replicates": 0},
        {"min_replicates": 1.5},
    ],
)
def test_a_rule_outside_its_range_is_refused(field: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(field))):
        HitRule(**field)


def test_planted_hits_are_called_and_others_as_rarely_as_the_rule_says() -> None:
    """Ten of sixty molecules act; the rest are noise."""
    plate = normalise_to_controls(simulated_plate(molecules=60, doses=(1.0,), plates=4, effect=0.0, controls=60))
    treatments = group_treatments(plate)
    acting = np.arange(10)
    values = plate.embeddings.copy()
    directions = np.random.default_rng(1).normal(size=(10, values.shape[1]))
    for treatment in acting:
        values[treatments.wells_of(int(treatment))] += (1.5 * directions[treatment]).astype(np.float32)
    table = hit_table(dataclasses.replace(plate, embeddings=values), treatments)
    hit = call_hits(table, HitRule())["hit"].to_numpy()
    assert hit[:10].all()
    # Fifty at a false discovery rate of 5 % beside ten true ones: one false hit is expected at most.
    assert hit[10:].sum() <= 3


def test_nothing_is_called_on_plates_where_nothing_acts() -> None:
    hits = 0
    for seed in range(5):
        plate = normalise_to_controls(simulated_plate(effect=0.0, molecules=40, controls=100, seed=seed))
        table = hit_table(plate, group_treatments(plate))
        hits += int(call_hits(table, HitRule())["hit"].sum())
    assert hits <= 4  # of 400


def test_sphering_to_the_controls_makes_no_hits_of_position_effects() -> None:
    """One layout with position effects and no active molecule: against sphered controls all would be hits."""
    options = {"effect": 0.0, "position_bias": 2.0, "one_layout": True, "features": 100, "controls": 24}
    plate = normalise_to_controls(simulated_plate(molecules=60, doses=(1.0,), plates=4, **options))  # type: ignore[arg-type]
    sphered = sphere_to_controls(plate)
    treatments = group_treatments(plate)
    assert (activity(sphered, treatments)["q_value"] < 0.05).mean() > 0.9
    table = hit_table(sphered, treatments)
    assert table["distance_to_control"].isna().all()
    assert table["note"].str.contains("sphered to its own controls").all()
    assert not call_hits(table, HitRule())["hit"].any()
    before = hit_table(plate, treatments)
    assert (before["note"] == "").all()
    assert before["p_value"].notna().all()
    assert call_hits(before, HitRule())["hit"].mean() < 0.05


def test_sphering_takes_nothing_from_a_null_of_other_treatments() -> None:
    plate = sphere_to_controls(normalise_to_controls(simulated_plate(effect=2.0)))
    treatments = group_treatments(plate)
    table = hit_table(plate, treatments)
    pd.testing.assert_series_equal(table["q_value"], activity(plate, treatments)["q_value"])
    assert call_hits(table, HitRule())["hit"].mean() > 0.9


def test_a_screen_without_replicates_can_be_called_by_distance() -> None:
    plate = normalise_to_controls(simulated_plate(plates=1, effect=3.0))
    table = hit_table(plate, group_treatments(plate))
    assert not call_hits(table, HitRule())["hit"].any()
    assert call_hits(table, HitRule(max_q=None, min_replicates=1, min_distance=1.5))["hit"].mean() > 0.9


def with_counts(plate: Plate) -> Plate:
    """Twice as many cells on the second plate; the first molecule kills four of five."""
    second = (plate.wells["Metadata_Plate"] == "S2").to_numpy()
    counts = np.where(second, 2000.0, 1000.0)
    counts[(plate.wells["Metadata_compound_name"] == "simulated 1").to_numpy()] *= 0.2
    wells = plate.wells.assign(Metadata_Count_Cells=counts, Metadata_glows=counts < 600)
    return dataclasses.replace(plate, wells=wells)


def test_cells_are_counted_relative_to_the_controls_of_the_same_plate() -> None:
    plate = with_counts(simulated_plate())
    treatments = group_treatments(plate)
    found = relative_cell_count(plate, treatments, "Metadata_Count_Cells")
    toxic = (treatments.table["name"] == "simulated 1").to_numpy()
    np.testing.assert_allclose(found[toxic], 0.2)
    np.testing.assert_allclose(found[~toxic], 1.0)
    on_the_second = (plate.wells["Metadata_Plate"] == "S2").to_numpy() | plate.is_negative_control
    part = plate.take(on_the_second)
    counted = relative_cell_count(part, group_treatments(part), "Metadata_Count_Cells")
    np.testing.assert_allclose(np.sort(counted)[2:], 1.0)
    as_it_is = relative_cell_count(plate, treatments, "Metadata_Count_Cells", relative=True)
    np.testing.assert_allclose(as_it_is[~toxic], 1000.0)


def test_scores_are_no_cell_counts() -> None:
    plate = normalise_to_controls(simulated_plate())
    treatments = group_treatments(plate)
    with pytest.raises(InputError, match="normalised feature"):
        relative_cell_count(plate, treatments, plate.feature_names[0])
    negative = dataclasses.replace(plate, wells=plate.wells.assign(Metadata_Count=-1.0))
    with pytest.raises(InputError, match="zero or above"):
        relative_cell_count(negative, treatments, "Metadata_Count")


def test_a_table_with_everything_serves_every_rule() -> None:
    plate = normalise_to_controls(with_counts(simulated_plate(effect=2.0)))
    treatments = group_treatments(plate)
    pains = [("quinone_A(370)",) if row < 4 else () if row < 8 else None for row in range(len(treatments))]
    table = hit_table(
        plate,
        treatments,
        measured=activity(plate, treatments),
        cell_count="Metadata_Count_Cells",
        autofluorescence="Metadata_glows",
        pains=pains,
    )
    called = call_hits(
        table, HitRule(min_relative_cell_count=0.5, exclude_pains=True, exclude_autofluorescent=True)
    )
    toxic = (table["name"] == "simulated 1").to_numpy()
    assert toxic.sum() == 2
    assert (called.loc[toxic, "criterion"] == "min_relative_cell_count").all()
    assert (table.loc[toxic, "autofluorescent"] == True).all()  # noqa: E712
    rest = called[~toxic]
    assert set(rest["reason"]) <= {"", "PAINS"}
    assert (table["pains_names"].iloc[:4] == "quinone_A(370)").all()
    assert set(called["not_checked"].iloc[8:]) == {"PAINS"}


def test_a_treatment_without_a_measured_flag_is_not_known() -> None:
    plate = simulated_plate()
    glows = np.where(plate.wells["Metadata_compound_name"] == "simulated 2", np.nan, 0.0)
    plate = dataclasses.replace(plate, wells=plate.wells.assign(Metadata_glows=glows))
    treatments = group_treatments(plate)
    flags = flag_treatments(plate, treatments, "Metadata_glows")
    unknown = (treatments.table["name"] == "simulated 2").to_numpy()
    assert [flag is None for flag in flags] == unknown.tolist()
    assert not any(flags[~unknown])


@pytest.mark.data
def test_real_cells_are_injured_by_more_at_higher_doses(shared_data: Path, tmp_path: Path) -> None:
    convert_table(shared_data / "u2os_cell_injury.parquet", tmp_path / "p.h5ad")
    plate = normalise_to_controls(read_plate(tmp_path / "p.h5ad"))
    table = hit_table(plate, group_treatments(plate))
    called = call_hits(table, HitRule(min_distance=1.5))
    rate = called["hit"].groupby(table["concentration"]).mean()
    assert rate[20.0] > rate[0.62] + 0.1
    strict = hit_rate_curve(table, HitRule(), "max_q", [0.001, 0.01, 0.05, 0.2, 1.0])
    assert strict["hits"].is_monotonic_increasing
    assert 0.4 < strict["hit_rate"].iloc[2] < 0.9
