"""Hits as text: a list copied for a spreadsheet, and what a screener pastes.

Pasted text is either a table with the columns of :func:`as_table` (in any order, any of them left out), or one hit
a line: a plate and a well ("P1<TAB>B07", also with a comma or semicolon), an InChIKey, a SMILES as the plate file
writes it, or a compound's name.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from app.hit_entries import HitEntry, is_well, without_duplicates
from app.known_plates import KnownPlates
from app.open_plate import OpenPlate
from molphenix_core.errors import InputError
from molphenix_core.plates.wells import parse_well, well_name

__all__ = ["COLUMNS", "Pasted", "Unmatched", "as_table", "read_paste", "read_paste_steps"]

COLUMNS = (
    "barcode",
    "well",
    "name",
    "dose_micromolar",
    "status",
    "note",
    "smiles",
    "inchikey",
    "plate_sha256",
    "added",
    "source",
)
"""Columns of a copied list."""

_MOST_LINES = 100_000
_LINES_A_STEP = 50
_INCHIKEY = re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]\Z")
_BETWEEN = re.compile(r"\s*[\t,;]\s*")
# Spreadsheets take such a cell for a formula and run it.
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True)
class Unmatched:
    """A pasted line that is no hit.

    Parameters
    ----------
    line : int
        From one.
    text : str
    reason : str
        For the user.
    """

    line: int
    text: str
    reason: str


@dataclass(frozen=True)
class Pasted:
    """What a pasted text holds: hits in its order, each once, and the lines that are none."""

    entries: tuple[HitEntry, ...]
    unmatched: tuple[Unmatched, ...]


def read_paste(text: str, plates: Sequence[OpenPlate], added: str, source: str = "") -> Pasted:
    """Read pasted text; see the module for what it may be.

    Parameters
    ----------
    text : str
    plates : sequence of OpenPlate
        What wells, names and structures are looked up in. A well is told by its plate's barcode; without one, only
        where one physical plate is open.
    added : str
        See :func:`app.hit_entries.now`.
    source : str
        Of hits that do not say theirs; see :class:`app.hit_entries.HitEntry`.

    Returns
    -------
    Pasted

    Raises
    ------
    InputError
        More than 100,000 lines.
    """
    steps = read_paste_steps(text, plates, added, source)
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            return cast(Pasted, ended.value)


def read_paste_steps(
    text: str, plates: Sequence[OpenPlate], added: str, source: str = ""
) -> Generator[None, None, Pasted]:
    """The same in short steps, for :class:`app.slices.Slices`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff").split("\n")
    if len(lines) > _MOST_LINES:
        raise InputError("clipboard", "lines", f"{len(lines):,}", f"{_MOST_LINES:,} at most")
    filled = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    known = yield from KnownPlates.of(plates)
    entries: list[HitEntry] = []
    unmatched: list[Unmatched] = []
    columns = _header(filled[0][1]) if filled else None
    for place, (number, line) in enumerate(filled[1:] if columns else filled):
        if place % _LINES_A_STEP == 0:
            yield
        found = (
            _read_row(columns, line, known, added, source) if columns else _read_line(line, known, added, source)
        )
        if isinstance(found, HitEntry):
            entries.append(found)
        else:
            unmatched.append(Unmatched(number, line.strip(), found))
    return Pasted(without_duplicates(entries), tuple(unmatched))


def _read_line(line: str, known: KnownPlates, added: str, source: str) -> HitEntry | str:
    whole = line.strip()
    found = known.molecule(whole, added, source, key=_INCHIKEY.match(whole) is not None)
    if isinstance(found, HitEntry):
        return found
    parts = [part for part in _BETWEEN.split(whole) if part]
    if len(parts) == 1 and len(words := whole.rsplit(maxsplit=1)) == 2 and words[0].casefold() in known.barcodes:
        parts = words
    if len(parts) == 2 and (position := parse_well(parts[1])) is not None:
        return known.well(parts[0], position, added, source)
    if len(parts) == 1 and (position := parse_well(whole)) is not None:
        if len(known.barcodes) == 1:
            return known.well(next(iter(known.barcodes)), position, added, source)
        return "a well without its plate, and more than one plate is open" if known.barcodes else found
    return found


