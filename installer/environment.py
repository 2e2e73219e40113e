"""The virtual environment ``.venv`` of the checkout: make it, reuse it, fill it once."""

from __future__ import annotations

import os
import platform
import shutil
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from installer import system, torch_build
from installer.process import Runner, SetupError, run_process
from installer.stamp import RUNNING_PYTHON, Stamp, fingerprint, read_stamp, remove_stamp, write_stamp

# Prints the interpreter's minor version, and fails where the environment was left without pip.
_PROBE = "import pip, sys; print('%d.%d' % sys.version_info[:2])"
_TORCH_PROBE = "import torch; print(torch.__version__, 'cuda' if torch.version.cuda else 'cpu')"


def say_at_once(line: str) -> None:
    """Print `line` now: held back in a buffer, it would come after the output of pip that it announces."""
    print(line, flush=True)


@dataclass(frozen=True)
class Environment:
    """The checkout `root` and the environment inside it."""

    root: Path

    @property
    def folder(self) -> Path:
        """The environment."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def constraints(self) -> Path:
        """The file that pins every package."""
        return self.root / "installer" / "constraints.txt"

    @property
    def qt(self) -> Path | None:
        """The folder of Qt's own libraries on Linux; None where there is none."""
        return next(self.folder.glob("lib/python*/site-packages/PySide6/Qt"), None)


def ensure(
    environment: Environment,
    *,
    torch: str | None,
    qt_platform: str,
    run: Runner = run_process,
    say: Callable[[str], None] = say_at_once,
) -> Stamp:
    """Make the environment fit for use, doing nothing at all when it already is.

    Parameters
    ----------
    environment : Environment
        Where.
    torch : str or None
        "cpu" or "cuda"; None keeps the build that is installed, and means "cpu" the first time.
    qt_platform : str
        The Qt platform that is about to be used; its system libraries are checked once.
    run : Runner
        Starts pip and the like.
    say : callable
        Takes one line for the user.

    Returns
    -------
    Stamp
        What is installed.

    Raises
    ------
    SetupError
        If something is missing that set-up cannot install, or a step failed. Unless everything had been
        installed by then, no stamp is left, and the next call does the work again.
    """
    stamp = read_stamp(environment.folder)
    build = torch or (stamp.torch if stamp else "cpu")
    key = fingerprint(environment.root, torch=build)
    if stamp is None or stamp.key != key or not environment.python.exists():
        stamp = _install(environment, build=build, key=key, run=run, say=say)
    if qt_platform not in stamp.platforms:
        _check_qt(environment, qt_platform, run=run)
        stamp = replace(stamp, platforms=(*stamp.platforms, qt_platform))
        write_stamp(environment.folder, stamp)
    return stamp


def _install(environment: Environment, *, build: str, key: str, run: Runner, say: Callable[[str], None]) -> Stamp:
    system.check_machine(system=platform.system(), machine=platform.machine(), bits=struct.calcsize("P") * 8)
    request = torch_build.torch_request(environment.constraints, system=platform.system(), build=build)
    if environment.folder.exists():
        remove_stamp(environment.folder)
    _make(environment, run=run, say=say)
    _install_torch(environment, request, run=run, say=say)
    say("Installing MolPhenix and what it needs")
    _pip(environment, ["hatchling", "editables"], run=run)
    # Not isolated, so that the build backend too comes from the constraints.
    _pip(environment, ["--no-build-isolation", "-e", ".[test]"], run=run)
    _check_torch(environment, build, run=run, say=say)
    _install_approximate(environment, run=run, say=say)
    stamp = Stamp(key=key, torch=build)
    write_stamp(environment.folder, stamp)
    return stamp


def _make(environment: Environment, *, run: Runner, say: Callable[[str], None]) -> None:
    """Make the environment, unless there is one that works and has the running Python's version."""
    version = RUNNING_PYTHON
    if environment.folder.exists():
        fault = _fault(environment, version, run=run)
        if fault is None:
            return
        say(f"{environment.folder} {fault}; building it anew")
        _remove(environment.folder)
    system.check_venv_module()
    say(f"Making the environment {environment.folder} with Python {version}")
    # An activated environment must not become the parent of another: the interpreter below it makes it.
    parent = getattr(sys, "_base_executable", sys.executable)
    if run([parent, "-m", "venv", str(environment.folder)], cwd=environment.root).returncode != 0:
        raise SetupError(f"{parent} could not make the environment {environment.folder}; its reason is above")


