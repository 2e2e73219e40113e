"""What the library names as its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import molphenix_core


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
