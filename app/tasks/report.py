"""The report of a plate file, with what the window adds to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.audit_log import AuditLog
from app.tasks.state import State
from molphenix_core.plate_report.content import ListedHit, LoggedEvent, ReportSettings, SessionRecord
from molphenix_core.plate_report.gather import gather_report
from molphenix_core.plate_report.page import require_report_format, write_plate_report
from molphenix_core.plates.hit_rule import HitRule
from molphenix_core.progress import Progress

__all__ = ["TASKS"]


def _plate_report(
    state: State,
    progress: Progress,
    *,
    path: str,
    token: str,
    out: str,
    rule: Mapping[str, Any],
    cell_count: str = "",
    autofluorescence: str = "",
    audit: str = "",
    since: str = "",
    hit_lists: Mapping[str, Sequence[Sequence[str]]] | None = None,
) -> dict[str, Any]:
    """Write a report: ``rule`` holds fields of a hit rule, ``audit`` names the log, of which what came ``since``
    is told, and ``hit_lists`` gives the fields of :class:`ListedHit` by list.
    """
    require_report_format(out)
    workbench = state.workbench(path, token, progress)
    bundle, library = state.models.bundle(progress), state.models.library(progress)
    settings = ReportSettings(rule=HitRule(**rule), cell_count=cell_count, autofluorescence=autofluorescence)
    lists = {name: tuple(ListedHit(*entry) for entry in entries) for name, entries in (hit_lists or {}).items()}
    session = SessionRecord(_events(audit, since), lists)
    report = gather_report(workbench, bundle, library, settings=settings, session=session, progress=progress)
    progress(1.0, "Report: writing")
    write_plate_report(report, out)
    return {"path": out, "size": Path(out).stat().st_size}


def _events(audit: str, since: str) -> tuple[LoggedEvent, ...]:
    # Times are texts that sort as they follow each other.
    if not audit:
        return ()
    record = AuditLog(audit).read()
    return tuple(
        LoggedEvent(event.when, event.what, event.detail, dict(event.hashes))
        for event in record.events
        if event.when >= since
    )


TASKS: dict[str, Callable[..., Any]] = {"plate_report": _plate_report}
"""Tasks by the names that the window uses."""
