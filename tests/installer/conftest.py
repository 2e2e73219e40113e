"""A small checkout, and a stand-in for the programs that set-up starts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from installer.environment import Environment


class FakePrograms:
    """Stands in for venv, pip, ldd and the interpreter of the environment.

    `answers` maps a word of the command, or a part of the code after ``-c``, to the exit status and output it
    gives; ``-m venv`` also makes what the real one makes, as far as the installer looks at it.
    """

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.version = f"{sys.version_info.major}.{sys.version_info.minor}"
        self.commands: list[list[str]] = []
        self.environments: list[Mapping[str, str] | None] = []
        self.answers: dict[str, tuple[int, str]] = {"torch.version.cuda": (0, "2.13.0+cpu cpu\n")}
        self.before: Callable[[list[str]], None] = lambda _: None

    def __call__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        environment: Mapping[str, str] | None = None,
        capture: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        words = list(command)
        assert cwd.is_dir()
        self.before(words)
        self.commands.append(words)
        self.environments.append(environment)
        for part, (status, output) in self.answers.items():
            if part in words or (words[1] == "-c" and part in words[2]):
                return subprocess.CompletedProcess(words, status, output if capture else "")
        if words[1:3] == ["-m", "venv"]:
            self.make_venv()
        output = f"{self.version}\n" if any("import pip" in word for word in words) else ""
        return subprocess.CompletedProcess(words, 0, output)

    def make_venv(self) -> None:
        self.environment.python.parent.mkdir(parents=True)
        self.environment.python.touch()
        if os.name != "nt":
            qt = self.environment.folder / "lib" / f"python{self.version}" / "site-packages" / "PySide6" / "Qt"
            (qt / "lib").mkdir(parents=True)
            (qt / "plugins" / "platforms").mkdir(parents=True)

    def started(self, part: str) -> list[list[str]]:
        """Every command that has `part` as a word."""
        return [command for command in self.commands if part in command]


@pytest.fixture
def checkout(tmp_path: Path) -> Environment:
    (tmp_path / "installer").mkdir()
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'molphenix'\n", encoding="utf-8")
    (tmp_path / "installer" / "constraints.txt").write_text("numpy==2.4.6\ntorch==2.13.0\n", encoding="utf-8")
    return Environment(tmp_path)


@pytest.fixture
def programs(checkout: Environment) -> FakePrograms:
    return FakePrograms(checkout)
