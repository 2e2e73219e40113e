"""Cherry picks: where each hit goes, what is refused, and the files as a liquid handler reads them."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cherry_pick import (
    CherryPickError,
    Dispenser,
    PickOptions,
    plan_picks,
    write_csv,
    write_echo_csv,
)
from app.hit_entries import HitEntry
from molphenix_core.plates.wells import FORMATS, parse_well, well_name

AT = "2026-01-31T09:30:00Z"
OPTIONS = PickOptions(barcodes=("D1",), volume=25.0, wells=96)


def hit(well: str, barcode: str = "P1", **more) -> HitEntry:
    return HitEntry(added=AT, plate_sha256="a" * 64, barcode=barcode, well=well, **more)


def many(n: int) -> list[HitEntry]:
    return [hit(well_name(i // 48, i % 48)) for i in range(n)]


def test_hits_fill_columns_or_rows_and_leave_out_wells_to_skip():
    down = plan_picks(many(9), replace(OPTIONS, skip=frozenset({"A1"}))).transfers
    assert [t.destination_well for t in down] == ["B01", "C01", "D01", "E01", "F01", "G01", "H01", "A02", "B02"]
    along = plan_picks(many(13), replace(OPTIONS, order="row")).transfers
    assert [t.destination_well for t in along[:2]] == ["A01", "A02"]
    assert along[12].destination_well == "B01"
    assert {(t.source_barcode, t.destination_barcode, t.volume) for t in along} == {("P1", "D1", 25.0)}


def test_a_full_plate_is_followed_by_the_next_one():
    plan = plan_picks(many(97), replace(OPTIONS, barcodes=("D1", "D2")))
    assert plan.transfers[95].destination_barcode == "D1"
    assert (plan.transfers[96].destination_barcode, plan.transfers[96].destination_well) == ("D2", "A01")
    with pytest.raises(CherryPickError, match=r"1 for 97 picks, 96 a plate; expected 2"):
        plan_picks(many(97), OPTIONS)


def test_what_cannot_be_picked_is_left_out_and_said():
    entries = [
        HitEntry(added=AT, name="aspirin"),
        hit("B01", barcode=""),
        hit("row 3"),
        hit("B06"),
        replace(hit("B06"), plate_sha256="b" * 64),
    ]
    plan = plan_picks(entries, OPTIONS)
    assert [t.source_well for t in plan.transfers] == ["B06"]
    assert [(one.entry, one.reason) for one in plan.left_out] == [
        (entries[0], "it has no well"),
        (entries[1], "its plate has no barcode"),
        (entries[2], "it has no well"),
        (entries[4], "its source well is picked already"),
    ]


def test_replicates_come_from_the_plate_that_holds_the_compound():
    options = replace(OPTIONS, sources={"P1": "MOTHER", "P2": "MOTHER"})
    plan = plan_picks([hit("B06"), hit("B06", "P2"), hit("B06", "P3")], options)
    assert [t.source_barcode for t in plan.transfers] == ["MOTHER", "P3"]
    assert len(plan.left_out) == 1


@pytest.mark.parametrize(
    ("volume", "dispenser", "expected"),
    [
        (0.0, Dispenser(), "2.5 to 5000 nL"),
        (-2.5, Dispenser(), "2.5 to 5000 nL"),
        (float("nan"), Dispenser(), "2.5 to 5000 nL"),
        (5002.5, Dispenser(), "2.5 to 5000 nL"),
        (3.0, Dispenser(), "a multiple of 2.5 nL"),
        (37.5, Dispenser(increment=25.0, smallest=25.0), "a multiple of 25 nL"),
    ],
)
def test_a_volume_that_the_instrument_cannot_give_is_refused(volume, dispenser, expected):
    with pytest.raises(CherryPickError) as error:
        plan_picks([hit("B06")], replace(OPTIONS, volume=volume, dispenser=dispenser))
    assert (error.value.field, error.value.expected) == ("volume", expected)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"barcodes": ()}, "destination barcodes"),
        ({"barcodes": ("D1", "D1")}, "destination barcodes"),
        ({"barcodes": ("",)}, "destination barcode"),
        ({"barcodes": ("D,1",)}, "destination barcode"),
        ({"barcodes": ("D\n1",)}, "destination barcode"),
        ({"barcodes": ("P1",)}, "destination barcode"),
        ({"wells": 100}, "wells"),
        ({"order": "spiral"}, "order"),
        ({"skip": frozenset({"A13"})}, "wells to skip"),
        ({"skip": frozenset({"controls"})}, "wells to skip"),
        ({"sources": {"P1": "a;b"}}, "sources['P1']"),
        (
            {"skip": frozenset(well_name(r, c) for r in range(8) for c in range(12))},
            "destination barcodes",
        ),
    ],
)
def test_a_plan_that_cannot_be_is_refused(change, field):
    with pytest.raises(CherryPickError) as error:
        plan_picks([hit("B06")], replace(OPTIONS, **change))
    assert error.value.field == field


@given(
    st.integers(1, 200),
    st.sampled_from([96, 384, 1536]),
    st.sampled_from(["column", "row"]),
    st.frozensets(st.builds(well_name, st.integers(0, 7), st.integers(0, 11)), max_size=40),
)
def test_each_pick_has_a_well_of_its_own_inside_the_plate(n, wells, order, skip):
    options = PickOptions(tuple(f"D{i}" for i in range(9)), 2.5, wells=wells, order=order, skip=skip)
    transfers = plan_picks(many(n), options).transfers
    (plate,) = (one for one in FORMATS if one.wells == wells)
    assert len(transfers) == len({(t.destination_barcode, t.destination_well) for t in transfers}) == n
    for transfer in transfers:
        row, column = parse_well(transfer.destination_well)
        assert row < plate.rows
        assert column < plate.columns
        assert transfer.destination_well not in skip


def test_the_echo_file_is_an_explicit_pick_list(tmp_path):
    out = tmp_path / "picks.csv"
    write_echo_csv(plan_picks([hit("B06"), hit("AF48")], replace(OPTIONS, volume=2.5)), out)
    assert out.read_bytes() == (
        b"Source Plate Barcode,Source Well,Destination Plate Barcode,Destination Well,Transfer Volume\r\n"
        b"P1,B6,D1,A1,2.5\r\n"
        b"P1,AF48,D1,B1,2.5\r\n"
    )


def test_the_full_file_says_what_is_picked(tmp_path):
    out = tmp_path / "picks.csv"
    entry = hit("B06", name="aspirin, USP", dose=5.0, smiles="CC", note='a "note"', status="confirmed")
    write_csv(plan_picks([entry], replace(OPTIONS, volume=4997.5)), out)
    with out.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row == {
        "source_barcode": "P1",
        "source_well": "B06",
        "destination_barcode": "D1",
        "destination_well": "A01",
        "volume_nanolitres": "4997.5",
        "name": "aspirin, USP",
        "dose_micromolar": "5",
        "smiles": "CC",
        "inchikey": "",
        "status": "confirmed",
        "note": 'a "note"',
    }


def test_no_text_of_the_full_file_runs_as_a_formula(tmp_path):
    out = tmp_path / "picks.csv"
    evil = {field: f'=HYPERLINK("{field}")' for field in ("name", "smiles", "note")}
    entry = hit("B06", barcode="=P1", status="confirmed", dose=0.5, **evil)
    plan = plan_picks([entry], replace(OPTIONS, barcodes=("@D1",)))
    write_csv(plan, out)
    with out.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert {field: row[field] for field in evil} == {field: f"'{text}" for field, text in evil.items()}
    assert (row["source_barcode"], row["destination_barcode"]) == ("'=P1", "'@D1")
    assert (row["dose_micromolar"], row["volume_nanolitres"]) == ("0.5", "25")
    # The instrument needs barcodes as they are on the plates.
    write_echo_csv(plan, out)
    assert b"=P1,B6,@D1,A1,25" in out.read_bytes()


@pytest.mark.parametrize("write", [write_csv, write_echo_csv])
def test_nothing_is_half_written(tmp_path, write):
    out = tmp_path / "picks.csv"
    out.write_text("before")
    with pytest.raises(CherryPickError, match="transfers"):
        write(plan_picks([], OPTIONS), out)
    with pytest.raises(CherryPickError, match="a place to write to"):
        write(plan_picks([hit("B06")], OPTIONS), tmp_path / "nowhere" / "picks.csv")
    assert out.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["picks.csv"]
