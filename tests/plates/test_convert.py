"""Converting made-up tables: columns, controls, doses, places, joins, gaps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from molphenix_core.errors import Cancelled, PlateFileError, TableError
from molphenix_core.plates.convert import convert_table, plate_from_table
from molphenix_core.plates.files import read_plate
from molphenix_core.plates.normalise import ROBUST
from molphenix_core.plates.plate import (
    BATCH,
    COMPOUND,
    CONCENTRATION,
    CONTROL_TYPE,
    INCHIKEY,
    MECHANISM,
    NAME,
    PERTURBATION_TYPE,
    PLATE,
    SMILES,
    WELL,
    Plate,
)
from molphenix_core.plates.report import ConversionReport
from molphenix_core.plates.treatments import CELL_LINE, TIME_POINT

ROWS = 4
FEATURES = {"f_0": [1.0, 2.0, 3.0, 4.0], "f_1": [0.5, 0.5, 0.25, 0.0]}
WELLS = {"plate": ["P1"] * 4, "well": ["A01", "A02", "B01", "B02"]}


def save(folder: Path, columns: Mapping[str, object], name: str = "table.csv") -> Path:
    path = folder / name
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


def converted(folder: Path, cells: Mapping[str, object], **options: object) -> tuple[Plate, ConversionReport]:
    return plate_from_table(save(folder, {**WELLS, **cells, **FEATURES}), **options)  # type: ignore[arg-type]


def values(plate: Plate, column: str) -> list[object]:
    cells = plate.wells[column].astype(object)
    return cells.where(cells.notna(), None).tolist()


# ---- columns ----


@pytest.mark.parametrize(
    ("name", "target"),
    [
        *[
            (name, PLATE)
            for name in ("Metadata_Plate", "PLATE", "Barcode", "Assay_Plate_Barcode", "Image_Metadata_Plate")
        ],
        *[(name, BATCH) for name in ("Metadata_Batch", "batch", "BATCH")],
        *[
            (name, COMPOUND)
            for name in ("compound_id", "Metadata_broad_sample", "Metadata_JCP2022", "Metadata_Compound")
        ],
        *[(name, NAME) for name in ("name", "Metadata_pert_iname", "Metadata_Compound_name", "Compound Name")],
        *[(name, SMILES) for name in ("smiles", "SMILES", "Metadata_SMILES", "Metadata_smiles")],
        *[(name, INCHIKEY) for name in ("inchikey", "Metadata_InChIKey", "InChI Key")],
        *[(name, MECHANISM) for name in ("moa", "Metadata_moa", "MOA")],
        *[(name, CELL_LINE) for name in ("cell_line", "Metadata_Cell_Line")],
        *[(name, TIME_POINT) for name in ("Metadata_time_point", "timepoint")],
    ],
)
def test_names_in_use_in_any_case(name: str, target: str, tmp_path: Path) -> None:
    columns = {"Well_Position": WELLS["well"], name: ["x1"] * ROWS, **FEATURES}
    plate, report = plate_from_table(save(tmp_path, columns))
    assert report.mapped[target] == name
    assert report.mapped[WELL] == "Well_Position"
    assert values(plate, target) == ["x1"] * ROWS


def test_the_more_telling_name_wins_and_the_other_is_kept(tmp_path: Path) -> None:
    plate, report = converted(tmp_path, {"compound": ["a", "b", "c", "d"], "compound_id": ["1", "2", "3", "4"]})
    assert values(plate, COMPOUND) == ["1", "2", "3", "4"]
    assert values(plate, "Metadata_compound") == ["a", "b", "c", "d"]
    assert report.kept == ("compound",)


def test_a_column_given_goes_before_the_guess(tmp_path: Path) -> None:
    wells = ["H12", "H11", "H10", "H09"]
    plate, report = converted(tmp_path, {"my column": wells}, columns={WELL: "my column"})
    assert values(plate, WELL) == wells
    assert report.mapped[WELL] == "my column"
    assert values(plate, "Metadata_source_well") == WELLS["well"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({WELL: "absent"}, r"table\.csv: absent: found no such column; expected 'plate', 'well'"),
        (
            {"Well": "well"},
            r"Well: found no such field for column 'well'; expected Metadata_Plate, Metadata_Well",
        ),
    ],
)
def test_a_column_given_must_exist(columns: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=message):
        converted(tmp_path, {}, columns=columns)


def test_other_columns_are_kept_in_their_types(tmp_path: Path) -> None:
    kept = {
        "vendor/lot": ["a", None, "c", "d"],
        "Metadata_Count": [1, 2, 3, 4],
        "Metadata_Site": ["007", "008", "009", "010"],
        "Metadata_Seen": [True, None, False, True],
        "Metadata_Area": [1.5, None, 2.0, 3.0],
        "Metadata_Empty": [None] * 4,
    }
    path = tmp_path / "out.h5ad"
    convert_table(save(tmp_path, {**WELLS, **kept, **FEATURES}), path)
    plate = read_plate(path)
    assert values(plate, "Metadata_vendor_lot") == ["a", None, "c", "d"]
    assert plate.wells["Metadata_Count"].dtype == np.int64
    assert values(plate, "Metadata_Site") == ["007", "008", "009", "010"]
    assert values(plate, "Metadata_Seen") == [True, None, False, True]
    assert values(plate, "Metadata_Area") == [1.5, None, 2.0, 3.0]
    assert "Metadata_Empty" not in plate.wells


def test_identifiers_that_look_like_numbers_stay_texts(tmp_path: Path) -> None:
    columns = {
        "barcode": ["00024277"] * 4,
        "well": WELLS["well"],
        "compound_id": ["0012", "0013", None, "15"],
    }
    plate, _ = plate_from_table(save(tmp_path, {**columns, **FEATURES}))
    assert plate.barcodes == ("00024277",)
    assert values(plate, COMPOUND) == ["0012", "0013", None, "15"]
    frame = pd.DataFrame({"barcode": [24277.0] * 4, "well": WELLS["well"], **FEATURES})
    frame.to_parquet(tmp_path / "t.parquet")
    assert plate_from_table(tmp_path / "t.parquet")[0].barcodes == ("24277",)
    frame.to_csv(tmp_path / "t.csv", index=False)
    assert plate_from_table(tmp_path / "t.csv")[0].barcodes == ("24277",)


# ---- features ----


def features_of(folder: Path, columns: Mapping[str, object]) -> tuple[Plate, ConversionReport]:
    return plate_from_table(save(folder, {**WELLS, **columns}))


def test_prefix_is_stripped_from_cellprofiler_names_only(tmp_path: Path) -> None:
    numbers = [1.0, 2.0, 3.0, 4.0]
    plate, _ = features_of(tmp_path, {"f_Cells_Area": numbers, "f_Nuclei_Texture_1": numbers, "count": numbers})
    assert plate.feature_names == ("Cells_Area", "Nuclei_Texture_1")
    assert plate.embedding.encoder == "cellprofiler"
    assert values(plate, "Metadata_count") == numbers
    plate, _ = features_of(tmp_path, {"f_0": numbers, "f_Cells_Area": numbers})
    assert plate.feature_names == ("f_0", "f_Cells_Area")
    assert plate.embedding.encoder == "unknown"


def test_cellprofiler_names_are_features_and_other_numbers_are_not(tmp_path: Path) -> None:
    numbers = [1.0, 2.0, 3.0, 4.0]
    plate, _ = features_of(
        tmp_path,
        {"Image_Metadata_Site": [1, 1, 1, 1], "Cytoplasm_A": numbers, "Image_B": numbers, "Other": numbers},
    )
    assert plate.feature_names == ("Cytoplasm_A", "Image_B")
    assert values(plate, "Metadata_Other") == numbers
    assert values(plate, "Metadata_Site") == [1, 1, 1, 1]


def test_otherwise_every_further_number_is_a_feature(tmp_path: Path) -> None:
    numbers = [1.0, 2.0, 3.0, 4.0]
    plate, report = features_of(
        tmp_path, {"x": numbers, "conc_uM": numbers, "note": ["n"] * 4, "Metadata_n": numbers, "y": numbers}
    )
    assert plate.feature_names == ("x", "y")
    assert (report.features, report.first_feature, report.last_feature) == (2, "x", "y")


def test_encoder_and_normalisation_can_be_given(tmp_path: Path) -> None:
    plate, _ = converted(tmp_path, {}, encoder="dino", version="v2", normalisation=["a", "b"])
    assert (plate.embedding.encoder, plate.embedding.version) == ("dino", "v2")
    assert plate.embedding.normalisation == ("a", "b")
    assert converted(tmp_path, {}, normalisation=[])[0].embedding.normalisation == ()


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("profiles.csv", None),
        ("BR1_augmented.csv", None),
        ("BR1_normalized_feature_select_negcon_plate.csv", (ROBUST,)),
        ("BR1_normalized.csv", ("normalized",)),
        ("b_mad_robustize.csv", ("mad_robustize",)),
        ("b_normalised_negcon_sphered.csv", (ROBUST, "sphered")),
    ],
)
def test_normalisation_is_read_from_the_name_of_the_file(
    name: str, steps: tuple[str, ...] | None, tmp_path: Path
) -> None:
    plate, report = plate_from_table(save(tmp_path, {**WELLS, **FEATURES}, name))
    assert plate.embedding.normalisation == steps
    assert any("file's name says so" in note for note in report.notes) == (steps is not None)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"note": ["n"] * 4}, "features: found none among 'note'; expected numeric columns"),
        ({"f_0": ["1", "2", "#DIV/0!", "4"]}, "f_0, row 3: found '#DIV/0!'; expected a number"),
        ({"f_0": [np.nan, np.inf, None, -np.inf]}, "over half of the features missing in every row"),
    ],
)
def test_features_that_are_none(columns: Mapping[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=message):
        features_of(tmp_path, columns)


def test_a_feature_with_a_text_in_it_is_not_lost_in_silence(tmp_path: Path) -> None:
    numbers = [1.0, 2.0, 3.0, 4.0]
    with pytest.raises(TableError, match="Cells_B, row 2: found 'bad'; expected a number"):
        features_of(tmp_path, {"Cells_A": numbers, "Cells_B": ["1", "bad", "3", "4"]})
    plate, report = features_of(tmp_path, {"x": numbers, "y": ["1", "bad", "3", "4"], "z": ["1", "na", "", "4"]})
    assert plate.feature_names == ("x",)
    assert any("'y' is no feature, as row 2 holds 'bad'" in note for note in report.notes)
    files = {"Cells_A": numbers, "Image_FileName": ["a.tif", "b.tif", "c.tif", "d.tif"]}
    plate, _ = features_of(tmp_path, files)
    assert plate.feature_names == ("Cells_A",)
    assert values(plate, "Metadata_Image_FileName") == files["Image_FileName"]


# ---- controls ----


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


# ---- doses ----


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


# ---- places ----


def place(
    folder: Path, columns: Mapping[str, object], name: str = "my plate.csv"
) -> tuple[Plate, ConversionReport]:
    return plate_from_table(save(folder, {**columns, **FEATURES}, name))


def test_wells_get_canonical_names_and_rows_their_own(tmp_path: Path) -> None:
    plate, _ = place(tmp_path, {"plate": ["P", "P", "Q", "Q"], "well": ["a1", "B 2", "A001", "AF48"]})
    assert plate.wells.index.tolist() == ["P:A01", "P:B02", "Q:A01", "Q:AF48"]
    assert plate.barcodes == ("P", "Q")


def test_wells_without_barcodes_are_one_plate_named_after_the_file(tmp_path: Path) -> None:
    plate, report = place(tmp_path, {"well": WELLS["well"]}, "BR001.csv")
    assert plate.barcodes == ("BR001",)
    assert any("'BR001' after the file" in note for note in report.notes)


def test_a_table_of_treatments_has_no_plates(tmp_path: Path) -> None:
    plate, report = place(tmp_path, {"name": ["a", "b", "c", "d"]})
    assert plate.wells.index.tolist() == ["row 1", "row 2", "row 3", "row 4"]
    assert plate.barcodes == ()
    assert report.plates == ()
    assert "without plates" in str(report)


def test_texts_that_are_no_wells_are_kept_where_there_are_no_plates(tmp_path: Path) -> None:
    texts = ["101008:01:23_10.00", "x", "y", "z"]
    plate, report = place(tmp_path, {"plate": [None] * 4, "well": texts})
    assert plate.wells[WELL].isna().all()
    assert values(plate, "Metadata_source_well") == texts
    assert any("101008:01:23_10.00" in note for note in report.notes)


@pytest.mark.parametrize(
    ("columns", "field", "found", "expected"),
    [
        (
            {"plate": ["P"] * 4, "well": ["A01", "A02", "Z99", "B01"]},
            "well, row 3",
            "'Z99' (1 such)",
            "A01 to AF48",
        ),
        ({"plate": ["P"] * 4, "well": ["1", "2", "3", "4"]}, "well, row 1", "'1' (4 such)", "A01 to AF48"),
        ({"well": ["A01", "A02", "Z99", "B01"]}, "well, row 3", "'Z99' (1 such)", "A01 to AF48"),
        (
            {"plate": ["P"] * 4, "well": ["A01", "A02", "A1", "A02"]},
            f"{PLATE}/{WELL}",
            "rows 1, 3 (2 such)",
            "one row a well",
        ),
        (
            {"well": ["A01"] * 4},
            f"{PLATE}/{WELL}",
            "well A01 of plate my plate in rows 1, 2, 3, 4",
            "one row a well",
        ),
        (
            {"plate": ["P", None, "P", "P"], "well": WELLS["well"]},
            "plate, row 2",
            "no plate for well A02",
            "barcode",
        ),
    ],
)
def test_places_that_are_none(
    columns: Mapping[str, object], field: str, found: str, expected: str, tmp_path: Path
) -> None:
    with pytest.raises(TableError) as caught:
        place(tmp_path, columns)
    assert caught.value.source == str(tmp_path / "my plate.csv")
    assert caught.value.field == field
    assert found in caught.value.found
    assert expected in caught.value.expected


# ---- joins ----


def test_a_plate_map_joins_by_barcode_and_well(tmp_path: Path) -> None:
    table = {"Barcode": ["P", "P", "Q", "Q"], "well": ["A1", "A2", "A1", "A2"], **FEATURES}
    plate_map = {
        "Assay_Plate_Barcode": ["Q", "P", "P", "R"],
        "well_position": ["A01", "A02", "A01", "A01"],
        "broad_sample": ["q1", "p2", "DMSO", "r1"],
        "conc_nM": [1000, 2000, 0, 1],
        "vendor": ["v", "w", None, "u"],
    }
    plate, report = plate_from_table(save(tmp_path, table), plate_map=save(tmp_path, plate_map, "map.csv"))
    assert plate.wells.index.tolist() == ["P:A01", "P:A02", "Q:A01", "Q:A02"]
    assert values(plate, COMPOUND) == ["DMSO", "p2", "q1", None]
    assert values(plate, CONCENTRATION) == [None, 2.0, 1.0, None]
    assert values(plate, "Metadata_vendor") == [None, "w", "v", None]
    assert plate.is_negative_control.tolist() == [True, False, False, False]
    (join,) = report.joins
    assert (join.joined, join.wells, join.not_found, join.unused) == (3, 4, ("Q A02",), 1)
    assert "map.csv: joined 3 of 4 wells by Metadata_Plate + Metadata_Well" in str(report)
    assert "1 not found: Q A02" in str(report)


def test_a_plate_map_joins_by_well_where_it_has_no_barcodes(tmp_path: Path) -> None:
    table = {"plate": ["P", "P", "Q", "Q"], "well": ["A1", "A2", "A1", "A2"], **FEATURES}
    plate_map = save(tmp_path, {"well": ["A01", "A02"], "smiles": ["C", "CC"]}, "map.csv")
    plate, report = plate_from_table(save(tmp_path, table), plate_map=plate_map)
    assert values(plate, SMILES) == ["C", "CC", "C", "CC"]
    assert report.joins[0].by == (WELL,)


def test_a_plate_map_joins_by_its_name(tmp_path: Path) -> None:
    table = {
        "plate": ["P", "P", "Q", "Q"],
        "plate_map_name": ["m1", "m1", "m2", "m2"],
        "well": ["A1", "A2"] * 2,
    }
    plate_map = {"plate_map_name": ["m1", "m1", "m2"], "well": ["A1", "A2", "A1"], "name": ["a", "b", "c"]}
    plate, report = plate_from_table(
        save(tmp_path, {**table, **FEATURES}), plate_map=save(tmp_path, plate_map, "map.tsv")
    )
    assert values(plate, NAME) == ["a", "b", "c", None]
    assert report.joins[0].not_found == ("m2 A02",)


def test_a_map_of_one_plate_names_it(tmp_path: Path) -> None:
    plate_map = {"barcode": ["X"] * 4, "well": WELLS["well"], "name": ["a", "b", "c", "d"]}
    plate, _ = plate_from_table(
        save(tmp_path, {"well": WELLS["well"], **FEATURES}), plate_map=save(tmp_path, plate_map, "map.csv")
    )
    assert plate.barcodes == ("X",)
    assert values(plate, NAME) == ["a", "b", "c", "d"]


def test_what_the_table_says_is_kept_and_the_difference_told(tmp_path: Path) -> None:
    plate_map = save(tmp_path, {"well": WELLS["well"], "name": ["a", "x", "c", "d"]}, "map.csv")
    plate, report = converted(tmp_path, {"name": ["a", "b", None, "d"]}, plate_map=plate_map)
    assert values(plate, NAME) == ["a", "b", "c", "d"]
    assert report.joins[0].disagreeing == {NAME: 1}
    assert "Metadata_compound_name differs in 1 wells" in str(report)


@pytest.mark.parametrize(
    ("plate_map", "message"),
    [
        (
            {"well": ["A01", "A01"], "name": ["a", "b"]},
            "'A01' in 2 rows that differ in Metadata_compound_name",
        ),
        ({"name": ["a"], "vendor": ["v"]}, "Metadata_Well: found no such column; expected a plate map"),
        ({"well": ["A01", "Z77"], "name": ["a", "b"]}, "well, row 2: found 'Z77'"),
        ({"barcode": ["X", "X"], "well": ["A01", "A02"]}, "none of the wells' values .such as 'P1 A01'."),
        ({"well": ["C01", "C02"], "name": ["a", "b"]}, "none of the wells' values .such as 'A01'."),
    ],
)
def test_plate_maps_that_do_not_fit(plate_map: Mapping[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=message) as caught:
        converted(tmp_path, {}, plate_map=save(tmp_path, plate_map, "map.csv"))
    assert caught.value.source == str(tmp_path / "map.csv")


def test_a_map_of_several_plates_needs_barcodes_in_the_table(tmp_path: Path) -> None:
    plate_map = save(tmp_path, {"barcode": ["X", "Y"], "well": ["A01", "A02"], "name": ["a", "b"]}, "map.csv")
    with pytest.raises(
        TableError, match="Metadata_Plate: found 2 plates, and no such column in the profile table"
    ):
        plate_from_table(save(tmp_path, {"well": WELLS["well"], **FEATURES}), plate_map=plate_map)


def test_a_plate_map_for_a_table_without_wells(tmp_path: Path) -> None:
    plate_map = save(tmp_path, {"well": ["A01"], "name": ["a"]}, "map.csv")
    with pytest.raises(TableError, match="a plate map for a profile table without wells"):
        plate_from_table(save(tmp_path, {"name": list("abcd"), **FEATURES}), plate_map=plate_map)


def test_rows_that_are_the_same_twice_are_one(tmp_path: Path) -> None:
    plate_map = save(tmp_path, {"well": ["A01", "a1", "A02"], "name": ["a", "a", "b"]}, "map.csv")
    plate, _ = converted(tmp_path, {}, plate_map=plate_map)
    assert values(plate, NAME) == ["a", "b", None, None]


@pytest.mark.parametrize(
    ("wells", "compounds", "by", "joined"),
    [
        (
            {"compound_id": ["1", "2", "9", None]},
            {"JCP2022": ["1", "2", "3"], "smiles": ["C", "CC", "CCC"]},
            COMPOUND,
            2,
        ),
        (
            {"name": ["Taxol", "b", "zz", None]},
            {"pert_iname": ["taxol", "B", "c"], "smiles": ["C", "CC", "CCC"]},
            NAME,
            2,
        ),
        (
            {"inchikey": ["K1", "K2", "K9", None]},
            {"InChIKey": ["K1", "K2", "K3"], "smiles": ["C", "CC", "CCC"]},
            INCHIKEY,
            2,
        ),
        (
            {"compound_id": ["x", "y", "z", None], "name": ["a", "b", "n", None]},
            {"compound_id": ["1", "2", "3"], "name": ["a", "b", "c"], "smiles": ["C", "CC", "CCC"]},
            NAME,
            2,
        ),
    ],
)
def test_a_compound_table_joins_by_id_else_name_else_inchikey(
    wells: Mapping[str, object], compounds: Mapping[str, object], by: str, joined: int, tmp_path: Path
) -> None:
    plate, report = converted(tmp_path, wells, compounds=save(tmp_path, compounds, "compounds.csv"))
    assert values(plate, SMILES) == ["C", "CC", None, None]
    (join,) = report.joins
    assert (join.by, join.joined, join.wells, len(join.not_found), join.unused) == ((by,), joined, 3, 1, 1)
    assert len(plate) == ROWS


def test_at_most_five_missing_keys_are_listed(tmp_path: Path) -> None:
    wells = {"well": [f"A{i:02d}" for i in range(1, 9)], "name": list("abcdefgh"), "f_0": range(8)}
    compounds = save(tmp_path, {"name": ["a", "other"], "smiles": ["C", "N"]}, "compounds.csv")
    _, report = plate_from_table(save(tmp_path, wells), compounds=compounds)
    assert "7 not found: b, c, d, e, f, ..." in str(report)


def test_stock_concentrations_are_no_doses(tmp_path: Path) -> None:
    compounds = {
        "compound_id": ["1", "2"],
        "concentration_mM": ["10 mM", "ask Bob"],
        "well": ["A01", "S7"],
        "name": ["a", "b"],
    }
    plate, report = converted(
        tmp_path, {"compound_id": ["1", "2", "1", "2"]}, compounds=save(tmp_path, compounds, "compounds.csv")
    )
    assert plate.wells[CONCENTRATION].isna().all()
    assert values(plate, NAME) == ["a", "b", "a", "b"]
    assert values(plate, WELL) == WELLS["well"]
    assert any("left out well, concentration_mM" in note for note in report.notes)


@pytest.mark.parametrize(
    ("compounds", "message"),
    [
        ({"compound_id": ["1", "1"], "smiles": ["C", "CC"]}, "'1' in 2 rows that differ in Metadata_SMILES"),
        ({"compound_id": ["8", "9"], "smiles": ["C", "CC"]}, "none of the wells' values .such as '1'."),
        (
            {"InChIKey": ["8", "9"], "smiles": ["C", "CC"]},
            "key: found Metadata_InChIKey against Metadata_compound_id",
        ),
    ],
)
def test_compound_tables_that_do_not_fit(compounds: Mapping[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=message) as caught:
        converted(tmp_path, {"compound_id": ["1", "2", "3", "4"]}, compounds=save(tmp_path, compounds, "c.csv"))
    assert caught.value.source == str(tmp_path / "c.csv")


def test_plate_map_then_compounds(tmp_path: Path) -> None:
    plate_map = save(tmp_path, {"well": WELLS["well"], "broad_sample": ["s1", "s2", "s1", None]}, "map.csv")
    compounds = save(tmp_path, {"broad_sample": ["s1", "s2"], "smiles": ["C", "CS(C)=O"]}, "compounds.csv")
    plate, report = converted(tmp_path, {}, plate_map=plate_map, compounds=compounds)
    assert values(plate, SMILES) == ["C", None, "C", None]
    assert plate.is_negative_control.tolist() == [False, True, False, False]
    assert [join.joined for join in report.joins] == [4, 3]


# ---- gaps ----


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


# ---- the whole ----


def test_progress_ends_at_one_and_can_stop_the_work(tmp_path: Path) -> None:
    table, out = save(tmp_path, {**WELLS, **FEATURES}), tmp_path / "out.h5ad"
    told: list[tuple[float, str]] = []
    convert_table(table, out, progress=lambda *what: told.append(what))
    shares = [share for share, _ in told]
    assert all(message for _, message in told)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    out.unlink()

    def stop(share: float, message: str) -> None:
        if share > 0.7:
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        convert_table(table, out, progress=stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["table.csv"]


def test_a_table_is_never_written_over(tmp_path: Path) -> None:
    table = save(tmp_path, {**WELLS, **FEATURES})
    before = table.read_bytes()
    with pytest.raises(TableError, match="out: found the table itself"):
        convert_table(table, tmp_path / "." / "table.csv")
    assert table.read_bytes() == before


def test_out_must_be_writable(tmp_path: Path) -> None:
    with pytest.raises(PlateFileError, match="a place to write to"):
        convert_table(save(tmp_path, {**WELLS, **FEATURES}), tmp_path / "absent" / "out.h5ad")


def test_the_report_tells_what_is_missing(tmp_path: Path) -> None:
    _, report = converted(tmp_path, {"smiles": ["C", None, "CC", "C"], "conc_uM": [1, 2, None, None]})
    text = str(report)
    assert "4 wells x 2 features on 1 plate" in text
    assert "4 treated (3 with a structure), 0 negative controls, 0 other controls" in text
    assert "encoder unknown, normalisation not known" in text
    assert "Metadata_SMILES" in text
    assert "<- smiles" in text
    assert "1 treated wells have no structure" in text
    assert "2 treated wells have no known concentration" in text
    assert "Negative controls" in text
