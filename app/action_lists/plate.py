"""What plates are coloured by, which ones are shown, and what leaves them as a file."""

from __future__ import annotations

from app.action_info import SEPARATOR, ActionInfo, with_plate, with_wells

__all__ = ["ACTIONS", "MENU"]

ACTIONS = (
    ActionInfo(
        "colour_by",
        "&Colour by…",
        "plate.choose_colour",
        "Search what the wells are coloured by: activity, ranks, columns, features",
        "Ctrl+K",
        "",
        with_plate,
    ),
    ActionInfo(
        "colour_scale",
        "Colour &scale…",
        "plate.edit_scale",
        "Limits of the colour scale, linear, logarithmic, robust or by hand, and its colours",
        "Ctrl+Shift+K",
        "",
        with_plate,
    ),
    ActionInfo(
        "choose_plates",
        "Choose &plates…",
        "plate.choose_plates",
        "Which plates stand side by side",
        "",
        "",
        with_plate,
    ),
    ActionInfo(
        "larger_plates", "&Larger plates", "plate.larger", "Fewer plates in a row", "Ctrl++", "", with_plate
    ),
    ActionInfo(
        "smaller_plates", "S&maller plates", "plate.smaller", "More plates in a row", "Ctrl+-", "", with_plate
    ),
    ActionInfo(
        "fit_plates",
        "&Fit plates",
        "plate.fit",
        "Plates as large as the page has room for all of them",
        "",
        "",
        with_plate,
    ),
    ActionInfo(
        "same_positions",
        "Select same p&ositions",
        "plate.select_same_positions",
        "Add the wells at the positions of the selected ones on every plate of the file, as to judge an edge",
        "Ctrl+Shift+R",
        "",
        with_wells,
    ),
    ActionInfo(
        "copy_wells",
        "Copy &wells as table",
        "plate.copy_wells",
        "Copy the selected wells with treatment, dose, activity and colour value, for a spreadsheet",
        "",
        "",
        with_wells,
    ),
    ActionInfo(
        "export_wells",
        "Export wells as &table…",
        "plate.export_wells",
        "Save all wells of this file with treatment, dose, activity and colour value, as CSV or XLSX",
        "",
        "",
        with_plate,
    ),
    ActionInfo(
        "export_plates",
        "Export p&icture of plates…",
        "plate.export_picture",
        "Save the plates side by side, or the one on show, with the colour bar, as PNG or SVG",
        "",
        "",
        with_plate,
    ),
)

MENU = (
    "&Plate",
    (
        "colour_by",
        "colour_scale",
        SEPARATOR,
        "choose_plates",
        "larger_plates",
        "smaller_plates",
        "fit_plates",
        SEPARATOR,
        "same_positions",
        SEPARATOR,
        "copy_wells",
        "export_wells",
        "export_plates",
    ),
)
