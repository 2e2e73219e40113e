"""The report of a plate file, with what the window adds to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.audit_log import AuditLog
from app.tasks import hit_calling
from app.tasks.quality import chosen_readout, positive_wells
from app.tasks.state import State
from molphenix_core.plate_report.content import (
    ListedHit,
    LoggedEvent,
    QualityChoice,
    ReportSettings,
    SessionRecord,
)
from molphenix_core.plate_report.gather import gather_report
from molphenix_core.plate_report.page import require_report_format, write_plate_report
from molphenix_core.plates.hit_rule import CRITERIA, HitRule
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
    readout: str = "",
    positive: str = "",
    audit: str = "",
    since: str = "",
    plate_sha256: str = "",
    hit_lists: Mapping[str, Sequence[Sequence[str]]] | None = None,
) -> dict[str, Any]:
    """Write a report.

    ``rule`` holds fields of a hit rule, ``cell_count`` and ``autofluorescence`` are as for the task "hit_table",
    ``readout`` and ``positive`` as for the task "quality". ``audit`` names the log: told is what came ``since``
    and is of the plate file with the hash ``plate_sha256``, or of none. ``hit_lists`` gives the fields of
    :class:`ListedHit` by list.
    """
    require_report_format(out)
    workbench = state.workbench(path, token, progress)
    bundle, library = state.models.bundle(progress), state.models.library(progress)
    table = hit_calling.TASKS["hit_table"](
        state, progress, path=path, token=token, cell_count=cell_count, autofluorescence=autofluorescence
    )
    lists = {name: tuple(ListedHit(*entry) for entry in entries) for name, entries in (hit_lists or {}).items()}
    wells = positive_wells(workbench.plate, positive)
    report = gather_report(
        workbench,
        bundle,
        library,
        settings=_settings(HitRule(**rule), table["used"], table["reasons"]),
        session=SessionRecord(_events(audit, since, plate_sha256), lists),
        quality=QualityChoice(wells, positive.partition(":")[2], chosen_readout(workbench, readout, wells)),
        progress=progress,
    )
    progress(1.0, "Report: writing")
    write_plate_report(report, out)
    return {"path": out, "size": Path(out).stat().st_size}


def _settings(rule: HitRule, used: Mapping[str, str], missing: Mapping[str, str]) -> ReportSettings:
    """The rule as far as the plates have what it asks for, as the page that calls hits applies it."""
    left_out: dict[str, Any] = {}
    not_asked = []
    for criterion in CRITERIA:
        asked = getattr(rule, criterion.field)
        if criterion.column in missing and asked not in (None, False) and criterion.field != "min_replicates":
            left_out[criterion.field] = False if criterion.kind == "flag" else None
            not_asked.append(f"The rule asks for {criterion.title} too: {missing[criterion.column]}.")
    if "n_wells" in missing:
        left_out["min_replicates"] = 1
    kept = {column: name for column, name in used.items() if column not in missing}
    return ReportSettings(
        rule=dataclasses.replace(rule, **left_out),
        cell_count=kept.get("relative_cell_count", ""),
        autofluorescence=kept.get("autofluorescent", ""),
        not_asked=tuple(not_asked),
    )


def _events(audit: str, since: str, plate: str) -> tuple[LoggedEvent, ...]:
    # Times are texts that sort as they follow each other.
    if not audit:
        return ()
    record = AuditLog(audit).read()
    return tuple(
        LoggedEvent(event.when, event.what, event.detail, dict(event.hashes))
        for event in record.events
        if event.when >= since and event.concerns(plate)
    )


TASKS: dict[str, Callable[..., Any]] = {"plate_report": _plate_report}
"""Tasks by the names that the window uses."""
