"""Keeps the session of one window: saves and reopens it, and keeps a copy that outlives a kill."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.engine import EngineError
from app.hit_entries import HitList
from app.json_fields import JsonObject
from app.session_capture import captured
from app.session_copy import SessionCopy
from app.session_file import (
    Limits,
    SavedPlate,
    SavedSession,
    SessionError,
    find_plate,
    read_session,
    rows_of,
    save_session,
)
from app.session_recovery import Abandoned, RecoveryFile, SessionLock, abandoned_sessions
from app.session_reopening import Reopened, Reopening, is_other_model
from app.session_watch import ViewWatch
from app.workspace import Workspace

__all__ = ["Reopened", "SessionKeeper"]

# Long enough for a rubber band to end, short enough that a kill costs little.
_MILLISECONDS_TO_AUTOSAVE = 2000


class SessionKeeper(QObject):
    """The session of a window.

    Signals
    -------
    saved(str)
        The session was written to this file.
    missing_changed()
        :attr:`missing` is another: ask the user for each, and call :meth:`locate` or :meth:`leave_out`.
    reopened(Reopened)
        All plates that can be opened are open.
    path_changed()
        :attr:`path` is another.
    modified_changed()
        :attr:`modified` is another, or may be.
    failed(str, EngineError)
        What was tried, and why it failed.

    Parameters
    ----------
    workspace : Workspace
    folder : path
        Of the copies that outlive a kill.

    Attributes
    ----------
    limits : tuple of Limits
        Of the colour scales: set by the view that has them, and by a session that comes back.
    view_states : callable
        What each page says of itself, by its id; set by who has the pages.
    shown_page : callable
        The id of the page that is shown.
    restore_views : callable
        Takes the states of a session that came back, when its plates are open.
    show_page : callable
        Takes the id of the page that was shown, "" for none.
    """

    saved = Signal(str)
    missing_changed = Signal()
    reopened = Signal(object)
    path_changed = Signal()
    modified_changed = Signal()
    failed = Signal(str, object)

    def __init__(self, workspace: Workspace, folder: str | Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._folder = Path(folder)
        self._recovery = RecoveryFile(folder)
        self._copy = SessionCopy(self._recovery, self)
        self._copy.written.connect(self._copy_written)
        self._copy.failed.connect(self._copy_failed)
        self._lock: SessionLock | None = None
        self._path = ""
        self.limits: tuple[Limits, ...] = ()
        self.view_states: Callable[[], Mapping[str, JsonObject]] = dict
        self.shown_page: Callable[[], str] = str
        self.restore_views: Callable[[dict[str, JsonObject]], None] = lambda _states: None
        self.show_page: Callable[[str], None] = lambda _page: None
        self._saved_lists: tuple[HitList, ...] = ()
        self._saved_plates: tuple[str, ...] = ()
        self._closed = False
        self._reopening: Reopening | None = None
        self._autosave_failed = False
        self._timer = QTimer(self, singleShot=True, interval=_MILLISECONDS_TO_AUTOSAVE)
        self._timer.timeout.connect(self.autosave)
        self._watch = ViewWatch(self._views, self)
        self._watch.changed.connect(self._view_changed)
        workspace.opened.connect(self._plate_opened)
        workspace.not_opened.connect(self._plate_failed)
        for signal in (
            workspace.plates_changed,
            workspace.current_changed,
            workspace.selection_changed,
            workspace.colour_changed,
            workspace.hit_lists.changed,
        ):
            signal.connect(self._something_changed)

    @property
    def path(self) -> str:
        """The session file of this window; "" without one."""
        return self._path

    @property
    def has_unsaved_lists(self) -> bool:
        """Whether hit lists were changed since the session was saved or opened."""
        lists = self._workspace.hit_lists.lists
        # An edit that is undone brings the very lists back that were saved.
        return len(lists) != len(self._saved_lists) or any(map(operator.is_not, lists, self._saved_lists))

    @property
    def modified(self) -> bool:
        """Whether the session has a file, and that one lacks hit lists or plates as they are now.

        Selections and what the pages show are saved too, but are no work that could be lost.
        """
        if not self._path or self._closed or self._reopening is not None:
            return False
        return self.has_unsaved_lists or self._open_plates() != self._saved_plates

    def _open_plates(self) -> tuple[str, ...]:
        return tuple(sorted(plate.sha256 for plate in self._workspace.plates))

    def _set_clean(self) -> None:
        self._saved_lists, self._saved_plates = self._workspace.hit_lists.lists, self._open_plates()
        self.modified_changed.emit()

    @property
    def missing(self) -> tuple[SavedPlate, ...]:
        """Plates of the session on its way back that are not where they were."""
        return tuple(self._reopening.missing) if self._reopening is not None else ()

    # Saving ---------------------------------------------------------------------------------------------

    def capture(self, folder: Path | None) -> SavedSession:
        """The session as it is now, for a file in a folder; None for a copy that is no file of the user's."""
        return captured(
            self._workspace, folder, limits=self.limits, views=self.view_states(), page=self.shown_page()
        )

    def save(self, path: str | Path) -> None:
        """Write the session to a file, which becomes the session file of this window.

        Raises
        ------
        SessionError
            It cannot be written, or another window has it open.
        """
        path = str(Path(path).absolute())
        lock = self._lock if path == self._path else SessionLock(path)
        try:
            save_session(path, self.capture(Path(path).parent))
        except SessionError:
            if lock is not None and lock is not self._lock:
                lock.release()
            raise
        self._take_file(path, lock)
        self._set_clean()
        self._watch.keep()
        self._timer.stop()
        self._copy.finish()
        self._recovery.discard()
        self.saved.emit(path)

    def _take_file(self, path: str, lock: SessionLock | None) -> None:
        if self._lock is not None and self._lock is not lock:
            self._lock.release()
        self._lock, self._closed = lock, False
        if path != self._path:
            self._path = path
            self.path_changed.emit()

    # Reopening ------------------------------------------------------------------------------------------

    def open(self, path: str | Path) -> None:
        """Put a saved session in place of the present one; ``reopened`` follows when its plates are open.

        Raises
        ------
        SessionError
            It cannot be read, or another window has it open; the present session stays.
        """
        path = str(Path(path).absolute())
        session = read_session(path)
        lock = self._lock if path == self._path else SessionLock(path)
        self._take_file(path, lock)
        self._reopen(path, session)

    def recover(self, abandoned: Abandoned) -> None:
        """Put a session that a killed program left in place of the present one.

        Raises
        ------
        SessionError
            The copy is damaged, or another window has the session file open that it is of.
        """
        if abandoned.session is None:
            raise abandoned.error or SessionError(abandoned.path, "session", "nothing", "a session")
        origin = abandoned.session.origin
        lock = self._lock if origin == self._path else SessionLock(origin) if origin else None
        self._take_file(origin, lock)
        self._copy.finish()
        # Before a plate is opened: one that kills the engine, or this process, costs nothing.
        self._recovery.write(abandoned.session)
        abandoned.discard()
        self._reopen(origin, abandoned.session)
        # They are in no file yet.
        self._saved_lists = ()
        self.modified_changed.emit()

    def abandoned(self) -> tuple[Abandoned, ...]:
        """Sessions to offer at the start; each has to be recovered, discarded or left."""
        return abandoned_sessions(self._folder)

    def _reopen(self, path: str, session: SavedSession) -> None:
        workspace = self._workspace
        workspace.close_all()
        workspace.hit_lists.load(session.hit_lists, session.current_list)
        self._saved_lists = session.hit_lists
        self.limits = session.limits
        workspace.set_colour_by(session.colour_by)
        self._reopening = Reopening(path, session)
        folders = [Path(path).parent] if path else []
        self._look_for(session.plates, folders)
        self.missing_changed.emit()
        self._finish()

    def _look_for(self, plates: Iterable[SavedPlate], folders: list[Path]) -> None:
        reopening = self._reopening
        assert reopening is not None
        new = []
        for plate in plates:
            found = find_plate(plate, folders)
            # Two of one name may be looked for in one folder: the second is still to be found.
            if found is None or str(found) in {*reopening.opening, *reopening.opened.values()}:
                reopening.missing.append(plate)
            else:
                reopening.opening[str(found)] = plate
                new.append(found)
        self._workspace.open(new)

    def locate(self, plate: SavedPlate, path: str | Path) -> None:
        """Say where a missing plate is now; others that lie beside it are found too."""
        reopening = self._reopening
        path = Path(path).absolute()
        if reopening is None or plate not in reopening.missing or str(path) in reopening.opening:
            return
        others = [other for other in reopening.missing if other is not plate]
        reopening.missing = []
        reopening.opening[str(path)] = plate
        self._workspace.open([path])
        self._look_for(others, [path.parent])
        self.missing_changed.emit()

    def leave_out(self) -> None:
        """Go on without the plates that are still missing."""
        if self._reopening is not None:
            self._reopening.left_out += [plate.path for plate in self._reopening.missing]
            self._reopening.missing = []
            self.missing_changed.emit()
            self._finish()

    def _plate_opened(self, path: str) -> None:
        reopening = self._reopening
        saved = reopening.opening.pop(path, None) if reopening is not None else None
        plate = self._workspace.plate
        if reopening is None or saved is None or plate is None:
            return
        reopening.opened[saved.path] = path
        rows = rows_of(saved.selection, len(plate))
        if plate.sha256 == saved.sha256 and rows is not None:
            self._workspace.select(rows)
        else:
            reopening.changed.append(path)
        self._finish()

    def _plate_failed(self, path: str, _error: EngineError) -> None:
        if self._reopening is not None and self._reopening.opening.pop(path, None) is not None:
            self._reopening.failed.append(path)
            self._finish()

    def _finish(self) -> None:
        reopening, workspace = self._reopening, self._workspace
        if reopening is None or reopening.opening or reopening.missing:
            return
        self._reopening = None
        session = reopening.session
        if session.current is not None:
            path = reopening.opened.get(session.plates[session.current].path)
            for plate in workspace.plates:
                if plate.path == path:
                    known = session.barcode in plate.barcodes
                    workspace.show(plate, plate.barcodes.index(session.barcode) if known else 0)
        self.restore_views(dict(session.views))
        self.show_page(session.page)
        self._saved_plates = self._open_plates()
        self.modified_changed.emit()
        self.reopened.emit(
            Reopened(
                reopening.path,
                tuple(reopening.changed),
                tuple(reopening.failed),
                tuple(reopening.left_out),
                is_other_model(session, workspace.session),
            )
        )

    # The copy that outlives a kill ----------------------------------------------------------------------

    def _something_changed(self) -> None:
        self.modified_changed.emit()
        if not self._timer.isActive():
            self._timer.start()

    def _views(self) -> tuple[object, ...]:
        current = self._workspace.hit_lists.current
        name = current.name if current is not None else ""
        return dict(self.view_states()), self.shown_page(), self.limits, name

    def _view_changed(self) -> None:
        # Without plates and lists there is nothing to come back to.
        if self._workspace.plates or self._workspace.hit_lists.lists:
            self._something_changed()

    def autosave(self) -> None:
        """Write the copy aside from the Qt thread; a failure is told once."""
        workspace = self._workspace
        # Half of a session must not take the place of the whole.
        if self._reopening is not None:
            self._timer.start()
            return
        self._timer.stop()
        self._watch.keep()
        if not workspace.plates and not workspace.hit_lists.lists:
            self._copy.finish()
            self._recovery.discard()
            return
        self._copy.write(self._captured_copy())

    def _captured_copy(self) -> SavedSession:
        return dataclasses.replace(self.capture(None), origin=self._path)

    def _copy_written(self) -> None:
        self._autosave_failed = False

    def _copy_failed(self, error: SessionError) -> None:
        if not self._autosave_failed:
            self._autosave_failed = True
            self.failed.emit("Keeping a copy of the session", EngineError.of(error))

    def close(self, *, discard: bool = False) -> None:
        """End the session: hit lists that are in no file stay in the copy, to be offered at the next start.

        Parameters
        ----------
        discard : bool
            The user does not want them: nothing is kept.
        """
        if self._closed:
            return
        self._copy.finish()
        if not discard and self.has_unsaved_lists and self._workspace.hit_lists.lists:
            # Now, and whole: nobody is there to wait for it.
            try:
                self._recovery.write(self._captured_copy())
            except SessionError as error:
                self._copy_failed(error)
            self._recovery.leave()
        else:
            self._recovery.discard()
        self._timer.stop()
        self._watch.stop()
        self._closed = True
        if self._lock is not None:
            self._lock.release()
            self._lock = None
