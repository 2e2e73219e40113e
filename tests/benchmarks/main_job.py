"""Opening a 384-well plate and ranking its wells against the bundled library and against 116,750 molecules.

Run as ``python -m tests.benchmarks.main_job``. The large library is made from ``jump_compounds.csv.gz`` of the
shared measurements, once (minutes), and kept in the user's cache folder; without that file the part is left out.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import appdirs
import numpy as np
import torch

from molphenix_core.model.bundle import Bundle
from molphenix_core.model.bundle_files import load_bundle
from molphenix_core.plates.files import read_plate, write_plate
from molphenix_core.plates.plate import PLATE, WELL, Plate
from molphenix_core.plates.wells import well_name
from molphenix_core.progress import silent
from molphenix_core.resources import resource_folder
from molphenix_core.retrieval.build import build_library
from molphenix_core.retrieval.compounds import read_compound_table
from molphenix_core.retrieval.library import Library, open_library
from molphenix_core.retrieval.rank import rank_molecules
from molphenix_core.retrieval.workbench import open_workbench

WELLS, TOP, REPEATS, LIMIT = 384, 100, 7, 1.2
REPOSITORY = Path(__file__).resolve().parents[2]


def full_plate() -> Plate:
    """The wells of the demo plates laid out anew as one full 384-well plate."""
    plate = read_plate(next((resource_folder() / "plates").glob("*BR00114092*.h5ad"))).take(np.arange(WELLS))
    wells = plate.wells.copy()
    wells[PLATE] = "benchmark"
    wells[WELL] = [well_name(i // 24, i % 24) for i in range(WELLS)]
    wells.index = wells[WELL].astype(str)
    return dataclasses.replace(plate, wells=wells)


def large_library(bundle: Bundle) -> Library | None:
    """The library of JUMP compounds at one dose, built on first use; None without the compounds."""
    data = Path(os.environ.get("MOLPHENIX_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    table = data / "jump_compounds.csv.gz"
    folder = Path(appdirs.user_cache_dir("molphenix")) / f"benchmark-jump-{bundle.molecule_path_hash[:12]}"
    if not folder.is_dir():
        if not table.is_file():
            return None
        print(f"building a library of {table.name}, once ...", flush=True)
        start = time.perf_counter()
        report = build_library(
            read_compound_table(table),
            bundle,
            folder,
            doses=[10.0],
            name="JUMP compounds",
            source="JUMP-CP",
            licence="CC0",
            progress=silent,
        )
        print(f"  {report.molecules:,} molecules in {time.perf_counter() - start:.0f} s")
    return open_library(folder)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _row(name: str, seconds: list[float], extra: str = "") -> None:
    print(f"{name:<58} median {np.median(seconds):.3f} s ({min(seconds):.3f}-{max(seconds):.3f}){extra}")


def _rank(bundle: Bundle, plate: Plate, library: Library) -> float:
    """Print the time of ranking all wells, and return its ratio to one product and selection of the same size."""
    vectors = torch.from_numpy(np.concatenate([np.asarray(p, dtype=np.float32) for p in library.embeddings]))
    doses = np.full(WELLS, np.nan)
    queries = bundle.embed_phenotypes(plate.embeddings, plate.space)
    left = torch.from_numpy(queries)
    ranked, direct = [], []
    for repeat in range(REPEATS + 1):
        times = (
            _seconds(lambda: rank_molecules(queries, library, doses=doses, top=TOP)),
            _seconds(lambda: torch.topk(left @ vectors.T, min(TOP, len(vectors)), dim=1)),
        )
        if repeat:
            ranked.append(times[0])
            direct.append(times[1])
    ratio = float(np.median(np.divide(ranked, direct)))
    size = f"{len(library):,} molecules x {len(library.doses)} doses"
    _row(f"rank {WELLS} wells against {size}", ranked, f", ratio {ratio:.2f}")
    _row("  one torch product and topk of that size", direct)
    return ratio


def main() -> None:
    """Measure and print."""
    bundle = load_bundle(resource_folder() / "models" / "cell-painting-1")
    plate = full_plate()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plate.h5ad"
        write_plate(plate, path)
        opened = [_seconds(lambda: open_workbench(path, bundle)) for _ in range(REPEATS + 1)][1:]
    print(f"{WELLS}-well plate, {torch.get_num_threads()} threads, {REPEATS} times")
    _row("open: read, standardise, encode, activity, map", opened)
    _rank(bundle, plate, open_library(resource_folder() / "libraries" / "reference"))
    library = large_library(bundle)
    if library is None:
        print("116,750 molecules: not available without jump_compounds.csv.gz (set MOLPHENIX_SHARED_DATA)")
    else:
        ratio = _rank(bundle, plate, library)
        print(f"  limit {LIMIT}: {'held' if ratio <= LIMIT else 'NOT held'}")
    if sys.platform == "linux":
        import resource

        print(f"peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
