"""The command line: ``molphenix`` opens the program, its subcommands call one function of the library each."""

from __future__ import annotations

import io
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Annotated, Any

import typer

import molphenix_core
from molphenix_core.cli_options import (
    LibraryFolder,
    Model,
    open_model,
    parse_doses,
    parse_pairs,
    progress_line,
)
from molphenix_core.cli_report import report
from molphenix_core.errors import InputError, MolPhenixError
from molphenix_core.resources import default_job, default_library

__all__ = ["main"]

app = typer.Typer(
    name="molphenix",
    help="Retrieve molecules from cell phenotypes. Without a command, the window opens.",
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
)
library_app = typer.Typer(help="Molecule libraries.", no_args_is_help=True)
app.add_typer(library_app, name="library")


def main() -> None:
    """Run the command line; errors about input are one message and exit status 2, without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name that the console's encoding lacks must not end a run.
            stream.reconfigure(errors="backslashreplace")
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _note
            app(prog_name="molphenix")
    except MolPhenixError as error:
        print(f"molphenix: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        print(f"molphenix: {error.filename or 'file'}: {error.strerror or error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("molphenix: stopped", file=sys.stderr)
        sys.exit(130)


def _note(message: Warning | str, *_: object, **__: object) -> None:
    print(f"note: {message}", file=sys.stderr)


def _version(asked: bool) -> None:
    if asked:
        print(f"molphenix {molphenix_core.__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def window(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False,
) -> None:
    """Open the window when no command is given."""
    if context.invoked_subcommand is None and not version:
        from app.application import main as open_window

        raise typer.Exit(open_window([]))


@app.command("open")
def open_plates(plates: Annotated[list[str], typer.Argument(help="Plate files (.h5ad).")]) -> None:
    """Open the window on some plate files."""
    from app.application import main as open_window

    raise typer.Exit(open_window(plates))


@app.command()
def convert(
    table: Annotated[Path, typer.Argument(help="Profile table: CSV, CSV.GZ, TSV or Parquet.")],
    out: Annotated[Path, typer.Option("--out", help="Plate file to write (.h5ad).")],
    plate_map: Annotated[Path | None, typer.Option("--plate-map", help="What is in which well.")] = None,
    compounds: Annotated[Path | None, typer.Option("--compounds", help="Structures by compound id.")] = None,
    column: Annotated[
        list[str] | None, typer.Option("--column", help="FIELD=COLUMN, where the guess fails.")
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="Of concentrations: M, mM, uM or nM.")] = None,
    without_structure: Annotated[
        list[str] | None, typer.Option("--without-structure", help="A compound whose structure there is wrong.")
    ] = None,
) -> None:
    """Turn a profile table into a plate file, and say what was mapped and what could not be."""
    from molphenix_core.plates.convert import convert_table

    report = convert_table(
        table,
        out,
        plate_map=plate_map,
        compounds=compounds,
        columns=parse_pairs(column or []),
        unit=unit,
        without_structure=without_structure or [],
        progress=progress_line(),
    )
    print(report)


@app.command()
def train(
    job: Annotated[Path, typer.Argument(help="Job file (JSON).")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the bundle; by default beside the job.")
    ] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the plate files; the job's own.")] = None,
    device: Annotated[str | None, typer.Option("--device", help="auto, cpu or cuda; overrides the job.")] = None,
    library: LibraryFolder = None,
) -> None:
    """Train a retriever; progress and figures are printed as JSON lines.

    A job that cross-validates also calibrates its chances, among the molecules of the library.
    """
    import dataclasses

    from molphenix_core.jobs import run_job
    from molphenix_core.retrieval.library import open_library
    from molphenix_core.training.job import read_job

    def emit(event: dict[str, Any]) -> None:
        print(json.dumps(event, ensure_ascii=False), flush=True)

    wanted = read_job(job)
    if device is not None:
        wanted = dataclasses.replace(wanted, fit=dataclasses.replace(wanted.fit, device=device))
    molecules = None
    if wanted.cross_validation_seeds:
        molecules = open_library(library if library is not None else default_library())
    version = run_job(wanted, data or job.parent, out or job.parent / wanted.name, library=molecules, emit=emit)
    emit({"event": "done", "bundle": str(version)})


@app.command()
def encode(
    plate: Annotated[Path, typer.Argument(help="Plate file of CellProfiler profiles.")],
    out: Annotated[Path, typer.Option("--out", help="Plate file to write.")],
    barcode: Annotated[list[str] | None, typer.Option("--plate", help="Only these plates of the file.")] = None,
    model: Model = None,
) -> None:
    """Write a plate as embeddings, made by the model's profile encoder."""
    from molphenix_core.plates.files import read_plate, write_plate
    from molphenix_core.plates.plate import PLATE

    read = read_plate(plate)
    for name in barcode or []:
        if name not in read.barcodes:
            raise InputError(plate, PLATE, f"no plate {name!r}", "one of " + ", ".join(read.barcodes[:10]))
    if barcode:
        read = read.take(read.wells[PLATE].isin(barcode).to_numpy(dtype=bool))
    encoded = open_model(model).prepare(read)
    write_plate(encoded, out)
    print(f"{out}: {len(encoded)} wells x {len(encoded.feature_names)} in space {encoded.space}")


