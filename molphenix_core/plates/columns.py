"""Which column of a profile table, plate map or compound table holds what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from molphenix_core.errors import TableError
from molphenix_core.plates.concentrations import parse_unit
from molphenix_core.plates.plate import (
    BATCH,
    COMPOUND,
    CONCENTRATION,
    CONTROL_TYPE,
    INCHIKEY,
    MECHANISM,
    NAME,
    PERTURBATION_TYPE,
    PLATE,
    SMILES,
    WELL,
)
from molphenix_core.plates.treatments import CELL_LINE, TIME_POINT

__all__ = [
    "CONCENTRATION_UNIT",
    "FIELDS",
    "IS_DMSO",
    "PLATE_MAP",
    "Columns",
    "find_columns",
    "is_identifier",
    "is_morphological",
]

PLATE_MAP = "Metadata_plate_map_name"
IS_DMSO = "Metadata_is_dmso"
CONCENTRATION_UNIT = "Metadata_concentration_unit"

# Names in use, the more telling first, without "Metadata_", in lower case and with "_" between words.
_NAMES = {
    PLATE: ("plate", "barcode", "assay_plate_barcode", "plate_barcode", "plate_id", "plate_name"),
    WELL: ("well", "well_position", "well_name", "well_id"),
    PLATE_MAP: ("plate_map_name", "platemap_name", "plate_map", "platemap"),
    BATCH: ("batch",),
    PERTURBATION_TYPE: ("pert_type", "perturbation_type"),
    CONTROL_TYPE: ("control_type",),
    IS_DMSO: ("is_dmso", "is_negcon", "is_negative_control"),
    COMPOUND: ("compound_id", "jcp2022", "broad_sample", "pert_id", "compound"),
    NAME: ("compound_name", "name", "pert_iname", "pert_name"),
    SMILES: ("smiles", "canonical_smiles", "isomeric_smiles"),
    INCHIKEY: ("inchikey", "inchi_key"),
    CONCENTRATION: (),
    CONCENTRATION_UNIT: ("concentration_unit", "conc_unit", "dose_unit", "pert_dose_unit", "unit", "units"),
    MECHANISM: ("moa", "mechanism", "mechanism_of_action"),
    CELL_LINE: ("cell_line", "cell_type"),
    TIME_POINT: ("time_point", "timepoint"),
}
FIELDS = tuple(_NAMES)
"""What a column can be: the names that the plate file gives them, and three that only serve conversion."""

_DOSE = re.compile(
    r"(?:(?:compound|treatment|nominal|final|pert)_)?(?:concentration|conc|dose)(?:_(?:in_)?(?P<unit>.+))?"
)
_MORPHOLOGICAL = ("Cells_", "Cytoplasm_", "Nuclei_", "Image_")


def is_morphological(name: str) -> bool:
    """Whether a column is named as a CellProfiler feature of cells, cytoplasm, nuclei or image.

    Parameters
    ----------
    name : str
        Of a column.

    Returns
    -------
    bool
    """
    return name.startswith(_MORPHOLOGICAL) and not name.startswith("Image_Metadata_")


def _plain(name: str) -> str:
    """Lower case, "_" between words, without "Metadata_" (CellProfiler writes "Image_Metadata_" too)."""
    text = re.sub(r"[\s_.()\[\]-]+", "_", name.casefold()).strip("_")
    return re.sub(r"^(?:image_)?metadata_", "", text)


def _dose_unit(name: str) -> tuple[bool, str | None]:
    """Whether a plain name is that of a dose, and the unit in it."""
    if unit := (parse_unit(name) if "per_l" in name else None):
        return True, unit
    match = _DOSE.fullmatch(name)
    if match is None:
        return False, None
    # Names are in lower case here, so "m" is what "conc_M" became.
    unit = "M" if match["unit"] == "m" else parse_unit(match["unit"] or "")
    return unit is not None or not match["unit"], unit


def _guess(name: str) -> tuple[str, int] | None:
    """The field that a column's name tells, and how far down the list of that field's names it stands."""
    plain = _plain(name)
    is_dose, unit = _dose_unit(plain)
    if is_dose:
        return CONCENTRATION, 0 if unit else 1
    for target, names in _NAMES.items():
        if plain in names:
            return target, names.index(plain)
    return None


def is_identifier(name: str) -> bool:
    """Whether a column of a text file is to be kept as text until its meaning is known.

    Parameters
    ----------
    name : str
        Of a column.

    Returns
    -------
    bool
        True for metadata and for whatever looks like a field of :data:`FIELDS`.
    """
    return bool(re.match(r"(?i)(?:image_)?metadata_", name)) or _guess(name) is not None


@dataclass(frozen=True)
class Columns:
    """What each column of a table holds.

    Parameters
    ----------
    fields : dict
        Column of each field found, keyed by the names in :data:`FIELDS`.
    features : dict
        Name in the plate file of each feature column, keyed by column.
    others : tuple of str
        The remaining columns.
    unit : str or None
        Unit in the name of the concentration column.
    notes : tuple of str
        Doubtful columns, as sentences.
    """

    fields: Mapping[str, str]
    features: Mapping[str, str]
    others: tuple[str, ...]
    unit: str | None = None
    notes: tuple[str, ...] = ()


def find_columns(
    source: str | Path,
    frame: pd.DataFrame,
    *,
    columns: Mapping[str, str] | None = None,
    with_features: bool = True,
) -> Columns:
    """Tell the columns of a table apart by their names.

    Parameters
    ----------
    source : path
        The file, for messages.
    frame : pandas.DataFrame
        The table.
    columns : dict, optional
        Columns given for some of :data:`FIELDS`; these go before any guess.
    with_features : bool
        Whether the table holds features: those starting with ``f_`` where there are any, else those with
        CellProfiler's names, else every numeric column that is nothing else.

    Returns
    -------
    Columns

    Raises
    ------
    TableError
        A given column or field does not exist, or there are no features.
    """
    given = dict(columns or {})
    for target, name in given.items():
        if target not in _NAMES:
            raise TableError("columns", target, f"no such field for column {name!r}", ", ".join(FIELDS))
        if name not in frame:
            raise TableError(source, name, "no such column", _some(list(frame.columns)))
    best: dict[str, tuple[int, str]] = {}
    for name in frame.columns:
        guess = _guess(name)
        if guess is None or guess[0] in given or name in given.values() or name.startswith("f_"):
            continue
        target, order = guess
        if frame[name].notna().any() and (target not in best or order < best[target][0]):
            best[target] = (order, name)
    fields = {
        target: given.get(target) or best[target][1] for target in FIELDS if target in given or target in best
    }
    rest = [name for name in frame.columns if name not in fields.values()]
    features = _features(source, frame, rest) if with_features else {}
    unit = _dose_unit(_plain(fields[CONCENTRATION]))[1] if CONCENTRATION in fields else None
    return Columns(
        fields=fields,
        features=features,
        others=tuple(name for name in rest if name not in features and frame[name].notna().any()),
        unit=unit,
        notes=_doubts(frame, [name for name in rest if with_features and name not in features]),
    )


def _features(source: str | Path, frame: pd.DataFrame, names: list[str]) -> dict[str, str]:
    numeric = [name for name in names if pd.api.types.is_numeric_dtype(frame[name].dtype)]
    prefixed = [name for name in names if name.startswith("f_")]
    if prefixed:
        bare = all(is_morphological(name[2:]) for name in prefixed)
        found = {name: name[2:] if bare else name for name in prefixed}
    elif any(is_morphological(name) for name in numeric):
        found = {name: name for name in names if is_morphological(name) and _mostly_numbers(frame[name])}
    else:
        found = {name: name for name in numeric if not is_identifier(name)}
    if not found:
        expected = "numeric columns, named f_... or as CellProfiler's (Cells_..., Nuclei_...) or not Metadata_..."
        raise TableError(source, "features", f"none among {_some(names) or 'the remaining columns'}", expected)
    for name in found:
        text = pd.to_numeric(frame[name], errors="coerce").isna() & frame[name].notna()
        if text.any():
            row = int(text.to_numpy().argmax())
            raise TableError(source, f"{name}, row {row + 1}", repr(frame[name].iloc[row]), "a number")
    return found


def _doubts(frame: pd.DataFrame, names: list[str]) -> tuple[str, ...]:
    doubts = []
    for name in names:
        column = frame[name]
        if is_identifier(name) or column.dtype != object or column.isna().all() or not _mostly_numbers(column):
            continue
        text = column[pd.to_numeric(column, errors="coerce").isna() & column.notna()]
        if len(text):
            doubts.append(f"{name!r} is no feature, as row {text.index[0] + 1} holds {text.iloc[0]!r}.")
    return tuple(doubts)


def _mostly_numbers(column: pd.Series) -> bool:
    """Whether a column is numbers but for a few cells, unlike one of file names."""
    present = column.dropna()
    return bool(pd.to_numeric(present, errors="coerce").notna().sum() * 2 >= len(present))


def _some(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:8])
    return shown + (f" and {len(names) - 8} more" if len(names) > 8 else "")
