"""The page Map: what is on it, how it is coloured, and choosing wells and molecules there."""

from __future__ import annotations

import csv

import canned_map
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from app import theme
from app.views.map.map_colours import CLUSTER, ORIGIN, PLATE
from app.views.map.map_data import MapRequest

CONTROL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
JOINT = MapRequest(space="joint", library=True, dose=1)


@pytest.fixture
def page(ranked, qtbot):
    """The page of a window with a plate open, everything painted."""
    ranked.pages.show_page("map")
    settle(ranked.map_page, qtbot)
    return ranked.map_page


def settle(page, qtbot):
    qtbot.waitUntil(lambda: page.settled and page.data is not None, timeout=20_000)


def show(page, request, qtbot):
    """As if chosen in the lists over the map."""
    page.controls.set_request(request)
    page.controls.request_changed.emit(request)
    qtbot.waitUntil(
        lambda: page.settled and page.data is not None and page.data.request == request, timeout=20_000
    )


def place(page, point: int) -> QPoint:
    """Where a point of the map is painted."""
    x, y = page.canvas.view.to_screen(page.data.at[[point]])[0]
    return QPointF(x, y).toPoint()


def choose(box, data):
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def image(page):
    return page.canvas.grab().toImage()


# What is on the map -------------------------------------------------------------------------------------


def test_wells_stand_at_their_principal_components_without_asking_the_engine(page):
    plate = page._workspace.plate
    assert np.array_equal(page.data.at, plate.pca)
    assert "42 wells of 2 plates" in page.explanation.text()
    assert "PCA" in page.explanation.text()


def test_every_well_has_the_colour_that_the_plate_map_gives_it(page):
    colouring = page._colours.colouring(page._workspace.plate, theme.LIGHT)
    painted = image(page)
    lone = [p for p in range(len(page.data)) if _alone(page, p) and colouring.known[p]]
    assert lone
    for point in lone:
        wanted = QColor(*colouring.rgb[point].tolist())
        found = painted.pixelColor(place(page, point) * painted.devicePixelRatio())
        assert max(abs(wanted.red() - found.red()), abs(wanted.blue() - found.blue())) <= 2


def _alone(page, point):
    there = page.canvas.view.to_screen(page.data.at)
    apart = np.hypot(*(there - there[point]).T)
    return (np.sort(apart)[1] > 16) and point not in page._workspace.selection


def test_library_molecules_join_the_wells_in_the_joint_space_alone(page, qtbot):
    qtbot.waitUntil(lambda: page.controls.library.count() == 4, timeout=20_000)
    choose(page.controls.library, 1)
    settle(page, qtbot)
    qtbot.waitUntil(lambda: page.data.library is not None, timeout=20_000)
    assert page.controls.request == JOINT
    assert "42 wells of 2 plates and 3 library molecules" in page.explanation.text()
    assert page.data.axes == ("PC 1 (40 %)", "PC 2 (10 %)")
    # Back in the plate's own space there is no place for them.
    choose(page.controls.space, "plate")
    qtbot.waitUntil(lambda: page.data.library is None, timeout=20_000)
    assert page.controls.library.currentText() == "None"


def test_a_space_that_the_model_does_not_know_is_said_in_words(page, qtbot, tmp_path):
    path = tmp_path / "foreign.h5ad"
    path.touch()
    page._workspace.open([path])
    qtbot.waitUntil(lambda: page._workspace.plate.path == str(path), timeout=20_000)
    page.controls.request_changed.emit(page.controls.set_request(JOINT))
    qtbot.waitUntil(lambda: "embedding space" in page.pages.text(), timeout=20_000)
    choose(page.controls.space, "plate")
    settle(page, qtbot)
    assert page.pages.text() == ""


def test_wells_of_all_open_files_and_which_file_a_click_turns_to(page, qtbot, tmp_path, hands):
    path = tmp_path / "small.h5ad"
    path.touch()
    page._workspace.open([path])
    qtbot.waitUntil(lambda: len(page._workspace.plates) == 2, timeout=20_000)
    show(page, MapRequest(every_file=True), qtbot)
    assert len(page.data) == 63
    first = page._workspace.plates[0]
    assert page._workspace.plate is not first
    hands.click(page.canvas, place(page, 5))
    assert page._workspace.plate is first
    assert page._workspace.selection.tolist() == [5]


