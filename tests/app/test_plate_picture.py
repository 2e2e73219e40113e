"""The picture of a plate, well by well: every format, light and dark, at one and two pixels a point."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from app.colouring import Colouring
from app.theme import DARK, LIGHT, Theme, apply, rgb_of
from app.views.plate_image import rings_image, wells_image
from app.views.plate_picture import PlatePicture

FORMATS = [(8, 12), (16, 24), (32, 48)]


@pytest.fixture
def restored_theme(qapp: QApplication):
    palette, style = qapp.palette(), qapp.style().objectName()
    yield
    qapp.setStyle(style)
    qapp.setPalette(palette)


def made_up(rows: int, columns: int, theme: Theme) -> tuple[np.ndarray, Colouring, np.ndarray]:
    """A plate with a missing corner, a well without a value, and controls in the first and last column."""
    n = rows * columns
    grid = np.arange(n).reshape(rows, columns)
    grid[0, 0] = -1
    rgb = np.random.default_rng(0).integers(0, 256, (n, 3)).astype(np.uint8)
    known = np.ones(n, dtype=bool)
    known[columns + 1] = False
    rgb[~known] = rgb_of(theme.no_value)
    kind = np.zeros(n, dtype=np.int8)
    kind[columns::columns] = 1
    kind[columns - 1 :: columns] = 2
    return grid, Colouring("Value", rgb, known, np.zeros(n)), kind


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("shape", FORMATS)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ratio", [1, 2])
def test_every_well_is_painted_in_its_colour(shape, theme, ratio):
    grid, colouring, kind = made_up(*shape, theme)
    side = 12 * ratio
    image = wells_image(grid, colouring, kind, side, ratio, theme)
    assert (image.width(), image.height()) == (shape[1] * side, shape[0] * side)
    for (row, column), well in np.ndenumerate(grid):
        # Off the middle, where controls have their mark.
        pixel = image.pixelColor(column * side + side * 3 // 10, row * side + side * 3 // 10).getRgb()
        if well >= 0:
            assert pixel == (*colouring.rgb[well].tolist(), 255), (row, column)
        else:
            assert pixel[3] < 255 or pixel[:3] == rgb_of(theme.line)
    middle = image.pixelColor(side // 2, side // 2)
    assert middle.alpha() == 0
    for column in (0, shape[1] - 1):
        well = grid[1, column]
        mark = image.pixelColor(column * side + side // 2, side + side // 2)
        assert mark.getRgb()[:3] != tuple(colouring.rgb[well].tolist())
        assert abs(mark.lightnessF() - QColor(*colouring.rgb[well].tolist()).lightnessF()) > 0.2


@pytest.mark.usefixtures("qapp")
def test_wells_without_a_value_are_smaller():
    grid, colouring, kind = made_up(8, 12, LIGHT)
    image = wells_image(grid, colouring, kind, 20, 1, LIGHT)

    def width(row: int, column: int) -> int:
        return sum(image.pixelColor(column * 20 + x, row * 20 + 10).alpha() == 255 for x in range(20))

    assert width(1, 1) <= width(1, 2) - 3


@pytest.mark.usefixtures("qapp")
def test_rings_stand_on_selected_wells_alone():
    chosen = np.zeros((8, 12), dtype=bool)
    chosen[2, 3] = True
    image = rings_image(chosen, 20, 1, LIGHT)
    opaque = {(y // 20, x // 20) for y in range(160) for x in range(240) if image.pixelColor(x, y).alpha() > 0}
    assert opaque == {(2, 3)}
    assert image.pixelColor(3 * 20 + 10, 2 * 20 + 10).alpha() == 0


@pytest.mark.usefixtures("restored_theme")
def test_a_new_theme_is_painted_at_once(qapp, qtbot, plate):
    from app.colouring import colour

    apply(qapp, LIGHT)
    view = PlatePicture()
    qtbot.addWidget(view)
    view.resize(460, 320)
    view.set_plate(plate, 0)
    view.set_colouring(colour(plate, "p", LIGHT))
    view.show()
    missing = view.cell_rect(4, 4)

    def line() -> QColor:
        image = view.grab().toImage()
        row = int(missing.center().y())
        colours = [image.pixelColor(x, row) for x in range(int(missing.left()), int(missing.right()))]
        return max(colours, key=lambda c: abs(c.lightnessF() - colours[len(colours) // 2].lightnessF()))

    light = line()
    apply(qapp, DARK)
    assert light.lightnessF() > 0.7
    qtbot.waitUntil(lambda: line().lightnessF() < 0.4)


@pytest.mark.usefixtures("qapp")
def test_a_plate_of_1536_wells_is_painted_within_50_ms():
    grid, colouring, kind = made_up(32, 48, LIGHT)
    taken = []
    for step in range(3):
        # As many colours as a scale has steps, new ones each time.
        rgb = np.random.default_rng(step).integers(0, 256, (49, 3)).astype(np.uint8)[grid.ravel() % 49]
        start = time.perf_counter()
        wells_image(grid, Colouring("v", rgb, colouring.known, colouring.values), kind, 22, 2, LIGHT)
        rings_image(grid >= 0, 22, 2, LIGHT)
        taken.append(1000 * (time.perf_counter() - start))
    assert min(taken) < 50
