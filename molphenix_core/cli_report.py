"""``molphenix report``: one web page about a plate file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from molphenix_core.cli_options import LibraryFolder, Model, open_model, progress_line
from molphenix_core.resources import default_library

__all__ = ["report"]


def report(
    plate: Annotated[Path, typer.Argument(help="Plate file (.h5ad).")],
    out: Annotated[Path, typer.Option("--out", help="Page to write: .html.")],
    hits: Annotated[int, typer.Option(min=0, help="Hits shown with their structure and ranking.")] = 20,
    max_q: Annotated[
        float, typer.Option("--max-q", min=0, max=1, help="Largest q-value of replicate consistency of a hit.")
    ] = 0.05,
    model: Model = None,
    library: LibraryFolder = None,
) -> None:
    """Write a web page about a plate file: model and library, quality, plate maps, hits and their candidates."""
    from molphenix_core.plate_report.content import ReportSettings
    from molphenix_core.plate_report.gather import gather_report
    from molphenix_core.plate_report.page import require_report_format, write_plate_report
    from molphenix_core.plates.hit_rule import HitRule
    from molphenix_core.retrieval.library import open_library
    from molphenix_core.retrieval.workbench import open_workbench

    require_report_format(out)
    bundle = open_model(model)
    opened = open_library(library if library is not None else default_library())
    opened.require(bundle)
    progress = progress_line()
    workbench = open_workbench(plate, bundle, progress=progress)
    settings = ReportSettings(rule=HitRule(max_q=max_q), hits=hits)
    found = gather_report(workbench, bundle, opened, settings=settings, progress=progress)
    write_plate_report(found, out)
    if not workbench.space_known:
        print(f"note: measured treatments only: {workbench.space_reason}", file=sys.stderr)
    print(f"{out}: {found.hits_text}")
