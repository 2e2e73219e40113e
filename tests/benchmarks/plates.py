"""Plates side by side: 84 of 384 wells and 20 of 1,536, with a watch on Qt. No library and no model is needed.

Run as ``python -m tests.benchmarks.plates``; off screen unless ``QT_QPA_PLATFORM`` says otherwise.
"""

from __future__ import annotations

import os
import sys
import tempfile

import numpy as np

FORMATS = ((84, 16, 24, 150), (20, 32, 48, 300))


def made_up_plates(count: int, rows: int, columns: int) -> dict[str, object]:
    """Full plates with controls at both sides, as the engine packs them."""
    rng = np.random.default_rng(0)
    grid = np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"), axis=-1).reshape(-1, 2)
    n, treatments = count * len(grid), 300
    kind = np.select([grid[:, 1] == 0, grid[:, 1] == columns - 1], [1, 2], 0).astype(np.int8)
    of_well = rng.integers(0, treatments, n).astype(np.int32)
    kinds = np.tile(kind, count)
    of_well[kinds > 0] = -1
    texts = {"codes": np.arange(treatments, dtype=np.int32), "categories": [f"t{i}" for i in range(treatments)]}
    none = {"codes": np.full(treatments, -1, dtype=np.int32), "categories": []}
    numbers = {"values": rng.uniform(0.001, 1, treatments)}
    return {
        "path": "made up",
        "token": "1",
        "sha256": "0" * 64,
        "barcodes": [f"P{i + 1:03d}" for i in range(count)],
        "plate_of_well": np.repeat(np.arange(count, dtype=np.int32), len(grid)),
        "positions": np.tile(grid, (count, 1)).astype(np.int16),
        "kind": kinds,
        "treatment_of_well": of_well,
        "treatments": {
            **dict.fromkeys(("name", "smiles", "inchikey"), texts),
            **dict.fromkeys(("mechanism", "null"), none),
            **dict.fromkeys(
                ("concentration", "n_wells", "seen", "p_value", "q_value", "distance_to_control", "consistency"),
                numbers,
            ),
        },
        "columns": {"Metadata_cell_count": {"values": rng.normal(400, 60, n)}},
        "pca": rng.normal(size=(n, 2)).astype(np.float32),
        "space_known": False,
        "space_reason": "made up",
        "simulated": True,
        "notes": [],
    }


def main() -> int:
    """Print the figures; 1 where Qt was held up."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MOLPHENIX_SETTINGS_DIR"] = folder
        return _measure(folder)


def _measure(folder: str) -> int:
    from PySide6.QtWidgets import QApplication

    from app import theme
    from app.engine import Engine
    from app.session_file import Limits
    from app.session_keeper import SessionKeeper
    from app.views.plates_page import PlatesPage
    from app.well_colours import WellColours
    from app.workspace import Workspace
    from tests.benchmarks.block_watch import Measured, measure

    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    theme.apply(application, theme.LIGHT)
    measured = Measured()
    for count, rows, columns, width in FORMATS:
        engine = Engine("tests.benchmarks.no_tasks")
        workspace = Workspace(engine)
        # Nothing is asked of an engine: what is measured is the window.
        workspace.ask = lambda *_asked, **_of: None  # type: ignore[method-assign]
        colours = WellColours(workspace, SessionKeeper(workspace, folder))
        page = PlatesPage(workspace, colours)
        page.resize(1400, 900)
        page.wall.set_tile_width(width)
        workspace._use_plate(made_up_plates(count, rows, columns))
        wall, bar = page.wall, page.wall.verticalScrollBar()
        plate = workspace.plate
        assert plate is not None
        third = np.arange(0, len(plate), 3)
        name = f"{count} plates of {rows * columns:,} wells"

        def in_sight(wall=wall) -> bool:
            return not wall.is_filling

        def scroll(bar=bar) -> None:
            bar.setValue(bar.maximum())

        for what, begin in (
            ("shown", page.show),
            ("scrolled to the end", scroll),
            ("every third well selected", lambda w=workspace, third=third: w.select(third)),
            ("other colours", lambda w=workspace: w.set_colour_by("column:Metadata_cell_count")),
            ("robust limits", lambda c=colours: c.set_limits(Limits(c.key, "robust"))),
            ("larger", lambda wall=wall: wall.set_tile_width(round(wall.tile_width * 1.5))),
        ):
            measure(f"{name}, {what}", begin, in_sight, in_sight, measured)
        page.close()
        workspace.requests.close()
        engine.close()
    return 0 if measured.held else 1


if __name__ == "__main__":
    sys.exit(main())
