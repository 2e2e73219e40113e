"""What candidates are filtered by: a structure and a mechanism. Each change can be undone."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.engine import EngineError, Request
from app.numbers import percent
from app.structure_reader import ReadQuery, StructureReader
from app.workspace import Workspace

__all__ = ["KINDS", "CandidateFilter", "CandidateFilters", "FilterChange", "Found", "Kind"]

Kind = Literal["substructure", "similarity"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# Of commands with one number Qt asks whether they merge; other views have others.
_MERGED = 7001
_TITLE = "Filtering candidates"
_LONGEST = 5_000
# While the user types, only what comes to rest is looked for.
_MILLISECONDS_TO_REST = 150


@dataclass(frozen=True)
class CandidateFilter:
    """What candidates must be; one with no text and no mechanism lets all pass.

    Parameters
    ----------
    text : str
        SMARTS or SMILES on one line.
    drawn : bool
        Whether the text is a structure that was drawn, pasted or chosen, and so no SMARTS.
    kind : {"substructure", "similarity"}
        What the text is for.
    threshold : float
        Smallest Tanimoto similarity, 0 to 1.
    mechanism : str
        Class of the curated vocabulary.
    """

    text: str = ""
    drawn: bool = False
    kind: Kind = "substructure"
    threshold: float = 0.5
    mechanism: str = ""

    @property
    def empty(self) -> bool:
        """Whether all candidates pass."""
        return not (self.text or self.mechanism)

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> CandidateFilter:
        """Read what was stored, dropping what does not fit."""
        fits = {
            "text": lambda v: isinstance(v, str) and len(v) <= _LONGEST and "\n" not in v,
            "drawn": lambda v: isinstance(v, bool),
            "kind": lambda v: v in KINDS,
            "threshold": lambda v: isinstance(v, float) and math.isfinite(v) and 0 <= v <= 1,
            "mechanism": lambda v: isinstance(v, str) and len(v) <= _LONGEST,
        }
        return cls(**{name: state[name] for name, fit in fits.items() if name in state and fit(state[name])})


@dataclass(frozen=True, eq=False)
class Found:
    """Molecules of the library that pass a filter.

    Parameters
    ----------
    by : CandidateFilter
    rows : intp (k,)
        Of the library, ascending.
    similarity : float32 (k,) or None
        To the structure, where the filter is by similarity.
    of : int
        Size of the library.
    searched : int
        How many molecules were looked at before time ran out.
    """

    by: CandidateFilter
    rows: NDArray[np.intp]
    similarity: NDArray[np.float32] | None
    of: int
    searched: int

    @property
    def complete(self) -> bool:
        """Whether all molecules were looked at."""
        return self.searched >= self.of


class FilterChange(QUndoCommand):
    """From one filter to another; changes of one series, as by typing, are one. Its text names no structure."""

    page = "candidates"

    def __init__(self, filters: CandidateFilters, after: CandidateFilter, series: int) -> None:
        super().__init__(_words(filters.value, after))
        self._filters, self._series = filters, series
        self._before, self._after = filters.value, after

    def id(self) -> int:
        return _MERGED

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, FilterChange) or not self._series or other._series != self._series:
            return False
        self._after = other._after
        self.setText(other.text())
        self.setObsolete(self._after == self._before)
        return True

    def redo(self) -> None:
        self._filters._use(self._after)

    def undo(self) -> None:
        self._filters._use(self._before)


class CandidateFilters(QObject):
    """The filter of the candidates, and the molecules that pass it.

    Parameters
    ----------
    workspace : Workspace
        Whose background engine looks for the molecules, and whose undo stack takes the changes.
    reader : StructureReader
        Reads queries in the drawing process.
    """

    changed = Signal()
    """Another filter is wanted."""
    found_changed = Signal()
    """What is found, read or at fault has changed."""

    def __init__(self, workspace: Workspace, reader: StructureReader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.value = CandidateFilter()
        self.found: Found | None = None
        self.read: ReadQuery | None = None
        self.error = ""
        self.busy = False
        self.progress_text = ""
        self._workspace = workspace
        self._reader = reader
        self._rest = QTimer(self, singleShot=True, interval=_MILLISECONDS_TO_REST)
        self._rest.timeout.connect(self._read)
        self._waiting = False
        workspace.ranking_changed.connect(self._ranked)
        workspace.requests.background.progressed.connect(self._progressed)

    @property
    def undo_stack(self) -> QUndoStack:
        return self._workspace.undo_stack

    # Changes --------------------------------------------------------------------------------------------

    def set(self, *, series: int = 0, **changes: Any) -> None:
        """Change the filter; changes that follow each other within one series are undone as one.

        Parameters
        ----------
        series : int
            0 for a change of its own.
        **changes
            Fields of :class:`CandidateFilter`.
        """
        after = dataclasses.replace(self.value, **changes)
        if after != self.value:
            self.undo_stack.push(FilterChange(self, after, series))

    def set_query(self, text: str, kind: Kind | None = None, *, drawn: bool = False) -> None:
        """Look for a structure.

        Parameters
        ----------
        text : str
            SMARTS or SMILES, or a molfile, which is always a structure.
        kind : {"substructure", "similarity"}, optional
            The present one by default.
        drawn : bool
            Whether a text on one line is a structure, and so SMILES and no SMARTS.
        """
        kind = kind or self.value.kind
        if "\n" not in text.strip():
            self.set(text=text.strip(), drawn=drawn, kind=kind)
            return
        self._reader.read(
            text, True, kind, lambda read: self.set(text=read.text, drawn=True, kind=kind), self._unread
        )

    def clear(self) -> None:
        """Let all candidates pass."""
        self.set(text="", drawn=False, mechanism="")

    def view_state(self) -> dict[str, Any]:
        """The filter, to be remembered."""
        return dataclasses.asdict(self.value)

    def restore_view_state(self, state: Mapping[str, Any]) -> None:
        """Take a remembered filter: no change to undo, and looked for when there are candidates."""
        value = CandidateFilter.of(state)
        if value != self.value:
            self._waiting = self._workspace.ranking is None
            self._use(value)

    def _ranked(self) -> None:
        if self._waiting and self._workspace.ranking is not None:
            self._waiting = False
            self._rest.start()

    def _use(self, value: CandidateFilter) -> None:
        self.value = value
        self.changed.emit()
        self._workspace.requests.withdraw("find molecules")
        if value.empty:
            self._rest.stop()
            self._reader.drop()
            self.found = self.read = None
            self._settle("")
        else:
            self.busy = True
            self.found_changed.emit()
            if not self._waiting:
                self._rest.start()

    # Search ---------------------------------------------------------------------------------------------

    def _read(self) -> None:
        if self.value.text:
            value = self.value
            self._reader.read(value.text, value.drawn, value.kind, self._find, self._unread)
        else:
            self._find(None)

    def _find(self, read: ReadQuery | None) -> None:
        value = self.value
        self.read, self.error = read, ""
        self._workspace.ask(
            "find molecules",
            "find_molecules",
            _TITLE,
            lambda packed: self._take(value, packed),
            self._refuse,
            background=True,
            **dataclasses.asdict(value),
        )
        self.found_changed.emit()

    def _progressed(self, request: Request, share: float, text: str) -> None:
        if self.busy and request.title == _TITLE:
            self.progress_text = f"{text}: {percent(share)}" if 0 < share < 1 else f"{text}…"
            self.found_changed.emit()

    def _take(self, value: CandidateFilter, packed: dict[str, Any]) -> None:
        ours = self._workspace.session.library_hash
        if ours and packed["library_hash"] and packed["library_hash"] != ours:
            self._settle(
                "The library on disk is not the one that candidates are ranked in: start the program again."
            )
            return
        self.found = Found(
            value,
            np.asarray(packed["rows"], dtype=np.intp),
            packed["similarity"],
            int(packed["of"]),
            int(packed["searched"]),
        )
        self._settle("")

    def _unread(self, error: EngineError) -> None:
        # Rows of the last query that could be read stay: half a SMARTS must not show the whole library.
        self._settle(_fault(error))

    def _refuse(self, error: EngineError) -> None:
        if error.cancelled:
            self._settle("Stopped. Change the filter to look again.")
        else:
            self._unread(error)

    def _settle(self, error: str) -> None:
        self.busy, self.error, self.progress_text = False, error, ""
        self.found_changed.emit()


def _words(before: CandidateFilter, after: CandidateFilter) -> str:
    if after.empty:
        return "clearing of the filter of candidates"
    by = "mechanism" if before.mechanism != after.mechanism else "structure"
    return f"filter of candidates by {by}"


def _fault(error: EngineError) -> str:
    """What is wrong with a query: of a SMARTS the place says enough."""
    fields = error.fields
    if not fields:
        return error.text
    if fields["field"] == "SMARTS":
        return f"Not a SMARTS yet: {fields['found']}."
    return f"Found {fields['found']}, expected {fields['expected']}."
