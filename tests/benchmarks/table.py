"""The table of candidates over 1,000,000 made-up rows: first page, sorting by two columns, filters, scrolling.

Run as ``python -m tests.benchmarks.table``; off screen unless ``QT_QPA_PLATFORM`` says otherwise. Times of sorting
stand beside what numpy's bare ``lexsort`` takes on the same keys here and now.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from statistics import median

import numpy as np

ROWS = 1_000_000
DOSES = 6
REPEATS = 5
SECONDS_TO_SORT = 0.3
SECONDS_TO_PAGE = 0.1
MILLISECONDS_ALLOWED = 50


def packed_texts(stem: str, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """A million different texts as the engine packs them, in an order of their own."""
    order = rng.permutation(ROWS)
    data = np.frombuffer("".join(f"{stem}{i:07d}" for i in order.tolist()).encode(), dtype=np.uint8)
    starts = np.arange(ROWS + 1, dtype=np.int64) * (len(stem) + 7)
    return {"data": data, "starts": starts, "ranks": order.astype(np.int32)}


def scores(rng: np.random.Generator) -> dict[str, object]:
    """Scores of a selection, as the engine packs them."""
    at_doses = rng.normal(size=(DOSES, ROWS)).astype(np.float32)
    score = at_doses.max(axis=0)
    rank = np.empty(ROWS, dtype=np.int32)
    rank[np.argsort(-score)] = np.arange(1, ROWS + 1)
    return {
        "at_doses": at_doses,
        "dose_index": -1,
        "score": score,
        "rank": rank,
        "best_dose": np.geomspace(0.1, 30, DOSES).astype(np.float32)[at_doses.argmax(axis=0)],
        "spread": np.ptp(at_doses, axis=0),
        "chance": (rank / ROWS).astype(np.float32),
    }


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from app.engine import Engine
    from app.library_table import LibraryScores, LibraryTable
    from app.molecule_facts import NUMBERS, MoleculeFacts
    from app.records import Chance
    from app.structures import Structures
    from app.views.candidates_table import CandidatesTable
    from app.views.table.filtering import RowFilter
    from app.views.table.sorting import SortKey
    from app.workspace import Workspace
    from tests.benchmarks.block_watch import BlockWatch

    qt = QApplication.instance() or QApplication([])
    rng = np.random.default_rng(0)
    engine = Engine("app.drawing_tasks", name="engine")
    drawing = Engine("app.drawing_tasks", name="drawing engine")
    library = LibraryTable.unpack(
        {
            **{
                name: packed_texts(stem, rng) for name, stem in (("smiles", "C"), ("inchikey", "K"), ("name", "m"))
            },
            "mechanism": {
                "codes": rng.integers(-1, 300, ROWS).astype(np.int32),
                "categories": [f"mechanism {i}" for i in range(300)],
            },
            "seen": rng.random(ROWS) < 0.01,
            "properties": {name: rng.normal(300, 90, ROWS).astype(np.float32) for name in NUMBERS},
            "doses": np.geomspace(0.1, 30, DOSES),
        }
    )
    packed = [scores(rng) for _ in range(2)]
    chance = Chance("", "", "", calibrated=False)
    workspace = Workspace(engine)
    view = CandidatesTable(Structures(drawing))
    view.table.set_hidden({"structure"})
    view.resize(1200, 800)
    view.show()
    facts = MoleculeFacts(ROWS, library.smiles, library.properties, workspace, workspace)
    watch = BlockWatch()
    failed = 0

    def timed(title: str, do: Callable[[], None], done: Callable[[], bool], limit: float | None) -> float:
        nonlocal failed
        seconds, blocks = [], []
        for _ in range(REPEATS):
            watch.start()
            began = time.perf_counter()
            do()
            while not done():
                qt.processEvents()
            view.table.viewport().repaint()
            seconds.append(time.perf_counter() - began)
            qt.processEvents()
            blocks.append(watch.stop())
        late = limit is not None and median(seconds) > limit
        blocked = max(blocks) > MILLISECONDS_ALLOWED
        failed += late + blocked
        allowed = f" (at most {limit} s){' TOO SLOW' if late else ''}" if limit is not None else ""
        held = f"Qt's thread held {max(blocks):.0f} ms{' TOO LONG' if blocked else ''}"
        print(f"{title:58} {median(seconds):7.3f} s{allowed}; {held}")
        return median(seconds)

    def idle() -> bool:
        return not view.busy

    def load() -> None:
        view.set_library(library, facts)
        view.set_scores(LibraryScores.unpack(packed[0]), chance, None)

    print(f"{ROWS:,} molecules, {DOSES} doses")
    timed(
        "first page after the data are there",
        load,
        lambda: len(view.table.rows_in_order()) == ROWS,
        SECONDS_TO_PAGE,
    )
    timed("the same, in the order of ranks", load, idle, None)
    other = iter([LibraryScores.unpack(packed[i % 2]) for i in range(REPEATS)])
    timed("scores of another selection", lambda: view.set_scores(next(other), chance, None), idle, SECONDS_TO_SORT)
    columns = view.table.column
    for first, second in (("mechanism", "score"), ("dose", "mw"), ("score", "clogp"), ("name", "inchikey")):
        directions = itertools.cycle((True, False))
        keys = [columns(second).sort_key(), columns(first).sort_key()]
        began = time.perf_counter()
        np.lexsort(keys)
        bare = time.perf_counter() - began

        def sort(first: str = first, second: str = second, turn: Iterator[bool] = directions) -> None:
            view.table.sort_by([SortKey(first, next(turn)), SortKey(second)])

        taken = timed(
            f"sorting by {first} and {second}",
            sort,
            idle,
            SECONDS_TO_SORT,
        )
        print(f"{'':58} {taken / bare:7.2f} times numpy's lexsort of the same two ({bare:.3f} s)")
    texts = iter([RowFilter(text) for text in ("m00", "12", "mechanism 7", "K01", "9 mech")])
    timed("filter by text", lambda: view.set_filter(next(texts)), idle, None)
    ranges = iter([RowFilter("", {"mw": (200.0 + i, 300.0)}) for i in range(REPEATS)])
    timed("filter by a range", lambda: view.set_filter(next(ranges)), idle, None)
    view.set_filter(RowFilter())
    steps = iter(np.linspace(0, view.table.verticalScrollBar().maximum(), REPEATS).astype(int).tolist())
    timed("scrolling to another page", lambda: view.table.verticalScrollBar().setValue(next(steps)), idle, None)
    found = iter([library.molecule(int(row)) for row in rng.integers(0, ROWS, REPEATS)])
    timed("showing a molecule chosen elsewhere", lambda: view.set_molecule(next(found)), idle, None)
    timed("selecting all", view.table.selectAll, idle, None)
    view.close()
    workspace.close()
    for one in (engine, drawing):
        one.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
