"""Converting: which column is what, and what becomes of the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up_tables import FEATURES, ROWS, WELLS, converted, save, values

from molphenix_core.errors import TableError
from molphenix_core.plates.convert import convert_table, plate_from_table
from molphenix_core.plates.files import read_plate
from molphenix_core.plates.plate import BATCH, COMPOUND, INCHIKEY, MECHANISM, NAME, PLATE, SMILES, WELL
from molphenix_core.plates.treatments import CELL_LINE, TIME_POINT


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
