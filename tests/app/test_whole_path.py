"""The program as it ships: from the demo plate to exported hits, with the real library in the engine."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from app.application import Program
from app.demo import demo_plate
from app.engine import Engine
from app.off_screen import wait_until
from app.views.cards import CARD
from molphenix_core.plates.files import read_plate, write_plate
from molphenix_core.plates.wells import parse_well
from molphenix_core.resources import default_library, default_model

TIMEOUT = 120_000
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def program(request: pytest.FixtureRequest) -> Iterator[Program]:
    request.getfixturevalue("qtbot")
    program = Program()
    program.window.show()
    yield program
    program.close()


@pytest.fixture
def demo(program: Program, qtbot) -> Program:
    """The program with its demo plate open and the first selection ranked."""
    program.window.actions_by_id["open_demo"].trigger()
    qtbot.waitUntil(lambda: program.window.workspace.ranking is not None, timeout=TIMEOUT)
    return program


def click_well(program: Program, hands, name: str) -> None:
    position = parse_well(name)
    assert position is not None
    plate_map = program.window.plate_view.map
    hands.click(plate_map, plate_map.cell_rect(*position).center().toPoint())


def test_from_the_demo_plate_to_exported_hits(demo, qtbot, hands, tmp_path, monkeypatch):
    window, workspace = demo.window, demo.window.workspace
    plate = workspace.plate
    assert plate is not None
    assert plate.space_known
    assert len(plate.barcodes) == 2
    assert "recall in the top 1 %" in window.statusBar().model.text()
    assert "chance" in window.statusBar().model.text()
    assert "molecules" in window.statusBar().library.text()

    row = next(int(r) for r in plate.rows_on(workspace.barcode) if plate.treatment_of_well[r] >= 0)
    click_well(demo, hands, plate.well(row))
    window.actions_by_id["replicates"].trigger()
    qtbot.waitUntil(lambda: workspace.ranking is not None, timeout=TIMEOUT)
    treatment = plate.molecule(int(plate.treatment_of_well[row]))
    assert window.candidates.headline.text().startswith(f"{treatment.name}, ")
    assert window.candidates.own_line.text().startswith(f"True molecule: {treatment.name}")

    cards = window.candidates.predicted.cards
    assert cards.rowCount() == 100
    first = cards.index(0).data(CARD)
    assert first.molecule.smiles
    assert first.figure.startswith("score ")
    assert first.molecule.seen in {True, False}
    assert window.candidates.measured.cards.rowCount() > 0
    window.grab()
    qtbot.waitUntil(lambda: window.structures.idle, timeout=TIMEOUT)

    out = tmp_path / "hits.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    with qtbot.waitSignal(workspace.exported, timeout=TIMEOUT):
        qtbot.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    with out.open(newline="", encoding="utf-8") as file:
        hits = list(csv.DictReader(file))
    assert {hit["kind"] for hit in hits} == {"predicted", "measured"}
    dose = plate.treatments["concentration"][int(plate.treatment_of_well[row])]
    mine = [
        hit
        for hit in hits
        if hit["query_name"] == treatment.name and float(hit["query_dose_micromolar"]) == pytest.approx(dose)
    ]
    best = {hit["hit_name"] for hit in mine if hit["kind"] == "predicted" and hit["hit_rank"] == "1"}
    assert first.molecule.name in best


def test_bad_files_are_told_and_the_demo_stays(demo, qtbot, tmp_path):
    workspace = demo.window.workspace
    text = tmp_path / "table.h5ad"
    text.write_text("well,value\nA01,3\n")
    cut = tmp_path / "cut.h5ad"
    cut.write_bytes(demo_plate().read_bytes()[:20_000])
    before = workspace.plate
    for path in (text, cut, tmp_path / "none.h5ad"):
        with qtbot.waitSignal(workspace.failed, timeout=TIMEOUT):
            workspace.open([path])
        shown = demo.window.message_bar.text()
        assert str(path) in shown
        assert f"{path.name} could not be opened" in shown
        assert "found" in shown
        assert "expected" in shown
        assert workspace.plate is before


def kill(engine: Engine, qtbot) -> None:
    pid = engine.pid
    assert pid is not None
    with qtbot.waitSignal(engine.died, timeout=TIMEOUT):
        os.kill(pid, signal.SIGTERM)
    assert engine.pid != pid


def test_killing_the_engine_costs_a_message(demo, qtbot, hands):
    workspace = demo.window.workspace
    assert demo.window.message_bar.text() == ""
    kill(demo.engine, qtbot)
    message = demo.window.message_bar.text()
    assert message.startswith("The engine stopped unexpectedly")
    assert "was started again" in message
    click_well(demo, hands, "C03")
    qtbot.waitUntil(lambda: workspace.ranking is not None, timeout=TIMEOUT)
    assert workspace.ranking.candidates
    assert demo.window.message_bar.text() == message


@pytest.fixture
def changing(program: Program, qtbot, tmp_path) -> tuple[Program, Path]:
    """The program with a plate open in a place where it can change."""
    path = tmp_path / "plate.h5ad"
    shutil.copyfile(demo_plate(), path)
    program.open([path])
    qtbot.waitUntil(lambda: program.window.workspace.ranking is not None, timeout=TIMEOUT)
    return program, path


def cut_in_half(path: Path) -> None:
    """The same plate without every other well: every row number means another well."""
    plate = read_plate(path)
    write_plate(plate.take(np.arange(0, len(plate), 2)), path)


@pytest.mark.parametrize("change", [cut_in_half, Path.unlink])
def test_wells_are_ranked_as_opened_whatever_becomes_of_the_file(changing, qtbot, tmp_path, change):
    program, path = changing
    workspace = program.window.workspace
    before = workspace.ranking
    rows = workspace.selection
    change(path)
    workspace.select_none()
    workspace.select(rows)
    qtbot.waitUntil(lambda: workspace.ranking is not None, timeout=TIMEOUT)
    assert workspace.ranking == before
    with qtbot.waitSignal(workspace.exported, timeout=TIMEOUT):
        workspace.export_hits(tmp_path / "hits.csv")


@pytest.mark.parametrize(
    ("change", "words"), [(cut_in_half, "changed since it was opened"), (Path.unlink, "nothing there any more")]
)
def test_after_a_restart_rows_of_a_changed_file_are_refused(changing, qtbot, tmp_path, change, words):
    program, path = changing
    window, workspace = program.window, program.window.workspace
    kill(program.engine, qtbot)
    change(path)
    workspace.select([workspace.selection[0]])
    qtbot.waitUntil(lambda: workspace.ranking_error is not None, timeout=TIMEOUT)
    assert words in window.message_bar.text()
    assert str(path) in window.message_bar.text()
    with qtbot.waitSignal(workspace.failed, timeout=TIMEOUT):
        workspace.export_hits(tmp_path / "hits.csv")
    assert not (tmp_path / "hits.csv").exists()
    old = workspace.plate
    shutil.copyfile(demo_plate(), path)
    cut_in_half(path)
    assert window.message_bar.offer.text() == "Open again"
    with qtbot.waitSignal(workspace.opened, timeout=TIMEOUT):
        qtbot.mouseClick(window.message_bar.offer, Qt.MouseButton.LeftButton)
    assert len(workspace.plate) == (len(old) + 1) // 2
    assert len(workspace.plates) == 1
    qtbot.waitUntil(lambda: workspace.ranking is not None, timeout=TIMEOUT)


def test_an_unchanged_file_is_read_again_after_a_restart(changing, qtbot):
    program, _ = changing
    workspace = program.window.workspace
    before = workspace.ranking
    kill(program.engine, qtbot)
    rows = workspace.selection
    workspace.select_none()
    workspace.select(rows)
    qtbot.waitUntil(lambda: workspace.ranking is not None, timeout=TIMEOUT)
    assert [c.molecule.key for c in workspace.ranking.candidates] == [c.molecule.key for c in before.candidates]


def damaged(folder: Path, name: str, copy: Path) -> Path:
    """A copy of a folder with one byte of one file flipped."""
    shutil.copytree(folder, copy)
    (file,) = copy.rglob(name)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    return copy


@pytest.mark.parametrize("broken", [("model",), ("library",), ("model", "library")])
def test_a_damaged_model_or_library_is_named_and_measured_treatments_are_still_found(
    request, tmp_path, monkeypatch, broken
):
    files = {
        "model": (default_model(), "model.safetensors"),
        "library": (default_library(), "embeddings.npy"),
    }
    for part in broken:
        monkeypatch.setenv(f"MOLPHENIX_{part.upper()}", str(damaged(*files[part], tmp_path / part)))
    program = request.getfixturevalue("demo")
    window, workspace = program.window, program.window.workspace
    status, candidates = window.statusBar(), window.candidates
    named = f"The {' and '.join(broken)} cannot be used"
    for part, label in (("model", status.model), ("library", status.library)):
        assert (label.text() == f"The {part} cannot be used") is (part in broken)
        assert "loaded" not in label.text()
        assert (str(tmp_path / part) in candidates.predicted_pages.text()) is (part in broken)
        assert (str(tmp_path / part) in window.message_bar.text()) is (part in broken)
    assert named in candidates.predicted_pages.text()
    assert candidates.banner.text().startswith(named)
    assert "embedding space" not in candidates.predicted_pages.text()
    assert candidates.measured_pages.text() == ""
    assert candidates.measured.cards.rowCount() > 0
    assert workspace.plate.space_known is ("model" not in broken)


def test_with_every_page_shown_the_window_fits_a_small_screen(demo):
    """With the texts of a real plate: those of a test's are shorter."""
    window = demo.window
    for page in window.pages.ids:
        window.pages.show_page(page)
        wait_until(lambda: demo.engine.running is None)
    window.resize(1100, 700)
    assert (window.width(), window.height()) == (1100, 700)


