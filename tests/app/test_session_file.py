"""Sessions: files come back as they were or are refused by name; windows come back, also after a kill."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import canned_tasks
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QObject, Signal

from app.engine import EngineError
from app.hit_entries import STATUSES, HitEntry, HitList, entries_of_rows
from app.session_file import (
    Limits,
    SavedIdentity,
    SavedPlate,
    SavedSession,
    SessionError,
    find_plate,
    plain,
    read_session,
    rows_of,
    runs_of,
    save_session,
    saved_plate,
    session_pieces,
)
from app.session_keeper import SessionKeeper
from app.session_recovery import RecoveryFile, SessionLock, abandoned_sessions
from app.workspace import Workspace

AT = "2026-01-31T09:30:00Z"
SHA = "a" * 64

texts = st.text(st.characters(), max_size=8)
numbers = st.floats(allow_nan=False, allow_infinity=False)
entries = st.builds(
    HitEntry,
    added=st.just(AT),
    plate_sha256=st.just(SHA),
    barcode=texts,
    well=st.sampled_from(["A01", "AF48", "row 7"]),
    name=texts,
    smiles=texts,
    dose=st.none() | st.floats(1e-12, 1e12),
    note=texts,
    status=st.sampled_from(STATUSES),
)
lists = st.builds(
    HitList,
    st.text(st.characters(categories=("L", "N")), min_size=1, max_size=5),
    st.just(AT),
    st.lists(entries, max_size=4, unique_by=lambda entry: entry.identity).map(tuple),
)
limits = st.builds(Limits, texts, st.sampled_from(["linear", "log", "robust"])) | st.builds(
    lambda key, low, width: Limits(key, "manual", low, low + width),
    texts,
    st.floats(-1e6, 1e6),
    st.floats(1, 1e6),
)
plates = st.builds(
    SavedPlate,
    path=texts.filter(lambda text: text and "\x00" not in text),
    sha256=st.binary(max_size=4).map(lambda data: hashlib.sha256(data).hexdigest()),
    relative=texts.filter(lambda text: "\x00" not in text),
    selection=st.sets(st.integers(0, 300)).map(lambda rows: runs_of(np.array(sorted(rows), dtype=np.intp))),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def sessions(draw) -> SavedSession:
    some = tuple(draw(st.lists(plates, max_size=3, unique_by=lambda plate: plate.path)))
    named = tuple(draw(st.lists(lists, max_size=3, unique_by=lambda one: one.name.casefold())))
    return SavedSession(
        saved=AT,
        plates=some,
        current=draw(st.integers(0, len(some) - 1)) if some else None,
        barcode=draw(texts),
        colour_by=draw(texts),
        limits=tuple(draw(st.lists(limits, max_size=3, unique_by=lambda one: one.key))),
        hit_lists=named,
        current_list=named[-1].name if named else "",
        model=SavedIdentity(draw(texts), draw(texts)),
        views=draw(st.dictionaries(texts, st.dictionaries(texts, json_values, max_size=2), max_size=2)),
        page=draw(texts),
        origin=draw(texts),
    )


a_tmp_path = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@a_tmp_path
@given(sessions())
def test_any_session_comes_back(tmp_path, session):
    path = tmp_path / "x.molphenix"
    save_session(path, session)
    assert read_session(path) == session


@given(st.sets(st.integers(0, 200)))
def test_rows_come_back_from_their_runs(rows):
    chosen = np.array(sorted(rows), dtype=np.intp)
    runs = runs_of(chosen)
    assert rows_of(runs, 201).tolist() == chosen.tolist()
    assert all(second[0] - first[1] > 1 for first, second in itertools.pairwise(runs))
    if rows:
        assert rows_of(runs, max(rows)) is None


def test_a_whole_plate_is_one_run():
    assert runs_of(np.arange(1_000_000)) == ((0, 999_999),)


SESSION = SavedSession(
    saved=AT,
    plates=(SavedPlate("/data/screen.h5ad", SHA, "screen.h5ad", ((3, 5),)),),
    current=0,
    limits=(Limits("p", "manual", 0.1, 1.0),),
    hit_lists=(HitList("Hits", AT, (HitEntry(added=AT, name="aspirin"),)),),
    current_list="Hits",
)


def changed(path: str, value: object) -> dict[str, object]:
    """The session as JSON with one value replaced, or added."""
    content = {"format": "molphenix session", "version": 1, "session": plain(SESSION)}
    place: object = content
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        place = place[step]
    place[last] = value
    return content


@pytest.mark.parametrize(
    ("where", "value", "field"),
    [
        ("format", "other", "format"),
        ("version", 2, "version"),
        ("version", True, "version"),
        ("more", 1, "more"),
        ("session", [], "session"),
        ("session.who", "me", "session.who"),
        ("session.saved", "today", "session.saved"),
        ("session.plates", {}, "session.plates"),
        ("session.plates.0", 3, "session.plates[0]"),
        ("session.plates.0.path", 3, "session.plates[0].path"),
        ("session.plates.0.path", "", "session.plates[0].path"),
        ("session.plates.0.path", "a\x00", "session.plates[0].path"),
        ("session.plates.0.sha256", "A" * 64, "session.plates[0].sha256"),
        ("session.plates.0.size", 3, "session.plates[0].size"),
        ("session.plates.0.selection", [[1]], "session.plates[0].selection[0]"),
        ("session.plates.0.selection", [[1, 2.0]], "session.plates[0].selection[0][1]"),
        ("session.plates.0.selection", [[-1, 2]], "session.plates[0].selection[0]"),
        ("session.plates.0.selection", [[4, 2]], "session.plates[0].selection[0]"),
        ("session.plates.0.selection", [[1, 2], [2, 3]], "session.plates[0].selection[1]"),
        ("session.plates.0.selection", [[1, 10**20]], "session.plates[0].selection[0]"),
        ("session.current", 1, "session.current"),
        ("session.current", -1, "session.current"),
        ("session.current", False, "session.current"),
        ("session.limits.0.low", 2.0, "session.limits[0].low"),
        ("session.limits.0.low", None, "session.limits[0].low"),
        ("session.limits.0.low", "0", "session.limits[0].low"),
        ("session.limits.0.low", 10**400, "session.limits[0].low"),
        ("session.limits.0.scale", "cubic", "session.limits[0].scale"),
        ("session.limits.0.scale", ["log"], "session.limits[0].scale"),
        ("session.hit_lists.0.name", " ", "session.hit_lists[0].name"),
        ("session.hit_lists.0.entries.0.status", "perhaps", "session.hit_lists[0].entries[0].status"),
        ("session.hit_lists.0.entries.0.dose", -1, "session.hit_lists[0].entries[0].dose"),
        ("session.hit_lists.0.entries.0.added", None, "session.hit_lists[0].entries[0].added"),
        ("session.current_list", "Misses", "session.current_list"),
        ("session.model", "u2os", "session.model"),
        ("session.views", [], "session.views"),
        ("session.views", {"map": 3}, "session.views.map"),
        ("session.page", 3, "session.page"),
    ],
)
def test_damage_is_told_by_file_and_field(tmp_path, where, value, field):
    path = tmp_path / "x.molphenix"
    path.write_text(json.dumps(changed(where, value)))
    with pytest.raises(SessionError) as error:
        read_session(path)
    assert (error.value.source, error.value.field) == (str(path), field)
    assert error.value.found
    assert error.value.expected


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"null", b"[]", b'{"a": NaN}'])
def test_what_is_no_session_file_is_refused(tmp_path, data):
    path = tmp_path / "x.molphenix"
    path.write_bytes(data)
    with pytest.raises(SessionError):
        read_session(path)
    with pytest.raises(SessionError, match="a session file"):
        read_session(tmp_path / "nothing.molphenix")


WHERE = [
    "saved",
    "plates",
    "plates.0",
    "current",
    "limits",
    "limits.0",
    "hit_lists",
    "hit_lists.0",
    "model",
    "views",
]


@a_tmp_path
@given(st.sampled_from(WHERE), json_values)
def test_any_value_anywhere_is_read_or_refused_as_a_session_error(tmp_path, where, value):
    path = tmp_path / "x.molphenix"
    path.write_text(json.dumps(changed(f"session.{where}", value)))
    session = None
    with contextlib.suppress(SessionError):
        session = read_session(path)
    if session is not None:
        save_session(path, session)
        assert read_session(path) == session


def test_a_failed_save_leaves_what_was_there(tmp_path):
    path = tmp_path / "x.molphenix"
    save_session(path, SESSION)
    with pytest.raises(SessionError, match="a place to write to"):
        save_session(tmp_path / "nowhere" / "x.molphenix", SESSION)
    assert read_session(path) == SESSION
    assert [one.name for one in tmp_path.iterdir()] == ["x.molphenix"]


def test_plates_are_found_where_they_are_now(tmp_path):
    before, after = tmp_path / "before", tmp_path / "after"
    (before / "plates").mkdir(parents=True)
    there = before / "plates" / "screen.h5ad"
    there.touch()
    plate = saved_plate(there, SHA, np.array([3, 4]), before)
    assert (plate.relative, plate.selection) == ("plates/screen.h5ad", ((3, 4),))
    assert find_plate(plate, [before]) == there
    before.rename(after)
    assert find_plate(plate, [after]) == after / "plates" / "screen.h5ad"
    assert find_plate(plate, [tmp_path]) is None
    assert find_plate(plate, [tmp_path, after / "plates"]) == after / "plates" / "screen.h5ad"


# The window's session --------------------------------------------------------------------------------------


class _Answer(QObject):
    progressed = Signal(float, str)
    finished = Signal(object)
    failed = Signal(object)

    def __init__(self, number: int, title: str) -> None:
        super().__init__()
        self.number, self.title = number, title
        self.started = self.done = False

    def cancel(self) -> None:
        """Nothing is under way."""


class _Engine(QObject):
    """Answers in this process, when told to."""

    tasks = "canned_tasks"

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, dict, _Answer]] = []
        self.count = 0

    def submit(self, task: str, *, title: str, **arguments) -> _Answer:
        self.count += 1
        answer = _Answer(self.count, title)
        self.asked.append((task, arguments, answer))
        return answer

    def run(self) -> None:
        """Answer all that was asked."""
        while self.asked:
            task, arguments, answer = self.asked.pop(0)
            if task != "open_plate":
                continue
            path = Path(arguments["path"])
            if "bad" in path.name:
                answer.failed.emit(EngineError("PlateFileError", "bad", {"source": str(path)}))
            else:
                packed = canned_tasks.packed_plate(str(path))
                answer.finished.emit({**packed, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()})


class Window:
    """A workspace and its keeper, without a window."""

    def __init__(self, folder: Path) -> None:
        self.engine = _Engine()
        self.workspace = Workspace(self.engine)
        self.keeper = SessionKeeper(self.workspace, folder / "recovery", self.workspace)
        self.reopened: list = []
        self.keeper.reopened.connect(self.reopened.append)

    def open(self, *paths: Path) -> None:
        for path in paths:
            if not path.exists():
                path.parent.mkdir(exist_ok=True)
                path.write_text(path.name)
        self.workspace.open(paths)
        self.engine.run()


@pytest.fixture
def windows(request, tmp_path):
    request.getfixturevalue("qapp")
    made = []

    def make() -> Window:
        made.append(Window(tmp_path))
        return made[-1]

    yield make
    for one in made:
        one.keeper.close()
        one.workspace.cancel()


def a_session(windows, folder: Path) -> Window:
    """Two files, wells selected in each, P2 of the first one shown, two lists; saved."""
    one = windows()
    one.open(folder / "first.h5ad", folder / "second.h5ad")
    workspace = one.workspace
    workspace.select([1, 2, 40])
    workspace.show(workspace.plates[0], 1)
    workspace.select([30, 31])
    workspace.set_colour_by("dose")
    one.keeper.limits = (Limits("dose", "log"),)
    workspace.hit_lists.create("Hits", entries_of_rows(workspace.plate, [10], AT))
    workspace.hit_lists.create("More")
    workspace.hit_lists.show("Hits")
    one.keeper.save(folder / "x.molphenix")
    return one


def check(again: Window, folder: Path) -> None:
    workspace = again.workspace
    assert [Path(plate.path) for plate in workspace.plates] == [folder / "first.h5ad", folder / "second.h5ad"]
    assert workspace.plate is workspace.plates[0]
    assert workspace.barcode == 1
    assert workspace.selection.tolist() == [30, 31]
    assert workspace.selection_in(workspace.plates[1]).tolist() == [1, 2, 40]
    assert workspace.colour_by == "dose"
    assert again.keeper.limits == (Limits("dose", "log"),)
    assert workspace.hit_lists.names == ("Hits", "More")
    assert workspace.hit_lists.current.name == "Hits"


def test_everything_is_reopened_where_it_was(windows, tmp_path):
    a_session(windows, tmp_path).keeper.close()
    again = windows()
    again.keeper.open(tmp_path / "x.molphenix")
    again.engine.run()
    check(again, tmp_path)
    (how,) = again.reopened
    assert (how.changed, how.failed, how.left_out, how.other_model) == ((), (), (), False)
    assert how.path == again.keeper.path == str(tmp_path / "x.molphenix")
    assert not again.keeper.has_unsaved_lists
    assert not again.workspace.undo_stack.canUndo()


def test_pages_come_back_as_they_were(windows, tmp_path, caplog):
    one = windows()
    one.open(tmp_path / "first.h5ad")
    one.keeper.view_states = lambda: {"map": {"colour": "dose"}, "odd": {"rows": np.arange(3)}}
    one.keeper.shown_page = lambda: "map"
    one.keeper.save(tmp_path / "x.molphenix")
    # A page that says what no file can hold costs only itself.
    assert "odd" in caplog.text
    one.keeper.close()
    again = windows()
    shown: list = []
    again.keeper.restore_views = shown.append
    again.keeper.show_page = shown.append
    again.keeper.open(tmp_path / "x.molphenix")
    assert shown == []
    again.engine.run()
    assert shown == [{"map": {"colour": "dose"}}, "map"]


def test_a_session_written_before_there_were_pages_is_opened(windows, tmp_path):
    path = tmp_path / "x.molphenix"
    content = changed("session.plates", [])
    content["session"].pop("current")
    assert not {"views", "page"} & set(content["session"])
    path.write_text(json.dumps(content))
    one = windows()
    one.keeper.open(path)
    assert one.reopened


def test_a_session_is_modified_by_lists_and_plates_and_by_nothing_else(windows, tmp_path):
    one = windows()
    one.open(tmp_path / "first.h5ad")
    lists = one.workspace.hit_lists
    lists.create("Before")
    # Without a file there is nothing to save to.
    assert not one.keeper.modified
    one.keeper.save(tmp_path / "x.molphenix")
    assert not one.keeper.modified
    one.workspace.select([3])
    one.workspace.set_colour_by("dose")
    assert not one.keeper.modified
    lists.create("After")
    assert one.keeper.modified
    one.workspace.undo_stack.undo()
    assert not one.keeper.modified
    one.open(tmp_path / "second.h5ad")
    assert one.keeper.modified
    one.workspace.close_plate()
    assert not one.keeper.modified
    lists.create("After")
    one.keeper.close()
    assert not one.keeper.modified


def test_a_moved_folder_needs_no_question(windows, tmp_path):
    (tmp_path / "before").mkdir()
    a_session(windows, tmp_path / "before").keeper.close()
    (tmp_path / "before").rename(tmp_path / "after")
    again = windows()
    again.keeper.open(tmp_path / "after" / "x.molphenix")
    assert again.keeper.missing == ()
    again.engine.run()
    check(again, tmp_path / "after")


def test_moved_files_are_asked_for_once_a_folder(windows, tmp_path):
    a_session(windows, tmp_path).keeper.close()
    (tmp_path / "archive").mkdir()
    for name in ("first.h5ad", "second.h5ad"):
        (tmp_path / name).rename(tmp_path / "archive" / name)
    again = windows()
    again.keeper.open(tmp_path / "x.molphenix")
    again.engine.run()
    assert [Path(plate.path).name for plate in again.keeper.missing] == ["first.h5ad", "second.h5ad"]
    assert again.reopened == []
    again.keeper.locate(again.keeper.missing[0], tmp_path / "archive" / "first.h5ad")
    assert again.keeper.missing == ()
    again.engine.run()
    check(again, tmp_path / "archive")
    assert len(again.reopened) == 1


def test_what_is_not_found_can_be_left_out(windows, tmp_path):
    a_session(windows, tmp_path).keeper.close()
    (tmp_path / "first.h5ad").unlink()
    again = windows()
    again.keeper.open(tmp_path / "x.molphenix")
    again.engine.run()
    assert again.reopened == []
    again.keeper.leave_out()
    (how,) = again.reopened
    assert how.left_out == (str(tmp_path / "first.h5ad"),)
    assert [plate.name for plate in again.workspace.plates] == ["second"]


def test_a_file_with_another_content_is_opened_without_its_selection_and_told(windows, tmp_path):
    a_session(windows, tmp_path).keeper.close()
    (tmp_path / "first.h5ad").write_text("other wells")
    again = windows()
    again.keeper.open(tmp_path / "x.molphenix")
    again.engine.run()
    (how,) = again.reopened
    assert how.changed == (str(tmp_path / "first.h5ad"),)
    assert again.workspace.selection.tolist() != [30, 31]
    assert again.workspace.selection_in(again.workspace.plates[1]).tolist() == [1, 2, 40]


def test_a_file_that_cannot_be_opened_does_not_stop_the_others(windows, tmp_path):
    first = windows()
    first.open(tmp_path / "first.h5ad")
    first.keeper.save(tmp_path / "x.molphenix")
    first.keeper.close()
    session = read_session(tmp_path / "x.molphenix")
    bad = tmp_path / "bad.h5ad"
    bad.touch()
    session = replace(session, plates=(SavedPlate(str(bad), SHA), *session.plates), current=0)
    save_session(tmp_path / "x.molphenix", session)
    again = windows()
    again.keeper.open(tmp_path / "x.molphenix")
    again.engine.run()
    (how,) = again.reopened
    assert how.failed == (str(bad),)
    assert [plate.name for plate in again.workspace.plates] == ["first"]


def test_a_damaged_session_leaves_the_present_one(windows, tmp_path):
    one = a_session(windows, tmp_path)
    (tmp_path / "y.molphenix").write_text("{}")
    with pytest.raises(SessionError):
        one.keeper.open(tmp_path / "y.molphenix")
    check(one, tmp_path)
    assert one.keeper.path == str(tmp_path / "x.molphenix")


def test_another_model_is_told(windows, tmp_path):
    one = windows()
    one.workspace.session = replace(one.workspace.session, model="a", model_hash="1" * 64)
    one.open(tmp_path / "first.h5ad")
    one.keeper.save(tmp_path / "x.molphenix")
    one.workspace.session = replace(one.workspace.session, model_hash="2" * 64)
    one.keeper.open(tmp_path / "x.molphenix")
    one.engine.run()
    assert one.reopened[0].other_model


def test_a_session_is_open_in_one_window_only(windows, tmp_path):
    one, other = a_session(windows, tmp_path), windows()
    path = tmp_path / "x.molphenix"
    for refused in (other.keeper.open, other.keeper.save):
        with pytest.raises(SessionError, match="process") as error:
            refused(path)
        assert error.value.field == "lock"
    one.keeper.save(tmp_path / "y.molphenix")
    other.keeper.open(path)
    other.engine.run()
    check(other, tmp_path)


def test_a_kill_costs_nothing(windows, tmp_path):
    # A window of another process, killed: what it leaves are its files.
    script = (
        "import sys, threading\n"
        "from pathlib import Path\n"
        "from app.session_file import read_session\n"
        "from app.session_recovery import RecoveryFile, SessionLock\n"
        "copy = RecoveryFile(Path(sys.argv[1]))\n"
        "copy.write(read_session(sys.argv[2]))\n"
        "lock = SessionLock(sys.argv[3])\n"
        "print('ready', flush=True)\n"
        "threading.Event().wait()\n"
    )
    a_session(windows, tmp_path).keeper.close()
    path, work = tmp_path / "x.molphenix", tmp_path / "work.molphenix"
    save_session(work, replace(read_session(path), origin=str(path)))
    arguments = [sys.executable, "-c", script, str(tmp_path / "recovery"), str(work), str(path)]
    again = windows()
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline() == b"ready\n"
            assert again.keeper.abandoned() == ()
            with pytest.raises(SessionError, match=f"process {process.pid}"):
                again.keeper.open(path)
        finally:
            process.kill()
    (left,) = again.keeper.abandoned()
    assert windows().keeper.abandoned() == ()
    again.keeper.recover(left)
    again.engine.run()
    check(again, tmp_path)
    assert again.keeper.path == str(path)
    assert again.keeper.has_unsaved_lists
    again.keeper.save(path)
    again.keeper.close()
    assert abandoned_sessions(tmp_path / "recovery") == ()
    assert list((tmp_path / "recovery").iterdir()) == []


def test_lists_that_are_in_no_file_are_offered_at_the_next_start(windows, tmp_path):
    one = windows()
    one.open(tmp_path / "first.h5ad")
    one.workspace.hit_lists.create("Hits")
    one.keeper.close()
    again = windows()
    (left,) = again.keeper.abandoned()
    again.keeper.recover(left)
    again.engine.run()
    assert again.workspace.hit_lists.names == ("Hits",)
    assert again.keeper.path == ""


def test_a_clean_end_leaves_nothing(windows, tmp_path, qtbot):
    one = windows()
    one.open(tmp_path / "first.h5ad")
    one.keeper.autosave()
    qtbot.waitUntil(lambda: len(list((tmp_path / "recovery").glob("*"))) == 2)
    one.keeper.close()
    assert list((tmp_path / "recovery").iterdir()) == []


def test_changes_are_saved_by_themselves(windows, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr("app.session_keeper._MILLISECONDS_TO_AUTOSAVE", 10)
    one = windows()
    one.open(tmp_path / "first.h5ad")
    qtbot.waitUntil(lambda: len(list(tmp_path.glob("recovery/*.recovery"))) == 1)
    one.workspace.hit_lists.create("Hits")

    def listed() -> bool:
        (copy,) = tmp_path.glob("recovery/*.recovery")
        return [one.name for one in read_session(copy).hit_lists] == ["Hits"]

    qtbot.waitUntil(listed)
    assert listed()


def test_a_copy_that_cannot_be_kept_is_told_once(windows, tmp_path, qtbot):
    (tmp_path / "recovery").write_text("a file where the folder should be")
    one = windows()
    told = []
    one.keeper.failed.connect(lambda title, error: told.append((title, error.kind)))
    one.open(tmp_path / "first.h5ad")
    failed: list = []
    one.keeper._copy.failed.connect(failed.append)
    for n in (1, 2):
        one.keeper.autosave()
        qtbot.waitUntil(lambda n=n: len(failed) == n)
    assert told == [("Keeping a copy of the session", "SessionError")]


def test_the_latest_state_is_what_is_kept(windows, tmp_path):
    one = windows()
    one.open(tmp_path / "first.h5ad")
    many = tuple(HitEntry(added=AT, name=f"compound {i}") for i in range(5000))
    for n in range(6):
        one.workspace.hit_lists.create(f"List {n}", many)
        one.keeper.autosave()
    one.keeper.close()
    (copy,) = tmp_path.glob("recovery/*.recovery")
    assert len(read_session(copy).hit_lists) == 6


def test_a_list_of_many_hits_is_worded_in_short_pieces_and_the_same_again(tmp_path):
    hits = tuple(HitEntry(added=AT, name=f"compound {i}", note="é\n") for i in range(1234))
    session = replace(SESSION, hit_lists=(HitList("a", AT, hits), HitList("b", AT)), current_list="b")
    pieces = list(session_pieces(session))
    assert max(map(len, pieces)) < 10_000
    assert list(session_pieces(session)) == pieces
    save_session(tmp_path / "x.molphenix", session)
    assert read_session(tmp_path / "x.molphenix") == session


@pytest.mark.usefixtures("qapp")
def test_a_damaged_copy_is_told_and_can_be_discarded(tmp_path):
    copy = RecoveryFile(tmp_path)
    copy.write(SESSION)
    copy.path.write_text("{")
    copy.leave()
    (left,) = abandoned_sessions(tmp_path)
    assert left.session is None
    assert left.error is not None
    assert abandoned_sessions(tmp_path) == ()
    left.leave()
    (left,) = abandoned_sessions(tmp_path)
    left.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_can_still_be_read(tmp_path):
    lock = SessionLock(tmp_path / "nowhere" / "x.molphenix")
    assert not lock.file.exists()
    lock.release()
