"""Computes what a report of a plate file shows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from molphenix_core.model.bundle import Bundle
from molphenix_core.plate_report.content import (
    METHODS,
    Figure,
    PlateReport,
    QualityChoice,
    ReportSettings,
    SessionRecord,
)
from molphenix_core.plate_report.hits import gather_hits
from molphenix_core.plate_report.plates import gather_maps, gather_quality
from molphenix_core.plates.plate import Plate
from molphenix_core.progress import Progress, silent
from molphenix_core.retrieval.library import Library
from molphenix_core.retrieval.workbench import Workbench
from molphenix_core.versions import installed_versions

__all__ = ["gather_report"]

_NOTES = 12


def gather_report(
    workbench: Workbench,
    bundle: Bundle | None,
    library: Library | None,
    *,
    settings: ReportSettings | None = None,
    session: SessionRecord | None = None,
    quality: QualityChoice | None = None,
    progress: Progress = silent,
) -> PlateReport:
    """Judge the plates of a file, call its hits and rank molecules for the first of them.

    Parameters
    ----------
    workbench : Workbench
        Of a plate file.
    bundle : Bundle or None
        The one that the workbench was opened with.
    library : Library or None
        Embedded by the bundle; without it hits have measured neighbours only.
    settings : ReportSettings, optional
    session : SessionRecord, optional
        What a window adds.
    quality : QualityChoice, optional
    progress : callable
        Told the share done.

    Returns
    -------
    PlateReport

    Raises
    ------
    InputError
        The rule asks for what the plates do not have, or the file is gone.
    Cancelled
        From ``progress``.
    """
    settings = settings or ReportSettings()
    path = Path(workbench.plate.source)
    judged = gather_quality(workbench, quality or QualityChoice(), progress=_part(progress, 0.0, 0.45))
    drawn = gather_maps(workbench, most=settings.maps, progress=_part(progress, 0.45, 0.55))
    hits = gather_hits(workbench, bundle, library, settings, progress=_part(progress, 0.55, 1.0))
    figures, why = _figures(bundle)
    return PlateReport(
        title=f"Plate report: {path.stem}",
        file=path.name,
        simulated=workbench.plate.simulated,
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        provenance=_provenance(workbench, bundle, library, path),
        versions=installed_versions(),
        notes=_notes(workbench),
        figures=figures,
        figures_note=why,
        quality_titles=judged.titles,
        quality=judged.rows,
        quality_notes=judged.notes,
        map_notes=drawn.notes,
        map_legends=drawn.legends,
        maps=drawn.maps,
        rule=hits.rule,
        hits_text=hits.text,
        failed=hits.failed,
        hits=hits.hits,
        hits_note=hits.note,
        not_ranked=hits.not_ranked,
        session=session or SessionRecord(),
    )


def _part(progress: Progress, start: float, end: float) -> Progress:
    return lambda share, text: progress(start + (end - start) * share, f"Report: {text[:1].lower()}{text[1:]}")


def _provenance(
    workbench: Workbench, bundle: Bundle | None, library: Library | None, path: Path
) -> tuple[tuple[str, str], ...]:
    plate = workbench.plate
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    facts = [
        ("Plate file", path.name),
        ("SHA-256 of the file", digest),
        ("Wells", _wells(plate)),
        ("Treatments", f"{len(workbench.treatments):,}"),
        ("Embedding", f"{plate.embedding.encoder or 'not named'}, {plate.embeddings.shape[1]:,} features"),
        ("Embedding space", plate.space),
        ("Normalised before", " > ".join(plate.embedding.normalisation or ()) or "no, or not known"),
    ]
    if bundle is None:
        facts.append(("Model", "none could be used"))
    else:
        trained = "; ".join(
            f"{data.get('title')} ({data.get('licence')})" for data in bundle.facts.get("training", ())
        )
        facts += [
            ("Model", bundle.name),
            ("SHA-256 of the whole model", bundle.whole_hash or "none: it was not read from a folder"),
            ("Hash of its molecule path", bundle.molecule_path_hash),
            ("Trained on", trained or "not recorded"),
            ("Fit for these plates", "yes" if workbench.space_known else f"no: {workbench.space_reason}"),
        ]
    if library is None:
        facts.append(("Library", "none could be used"))
    else:
        doses = library.doses[~np.isnan(library.doses)]
        simulated = ", simulated" if library.simulated else ""
        facts += [
            ("Library", f"{library.name}, {len(library):,} molecules{simulated}"),
            ("Doses of the library", f"{', '.join(f'{dose:g}' for dose in doses)} µM"),
            ("SHA-256 of its embeddings", library.embeddings_sha256),
        ]
    return tuple(facts)


def _wells(plate: Plate) -> str:
    wells = f"{len(plate):,} on {len(plate.barcodes):,} plate{'' if len(plate.barcodes) == 1 else 's'}"
    treated, negative = int(plate.is_treated.sum()), int(plate.is_negative_control.sum())
    return f"{wells}: {treated:,} treated, {negative:,} negative controls"


def _notes(workbench: Workbench) -> tuple[str, ...]:
    notes = [
        *workbench.notes,
        *(f"A structure was not used in {one.wells:,} wells: {one.reason}" for one in workbench.rejected),
    ]
    if len(notes) > _NOTES:
        notes[_NOTES:] = [f"and {len(notes) - _NOTES:,} more"]
    return tuple(notes)


def _figures(bundle: Bundle | None) -> tuple[tuple[Figure, ...], str]:
    """What the card says of held-out data, and why it says nothing."""
    if bundle is None:
        return (), "No model could be used."
    rows = [row for row in bundle.facts.get("figures", ()) if row.get("method") in METHODS]
    groups: dict[tuple[str, str, str], dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        if "not_available" not in row:
            key = (Path(row.get("data") or "").stem, row["split"], row["gallery"])
            groups.setdefault(key, {})[row["method"]] = row
    if not groups:
        return (), "The card of this model holds no held-out figures."
    return tuple(_figure(*key, by) for key, by in groups.items()), ""


def _figure(data: str, split: str, gallery: str, by_method: Mapping[str, Mapping[str, Any]]) -> Figure:
    first = next(iter(by_method.values()))
    return Figure(
        data=data,
        split=split,
        gallery=gallery,
        recalls=tuple(_recall(by_method.get(method)) for method in METHODS),
        chance=float(first["chance"]),
        candidates=int(first["candidates"]),
        k=int(first["k"]),
    )


def _recall(row: Mapping[str, Any] | None) -> tuple[str, str]:
    if row is None:
        return "–", ""
    low, high = row["recall_interval"]
    return f"{row['recall_top_1_percent']:.3f}", f"{low:.3f} to {high:.3f}"
