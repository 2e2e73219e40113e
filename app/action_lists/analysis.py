"""What is computed over whole files: quality and hits."""

from __future__ import annotations

from app.action_info import SEPARATOR, ActionInfo, with_hits, with_plate

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
    ActionInfo(
        "list_hits",
        "&New hit list of called hits",
        "analysis.list_hits",
        "Make a hit list of what the rule calls hits: one well of each, with its figures as a note",
        "Ctrl+Shift+J",
        enabled=with_hits,
    ),
    ActionInfo(
        "select_hits",
        "Select &wells of called hits",
        "analysis.select_hits",
        "Select all wells of the treatments that the rule calls hits",
        enabled=with_hits,
    ),
    ActionInfo(
        "copy_hit_calls",
        "&Copy table of treatments",
        "analysis.copy_hit_calls",
        "Copy the treatments with verdict and reason as a table, for a spreadsheet",
        enabled=with_hits,
    ),
    ActionInfo(
        "save_hit_calls",
        "Treatments and &verdicts as a table…",
        "analysis.save_hit_calls",
        "Save the treatments with verdict, reason and cluster as CSV or XLSX",
        enabled=with_hits,
    ),
    ActionInfo(
        "save_hit_picture",
        "&Hits as a picture…",
        "analysis.save_hit_picture",
        "Save the page of the hits as PNG or SVG",
        enabled=with_hits,
    ),
    ActionInfo(
        "default_rule",
        "&Default hit rule",
        "analysis.default_rule",
        "Go back to two replicates and a q-value of at most 0.05",
        enabled=with_hits,
    ),
)

MENU = (
    "&Analysis",
    (
        "judge_again",
        "copy_quality",
        "save_quality",
        "save_quality_picture",
        SEPARATOR,
        "list_hits",
        "select_hits",
        "copy_hit_calls",
        "save_hit_calls",
        "save_hit_picture",
        "default_rule",
    ),
)