def test_a_umap_is_made_in_the_background_and_can_be_stopped(page, qtbot):
    canned_map.hold_file().touch()
    choose(page.controls.method, "umap")
    workspace = page._workspace
    qtbot.waitUntil(lambda: workspace.requests.background.running is not None, timeout=20_000)
    # Rankings go on meanwhile.
    workspace.select([8, 9])
    qtbot.waitUntil(lambda: workspace.ranking is not None and workspace.ranking.n_wells == 2, timeout=20_000)
    told = []
    workspace.told.connect(told.append)
    workspace.cancel()
    qtbot.waitUntil(lambda: any("stopped" in text for text in told), timeout=20_000)
    # The map before it is on show again, and the choice says so.
    assert page.controls.method.currentData() == "pca"
    assert page.data.axes == ("PC 1", "PC 2")
    assert page.pages.text() == ""
    canned_map.hold_file().unlink()
    page.lay_out("umap")
    settle(page, qtbot)
    assert page.data.axes == ("UMAP 1", "UMAP 2")
    assert page.pages.text() == ""
    # What was made is kept.
    choose(page.controls.method, "pca")
    choose(page.controls.method, "umap")
    assert page.data.request.method == "umap"


def test_labels_change_together_with_the_points_that_they_name(page, qtbot):
    canvas, seen = page.canvas, []
    painted = canvas._all

    def look() -> None:
        seen.append((canvas.axes[0], "UMAP" in page.explanation.text(), painted.picture.image.cacheKey()))

    look()
    for changed in (page._source.ready, canvas.view_changed, canvas.scene_painted, painted.changed):
        changed.connect(look)
    show(page, MapRequest(method="umap"), qtbot)
    look()
    before = seen[0][2]
    assert {key for *_, key in seen} > {before}
    assert all(
        (axis, named) == (("PC 1", False) if key == before else ("UMAP 1", True)) for axis, named, key in seen
    )


# Choosing -----------------------------------------------------------------------------------------------


def test_a_click_chooses_the_well_everywhere_and_ctrl_adds_and_takes_away(page, qtbot, hands):
    show(page, MapRequest(space="joint"), qtbot)
    hands.click(page.canvas, place(page, 10))
    assert page._workspace.selection.tolist() == [10]
    hands.click(page.canvas, place(page, 12), CONTROL)
    assert page._workspace.selection.tolist() == [10, 12]
    hands.click(page.canvas, place(page, 10), CONTROL)
    assert page._workspace.selection.tolist() == [12]
    hands.click(page.canvas, place(page, 12), ALT)
    assert not len(page._workspace.selection)


def test_what_is_selected_elsewhere_is_marked_here(page, qtbot):
    show(page, MapRequest(space="joint"), qtbot)
    page._workspace.select_none()
    settle(page, qtbot)
    before = image(page)
    page._workspace.select([17])
    settle(page, qtbot)
    after = image(page)
    at = place(page, 17)
    rim = at + QPoint(6, 0)
    assert before.pixelColor(rim) == QColor(theme.LIGHT.base)
    assert after.pixelColor(rim).lightness() < 90


def test_a_lasso_and_a_rectangle_choose_what_lies_within(page, qtbot, hands):
    show(page, MapRequest(space="joint"), qtbot)
    # Points 0, 1, 7 and 8 are a square of the lattice.
    corner, opposite = place(page, 0) + QPoint(-12, 12), place(page, 8) + QPoint(12, -12)
    page.controls.tools.buttons()[1].click()
    hands.drag(page.canvas, corner, opposite)
    qtbot.waitUntil(lambda: page._workspace.selection.tolist() == [0, 1, 7, 8], timeout=20_000)
    page.controls.tools.buttons()[0].click()
    canvas, button = page.canvas, Qt.MouseButton.LeftButton
    # A triangle that leaves out the last of the four.
    QTest.mousePress(canvas, button, ALT, corner)
    for stop in (place(page, 1) + QPoint(24, 12), place(page, 7) + QPoint(-12, -24), corner):
        QTest.mouseMove(canvas, stop)
    QTest.mouseRelease(canvas, button, ALT, corner)
    qtbot.waitUntil(lambda: page._workspace.selection.tolist() == [8], timeout=20_000)


