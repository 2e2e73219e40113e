"""What the README says is what the program ships and does."""

from __future__ import annotations

import re
from pathlib import Path

from molphenix_core.cli import app
from molphenix_core.evaluation.card_table import card_table
from molphenix_core.model.bundle_files import load_bundle
from molphenix_core.resources import default_model

REPOSITORY = Path(__file__).resolve().parents[1]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_the_figures_are_those_of_the_card_that_ships() -> None:
    table = card_table(load_bundle(default_model()))
    assert table in (REPOSITORY / "docs" / "model-card.md").read_text(encoding="utf-8")
    block = README.split("<!-- figures -->")[1].split("<!-- end of figures -->")[0].strip().splitlines()
    assert len(block) > 6
    assert set(block) <= set(table.splitlines())


def test_every_command_that_is_named_exists() -> None:
    named = set(re.findall(r"^molphenix ([a-z]+)", README, flags=re.MULTILINE)) | set(
        re.findall(r"`molphenix ([a-z]+)", README)
    )
    known = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    known |= {group.name for group in app.registered_groups}
    assert named
    assert named <= known


def test_every_file_that_is_linked_exists() -> None:
    targets = [t for t in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in t]
    assert targets
    assert [t for t in targets if not (REPOSITORY / t).exists()] == []
