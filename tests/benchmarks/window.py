"""The window: start to its first paint, opening and ranking a 384-well plate, and how long Qt was blocked.

Run as ``python -m tests.benchmarks.window``; off screen unless ``QT_QPA_PLATFORM`` says otherwise.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

STARTS = 5

_START = """
import os, sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
from app.application import Program, application

class Paints(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            # Once the event loop comes round again, every view has been painted too.
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self.report)
        return False

    def report(self):
        print(time.time() - float(os.environ["MOLPHENIX_BENCHMARK_BEGAN"]), flush=True)
        QTimer.singleShot(0, qt.quit)

if __name__ == "__main__":
    qt = application()
    program = Program()
    paints = Paints()
    program.window.installEventFilter(paints)
    program.window.show()
    qt.exec()
    program.close()
"""


def _start_once(script: Path, folder: str) -> float:
    environment = {
        **os.environ,
        "MOLPHENIX_BENCHMARK_BEGAN": str(time.time()),
        "MOLPHENIX_SETTINGS_DIR": folder,
        "PYTHONPATH": str(Path.cwd()),
    }
    done = subprocess.run(
        [sys.executable, str(script)], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return float(done.stdout.split()[0])


def _forget_files() -> bool:
    """Ask the system to drop what it keeps of our files in memory; whether it can be asked."""
    if not hasattr(os, "posix_fadvise"):
        return False
    for name in ("PySide6", "shiboken6", "numpy", "pyqtgraph", "app", "molphenix_core"):
        spec = find_spec(name)
        for folder in (spec.submodule_search_locations if spec is not None else None) or ():
            for path in Path(folder).rglob("*"):
                if path.is_file():
                    with path.open("rb") as file:
                        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return True


def _measure_starts() -> None:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "start.py"
        script.write_text(_START, encoding="utf-8")
        cold = "files dropped from memory" if _forget_files() else "first start of this run"
        print(f"start to painted window, cold ({cold}): {_start_once(script, folder):.2f} s")
        warm = sorted(_start_once(script, folder) for _ in range(STARTS))
        print(f"start to painted window, warm: median {warm[STARTS // 2]:.2f} s ({warm[0]:.2f}-{warm[-1]:.2f})")


def whole_plate(path: Path, rows: int = 16, columns: int = 24) -> None:
    """Write a full plate in the demo plate's space: its wells, repeated until every position is filled."""
    import numpy as np

    from app.demo import demo_plate
    from molphenix_core.plates.files import read_plate, write_plate
    from molphenix_core.plates.plate import PLATE, WELL
    from molphenix_core.plates.wells import well_name

    demo = read_plate(demo_plate())
    plate = demo.take(np.resize(np.arange(len(demo)), rows * columns))
    wells = plate.wells.reset_index(drop=True)
    wells[PLATE] = "whole"
    wells[WELL] = [well_name(row, column) for row in range(rows) for column in range(columns)]
    wells.index = [f"whole:{well}" for well in wells[WELL]]
    write_plate(plate.__class__(wells, plate.embeddings, plate.feature_names, plate.embedding), path)


def _measure_work() -> None:
    from app.application import Program, application
    from app.off_screen import wait_until
    from tests.benchmarks.block_watch import Measured, measure

    with tempfile.TemporaryDirectory() as folder:
        os.environ["MOLPHENIX_SETTINGS_DIR"] = folder
        path = Path(folder) / "whole.h5ad"
        whole_plate(path)
        # Kept: without a name Qt's application would be taken apart.
        _application = application()
        program = Program()
        window, workspace = program.window, program.window.workspace
        failed: list[str] = []
        workspace.failed.connect(lambda title, error: failed.append(f"{title}: {error.text}"))
        window.show()
        wait_until(lambda: bool(failed) or bool(workspace.session.model))
        measured = Measured()

        def measure_work(name: str, begin: Callable[[], object], done: Callable[[], bool]) -> None:
            measure(name, begin, lambda: bool(failed) or done(), lambda: window.structures.idle, measured)

        hits = Path(folder) / "hits.csv"
        measure_work(
            "open a 384-well plate, rank the first treatment",
            lambda: workspace.open([path]),
            lambda: workspace.ranking is not None,
        )
        measure_work("rank the mean of all wells", workspace.select_all, lambda: workspace.ranking is not None)
        measure_work(
            "colour by a metadata column", lambda: workspace.set_colour_by("column:Metadata_moa"), lambda: True
        )
        measure_work("rank every treatment and export the hits", lambda: workspace.export_hits(hits), hits.is_file)
        program.close()
        _print_peak_memory()
        if failed:
            raise SystemExit(f"failed: {failed[0]}")


def _print_peak_memory() -> None:
    if sys.platform == "win32":
        return
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    window = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
    engine = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit / 2**20
    print(f"peak memory: window {window:.0f} MiB, largest engine process {engine:.0f} MiB")


def main() -> None:
    """Measure and print."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    _measure_starts()
    _measure_work()


if __name__ == "__main__":
    main()
