"""From wells to treatments, and nominal doses."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_plates import simulated_plate

from molphenix_core.errors import InputError
from molphenix_core.plates.doses import nominal_doses
from molphenix_core.plates.plate import Plate
from molphenix_core.plates.summary import treatment_plate
from molphenix_core.plates.treatments import group_treatments

DOSES = st.one_of(st.floats(1e-6, 1e6), st.just(float("nan")))


def plate_of(rows: list[dict[str, object]]) -> Plate:
    """Wells by hand; what is not said is a treated well of ethanol at an unknown dose."""
    given = {
        "Metadata_Plate": "P1",
        "Metadata_Well": None,
        "Metadata_pert_type": "trt",
        "Metadata_control_type": None,
        "Metadata_SMILES": "CCO",
        "Metadata_Concentration": np.nan,
    }
    wells = pd.DataFrame([{**given, **row} for row in rows])
    wells.index = pd.Index([f"well {i}" for i in range(len(rows))])
    return Plate(wells=wells, embeddings=np.eye(len(rows), dtype=np.float32), feature_names=("f",) * len(rows))


def partition(of_well: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(of_well == t).tolist()) for t in np.unique(of_well[of_well >= 0])}


def test_rounded_doses_are_one_and_distinct_doses_are_not() -> None:
    nominal = nominal_doses([0.63, 20.0, 0.62, np.nan, 6.7, 0.62, 2.2])
    assert nominal[0] == nominal[2] == nominal[5] == 0.62
    assert np.isnan(nominal[3])
    assert nominal[[1, 4, 6]].tolist() == [20.0, 6.7, 2.2]


@given(st.lists(DOSES, max_size=40), st.randoms())
def test_nominal_doses_do_not_depend_on_order_and_settle_at_once(doses: list[float], random: object) -> None:
    nominal = nominal_doses(doses)
    order = list(range(len(doses)))
    random.shuffle(order)  # type: ignore[attr-defined]
    np.testing.assert_array_equal(nominal_doses([doses[i] for i in order]), nominal[order])
    np.testing.assert_array_equal(nominal_doses(nominal), nominal)
    known = np.isfinite(nominal)
    assert (np.isfinite(doses) == known).all()
    ratio = np.asarray(doses)[known] / nominal[known]
    assert ((ratio >= 1) & (ratio <= 1.05 * (1 + 1e-12))).all()


@pytest.mark.parametrize("wrong", [0.0, -1.0, np.inf])
def test_a_dose_that_is_none_is_refused(wrong: float) -> None:
    with pytest.raises(InputError, match="row 2"):
        nominal_doses([1.0, wrong])


def test_replicates_share_molecule_and_nominal_dose() -> None:
    plate = plate_of([{"Metadata_Concentration": c} for c in (0.62, 0.63, 1.25)])
    treatments = group_treatments(plate)
    assert partition(treatments.of_well) == {frozenset({0, 1}), frozenset({2})}
    assert treatments.table["concentration"].tolist() == [0.62, 1.25]
    assert treatments.table["n_wells"].tolist() == [2, 1]
    np.testing.assert_allclose(treatments.mean(plate.embeddings), [[0.5, 0.5, 0], [0, 0, 1]])
    assert treatments.wells_of(0).tolist() == [0, 1]


def test_an_unknown_dose_or_condition_is_never_a_known_one() -> None:
    plate = plate_of(
        [
            {"Metadata_Concentration": 1.0, "Metadata_time_point": "24 h"},
            {"Metadata_Concentration": np.nan, "Metadata_time_point": "24 h"},
            {"Metadata_Concentration": 1.0, "Metadata_time_point": None},
            {"Metadata_Concentration": 1.0, "Metadata_time_point": "48 h"},
            {"Metadata_Concentration": np.nan, "Metadata_time_point": None},
            {"Metadata_Concentration": np.nan, "Metadata_time_point": None},
        ]
    )
    treatments = group_treatments(plate)
    assert partition(treatments.of_well) == {frozenset({i}) for i in range(4)} | {frozenset({4, 5})}


def test_conditions_that_the_user_names_part_treatments() -> None:
    plate = plate_of([{"Metadata_serum": "low"}, {"Metadata_serum": "high"}])
    assert len(group_treatments(plate)) == 1
    assert len(group_treatments(plate, conditions=("Metadata_serum",))) == 2


def test_controls_and_nameless_wells_belong_to_no_treatment() -> None:
    plate = plate_of(
        [
            {},
            {"Metadata_pert_type": "control", "Metadata_control_type": "negcon", "Metadata_SMILES": None},
            {"Metadata_pert_type": "control", "Metadata_control_type": "poscon"},
            {"Metadata_SMILES": None},
        ]
    )
    assert group_treatments(plate).of_well.tolist() == [0, -1, -1, -1]
    nothing = group_treatments(plate.take(np.array([1, 3])))
    assert len(nothing) == 0
    assert nothing.mean(plate.embeddings[:2]).shape == (0, 4)


def test_a_molecule_without_structure_goes_by_id_then_by_name() -> None:
    plate = plate_of(
        [
            {"Metadata_SMILES": None, "Metadata_compound_id": "BRD-1", "Metadata_compound_name": "one"},
            {"Metadata_SMILES": None, "Metadata_compound_id": "BRD-1", "Metadata_compound_name": "uno"},
            {"Metadata_SMILES": None, "Metadata_compound_id": None, "Metadata_compound_name": "one"},
        ]
    )
    assert partition(group_treatments(plate).of_well) == {frozenset({0, 1}), frozenset({2})}


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0]])
def test_a_treatment_takes_its_description_from_the_wells_that_have_one(order: list[int]) -> None:
    plate = plate_of(
        [
            {"Metadata_compound_name": None, "Metadata_moa": None},
            {"Metadata_compound_name": "ethanol", "Metadata_moa": None},
            {"Metadata_compound_name": "alcohol", "Metadata_moa": "solvent"},
        ]
    ).take(np.array(order))
    table = group_treatments(plate).table
    assert table["name"].tolist() == ["alcohol"]
    assert table["mechanism"].tolist() == ["solvent"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["CCO", "CCN", None]),
            st.sampled_from([0.62, 0.63, 5.0, float("nan")]),
            st.sampled_from(["24 h", None]),
            st.booleans(),
        ),
        min_size=1,
        max_size=20,
    ),
    st.randoms(use_true_random=False),
)
def test_treatments_do_not_depend_on_the_order_of_wells(rows: list[tuple], random: object) -> None:
    plate = plate_of(
        [
            {
                "Metadata_SMILES": smiles,
                "Metadata_Concentration": dose,
                "Metadata_time_point": time,
                "Metadata_pert_type": "trt" if treated else "control",
                "Metadata_control_type": None if treated else "poscon",
            }
            for smiles, dose, time, treated in rows
        ]
    )
    order = list(range(len(rows)))
    random.shuffle(order)  # type: ignore[attr-defined]
    straight, shuffled = group_treatments(plate), group_treatments(plate.take(np.array(order)))
    assert straight.of_well[order].tolist() == shuffled.of_well.tolist()
    pd.testing.assert_frame_equal(straight.table, shuffled.table)
    assert (straight.of_well >= 0).sum() == sum(treated and smiles is not None for smiles, _, _, treated in rows)


def test_a_summary_is_a_plate_of_mean_treatments_of_the_wells_asked_for() -> None:
    plate = simulated_plate(molecules=5, plates=3)
    treatments = group_treatments(plate)
    some = (plate.wells["Metadata_Plate"] != "S3").to_numpy()
    summary = treatment_plate(plate, treatments, some)
    assert summary.space == plate.space
    assert summary.simulated
    assert len(summary) == 10
    assert (summary.wells["Metadata_wells"] == 2).all()
    wells = treatments.wells_of(0)
    np.testing.assert_allclose(summary.embeddings[0], plate.embeddings[wells[some[wells]]].mean(axis=0), rtol=1e-5)


def test_a_summary_keeps_the_conditions_that_part_its_treatments() -> None:
    plate = plate_of([{"Metadata_time_point": "24 h"}, {"Metadata_time_point": "48 h"}])
    summary = treatment_plate(plate, group_treatments(plate), np.array([True, True]))
    assert summary.wells["Metadata_time_point"].tolist() == ["24 h", "48 h"]


def test_an_empty_part_gives_an_empty_summary() -> None:
    plate = dataclasses.replace(simulated_plate(molecules=3), source="x")
    assert len(treatment_plate(plate, group_treatments(plate), np.zeros(len(plate), dtype=bool))) == 0
