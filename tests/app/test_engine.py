"""The engine process: answers, progress, cancelling, errors, death, and leaving nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.engine import Engine, EngineError, Request

TASKS = "engine_tasks"


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the engine makes its private folders."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    for needed in ("qapp", "scratch"):
        request.getfixturevalue(needed)
    engine = Engine(TASKS, name="test engine")
    yield engine
    engine.close()


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def failure(qtbot, request: Request) -> EngineError:
    with qtbot.waitSignal(request.failed, timeout=20_000) as caught:
        pass
    return caught.args[0]


def test_a_result_comes_back_with_its_arrays_bytes_and_progress(qtbot, engine, scratch):
    request = engine.submit("double", values=[1.0, 2.5], title="Doubling")
    reports = []
    request.progressed.connect(lambda share, text: reports.append((share, text)))
    with qtbot.waitSignal(request.finished, timeout=20_000) as done:
        pass
    result = done.args[0]
    assert result["values"].tolist() == [2.0, 5.0]
    assert result["picture"] == b"\x00png"
    assert result["pid"] == engine.pid != os.getpid()
    assert (0.5, "half way") in reports
    assert list(scratch.rglob("*.npy")) == []


@pytest.mark.parametrize("size", [10, 400_000])
def test_arrays_pass_both_ways_unchanged(qtbot, engine, size):
    values = np.random.default_rng(size).normal(size=size)
    with qtbot.waitSignal(engine.submit("double", values=values).finished, timeout=20_000) as done:
        pass
    np.testing.assert_array_equal(done.args[0]["values"], values * 2)


def test_a_typed_error_arrives_with_its_fields(qtbot, engine):
    error = failure(qtbot, engine.submit("refuse", path="a.h5ad"))
    assert error.kind == "PlateFileError"
    assert error.fields == {"source": "a.h5ad", "field": "X", "found": "3 columns", "expected": "4 columns"}
    assert error.expected


def test_a_defect_arrives_with_its_traceback_and_the_engine_goes_on(qtbot, engine):
    error = failure(qtbot, engine.submit("break"))
    assert error.kind == "ZeroDivisionError"
    assert not error.expected
    assert "_break" in error.trace
    with qtbot.waitSignal(engine.submit("double", values=[1]).finished, timeout=20_000):
        pass


def test_an_unknown_task_is_an_error(qtbot, engine):
    assert failure(qtbot, engine.submit("no_such")).kind == "KeyError"


def test_cancelling_stops_the_work_and_lets_the_next_request_through(qtbot, engine):
    endless = engine.submit("for_ever")
    with qtbot.waitSignal(endless.progressed, timeout=20_000):
        pass
    after = engine.submit("double", values=[3])
    with qtbot.waitSignals([endless.failed, after.finished], timeout=20_000):
        endless.cancel()


def test_a_request_can_be_cancelled_before_it_starts(qtbot, engine):
    endless = engine.submit("for_ever")
    waiting = engine.submit("double", values=[3])
    waiting.cancel()
    with qtbot.waitSignal(endless.progressed, timeout=20_000):
        pass
    with qtbot.waitSignal(waiting.failed, timeout=20_000) as caught:
        endless.cancel()
    assert caught.args[0].cancelled


def test_death_fails_what_was_pending_names_it_and_starts_another(qtbot, engine):
    with qtbot.waitSignal(engine.submit("double", values=[1]).finished, timeout=20_000):
        pass
    first = engine.pid
    fatal = engine.submit("die", title="Ranking 6 wells")
    waiting = engine.submit("double", values=[1])
    with qtbot.waitSignals([fatal.failed, waiting.failed, engine.died], timeout=20_000) as caught:
        pass
    assert all("Ranking 6 wells" in str(args[0]) for args in (s.args for s in caught.all_signals_and_args))
    assert engine.pid != first
    with qtbot.waitSignal(engine.submit("double", values=[4]).finished, timeout=20_000) as done:
        pass
    assert done.args[0]["calls"] == 1


def test_a_process_that_cannot_start_is_given_up_after_two_attempts(qtbot, scratch):
    engine = Engine("no_such_tasks", name="test engine")
    texts, restarts = [], []
    engine.died.connect(texts.append)
    engine.restarted.connect(lambda: restarts.append(1))
    for _ in range(2):
        assert "could not be started" in failure(qtbot, engine.submit("double", values=[1])).text
    assert engine.given_up
    error = failure(qtbot, engine.submit("double", values=[1], title="Ranking 6 wells"))
    assert error.expected
    assert "not running" in error.text
    assert "Ranking 6 wells" in error.text
    assert engine.pid is None
    assert engine.running is None
    assert len(texts) == 2
    assert restarts == []
    engine.close()
    assert list(scratch.iterdir()) == []


def test_a_process_that_dies_twice_without_an_answer_is_started_when_the_user_asks(qtbot, engine):
    engine.start()
    with qtbot.waitSignal(engine.restarted, timeout=20_000), qtbot.waitSignal(engine.died, timeout=20_000):
        engine.submit("die")
    with qtbot.waitSignal(engine.died, timeout=20_000) as died:
        engine.submit("die")
    assert "not started again" in died.args[0]
    assert engine.pid is None
    engine.try_again()
    with qtbot.waitSignal(engine.submit("double", values=[4]).finished, timeout=20_000):
        pass


def test_answers_in_between_keep_a_process_from_being_given_up(qtbot, engine):
    for _ in range(3):
        with qtbot.waitSignal(engine.submit("double", values=[1]).finished, timeout=20_000):
            pass
        with qtbot.waitSignal(engine.restarted, timeout=20_000):
            engine.submit("die")
    assert not engine.given_up


def test_closing_leaves_no_process_thread_or_folder(qtbot, scratch):
    engine = Engine(TASKS)
    request = engine.submit("for_ever")
    with qtbot.waitSignal(request.progressed, timeout=20_000):
        pass
    pid = engine.pid
    assert pid is not None
    with qtbot.waitSignal(request.failed, timeout=20_000):
        engine.close()
    assert gone(pid)
    assert [t for t in threading.enumerate() if t.name.startswith("engine")] == []
    assert list(scratch.iterdir()) == []


@pytest.mark.usefixtures("qapp")
def test_requests_after_closing_start_nothing(scratch):
    engine = Engine(TASKS)
    engine.start()
    engine.close()
    engine.submit("double", values=[1])
    assert engine.pid is None
    assert list(scratch.iterdir()) == []


_CARELESS = """
from PySide6.QtCore import QCoreApplication
from app.engine import Engine
if __name__ == "__main__":
    application = QCoreApplication([])
    engine = Engine("engine_tasks")
    engine.start()
    raise SystemExit("an error nobody caught")
