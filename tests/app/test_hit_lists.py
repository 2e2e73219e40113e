"""Hit lists: what is the same hit, what the edits do, and that every edit can be undone."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from PySide6.QtGui import QUndoStack

from app.hit_entries import (
    STATUSES,
    HitEntry,
    HitList,
    difference,
    entries_of_molecules,
    entries_of_rows,
    intersection,
    union,
)
from app.hit_lists import HitLists
from app.records import Molecule
from molphenix_core.errors import InputError

AT = "2026-01-31T09:30:00Z"
FILE, OTHER_FILE = "a" * 64, "b" * 64


def well(name: str, molecule: str = "aspirin", dose: float | None = 5.0, **more) -> HitEntry:
    return HitEntry(added=AT, plate_sha256=FILE, barcode="P1", well=name, name=molecule, dose=dose, **more)


@pytest.fixture
def lists() -> HitLists:
    return HitLists(QUndoStack())


def test_wells_of_a_selection_become_hits(plate):
    treated, control = entries_of_rows(plate, [10, 0], AT)
    assert (treated.barcode, treated.well, treated.name, treated.dose) == ("P1", "B06", "aspirin", 5.0)
    assert treated.plate_sha256 == plate.sha256
    assert treated.inchikey == "BSYNRYMUTXBXSQ-UHFFFAOYSA-N"
    assert (control.well, control.name, control.dose) == ("A01", "", None)


def test_molecules_become_hits_once_each():
    aspirin, nothing = Molecule("aspirin", "CC"), Molecule("", "")
    hits = entries_of_molecules([(aspirin, 5.0), (aspirin, 5.0), (aspirin, None), (nothing, 1.0)], AT)
    assert [(hit.name, hit.well, hit.dose) for hit in hits] == [("aspirin", "", 5.0), ("aspirin", "", None)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("added", "yesterday"),
        ("added", "2026-1-31T09:30:00Z"),
        ("plate_sha256", "xyz"),
        ("plate_sha256", ""),
        ("well", "B7"),
        ("well", "nowhere"),
        ("well", ""),
        ("status", "perhaps"),
        ("dose", -1.0),
        ("dose", 0.0),
        ("dose", float("nan")),
        ("dose", float("inf")),
        ("note", "x" * 10_001),
    ],
)
def test_no_hit_is_made_of_damaged_values(field, value):
    with pytest.raises(InputError) as error:
        dataclasses.replace(well("B07"), **{field: value})
    assert error.value.field in {field, "well", "plate_sha256"}


def test_what_is_said_of_a_hit_is_checked_like_the_rest():
    hit = well("B06", note="bright")
    assert hit.saying(note="bright") is hit
    said = hit.saying(note="dim", status="confirmed")
    assert said == dataclasses.replace(hit, note="dim", status="confirmed")
    assert said.identity == hit.identity
    for wrong in ({"note": "x" * 10_001}, {"status": "perhaps"}):
        with pytest.raises(InputError):
            hit.saying(**wrong)


def test_a_hit_is_a_well_or_a_molecule():
    with pytest.raises(InputError, match="a well or a molecule"):
        HitEntry(added=AT)


def test_a_list_holds_each_hit_once():
    with pytest.raises(InputError, match="twice"):
        HitList("x", AT, (well("B07"), well("B07", note="again")))


@pytest.mark.parametrize("name", ["", "  ", " x", "a\nb", "x" * 201])
def test_a_list_has_a_name_of_one_line(name):
    with pytest.raises(InputError, match="name"):
        HitList(name, AT)


def test_lists_are_combined_by_well_or_by_treatment():
    a = (well("B06"), well("B07", note="mine"), well("C06", "caffeine"))
    b = (well("B07", note="theirs"), well("B08"), well("D06", "paracetamol"))
    assert [e.well for e in union(a, b, "well")] == ["B06", "B07", "C06", "B08", "D06"]
    assert [e.well for e in union(a, b, "treatment")] == ["B06", "C06", "D06"]
    assert [e.note for e in intersection(a, b, "well")] == ["mine"]
    assert [e.well for e in intersection(a, b, "treatment")] == ["B06"]
    assert [e.well for e in difference(a, b, "well")] == ["B06", "C06"]
    assert [e.well for e in difference(a, b, "treatment")] == ["C06"]


def test_doses_that_differ_by_rounding_are_one_treatment_and_an_unknown_dose_is_another():
    a, b = (well("B06", dose=0.62),), (well("C06", dose=0.63),)
    assert intersection(a, b, "treatment") == a
    assert intersection(a, (well("C06", dose=0.70),), "treatment") == ()
    assert intersection(a, (well("C06", dose=None),), "treatment") == ()


def test_equal_wells_of_two_files_are_two_hits():
    elsewhere = dataclasses.replace(well("B06"), plate_sha256=OTHER_FILE)
    assert len(union((well("B06"),), (elsewhere,), "well")) == 2


def test_a_control_is_told_by_its_well_whatever_is_compared():
    a, b = (well("A01", "", None),), (well("H01", "", None),)
    assert intersection(a, b, "treatment") == ()
    assert intersection(a, a, "treatment") == a


hits = st.lists(
    st.builds(
        well,
        st.sampled_from(["A01", "B02", "C03", "D04"]),
        st.sampled_from(["aspirin", "caffeine", ""]),
        st.sampled_from([None, 0.62, 0.63, 5.0]),
    ),
    unique_by=lambda entry: entry.identity,
)


@given(hits, hits, st.sampled_from(["well", "treatment"]))
def test_set_operations_agree_with_each_other(a, b, by):
    both, only, all_of = intersection(a, b, by), difference(a, b, by), union(a, b, by)
    assert {*map(id, both), *map(id, only)} <= set(map(id, a))
    assert union(a, a, "well") == tuple(a)
    # Replicates, and what stands in both lists, count once; doses within 5 % are told apart by the lists at hand.
    if by == "well" or not {0.62, 0.63} <= {entry.dose for entry in [*a, *b]}:
        assert len(both) + len(only) == len(union(a, a, by)) == len(intersection(a, a, by))
        assert len(all_of) == len(both) + len(only) + len(difference(b, a, by))
        assert len(union(all_of, all_of, by)) == len(all_of)
    assert difference(a, a, by) == ()


def test_replicates_of_one_list_are_one_treatment_in_the_other():
    picks = (well("B06"), well("B07"))
    called = (well("B07"), well("C06", "caffeine"))
    assert len(union(picks, called, "treatment")) == len(union(called, picks, "treatment")) == 2
    assert len(union(picks, called, "well")) == 3


def test_edits_and_what_is_told_of_them(lists, qtbot):
    with qtbot.waitSignals([lists.changed, lists.current_changed]):
        lists.create("Hits", [well("B06"), well("B07"), well("B06")])
    assert [e.well for e in lists["Hits"].entries] == ["B06", "B07"]
    assert lists.current is lists["Hits"]
    assert lists.add("Hits", [well("B07"), well("C06")]) == 1
    lists.set_note("Hits", {well("B07").identity}, "bright")
    lists.set_status("Hits", {well("B07").identity, well("C06").identity}, "confirmed")
    assert [(e.note, e.status) for e in lists["Hits"].entries] == [
        ("", "new"),
        ("bright", "confirmed"),
        ("", "confirmed"),
    ]
    assert lists.remove("Hits", {well("B06").identity}) == 1
    assert lists.undo_stack.undoText() == "remove 1 hit from “Hits”"
    lists.undo_stack.undo()
    assert [e.well for e in lists["Hits"].entries] == ["B06", "B07", "C06"]
    lists.undo_stack.redo()
    assert [e.well for e in lists["Hits"].entries] == ["B07", "C06"]


def test_what_changes_nothing_is_no_step(lists):
    lists.create("Hits", [well("B06")])
    before = lists.undo_stack.count()
    assert lists.add("Hits", [well("B06", note="again")]) == 0
    assert lists.remove("Hits", {well("C06").identity}) == 0
    lists.set_status("Hits", {well("B06").identity}, "new")
    lists.rename("Hits", "Hits")
    assert lists.undo_stack.count() == before


def test_the_current_list_follows_what_is_done(lists):
    for name in ("a", "b", "c"):
        lists.create(name)
    lists.show("b")
    lists.rename("b", "B")
    assert lists.current.name == "B"
    lists.undo_stack.undo()
    assert lists.current.name == "b"
    lists.delete("b")
    assert lists.current.name == "c"
    lists.delete("c")
    lists.delete("a")
    assert lists.current is None
    lists.undo_stack.undo()
    assert lists.current.name == "a"


def test_names_are_unique_whatever_their_case(lists):
    lists.create("Hits")
    lists.create("Other")
    for refused in (lambda: lists.create("hits"), lambda: lists.rename("Other", "HITS")):
        with pytest.raises(InputError, match="no other list"):
            refused()
    lists.rename("Hits", "hits")
    assert lists.names == ("hits", "Other")
    assert lists.unused_name("Hits") == "Hits 2"


def test_an_unknown_list_or_status_is_refused(lists):
    lists.create("Hits", [well("B06")])
    with pytest.raises(InputError, match="one of Hits"):
        lists.add("Misses", [])
    with pytest.raises(InputError, match="status"):
        lists.set_status("Hits", {well("B06").identity}, "perhaps")
    with pytest.raises(InputError, match="how"):
        lists.combine("sum", "Hits", "Hits", by="well")


def test_lists_are_combined_into_a_new_one(lists):
    lists.create("a", [well("B06"), well("B07")])
    lists.create("b", [well("B07")])
    made = lists.combine("difference", "a", "b", by="well")
    assert made.name == "a − b"
    assert [e.well for e in made.entries] == ["B06"]
    assert lists.combine("difference", "a", "b", by="well").name == "a − b 2"
    assert lists.current.name == "a − b 2"


def test_what_is_in_one_of_two_lists_makes_a_list(lists):
    lists.create("a", [well("B06"), well("B07")])
    lists.create("b", [well("B07"), well("C06")])
    made = lists.combine("symmetric difference", "a", "b", by="well")
    assert made.name == "a △ b"
    assert [e.well for e in made.entries] == ["B06", "C06"]


def test_a_list_is_duplicated_with_what_was_said_of_its_hits(lists):
    lists.create("a", [well("B06", note="bright", status="confirmed")])
    assert lists.duplicate("a").entries == lists["a"].entries
    assert lists.current.name == "a copy"
    assert lists.duplicate("a").name == "a copy 2"


def test_steps_say_what_they_do(lists):
    told: list[str] = []
    lists.edited.connect(lambda what, _plates: told.append(what))
    lists.create("a", [well("B06"), well("B07")])
    lists.set_status("a", {well("B06").identity, well("B07").identity}, "rejected")
    lists.undo_stack.undo()
    lists.undo_stack.redo()
    marked = "mark 2 hits as rejected in “a”"
    assert told == ["new list “a”", marked, f"undone: {marked}", marked]


def test_loading_takes_all_back(lists):
    lists.create("mine")
    lists.load([HitList("x", AT), HitList("y", AT, (well("B06"),))], "x")
    assert lists.names == ("x", "y")
    assert lists.current.name == "x"
    assert not lists.undo_stack.canUndo()
    with pytest.raises(InputError, match="twice"):
        lists.load([HitList("x", AT), HitList("X", AT)])
    with pytest.raises(InputError, match="current"):
        lists.load([HitList("x", AT)], "z")
    assert lists.names == ("x", "y")


class Editing(RuleBasedStateMachine):
    """Any sequence of edits, undone step by step, gives back each earlier document; redone, each later one."""

    def __init__(self) -> None:
        super().__init__()
        self.lists = HitLists(QUndoStack())
        self.states = [self.lists.lists]

    def done(self) -> None:
        stack = self.lists.undo_stack
        if stack.index() < len(self.states) and self.lists.lists == self.states[stack.index()]:
            return
        self.states = [*self.states[: stack.index()], self.lists.lists]

    def a_list(self, number: int) -> str | None:
        names = self.lists.names
        return names[number % len(names)] if names else None

    @rule(name=st.sampled_from(["a", "b", "c"]), entries=hits)
    def create(self, name, entries):
        self.lists.create(self.lists.unused_name(name), entries)
        self.done()

    @rule(number=st.integers(0, 5), entries=hits)
    def add(self, number, entries):
        if name := self.a_list(number):
            self.lists.add(name, entries)
            self.done()

    @rule(number=st.integers(0, 5), entries=hits, status=st.sampled_from(STATUSES))
    def mark(self, number, entries, status):
        if name := self.a_list(number):
            self.lists.set_status(name, {entry.identity for entry in entries}, status)
            self.done()

    @rule(number=st.integers(0, 5), entries=hits, note=st.text(max_size=5))
    def annotate(self, number, entries, note):
        if name := self.a_list(number):
            self.lists.set_note(name, {entry.identity for entry in entries}, note)
            self.done()

    @rule(number=st.integers(0, 5), entries=hits)
    def remove(self, number, entries):
        if name := self.a_list(number):
            self.lists.remove(name, {entry.identity for entry in entries})
            self.done()

    @rule(number=st.integers(0, 5))
    def rename(self, number):
        if name := self.a_list(number):
            self.lists.rename(name, self.lists.unused_name("renamed"))
            self.done()

    @rule(number=st.integers(0, 5))
    def delete(self, number):
        if name := self.a_list(number):
            self.lists.delete(name)
            self.done()

    @rule(
        a=st.integers(0, 5),
        b=st.integers(0, 5),
        how=st.sampled_from(["union", "intersection", "difference"]),
        by=st.sampled_from(["well", "treatment"]),
    )
    def combine(self, a, b, how, by):
        if self.lists.names and len(self.lists.names) < 8:
            self.lists.combine(how, self.a_list(a), self.a_list(b), by=by)
            self.done()

    @rule()
    def undo(self):
        self.lists.undo_stack.undo()

    @rule()
    def redo(self):
        self.lists.undo_stack.redo()

    @invariant()
    def the_document_is_the_state_at_its_step(self):
        assert self.lists.lists == self.states[self.lists.undo_stack.index()]

    @invariant()
    def the_current_list_exists(self):
        current = self.lists.current
        assert (current is None) == (not self.lists.names)

    def teardown(self):
        stack = self.lists.undo_stack
        while stack.canUndo():
            stack.undo()
            assert self.lists.lists == self.states[stack.index()]
        assert self.lists.lists == ()
        while stack.canRedo():
            stack.redo()
            assert self.lists.lists == self.states[stack.index()]


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
