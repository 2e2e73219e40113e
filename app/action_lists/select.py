"""Choosing wells and plates."""

from __future__ import annotations

from app.action_info import SEPARATOR, ActionInfo, with_plate, with_wells

__all__ = ["ACTIONS", "MENU"]

ACTIONS = (
    ActionInfo(
        "select_all",
        "Select &all wells",
        "select.select_all",
        "Select every well of this plate",
        "Ctrl+A",
        "",
        with_plate,
    ),
    ActionInfo(
        "select_none", "Select &nothing", "select.select_none", "Clear the selection", "Escape", "", with_wells
    ),
    ActionInfo(
        "replicates",
        "Select &replicates",
        "select.select_replicates",
        "Add all wells that hold the selected treatments, on every plate of the file",
        "Ctrl+R",
        "replicates",
        with_wells,
    ),
    ActionInfo(
        "next_plate",
        "Ne&xt plate",
        "select.next_plate",
        "Show the next plate of the open files",
        "Ctrl+PgDown",
        "",
        with_plate,
    ),
    ActionInfo(
        "previous_plate",
        "Pre&vious plate",
        "select.previous_plate",
        "Show the previous plate",
        "Ctrl+PgUp",
        "",
        with_plate,
    ),
)

MENU = (
    "&Select",
    (
        "select_all",
        "select_none",
        "replicates",
        SEPARATOR,
        "next_plate",
        "previous_plate",
    ),
)