@app.command()
def normalise(
    plate: Annotated[Path, typer.Argument(help="Plate file (.h5ad).")],
    out: Annotated[Path, typer.Option("--out", help="Plate file to write.")],
    sphere: Annotated[bool, typer.Option("--sphere", help="Also sphere each batch to its controls.")] = False,
) -> None:
    """Normalise every plate to its negative controls; what was done is recorded and never done twice."""
    from molphenix_core.plates.files import read_plate, write_plate
    from molphenix_core.plates.normalise import normalise_to_controls, sphere_to_controls

    result = normalise_to_controls(read_plate(plate))
    if sphere:
        result = sphere_to_controls(result)
    write_plate(result, out)
    print(f"{out}: {len(result)} wells, normalisation {', '.join(result.embedding.normalisation or ())}")


@library_app.command("build")
def library_build(
    table: Annotated[Path, typer.Argument(help="CSV, Parquet or .smi with SMILES.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write.")],
    doses: Annotated[str, typer.Option(help="Micromolar, separated by commas; 'unknown' for none.")] = "10",
    name: Annotated[str, typer.Option(help="Of the library; the table's file name by default.")] = "",
    source: Annotated[str, typer.Option(help="Where the structures come from.")] = "",
    licence: Annotated[str, typer.Option(help="Their licence.")] = "",
    model: Model = None,
) -> None:
    """Embed molecules at one grid of doses, once, to be ranked ever after."""
    from molphenix_core.retrieval.build import build_library
    from molphenix_core.retrieval.compounds import read_compound_table

    report = build_library(
        read_compound_table(table),
        open_model(model),
        out,
        doses=parse_doses(doses),
        name=name or table.name,
        source=source or table.name,
        licence=licence,
        progress=progress_line(),
    )
    print(report)


@app.command()
def rank(
    plate: Annotated[Path, typer.Argument(help="Plate file (.h5ad).")],
    out: Annotated[Path, typer.Option("--out", help="Table of hits to write: .csv, .xlsx or .sdf.")],
    by: Annotated[str, typer.Option(help="treatment or well.")] = "treatment",
    top: Annotated[int, typer.Option(min=1, help="Hits a query, of each kind.")] = 10,
    model: Model = None,
    library: LibraryFolder = None,
) -> None:
    """Rank every treatment or well of a plate: predicted candidates and nearest measured treatments."""
    from molphenix_core.retrieval.hit_files import require_hits_format, write_hits
    from molphenix_core.retrieval.hits import hits_table
    from molphenix_core.retrieval.library import open_library
    from molphenix_core.retrieval.workbench import open_workbench

    if by not in ("treatment", "well"):
        raise InputError("command line", "--by", repr(by), "treatment or well")
    require_hits_format(out)
    bundle = open_model(model)
    opened = open_library(library if library is not None else default_library())
    opened.require(bundle)
    workbench = open_workbench(plate, bundle, progress=progress_line())
    for note in workbench.notes:
        print(f"note: {note}", file=sys.stderr)
    for structure in workbench.rejected:
        print(f"note: structure {structure.smiles!r} not used: {structure.reason}", file=sys.stderr)
    if not workbench.space_known:
        print(f"note: measured treatments only: {workbench.space_reason}", file=sys.stderr)
    hits = hits_table(workbench, bundle, opened, by="well" if by == "well" else "treatment", top=top)
    if hits.empty:
        raise InputError(plate, "obs", "no treated well with an identity", "wells to rank")
    write_hits(hits, out)
    queries = hits[["query_plates", "query_wells", "query_name", "query_dose_micromolar"]].drop_duplicates()
    against = f"{len(opened):,} molecules" if workbench.space_known else "measured treatments only"
    print(f"{out}: {len(hits)} hits for {len(queries)} {by}s against {against}")


app.command()(report)


@app.command()
def card(model: Model = None) -> None:
    """Print what a model was trained on, its held-out figures and its calibrated chances as Markdown tables."""
    from molphenix_core.evaluation.card_table import calibration_tables, card_table

    bundle = open_model(model)
    for training in bundle.facts.get("training", []):
        print(
            f"{bundle.name}: {training['training_treatments']} treatments of {training['training_molecules']} "
            f"molecules, {training['title']} ({training['source']}; {training['licence']})\n"
        )
    print(card_table(bundle))
    if chances := calibration_tables(bundle):
        print(f"\n{chances}")


