"""Cherry picks: which wells of hits go where, and the files that tell a liquid handler.

The Echo file is the explicit pick list of Echo Cherry Pick: Source Plate Barcode, Source Well, Destination Plate
Barcode, Destination Well and Transfer Volume, wells without leading zeros, volumes in nanolitres.
"""

from __future__ import annotations

import csv
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from app.hit_entries import HitEntry, treatment_keys
from molphenix_core.errors import InputError
from molphenix_core.plates.wells import FORMATS, PlateFormat, parse_well, well_name
from molphenix_core.spreadsheet import guarded
from molphenix_core.writing import written_aside

__all__ = [
    "CherryPickError",
    "Dispenser",
    "LeftOut",
    "PickOptions",
    "PickPlan",
    "Transfer",
    "bare_well",
    "plan_picks",
    "write_csv",
    "write_echo_csv",
]

# Of volumes, which are typed in decimals.
_ROUNDING = 1e-9


class CherryPickError(InputError):
    """A cherry pick cannot be planned or written as asked."""


@dataclass(frozen=True)
class Dispenser:
    """What volumes a liquid handler gives, in nanolitres.

    Parameters
    ----------
    increment : float
        Every volume is a multiple of it: 2.5 for an Echo 550, 555, 650 or 655, 25 for an Echo 525.
    smallest, largest : float
        Of one transfer.
    """

    increment: float = 2.5
    smallest: float = 2.5
    largest: float = 5000.0

    def check(self, volume: float) -> None:
        """Refuse a volume that the instrument cannot give.

        Raises
        ------
        CherryPickError
        """
        # Written so that NaN is refused.
        if not self.smallest - _ROUNDING <= volume <= self.largest + _ROUNDING:
            expected = f"{self.smallest:g} to {self.largest:g} nL"
            raise CherryPickError("cherry pick", "volume", f"{volume:g} nL", expected)
        drops = volume / self.increment
        if abs(drops - round(drops)) > 1e-6:
            raise CherryPickError(
                "cherry pick", "volume", f"{volume:g} nL", f"a multiple of {self.increment:g} nL"
            )


@dataclass(frozen=True)
class PickOptions:
    """Where picks go.

    Parameters
    ----------
    barcodes : tuple of str
        The destination plates, filled one after the other.
    volume : float
        Nanolitres into each well.
    wells : {96, 384, 1536}
        Of a destination plate.
    order : {"column", "row"}
        Down the columns (A01, B01, ...) or along the rows (A01, A02, ...).
    skip : frozenset of str
        Wells of every destination plate that stay empty, such as those for controls.
    sources : mapping of str to str
        The plate that holds the compound, by the barcode of the plate it was measured on, where wells of both
        correspond; a barcode that is not named stands for itself.
    dispenser : Dispenser
    replicates : int
        Destination wells of each hit, one after the other.
    every_well : bool
        Whether each well of the list is picked, or each compound and dose once, from its first well.
    """

    barcodes: tuple[str, ...]
    volume: float
    wells: Literal[96, 384, 1536] = 384
    order: Literal["column", "row"] = "column"
    skip: frozenset[str] = frozenset()
    sources: Mapping[str, str] = field(default_factory=dict)
    dispenser: Dispenser = Dispenser()
    replicates: int = 1
    every_well: bool = True


@dataclass(frozen=True)
class Transfer:
    """One pick: ``volume`` nanolitres of the hit from a source well into a destination well."""

    entry: HitEntry
    source_barcode: str
    source_well: str
    destination_barcode: str
    destination_well: str
    volume: float


@dataclass(frozen=True)
class LeftOut:
    """A hit that is not picked, and why; ``merged`` where another well of its compound and dose is."""

    entry: HitEntry
    reason: str
    merged: bool = False


@dataclass(frozen=True)
class PickPlan:
    """The transfers in the order of the list, and what was left out of it."""

    transfers: tuple[Transfer, ...]
    left_out: tuple[LeftOut, ...]


