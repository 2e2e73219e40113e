"""Set-up does its work once, says what it does, and never calls a broken environment ready."""

from __future__ import annotations

import sys

import pytest

from installer import system, torch_build
from installer.environment import Environment, ensure
from installer.process import SetupError
from installer.stamp import read_stamp


@pytest.fixture(autouse=True)
def on_linux_without_pytorch_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr(torch_build, "why_unreachable", lambda _: "timed out")
    monkeypatch.setattr(system, "check_venv_module", lambda: None)


class Said(list):
    """What the user was told."""

    def __call__(self, line: str) -> None:
        self.append(line)

    @property
    def text(self) -> str:
        return "\n".join(self)


def test_first_time_installs_and_second_time_starts_nothing(checkout: Environment, programs) -> None:
    stamp = ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=Said())
    assert stamp.torch == "cpu"
    assert programs.started("venv")
    assert all(str(checkout.constraints) in command for command in programs.started("install"))
    assert [command[-1] for command in programs.started("install")] == [
        "torch==2.13.0",
        "editables",
        ".[test]",
        "hnswlib",
    ]
    programs.commands.clear()
    said = Said()
    assert ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=said) == stamp
    assert programs.commands == []
    assert said == []


def test_a_changed_project_is_installed_again_into_the_same_environment(checkout, programs) -> None:
    ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=Said())
    programs.commands.clear()
    (checkout.root / "pyproject.toml").write_text("[project]\nname = 'other'\n", encoding="utf-8")
    ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=Said())
    assert programs.started(".[test]")
    assert not programs.started("venv")


def test_the_build_of_torch_stays_until_another_is_asked_for(checkout, programs) -> None:
    programs.answers["torch.version.cuda"] = (0, "2.13.0 cuda\n")
    ensure(checkout, torch="cuda", qt_platform="offscreen", run=programs, say=Said())
    assert programs.started("torch===2.13.0")
    programs.commands.clear()
    assert ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=Said()).torch == "cuda"
    assert programs.commands == []
    assert ensure(checkout, torch="cpu", qt_platform="offscreen", run=programs, say=Said()).torch == "cpu"
    assert "--upgrade" in programs.started("torch==2.13.0")[0]


def test_a_cuda_build_that_is_none_is_an_error(checkout, programs) -> None:
    with pytest.raises(SetupError, match=r"CUDA build.*asked for.*only 2\.13\.0\+cpu"):
        ensure(checkout, torch="cuda", qt_platform="offscreen", run=programs, say=Said())
    assert read_stamp(checkout.folder) is None


def test_pytorch_index_is_named_only_when_it_answers(checkout, programs, monkeypatch) -> None:
    said = Said()
    ensure(checkout, torch="cpu", qt_platform="offscreen", run=programs, say=said)
    assert "--extra-index-url" not in programs.started("torch==2.13.0")[0]
    assert "does not answer (timed out)" in said.text
    monkeypatch.setattr(torch_build, "why_unreachable", lambda _: None)
    (checkout.root / "pyproject.toml").write_text("", encoding="utf-8")
    programs.commands.clear()
    ensure(checkout, torch="cpu", qt_platform="offscreen", run=programs, say=Said())
    with_index = [command for command in programs.commands if "--extra-index-url" in command]
    assert [command[command.index("--no-deps") + 1] for command in with_index] == ["torch==2.13.0"]


@pytest.mark.parametrize("step", ["torch==2.13.0", "editables", ".[test]"])
def test_a_failed_step_leaves_no_stamp(checkout, programs, step: str) -> None:
    ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=Said())
    (checkout.root / "pyproject.toml").write_text("", encoding="utf-8")
    programs.answers = {step: (1, "")} | programs.answers
    with pytest.raises(SetupError, match="pip could not install"):
        ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=Said())
    assert read_stamp(checkout.folder) is None


def test_an_interrupted_installation_leaves_no_stamp(checkout, programs) -> None:
    ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=Said())
    (checkout.root / "pyproject.toml").write_text("", encoding="utf-8")

    def interrupt(command: list[str]) -> None:
        if ".[test]" in command:
            raise KeyboardInterrupt

    programs.before = interrupt
    with pytest.raises(KeyboardInterrupt):
        ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=Said())
    assert read_stamp(checkout.folder) is None


def test_an_environment_of_another_python_is_said_and_rebuilt(checkout, programs) -> None:
    ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=Said())
    (checkout.folder / "left_behind").touch()
    (checkout.root / "pyproject.toml").write_text("", encoding="utf-8")
    programs.version = "3.8"
    said = Said()
    ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=said)
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"is of Python 3.8, and this is Python {running}; building it anew" in said.text
    assert not (checkout.folder / "left_behind").exists()


def test_an_environment_without_its_interpreter_is_said_and_rebuilt(checkout, programs) -> None:
    ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=Said())
    checkout.python.unlink()
    said = Said()
    ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=said)
    assert "is broken (it has no interpreter" in said.text
    assert checkout.python.exists()


def test_an_environment_without_pip_is_said_and_rebuilt(checkout, programs) -> None:
    programs.make_venv()
    programs.answers["import pip"] = (1, "ModuleNotFoundError: No module named 'pip'")
    said = Said()
    ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=said)
    assert "is broken (its interpreter does not run, or has no pip)" in said.text
    assert programs.started("venv")


def test_hnswlib_that_cannot_be_built_costs_a_sentence_and_is_not_tried_again(checkout, programs) -> None:
    programs.answers["hnswlib"] = (
        1,
        "  error: subprocess-exited-with-error\n  error: command 'g++' failed: No such file or directory\n",
    )
    said = Said()
    ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=said)
    assert "hnswlib could not be built (error: command 'g++' failed: No such file or directory)" in said.text
    assert "search stays exact" in said.text
    programs.commands.clear()
    ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=Said())
    assert programs.commands == []


def test_hnswlib_is_built_for_any_machine(checkout, programs) -> None:
    ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=Said())
    at = next(index for index, command in enumerate(programs.commands) if command[-1] == "hnswlib")
    assert programs.environments[at]["HNSWLIB_NO_NATIVE"] == "1"


def test_missing_qt_libraries_stop_every_start_until_they_are_there(checkout, programs) -> None:
    programs.answers["ldd"] = (0, "\tlibEGL.so.1 => not found\n")
    for _ in range(2):
        with pytest.raises(SetupError, match=r"lacks libEGL\.so\.1"):
            ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=Said())
    assert len(programs.started(".[test]")) == 1, "pip need not run again for a system library"
    programs.answers["ldd"] = (0, "")
    assert ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=Said()).platforms == (
        "offscreen",
    )


def test_the_first_start_with_a_display_checks_its_libraries_once(checkout, programs) -> None:
    ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=Said())
    programs.commands.clear()
    ensure(checkout, torch=None, qt_platform="xcb", run=programs, say=Said())
    assert programs.started("ldd")
    programs.commands.clear()
    stamp = ensure(checkout, torch=None, qt_platform="xcb", run=programs, say=Said())
    assert stamp.platforms == ("offscreen", "xcb")
    assert programs.commands == []


def test_torch_that_cannot_be_imported_is_reported_with_its_own_words(checkout, programs) -> None:
    programs.answers["torch.version.cuda"] = (1, "OSError: libgomp.so.1: cannot open shared object file")
    with pytest.raises(SetupError, match=r"cannot be imported:\nOSError: libgomp\.so\.1"):
        ensure(checkout, torch=None, qt_platform="offscreen", run=programs, say=Said())
    assert read_stamp(checkout.folder) is None
