"""What is dragged from one view to another, to other programs, and what comes from them: as Qt's mime data.

Within the program hits travel as the table of :mod:`app.hit_list_text`; beside it stands what other programs read:
the table as tab-separated values, structures as SMILES and as a molfile, and a picture.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QMimeData
from PySide6.QtGui import QImage

from app.hit_entries import HitEntry, entries_of_molecules, entries_of_rows, now
from app.hit_list_text import as_table
from app.open_plate import OpenPlate
from app.records import Molecule
from molphenix_core.errors import InputError

__all__ = [
    "HITS",
    "STRUCTURE_FILES",
    "Dropped",
    "candidates_mime",
    "dropped",
    "files_to_open",
    "has_hits",
    "hits_mime",
    "molecules_mime",
    "table_mime",
    "wells_mime",
]

HITS = "application/x-molphenix-hits"
"""Hits within the program."""

TABLE = "text/tab-separated-values"
SMILES = "chemical/x-daylight-smiles"
MOLFILE = "chemical/x-mdl-molfile"

STRUCTURE_FILES = (".sdf", ".mol", ".smi", ".txt", ".csv", ".tsv")
"""Files that a hit list takes."""

_TEXTS = (".smi", ".txt", ".csv", ".tsv")
_LARGEST_TEXT = 16 << 20


@dataclass(frozen=True)
class Dropped:
    """What came onto a hit list: text to be read as pasted text is, and files of structures.

    Parameters
    ----------
    text : str
    files : tuple of str
        Molfiles and SD files, for the process that reads structures.
    source : str
        What hits of it are said to come from.
    """

    text: str
    files: tuple[str, ...] = ()
    source: str = "dropped"


def hits_mime(entries: Sequence[HitEntry]) -> QMimeData:
    """Hits, to be dropped on a list or into a spreadsheet."""
    data, table = QMimeData(), as_table(entries)
    _set(data, HITS, table)
    _set(data, TABLE, table)
    data.setText(table)
    smiles = "\n".join(_smiles_line(entry.smiles, entry.name) for entry in entries if entry.smiles)
    if smiles:
        _set(data, SMILES, smiles)
    return data


def wells_mime(plate: OpenPlate, rows: NDArray[np.integer] | Sequence[int]) -> QMimeData:
    """Wells of a file: barcodes, wells and what they hold."""
    return hits_mime(entries_of_rows(plate, rows, now(), "selection"))


def molecules_mime(
    molecules: Sequence[tuple[Molecule, float | None]],
    source: str = "",
    *,
    molfile: str = "",
    picture: QImage | None = None,
) -> QMimeData:
    """Molecules, each with its dose in micromolar: as plain text their SMILES, one a line.

    Parameters
    ----------
    molecules : sequence of (Molecule, float or None)
    source : str
        See :class:`app.hit_entries.HitEntry`.
    molfile : str
        Of the one molecule that is dragged.
    picture : QImage or None
        Of it.
    """
    data = candidates_mime(entries_of_molecules(molecules, now(), source))
    if molfile:
        _set(data, MOLFILE, molfile)
    if picture is not None and not picture.isNull():
        data.setImageData(picture)
    return data


def candidates_mime(entries: Sequence[HitEntry]) -> QMimeData:
    """Molecules that are hits already: as plain text their SMILES, one a line."""
    data = hits_mime(entries)
    data.setText("\n".join(entry.smiles or entry.name for entry in entries))
    return data


def table_mime(text: str) -> QMimeData:
    """Rows of any table, as tab-separated values."""
    data = QMimeData()
    data.setText(text)
    _set(data, TABLE, text)
    return data


def files_to_open(data: QMimeData) -> list[str]:
    """The plate files and sessions among the files: all but those that a hit list takes."""
    return [path for path in _files(data) if Path(path).suffix.lower() not in STRUCTURE_FILES]


def has_hits(data: QMimeData) -> bool:
    """Whether a hit list could take it: what it is worth only reading tells."""
    if data.hasFormat(HITS):
        return True
    files = _files(data)
    return any(Path(path).suffix.lower() in STRUCTURE_FILES for path in files) if files else data.hasText()


def dropped(data: QMimeData) -> Dropped:
    """Take up what was dropped on a hit list.

    Raises
    ------
    InputError
        A file that cannot be read, is no text, or has more than 16 MiB of it.
    """
    if data.hasFormat(HITS):
        return Dropped(bytes(data.data(HITS).data()).decode("utf-8"), source="")
    paths = [path for path in _files(data) if Path(path).suffix.lower() in STRUCTURE_FILES]
    if not paths:
        return Dropped(data.text())
    texts = [_text_of(Path(path)) for path in paths if Path(path).suffix.lower() in _TEXTS]
    structures = tuple(path for path in paths if Path(path).suffix.lower() not in _TEXTS)
    return Dropped("\n".join(texts), structures, Path(paths[0]).name if len(paths) == 1 else "files")


def _files(data: QMimeData) -> list[str]:
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]


def _text_of(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > _LARGEST_TEXT:
            raise InputError(path, "size", f"{size:,} bytes", f"{_LARGEST_TEXT:,} at most")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(path, "file", error.strerror or str(error), "a text to read") from error
    except UnicodeDecodeError as error:
        raise InputError(path, "encoding", str(error), "UTF-8") from error
    return _as_tabs(text) if path.suffix.lower() == ".csv" else text


def _as_tabs(text: str) -> str:
    """Comma-separated values as pasted tables are."""
    first = text.partition("\n")[0]
    between = max(",;", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=between)
    return "\n".join("\t".join(" ".join(cell.split()) for cell in row) for row in rows)


def _smiles_line(smiles: str, name: str) -> str:
    return f"{smiles} {' '.join(name.split())}".strip()


def _set(data: QMimeData, kind: str, text: str) -> None:
    data.setData(kind, QByteArray(text.encode("utf-8")))
