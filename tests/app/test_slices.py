"""Long work in slices: short work is done at once, long work lets the window answer."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer

from app.hit_candidates import entries_of_candidates
from app.hit_entries import HitEntry, HitList
from app.records import Molecule, Ranking
from app.session_copy import SessionCopy
from app.session_file import SavedSession, read_session
from app.session_recovery import RecoveryFile
from app.slices import Slices
from molphenix_core.errors import InputError

AT = "2026-01-31T09:30:00Z"
pytestmark = pytest.mark.usefixtures("qapp")


def steps(seconds: float, result: object):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        yield
    return result


def refused():
    yield
    raise InputError("text", "lines", "many", "few")


def test_short_work_is_done_at_once():
    done: list[object] = []
    slices = Slices()
    slices.run(steps(0, 3), done.append)
    assert done == [3]
    assert not slices.busy


def test_long_work_lets_others_go_on_and_keeps_its_order(qtbot):
    done: list[object] = []
    beats: list[float] = []
    timer = QTimer(interval=0)
    timer.timeout.connect(lambda: beats.append(time.perf_counter()))
    timer.start()
    slices = Slices()
    slices.run(steps(0.1, "first"), done.append)
    slices.run(steps(0, "second"), done.append)
    assert done == []
    qtbot.waitUntil(lambda: done == ["first", "second"])
    assert len(beats) > 3


def test_what_is_refused_is_told_and_what_is_dropped_is_not():
    told: list[object] = []
    slices = Slices()
    slices.run(refused(), told.append, lambda error: told.append(error.field))
    assert told == ["lines"]
    with pytest.raises(InputError):
        slices.run(refused(), told.append)
    slices.run(steps(10, "never"), told.append)
    slices.drop()
    assert not slices.busy
    assert told == ["lines"]


def test_the_copy_of_a_session_is_the_latest_state(qtbot, tmp_path: Path):
    recovery = RecoveryFile(tmp_path)
    copy = SessionCopy(recovery)
    hits = tuple(HitEntry(added=AT, name=f"compound {i}") for i in range(3000))
    with qtbot.waitSignal(copy.written):
        for n in range(1, 4):
            copy.write(SavedSession(AT, hit_lists=(HitList(f"List {n}", AT, hits),)))
    copy.finish()
    assert [one.name for one in read_session(recovery.path).hit_lists] == ["List 3"]
    recovery.discard()


def test_a_copy_that_cannot_be_written_is_told(qtbot, tmp_path: Path):
    (tmp_path / "folder").write_text("a file")
    copy = SessionCopy(RecoveryFile(tmp_path / "folder"))
    with qtbot.waitSignal(copy.failed) as told:
        copy.write(SavedSession(AT))
    assert told.args[0].field == "folder"
    copy.finish()


def test_candidates_come_at_the_dose_they_were_found_at():
    import canned_tasks

    ranking = Ranking.unpack(canned_tasks.packed_ranking([8]))
    molecules = [ranking.candidates[0].molecule, ranking.measured[0].molecule, Molecule("other", "CCO")]
    found = entries_of_candidates(molecules, ranking, AT, "molecule")
    assert [(hit.name, hit.dose, hit.source) for hit in found] == [
        ("caffeine", 5.0, "predicted"),
        ("aspirin", 5.0, "predicted"),
        ("other", None, "molecule"),
    ]
    (taken,) = entries_of_candidates(molecules[1:2], ranking, AT, measured_first=True)
    assert (taken.dose, taken.source) == (0.05, "measured")
