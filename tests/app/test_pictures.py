"""Pictures of the plate map and of structure cards, against those on file.

``MOLPHENIX_RENEW_PICTURES=1`` writes them anew: look at them before they are committed. Fonts differ between
machines, so that pictures are compared by the means of small squares, with room for other letters.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from app import theme
from app.colouring import MapChoice, colour
from app.engine import Engine
from app.open_plate import OpenPlate
from app.records import Candidate, Measured, Molecule, Nearest
from app.structures import Structures
from app.theme import DARK, LIGHT, Theme
from app.views.card_list import CardList
from app.views.cards import candidate_card, measured_card
from app.views.plate_map import PlateMap

FOLDER = Path(__file__).parent / "pictures"
SQUARE = 8
# Of 255: the mean over all squares, and the share of squares that may be far off.
MEAN, FAR, SHARE_FAR = 4.0, 48.0, 0.028

THEMES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


def squares(image: QImage) -> NDArray[np.float64]:
    """Mean red, green and blue of squares of 8 x 8 pixels, float64 (rows, columns, 3)."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    height, width = image.height() // SQUARE, image.width() // SQUARE
    raw = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    rgb = raw[: height * SQUARE, : width * SQUARE * 3].reshape(height, SQUARE, width, SQUARE, 3)
    return rgb.mean(axis=(1, 3))


def difference(one: QImage, other: QImage) -> tuple[float, float]:
    """Mean difference of the squares, and the share of them that are far apart."""
    if one.size() != other.size():
        return 255.0, 1.0
    apart = np.abs(squares(one) - squares(other)).max(axis=2)
    return float(apart.mean()), float((apart > FAR).mean())


def alike(one: QImage, other: QImage) -> bool:
    mean, far = difference(one, other)
    return mean <= MEAN and far <= SHARE_FAR


def check(widget: QWidget, name: str) -> QImage:
    """Compare a widget with its picture on file."""
    image = widget.grab().toImage()
    image.setDevicePixelRatio(1.0)
    path = FOLDER / f"{name}.png"
    if os.environ.get("MOLPHENIX_RENEW_PICTURES"):
        FOLDER.mkdir(exist_ok=True)
        assert image.save(str(path))
    on_file = QImage(str(path))
    assert not on_file.isNull(), f"{path.name} is missing"
    assert alike(image, on_file), f"{name}: mean and share far off {difference(image, on_file)}"
    return image


@pytest.fixture
def themed(qapp: QApplication, colours: Theme) -> Iterator[Theme]:
    theme.apply(qapp, colours)
    yield colours
    theme.apply(qapp, LIGHT)


def plate_map(
    plate: OpenPlate, colours: Theme, qtbot, *, key: str = "dose", maps: MapChoice | None = None
) -> PlateMap:
    view = PlateMap()
    qtbot.addWidget(view)
    view.resize(480, 344)
    view.set_plate(plate, 0)
    view.set_colouring(colour(plate, key, colours, maps=maps))
    view.set_value(np.array([9, 10], dtype=np.intp))
    return view


@THEMES
def test_the_plate_map_looks_as_on_file(plate: OpenPlate, themed: Theme, qtbot) -> None:
    check(plate_map(plate, themed, qtbot), f"plate-map-{'dark' if themed.dark else 'light'}")


def test_another_colour_map_column_or_selection_would_be_noticed(plate: OpenPlate, qtbot) -> None:
    usual = plate_map(plate, LIGHT, qtbot).grab().toImage()
    assert alike(usual, plate_map(plate, LIGHT, qtbot).grab().toImage())
    for other in ("distance", "kind"):
        assert not alike(usual, plate_map(plate, LIGHT, qtbot, key=other).grab().toImage()), other
    # Less than another font changes: noticed on one machine alone.
    changed = plate_map(plate, LIGHT, qtbot)
    changed.set_value(np.array([9], dtype=np.intp))
    assert difference(usual, changed.grab().toImage())[0] > 0.2


@pytest.fixture
def structures(qapp: QApplication) -> Iterator[Structures]:
    """The real drawings: RDKit writes letters in a font of its own."""
    engine = Engine("app.drawing_tasks", name="drawing engine", parent=qapp)
    yield Structures(engine)
    engine.close()


MOLECULES = (
    Molecule("aspirin", "CC(=O)Oc1ccccc1C(=O)O", "BSYNRYMUTXBXSQ-UHFFFAOYSA-N", "COX inhibitor", seen=True),
    Molecule("caffeine", "CN1C=NC2=C1C(=O)N(C)C(=O)N2C", "RYYVLZVUVIJVGH-UHFFFAOYSA-N", "", seen=False),
    Molecule("a molecule without a structure", "", "", "unknown mechanism of a long name", seen=None),
)


def cards(structures: Structures, qtbot, *, wide: bool) -> CardList:
    view = CardList(structures, name="cards", wide=wide)
    qtbot.addWidget(view)
    view.resize(QSize(420, 480))
    nearest = Nearest("theophylline", 0.61, 40.0, outside=False)
    if wide:
        view.set_cards(
            tuple(
                measured_card(Measured(m, 0.9 - i / 10, 5.0, 2, "this plate file", own=i == 0), i + 1)
                for i, m in enumerate(MOLECULES)
            )
        )
    else:
        view.set_cards(
            tuple(
                candidate_card(Candidate(i + 1, m, 0.1149 - i / 100, 20.0, i == 0, nearest))
                for i, m in enumerate(MOLECULES)
            )
        )
    view.set_molecule(MOLECULES[0])
    view.show()
    view.grab()
    qtbot.waitUntil(lambda: structures.idle, timeout=30_000)
    return view


@THEMES
@pytest.mark.parametrize("wide", [False, True], ids=["grid", "list"])
def test_structure_cards_look_as_on_file(structures: Structures, themed: Theme, qtbot, wide: bool) -> None:
    name = f"cards-{'list' if wide else 'grid'}-{'dark' if themed.dark else 'light'}"
    image = check(cards(structures, qtbot, wide=wide), name)
    # A card without its drawing would be nearly empty.
    ink = np.abs(squares(image) - squares(image)[-1, -4]).max(axis=2) > 12
    assert 0.1 < ink.mean() < 0.9