def _fault(environment: Environment, version: str, *, run: Runner) -> str | None:
    if not environment.python.exists():
        return f"is broken (it has no interpreter {environment.python.relative_to(environment.folder)})"
    probe = run([str(environment.python), "-c", _PROBE], cwd=environment.root, capture=True)
    if probe.returncode != 0:
        return "is broken (its interpreter does not run, or has no pip)"
    found = probe.stdout.split()[-1]
    return None if found == version else f"is of Python {found}, and this is Python {version}"


def _remove(folder: Path) -> None:
    try:
        if folder.is_symlink():
            folder.unlink()
        else:
            shutil.rmtree(folder)
    except OSError as error:
        raise SetupError(
            f"{folder} could not be removed ({error}). Close the programs that run from it, leave it if it is "
            "activated (`deactivate`), and start again"
        ) from error


def _install_torch(
    environment: Environment, request: torch_build.TorchRequest, *, run: Runner, say: Callable[[str], None]
) -> None:
    # Alone and without its dependencies, so that PyTorch's index is asked about torch and nothing else;
    # --upgrade, or a change from one build to the other would find the version already there.
    arguments = ["--upgrade", "--no-deps", request.requirement]
    if request.index is not None:
        reason = torch_build.why_unreachable(f"{request.index}/torch/")
        if reason is None:
            arguments += ["--extra-index-url", request.index]
        else:
            say(
                f"PyTorch's own index, {request.index}, does not answer ({reason}): pip takes torch from where "
                "it is set to look. PyPI's build for Linux runs without a GPU too, and is about 3 GB larger."
            )
    say(f"Installing {request.requirement}")
    _pip(environment, arguments, run=run)


def _pip(environment: Environment, arguments: list[str], *, run: Runner) -> None:
    if run(_pip_install(environment, arguments), cwd=environment.root).returncode != 0:
        raise SetupError(
            "pip could not install everything; its reason is above. "
            "What it had installed is kept, so the same command goes on from here"
        )


def _pip_install(environment: Environment, arguments: list[str]) -> list[str]:
    command = [str(environment.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    return [*command, "--constraint", str(environment.constraints), *arguments]


def _check_torch(environment: Environment, build: str, *, run: Runner, say: Callable[[str], None]) -> None:
    probe = run([str(environment.python), "-c", _TORCH_PROBE], cwd=environment.root, capture=True)
    if probe.returncode != 0:
        hint = (
            "\nWindows needs the Visual C++ runtime for it: winget install Microsoft.VCRedist.2015+.x64"
            if os.name == "nt"
            else ""
        )
        raise SetupError(f"torch was installed but cannot be imported:\n{probe.stdout.strip()}{hint}")
    version, found = probe.stdout.split()[-2:]
    if build == "cuda" and found == "cpu":
        raise SetupError(f"a CUDA build of torch was asked for, and pip found only {version}, without CUDA")
    say(f"torch {version}, {found.upper()} build")


def _install_approximate(environment: Environment, *, run: Runner, say: Callable[[str], None]) -> None:
    """Try the extra `approximate` (hnswlib, built from source); the program is whole without it."""
    say("Building hnswlib (optional; about a minute)")
    command = _pip_install(environment, ["hnswlib"])
    # Tuned for the building machine, it would crash on an older one that shares the folder.
    result = run(command, cwd=environment.root, environment={**os.environ, "HNSWLIB_NO_NATIVE": "1"}, capture=True)
    if result.returncode != 0:
        say(
            f"hnswlib could not be built ({_reason(result.stdout)}). Nothing is lost: search stays exact. "
            f"Set-up does not try again; with a C++ compiler installed, you can: {' '.join(command)}"
        )


def _reason(output: str) -> str:
    errors = [line.strip() for line in output.splitlines() if "error:" in line.lower()]
    telling = [line for line in errors if "subprocess-exited-with-error" not in line]
    return (telling or errors or ["pip gave no reason"])[0]


def _check_qt(environment: Environment, qt_platform: str, *, run: Runner) -> None:
    if environment.qt is not None and platform.system() == "Linux":
        missing = system.missing_libraries(environment.qt, qt_platform, run=run)
        if missing:
            raise SetupError(system.qt_libraries_message(missing))
    probe = run([str(environment.python), "-c", "import PySide6.QtWidgets"], cwd=environment.root, capture=True)
    if probe.returncode != 0:
        raise SetupError(f"Qt was installed but cannot be imported:\n{probe.stdout.strip()}")
