"""What is computed over whole files: quality and hits."""

from __future__ import annotations

from app.action_info import ActionInfo, with_plate

__all__ = ["ACTIONS", "MENU"]

ACTIONS = (
    ActionInfo(
        "judge_again",
        "&Judge plates again",
        "analysis.judge_again",
        "Show the quality of the plates, computed once more",
        "F5",
        enabled=with_plate,
    ),
    ActionInfo(
        "copy_quality",
        "Copy table of &quality",
        "analysis.copy_quality",
        "Copy the quality of the plates as a table, for a spreadsheet",
        enabled=with_plate,
    ),
    ActionInfo(
        "save_quality",
        "Quality as a &table…",
        "analysis.save_quality",
        "Save the quality of the plates as CSV or XLSX: one row a plate",
        enabled=with_plate,
    ),
    ActionInfo(
        "save_quality_picture",
        "Quality as a &picture…",
        "analysis.save_quality_picture",
        "Save the page with the quality of the plates as PNG or SVG",
        enabled=with_plate,
    ),
)

MENU = ("&Analysis", ("judge_again", "copy_quality", "save_quality", "save_quality_picture"))
