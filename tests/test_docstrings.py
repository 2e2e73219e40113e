"""Every public function says what it takes and what it gives back, in numpydoc sections."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "molphenix_core"
# Its functions are typer commands: their docstrings are the help that the terminal shows.
COMMANDS = {"cli.py", "cli_report.py"}

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name not in COMMANDS)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _decorators(function: Function) -> set[str]:
    """Last names of the decorators: ``functools.cached_property`` is ``cached_property``."""
    return {ast.unparse(each).split("(")[0].split(".")[-1] for each in function.decorator_list}


def _exported(module: ast.Module) -> set[str]:
    for node in module.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            return set(ast.literal_eval(node.value))  # type: ignore[attr-defined]
    return set()


def _public(module: ast.Module) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """Exported functions and classes, and the public methods of those classes."""
    exported = _exported(module)
    for node in module.body:
        if not isinstance(node, Function | ast.ClassDef) or node.name not in exported:
            continue
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, Function) and not member.name.startswith("_"):
                    yield f"{node.name}.{member.name}", member
        yield node.name, node


def _parameters(function: Function) -> set[str]:
    arguments = function.args
    several = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *several]
    return {each.arg for each in every} - {"self", "cls"}


def _sections(docstring: str) -> dict[str, list[str]]:
    """Lines of every underlined section, by its title."""
    lines = docstring.splitlines()
    found: dict[str, list[str]] = {}
    section: list[str] = []
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if line and re.fullmatch(r"-{3,}", after):
            section = found.setdefault(line, [])
        else:
            section.append(line)
    return found


def _documented(section: list[str]) -> set[str]:
    """Names before the colon of every line that is not indented: ``scores, others : float (n,)``."""
    heads = [line.split(" :")[0] for line in section if line and not line.startswith((" ", "--"))]
    return {name.strip().lstrip("*") for head in heads for name in head.split(",")}


def _gives_back(function: Function) -> bool:
    if function.returns is not None:
        return ast.unparse(function.returns) not in {"None", "NoReturn", "Never"}
    return any(isinstance(node, ast.Return) and node.value is not None for node in ast.walk(function))


def _complaints(node: Function | ast.ClassDef) -> list[str]:
    docstring = ast.get_docstring(node)
    if docstring is None:
        return ["no docstring"]
    if isinstance(node, ast.ClassDef):
        return []
    taken = _parameters(node)
    if not taken or _decorators(node) & {"property", "cached_property", "setter"}:
        return []
    sections = _sections(docstring)
    documented = _documented(sections.get("Parameters", []))
    complaints = []
    if missing := taken - documented:
        complaints.append(f"Parameters lacks {', '.join(sorted(missing))}")
    if unknown := documented - taken:
        complaints.append(f"Parameters names {', '.join(sorted(unknown))}, which it does not take")
    if _gives_back(node) and not {"Returns", "Yields"} & set(sections):
        complaints.append("neither Returns nor Yields")
    return complaints


def _offenders(source: str) -> list[str]:
    return [f"{name}: {complaint}" for name, node in _public(ast.parse(source)) for complaint in _complaints(node)]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_public_functions_document_what_they_take_and_give_back(path: Path) -> None:
    found = _offenders(path.read_text(encoding="utf-8"))

    assert not found, "\n".join(f"{path.relative_to(PACKAGE.parent).as_posix()}: {each}" for each in found)


WHOLE = '''
__all__ = ["Thing", "scale"]

class Thing:
    """A thing."""

    @property
    def size(self) -> int:
        """Items."""

    def grow(self, by: int) -> None:
        """Grow.

        Parameters
        ----------
        by : int
        """

def scale(values, *, factor: float = 1.0) -> float:
    """Scale.

    Parameters
    ----------
    values, factor : float
        Of the same unit.

    Returns
    -------
    float
    """

def _private(a, b): ...
'''


def test_a_whole_module_passes() -> None:
    assert _offenders(WHOLE) == []


@pytest.mark.parametrize(
    ("cut", "paste", "complaint"),
    [
        ('    """A thing."""', "    pass", "Thing: no docstring"),
        ('        """Items."""', "        return 1", "Thing.size: no docstring"),
        ("        by : int\n", "", "Thing.grow: Parameters lacks by"),
        ("values, factor : float", "values : float", "scale: Parameters lacks factor"),
        ("values, factor :", "values, factor, unit :", "scale: Parameters names unit, which it does not take"),
        ("    Returns\n    -------\n", "", "scale: neither Returns nor Yields"),
    ],
)
def test_what_is_left_out_is_named(cut: str, paste: str, complaint: str) -> None:
    assert complaint in _offenders(WHOLE.replace(cut, paste))


def test_a_function_without_annotation_is_judged_by_what_it_returns() -> None:
    source = '''
__all__ = ["double"]

def double(value):
    """Double.

    Parameters
    ----------
    value : int
    """
    return 2 * value
'''

    assert _offenders(source) == ["double: neither Returns nor Yields"]
