"""Selecting wells on the plate map by every way there is, and what it shows."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from app.colouring import choices, colour
from app.open_plate import OpenPlate
from app.theme import LIGHT
from app.views.plate_map import PlateMap
from molphenix_core.plates.wells import parse_well

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def plate_map(qtbot, plate: OpenPlate) -> PlateMap:
    view = PlateMap()
    qtbot.addWidget(view)
    view.resize(460, 320)
    view.set_plate(plate, 0)
    view.set_colouring(colour(plate, "p", LIGHT))
    view.show()
    return view


def at(view: PlateMap, name: str) -> QPoint:
    """Middle of a well."""
    position = parse_well(name)
    assert position is not None
    return view.cell_rect(*position).center().toPoint()


def wells(view: PlateMap, plate: OpenPlate) -> set[str]:
    return {plate.well(int(row)) for row in view.value()}


def test_a_click_selects_one_well_and_tells_so(qtbot, plate_map, plate, hands):
    with qtbot.waitSignal(plate_map.selection_changed) as caught:
        hands.click(plate_map, at(plate_map, "B03"))
    assert [plate.well(int(r)) for r in caught.args[0]] == ["B03"]
    hands.click(plate_map, at(plate_map, "C06"))
    assert wells(plate_map, plate) == {"C06"}


def test_ctrl_adds_and_takes_away(plate_map, plate, hands):
    for name in ("B03", "C06", "B03"):
        hands.click(plate_map, at(plate_map, name), CTRL)
    assert wells(plate_map, plate) == {"C06"}


def test_shift_extends_to_a_rectangle_without_missing_wells(plate_map, plate, hands):
    hands.click(plate_map, at(plate_map, "B03"))
    hands.click(plate_map, at(plate_map, "C06"), SHIFT)
    assert wells(plate_map, plate) == {"B03", "B04", "B06", "C03", "C04", "C06"}


def test_a_rubber_band_selects_what_it_covers(plate_map, plate, hands):
    hands.drag(plate_map, at(plate_map, "B02"), at(plate_map, "D04"))
    assert wells(plate_map, plate) == {"B03", "B04", "C03", "C04", "D03", "D04"}
    hands.drag(plate_map, at(plate_map, "B05"), at(plate_map, "B06"), CTRL)
    assert "B06" in wells(plate_map, plate)
    assert len(wells(plate_map, plate)) == 7


def test_heads_select_rows_columns_and_everything(plate_map, plate, hands):
    above = QPoint(at(plate_map, "B03").x(), 5)
    hands.click(plate_map, above)
    assert wells(plate_map, plate) == {"B03", "C03", "D03"}
    before = QPoint(3, at(plate_map, "C03").y())
    hands.click(plate_map, before)
    assert wells(plate_map, plate) == {"C01", "C03", "C04", "C06", "C07"}
    hands.click(plate_map, QPoint(3, at(plate_map, "D03").y()), SHIFT)
    assert wells(plate_map, plate) == {f"{r}{c}" for r in "CD" for c in ("01", "03", "04", "06", "07")}
    hands.click(plate_map, QPoint(3, 3))
    assert len(wells(plate_map, plate)) == 21


def test_a_click_on_a_missing_well_selects_nothing(plate_map, plate, hands):
    hands.click(plate_map, at(plate_map, "B03"))
    hands.click(plate_map, at(plate_map, "E05"))
    assert wells(plate_map, plate) == set()


def test_arrow_keys_move_and_shift_extends(qtbot, plate_map, plate, hands):
    hands.click(plate_map, at(plate_map, "B03"))
    qtbot.keyClick(plate_map, Qt.Key.Key_Right)
    assert wells(plate_map, plate) == {"B04"}
    qtbot.keyClick(plate_map, Qt.Key.Key_Down, SHIFT)
    assert wells(plate_map, plate) == {"B04", "C04"}
    qtbot.keyClick(plate_map, Qt.Key.Key_Down, CTRL)
    qtbot.keyClick(plate_map, Qt.Key.Key_Space)
    assert wells(plate_map, plate) == {"B04", "C04", "D04"}


def test_the_cursor_stays_on_the_plate(qtbot, plate_map, plate, hands):
    hands.click(plate_map, at(plate_map, "A01"))
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Left):
        qtbot.keyClick(plate_map, key)
    assert wells(plate_map, plate) == {"A01"}


def test_a_double_click_asks_for_replicates(qtbot, plate_map):
    with qtbot.waitSignal(plate_map.replicates_wanted):
        qtbot.mouseDClick(plate_map, Qt.MouseButton.LeftButton, pos=at(plate_map, "B03"))


def test_setting_a_selection_says_nothing_and_keeps_wells_of_other_plates(qtbot, plate_map, plate):
    everywhere = plate.replicates(np.flatnonzero(plate.treatment_of_well == 1)[:1])
    with qtbot.assertNotEmitted(plate_map.selection_changed):
        plate_map.set_value(everywhere)
    np.testing.assert_array_equal(plate_map.value(), everywhere)


def test_ctrl_keeps_wells_selected_on_another_plate(plate_map, plate, hands):
    plate_map.set_value(plate.rows_on(1)[:2])
    hands.click(plate_map, at(plate_map, "B03"), CTRL)
    assert len(plate_map.value()) == 3


def test_tool_tips_name_the_well_its_treatment_dose_p_and_distance(plate_map):
    tip = plate_map.tooltip_at(at(plate_map, "B06"))
    assert "p = 0.001, q = 0.01, against other treatments at the same position" in tip
    for words in ("B06", "aspirin", "5 µM", "distance to control 9"):
        assert words in tip
    assert "50 nM" in plate_map.tooltip_at(at(plate_map, "B03"))
    assert "not available" in plate_map.tooltip_at(at(plate_map, "D06"))
    assert "negative control" in plate_map.tooltip_at(at(plate_map, "A01"))
    assert "not in this file" in plate_map.tooltip_at(at(plate_map, "E05"))
    assert plate_map.tooltip_at(QPoint(1, 1)) == ""


def test_tool_tips_show_names_as_they_are_written(qtbot, plate):
    import dataclasses

    from app.open_plate import Column

    names = Column(plate.treatments["name"].values, ("<b>x</b> & y", "b", "c"))
    view = PlateMap()
    qtbot.addWidget(view)
    view.resize(460, 320)
    view.set_plate(dataclasses.replace(plate, treatments={**plate.treatments, "name": names}), 0)
    assert "&lt;b&gt;x&lt;/b&gt; &amp; y" in view.tooltip_at(at(view, "B06"))


def pixel(view: PlateMap, name: str, dx: float = 0.3, dy: float = 0.3) -> tuple[int, int, int]:
    rect = view.cell_rect(*(parse_well(name) or (0, 0)))
    image = view.grab().toImage()
    ratio = image.devicePixelRatio()
    point = rect.topLeft() + QPoint(round(rect.width() * dx), round(rect.height() * dy))
    colour = image.pixelColor(int(point.x() * ratio), int(point.y() * ratio))
    return colour.red(), colour.green(), colour.blue()


def test_wells_are_painted_in_their_colours_and_missing_ones_are_not(plate_map, plate):
    colouring = colour(plate, "p", LIGHT)
    row = next(int(r) for r in plate.rows_on(0) if plate.well(int(r)) == "B06")
    assert pixel(plate_map, "B06") == tuple(int(v) for v in colouring.rgb[row])
    assert pixel(plate_map, "B06") != pixel(plate_map, "B03")
    assert pixel(plate_map, "E05", 0.5, 0.5) == pixel(plate_map, "F09", 0.5, 0.5)
    assert pixel(plate_map, "E05", 0.5, 0.5) not in {pixel(plate_map, "B03"), pixel(plate_map, "A01")}


@pytest.mark.parametrize(("n_rows", "n_columns"), [(8, 12), (16, 24), (32, 48)])
def test_every_format_is_hit_where_it_is_painted(qtbot, hands, n_rows, n_columns):
    from canned_tasks import packed_plate

    packed = packed_plate("x")
    grid = np.stack(np.meshgrid(np.arange(n_rows), np.arange(n_columns), indexing="ij"), axis=-1).reshape(-1, 2)
    n = len(grid)
    full = OpenPlate.unpack(
        {
            **packed,
            "positions": grid.astype(np.int16),
            "plate_of_well": np.zeros(n, np.int32),
            "kind": np.zeros(n, np.int8),
            "treatment_of_well": np.zeros(n, np.int32),
            "pca": np.zeros((n, 2), np.float32),
            "columns": {},
        }
    )
    view = PlateMap()
    qtbot.addWidget(view)
    view.resize(460, 320)
    view.set_plate(full, 0)
    view.show()
    for row in (0, n - 1, n // 2 + 5):
        hands.click(view, at(view, full.well(row)))
        assert view.value().tolist() == [row]


def test_colours_follow_every_choice(plate):
    for choice in choices(plate):
        colouring = colour(plate, choice.key, LIGHT)
        assert colouring.rgb.shape == (len(plate), 3)
    assert {"Activity p", "Distance to control", "Replicates", "Dose", "Mechanism of action", "Cell count"} <= {
        c.label for c in choices(plate)
    }


def test_only_columns_that_tell_wells_apart_are_offered_each_once(plate):
    import dataclasses

    from app.open_plate import Column

    n = len(plate)
    known = plate.treatment_of_well >= 0
    molecule = np.where(known, plate.treatment_of_well // 2, -1).astype(np.int32)
    twins = ("Metadata_compound_id", "Metadata_compound_name", "Metadata_smiles_can")
    columns = {
        "Metadata_dataset": Column(np.zeros(n, np.int32), ("one for all",)),
        "Metadata_is_dmso": Column(plate.kind.astype(np.int32), ("False", "True", "x")),
        **{name: Column(molecule, ("a", "b", "c")) for name in twins},
        "Metadata_cell_count": Column(np.arange(n, dtype=np.float64)),
        "Metadata_half_empty": Column(np.where(known, 1.0, np.nan)),
    }
    offered = choices(dataclasses.replace(plate, columns=columns))
    assert [c.label for c in offered if c.key.startswith("column:")] == [
        "Compound name",
        "Cell count",
        "Half empty",
    ]


def test_the_smallest_p_is_brightest_and_ends_the_bar(plate):
    colouring = colour(plate, "p", LIGHT)
    assert colouring.limits == ("0.5", "0.001")
    assert not colouring.known[plate.treatment_of_well == 5].any()
    brightness = colouring.rgb.astype(int).sum(axis=1)
    best = plate.treatment_of_well == 1
    assert brightness[best].min() > brightness[colouring.known & ~best].max()


def test_doses_are_spread_on_a_log_scale_and_categories_by_name(plate):
    assert colour(plate, "dose", LIGHT).limits == ("0.05", "5")
    entries = colour(plate, "column:Metadata_moa", LIGHT).entries
    assert [name for name, _ in entries] == ["COX inhibitor", "adenosine antagonist"]
