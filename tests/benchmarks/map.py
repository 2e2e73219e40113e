"""The map: first paint, and frames a second over a scripted pan and zoom, beside pyqtgraph's scatter.

Run as ``python -m tests.benchmarks.map``; off screen unless ``QT_QPA_PLATFORM`` says otherwise.
"""

from __future__ import annotations

import math
import os
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tests.benchmarks.block_watch import MILLISECONDS_ALLOWED, BlockWatch

SIZES = (1_000_000, 100_000, 10_000)
# What pyqtgraph's scatter does in seconds, not minutes.
COMMON = 100_000
REPEATS = 5
SECONDS = 2.5
DISPLAY = 60
PIXELS_A_SECOND = 600.0
SECONDS_TO_FIRST_PAINT = 2.0
FRAMES_A_SECOND = 30.0
_VIEW = (1100, 800)


def _screen(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Points in clusters of different density, and a value for each that follows where it lies."""
    random = np.random.default_rng(0)
    middles, widths = random.normal(size=(40, 2)) * 4, random.uniform(0.1, 1.2, 40)
    of = random.integers(40, size=n)
    at = (middles[of] + random.normal(size=(n, 2)) * widths[of, None]).astype(np.float32)
    value = np.clip(0.5 + at[:, 0] / 24 + random.normal(scale=0.1, size=n), 0, 1)
    return at, (value * 48).astype(np.uint8)


def _scene(n: int) -> Any:
    from app.theme import SEQUENTIAL
    from app.views.map.points import Scene

    at, code = _screen(n)
    palette = SEQUENTIAL[np.rint(np.arange(49) * (255 / 48)).astype(np.intp)]
    zeros = np.zeros(n, dtype=np.uint8)
    return Scene(at, code, zeros, palette, zeros, np.ones(n, dtype=bool))


def _figures(values: Sequence[float], unit: str, digits: int = 2) -> str:
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"median {middle:.{digits}f} {unit} ({low:.{digits}f} to {high:.{digits}f})"


class _Frames:
    """Frames a second that could be painted while something moves at a steady pace, and how many lacked a part.

    Frames come as a display asks for them, and what is painted in threads goes on in between.
    """

    def __init__(
        self, move: Callable[[float], None], repaint: Callable[[], None], whole: Callable[[], bool]
    ) -> None:
        from PySide6.QtCore import QEventLoop, Qt, QTimer

        frames, lacking, busy = 0, 0, 0.0
        began = last = time.perf_counter()
        loop = QEventLoop()

        def frame() -> None:
            nonlocal frames, lacking, busy, last
            now = time.perf_counter()
            move(now - last)
            last = now
            repaint()
            frames += 1
            lacking += not whole()
            busy += time.perf_counter() - now
            if now - began > SECONDS:
                loop.quit()

        display = QTimer(interval=1000 // DISPLAY, timerType=Qt.TimerType.PreciseTimer)
        display.timeout.connect(frame)
        display.start()
        loop.exec()
        display.stop()
        self.rate = frames / busy
        self.shown = frames / (time.perf_counter() - began)
        self.lacking = lacking / frames


def _pan(canvas: Any) -> _Frames:
    """In a circle, faster than a hand."""
    angle = 0.0

    def move(seconds: float) -> None:
        nonlocal angle
        angle += seconds
        step = PIXELS_A_SECOND * seconds
        canvas.pan(step * math.cos(angle), step * math.sin(angle))

    return _Frames(move, canvas.repaint, lambda: canvas.whole)


def _zoom(canvas: Any) -> _Frames:
    """To ten times and back."""
    from PySide6.QtCore import QPointF

    began = time.perf_counter()
    middle = QPointF(_VIEW[0] / 3, _VIEW[1] / 2)

    def move(seconds: float) -> None:
        nearer = time.perf_counter() - began < SECONDS / 2
        canvas.zoom_about(10 ** (seconds / (SECONDS / 2) * (1 if nearer else -1)), middle)

    return _Frames(move, canvas.repaint, lambda: canvas.whole)


def _measure(n: int) -> tuple[float, float]:
    """Print the figures of the map at a size; median first paint and pan for comparison."""
    from PySide6.QtWidgets import QApplication

    from app.off_screen import wait_until
    from app.views.map.point_canvas import PointCanvas

    canvas = PointCanvas()
    canvas.resize(*_VIEW)
    canvas.show()
    QApplication.processEvents()
    watch = BlockWatch()
    paints, pans, zooms, blocks = [], [], [], []
    scene = _scene(n)
    for _ in range(REPEATS):
        canvas.set_scene(None)
        QApplication.processEvents()
        watch.start()
        began = time.perf_counter()
        canvas.set_scene(scene, keep_view=False)
        wait_until(lambda: canvas.whole)
        canvas.repaint()
        paints.append(time.perf_counter() - began)
        canvas.set_marked(np.arange(0, n, n // 400))
        pans.append(_pan(canvas))
        zooms.append(_zoom(canvas))
        wait_until(lambda: canvas.settled)
        blocks.append(watch.stop())
        canvas.fit()
    wait_until(lambda: canvas.settled)
    canvas.close()
    canvas.deleteLater()
    QApplication.processEvents()
    print(f"{n:>9,} points: first paint  {_figures(paints, 's')}{_verdict(max(paints) <= SECONDS_TO_FIRST_PAINT)}")
    for name, moves in (("panning", pans), ("zooming", zooms)):
        rates, shown = [move.rate for move in moves], statistics.median(move.shown for move in moves)
        lacking = statistics.median(move.lacking for move in moves)
        verdict = _verdict(min(move.shown for move in moves) >= FRAMES_A_SECOND)
        words = f"{_figures(rates, 'frames/s', 0)}, {shown:.0f} of {DISPLAY} shown, {lacking:.0%} lack a part"
        print(f"{'':>17}  {name:<12} {words}{verdict}")
    print(
        f"{'':>17}  longest block of Qt {_figures(blocks, 'ms', 1)}{_verdict(max(blocks) <= MILLISECONDS_ALLOWED)}"
    )
    return statistics.median(paints), statistics.median(move.rate for move in pans)


def _verdict(kept: bool) -> str:
    return "" if kept else "  MISSED"


def _measure_pyqtgraph(n: int) -> tuple[float, float]:
    """The same for pyqtgraph's scatter, with one brush a colour and no outline: what it is quickest at."""
    import pyqtgraph as pg
    from PySide6.QtWidgets import QApplication

    from app.theme import SEQUENTIAL

    at, code = _screen(n)
    brushes = np.array([pg.mkBrush(*SEQUENTIAL[round(i * 255 / 48)]) for i in range(49)], dtype=object)
    paints, pans = [], []
    for _ in range(REPEATS):
        plot = pg.PlotWidget()
        plot.resize(*_VIEW)
        plot.show()
        QApplication.processEvents()
        began = time.perf_counter()
        item = pg.ScatterPlotItem(pos=at, brush=brushes[code], pen=None, size=6)
        plot.addItem(item)
        plot.viewport().repaint()
        QApplication.processEvents()
        paints.append(time.perf_counter() - began)
        view = plot.getViewBox()
        across, up = view.viewPixelSize()
        angle = 0.0

        def move(seconds: float, view: Any = view, across: float = across, up: float = up) -> None:
            nonlocal angle
            angle += seconds
            step = PIXELS_A_SECOND * seconds
            view.translateBy(x=step * across * math.cos(angle), y=step * up * math.sin(angle))

        pans.append(_Frames(move, plot.viewport().repaint, lambda: True).rate)
        plot.close()
        plot.deleteLater()
        QApplication.processEvents()
    print(f"{n:>9,} points, pyqtgraph: first paint  {_figures(paints, 's')}")
    print(f"{'':>28}  panning      {_figures(pans, 'frames/s', 1)}")
    return statistics.median(paints), statistics.median(pans)


def main() -> None:
    """Measure and print."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from app.application import application

    # Named, so that it lives until the end.
    program = application()
    ours = {n: _measure(n) for n in SIZES}
    paint, pan = _measure_pyqtgraph(COMMON)
    print(
        f"at {COMMON:,} points the map paints first {paint / ours[COMMON][0]:.1f} times as fast as pyqtgraph, "
        f"and pans at {ours[COMMON][1] / pan:.1f} times its frames a second"
    )
    program.quit()


if __name__ == "__main__":
    main()