def test_escape_gives_up_a_line_and_keeps_the_selection(page, qtbot):
    show(page, MapRequest(space="joint"), qtbot)
    before = page._workspace.selection.tolist()
    QTest.mousePress(page.canvas, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    QTest.mouseMove(page.canvas, QPoint(200, 200))
    page.canvas.setFocus()
    QTest.keyClick(page.canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(page.canvas, Qt.MouseButton.LeftButton, pos=QPoint(200, 20))
    settle(page, qtbot)
    assert page._workspace.selection.tolist() == before


def test_a_click_on_a_molecule_chooses_it_and_the_chosen_one_has_a_ring(page, qtbot, hands):
    show(page, JOINT, qtbot)
    workspace = page._workspace
    wells = workspace.selection.tolist()
    hands.click(page.canvas, place(page, page.data.n_wells + 2))
    assert workspace.molecule.name == "paracetamol"
    assert workspace.selection.tolist() == wells
    settle(page, qtbot)
    ring = image(page).pixelColor(place(page, page.data.n_wells + 2) + QPoint(0, 9))
    assert abs(ring.blue() - QColor(theme.LIGHT.accent).blue()) < 60
    assert ring.red() < 150
    tip = page.canvas.tip(page.data.n_wells + 2)
    assert "paracetamol" in tip
    assert "5 µM" in tip


def test_the_best_dose_follows_the_selection(page, qtbot):
    show(page, MapRequest(space="joint", library=True), qtbot)
    page._workspace.select([3, 4, 5])
    qtbot.waitUntil(lambda: "Best for 3 wells" in page.data.notes, timeout=20_000)


# Colours ------------------------------------------------------------------------------------------------


def test_the_legend_hides_and_shows_kinds_of_points(page, qtbot):
    show(page, JOINT, qtbot)
    key = next(key for key in page.legend.lines() if key.text() == "Library molecules")
    assert page.canvas.row_at(QPointF(place(page, page.data.n_wells))) >= 0
    key.setFocus()
    QTest.keyClick(key, Qt.Key.Key_Space)
    settle(page, qtbot)
    assert page.canvas.row_at(QPointF(place(page, page.data.n_wells))) == -1
    next(key for key in page.legend.lines() if key.text() == "Library molecules").click()
    settle(page, qtbot)
    assert page.canvas.row_at(QPointF(place(page, page.data.n_wells))) >= 0


def test_colouring_by_what_all_views_share_changes_them_all(page, qtbot):
    page.controls.colour_by.chosen.emit("column:Metadata_moa")
    assert page._workspace.colour_by == "column:Metadata_moa"
    settle(page, qtbot)
    texts = [key.text() for key in page.legend.lines()]
    assert "COX inhibitor" in texts
    assert "No value" in texts


@pytest.mark.parametrize(
    ("key", "named"),
    [(PLATE, {"P1", "P2"}), (CLUSTER, {"Cluster 1", "In no cluster"}), (ORIGIN, {"wells", "library molecules"})],
)
def test_what_only_the_map_shows_leaves_the_other_views_alone(page, qtbot, key, named):
    show(page, JOINT, qtbot)
    page.controls.colour_by.chosen.emit(key)
    assert page._workspace.colour_by == "p"

    def texts():
        return {one.text() for one in page.legend.lines()}

    qtbot.waitUntil(lambda: page.settled and named <= texts(), timeout=20_000)


def test_another_theme_paints_another_ground(page, qtbot):
    assert image(page).pixelColor(3, 3) == QColor(theme.LIGHT.base)
    application = QApplication.instance()
    theme.apply(application, theme.DARK)
    try:
        settle(page, qtbot)
        qtbot.waitUntil(lambda: image(page).pixelColor(3, 3) == QColor(theme.DARK.base), timeout=20_000)
    finally:
        theme.apply(application, theme.LIGHT)


# Moving -------------------------------------------------------------------------------------------------


def test_wheel_keys_and_middle_button_move_and_a_double_click_shows_all(page):
    canvas = page.canvas
    home = canvas.view
    at = QPointF(100, 120)
    under = home.to_plane(at.x(), at.y())
    wheel = QWheelEvent(
        at,
        canvas.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, wheel)
    assert canvas.view.scale > home.scale
    assert canvas.view.to_plane(at.x(), at.y()) == pytest.approx(under)
    canvas.setFocus()
    x = canvas.view.x
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.view.x > x
    QTest.keyClick(canvas, Qt.Key.Key_Home)
    assert canvas.view == home
    middle = Qt.MouseButton.MiddleButton
    QTest.mousePress(canvas, middle, pos=QPoint(50, 50))
    QTest.mouseMove(canvas, QPoint(90, 70))
    QTest.mouseRelease(canvas, middle, pos=QPoint(90, 70))
    assert canvas.view.to_plane(90, 70) == pytest.approx(home.to_plane(50, 50))
    selection = page._workspace.selection.tolist()
    empty = next(p for p in (QPoint(5, 5), QPoint(canvas.width() - 6, 5)) if canvas.row_at(QPointF(p)) < 0)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=empty)
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=empty)
    assert canvas.view == home
    assert page._workspace.selection.tolist() == selection