def test_every_control_has_an_accessible_name(demo):
    from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QProgressBar

    window = demo.window
    controls = [
        widget
        for kind in (QAbstractButton, QAbstractItemView, QComboBox, QProgressBar)
        for widget in window.findChildren(kind)
        if widget.isVisibleTo(window)
    ]
    assert len(controls) > 8

    def named(widget: QWidget) -> bool:
        text = getattr(widget, "text", str)()
        return bool(widget.accessibleName() or text or widget.objectName().startswith("qt_"))

    assert [type(widget).__name__ for widget in controls if not named(widget)] == []


_LIGHT = """
import sys
from app.application import Program, application
from app.demo import demo_plate
from app.off_screen import render
if __name__ == "__main__":
    application()
    program = Program()
    render(program, [demo_plate()])
    assert program.window.workspace.ranking.candidates
    program.close()
    print(sorted({"torch", "pandas", "rdkit", "scipy"} & set(sys.modules)))
"""


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "QT_QPA_PLATFORM": "offscreen", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_the_windows_process_imports_no_heavy_library(tmp_path):
    script = tmp_path / "light.py"
    script.write_text(_LIGHT)
    done = run(str(script))
    assert done.stdout.strip() == "[]", done.stderr


def test_the_command_line_starts_without_qt():
    done = run("-c", "import sys, app.__main__; print([m for m in sys.modules if 'PySide' in m or m == 'numpy'])")
    assert done.stdout.strip() == "[]", done.stderr


