"""Which wells of a table are controls, and of what kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.errors import TableError
from molphenix_core.plates.check import none_where_missing
from molphenix_core.plates.columns import IS_DMSO
from molphenix_core.plates.plate import (
    COMPOUND,
    CONCENTRATION,
    CONTROL_TYPE,
    INCHIKEY,
    MECHANISM,
    NAME,
    NEGATIVE_CONTROL,
    PERTURBATION_TYPE,
    SMILES,
)

__all__ = ["mark_controls"]

_TREATMENT = frozenset({"trt", "treatment", "treated", "compound", "trt_cp"})
_UNSPECIFIED = frozenset({"control", "ctl", "ctrl", "empty", "untreated", "ctl_untrt", "blank", "media"})
_NEGATIVE = frozenset(
    {"negcon", "negative", "negative_control", "neg", "dmso", "vehicle", "solvent", "ctl_vehicle"}
)
_POSITIVE = frozenset({"positive", "positive_control", "pos"})
_VEHICLES = frozenset({"dmso", "dimethyl sulfoxide", "dimethylsulfoxide"})
_DMSO_KEY = "IAZDPXIOMUYVGZ-UHFFFAOYSA-N"
_DMSO_SMILES = frozenset({"CS(=O)C", "CS(C)=O", "C[S](C)=O", "CS(=O)(C)", "O=S(C)C"})
_TRUE = frozenset({"true", "1", "1.0", "yes", "y", "t"})
_FALSE = frozenset({"false", "0", "0.0", "no", "n", "f"})


def mark_controls(source: str | Path, wells: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Fill in ``Metadata_pert_type`` and ``Metadata_control_type`` from whatever a table tells of controls.

    In the order of their weight: the control type, the perturbation type, ``is_dmso``, and a compound that is
    DMSO by its name, id, InChIKey or SMILES. Negative controls lose structure, mechanism and concentration:
    none of the three is a candidate's.

    Parameters
    ----------
    source : path
        The file, for messages.
    wells : pandas.DataFrame
        Columns by the names of :data:`~molphenix_core.plates.columns.FIELDS`, texts stripped, null where empty.

    Returns
    -------
    wells : pandas.DataFrame
        With both columns, without ``Metadata_is_dmso``.
    notes : list of str
        What was derived, as sentences.

    Raises
    ------
    TableError
        For a perturbation type or a truth value of ``is_dmso`` that is none.
    """
    wells = wells.copy()
    notes: list[str] = []
    given = _lower(wells, CONTROL_TYPE)
    kind = given.map(_kind_of_control, na_action="ignore").astype(object)
    stated = _perturbations(source, wells)
    kind = kind.where(kind.notna(), stated.map(_kind_of_control, na_action="ignore"))
    kind = none_where_missing(kind)
    other = given.notna() & ~given.isin(_TREATMENT) & ~stated.isin(_TREATMENT)
    is_control = stated.isin(_UNSPECIFIED) | other | kind.notna()
    derived = (_flags(source, wells) | _is_vehicle(wells)) & kind.isna()
    kind = kind.mask(derived, NEGATIVE_CONTROL)
    is_control |= derived
    if derived.any():
        notes.append(f"{int(derived.sum())} wells are negative controls as they are marked or named as DMSO.")
    odd = given.notna() & ~given.isin(_TREATMENT) & kind.isna()
    if odd.any():
        wells["Metadata_source_control_type"] = wells[CONTROL_TYPE]
        notes.append(
            f"{int(odd.sum())} wells have a control type that is neither negcon nor poscon "
            f"({', '.join(sorted(set(given[odd])))}): kept in Metadata_source_control_type."
        )
    wells[PERTURBATION_TYPE] = np.where(is_control, "control", "trt")
    wells[CONTROL_TYPE] = kind.astype(object)
    _strip_negative_controls(wells, (kind == NEGATIVE_CONTROL).to_numpy(dtype=bool), notes)
    zero = is_control.to_numpy() & (wells[CONCENTRATION] == 0).to_numpy()
    wells.loc[zero, CONCENTRATION] = np.nan
    return wells.drop(columns=[IS_DMSO], errors="ignore"), notes


def _lower(wells: pd.DataFrame, column: str) -> pd.Series:
    if column not in wells:
        return pd.Series(None, index=wells.index, dtype=object)
    return wells[column].map(lambda text: text.lower().replace(" ", "_"), na_action="ignore").astype(object)


def _kind_of_control(text: str) -> str | None:
    if text in _NEGATIVE:
        return NEGATIVE_CONTROL
    if text.startswith("poscon"):
        return text
    return "poscon" if text in _POSITIVE else None


def _perturbations(source: str | Path, wells: pd.DataFrame) -> pd.Series:
    stated = _lower(wells, PERTURBATION_TYPE)
    known = stated.map(
        lambda text: text in _TREATMENT | _UNSPECIFIED or _kind_of_control(text) is not None,
        na_action="ignore",
    )
    known = known.isna() | known.eq(True)
    if not known.all():
        row = int((~known).to_numpy().argmax())
        found = repr(wells[PERTURBATION_TYPE].iloc[row])
        raise TableError(source, f"{PERTURBATION_TYPE}, row {row + 1}", found, "trt, control, negcon or poscon")
    return stated


def _flags(source: str | Path, wells: pd.DataFrame) -> pd.Series:
    texts = _lower(wells, IS_DMSO)
    wrong = texts.notna() & ~texts.isin(_TRUE | _FALSE)
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise TableError(source, f"{IS_DMSO}, row {row + 1}", repr(wells[IS_DMSO].iloc[row]), "true or false")
    return texts.isin(_TRUE)


def _is_vehicle(wells: pd.DataFrame) -> pd.Series:
    named = _lower(wells, NAME).str.replace("_", " ") if NAME in wells else _lower(wells, NAME)
    found = named.isin(_VEHICLES) | _lower(wells, COMPOUND).isin(_VEHICLES)
    if INCHIKEY in wells:
        found |= wells[INCHIKEY] == _DMSO_KEY
    if SMILES in wells:
        found |= wells[SMILES].isin(_DMSO_SMILES)
    return found


def _strip_negative_controls(wells: pd.DataFrame, negative: NDArray[np.bool_], notes: list[str]) -> None:
    if SMILES in wells and (count := int(wells.loc[negative, SMILES].notna().sum())):
        notes.append(f"{count} negative controls have a structure, the solvent's: left empty.")
    for column in (SMILES, INCHIKEY, MECHANISM):
        if column in wells:
            wells.loc[negative, column] = None
    wells.loc[negative, CONCENTRATION] = np.nan