def test_return_chooses_the_point_in_the_middle(page, qtbot):
    show(page, MapRequest(space="joint"), qtbot)
    page.canvas.setFocus()
    QTest.keyClick(page.canvas, Qt.Key.Key_Return)
    chosen = page._workspace.selection
    assert len(chosen) == 1
    middle = np.array([page.canvas.view.x, page.canvas.view.y])
    apart = np.hypot(*(page.data.at - middle).T)
    assert apart[chosen[0]] == apart.min()


# Out ----------------------------------------------------------------------------------------------------


def test_the_table_of_coordinates(page, qtbot, tmp_path, monkeypatch):
    show(page, JOINT, qtbot)
    path = tmp_path / "map.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    page.window().actions_by_id["save_map"].trigger()
    qtbot.waitUntil(path.exists, timeout=20_000)
    qtbot.waitUntil(lambda: "45 rows" in page.window().message_bar.text(), timeout=20_000)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 45
    well, molecule = rows[8], rows[-1]
    assert (well["Point"], well["Plate"], well["Well"], well["Name"]) == ("treatment", "P1", "B03", "aspirin")
    assert (molecule["Point"], molecule["Name"], molecule["Well"]) == ("library molecule", "paracetamol", "")
    assert float(molecule["PC 2 (10 %)"]) == -2


@pytest.mark.parametrize("ending", [".png", ".svg"])
def test_the_map_as_a_picture(page, tmp_path, monkeypatch, ending):
    path = tmp_path / f"map{ending}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    page.window().actions_by_id["save_map_picture"].trigger()
    assert path.stat().st_size > 2000


def test_a_page_is_put_back_as_it_was_and_nonsense_is_dropped(page, qtbot):
    show(page, JOINT, qtbot)
    page.set_tool("rectangle")
    page.controls.colour_by.chosen.emit(PLATE)
    state = page.view_state()
    page.restore_view_state({"space": 3, "method": None, "dose": "x", "tool": [], "colour": "?", "hidden": "all"})
    assert page.controls.request == MapRequest()
    page.restore_view_state(state)
    assert page.controls.request == JOINT
    assert page.canvas.tool == "rectangle"
    settle(page, qtbot)
    assert page.colour_key == PLATE


def test_controls_have_names_and_the_page_says_what_to_do_without_a_plate(window):
    window.pages.show_page("map")
    page = window.map_page
    assert page.pages.text() == "Open a plate to begin"
    for control in (page.canvas, page.legend, page.controls.space, page.controls.method, page.controls.files):
        assert control.accessibleName()