def test_without_a_display_hits_and_a_picture_are_written(tmp_path):
    done = run("-m", "app", "--off-screen", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    hits, picture = tmp_path / "out" / "hits.csv", tmp_path / "out" / "window.png"
    assert str(hits) in done.stdout
    assert str(picture) in done.stdout
    assert hits.read_text(encoding="utf-8").startswith("query_")
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_without_a_display_a_bad_plate_is_one_line_and_a_status(tmp_path):
    bad = tmp_path / "bad.h5ad"
    bad.write_text("no HDF5")
    done = run("-m", "app", "--off-screen", str(tmp_path / "out"), str(bad))
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("molphenix:")]
    assert len(lines) == 1
    assert str(bad) in lines[0]
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
def test_a_missing_display_is_told():
    done = run("-m", "app", DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    assert done.returncode == 1
    assert done.stderr.strip().startswith("molphenix: there is no display")


def test_qt_keeps_its_hands_off_pythons_constants(qtbot):
    """PySide6 6.12.0 gives away one reference to None with each void call: Python 3.11 dies of it in minutes."""
    widget = QWidget()
    qtbot.addWidget(widget)
    spare = [None] * 2000
    before = sys.getrefcount(None)
    for _ in range(1000):
        widget.update()
    assert sys.getrefcount(None) > before - 100
    del spare
