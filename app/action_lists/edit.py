"""Undo and copy."""

from __future__ import annotations

from app.action_info import SEPARATOR, ActionInfo, can_redo, can_undo, with_candidates, with_molecule

__all__ = ["ACTIONS", "MENU"]

ACTIONS = (
    ActionInfo(
        "undo",
        "&Undo",
        "edit.undo",
        "Take back the last change of a hit list, a filter or the hit rule",
        "Ctrl+Z",
        "",
        can_undo,
    ),
    ActionInfo("redo", "&Redo", "edit.redo", "Make the change again", "Ctrl+Shift+Z", "", can_redo),
    ActionInfo(
        "copy_smiles",
        "&Copy SMILES",
        "edit.copy_smiles",
        "Copy the chosen molecule as SMILES",
        "Ctrl+C",
        "copy",
        with_molecule,
    ),
    ActionInfo(
        "copy_molfile",
        "Copy as &molfile",
        "edit.copy_molfile",
        "Copy the chosen molecule as a molfile, for a drawing program",
        "Ctrl+Shift+M",
        enabled=with_molecule,
    ),
    ActionInfo(
        "copy_inchi",
        "Copy as &InChI",
        "edit.copy_inchi",
        "Copy the chosen molecule as InChI",
        enabled=with_molecule,
    ),
    ActionInfo(
        "copy_structure",
        "Copy &structure as picture",
        "edit.copy_structure",
        "Copy the chosen molecule as a picture, for a slide",
        "Ctrl+Shift+I",
        enabled=with_molecule,
    ),
    ActionInfo(
        "copy_table",
        "Copy &table of candidates",
        "edit.copy_table",
        "Copy the candidates as a table, for a spreadsheet",
        "Ctrl+Shift+C",
        enabled=with_candidates,
    ),
    ActionInfo(
        "copy_picture",
        "Copy &picture of the window",
        "edit.copy_picture",
        "Copy the window as a picture, for a slide",
    ),
)

MENU = (
    "&Edit",
    (
        "undo",
        "redo",
        SEPARATOR,
        "copy_smiles",
        "copy_molfile",
        "copy_inchi",
        "copy_structure",
        SEPARATOR,
        "copy_table",
        "copy_picture",
    ),
)
