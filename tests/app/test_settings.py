"""Settings come back as they were saved; damage costs the damaged key, never a start."""

from __future__ import annotations

import json

import pytest

from app.settings import Settings, load, save


def test_they_come_back():
    settings = Settings(recent_files=("/a.h5ad",), colour_by="dose", splitters=("x", "y"))
    save(settings)
    assert load() == settings


def test_a_missing_file_is_the_defaults():
    assert load() == Settings()


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "null", "\x00", '{"colour_by": 3}', '{"recent_files": "a"}'])
def test_damage_is_dropped(settings_dir, text):
    settings_dir.mkdir()
    (settings_dir / "settings.json").write_text(text)
    assert load() == Settings()


def test_a_bad_key_costs_only_itself(settings_dir):
    settings_dir.mkdir()
    stored = {"colour_by": "dose", "recent_files": [1], "of_a_later_version": True}
    (settings_dir / "settings.json").write_text(json.dumps(stored))
    assert load() == Settings(colour_by="dose")


def test_bytes_that_are_no_text_are_dropped(settings_dir):
    settings_dir.mkdir()
    (settings_dir / "settings.json").write_bytes(b"\xff\xfe\x80")
    assert load() == Settings()


def test_recent_files_are_few_and_each_once():
    settings = Settings()
    for number in [*range(20), 15]:
        settings = settings.with_recent(f"{number}.h5ad")
    assert settings.recent_files[:2] == ("15.h5ad", "19.h5ad")
    assert len(settings.recent_files) == 10


def test_a_folder_that_cannot_be_written_does_not_stop_the_program(settings_dir):
    settings_dir.write_text("a file where the folder should be")
    save(Settings(colour_by="dose"))
    assert load() == Settings()


def test_nothing_is_left_beside_them(settings_dir):
    save(Settings())
    save(Settings(colour_by="dose"))
    assert [path.name for path in settings_dir.iterdir()] == ["settings.json"]
