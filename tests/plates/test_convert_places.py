"""Converting: plates and wells of the rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from made_up_tables import FEATURES, WELLS, save, values

from molphenix_core.errors import TableError
from molphenix_core.plates.convert import plate_from_table
from molphenix_core.plates.plate import PLATE, WELL, Plate
from molphenix_core.plates.report import ConversionReport


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
