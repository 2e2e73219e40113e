"""Frozen dataclasses from JSON, every field checked: what a file says is believed only where it fits."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from molphenix_core.errors import InputError

__all__ = ["JsonObject", "build", "is_json", "read_json"]

T = TypeVar("T")
JsonObject = dict[str, Any]
"""An object of JSON values that only its writer understands."""

# Of what is read and written without looking into it.
_DEEPEST = 20

_NAMES = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}


def read_json(path: str | Path, error: type[InputError], expected: str) -> Any:
    """The JSON value in a file, without NaN and infinities.

    Raises
    ------
    InputError
        Of the type given: the file cannot be read, or is no JSON in UTF-8.
    """

    def refuse(name: str) -> NoReturn:
        raise ValueError(f"{name} is no number")

    try:
        return json.loads(Path(path).read_text(encoding="utf-8"), parse_constant=refuse)
    except OSError as cause:
        raise error(path, "file", cause.strerror or str(cause), expected) from cause
    except (ValueError, RecursionError) as cause:
        raise error(path, "file", str(cause)[:200], expected) from cause


def is_json(value: object, depth: int = 0) -> bool:
    """Whether a value is one that JSON holds and gives back as it is: no NaN, no arrays, not too deep."""
    if depth > _DEEPEST:
        return False
    if isinstance(value, dict):
        return all(type(name) is str and is_json(item, depth + 1) for name, item in value.items())
    if isinstance(value, list):
        return all(is_json(item, depth + 1) for item in value)
    if type(value) is float:
        return math.isfinite(value)
    return value is None or type(value) in (str, int, bool)


def build(source: str | Path, where: str, kind: type[T], content: object, error: type[InputError]) -> T:
    """Make a dataclass of a JSON object whose keys are its fields.

    Parameters
    ----------
    source : path
        The file, for errors.
    where : str
        Where in the file the object stands, as ``session.plates[0]``.
    kind : type
        A dataclass whose fields are texts, numbers, booleans, literals, tuples of them, optional ones, such
        dataclasses, or mappings by name.
    content : object
        What the JSON holds there.
    error : type
        What to raise.

    Returns
    -------
    instance of ``kind``

    Raises
    ------
    InputError
        Of the type given, naming the field; unknown keys are refused, and so is what the class itself refuses.
    """
    if not isinstance(content, dict):
        raise error(source, where, repr(content)[:60], "an object with named values")
    hints, required, quick = _fields(typing.cast(Any, kind))
    if not content.keys() <= hints.keys():
        unknown = sorted(content.keys() - hints.keys())
        raise error(source, f"{where}.{unknown[0]}", "an unknown key", "one of " + ", ".join(sorted(hints)))
    for name in required:
        if name not in content:
            raise error(source, f"{where}.{name}", "nothing", "a value")
    # A session may hold ten thousands of records: what fits is not looked into twice.
    values = {
        key: value
        if key in quick and quick[key](value)
        else _value(source, f"{where}.{key}", hints[key], value, error)
        for key, value in content.items()
    }
    try:
        return kind(**values)
    except InputError as cause:
        raise error(source, f"{where}.{cause.field}", cause.found, cause.expected) from cause


@functools.cache
def _fields(kind: Any) -> tuple[dict[str, Any], tuple[str, ...], dict[str, Callable[[object], bool]]]:
    """The types of a dataclass's fields, which of them have no default, and quick checks of some of them."""
    fields = dataclasses.fields(kind)
    missing = dataclasses.MISSING
    required = tuple(f.name for f in fields if f.default is missing and f.default_factory is missing)
    hints = typing.get_type_hints(kind)
    checks = {f.name: _quick(hints[f.name]) for f in fields}
    quick = {name: check for name, check in checks.items() if check is not None}
    return {f.name: hints[f.name] for f in fields}, required, quick


def _quick(hint: Any) -> Callable[[object], bool] | None:
    """A check that only values of a type pass, and nearly all of them; None where there is none."""
    if hint in (str, int, bool):
        return lambda value: type(value) is hint
    if typing.get_origin(hint) is typing.Literal:
        allowed = frozenset(typing.get_args(hint))
        return lambda value: type(value) is str and value in allowed
    if hint == (float | None):
        return lambda value: value is None or (type(value) is float and math.isfinite(value))
    return None


def _value(source: str | Path, where: str, hint: Any, value: object, error: type[InputError]) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else _value(source, where, arguments[0], value, error)
    if dataclasses.is_dataclass(hint):
        return build(source, where, typing.cast(Any, hint), value, error)
    if origin in (Mapping, dict):
        return _mapping(source, where, arguments[1], value, error)
    if hint is Any:
        return value
    if origin is tuple:
        return _tuple(source, where, arguments, value, error)
    if origin is typing.Literal:
        if not isinstance(value, str) or value not in arguments:
            raise error(source, where, repr(value)[:60], "one of " + ", ".join(map(str, arguments)))
        return value
    if hint is float and type(value) is float and not math.isfinite(value):
        return _refuse(source, where, hint, value, error)
    if hint is float and type(value) is int:
        # An integer of thousands of digits is none.
        return float(value) if abs(value) < 2**63 else _refuse(source, where, hint, value, error)
    return value if type(value) is hint else _refuse(source, where, hint, value, error)


def _tuple(
    source: str | Path, where: str, arguments: tuple[Any, ...], value: object, error: type[InputError]
) -> tuple[Any, ...]:
    several = len(arguments) == 2 and arguments[1] is Ellipsis
    if not isinstance(value, list) or (not several and len(value) != len(arguments)):
        expected = "a list" if several else f"a list of {len(arguments)}"
        raise error(source, where, repr(value)[:60], expected)
    hints = [arguments[0]] * len(value) if several else arguments
    return tuple(
        _value(source, f"{where}[{i}]", hint, item, error)
        for i, (hint, item) in enumerate(zip(hints, value, strict=True))
    )


def _mapping(source: str | Path, where: str, hint: Any, value: object, error: type[InputError]) -> Any:
    if not isinstance(value, dict):
        raise error(source, where, repr(value)[:60], "an object with named values")
    return {name: _value(source, f"{where}.{name[:60]}", hint, item, error) for name, item in value.items()}


def _refuse(source: str | Path, where: str, hint: Any, value: object, error: type[InputError]) -> NoReturn:
    found = f"a number of {value.bit_length()} bits" if type(value) is int and abs(value) >= 2**63 else repr(value)
    raise error(source, where, found[:60], _NAMES[hint])