@app.command()
def evaluate(
    plate: Annotated[Path, typer.Argument(help="Plate file with known structures.")],
    report: Annotated[Path, typer.Option("--report", help="JSON file to write.")],
    model: Model = None,
) -> None:
    """Recall of the retriever on a plate with known structures, beside chance and kernel ridge."""
    from molphenix_core.evaluation.evaluate import evaluate_plate, write_report
    from molphenix_core.retrieval.workbench import open_workbench

    bundle = open_model(model)
    content = evaluate_plate(open_workbench(plate, bundle, progress=progress_line()), bundle)
    write_report(content, report)
    print(f"note: {content['how']}\n")
    print(f"{'stratum':<18}{'gallery':<9}{'method':<36}{'N':>5}{'k':>3}{'chance':>8}{'top 1 %':>9}  95 % interval")
    for row in content["figures"]:
        head = f"{row['split']:<18}{row.get('gallery', ''):<9}"
        if "not_available" in row:
            print(f"{head}not available: {row['not_available']}")
            continue
        low, high = row["recall_interval"]
        print(
            f"{head}{row['method']:<36}{row['candidates']:>5}{row['k']:>3}{row['chance']:>8.3f}"
            f"{row['recall_top_1_percent']:>9.3f}  {low:.3f} to {high:.3f}"
        )


@app.command()
def encoders(
    plate: Annotated[Path, typer.Argument(help="Plate file of CellProfiler profiles, with structures.")],
    held_out: Annotated[
        list[str] | None, typer.Option("--hold-out-plate", help="A plate to fit no encoder on, and measure apart.")
    ] = None,
    folds: Annotated[int, typer.Option(min=1, max=5, help="Scaffold folds, of five, to hold out in turn.")] = 1,
) -> None:
    """Compare profile encoders by the replicates that each finds on other plates and at other positions."""
    from molphenix_core.evaluation.encoders import compare_encoders, encoder_table
    from molphenix_core.plates.files import read_plate

    comparison = compare_encoders(
        read_plate(plate), folds=range(folds), held_out_plates=held_out or [], progress=progress_line()
    )
    print(encoder_table(comparison))


@app.command()
def simulate(
    table: Annotated[Path, typer.Argument(help="CSV, Parquet or .smi with SMILES.")],
    out: Annotated[Path, typer.Option("--out", help="Plate file to write (.h5ad).")],
    doses: Annotated[str, typer.Option(help="Micromolar, separated by commas.")] = "0.1,1,10",
    replicates: Annotated[int, typer.Option(help="Wells of each treatment.")] = 4,
    inactive: Annotated[float, typer.Option(help="Share of inactive molecules, 0 to 1.")] = 0.5,
    seed: Annotated[int, typer.Option(help="Another seed, another screen.")] = 0,
) -> None:
    """Write a simulated screen of molecules, with known truth, as a plate file that says so."""
    from molphenix_core.plates.files import write_plate
    from molphenix_core.retrieval.compounds import read_compound_table
    from molphenix_core.simulate.config import SimulationConfig
    from molphenix_core.simulate.screen import simulate_screen

    config = SimulationConfig(
        doses=parse_doses(doses), replicates=replicates, batches=min(2, replicates), inactive=inactive, seed=seed
    )
    smiles = read_compound_table(table)["smiles"].tolist()
    plate = simulate_screen(smiles, config, source=str(table), progress=progress_line()).plate
    write_plate(plate, out)
    print(f"{out}: {len(plate)} simulated wells on {len(plate.barcodes)} simulated plates")


@app.command()
def paper(
    plates: Annotated[
        list[Path],
        typer.Argument(help="Plate files. The first gets all sections, the second the main comparison too."),
    ],
    out: Annotated[
        Path, typer.Option("--out", help="Folder of the report; results are kept there for the next run.")
    ],
    job: Annotated[Path | None, typer.Option("--job", help="Our recipe; that of the model that ships.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each recipe on each fold.")] = 3,
    processes: Annotated[
        int | None, typer.Option("--processes", min=1, help="At a time; one a processor by default.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="A section; --plan names them.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only say what would be computed.")] = False,
) -> None:
    """Rerun the published experiments on plate files, and write one report. It resumes where it stopped."""
    from molphenix_core.paper.extra import require

    require("jinja2", "matplotlib")
    from molphenix_core.paper.command import make_plan, run_plan, spoken
    from molphenix_core.training.job import read_job

    # The chances on the card are those of the recipe that ships.
    bundle = open_model(None) if job is None else None
    made = make_plan(plates, out, read_job(job or default_job()), seeds=seeds, only=only or [], bundle=bundle)
    count = processes or os.cpu_count() or 1
    print("\n".join(made.lines(processes=count)), flush=True)
    if not plan:
        progress = progress_line() if sys.stderr.isatty() else spoken(lambda line: print(line, flush=True))
        print(run_plan(made, processes=count, progress=progress))


if __name__ == "__main__":
    main()
