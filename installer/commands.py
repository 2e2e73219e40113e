"""The commands of ``python3 -m installer``: what each runs inside the environment."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from installer.environment import Environment, ensure
from installer.process import Runner, SetupError, run_process
from installer.system import has_display, qt_platform

ROOT = Path(__file__).resolve().parent.parent

# Where `run` without a display writes the hits and the picture of the window; git ignores it.
OUTPUT = "output"

# Files stay whole: their tests share what was costly to make. More processes would only cost memory.
_IN_PARALLEL = ("--numprocesses", "logical", "--maxprocesses", "4", "--dist", "loadfile")
_LINTERS = (("ruff", "format", "--check", "."), ("ruff", "check", "."), ("mypy",))
_HELP = {
    "run": "open the program on the demo plate or on PLATE; without a display, rank it and write the hits",
    "test": "run the linters and the whole test suite; arguments are handed to pytest, which then runs alone",
    "setup": "make or refresh the environment .venv, and nothing else",
    "bench": "measure start, ranking and memory; arguments are handed on",
    "screenshots": "draw the pictures of the window for the README; arguments are handed on",
}


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line.

    Parameters
    ----------
    arguments : sequence of str
        Without the program's name.

    Returns
    -------
    argparse.Namespace
        ``command``; ``torch`` ("cpu", "cuda" or None: as it is); ``plate`` (Path or None) of ``run``; and
        ``passed``, the arguments that ``test``, ``bench`` and ``screenshots`` hand on.

    Raises
    ------
    SystemExit
        With status 2, on a command line that makes no sense.
    """
    parser = argparse.ArgumentParser(prog="python3 -m installer", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in _HELP.items():
        command = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        command.add_argument(
            "--torch",
            choices=("cpu", "cuda"),
            help="the build of torch to install (first time: cpu; later: as it is)",
        )
        if name == "run":
            command.add_argument("plate", nargs="?", type=Path, metavar="PLATE", help="a plate file (.h5ad)")
    options, passed = parser.parse_known_args(arguments)
    if passed and options.command in ("run", "setup"):
        parser.error(f"{options.command} does not know {' '.join(passed)}")
    options.passed = passed
    return options


def execute(
    options: argparse.Namespace,
    environment: Environment,
    *,
    variables: Mapping[str, str],
    run: Runner = run_process,
) -> int:
    """Carry out a parsed command in an environment that is ready.

    Parameters
    ----------
    options : argparse.Namespace
        From `parse`.
    environment : Environment
        Where.
    variables : mapping
        The environment variables to start from.
    run : Runner
        Starts the programs.

    Returns
    -------
    int
        The exit status: the worst of the programs that ran.
    """
    windowless = {**variables, "QT_QPA_PLATFORM": variables.get("QT_QPA_PLATFORM") or "offscreen"}

    def module(*arguments: str, variables: Mapping[str, str] = windowless) -> int:
        command = [str(environment.python), "-m", *arguments]
        return run(command, cwd=environment.root, environment=variables).returncode

    if options.command == "run":
        plate = [] if options.plate is None else [str(options.plate.resolve())]
        if has_display(variables, system=platform.system()):
            return module("app", *plate, variables=variables)
        return module("app", "--off-screen", OUTPUT, *plate)
    if options.command == "bench":
        return module("tests.benchmarks", *options.passed)
    if options.command == "screenshots":
        return module("installer.screenshots", *options.passed)
    if options.command == "test":
        # pytest last: its summary is what one looks for at the end.
        if options.passed:
            return abs(module("pytest", *options.passed))
        statuses = [module(*linter) for linter in _LINTERS]
        # A thread each: the processes of the tests would wait for one another's.
        lone = {**windowless, "OMP_NUM_THREADS": variables.get("OMP_NUM_THREADS") or "1"}
        statuses.append(module("pytest", *_IN_PARALLEL, variables=lone))
        return max(abs(status) for status in statuses)
    return 0


def main(arguments: Sequence[str]) -> int:
    """Run one command line; return its exit status."""
    options = parse(arguments)
    environment = Environment(ROOT)
    try:
        # Tests, benchmarks and pictures never show a window, so they need no display's libraries.
        shown = options.command in ("run", "setup")
        name = qt_platform(os.environ, system=platform.system()) if shown else "offscreen"
        ensure(environment, torch=options.torch, qt_platform=name)
        if options.command == "setup":
            print(f"Ready: {environment.folder}")
        return execute(options, environment, variables=os.environ)
    except SetupError as error:
        print(f"Set-up stopped: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        # A full disk, a folder that cannot be written, a program (ldd, pip's Python) that cannot be started.
        print(f"Set-up stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
