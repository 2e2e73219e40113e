"""Hits as a file: a table for programs, a workbook with drawn structures, or an SD file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from rdkit import Chem, rdBase
from rdkit.Chem.rdDepictor import Compute2DCoords

from molphenix_core.errors import InputError, MoleculeError
from molphenix_core.molecules.depict import depict_png
from molphenix_core.progress import Progress, silent
from molphenix_core.spreadsheet import Cell, PictureColumn, SheetColumn, guarded, write_xlsx
from molphenix_core.writing import written_aside

__all__ = ["ENDINGS", "require_hits_format", "write_hits"]

ENDINGS = (".csv", ".xlsx", ".sdf")
"""The formats, by the ending of the name."""

_STRUCTURE = "hit_smiles"
_PICTURE = (150, 100)
_PICTURES_A_STEP = 20
_RECORDS_A_STEP = 50


def write_hits(hits: pd.DataFrame, path: str | Path, *, progress: Progress = silent) -> int:
    """Write hits as ``.csv``, as ``.xlsx`` with drawn structures, or as ``.sdf`` with all columns as properties.

    The file is written aside and renamed. An SD file leaves out measured treatments without a structure, or with
    one that RDKit refuses. In a CSV file, texts that a spreadsheet would run as formulas have an apostrophe in
    front, see :func:`molphenix_core.spreadsheet.guarded`.

    Parameters
    ----------
    hits : pandas.DataFrame
        Of :func:`~molphenix_core.retrieval.hits.hits_table`; doses in micromolar.
    path : path
        The file to write; one that is there is replaced.
    progress : callable
        Told the share done.

    Returns
    -------
    int
        How many hits were written: in an SD file fewer than there are where structures are missing.

    Raises
    ------
    InputError
        For another ending, or a place that cannot be written to.
    Cancelled
        From ``progress``; nothing is written then.
    """
    path = Path(path)
    require_hits_format(path)
    ending = path.suffix.lower()
    if ending == ".xlsx":
        write_xlsx(path, _sheet(hits, progress), progress=progress)
        return len(hits)
    with written_aside(path) as temporary:
        if ending == ".sdf":
            return _write_sdf(hits, temporary, progress)
        _write_csv(hits, temporary)
    return len(hits)


def require_hits_format(path: str | Path) -> None:
    """Make sure that hits can be written by this name, before they are computed.

    Parameters
    ----------
    path : path
        To be written; it need not exist.

    Raises
    ------
    InputError
        For another ending than those of :data:`ENDINGS`.
    """
    suffix = Path(path).suffix
    if suffix.lower() not in ENDINGS:
        raise InputError(path, "file name", suffix or "no ending", " or ".join(ENDINGS))


def _write_csv(hits: pd.DataFrame, path: Path) -> None:
    # Columns of objects would keep every digit of a float.
    safe = hits.map(lambda value: guarded(value) if isinstance(value, str) else value)
    safe.infer_objects().to_csv(path, index=False, float_format="%.6g", lineterminator="\n")


def _write_sdf(hits: pd.DataFrame, path: Path, progress: Progress) -> int:
    """Write the records, and count them."""
    written = 0
    with Chem.SDWriter(str(path)) as writer, rdBase.BlockLogs():
        for place, (_, hit) in enumerate(hits.iterrows()):
            if place % _RECORDS_A_STEP == 0:
                progress(place / len(hits), "Writing structures")
            molecule = None if pd.isna(hit[_STRUCTURE]) else Chem.MolFromSmiles(hit[_STRUCTURE])
            if molecule is None or not molecule.GetNumAtoms():
                continue
            # Without coordinates a mol block has neither a picture nor stereochemistry.
            Compute2DCoords(molecule)
            molecule.SetProp("_Name", _line(hit["hit_name"]))
            for column, value in hit.items():
                if not pd.isna(value):
                    molecule.SetProp(str(column), _line(value))
            writer.write(molecule)
            written += 1
    return written


def _line(value: object) -> str:
    """One line: an empty line would end a property of an SD file."""
    return " ".join((f"{value:.6g}" if isinstance(value, float) else str(value)).split())


def _sheet(hits: pd.DataFrame, progress: Progress) -> list[SheetColumn | PictureColumn]:
    pictures = _pictures(hits[_STRUCTURE], progress)
    width, height = _PICTURE
    columns: list[SheetColumn | PictureColumn] = [
        SheetColumn(str(name), [_cell(value) for value in hits[name]]) for name in hits
    ]
    columns.insert(0, PictureColumn("hit_structure", pictures, width, height))
    return columns


def _cell(value: object) -> Cell:
    if pd.isna(value):  # type: ignore[call-overload]
        return None
    # Numbers of numpy are none of Python's.
    plain = value.item() if hasattr(value, "item") else value
    return plain if isinstance(plain, (str, bool, int, float)) else str(plain)


def _pictures(smiles: pd.Series, progress: Progress) -> list[bytes | None]:
    """A drawing for each row, each structure drawn once; None where there is none or it cannot be drawn."""
    width, height = _PICTURE
    drawn: dict[str, bytes | None] = {}
    different = list(dict.fromkeys(smiles.dropna()))
    for place, text in enumerate(different):
        if place % _PICTURES_A_STEP == 0:
            progress(place / len(different), "Drawing structures")
        try:
            drawn[text] = depict_png(text, width=width, height=height, scale=2)
        except MoleculeError:
            # A measured treatment may have a structure that RDKit refuses: its row says which.
            drawn[text] = None
    return [drawn.get(text) if isinstance(text, str) else None for text in smiles]
