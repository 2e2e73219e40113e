"""Converting: plate maps and compound tables joined to the profiles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from made_up_tables import FEATURES, ROWS, WELLS, converted, save, values

from molphenix_core.errors import TableError
from molphenix_core.plates.convert import plate_from_table
from molphenix_core.plates.plate import COMPOUND, CONCENTRATION, INCHIKEY, NAME, SMILES, WELL


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
