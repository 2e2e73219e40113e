"""From a profile table to a plate file."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from molphenix_core.errors import TableError
from molphenix_core.plates.check import checked_wells
from molphenix_core.plates.columns import Columns, find_columns, is_identifier, is_morphological
from molphenix_core.plates.concentrations import UNITS, parse_unit
from molphenix_core.plates.controls import mark_controls
from molphenix_core.plates.features import Completed, complete_features
from molphenix_core.plates.files import write_plate
from molphenix_core.plates.joins import NOT_OF_A_COMPOUND, Join, join_compounds, join_plate_map
from molphenix_core.plates.metadata import describe_wells
from molphenix_core.plates.normalise import ROBUST
from molphenix_core.plates.placement import canonical_wells, place_wells, table_stem
from molphenix_core.plates.plate import (
    COMPOUND,
    CONCENTRATION,
    INCHIKEY,
    MECHANISM,
    NAME,
    PERTURBATION_TYPE,
    PLATE,
    SMILES,
    WELL,
    EmbeddingInfo,
    Plate,
)
from molphenix_core.plates.report import ConversionReport
from molphenix_core.plates.tables import Table, read_profile_table
from molphenix_core.progress import Progress, silent

__all__ = ["convert_table", "plate_from_table"]

_LARGEST_USUAL_DOSE = 1000.0  # micromolar; screens rarely reach it, tables in a wrong unit do


def convert_table(
    table: str | Path,
    out: str | Path,
    *,
    plate_map: str | Path | None = None,
    compounds: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    unit: str | None = None,
    encoder: str | None = None,
    version: str = "",
    normalisation: Sequence[str] | None = None,
    without_structure: Sequence[str] = (),
    progress: Progress = silent,
) -> ConversionReport:
    """Convert a profile table to a plate file; ``str()`` of the report is for people.

    Parameters
    ----------
    table : path
        CSV, TSV (gzipped or not) or Parquet, one row a well or a treatment.
    out : path
        The plate file (``.h5ad``) to write.
    plate_map, compounds : path, optional
        Tables to join: one row a well, one row a compound.
    columns : dict, optional
        The table's column for some of :data:`~molphenix_core.plates.columns.FIELDS`, where the guess by name
        is wrong; not used for the plate map and the compound table.
    unit : str, optional
        Unit of concentrations written without one ("uM", "nM", ...); goes before a unit in the column's name.
    encoder, version : str, optional
        What made the features; None guesses "cellprofiler" from their names, else "unknown".
    normalisation : sequence of str, optional
        Steps already applied, () for none; None guesses from the file's name, and is unknown where that is mute.
    without_structure : sequence of str
        Names or ids of compounds whose structure in the table is wrong: their wells keep everything else.
    progress : callable
        See :mod:`molphenix_core.progress`.

    Returns
    -------
    ConversionReport
        What was read from which column, what was left out or filled, and what is missing.

    Raises
    ------
    TableError
        Naming file, field, found and expected.
    PlateFileError
        The plate file cannot be written.
    """
    out = Path(out)
    for source in (table, plate_map, compounds):
        if source is not None and Path(source).resolve() == out.resolve():
            raise TableError(source, "out", "the table itself", "another file to write to")
    plate, report = plate_from_table(
        table,
        plate_map=plate_map,
        compounds=compounds,
        columns=columns,
        unit=unit,
        encoder=encoder,
        version=version,
        normalisation=normalisation,
        without_structure=without_structure,
        progress=lambda share, message: progress(0.8 * share, message),
        out=str(out),
    )
    progress(0.8, f"Writing {out.name}")
    write_plate(plate, out)
    progress(1.0, f"Wrote {len(plate):,} wells")
    return report


def plate_from_table(
    table: str | Path,
    *,
    plate_map: str | Path | None = None,
    compounds: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    unit: str | None = None,
    encoder: str | None = None,
    version: str = "",
    normalisation: Sequence[str] | None = None,
    without_structure: Sequence[str] = (),
    progress: Progress = silent,
    out: str = "",
) -> tuple[Plate, ConversionReport]:
    """The plate that :func:`convert_table` writes, and its report.

    Parameters
    ----------
    table, plate_map, compounds, columns, unit, encoder, version, normalisation, without_structure, progress
        As for :func:`convert_table`.
    out : str
        The file that the report names as written.

    Returns
    -------
    Plate
        Embeddings float32 (n_wells, d), concentrations in micromolar.
    ConversionReport

    Raises
    ------
    TableError
        Naming file, field, found and expected.
    """
    if unit is not None and (unit := parse_unit(given := unit)) is None:
        raise TableError("command line", "unit", repr(given), ", ".join(UNITS))
    given_columns = frozenset((columns or {}).values())
    progress(0.0, f"Reading {Path(table).name}")
    read = read_profile_table(table, as_text=lambda name: is_identifier(name) or name in given_columns)
    found = find_columns(read.source, read.frame, columns=columns)
    wells = describe_wells(read, found, unit)
    notes = [*read.notes, *found.notes]
    progress(0.4, "Joining")
    wells, joins = _joined(read, found, wells, plate_map, compounds, unit, notes)
    progress(0.5, "Finding controls and wells")
    wells = _completed_wells(read, found, wells, notes)
    progress(0.6, "Completing features")
    numbers = read.frame[list(found.features)].apply(pd.to_numeric)
    with np.errstate(over="ignore"):
        values = numbers.to_numpy(dtype=np.float64, na_value=np.nan).astype(np.float32)
    done = complete_features(read.source, values, wells[PLATE])
    names = np.array(list(found.features.values()), dtype=object)
    kept = checked_wells(read.source, wells.iloc[done.wells])
    kept = _without_structure(read.source, kept, without_structure, notes)
    notes += _shared_structures(kept)
    if encoder is None:
        encoder = "cellprofiler" if 2 * sum(map(is_morphological, names)) > len(names) else "unknown"
    steps = _normalisation_in(table, notes) if normalisation is None else tuple(normalisation)
    plate = Plate(
        wells=kept,
        embeddings=done.values,
        feature_names=tuple(str(name) for name in names[done.features]),
        embedding=EmbeddingInfo(encoder=encoder, version=version, normalisation=steps),
        source=read.source,
    )
    return plate, _report(read, found, wells, plate, done, joins, notes, out)


def _joined(
    read: Table,
    found: Columns,
    wells: pd.DataFrame,
    plate_map: str | Path | None,
    compounds: str | Path | None,
    unit: str | None,
    notes: list[str],
) -> tuple[pd.DataFrame, tuple[Join, ...]]:
    joins = []
    if plate_map is not None:
        if WELL in wells:
            wells[WELL] = canonical_wells(read.source, found.fields[WELL], wells[WELL])
        described = _described(plate_map, unit, notes)
        wells, join = join_plate_map(wells, described, plate_map)
        joins.append(join)
    if compounds is not None:
        described = _described(compounds, unit, notes, of_compounds=True)
        if COMPOUND not in described:
            _name_by_id(found, wells, notes)
        wells, join = join_compounds(wells, described, compounds)
        joins.append(join)
    return wells, tuple(joins)


def _described(
    path: str | Path, unit: str | None, notes: list[str], *, of_compounds: bool = False
) -> pd.DataFrame:
    read = read_profile_table(path, as_text=bool)
    notes += [f"{Path(path).name}: {note}" for note in read.notes]
    found = find_columns(read.source, read.frame, with_features=False)
    if of_compounds:
        left_out = {field: name for field, name in found.fields.items() if field in NOT_OF_A_COMPOUND}
        if left_out:
            names = ", ".join(left_out.values())
            notes.append(f"{Path(path).name}: left out {names}, as a compound table tells nothing of wells.")
        fields = {field: name for field, name in found.fields.items() if field not in left_out}
        found = dataclasses.replace(found, fields=fields)
    wells = describe_wells(read, found, unit)
    if WELL in wells:
        wells[WELL] = canonical_wells(read.source, found.fields[WELL], wells[WELL])
    return wells


def _name_by_id(found: Columns, wells: pd.DataFrame, notes: list[str]) -> None:
    """Tables without names often hold them in the column of ids, as BBBC021's does."""
    if COMPOUND in wells and NAME not in wells:
        wells[NAME] = wells[COMPOUND]
        notes.append(f"No names: {found.fields.get(COMPOUND, COMPOUND)!r} serves as the compounds' names too.")


