"""Which module may import which, and what an import may cost."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
LIBRARY = REPOSITORY / "molphenix_core"
ROOMS = (
    "plates",
    "molecules",
    "model",
    "training",
    "retrieval",
    "evaluation",
    "plate_report",
    "simulate",
    "paper",
)
FOUNDATION = {"errors", "progress", "resources", "spreadsheet", "versions", "writing"}
HEAVY = ("torch", "pandas", "rdkit", "PySide6")


def imported(file: Path) -> set[str]:
    """Modules that a file names in its import statements, wherever they stand."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            names.add(node.module or "")
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def modules(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_the_rooms_before_them(room: str) -> None:
    # The simulator stands last, yet makes plates of molecules and nothing else.
    before = ("plates", "molecules") if room == "simulate" else ROOMS[: ROOMS.index(room)]
    allowed = {*before, room, *FOUNDATION}
    files = modules(LIBRARY / room)
    assert files
    for file in files:
        for name in imported(file):
            parts = name.split(".")
            if parts[0] == "molphenix_core" and len(parts) > 1:
                assert parts[1] in allowed, f"{file.relative_to(REPOSITORY)} imports {name}"


def test_the_foundation_imports_nothing_else_of_the_library() -> None:
    for name in FOUNDATION:
        inside = {
            module.split(".")[1] for module in imported(LIBRARY / f"{name}.py") if "molphenix_core." in module
        }
        assert inside <= FOUNDATION, f"{name} imports {inside - FOUNDATION}"


def test_the_library_knows_neither_qt_nor_the_app() -> None:
    for file in modules(LIBRARY):
        for name in imported(file):
            top = name.split(".")[0]
            if top == "app":
                # The command without a subcommand opens the window.
                assert file.name == "cli.py"
            assert top not in {"PySide6", "PyQt6", "pyqtgraph", "shiboken6"}, f"{file} imports {name}"


def test_nothing_is_pickled() -> None:
    for file in modules(LIBRARY):
        assert not imported(file) & {"pickle", "joblib", "dill", "shelve", "marshal"}, file
        text = file.read_text(encoding="utf-8")
        assert "torch.load" not in text, file
        assert "allow_pickle=True" not in text, file


def loaded_by(statement: str) -> set[str]:
    """Heavy packages that a statement loads in a fresh interpreter."""
    code = f"import sys\n{statement}\nprint(*(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "statement",
    [
        "import molphenix_core",
        "import molphenix_core.cli",
        "import molphenix_core.errors, molphenix_core.progress, molphenix_core.resources, molphenix_core.writing",
        "import app",
    ],
)
def test_a_bare_import_loads_nothing_heavy(statement: str) -> None:
    assert loaded_by(statement) == set()


def test_the_version_is_printed_without_loading_anything_heavy() -> None:
    statement = """
import molphenix_core.cli as cli
sys.argv = ["molphenix", "--version"]
try:
    cli.main()
except SystemExit as end:
    assert not end.code
"""
    assert loaded_by(statement) == set()


def test_a_plate_can_be_read_without_torch_and_rdkit() -> None:
    assert loaded_by("from molphenix_core import read_plate") == {"pandas"}
