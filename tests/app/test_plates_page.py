"""Plates side by side in the real window: colours, limits, selection, which plates, exports."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from app import settings
from app.open_plate import OpenPlate
from app.session_file import Limits
from app.views.plate_picker import PlatePicker
from app.views.plate_wall import PlatePlace, PlateWall
from app.views.scale_editor import ScaleEditor
from molphenix_core.plates.wells import parse_well

TIMEOUT = 20_000
ALT = Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(ranked, qtbot):
    """The page of a window with plates P1 and P2 open."""
    ranked.pages.show_page("plates")
    page = ranked.plates_page
    qtbot.waitUntil(lambda: len(page.wall.tiles()) == 2, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: "feature:Cells_Area" in keys(ranked), timeout=TIMEOUT)
    return page


def keys(window) -> set[str]:
    return {choice.key for choice in window.colours.choices(window.workspace.plate)}


def at(tile, name: str) -> QPoint:
    position = parse_well(name)
    assert position is not None
    return tile.map.cell_rect(*position).center().toPoint()


def wells(window) -> set[str]:
    plate = window.workspace.plate
    return {f"{plate.barcodes[plate.plate_of_well[r]]}:{plate.well(int(r))}" for r in window.workspace.selection}


def popup(kind):
    return next(
        widget for widget in QApplication.topLevelWidgets() if isinstance(widget, kind) and widget.isVisible()
    )


def test_all_plates_stand_side_by_side_with_one_selection(ranked, page, hands):
    first, second = page.wall.tiles()
    assert page.explanation.text().startswith("2 plates on one colour scale")
    assert [len(tile.map.value()) for tile in (first, second)] == [4, 4]
    hands.click(second.map, at(second, "C03"))
    assert wells(ranked) == {"P2:C03"}
    assert ranked.workspace.barcode == 1
    assert ranked.plate_view.title.text() == "P2"
    assert first.map.value().tolist() == ranked.plate_view.map.value().tolist()
    hands.click(first.map, at(first, "D06"), CTRL)
    assert wells(ranked) == {"P2:C03", "P1:D06"}
    assert ranked.workspace.barcode == 0


def test_alt_takes_away_and_a_double_click_adds_replicates(ranked, page, hands, qtbot):
    tile = page.wall.tiles()[0]
    hands.drag(tile.map, at(tile, "B03"), at(tile, "C04"))
    assert wells(ranked) == {"P1:B03", "P1:B04", "P1:C03", "P1:C04"}
    hands.click(tile.map, at(tile, "B03"), ALT)
    hands.click(tile.map, at(tile, "E05"), ALT)
    assert wells(ranked) == {"P1:B04", "P1:C03", "P1:C04"}
    hands.drag(tile.map, at(tile, "B02"), at(tile, "B05"), ALT)
    assert wells(ranked) == {"P1:C03", "P1:C04"}
    qtbot.mouseDClick(tile.map, Qt.MouseButton.LeftButton, pos=at(tile, "C03"))
    assert wells(ranked) == {"P1:C03", "P1:C04", "P2:C03", "P2:C04"}


def test_a_click_on_the_name_turns_to_the_plate_and_keeps_the_selection(ranked, page, hands):
    before = wells(ranked)
    hands.click(page.wall.tiles()[1], QPoint(20, 12))
    assert ranked.workspace.barcode == 1
    assert wells(ranked) == before


def test_a_right_click_selects_the_well_that_the_menu_is_for(ranked, page, qtbot):
    tile = page.wall.tiles()[1]
    qtbot.mouseClick(tile.map, Qt.MouseButton.RightButton, pos=at(tile, "C03"))
    assert wells(ranked) == {"P2:C03"}
    ranked.actions_by_id["replicates"].trigger()
    before = wells(ranked)
    qtbot.mouseClick(tile.map, Qt.MouseButton.RightButton, pos=at(tile, "C03"))
    assert wells(ranked) == before
    offered = [action.objectName() for action in page.wall.actions()]
    assert offered[0] == "replicates"
    assert offered == [action.objectName() for action in ranked.plate_view.map.actions()]


def test_the_keyboard_follows_to_the_next_plate(ranked, page, qtbot, hands):
    first, second = page.wall.tiles()
    ranked.activateWindow()
    hands.click(first.map, at(first, "C03"))
    first.map.setFocus()
    qtbot.waitUntil(first.map.hasFocus)
    ranked.actions_by_id["next_plate"].trigger()
    assert second.map.hasFocus()
    qtbot.keyClick(second.map, Qt.Key.Key_Right)
    assert len(ranked.workspace.selection) == 1
    assert next(iter(wells(ranked))).startswith("P2:")
    ranked.actions_by_id["larger_plates"].trigger()
    qtbot.waitUntil(lambda: page.wall.has_focus())


def test_same_positions_are_selected_on_every_plate(ranked, page, hands):
    tile = page.wall.tiles()[0]
    hands.click(tile.map, at(tile, "H12"))
    ranked.actions_by_id["same_positions"].trigger()
    assert wells(ranked) == {"P1:H12", "P2:H12"}


def test_a_feature_is_found_by_typing_and_colours_every_view(ranked, page, qtbot):
    ranked.actions_by_id["colour_by"].trigger()
    box = page.colour_by
    box.lineEdit().selectAll()
    qtbot.keyClicks(box.lineEdit(), "texture")
    found = box.completer().completionModel()
    assert [found.index(row, 0).data() for row in range(found.rowCount())] == ["Nuclei_Texture"]
    with qtbot.waitSignal(ranked.colours.changed, timeout=TIMEOUT):
        box.completer().popup().setCurrentIndex(found.index(0, 0))
        qtbot.keyClick(box.completer().popup(), Qt.Key.Key_Return)
    assert ranked.workspace.colour_by == "feature:Nuclei_Texture"
    qtbot.waitUntil(lambda: page.legend.toolTip().startswith("Nuclei_Texture (median"), timeout=TIMEOUT)
    tile = page.wall.tiles()[0]
    assert "Nuclei_Texture: 22" in tile.map.tooltip_at(
        at(tile, "B07")
    ) or "Nuclei_Texture:" in tile.map.tooltip_at(at(tile, "B07"))
    assert ranked.plate_view.colour_by.currentText() == "Nuclei_Texture"


def test_a_search_that_is_given_up_leaves_what_was_chosen(ranked, page, qtbot):
    box = page.colour_by
    box.setFocus()
    box.lineEdit().selectAll()
    qtbot.keyClicks(box.lineEdit(), "nothing of this name")
    box.completer().popup().hide()
    qtbot.keyClick(box.lineEdit(), Qt.Key.Key_Return)
    assert box.currentText() == "Activity p"
    assert ranked.workspace.colour_by == "p"


def test_rank_and_confidence_are_computed_when_asked_for_with_gallery_and_chance(ranked, page, qtbot):
    ranked.workspace.set_colour_by("rank")
    assert "being computed" in page.legend.toolTip()
    qtbot.waitUntil(lambda: "of 3, by chance 2" in page.legend.toolTip(), timeout=TIMEOUT)
    tile = page.wall.tiles()[0]
    assert "2 of 3" in tile.map.tooltip_at(at(tile, "B06"))
    assert "the library does not hold its molecule" in tile.map.tooltip_at(at(tile, "D06"))
    ranked.workspace.set_colour_by("confidence")
    assert "40 in 100 (30 to 50)" in tile.map.tooltip_at(at(tile, "B03"))
    assert "not calibrated" in tile.map.tooltip_at(at(tile, "C03"))
    colouring = ranked.colours.colouring(ranked.workspace.plate, page_theme(page))
    assert colouring.limits == ("0", "1")
    assert "by chance 0.33" in colouring.title


def page_theme(page):
    from app.theme import theme_of

    return theme_of(page.palette())


def test_limits_are_set_on_the_legend_shown_at_once_and_remembered(ranked, page, qtbot, tmp_path):
    ranked.workspace.set_colour_by("column:Metadata_cell_count")
    before = page.wall.tiles()[0].map.grab().toImage()
    ranked.actions_by_id["colour_scale"].trigger()
    editor = popup(ScaleEditor)
    editor.scale.setCurrentIndex(editor.scale.findData("manual"))
    editor.scale.activated.emit(editor.scale.currentIndex())
    for edit, text in ((editor.low, "10"), (editor.high, "20")):
        edit.selectAll()
        qtbot.keyClicks(edit, text)
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert ranked.keeper.limits == (Limits("column:Metadata_cell_count", "manual", 10.0, 20.0),)
    assert "10 wells below 10" in page.legend.toolTip()
    assert page.wall.tiles()[0].map.grab().toImage() != before
    editor.low.selectAll()
    qtbot.keyClicks(editor.low, "30")
    qtbot.keyClick(editor.low, Qt.Key.Key_Return)
    assert "below the upper" in editor.explanation.text()
    assert ranked.keeper.limits[0].low == 10.0
    editor.close()
    session = tmp_path / "s.molphenix"
    ranked.keeper.save(session)
    ranked.colours.set_limits(None)
    ranked.close()
    stored = settings.load().views["plates"]
    assert stored["limits"] == []
    assert "manual" in session.read_text()


@pytest.mark.usefixtures("page")
def test_a_diverging_map_is_offered_where_a_middle_means_something(ranked):
    ranked.workspace.set_colour_by("column:Metadata_cell_count")
    ranked.actions_by_id["colour_scale"].trigger()
    editor = popup(ScaleEditor)
    assert editor.maps.findData("vik") < 0
    editor.scale.setCurrentIndex(editor.scale.findData("robust"))
    editor.scale.activated.emit(editor.scale.currentIndex())
    assert editor.maps.findData("vik") >= 0
    editor.maps.setCurrentIndex(editor.maps.findData("vik"))
    editor.maps.activated.emit(editor.maps.currentIndex())
    assert ranked.colours.maps.diverging == "vik"
    editor.close()
    ranked.close()
    assert settings.load().views["plates"]["maps"] == ["viridis", "vik"]


def test_what_was_remembered_comes_back_and_damage_is_dropped(ranked, page):
    page.restore_view_state(
        {
            "tile_width": 200,
            "hidden": [[ranked.workspace.plate.path, "P2"], "x", [1, 2]],
            "maps": ["cividis", ""],
            "limits": [
                {"key": "dose", "scale": "linear"},
                {"key": "p", "scale": "manual", "low": 3, "high": 1},
                {"key": "p", "scale": "upside down"},
                7,
            ],
        }
    )
    assert page.wall.tile_width == 200
    assert [place.title for place in page.wall.places] == ["P1"]
    assert ranked.colours.maps.sequential == "cividis"
    assert ranked.keeper.limits == (Limits("dose", "linear"),)
    page.restore_view_state({"tile_width": "wide", "hidden": 3, "maps": 5, "limits": None})
    assert page.wall.tile_width == 200
    again = page.view_state()
    page.restore_view_state(again)
    assert page.view_state() == again


def test_plates_are_picked_from_a_list(ranked, page, qtbot):
    ranked.actions_by_id["choose_plates"].trigger()
    picker = popup(PlatePicker)
    qtbot.keyClicks(picker.filter, "P2")
    qtbot.mouseClick(picker.none, Qt.MouseButton.LeftButton)
    assert [place.title for place in page.wall.places] == ["P1"]
    assert page.explanation.text().startswith("1 of 2 plates on one colour scale")
    picker.filter.clear()
    qtbot.mouseClick(picker.none, Qt.MouseButton.LeftButton)
    assert page.text.text().startswith("No plate is chosen")
    qtbot.mouseClick(picker.all, Qt.MouseButton.LeftButton)
    assert len(page.wall.places) == 2
    picker.close()


def test_keys_change_the_size_of_the_plates_and_turn_to_the_next(ranked, page):
    width = page.wall.tile_width
    ranked.actions_by_id["larger_plates"].trigger()
    assert page.wall.tile_width > width
    assert page.zoom.value() == page.wall.tile_width
    ranked.actions_by_id["smaller_plates"].trigger()
    ranked.actions_by_id["next_plate"].trigger()
    assert ranked.workspace.barcode == 1


def test_plates_of_two_files_stand_on_one_scale(ranked, page, qtbot, tmp_path, hands):
    other = tmp_path / "small.h5ad"
    other.touch()
    with qtbot.waitSignal(ranked.workspace.opened, timeout=TIMEOUT):
        ranked.workspace.open([other])
    qtbot.waitUntil(lambda: len(page.wall.tiles()) == 3, timeout=TIMEOUT)
    assert page.explanation.text().startswith("3 plates on one colour scale")
    tile = page.wall.tile(0)
    hands.click(tile.map, at(tile, "C03"))
    assert ranked.workspace.plate.name == "screen"
    assert wells(ranked) == {"P1:C03"}
    ranked.actions_by_id["close"].trigger()
    assert len(page.wall.places) == 1


def test_without_a_file_the_page_says_what_to_do(window):
    window.pages.show_page("plates")
    assert window.plates_page.text.text() == "Open a plate file, or drop one here."
    assert not window.plates_page.colour_by.isEnabled()


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_wells_are_exported_as_a_table(ranked, qtbot, tmp_path, monkeypatch, ending):
    ranked.workspace.set_colour_by("rank")
    plate = ranked.workspace.plate
    qtbot.waitUntil(lambda: ranked.colours.true_molecules(plate) is not None, timeout=TIMEOUT)
    ranked.workspace.set_colour_by("column:Metadata_cell_count")
    out = tmp_path / f"wells.{ending}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(out), ""))
    ranked.actions_by_id["export_wells"].trigger()
    qtbot.waitUntil(lambda: "were written" in ranked.message_bar.text(), timeout=TIMEOUT)
    assert out.is_file()
    if ending == "csv":
        with out.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == len(plate)
        one = next(row for row in rows if (row["Plate"], row["Well"]) == ("P1", "B06"))
        assert (one["Kind"], one["Treatment"]) == ("treatment", "aspirin")
        assert float(one["Activity p"]) == 0.001
        assert float(one["Rank of the true molecule (of 3)"]) == 2
        assert float(one["Coloured by: Cell count"]) == 10
        control = next(row for row in rows if (row["Plate"], row["Well"]) == ("P1", "A01"))
        assert (control["Kind"], control["Treatment"]) == ("negative control", "")


@pytest.mark.usefixtures("page")
def test_selected_wells_are_copied_as_a_table(ranked):
    ranked.actions_by_id["copy_wells"].trigger()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 1 + len(ranked.workspace.selection)
    assert lines[0].split("\t")[:2] == ["Plate", "Well"]


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize("ending", ["png", "svg"])
def test_plates_are_exported_as_a_picture(ranked, qtbot, tmp_path, monkeypatch, ending):
    out = tmp_path / f"plates.{ending}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(out), ""))
    with qtbot.waitSignal(ranked.commands.plate.writer.written, timeout=TIMEOUT):
        ranked.actions_by_id["export_plates"].trigger()
    if ending == "png":
        image = QImage(str(out))
        assert image.width() > image.height() > 300
        # The brightest wells are those of the smallest p.
        assert {(253, 231, 37)} <= {
            image.pixelColor(x, y).getRgb()[:3]
            for x in range(0, image.width(), 8)
            for y in range(0, image.height(), 8)
        }
    else:
        text = out.read_text()
        assert text.count("<path") > 100
        assert "P1" in text
    assert "written" in ranked.message_bar.text()


@pytest.mark.usefixtures("page")
def test_a_picture_that_cannot_be_written_is_told(ranked, qtbot, tmp_path, monkeypatch):
    out = tmp_path / "no" / "such" / "folder.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(out), ""))
    with qtbot.waitSignal(ranked.commands.plate.writer.failed, timeout=TIMEOUT):
        ranked.actions_by_id["export_plates"].trigger()
    assert "folder.png" in ranked.message_bar.text()


def wide_plate(n_plates: int, n_rows: int, n_columns: int) -> OpenPlate:
    """Full plates of one format."""
    from canned_tasks import packed_plate

    packed = packed_plate("many.h5ad")
    grid = np.stack(np.meshgrid(np.arange(n_rows), np.arange(n_columns), indexing="ij"), axis=-1).reshape(-1, 2)
    n = len(grid) * n_plates
    return OpenPlate.unpack(
        {
            **packed,
            "barcodes": [f"P{i}" for i in range(n_plates)],
            "positions": np.tile(grid, (n_plates, 1)).astype(np.int16),
            "plate_of_well": np.repeat(np.arange(n_plates), len(grid)).astype(np.int32),
            "kind": np.zeros(n, np.int8),
            "treatment_of_well": np.arange(n, dtype=np.int32) % 6,
            "pca": np.zeros((n, 2), np.float32),
            "columns": {},
        }
    )


def test_of_84_plates_only_those_in_sight_are_made(qtbot):
    from app.colouring import colour
    from app.theme import LIGHT

    plate = wide_plate(84, 16, 24)
    colouring = colour(plate, "p", LIGHT)
    wall = PlateWall(lambda _plate: colouring, lambda _plate: np.arange(len(plate)))
    qtbot.addWidget(wall)
    wall.resize(640, 420)
    wall.set_places([PlatePlace(plate, i, name, "") for i, name in enumerate(plate.barcodes)])
    wall.show()
    qtbot.waitUntil(lambda: wall.tile(3) is not None)
    assert len(wall.tiles()) < 12
    assert wall.tile(83) is None
    wall.set_current(plate, 83)
    qtbot.waitUntil(lambda: wall.tile(83) is not None)
    assert wall.verticalScrollBar().value() > 0
    assert len(wall.tiles()) < 24
    last = wall.tile(83)
    assert wall.viewport().rect().intersects(last.geometry().translated(0, -wall.verticalScrollBar().value()))
    assert (plate.plate_of_well[last.map.value()] == 83).sum() == 384


def test_plates_fill_the_room_until_a_size_is_chosen(qtbot):
    from app.colouring import colour
    from app.theme import LIGHT

    plate = wide_plate(3, 16, 24)
    colouring = colour(plate, "p", LIGHT)
    wall = PlateWall(lambda _plate: colouring, lambda _plate: np.empty(0, dtype=np.intp))
    qtbot.addWidget(wall)
    wall.resize(800, 700)
    wall.set_places([PlatePlace(plate, i, name, "") for i, name in enumerate(plate.barcodes)])
    wall.show()
    qtbot.waitUntil(lambda: len(wall.tiles()) == 3)
    assert wall.verticalScrollBar().maximum() == 0
    small = wall.tile_width
    wall.resize(1200, 900)
    assert wall.tile_width > small
    assert wall.verticalScrollBar().maximum() == 0
    wall.set_tile_width(500)
    wall.resize(800, 700)
    assert (wall.tile_width, wall.fits) == (500, False)
    wall.fit()
    assert (wall.tile_width, wall.fits) == (small, True)


def test_names_in_the_legend_have_room_at_any_width(ranked, page, qtbot):
    ranked.workspace.set_colour_by("column:Metadata_moa")
    legend = page.legend
    for width in (1500, 1150):
        ranked.resize(width, 800)
        qtbot.waitUntil(lambda: legend.height() == legend.heightForWidth(legend.width()))


@pytest.mark.usefixtures("page")
def test_closing_waits_for_no_picture_and_leaves_none_half_written(ranked, tmp_path):
    commands = ranked.commands.plate
    poster = commands._poster(ranked.plates_page.wall.places * 200)
    out = tmp_path / "many.svg"
    commands.writer.write(str(out), poster)
    commands.writer.close()
    assert list(tmp_path.glob("*many*")) == []