def _completed_wells(read: Table, found: Columns, wells: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Wells after joining, with controls, doses, names and places settled."""
    if CONCENTRATION not in wells:
        wells[CONCENTRATION] = np.nan
    wells, more = mark_controls(read.source, wells)
    notes += more
    field = found.fields.get(CONCENTRATION, CONCENTRATION)
    zero = ((wells[PERTURBATION_TYPE] == "trt") & (wells[CONCENTRATION] == 0)).to_numpy()
    if zero.any():
        expected = "above zero for a treatment, empty where unknown, or the row marked as a control"
        raise TableError(read.source, f"{field}, row {int(zero.argmax()) + 1}", f"0 ({zero.sum()} such)", expected)
    doses = wells[CONCENTRATION].dropna()
    if len(doses) and doses.median() > _LARGEST_USUAL_DOSE:
        notes.append(
            f"Half of the doses are over {_LARGEST_USUAL_DOSE:,.0f} uM as {field!r} was read: is its unit right? "
            "Some published tables write micromolar under a millimolar name; the unit uM, given, reads them so."
        )
    if MECHANISM in wells:
        codes = wells[MECHANISM].map(str.isdecimal, na_action="ignore").eq(True).to_numpy()
        if codes.any():
            shown = ", ".join(sorted(set(wells.loc[codes, MECHANISM]), key=int)[:5])
            notes.append(
                f"{codes.sum():,} wells have a number as mechanism ({shown}...), a cluster's: left empty."
            )
            wells.loc[codes, MECHANISM] = None
    _name_by_id(found, wells, notes)
    wells, more = place_wells(read.source, wells, fields=dict(found.fields))
    notes += more
    return wells


def _without_structure(
    source: str, wells: pd.DataFrame, compounds: Sequence[str], notes: list[str]
) -> pd.DataFrame:
    """Leave compounds without their structure, as the user knows it to be wrong."""
    for compound in compounds:
        named = pd.Series(False, index=wells.index)
        for column in (NAME, COMPOUND):
            if column in wells:
                named |= (wells[column] == compound).fillna(False).astype(bool)
        if not named.any():
            raise TableError(source, "without structure", repr(compound), "a compound name or id of the table")
        structures = [column for column in (SMILES, INCHIKEY) if column in wells]
        wells.loc[named, structures] = None
        notes.append(f"{compound!r}: the structure of {int(named.sum())} wells was left out, as asked.")
    return wells


def _shared_structures(wells: pd.DataFrame) -> list[str]:
    """Compounds of different names under one structure: synonyms, or a mistake that merges two treatments."""
    if NAME not in wells:
        return []
    named = wells[[SMILES, NAME]].dropna().drop_duplicates()
    return [
        f"{' and '.join(map(repr, names))} have one structure, {str(smiles)[:60]}: they count as one molecule."
        for smiles, names in named.groupby(SMILES, sort=False)[NAME]
        if len(names) > 1
    ]


def _normalisation_in(table: str | Path, notes: list[str]) -> tuple[str, ...] | None:
    """Steps that pipelines write into the names of their files, such as "..._normalized_feature_select_negcon"."""
    words = table_stem(table).lower()
    done = re.search(r"mad_robusti[sz]ed?|normali[sz]ed|standardi[sz]ed", words)
    sphered = re.search(r"spheri[sz]ed|sphered|spheri[sz]e|whitened", words)
    steps = []
    if done:
        steps.append(ROBUST if "negcon" in words else done.group())
    if sphered:
        steps.append(sphered.group())
    if not steps:
        return None
    notes.append(f"Taken as normalised ({', '.join(steps)}) because the file's name says so.")
    return tuple(steps)


def _report(
    read: Table,
    found: Columns,
    wells: pd.DataFrame,
    plate: Plate,
    done: Completed,
    joins: tuple[Join, ...],
    notes: list[str],
    out: str,
) -> ConversionReport:
    columns = list(found.features)
    treated = plate.is_treated
    structures = plate.wells[SMILES].notna().to_numpy()
    dropped = np.setdiff1d(np.arange(len(wells)), done.wells)
    lost = np.setdiff1d(np.arange(len(columns)), done.features)
    missing = []
    if not plate.barcodes:
        missing.append("Plates and wells: no plate map, and nothing normalised to controls.")
    elif not plate.is_negative_control.any():
        missing.append("Negative controls: normalisation falls back on all wells of a plate.")
    if count := int((treated & ~structures).sum()):
        missing.append(f"{count:,} treated wells have no structure.")
    if count := int((treated & plate.wells[CONCENTRATION].isna().to_numpy()).sum()):
        missing.append(f"{count:,} treated wells have no known concentration.")
    return ConversionReport(
        source=read.source,
        out=out,
        mapped=dict(found.fields),
        kept=found.others,
        features=len(columns),
        first_feature=columns[0],
        last_feature=columns[-1],
        encoder=plate.embedding.encoder,
        normalisation=plate.embedding.normalisation,
        wells=len(plate),
        wells_in_table=len(wells),
        features_written=plate.embeddings.shape[1],
        plates=plate.barcodes,
        negative_controls=int(plate.is_negative_control.sum()),
        other_controls=int((~treated & ~plate.is_negative_control).sum()),
        treated=int(treated.sum()),
        with_structure=int((treated & structures).sum()),
        joins=joins,
        dropped_wells=tuple(str(name) for name in wells.index[dropped]),
        dropped_features=tuple(columns[i] for i in lost),
        filled=done.filled,
        filled_over_plates=done.filled_over_plates,
        notes=tuple(notes),
        missing=tuple(missing),
    )
