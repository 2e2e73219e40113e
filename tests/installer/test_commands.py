"""What each command runs, and how command lines are read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from installer.commands import execute, parse

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")


def modules(programs) -> list[list[str]]:
    """The modules started with the environment's interpreter, with their arguments."""
    assert all(command[:2] == [str(programs.environment.python), "-m"] for command in programs.commands)
    return [command[2:] for command in programs.commands]


def test_run_opens_the_window_where_a_display_is(checkout, programs) -> None:
    status = execute(parse(["run"]), checkout, variables={"DISPLAY": ":0"}, run=programs)
    assert status == 0
    assert modules(programs) == [["app"]]
    assert programs.environments == [{"DISPLAY": ":0"}]


def test_run_without_a_display_works_off_screen(checkout, programs) -> None:
    execute(parse(["run"]), checkout, variables={}, run=programs)
    assert modules(programs) == [["app", "--off-screen", "output"]]
    assert programs.environments == [{"QT_QPA_PLATFORM": "offscreen"}]


@pytest.mark.parametrize("variables", [{}, {"DISPLAY": ":0"}])
def test_run_hands_on_the_plate_from_where_the_user_stands(
    checkout, programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    execute(parse(["run", "mine.h5ad"]), checkout, variables=variables, run=programs)
    assert modules(programs)[0][-1] == str(tmp_path.resolve() / "elsewhere" / "mine.h5ad")


def test_run_returns_the_status_of_the_program(checkout, programs) -> None:
    programs.answers["app"] = (3, "")
    assert execute(parse(["run"]), checkout, variables={}, run=programs) == 3


def test_test_runs_the_linters_then_pytest(checkout, programs) -> None:
    assert execute(parse(["test"]), checkout, variables={}, run=programs) == 0
    assert modules(programs) == [
        ["ruff", "format", "--check", "."],
        ["ruff", "check", "."],
        ["mypy"],
        ["pytest", "--numprocesses", "logical", "--maxprocesses", "4", "--dist", "loadfile"],
    ]


@pytest.mark.parametrize("failing", ["--check", "mypy", "pytest"])
def test_test_fails_when_any_part_fails_and_still_runs_the_rest(checkout, programs, failing: str) -> None:
    programs.answers[failing] = (2, "")
    assert execute(parse(["test"]), checkout, variables={}, run=programs) == 2
    assert len(programs.commands) == 4


def test_a_part_killed_by_a_signal_counts_as_failed(checkout, programs) -> None:
    programs.answers["pytest"] = (-11, "")
    assert execute(parse(["test"]), checkout, variables={}, run=programs) > 0


def test_test_with_arguments_runs_pytest_alone(checkout, programs) -> None:
    words = ["tests/plates", "-k", "reads and not writes", "--maxfail=3", "-x"]
    execute(parse(["test", *words]), checkout, variables={}, run=programs)
    assert modules(programs) == [["pytest", *words]]


@pytest.mark.parametrize(
    ("line", "module"),
    [(["bench", "--rounds", "3"], "tests.benchmarks"), (["screenshots"], "installer.screenshots")],
)
def test_measuring_and_drawing_show_no_window(checkout, programs, line: list[str], module: str) -> None:
    execute(parse(line), checkout, variables={"DISPLAY": ":0"}, run=programs)
    assert modules(programs) == [[module, *line[1:]]]
    assert programs.environments[0]["QT_QPA_PLATFORM"] == "offscreen"


def test_a_platform_the_user_names_is_kept(checkout, programs) -> None:
    execute(parse(["test", "-x"]), checkout, variables={"QT_QPA_PLATFORM": "xcb"}, run=programs)
    assert programs.environments[0]["QT_QPA_PLATFORM"] == "xcb"


def test_setup_starts_nothing_more(checkout, programs) -> None:
    assert execute(parse(["setup"]), checkout, variables={}, run=programs) == 0
    assert programs.commands == []


@pytest.mark.parametrize("command", ["run", "test", "setup", "bench", "screenshots"])
def test_every_command_takes_the_build_of_torch(command: str) -> None:
    assert parse([command]).torch is None
    assert parse([command, "--torch", "cuda"]).torch == "cuda"


@pytest.mark.parametrize(
    "line",
    [[], ["paint"], ["run", "--fast"], ["run", "a.h5ad", "b.h5ad"], ["setup", "x"], ["run", "--torch", "rocm"]],
)
def test_a_senseless_command_line_is_refused(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(line)
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_the_installer_starts_with_the_standard_library_alone() -> None:
    """From a bare checkout nothing is installed: -S and -I keep site-packages out."""
    code = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); import installer.commands; print('alone')"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "alone"), done.stderr
