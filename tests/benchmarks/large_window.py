"""A 1536-well plate opened, ranked and mapped in the window against 116,750 structures, with a watch on Qt.

Run as ``python -m tests.benchmarks.large_window``; off screen unless ``QT_QPA_PLATFORM`` says otherwise. Ends with
status 1 where Qt was blocked for longer than allowed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.window import whole_plate

_BUILD = """
from molphenix_core.model.bundle_files import load_bundle
from molphenix_core.resources import default_model
from tests.benchmarks.main_job import large_library
library = large_library(load_bundle(default_model()))
print(library.path if library is not None else "")
"""


def _library() -> str:
    """Folder of the large library, built where it has to be; "" without the compounds."""
    # In a process of its own: the window's must not have torch in it.
    done = subprocess.run([sys.executable, "-c", _BUILD], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()[-1]


def main() -> int:
    """Measure and print; returns the exit status."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    library = _library()
    if not library:
        print("116,750 molecules: not available without jump_compounds.csv.gz (set MOLPHENIX_SHARED_DATA)")
        return 0
    os.environ["MOLPHENIX_LIBRARY"] = library
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MOLPHENIX_SETTINGS_DIR"] = folder
        path = Path(folder) / "whole.h5ad"
        whole_plate(path, 32, 48)
        return _measure(path, Path(folder))


def _measure(path: Path, folder: Path) -> int:
    from app.application import Program, application
    from app.off_screen import wait_until
    from app.views.map.map_colours import CLUSTER
    from app.views.map.map_data import MapRequest
    from tests.benchmarks.block_watch import Measured, measure

    # Kept: without a name Qt's application would be taken apart.
    _application = application()
    program = Program()
    window, workspace = program.window, program.window.workspace
    failed: list[str] = []
    workspace.failed.connect(lambda title, error: failed.append(f"{title}: {error.text}"))
    window.resize(1440, 900)
    window.show()
    wait_until(lambda: bool(failed) or bool(workspace.session.model))
    measured = Measured()
    background = workspace.requests.background

    def settled() -> bool:
        engines = (workspace.engine, background, program.drawing_engine)
        idle = window.structures.idle and not any(engine.running for engine in engines)
        return bool(failed) or (idle and not workspace.busy_ranking)

    def step(name: str, begin: Callable[[], object], done: Callable[[], bool] = settled) -> None:
        measure(name, begin, lambda: bool(failed) or done(), settled, measured)

    def ranked() -> bool:
        return workspace.ranking is not None

    print(f"1,536 wells, {workspace.session.library}")
    step("open the plate, rank the first treatment", lambda: workspace.open([path]), ranked)
    step("rank the mean of all wells", workspace.select_all, ranked)
    step("rank one well", lambda: workspace.select([17]), ranked)
    for page in window.pages.ids:
        step(f"show the page {page}", lambda page=page: window.pages.show_page(page))
    window.pages.show_page("map")
    controls = window.map_page.controls

    def mapped(request: MapRequest) -> Callable[[], object]:
        return lambda: controls.request_changed.emit(controls.set_request(request))

    step("map the wells and all molecules, joint space, PCA", mapped(MapRequest(space="joint", library=True)))
    print(f"  points on the map: {len(window.map_page.data):,}")
    step("map the wells, UMAP", mapped(MapRequest(method="umap")))
    step("colour by cluster", lambda: controls.colour_by.chosen.emit(CLUSTER))
    window.pages.show_page("plates")
    for key in ("distance", "dose", "kind"):
        step(f"colour by {key}", lambda key=key: workspace.set_colour_by(key))
    window.pages.show_page("candidates")
    hits = folder / "hits.csv"
    step("rank every treatment and export the hits", lambda: workspace.export_hits(hits), hits.is_file)
    program.close()
    if failed:
        print(f"failed: {failed[0]}", file=sys.stderr)
    return 1 if failed or not measured.held else 0


if __name__ == "__main__":
    sys.exit(main())
