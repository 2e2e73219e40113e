"""When a set-up counts as done, and when it has to be done again."""

from __future__ import annotations

from pathlib import Path

import pytest

from installer.environment import Environment
from installer.stamp import STAMP_NAME, Stamp, fingerprint, read_stamp, remove_stamp, write_stamp


def test_same_inputs_give_the_same_fingerprint(checkout: Environment) -> None:
    assert fingerprint(checkout.root, torch="cpu") == fingerprint(checkout.root, torch="cpu")


@pytest.mark.parametrize("name", ["pyproject.toml", "installer/constraints.txt"])
def test_an_edited_file_changes_the_fingerprint(checkout: Environment, name: str) -> None:
    before = fingerprint(checkout.root, torch="cpu")
    with (checkout.root / name).open("a", encoding="utf-8") as file:
        file.write("# edited\n")
    assert fingerprint(checkout.root, torch="cpu") != before


def test_build_of_torch_and_python_change_the_fingerprint(checkout: Environment) -> None:
    prints = {
        fingerprint(checkout.root, torch=torch, python=python)
        for torch in ("cpu", "cuda")
        for python in ("3.11", "3.12", "3.13")
    }
    assert len(prints) == 6


def test_a_moved_checkout_changes_the_fingerprint(checkout: Environment, tmp_path: Path) -> None:
    before = fingerprint(checkout.root, torch="cpu")
    moved = tmp_path.rename(tmp_path.with_name(tmp_path.name + "_moved"))
    after = fingerprint(moved, torch="cpu")
    moved.rename(tmp_path)
    assert after != before


def test_a_stamp_comes_back_as_written_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    stamp = Stamp(key="abc", torch="cuda", platforms=("offscreen", "xcb"))
    write_stamp(tmp_path, stamp)
    assert read_stamp(tmp_path) == stamp
    assert [file.name for file in tmp_path.iterdir()] == [STAMP_NAME]
    remove_stamp(tmp_path)
    assert read_stamp(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"key": "abc"}', '{"key":1,"torch":1,"platforms":1}'])
def test_a_damaged_stamp_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / STAMP_NAME).write_text(text, encoding="utf-8")
    assert read_stamp(tmp_path) is None


def test_removing_a_stamp_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    remove_stamp(tmp_path)
    assert read_stamp(tmp_path) is None
