"""What can be done with the chosen molecule and the selected compounds."""

from __future__ import annotations

from app.action_info import SEPARATOR, ActionInfo, with_molecule, with_wells

__all__ = ["ACTIONS", "MENU"]

ACTIONS = (
    ActionInfo(
        "show_molecule",
        "&Molecule card…",
        "compound.show_molecule",
        "Show the chosen molecule large, with everything that is known of it",
        "Ctrl+I",
        enabled=with_molecule,
    ),
    ActionInfo(
        "copy_inchikey", "Copy InChI&Key", "compound.copy_inchikey", "Copy its InChIKey", enabled=with_molecule
    ),
    ActionInfo(
        "save_structure",
        "Sa&ve structure…",
        "compound.save_structure",
        "Save the drawing of the chosen molecule as PNG or SVG, or the structure as a molfile",
        enabled=with_molecule,
    ),
    ActionInfo(
        "compare_with",
        "Compare &with…",
        "compound.compare_with",
        "Keep the selected treatment on the page Compare, and compare with the one that is selected next",
        "Ctrl+Shift+T",
        enabled=with_wells,
    ),
    ActionInfo(
        "swap_compared",
        "Swap the compared treatme&nts",
        "compound.swap_compared",
        "Exchange the two treatments on the page Compare",
    ),
    ActionInfo(
        "copy_comparison",
        "Copy comparison as a ta&ble",
        "compound.copy_comparison",
        "Copy the figures of both treatments as a table, for a spreadsheet",
    ),
    ActionInfo(
        "save_comparison",
        "Save comparison as a &table…",
        "compound.save_comparison",
        "Save the figures of both treatments, or what differs, as CSV or XLSX",
    ),
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
        "Dose response as a t&able…",
        "compound.save_curves",
        "Save the fits of the dose response as CSV or XLSX: one row a compound",
        enabled=with_wells,
    ),
    ActionInfo(
        "save_curve_wells",
        "Wells of the dose r&esponse…",
        "compound.save_curve_wells",
        "Save dose and readout of the wells as CSV or XLSX: one row a well",
        enabled=with_wells,
    ),
)

MENU = (
    "&Compound",
    (
        "show_molecule",
        SEPARATOR,
        "copy_inchikey",
        "save_structure",
        SEPARATOR,
        "compare_with",
        "swap_compared",
        "copy_comparison",
        "save_comparison",
        SEPARATOR,
        "copy_curves",
        "save_curve_picture",
        "save_curves",
        "save_curve_wells",
    ),
)
