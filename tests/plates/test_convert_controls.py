"""Converting: ways to tell negative and positive controls from treatments, and mechanisms."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from made_up_tables import converted, values

from molphenix_core.errors import TableError
from molphenix_core.plates.convert import plate_from_table
from molphenix_core.plates.plate import CONCENTRATION, CONTROL_TYPE, MECHANISM, PERTURBATION_TYPE, SMILES


@pytest.mark.parametrize(
    "columns",
    [
        {"is_dmso": [True, False, False, False]},
        {"Metadata_is_dmso": [1, 0, 0, 0]},
        {"name": ["DMSO", "a", "b", "c"]},
        {"Metadata_Compound": ["dmso", "a", "b", "c"]},
        {"compound_id": ["1", "2", "3", "4"], "name": ["Dimethyl sulfoxide", "a", "b", None]},
        {"smiles": ["CS(=O)C", "C", "CC", None]},
        {"InChIKey": ["IAZDPXIOMUYVGZ-UHFFFAOYSA-N", "x", "y", None]},
        {
            "Metadata_pert_type": ["control", "trt", "trt", "trt"],
            "Metadata_control_type": ["negcon", None, None, None],
        },
        {
            "Metadata_pert_type": ["control", "trt", "trt", "trt"],
            "Metadata_pert_iname": ["DMSO", "a", "b", "c"],
        },
        {"Metadata_pert_type": ["negcon", "trt", "trt", None]},
        {"Metadata_pert_type": ["Negative control", "TRT", "treatment", None]},
        {"Metadata_control_type": ["negcon", None, None, None]},
    ],
)
def test_ways_to_say_negative_control(columns: Mapping[str, object], tmp_path: Path) -> None:
    plate, report = converted(tmp_path, {"dose": [0, 1, 2, 3], "moa": ["DMSO", "x", "y", "z"], **columns})
    assert plate.is_negative_control.tolist() == [True, False, False, False]
    assert plate.is_treated.tolist() == [False, True, True, True]
    assert values(plate, CONCENTRATION) == [None, 1.0, 2.0, 3.0]
    assert values(plate, MECHANISM) == [None, "x", "y", "z"]
    assert plate.wells[SMILES].isna().iloc[0]
    assert (report.negative_controls, report.other_controls, report.treated) == (1, 0, 3)
    assert "Metadata_is_dmso" not in plate.wells


def test_positive_controls_keep_kind_structure_and_dose(tmp_path: Path) -> None:
    plate, report = converted(
        tmp_path,
        {
            "pert_type": ["control", "control", "control", "trt"],
            "control_type": ["poscon_cp", "poscon_diverse", None, None],
            "smiles": ["C", "CC", "CCC", "CCCC"],
            "conc_uM": [5, 0, None, 1],
        },
    )
    assert values(plate, CONTROL_TYPE) == ["poscon_cp", "poscon_diverse", None, None]
    assert values(plate, PERTURBATION_TYPE) == ["control", "control", "control", "trt"]
    assert values(plate, SMILES) == ["C", "CC", "CCC", "CCCC"]
    assert values(plate, CONCENTRATION) == [5.0, None, None, 1.0]
    assert (report.negative_controls, report.other_controls) == (0, 3)


def test_control_types_of_another_kind_are_kept_aside(tmp_path: Path) -> None:
    plate, report = converted(tmp_path, {"control_type": ["empty", "negcon", None, None]})
    assert values(plate, CONTROL_TYPE) == [None, "negcon", None, None]
    assert values(plate, PERTURBATION_TYPE) == ["control", "control", "trt", "trt"]
    assert values(plate, "Metadata_source_control_type") == ["empty", "negcon", None, None]
    assert any("empty" in note for note in report.notes)


def test_what_is_said_to_be_a_treatment_is_one(tmp_path: Path) -> None:
    plate, _ = converted(
        tmp_path,
        {
            "pert_type": ["trt", "trt", "trt", "control"],
            "control_type": ["non-control", "trt", "negcon", "trt"],
        },
    )
    assert values(plate, PERTURBATION_TYPE) == ["trt", "trt", "control", "control"]
    assert values(plate, CONTROL_TYPE) == [None, None, "negcon", None]
    assert values(plate, "Metadata_source_control_type") == ["non-control", "trt", "negcon", "trt"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"pert_type": ["trt", "orf", "trt", "trt"]},
            "Metadata_pert_type, row 2: found 'orf'; expected trt, control",
        ),
        (
            {"is_dmso": ["no", "no", "maybe", "yes"]},
            "Metadata_is_dmso, row 3: found 'maybe'; expected true or false",
        ),
    ],
)
def test_kinds_that_are_none(columns: Mapping[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=message):
        converted(tmp_path, columns)


def test_numbers_are_no_mechanisms(tmp_path: Path) -> None:
    plate, report = converted(tmp_path, {"moa": ["5", "14", "Hsp90", "5-HT agonist"]})
    assert values(plate, MECHANISM) == [None, None, "Hsp90", "5-HT agonist"]
    assert any("2 wells have a number as mechanism (5, 14" in note for note in report.notes)


def test_two_compounds_under_one_structure_are_said(shared_data: Path) -> None:
    _, report = plate_from_table(shared_data / "u2os_cell_injury.parquet")
    said = [note for note in report.notes if "have one structure" in note]
    assert len(said) == 1
    assert "'Ebselen oxide' and 'Platycodin D'" in said[0]


def test_a_structure_known_to_be_wrong_is_left_out_and_nothing_else(tmp_path: Path) -> None:
    table = {"name": ["a", "b", "a", "d"], "smiles": ["C", "C", "C", "CC"], "dose": [1, 2, 3, 4]}
    plate, report = converted(tmp_path, table, without_structure=["a"])
    assert values(plate, SMILES) == [None, "C", None, "CC"]
    assert values(plate, CONCENTRATION) == [1.0, 2.0, 3.0, 4.0]
    assert any("structure of 2 wells was left out" in note for note in report.notes)
    with pytest.raises(TableError, match="'c'"):
        converted(tmp_path, table, without_structure=["c"])
