"""Writes into the audit log what a window does."""

from __future__ import annotations

import logging
from collections.abc import Mapping
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
        workspace.opened.connect(self._opened)
        workspace.recorded.connect(self.add)
        keeper.saved.connect(lambda path: self.add("session saved", Path(path).name, workspace.hashes(())))
        keeper.reopened.connect(self._reopened)
        # Not the undo stack: other views have their steps there too.
        workspace.hit_lists.edited.connect(
            lambda what, plates: self.add("hit lists changed", what, workspace.hashes(plates))
        )

    def add(self, what: str, detail: str, hashes: Mapping[str, str]) -> None:
        """Add an event, with hashes as :meth:`app.workspace.Workspace.hashes` gives them."""
        try:
            self.log.add(AuditEvent(now(), what, detail, hashes))
        except AuditError as error:
            # A log that cannot be written must not stop what it is about.
            _log.warning("%s", error)

    def _opened(self, path: str) -> None:
        plates = [plate.sha256 for plate in self._workspace.plates if plate.path == path]
        self.add("plate opened", Path(path).name, self._workspace.hashes(plates))

    def _reopened(self, how: Reopened) -> None:
        not_same = len(how.changed) + len(how.failed) + len(how.left_out)
        detail = Path(how.path).name or "never saved"
        detail += f", {not_same} plates changed or missing" if not_same else ""
        self.add("session opened", detail, self._workspace.hashes(()))
