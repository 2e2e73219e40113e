"""The one state of the window: open plates, selection, ranking. No widgets; views listen to its signals."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoStack

from app.audit_log import plate_hashes
from app.engine import Engine, EngineError
from app.exporting.written_text import structures_text
from app.hit_lists import HitLists
from app.numbers import in_locale
from app.open_plate import OpenPlate
from app.records import Molecule, Ranking, Session
from app.requests import Requests
from app.views.words import plural

__all__ = ["Rows", "Workspace"]

Rows = NDArray[np.intp]

_NO_ROWS: Rows = np.empty(0, dtype=np.intp)
# Arrow keys and rubber bands change the selection many times a second: rank where it comes to rest.
_MILLISECONDS_TO_REST = 120
_CANDIDATES = 100


class Workspace(QObject):
    """State shared by all views.

    Parameters
    ----------
    engine : Engine
        The process in which the library opens and ranks plates.
    """

    plates_changed = Signal()
    current_changed = Signal()
    selection_changed = Signal()
    ranking_changed = Signal()
    molecule_changed = Signal()
    session_changed = Signal()
    colour_changed = Signal()
    undo_changed = Signal(int)
    opened = Signal(str)
    not_opened = Signal(str, object)
    exported = Signal(str, int)
    failed = Signal(str, object)
    told = Signal(str)
    recorded = Signal(str, str, object)

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.engine = engine
        self.requests = Requests(engine, self)
        self.requests.failed.connect(self.failed)
        self.plates: list[OpenPlate] = []
        self.plate: OpenPlate | None = None
        self.barcode = 0
        self.selection: Rows = _NO_ROWS
        self.ranking: Ranking | None = None
        self.ranking_error: EngineError | None = None
        self.molecule: Molecule | None = None
        self.session = Session()
        self.colour_by = "p"
        self.undo_stack = QUndoStack(self)
        self.undo_stack.indexChanged.connect(self._tell_undo)
        self.hit_lists = HitLists(self.undo_stack, self)
        self._selections: dict[str, Rows] = {}
        self._rest = QTimer(self, singleShot=True, interval=_MILLISECONDS_TO_REST)
        self._rest.timeout.connect(self._rank)

    def _tell_undo(self, index: int) -> None:
        # The stack also tells of its own end, when Qt has let go of this method but not of others' listeners.
        self.undo_changed.emit(index)

    # Requests -------------------------------------------------------------------------------------------

    def ask(
        self,
        purpose: str,
        task: str,
        title: str,
        use: Callable[[Any], None],
        refuse: Callable[[EngineError], None] | None = None,
        *,
        background: bool = False,
        **arguments: Any,
    ) -> None:
        """Ask an engine, as :meth:`app.requests.Requests.ask` says; ``failed`` tells of errors."""
        self.requests.ask(purpose, task, title, use, refuse, background=background, **arguments)

    @property
    def busy_ranking(self) -> bool:
        """Whether the selection waits for its ranking."""
        return self._rest.isActive() or self.requests.waits_for("rank")

    def cancel(self) -> None:
        """Stop whatever the engines do for the user."""
        self._rest.stop()
        self.requests.cancel_all()

    @property
    def can_cancel(self) -> bool:
        """Whether there is anything that :meth:`cancel` stops."""
        return self._rest.isActive() or self.requests.can_cancel

    def close(self) -> None:
        """End what the workspace started itself."""
        self._rest.stop()
        self.requests.close()

    # Model and library ----------------------------------------------------------------------------------

    def load_session(self) -> None:
        """Ask what model and library are in use."""
        self.ask("session", "describe", "Loading the model", self._use_session)

    def _use_session(self, packed: dict[str, Any]) -> None:
        texts = dict(packed)
        for part in ("model", "library"):
            error = texts.pop(f"{part}_error")
            if error:
                told = EngineError.unpack(error)
                texts[f"{part}_error"] = told.text
                self.failed.emit(f"Loading the {part}", told)
        for part in ("model", "model_detail", "library", "library_detail"):
            texts[part] = in_locale(texts[part])
        self.session = Session(**texts)
        self.session_changed.emit()

    # Plates ---------------------------------------------------------------------------------------------

    def open(self, paths: Iterable[str | Path]) -> None:
        """Open plate files, each in its turn; what is open stays when one cannot be read."""
        for path in paths:
            path = str(Path(path).absolute())
            title = f"Opening {Path(path).name}"
            self.ask(
                f"open {path}",
                "open_plate",
                title,
                self._use_plate,
                functools.partial(self.not_opened.emit, path),
                path=path,
            )

    def _use_plate(self, packed: dict[str, Any]) -> None:
        plate = OpenPlate.unpack(packed)
        known = [other.path for other in self.plates]
        if plate.path in known:
            self.plates[known.index(plate.path)] = plate
        else:
            self.plates.append(plate)
        self._keep_selection()
        # Rows kept of an earlier content of the file mean other wells now, or none.
        self._selections.pop(plate.path, None)
        first = _first_look(plate)
        on = plate.plate_of_well[first]
        self._turn_to(plate, int(on[0]) if len(on) and on[0] >= 0 else 0, first, listed=False)
        self.opened.emit(plate.path)

    def show(self, plate: OpenPlate, barcode: int = 0) -> None:
        """Make one physical plate of one file the current one, with the selection it had."""
        if plate is self.plate:
            if barcode != self.barcode:
                self.barcode = barcode
                self.current_changed.emit()
            return
        self._keep_selection()
        self._turn_to(plate, barcode, self._selections.get(plate.path, _NO_ROWS))

    def close_plate(self) -> None:
        """Close the current file."""
        if self.plate is None:
            return
        self.plates.remove(self.plate)
        self._selections.pop(self.plate.path, None)
        plate = self.plates[-1] if self.plates else None
        rows = self._selections.get(plate.path, _NO_ROWS) if plate is not None else _NO_ROWS
        self._turn_to(plate, 0, rows, listed=False)

    def close_all(self) -> None:
        """Close every file."""
        self.plates.clear()
        self._selections.clear()
        self._turn_to(None, 0, _NO_ROWS, listed=False)

    def selection_in(self, plate: OpenPlate) -> Rows:
        """The wells selected in a file, shown or not."""
        return self.selection if plate is self.plate else self._selections.get(plate.path, _NO_ROWS)

    def _keep_selection(self) -> None:
        if self.plate is not None:
            self._selections[self.plate.path] = self.selection

    def _turn_to(self, plate: OpenPlate | None, barcode: int, rows: Rows, *, listed: bool = True) -> None:
        """Change the file and its selection at once; ``listed`` says that the list of files stays as it is."""
        # No view may meet rows of one file beside the table of another: signals come when both are set.
        self.plate, self.barcode = plate, barcode
        self._set_selection(rows)
        if not listed:
            self.plates_changed.emit()
        self.current_changed.emit()
        self._tell_selection()

    def set_colour_by(self, key: str) -> None:
        """Choose what wells are coloured by."""
        if key != self.colour_by:
            self.colour_by = key
            self.colour_changed.emit()

    # Selection ------------------------------------------------------------------------------------------

    def select(self, rows: Iterable[int] | Rows) -> None:
        """Select wells, by their rows in the current file."""
        chosen: Rows = np.unique(np.asarray(rows, dtype=np.intp))
        if self.plate is None:
            chosen = _NO_ROWS
        if np.array_equal(chosen, self.selection) and self.ranking is not None:
            return
        self._set_selection(chosen)
        self._tell_selection()

    def _set_selection(self, rows: Rows) -> None:
        self.selection = rows
        self.ranking = self.ranking_error = None
        self.requests.withdraw("rank")
        if len(rows):
            self._rest.start()
        else:
            self._rest.stop()

    def _tell_selection(self) -> None:
        if not len(self.selection):
            self.choose_molecule(None)
        self.selection_changed.emit()
        self.ranking_changed.emit()

    def select_all(self) -> None:
        """Select every well of the current physical plate."""
        if self.plate is not None:
            rows = self.plate.rows_on(self.barcode)
            self.select(rows if len(rows) else np.arange(len(self.plate)))

    def select_none(self) -> None:
        """Select nothing."""
        self.select(_NO_ROWS)

    def select_replicates(self) -> None:
        """Add all wells that hold the selected treatments, on every plate of the file."""
        if self.plate is not None:
            self.select(self.plate.replicates(self.selection))

    def selected_treatments(self) -> NDArray[np.int32]:
        """Treatments among the selected wells."""
        if self.plate is None:
            return np.empty(0, dtype=np.int32)
        treatments = np.unique(self.plate.treatment_of_well[self.selection])
        return treatments[treatments >= 0]

    # Ranking --------------------------------------------------------------------------------------------

    def _rank(self) -> None:
        if self.plate is None or not len(self.selection):
            return
        n = len(self.selection)
        self.ask(
            "rank",
            "rank",
            f"Ranking {n} well{'s' if n > 1 else ''}",
            self._use_ranking,
            self._no_ranking,
            path=self.plate.path,
            token=self.plate.token,
            rows=self.selection,
            top=_CANDIDATES,
        )

    def _use_ranking(self, packed: dict[str, Any]) -> None:
        ranking = Ranking.unpack(packed)
        chance = dataclasses.replace(
            ranking.chance, text=in_locale(ranking.chance.text), basis=in_locale(ranking.chance.basis)
        )
        self.ranking = dataclasses.replace(ranking, chance=chance, note=in_locale(ranking.note))
        self.ranking_changed.emit()
        found = [c.molecule for c in self.ranking.candidates] or [m.molecule for m in self.ranking.measured]
        self.choose_molecule(found[0] if found else None)

    def _no_ranking(self, error: EngineError) -> None:
        self.ranking_error = error
        self.ranking_changed.emit()

    def choose_molecule(self, molecule: Molecule | None) -> None:
        """Show one molecule in every view that shows molecules."""
        if molecule != self.molecule:
            self.molecule = molecule
            self.molecule_changed.emit()

    # Record ---------------------------------------------------------------------------------------------

    def hashes(self, plates: Iterable[str] | None = None) -> dict[str, str]:
        """What the audit log names: plate files by their hashes (the current one), the model and the library."""
        if plates is None:
            plates = [self.plate.sha256] if self.plate is not None else []
        named = plate_hashes(plates) | {"model": self.session.model_hash, "library": self.session.library_hash}
        return {name: value for name, value in named.items() if value}

    def recording(self, what: str, plates: Iterable[str] | None = None) -> Callable[[str], None]:
        """Begin something that the audit log is told of by what is returned, with a detail.

        The hashes are those of now: what takes its time may end beside another plate than it was asked for.
        """
        hashes = self.hashes(plates)
        return lambda detail: self.recorded.emit(what, detail, hashes)

    # Export ---------------------------------------------------------------------------------------------

    def export_hits(self, path: str | Path) -> None:
        """Rank every treatment of the current file and write the candidates (``.csv``, ``.xlsx`` or ``.sdf``)."""
        if self.plate is None:
            return
        title = f"Exporting candidates to {Path(path).name}"
        record = self.recording("candidates of all treatments exported")

        def use(result: dict[str, Any]) -> None:
            candidates = plural(result["rows"], "candidate")
            self.tell_exported(result, f"{candidates} of {plural(result['treatments'], 'treatment')}", record)

        self.ask(
            "export",
            "export_hits",
            title,
            use,
            path=self.plate.path,
            token=self.plate.token,
            out=str(path),
        )

    def tell_exported(self, result: Mapping[str, Any], what: str, record: Callable[[str], None]) -> None:
        """Say and record what an export wrote: the engine's answer, and in words what its rows are."""
        record(f"{Path(result['path']).name}, {result['rows']} rows")
        text = structures_text(result["path"], what, result["left_out"], result.get("guarded", 0))
        self.told.emit(text)
        self.exported.emit(result["path"], result["rows"])


def _first_look(plate: OpenPlate) -> Rows:
    """Wells to show first: the most active treatment, and among equals the one whose replicates agree best."""
    if not plate.n_treatments:
        return _NO_ROWS
    p = np.nan_to_num(np.asarray(plate.treatments["p_value"].values, dtype=np.float64), nan=2.0)
    agreement = np.nan_to_num(np.asarray(plate.treatments["consistency"].values, np.float64), nan=-1.0)
    best = int(np.lexsort((-agreement, p))[0])
    return np.flatnonzero(plate.treatment_of_well == best)
