"""Writes into the audit log what a window does."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QObject

from app.audit_log import AuditError, AuditEvent, AuditLog
from app.hit_entries import now
from app.session_keeper import Reopened, SessionKeeper
from app.workspace import Workspace

__all__ = ["Auditor"]

_log = logging.getLogger(__name__)


class Auditor(QObject):
    """Listens to a window; names files without their folders, and structures never.

    Parameters
    ----------
    workspace : Workspace
    keeper : SessionKeeper
    log : AuditLog

    Attributes
    ----------
    since : str
        When this window began, in UTC: what it did is what the log tells from then on.
    """

    def __init__(
        self, workspace: Workspace, keeper: SessionKeeper, log: AuditLog, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.log = log
        self.since = now()
        self._workspace = workspace
        workspace.opened.connect(lambda path: self.add("plate opened", Path(path).name))
        workspace.exported.connect(lambda path, rows: self.add("hits exported", f"{Path(path).name}, {rows} rows"))
        keeper.saved.connect(lambda path: self.add("session saved", Path(path).name))
        keeper.reopened.connect(self._reopened)
        # Not the undo stack: other views have their steps there too.
        workspace.hit_lists.edited.connect(lambda what: self.add("hit lists changed", what))

    def add(self, what: str, detail: str = "") -> None:
        """Add an event with the hashes of the current plate file, the model and the library."""
        workspace = self._workspace
        hashes = {
            "plate": workspace.plate.sha256 if workspace.plate is not None else "",
            "model": workspace.session.model_hash,
            "library": workspace.session.library_hash,
        }
        try:
            self.log.add(AuditEvent(now(), what, detail, {name: value for name, value in hashes.items() if value}))
        except AuditError as error:
            # A log that cannot be written must not stop what it is about.
            _log.warning("%s", error)

    def _reopened(self, how: Reopened) -> None:
        not_same = len(how.changed) + len(how.failed) + len(how.left_out)
        detail = Path(how.path).name or "never saved"
        self.add("session opened", f"{detail}, {not_same} plates changed or missing" if not_same else detail)
