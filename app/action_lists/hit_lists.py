"""Lists of hits."""

from __future__ import annotations

from app.action_info import SEPARATOR, ActionInfo, with_hit_list, with_plate, with_wells

__all__ = ["ACTIONS", "MENU"]

ACTIONS = (
    ActionInfo(
        "new_hit_list",
        "&New hit list from selection…",
        "hit_lists.new_hit_list",
        "Make a hit list of the selected wells",
        "Ctrl+N",
        "",
        with_wells,
    ),
    ActionInfo(
        "paste_hits",
        "&Paste hits",
        "hit_lists.paste_hits",
        "Add wells, names, structures or InChIKeys from the clipboard to the hit list, one a line",
        "Ctrl+V",
        "",
        with_plate,
    ),
    ActionInfo(
        "copy_hits",
        "&Copy hit list",
        "hit_lists.copy_hits",
        "Copy the hit list as a table, for a spreadsheet",
        enabled=with_hit_list,
    ),
    ActionInfo(
        "export_picks",
        "&Export cherry picks…",
        "hit_lists.export_picks",
        "Save where each well of the hit list is to be transferred, as CSV or for an Echo",
        enabled=with_hit_list,
    ),
)

MENU = (
    "Hit &lists",
    (
        "new_hit_list",
        "paste_hits",
        "copy_hits",
        SEPARATOR,
        "export_picks",
    ),
)
