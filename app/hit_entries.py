"""Hits and lists of hits as records: where a hit was measured, what it is, and what a screener says of it."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NoReturn, get_args

import numpy as np
from numpy.typing import NDArray

from app.open_plate import OpenPlate
from app.records import Molecule
from molphenix_core.errors import InputError
from molphenix_core.plates.doses import nominal_doses
from molphenix_core.plates.wells import parse_well, well_name

__all__ = [
    "STATUSES",
    "HitEntry",
    "HitList",
    "Identity",
    "Status",
    "difference",
    "entries_of_molecules",
    "entries_of_rows",
    "intersection",
    "is_well",
    "now",
    "symmetric_difference",
    "treatment_keys",
    "union",
    "without_duplicates",
]

Status = Literal["new", "to confirm", "confirmed", "rejected"]
STATUSES: tuple[Status, ...] = get_args(Status)
"""What a screener may say of a hit."""

Identity = Literal["well", "treatment"]

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")
# A name or a structure, not a file pasted into a cell.
_LONGEST = 10_000


def now() -> str:
    """The time in UTC to the second, as ``2026-01-31T09:30:00Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# The hits of one selection were all added at one time, and ten thousand of them are checked as a session opens.
@functools.lru_cache(maxsize=1024)
def is_time(text: str) -> bool:
    """Whether a text is a time as :func:`now` writes it."""
    if not _TIME.match(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class HitEntry:
    """One hit: a well, or a molecule without one.

    Parameters
    ----------
    added : str
        When it came into a list, in UTC; see :func:`now`.
    plate_sha256 : str
        Of the plate file that was open, "" without a well.
    barcode, well : str
        The physical plate, "" for tables without plates, and the well as "B07"; both "" without a well.
    name, smiles, inchikey : str
        The molecule, each "" where unknown.
    dose : float or None
        Micromolar.
    note : str
        Free text of one line or several.
    status : str
        One of :data:`STATUSES`.
    source : str
        How it came into the list, as "selection" or "predicted"; "" where nobody said.

    Raises
    ------
    InputError
        Naming the value that no hit can have.
    """

    added: str
    plate_sha256: str = ""
    barcode: str = ""
    well: str = ""
    name: str = ""
    smiles: str = ""
    inchikey: str = ""
    dose: float | None = None
    note: str = ""
    status: Status = "new"
    source: str = ""

    def __post_init__(self) -> None:
        # The rest is asked only of what is wrong: a pasted list has ten thousands of them.
        if not (
            is_time(self.added)
            and (_SHA256.match(self.plate_sha256) if self.plate_sha256 else not self.well)
            and (is_well(self.well) if self.well else not self.barcode)
            and self.status in STATUSES
            and (self.dose is None or 0 < self.dose < float("inf"))
            and (self.well or self.name or self.smiles or self.inchikey)
        ):
            self._refuse()
        for field in ("barcode", "name", "smiles", "inchikey", "note", "source"):
            if len(getattr(self, field)) > _LONGEST:
                found = f"{len(getattr(self, field)):,} characters"
                raise InputError("hit", field, found, f"{_LONGEST:,} at most")

    def _refuse(self) -> NoReturn:
        for field, wrong, expected in (
            ("added", not is_time(self.added), "a time in UTC as 2026-01-31T09:30:00Z"),
            ("plate_sha256", not (_SHA256.match(self.plate_sha256) or not self.plate_sha256), "64 hex digits"),
            ("well", not (not self.well or is_well(self.well)), "a well as B07, or as 'row 12' without plates"),
            ("plate_sha256", bool(self.well) and not self.plate_sha256, "the file that the well is in"),
            ("well", bool(self.barcode) and not self.well, "a well, where there is a plate"),
            ("status", self.status not in STATUSES, "one of " + ", ".join(STATUSES)),
            ("dose", self.dose is not None and not 0 < self.dose < float("inf"), "a dose in micromolar"),
            ("name", not (self.well or self.name or self.smiles or self.inchikey), "a well or a molecule"),
        ):
            if wrong:
                raise InputError("hit", field, repr(getattr(self, field))[:60], expected)
        raise AssertionError("a hit was refused for nothing")

    def saying(self, *, note: str | None = None, status: Status | None = None) -> HitEntry:
        """The same hit with another note or status.

        Raises
        ------
        InputError
            A note or status that no hit can have.
        """
        said = {name: value for name, value in (("note", note), ("status", status)) if value is not None}
        if all(value == getattr(self, name) for name, value in said.items()):
            return self
        if len(note or "") > _LONGEST or (status is not None and status not in STATUSES):
            return dataclasses.replace(self, **said)  # type: ignore[arg-type]
        # What stays was checked when it came: thousands are marked at once.
        made = object.__new__(HitEntry)
        vars(made).update({**vars(self), **said})
        vars(made).pop("_text", None)
        return made

    @property
    def molecule_key(self) -> str:
        """What makes two hits one molecule: the InChIKey, else the structure, else the name; "" for none."""
        return self.inchikey or self.smiles or self.name.casefold()

    @functools.cached_property
    def identity(self) -> Hashable:
        """What makes two hits of one list the same: the well, and without a well the molecule and its dose."""
        if self.well:
            return ("well", self.plate_sha256, self.barcode, self.well)
        return ("molecule", self.molecule_key, self.dose)


@dataclass(frozen=True)
class HitList:
    """A named list of hits, in the order they were added, none twice by :attr:`HitEntry.identity`.

    Raises
    ------
    InputError
        Without a name, or with a hit twice.
    """

    name: str
    created: str
    entries: tuple[HitEntry, ...] = ()

    def __post_init__(self) -> None:
        if not self.name.strip() or self.name != self.name.strip() or not self.name.isprintable():
            raise InputError("hit list", "name", repr(self.name)[:60], "a name of one line")
        if len(self.name) > 200:
            raise InputError("hit list", "name", f"{len(self.name)} characters", "200 at most")
        if not is_time(self.created):
            raise InputError("hit list", "created", repr(self.created)[:60], "a time in UTC")
        if len({entry.identity for entry in self.entries}) < len(self.entries):
            raise InputError("hit list", "entries", "a hit twice", "each well or molecule once")


# A screen has a few thousand names for its wells, and lists name them again and again.
@functools.lru_cache(maxsize=4096)
def is_well(text: str) -> bool:
    """Whether a text names a well as :meth:`app.open_plate.OpenPlate.well` does."""
    position = parse_well(text)
    if position is not None:
        return text == well_name(*position)
    return re.fullmatch(r"row [1-9][0-9]{0,8}", text) is not None


def entries_of_rows(
    plate: OpenPlate, rows: Iterable[int] | NDArray[np.intp], added: str, source: str = ""
) -> tuple[HitEntry, ...]:
    """The hits that some wells are.

    Parameters
    ----------
    plate : OpenPlate
    rows : int (n,)
        Wells of that file.
    added : str
        See :func:`now`.
    source : str
        See :class:`HitEntry`.

    Returns
    -------
    tuple of HitEntry (n,)
        In the order of the rows.
    """
    nothing = Molecule("", "")
    known: dict[int, tuple[Molecule, float | None]] = {-1: (nothing, None)}
    found = []
    for row in (int(row) for row in rows):
        on, treatment = int(plate.plate_of_well[row]), max(int(plate.treatment_of_well[row]), -1)
        if treatment not in known:
            known[treatment] = plate.molecule(treatment), plate.treatments["concentration"][treatment]
        molecule, dose = known[treatment]
        found.append(
            HitEntry(
                added=added,
                plate_sha256=plate.sha256,
                barcode=plate.barcodes[on] if on >= 0 else "",
                well=plate.well(row),
                name=molecule.name,
                smiles=molecule.smiles,
                inchikey=molecule.inchikey,
                dose=dose,
                source=source,
            )
        )
    return tuple(found)


def entries_of_molecules(
    molecules: Iterable[tuple[Molecule, float | None]], added: str, source: str = ""
) -> tuple[HitEntry, ...]:
    """The hits that some molecules are, such as candidates of a ranking, each with its dose in micromolar."""
    return without_duplicates(
        HitEntry(added=added, name=m.name, smiles=m.smiles, inchikey=m.inchikey, dose=dose, source=source)
        for m, dose in molecules
        if m.name or m.smiles or m.inchikey
    )


def without_duplicates(entries: Iterable[HitEntry]) -> tuple[HitEntry, ...]:
    """Each hit where it stands first."""
    first: dict[Hashable, HitEntry] = {}
    for entry in entries:
        first.setdefault(entry.identity, entry)
    return tuple(first.values())


def union(a: Sequence[HitEntry], b: Sequence[HitEntry], by: Identity) -> tuple[HitEntry, ...]:
    """The hits of ``a``, then those of ``b`` that ``a`` has not.

    Parameters
    ----------
    a, b : sequence of HitEntry
    by : {"well", "treatment"}
        What makes two hits one, of one list or of both: the well; or molecule and dose, where doses within 5 % are
        one (:func:`molphenix_core.plates.doses.nominal_doses`) and an unknown dose is a dose of its own, so that
        of replicates the first stays. A hit without a well is always told by its treatment, one without a molecule
        by its well.

    Returns
    -------
    tuple of HitEntry
        Notes and status of the list named first win.
    """
    keys_a, keys_b = _keys(a, b, by)
    return tuple(_first([*a, *b], [*keys_a, *keys_b]).values())


def intersection(a: Sequence[HitEntry], b: Sequence[HitEntry], by: Identity) -> tuple[HitEntry, ...]:
    """The hits of ``a`` that ``b`` has too; see :func:`union`."""
    keys_a, keys_b = _keys(a, b, by)
    first, known = _first(a, keys_a), set(keys_b)
    return tuple(entry for key, entry in first.items() if key in known)


def difference(a: Sequence[HitEntry], b: Sequence[HitEntry], by: Identity) -> tuple[HitEntry, ...]:
    """The hits of ``a`` that ``b`` has not; see :func:`union`."""
    keys_a, keys_b = _keys(a, b, by)
    first, known = _first(a, keys_a), set(keys_b)
    return tuple(entry for key, entry in first.items() if key not in known)


def symmetric_difference(a: Sequence[HitEntry], b: Sequence[HitEntry], by: Identity) -> tuple[HitEntry, ...]:
    """The hits of ``a`` that ``b`` has not, then those of ``b`` that ``a`` has not; see :func:`union`."""
    return without_duplicates([*difference(a, b, by), *difference(b, a, by)])


def _first(entries: Sequence[HitEntry], keys: Sequence[Hashable]) -> dict[Hashable, HitEntry]:
    first: dict[Hashable, HitEntry] = {}
    for entry, key in zip(entries, keys, strict=True):
        first.setdefault(key, entry)
    return first


def _keys(a: Sequence[HitEntry], b: Sequence[HitEntry], by: Identity) -> tuple[list[Hashable], list[Hashable]]:
    both = [*a, *b]
    keys = treatment_keys(both) if by == "treatment" else [entry.identity for entry in _one_dose(both)]
    return keys[: len(a)], keys[len(a) :]


def treatment_keys(entries: Sequence[HitEntry]) -> list[Hashable]:
    """What makes replicates one: molecule and dose, where known; see :func:`union`."""
    return [_treatment_or_well(entry) for entry in _one_dose(entries)]


def _one_dose(entries: Sequence[HitEntry]) -> list[HitEntry]:
    """The same with nominal doses: files round them differently."""
    places: dict[str, list[int]] = {}
    for place, entry in enumerate(entries):
        if entry.dose is not None:
            places.setdefault(entry.molecule_key, []).append(place)
    made = list(entries)
    for of_molecule in places.values():
        doses = np.array([entries[place].dose for place in of_molecule], dtype=np.float64)
        if len(np.unique(doses)) < 2:
            continue
        for place, dose in zip(of_molecule, nominal_doses(doses), strict=True):
            made[place] = dataclasses.replace(made[place], dose=float(dose))
    return made


def _treatment_or_well(entry: HitEntry) -> Hashable:
    return ("molecule", entry.molecule_key, entry.dose) if entry.molecule_key else entry.identity
