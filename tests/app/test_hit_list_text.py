"""Pasted hits: what is matched, what is not and why; and that a copied list pastes as it was."""

from __future__ import annotations

import dataclasses

import canned_tasks
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hit_entries import STATUSES, HitEntry
from app.hit_list_text import COLUMNS, as_table, read_paste
from app.open_plate import OpenPlate
from molphenix_core.errors import InputError

AT = "2026-01-31T09:30:00Z"
ASPIRIN = canned_tasks.MOLECULES[0]


def reasons(text: str, plates: list[OpenPlate]) -> list[tuple[int, str]]:
    return [(one.line, one.reason) for one in read_paste(text, plates, AT).unmatched]


@pytest.mark.parametrize("line", ["P1\tB06", "P1,B6", "p1; b06", "P1 B06", "  P1\t B06 "])
def test_a_plate_and_a_well(plate, line):
    (hit,) = read_paste(line, [plate], AT).entries
    assert (hit.barcode, hit.well, hit.name, hit.dose, hit.plate_sha256) == (
        "P1",
        "B06",
        "aspirin",
        5.0,
        plate.sha256,
    )


@pytest.mark.parametrize("line", [ASPIRIN[0], "ASPIRIN", ASPIRIN[1], ASPIRIN[2]])
def test_a_molecule_by_name_structure_or_inchikey(plate, line):
    (hit,) = read_paste(line, [plate], AT).entries
    assert (hit.name, hit.smiles, hit.inchikey, hit.well, hit.dose) == (*ASPIRIN[:3], "", None)


def test_lines_of_all_kinds_keep_their_order_and_blank_ones_are_skipped(plate):
    pasted = read_paste("caffeine\r\n\r\nP2\tB06\rAspirin\ncaffeine\n", [plate], AT)
    assert [hit.name for hit in pasted.entries] == ["caffeine", "aspirin", "aspirin"]
    assert [hit.barcode for hit in pasted.entries] == ["", "P2", ""]
    assert pasted.unmatched == ()


def test_what_is_not_matched_is_told_with_its_line_and_reason(plate):
    text = "P1\tH11\nP9\tA01\nB06\nxylitol\nAAAAAAAAAAAAAA-BBBBBBBBBB-N\naspirin"
    assert reasons(text, [plate]) == [
        (1, "this plate has no such well"),
        (2, "no open file has a plate P9"),
        (3, "a well without its plate, and more than one plate is open"),
        (4, "no molecule of the open files has this name or structure"),
        (5, "no molecule of the open files has this InChIKey"),
    ]


def test_a_well_alone_is_enough_where_one_plate_is_open():
    small = OpenPlate.unpack(canned_tasks.packed_small_plate("small.h5ad"))
    (hit,) = read_paste("b6", [small], AT).entries
    assert (hit.barcode, hit.well) == ("P1", "B06")


def test_a_plate_in_two_files_is_ambiguous(plate):
    other = dataclasses.replace(plate, path="again.h5ad", sha256="c" * 64)
    assert reasons("P1\tB06", [plate, other]) == [(1, "2 wells are so named, in again, screen")]


def test_nothing_open_matches_nothing():
    assert len(reasons("aspirin\nB06\nP1\tB06", [])) == 3
    assert read_paste("", [], AT) == read_paste(" \n", [], AT)


def test_a_table_of_another_program_is_read_by_its_columns(plate):
    text = "Well\tBarcode\tNote\tStatus\nB6\tP1\tbright\tconfirmed\nB7\tP1\tdim\tmaybe\nB08\tP1"
    pasted = read_paste(text, [plate], AT)
    assert [(e.well, e.note, e.status, e.name) for e in pasted.entries] == [
        ("B06", "bright", "confirmed", "aspirin")
    ]
    assert [one.line for one in pasted.unmatched] == [3, 4]
    assert "status" in pasted.unmatched[0].reason


def test_damaged_rows_of_a_table_are_told(plate):
    text = "name\tdose_micromolar\naspirin\tmuch\nb\t1\t2\n\t5\ncaffeine\t-1"
    assert [line for line, _ in reasons(text, [plate])] == [2, 3, 4, 5]


def test_too_much_text_is_refused(plate):
    with pytest.raises(InputError, match="lines"):
        read_paste("\n" * 200_000, [plate], AT)


lines = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)


@given(st.lists(lines | st.sampled_from(["aspirin", "P1\tB06", "\t".join(COLUMNS)]), max_size=8))
def test_any_text_is_hits_and_told_lines_never_an_error(pasted):
    plate = OpenPlate.unpack(canned_tasks.packed_plate("screen.h5ad"))
    text = "\n".join(pasted)
    found = read_paste(text, [plate], AT)
    count = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    assert all(1 <= one.line <= count and one.reason for one in found.unmatched)
    assert len(found.entries) + len(found.unmatched) <= count


words = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), max_size=12)
of_well = st.builds(
    HitEntry,
    added=st.just(AT),
    plate_sha256=st.just("a" * 64),
    barcode=words,
    well=st.sampled_from(["A01", "AF48", "row 3"]),
    name=words,
    dose=st.none() | st.floats(1e-9, 1e9),
    note=words,
    status=st.sampled_from(STATUSES),
)
of_molecule = st.builds(HitEntry, added=st.just(AT), smiles=words.filter(bool), note=words, inchikey=words)


@given(st.lists(of_well | of_molecule, max_size=6, unique_by=lambda entry: entry.identity))
def test_a_copied_list_pastes_as_it_was(entries):
    pasted = read_paste(as_table(entries), [], AT)
    assert pasted.unmatched == ()
    assert list(pasted.entries) == entries


def test_a_copied_note_is_no_formula_in_a_spreadsheet():
    hit = HitEntry(added=AT, name="=HYPERLINK()", note="two\nlines")
    row = as_table([hit]).split("\n")[1].split("\t")
    assert row[COLUMNS.index("name")] == "'=HYPERLINK()"
    assert row[COLUMNS.index("note")] == "two lines"
