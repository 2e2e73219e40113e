"""Every command once, as data; menus, tool bar, shortcuts and the command palette are made from these lists."""

from __future__ import annotations

import operator

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from app.action_info import RECENT, SEPARATOR, ActionInfo
from app.action_lists import analysis, compound, edit, file, help, hit_lists, map, plate, select, view
from app.workspace import Workspace

__all__ = ["ACTIONS", "BY_ID", "MENUS", "RECENT", "SEPARATOR", "TOOL_BAR", "make_actions", "update_enabled"]

_LISTS = (file, edit, select, view, plate, map, analysis, compound, hit_lists, help)

ACTIONS: tuple[ActionInfo, ...] = tuple(info for each in _LISTS for info in each.ACTIONS)
"""All commands."""

BY_ID: dict[str, ActionInfo] = {info.id: info for info in ACTIONS}
"""The same by their names."""

MENUS: tuple[tuple[str, tuple[str, ...]], ...] = tuple(each.MENU for each in _LISTS)
"""Menus by title; "" is a separator and "recent" the menu of recent files."""

TOOL_BAR: tuple[str, ...] = ("open", "export", SEPARATOR, "replicates", "copy_smiles", SEPARATOR, "scores")
"""The tool bar, from left to right."""


def make_actions(parent: QObject, commands: object) -> dict[str, QAction]:
    """Make the Qt actions, each wired to its method."""
    made = {}
    groups: dict[str, QActionGroup] = {}
    for info in ACTIONS:
        action = QAction(info.text, parent)
        action.setObjectName(info.id)
        keys = f" ({QKeySequence(info.shortcut).toString(QKeySequence.SequenceFormat.NativeText)})"
        action.setToolTip(info.tip + (keys if info.shortcut else ""))
        action.setStatusTip("")
        if info.shortcut:
            action.setShortcut(QKeySequence(info.shortcut))
        if info.choice:
            # The group makes checking one uncheck the others.
            groups.setdefault(info.choice, QActionGroup(parent)).addAction(action)
            action.setCheckable(True)
        action.triggered.connect(operator.attrgetter(info.call)(commands))
        made[info.id] = action
    return made


def update_enabled(actions: dict[str, QAction], workspace: Workspace) -> None:
    """Enable the commands that make sense now."""
    for info in ACTIONS:
        actions[info.id].setEnabled(info.enabled(workspace))