def plan_picks(entries: Iterable[HitEntry], options: PickOptions) -> PickPlan:
    """Give every hit with a well the next free destination well.

    Parameters
    ----------
    entries : iterable of HitEntry
    options : PickOptions

    Returns
    -------
    PickPlan
        Hits without a plate or a well, and those whose source well is picked already, are left out.

    Raises
    ------
    CherryPickError
        The volume cannot be given, a barcode cannot stand in a pick list, a well to skip is none of the format, a
        destination is a source too, or the destination plates do not hold all picks.
    """
    options.dispenser.check(options.volume)
    if options.replicates < 1:
        raise CherryPickError("cherry pick", "replicates", str(options.replicates), "one at least")
    places = _destinations(options)
    for old, new in options.sources.items():
        _check_barcode(f"sources[{old!r}]", new)
    transfers: list[Transfer] = []
    left_out: list[LeftOut] = []
    picked: set[tuple[str, str]] = set()
    treatments: dict[Hashable, str] = {}
    wanted = 0
    entries = tuple(entries)
    for entry, treatment in zip(entries, treatment_keys(entries), strict=True):
        source = options.sources.get(entry.barcode, entry.barcode)
        reason = _why_not(entry) or ("its source well is picked already" if (source, entry.well) in picked else "")
        if reason:
            left_out.append(LeftOut(entry, reason))
            continue
        if not options.every_well and treatment in treatments:
            why = f"its compound and dose are picked from {treatments[treatment]}"
            left_out.append(LeftOut(entry, why, merged=True))
            continue
        treatments.setdefault(treatment, f"{source} {entry.well}")
        _check_barcode("source barcode", source)
        if source in options.barcodes:
            raise CherryPickError("cherry pick", "destination barcode", source, "a plate that is no source")
        picked.add((source, entry.well))
        for barcode, well in places[wanted : wanted + options.replicates]:
            transfers.append(Transfer(entry, source, entry.well, barcode, well, options.volume))
        wanted += options.replicates
    if wanted > len(places):
        each = len(places) // len(options.barcodes)
        plates = -(-wanted // each) if each else 0
        found = f"{len(options.barcodes)} for {wanted:,} picks, {each:,} a plate"
        expected = f"{plates}" if plates else "at least one well that is not skipped"
        raise CherryPickError("cherry pick", "destination barcodes", found, expected)
    return PickPlan(tuple(transfers), tuple(left_out))


def _why_not(entry: HitEntry) -> str:
    if not entry.well or parse_well(entry.well) is None:
        return "it has no well"
    return "" if entry.barcode else "its plate has no barcode"


def _destinations(options: PickOptions) -> list[tuple[str, str]]:
    """Every destination well, in the order in which they fill."""
    if not options.barcodes:
        raise CherryPickError("cherry pick", "destination barcodes", "none", "one at least")
    for barcode in options.barcodes:
        _check_barcode("destination barcode", barcode)
    if len(set(options.barcodes)) < len(options.barcodes):
        raise CherryPickError("cherry pick", "destination barcodes", "one twice", "each plate once")
    plate = _format(options.wells)
    skipped = {_destination_well(text, plate) for text in options.skip}
    if options.order not in ("column", "row"):
        raise CherryPickError("cherry pick", "order", repr(options.order), "'column' or 'row'")
    positions = [(r, c) for r in range(plate.rows) for c in range(plate.columns)]
    if options.order == "column":
        positions.sort(key=lambda position: (position[1], position[0]))
    free = [well_name(*position) for position in positions if position not in skipped]
    return [(barcode, well) for barcode in options.barcodes for well in free]


def _format(wells: int) -> PlateFormat:
    for plate in FORMATS:
        if plate.wells == wells:
            return plate
    raise CherryPickError("cherry pick", "wells", repr(wells), "96, 384 or 1536")


def _destination_well(text: str, plate: PlateFormat) -> tuple[int, int]:
    position = parse_well(text)
    if position is None or position[0] >= plate.rows or position[1] >= plate.columns:
        raise CherryPickError(
            "cherry pick", "wells to skip", repr(text)[:60], f"wells of a {plate.wells}-well plate"
        )
    return position


def _check_barcode(name: str, barcode: str) -> None:
    # The instruments' readers of comma-separated values know no quotes.
    if not barcode or not barcode.isascii() or not barcode.isprintable() or barcode != barcode.strip():
        raise CherryPickError("cherry pick", name, repr(barcode)[:60], "printable ASCII without blanks around it")
    if set(barcode) & set(",;\"'"):
        raise CherryPickError("cherry pick", name, repr(barcode)[:60], "a barcode without commas and quotes")


_ECHO = (
    "Source Plate Barcode",
    "Source Well",
    "Destination Plate Barcode",
    "Destination Well",
    "Transfer Volume",
)
_COLUMNS = (
    "source_barcode",
    "source_well",
    "destination_barcode",
    "destination_well",
    "volume_nanolitres",
    "name",
    "dose_micromolar",
    "smiles",
    "inchikey",
    "status",
    "note",
)


def write_echo_csv(plan: PickPlan, path: str | Path) -> None:
    """Write the transfers as an Echo pick list.

    Raises
    ------
    CherryPickError
        There is nothing to pick, or it cannot be written there; what stood there before is untouched.
    """
    _write(
        path,
        _ECHO,
        (
            (
                t.source_barcode,
                bare_well(t.source_well),
                t.destination_barcode,
                bare_well(t.destination_well),
                f"{t.volume:.10g}",
            )
            for t in plan.transfers
        ),
        plan.transfers,
    )


def write_csv(plan: PickPlan, path: str | Path) -> None:
    """Write the transfers with what is picked; see :func:`write_echo_csv` for what is raised.

    People open this table in a spreadsheet: texts that it would run as formulas have an apostrophe in front. The
    Echo file is for the instrument, and holds every barcode as it is.
    """
    rows = (
        (
            t.source_barcode,
            t.source_well,
            t.destination_barcode,
            t.destination_well,
            f"{t.volume:.10g}",
            t.entry.name,
            "" if t.entry.dose is None else f"{t.entry.dose:.6g}",
            t.entry.smiles,
            t.entry.inchikey,
            t.entry.status,
            t.entry.note,
        )
        for t in plan.transfers
    )
    _write(path, _COLUMNS, ([guarded(text) for text in row] for row in rows), plan.transfers)


def _write(
    path: str | Path, columns: Sequence[str], rows: Iterable[Sequence[str]], transfers: Sequence[Transfer]
) -> None:
    if not transfers:
        raise CherryPickError(path, "transfers", "none", "one at least")
    with (
        written_aside(path, CherryPickError) as aside,
        aside.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def bare_well(well: str) -> str:
    """A well as the Echo names it: A1, not A01."""
    letters = well.rstrip("0123456789")
    return letters + str(int(well[len(letters) :]))
