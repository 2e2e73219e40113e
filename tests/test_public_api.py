"""What the library names as its own."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import molphenix_core

FUNCTIONS = [name for name in molphenix_core.__all__ if inspect.isfunction(getattr(molphenix_core, name))]


def functions_and_methods() -> Iterator[tuple[str, Callable[..., object]]]:
    """Exported functions, and the public methods of exported classes."""
    for name in molphenix_core.__all__:
        thing = getattr(molphenix_core, name)
        if inspect.isfunction(thing):
            yield name, thing
        elif inspect.isclass(thing):
            for member, _ in inspect.getmembers_static(thing):
                method = getattr(thing, member)
                if not member.startswith("_") and (inspect.isfunction(method) or inspect.ismethod(method)):
                    yield f"{name}.{member}", method


TAKING_ARRAYS = [
    pytest.param(function, parameter, id=f"{name}-{parameter}")
    for name, function in functions_and_methods()
    for parameter, facts in inspect.signature(function).parameters.items()
    if re.search("ndarray|NDArray|ArrayLike", str(facts.annotation))
]


def described(function: Callable[..., object], parameter: str) -> str:
    """Its line under Parameters, "rows : int (n,)"; "" where it has none."""
    line = re.search(
        rf"^ *(?:\w+, )*{parameter}(?:, \w+)* : .+$", inspect.getdoc(function) or "", flags=re.MULTILINE
    )
    return line.group() if line else ""


def test_names_are_sorted_unique_and_all_there() -> None:
    names = molphenix_core.__all__
    assert list(names) == sorted(set(names))
    for name in names:
        assert getattr(molphenix_core, name) is not None


@pytest.mark.parametrize("name", [name for name in molphenix_core.__all__ if name != "__version__"])
def test_each_name_is_public_where_it_lives_and_explained(name: str) -> None:
    thing = getattr(molphenix_core, name)
    home = __import__(thing.__module__, fromlist=["__all__"])
    assert name in home.__all__
    assert (thing.__doc__ or "").strip()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_describes_what_it_takes(name: str) -> None:
    function = getattr(molphenix_core, name)
    taken = inspect.signature(function).parameters
    assert [parameter for parameter in taken if not described(function, parameter)] == []


@pytest.mark.parametrize(("function", "parameter"), TAKING_ARRAYS)
def test_each_array_taken_has_its_shape(function: Callable[..., object], parameter: str) -> None:
    assert re.search(r"\(\w+,", described(function, parameter))


def test_dir_shows_every_name() -> None:
    assert set(molphenix_core.__all__) <= set(dir(molphenix_core))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'retrieve'"):
        molphenix_core.retrieve  # noqa: B018


def test_every_error_is_exported() -> None:
    from molphenix_core import errors

    assert set(errors.__all__) <= set(molphenix_core.__all__)


def test_the_version_can_be_read_without_running_the_file() -> None:
    text = Path(molphenix_core.__file__).read_text(encoding="utf-8")
    # The expression that hatchling uses.
    found = re.search(
        r"(?i)^(__version__|VERSION)(?: ?\: ?str)? *= *([\'\"])v?(?P<version>.+?)\2", text, flags=re.MULTILINE
    )
    assert found is not None
    assert found.group("version") == molphenix_core.__version__
