"""What the program says of itself."""

from __future__ import annotations

from app.action_info import SEPARATOR, ActionInfo

__all__ = ["ACTIONS", "MENU"]

ACTIONS = (
    ActionInfo(
        "scores", "What the &scores mean", "help.show_scores", "What the numbers say and do not", "F1", "help"
    ),
    ActionInfo("about", "&About MolPhenix Desktop", "help.show_about", "Version, licence and sources"),
)

MENU = (
    "&Help",
    (
        "scores",
        SEPARATOR,
        "about",
    ),
)
