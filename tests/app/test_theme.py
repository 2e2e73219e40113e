"""Light, dark and system theme."""

from __future__ import annotations

import json

import pytest
from PySide6.QtWidgets import QApplication, QMenu

from app import theme
from app.theme import DARK, LIGHT, theme_of


@pytest.fixture(autouse=True)
def system_theme(qapp):
    """Every test leaves the program as it was."""
    before = qapp.palette()
    yield
    theme.choose("system")
    qapp.setPalette(before)


def shown() -> theme.Theme:
    return theme_of(QApplication.palette())


def test_menu_switches_the_theme_of_the_open_window(ranked, qtbot):
    actions = ranked.actions_by_id
    for name, wanted in (("dark", DARK), ("light", LIGHT)):
        actions[f"theme_{name}"].trigger()
        assert shown() == wanted
        qtbot.waitUntil(lambda wanted=wanted: theme_of(ranked.candidates.palette()) == wanted)
        assert [a for a in ("system", "light", "dark") if actions[f"theme_{a}"].isChecked()] == [name]
        ground = ranked.grab().toImage().pixelColor(2, ranked.height() // 2)
        assert (ground.lightness() < 128) == wanted.dark
    titles = [menu.title() for menu in ranked.menuBar().findChildren(QMenu)]
    assert titles.count("&Theme") == 1


def test_choice_is_remembered(window, settings_dir):
    window.actions_by_id["theme_dark"].trigger()
    window.close()
    assert json.loads((settings_dir / "settings.json").read_text())["theme"] == "dark"


def test_system_theme_follows_the_desktop():
    theme.choose("dark")
    assert shown() == DARK
    theme.choose("no such theme")
    assert theme.choice("no such theme") == "system"
    assert shown() == LIGHT
