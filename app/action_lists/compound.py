"""What can be done with the chosen molecule and the selected compounds."""

from __future__ import annotations

from app.action_info import ActionInfo, with_wells

__all__ = ["ACTIONS", "MENU"]

ACTIONS = (
    ActionInfo(
        "copy_curves",
        "Copy table of &curves",
        "compound.copy_curves",
        "Copy the fits of the dose response as a table, for a spreadsheet",
        enabled=with_wells,
    ),
    ActionInfo(
        "save_curve_picture",
        "Dose response as a &picture…",
        "compound.save_curve_picture",
        "Save the dose response as PNG or SVG",
        enabled=with_wells,
    ),
    ActionInfo(
        "save_curves",
        "Dose response as a &table…",
        "compound.save_curves",
        "Save the fits of the dose response as CSV or XLSX: one row a compound",
        enabled=with_wells,
    ),
    ActionInfo(
        "save_curve_wells",
        "&Wells of the dose response…",
        "compound.save_curve_wells",
        "Save dose and readout of the wells as CSV or XLSX: one row a well",
        enabled=with_wells,
    ),
)

MENU = (
    "&Compound",
    (
        "copy_curves",
        "save_curve_picture",
        "save_curves",
        "save_curve_wells",
    ),
)
