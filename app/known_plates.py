"""Wells and molecules of the open files, looked up as users write them."""

from __future__ import annotations

import weakref
from collections.abc import Generator, Sequence

from app.hit_entries import HitEntry, entries_of_rows
from app.hit_places import wells_of
from app.open_plate import OpenPlate
from app.records import Molecule

__all__ = ["NO_MOLECULE", "KnownPlates"]

NO_MOLECULE = "no molecule of the open files has this name or structure"
"""Why a line is no hit that is no well either: it may be a structure of none of the files."""

_NO_KEY = "no molecule of the open files has this InChIKey"
_TREATMENTS_A_STEP = 200

Molecules = dict[str, dict[str, Molecule]]

_known: weakref.WeakKeyDictionary[OpenPlate, Molecules] = weakref.WeakKeyDictionary()


class KnownPlates:
    """Wells and molecules of some files; made by :meth:`of`.

    Attributes
    ----------
    barcodes : dict of str to str
        Of all plates, by themselves without capitals.
    """

    def __init__(self, plates: Sequence[OpenPlate]) -> None:
        self._plates = tuple(plates)
        self.barcodes = {barcode.casefold(): barcode for plate in reversed(plates) for barcode in plate.barcodes}

    @classmethod
    def of(cls, plates: Sequence[OpenPlate]) -> Generator[None, None, KnownPlates]:
        """Look the files through, in short steps; a file is looked through once."""
        for plate in plates:
            if plate not in _known:
                found: Molecules = {}
                for treatment in range(plate.n_treatments):
                    _add(found, plate.molecule(treatment))
                    if treatment % _TREATMENTS_A_STEP == 0:
                        yield
                _known[plate] = found
        return cls(plates)

    def well(self, barcode: str, position: tuple[int, int], added: str, source: str = "") -> HitEntry | str:
        """The hit in a well, or why there is none."""
        found = [(plate, row) for plate in self._plates for row in wells_of(plate).rows_at(barcode, position)]
        if not found:
            known = barcode.casefold() in self.barcodes
            return "this plate has no such well" if known else f"no open file has a plate {barcode}"
        if len(found) > 1:
            files = ", ".join(sorted({plate.name for plate, _ in found}))
            return f"{len(found)} wells are so named, in {files}"
        plate, row = found[0]
        return entries_of_rows(plate, [row], added, source)[0]

    def molecule(self, text: str, added: str, source: str = "", *, key: bool = False) -> HitEntry | str:
        """The hit that a molecule is, without well and dose, or why there is none; ``key`` for an InChIKey."""
        found: dict[str, Molecule] = {}
        for plate in self._plates:
            known = _known[plate]
            for name, molecule in (known.get(text) or known.get(text.casefold()) or {}).items():
                found.setdefault(name, molecule)
        if not found:
            return _NO_KEY if key else NO_MOLECULE
        if len(found) > 1:
            return f"{len(found)} molecules of the open files have this name"
        (one,) = found.values()
        return HitEntry(added=added, name=one.name, smiles=one.smiles, inchikey=one.inchikey, source=source)


def _add(found: Molecules, molecule: Molecule) -> None:
    for text in {molecule.name.casefold(), molecule.smiles, molecule.inchikey} - {""}:
        found.setdefault(text, {}).setdefault(molecule.key or molecule.name, molecule)
