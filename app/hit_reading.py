"""Reading hits from text and files: wells and names here, structures in the drawing engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from app.dragging import Dropped
from app.engine import Engine, EngineError
from app.hit_entries import HitEntry, now, without_duplicates
from app.hit_list_text import Pasted, Unmatched, read_paste_steps
from app.known_plates import NO_MOLECULE, KnownPlates
from app.open_plate import OpenPlate
from app.slices import Slices

__all__ = ["HitReader", "looks_like_structure"]

# Atoms of the organic subset, atoms in brackets, bonds, branches and rings; or an InChI.
_SMILES = re.compile(r"(?:Cl|Br|[BCNOPSFI]|[bcnops*]|\[[^\]\s]+\]|[-=#$:/\\().~0-9%@+])+\Z")


def looks_like_structure(line: str) -> bool:
    """Whether a line may begin with a SMILES or an InChI: reading it says whether it does."""
    first = line.split(maxsplit=1)[:1]
    return bool(first) and (first[0].startswith("InChI=") or _SMILES.match(first[0]) is not None)


class HitReader(QObject):
    """Makes hits of what was pasted or dropped.

    Parameters
    ----------
    engine : Engine
        The drawing engine, which reads structures.
    """

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._slices = Slices(self)

    def read(
        self,
        what: Dropped,
        plates: Sequence[OpenPlate],
        use: Callable[[Pasted], None],
        refuse: Callable[[EngineError], None],
    ) -> None:
        """Read text and files.

        Parameters
        ----------
        what : Dropped
        plates : sequence of OpenPlate
            What wells, names and structures are looked up in.
        use : callable
            Takes the hits, and the lines that are none: at once where there is no structure to read.
        refuse : callable
            Takes the error where there are more than 100,000 lines, or where structures cannot be read at all:
            ``use`` is called with the rest before.
        """
        added = now()

        def structures(pasted: Pasted) -> None:
            self._read_structures(what, pasted, plates, added, use, refuse)

        self._slices.run(
            read_paste_steps(what.text, plates, added, what.source),
            structures,
            lambda error: refuse(EngineError.of(error)),
        )

    def _read_structures(
        self,
        what: Dropped,
        pasted: Pasted,
        plates: Sequence[OpenPlate],
        added: str,
        use: Callable[[Pasted], None],
        refuse: Callable[[EngineError], None],
    ) -> None:
        lines = [one for one in pasted.unmatched if one.reason == NO_MOLECULE and looks_like_structure(one.text)]
        if not lines and not what.files:
            use(pasted)
            return
        request = self._engine.submit(
            "read_structures",
            title="Reading structures",
            lines=[one.text for one in lines],
            files=list(what.files),
        )
        # Of files that were looked through while the text was read.
        known = KnownPlates(plates)
        request.finished.connect(lambda found: use(_merged(pasted, lines, found, known, added, what.source)))

        def failed(error: EngineError) -> None:
            use(pasted)
            refuse(error)

        request.failed.connect(failed)


def _merged(
    pasted: Pasted,
    lines: Sequence[Unmatched],
    found: dict[str, list[dict[str, Any]]],
    known: KnownPlates,
    added: str,
    source: str,
) -> Pasted:
    """The same with the structures that were read among the hits, in the order of the lines."""
    entries = list(pasted.entries)
    left = {one.line: one for one in pasted.unmatched}
    for line, read in zip(lines, found["lines"], strict=True):
        if "error" not in read:
            del left[line.line]
            entries.append(_entry(read, known, added, source))
    unmatched = list(left.values())
    for read in found["files"]:
        if "error" in read:
            text = f"{Path(read['file']).name}, record {read['record']}" if read["record"] else read["file"]
            unmatched.append(Unmatched(read["record"], text, read["error"]))
        else:
            entries.append(_entry(read, known, added, source))
    return Pasted(without_duplicates(entries), tuple(unmatched))


def _entry(read: dict[str, Any], known: KnownPlates, added: str, source: str) -> HitEntry:
    # The open files may have a name for it.
    same = known.molecule(read["inchikey"], added, source)
    if isinstance(same, HitEntry):
        return same
    return HitEntry(
        added=added, name=read["name"], smiles=read["smiles"], inchikey=read["inchikey"], source=source
    )
