"""What the program says of itself."""

from __future__ import annotations

from app.action_info import SEPARATOR, ActionInfo

__all__ = ["ACTIONS", "MENU"]

ACTIONS = (
    ActionInfo(
        "scores", "What the &scores mean", "help.show_scores", "What the numbers say and do not", "F1", "help"
    ),
    ActionInfo(
        "shortcuts",
        "&Keyboard shortcuts",
        "help.show_shortcuts",
        "Every command with its keys, and what mouse and keys do",
        "Ctrl+F1",
    ),
    ActionInfo("log", "&Log", "help.show_log", "What the program did, with warnings and errors"),
    ActionInfo(
        "report_problem",
        "&Report a problem…",
        "help.report_problem",
        "A text for the developers, without folders and structures",
    ),
    ActionInfo("about", "&About MolPhenix Desktop", "help.show_about", "Version, licence and sources"),
)

MENU = (
    "&Help",
    (
        "scores",
        "shortcuts",
        SEPARATOR,
        "log",
        "report_problem",
        SEPARATOR,
        "about",
    ),
)