def _header(line: str) -> tuple[str, ...] | None:
    """The columns that a first line names; None where it is a hit itself."""
    names = tuple(cell.strip().casefold() for cell in line.split("\t"))
    telling = {"well", "name", "smiles", "inchikey"} & set(names)
    return names if telling and set(names) <= set(COLUMNS) and len(set(names)) == len(names) else None


def _read_row(columns: tuple[str, ...], line: str, known: KnownPlates, added: str, source: str) -> HitEntry | str:
    cells = [_plain(cell) for cell in line.split("\t")]
    if len(cells) > len(columns):
        return f"{len(cells)} cells under {len(columns)} columns"
    row = dict(zip(columns, cells, strict=False))
    # Empty cells at the end of a line get lost in some spreadsheets.
    value = {name: row.get(name, "") for name in COLUMNS}
    try:
        dose = float(value["dose_micromolar"]) if value["dose_micromolar"] else None
    except ValueError:
        return f"dose_micromolar {value['dose_micromolar']!r} is no number"
    said = {name: value[name] for name in ("note", "status") if value[name]}
    if value["source"] or source:
        said["source"] = value["source"] or source
    try:
        if value["plate_sha256"] or not value["well"]:
            return _as_told(value, dose, said, added)
        found = _read_line(f"{value['barcode']}\t{value['well']}", known, added, source)
        if isinstance(found, str):
            return found
        return _with(found, said)
    except InputError as error:
        return f"{error.field}: found {error.found}; expected {error.expected}"


def _as_told(value: Mapping[str, str], dose: float | None, said: Mapping[str, str], added: str) -> HitEntry:
    """A row that says all that a hit needs, as a copied list does: its file need not be open."""
    well = value["well"]
    position = parse_well(well)
    return _with(
        HitEntry(
            added=value["added"] or added,
            plate_sha256=value["plate_sha256"],
            barcode=value["barcode"],
            well=well_name(*position) if position and not is_well(well) else well,
            name=value["name"],
            smiles=value["smiles"],
            inchikey=value["inchikey"],
            dose=None if dose is None or math.isnan(dose) else dose,
        ),
        said,
    )


def _with(entry: HitEntry, said: Mapping[str, str]) -> HitEntry:
    fields = {name: getattr(entry, name) for name in entry.__dataclass_fields__}
    return HitEntry(**{**fields, **said})


def as_table(entries: Sequence[HitEntry]) -> str:
    """Hits as tab-separated values with a line of column names, to be pasted into a spreadsheet or a list.

    Line breaks and tabs within a value become blanks. A value that a spreadsheet would run as a formula has an
    apostrophe in front, which spreadsheets hide and :func:`read_paste` takes off.
    """
    return "\n".join("\t".join(cells) for cells in (COLUMNS, *map(_cells, entries)))


def _cells(entry: HitEntry) -> tuple[str, ...]:
    dose = "" if entry.dose is None else repr(entry.dose)
    texts = (
        entry.barcode,
        entry.well,
        entry.name,
        dose,
        entry.status,
        entry.note,
        entry.smiles,
        entry.inchikey,
        entry.plate_sha256,
        entry.added,
        entry.source,
    )
    return tuple(map(_cell, texts))


# Most texts of a list stand in many of its rows.
@functools.lru_cache(maxsize=1 << 16)
def _cell(text: str) -> str:
    text = " ".join(text.split())
    return f"'{text}" if text.startswith(_FORMULA) or _was_guarded(text) else text


def _plain(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if _was_guarded(cell) else cell


def _was_guarded(text: str) -> bool:
    return text.startswith("'") and text.lstrip("'").startswith(_FORMULA)