"""
_WINDOW = """
import sys
from PySide6.QtCore import QCoreApplication
from app.engine import Engine
if __name__ == "__main__":
    application = QCoreApplication([])
    engine = Engine("engine_tasks")
    request = engine.submit("for_ever")
    request.progressed.connect(lambda *_: print(engine.pid, flush=True))
    application.exec()
"""


def environment(scratch: Path) -> dict[str, str]:
    repository = Path(__file__).resolve().parents[2]
    paths = os.pathsep.join((str(repository), str(Path(__file__).parent)))
    return {**os.environ, "PYTHONPATH": paths, "TMPDIR": str(scratch), "TEMP": str(scratch)}


def test_a_program_that_ends_by_an_error_leaves_nothing(scratch):
    script = scratch / "careless.py"
    script.write_text(_CARELESS)
    done = subprocess.run(
        [sys.executable, str(script)], env=environment(scratch), check=False, timeout=60, capture_output=True
    )
    assert done.returncode == 1
    assert list(scratch.glob("molphenix-*")) == []


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_a_killed_window_takes_its_engine_along(qtbot, scratch):
    script = scratch / "window.py"
    script.write_text(_WINDOW)
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env=environment(scratch)
    ) as window:
        assert window.stdout is not None
        pid = int(window.stdout.readline())
        window.kill()
    qtbot.waitUntil(lambda: gone(pid), timeout=20_000)
    qtbot.waitUntil(lambda: list(scratch.glob("molphenix-*")) == [], timeout=20_000)
