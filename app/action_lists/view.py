"""What the window shows."""

from __future__ import annotations

from app.action_info import SEPARATOR, ActionInfo, with_molecule

__all__ = ["ACTIONS", "MENU"]

ACTIONS = (
    ActionInfo(
        "show_candidates",
        "&Candidates",
        "view.show_candidates",
        "Molecules that may look like the selected wells",
        "Ctrl+1",
    ),
    ActionInfo("show_plates", "&Plates", "view.show_plates", "Several plates side by side", "Ctrl+2"),
    ActionInfo("show_map", "&Map", "view.show_map", "Wells and library molecules in one scatter", "Ctrl+3"),
    ActionInfo("show_quality", "&Quality", "view.show_quality", "How good each plate is", "Ctrl+4"),
    ActionInfo("show_hits", "&Hits", "view.show_hits", "Call hits by a rule", "Ctrl+5"),
    ActionInfo(
        "show_doses", "&Doses", "view.show_doses", "Activity and similarity against concentration", "Ctrl+6"
    ),
    ActionInfo("show_compare", "C&ompare", "view.show_compare", "Two treatments side by side", "Ctrl+7"),
    ActionInfo("show_lists", "Hit &lists", "view.show_hit_lists", "Named lists of hits", "Ctrl+8"),
    ActionInfo(
        "candidates_as_cards",
        "Cand&idates as cards",
        "view.show_cards",
        "Both lists as structure cards",
        "Ctrl+Shift+1",
        choice="Candidates &as",
    ),
    ActionInfo(
        "candidates_as_table",
        "Candidates as a &table",
        "view.show_tables",
        "Both lists as tables: the whole library, sorted by any columns",
        "Ctrl+Shift+2",
        choice="Candidates &as",
    ),
    ActionInfo(
        "filter_candidates",
        "&Filter candidates",
        "view.filter_candidates",
        "Go to the field that filters candidates by text",
        "Ctrl+F",
    ),
    ActionInfo(
        "filter_structure",
        "Filter by st&ructure",
        "view.filter_structure",
        "Go to the line that filters candidates by substructure or similarity",
        "Ctrl+Shift+F",
    ),
    ActionInfo(
        "filter_chosen",
        "Filter by the chose&n molecule",
        "view.filter_chosen",
        "Show only candidates that hold the chosen molecule, or are similar to it",
        enabled=with_molecule,
    ),
    ActionInfo(
        "clear_filter",
        "Cl&ear the structure filter",
        "view.clear_structure_filter",
        "Show candidates of all structures and mechanisms again",
    ),
    ActionInfo(
        "show_mechanisms",
        "Mechanisms of the &best candidates",
        "view.show_mechanisms",
        "Show or fold the mechanisms that the best candidates share beyond chance",
        "Ctrl+M",
    ),
    ActionInfo(
        "theme_system",
        "&System theme",
        "view.use_system_theme",
        "Light or dark as the desktop is",
        choice="&Theme",
    ),
    ActionInfo("theme_light", "Li&ght theme", "view.use_light_theme", "Dark on light", choice="&Theme"),
    ActionInfo("theme_dark", "Dar&k theme", "view.use_dark_theme", "Light on dark", choice="&Theme"),
    ActionInfo("palette", "Comm&and palette…", "view.show_palette", "Find any command by name", "Ctrl+Shift+P"),
)

MENU = (
    "&View",
    (
        "show_candidates",
        "show_plates",
        "show_map",
        "show_quality",
        "show_hits",
        "show_doses",
        "show_compare",
        "show_lists",
        SEPARATOR,
        "candidates_as_cards",
        "candidates_as_table",
        "filter_candidates",
        "filter_structure",
        "filter_chosen",
        "clear_filter",
        "show_mechanisms",
        SEPARATOR,
        "theme_system",
        "theme_light",
        "theme_dark",
        SEPARATOR,
        "palette",
    ),
)
