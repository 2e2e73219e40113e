"""How the installer starts other programs: one function, so that tests can stand in for it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol


class SetupError(Exception):
    """Set-up cannot go on; the message says what is wrong and, where known, the command that mends it."""


class Runner(Protocol):
    """Start a program, wait for it, and hand back its exit status and captured output."""

    def __call__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        environment: Mapping[str, str] | None = None,
        capture: bool = False,
    ) -> subprocess.CompletedProcess[str]: ...


def run_process(
    command: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    capture: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run `command` in `cwd` and wait for it.

    Parameters
    ----------
    command : sequence of str
        Program and arguments; no shell is involved.
    cwd : Path
        Working directory.
    environment : mapping, optional
        The whole environment of the process; the caller's own when None.
    capture : bool, default False
        Keep what it prints (stdout and stderr together, in ``stdout``) instead of showing it.

    Returns
    -------
    subprocess.CompletedProcess
        ``returncode`` is never checked here.
    """
    return subprocess.run(
        list(command),
        cwd=cwd,
        env=None if environment is None else dict(environment),
        stdout=subprocess.PIPE if capture else None,
        stderr=subprocess.STDOUT if capture else None,
        text=True,
        errors="replace",
        check=False,
    )
