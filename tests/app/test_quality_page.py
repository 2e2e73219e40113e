"""The page Quality over an engine with canned answers, and the engine's task on the demo plate."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from canned_analysis import FEW
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.demo import demo_plate
from app.engine import Engine
from app.views.quality_figures import FIGURES
from app.views.quality_page import QualityPage
from app.views.quality_trends_chart import medians_by_line
from app.workspace import Workspace

SHARED_WINDOW = True
TIMEOUT = 20_000


def figure(key):
    return next(one for one in FIGURES if one.key == key)


@pytest.fixture(scope="module")
def workspace(qapp):
    """One for all tests of the page, for its engines take their time to start."""
    assert qapp is not None
    engine = Engine("canned_tasks", name="engine")
    workspace = Workspace(engine)
    yield workspace
    workspace.close()
    engine.close()


def opened(workspace, qtbot, path):
    with qtbot.waitSignal(workspace.opened, timeout=TIMEOUT):
        workspace.open([path])


@pytest.fixture
def blank(workspace, qtbot, tmp_path):
    """The page, before its plates are judged."""
    opened(workspace, qtbot, tmp_path / "screen.h5ad")
    page = QualityPage(workspace)
    page.resize(745, 830)
    yield page
    page.hide()
    workspace.close_all()
    page.deleteLater()


def judged(page, qtbot):
    page.show()
    qtbot.waitUntil(lambda: page.quality is not None, timeout=TIMEOUT)
    return page


@pytest.fixture
def page(blank, qtbot):
    return judged(blank, qtbot)


def cell(page, key, row):
    return page.table.column(key).text(row)


def test_one_row_a_plate_with_figures(page):
    table = page.table
    assert [cell(page, "plate", row) for row in table.rows_in_order()] == ["P1", "P2"]
    assert cell(page, "control_spread", 0).startswith("0.9")
    assert [cell(page, "wells", 0), cell(page, "negative_controls", 0)] == ["21", "8"]
    keys = [column.key for column in table.shown_columns()]
    assert keys[:4] == ["plate", "light", "z_prime", "z_prime_robust"]
    # What position alone finds stands beside what the phenotype does.
    assert keys.index("retrieval_position_only") == keys.index("retrieval") + 1


def test_a_missing_figure_says_why(page):
    assert cell(page, "z_prime", 0) == "–"
    assert page.quality.tip(figure("z_prime"), 0) == FEW[:1].upper() + FEW[1:]
    assert page.basis.text() == f"No Z′: {FEW}"


def test_lights_are_marks_and_words_beside_colours(page):
    assert [cell(page, "light", row) for row in (0, 1)] == ["green", "◆ 1 red"]
    assert [cell(page, "control_spread", row)[0] for row in (0, 1)] == ["0", "◆"]
    assert cell(page, "retrieval", 1).startswith("▲")
    assert "more than three standard deviations worse" in page.quality.tip(figure("control_spread"), 1)
    # 1 - (1 - 0.1587) ** 7: most plates of a sound run are amber.
    told = "2 plates: 1 red, 1 green, by the worst of 7 figures (by chance about 70 % are not green)"
    assert page.table_panel.explanation.text() == told
    tip = page.table_panel.explanation.toolTip()
    for words in (
        "mean of the other plates",
        "2 plates at least",
        "If plates did not differ",
        "70 % of plates with 7 figures",
    ):
        assert words in tip


def test_too_few_plates_for_lights_are_told_so(blank, workspace, qtbot, tmp_path):
    opened(workspace, qtbot, tmp_path / "few.h5ad")
    page = judged(blank, qtbot)
    assert page.table_panel.explanation.text() == "2 plates: too few plates for traffic lights (2 of 8)"
    assert cell(page, "light", 0) == "–"
    assert np.isnan(page.run_chart.usual()).all()


def test_a_trend_tells_its_p_and_q(page):
    assert page.quality.tip(figure("row"), 1).splitlines() == [
        "Green: within one standard deviation of the other plates, or better",
        "P 0.01, q 0.02 over the plates, among negative controls",
    ]


def test_a_click_on_a_row_shows_its_plate(page, workspace, qtbot):
    table = page.table
    rect = table.visualRect(table.model().index(1, 0))
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert workspace.barcode == 1
    assert page.trends_panel.explanation.text().startswith("P2: edge -0.3 sd")


def test_the_current_plate_is_marked_in_the_table_and_the_charts(page, workspace):
    workspace.show(workspace.plate, 1)
    assert page.table.selected_rows().tolist() == [1]
    assert page.run_chart.ring.data["x"].tolist() == [1]


def test_the_run_chart_has_mean_and_bands_and_a_point_a_plate(page, workspace, qtbot):
    chart = page.run_chart
    assert page.chosen_figure.key == "control_spread"
    mean, spread = chart.usual()
    assert (mean, spread) == pytest.approx((1.325, np.std([0.9, 1.75], ddof=1)))
    assert chart.bands[0].getRegion() == pytest.approx((mean - 3 * spread, mean + 3 * spread))
    assert chart.bands[1].getRegion() == pytest.approx((mean - spread, mean + spread))
    at = chart.mapFromScene(chart.getViewBox().mapViewToScene(QPointF(1.0, 1.75)))
    QTest.mouseClick(chart.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert workspace.barcode == 1
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert workspace.barcode == 0


def test_another_figure_is_shown_over_the_plates(page):
    page.figure.setCurrentIndex(page.figure.findData("retrieval"))
    assert page.run_chart.points.data["y"].tolist() == [0.8, 0.4]
    page.figure.setCurrentIndex(page.figure.findData("z_prime"))
    assert page.run_panel.explanation.text() == f"No Z′: {FEW}"


def test_a_compound_serves_as_positive_control(page, qtbot):
    page.positive.setFocus()
    place = page.positive.findData("compound:aspirin")
    page.positive.setCurrentIndex(place)
    page.positive.activated.emit(place)
    qtbot.waitUntil(lambda: page.quality.positive == "aspirin", timeout=TIMEOUT)
    assert cell(page, "z_prime", 0).startswith("0.61")
    assert "aspirin against negative controls" in page.basis.text()
    assert page.positive.currentText() == "aspirin (on 2 plates)"


def test_a_choice_that_was_stopped_leaves_what_was_shown(page, workspace, qtbot):
    page.positive.activated.emit(page.positive.findData("compound:caffeine"))
    page.positive.setCurrentIndex(page.positive.findData("compound:caffeine"))
    page.positive.activated.emit(page.positive.currentIndex())
    qtbot.waitUntil(lambda: workspace.can_cancel, timeout=TIMEOUT)
    workspace.cancel()
    qtbot.waitUntil(lambda: not workspace.can_cancel, timeout=TIMEOUT)
    assert page.pages.text() == ""
    assert page.positive.currentText() == "none marked in this file"


def test_judging_can_be_stopped_and_begun_again(blank, workspace, qtbot, tmp_path):
    opened(workspace, qtbot, tmp_path / "endless.h5ad")
    blank.show()
    assert blank.pages.text() == "Judging 2 plates…"
    workspace.cancel()
    qtbot.waitUntil(lambda: "Stopped" in blank.pages.text(), timeout=TIMEOUT)
    blank.ask_again()
    assert blank.pages.text() == "Judging 2 plates…"
    workspace.cancel()
    qtbot.waitUntil(lambda: "Stopped" in blank.pages.text(), timeout=TIMEOUT)


def test_what_was_asked_of_a_file_is_not_shown_for_the_next(blank, workspace, qtbot, tmp_path):
    blank.show()
    assert workspace.requests.waits_for("quality")
    blank.hide()
    opened(workspace, qtbot, tmp_path / "small.h5ad")
    assert not workspace.requests.waits_for("quality")
    assert blank.quality is None


def test_nothing_is_asked_while_the_page_is_hidden(blank, workspace):
    assert blank.quality is None
    assert not workspace.requests.waits_for("quality")


def test_the_commands_of_the_page_in_the_window(ranked, qtbot, tmp_path, monkeypatch):
    ranked.actions_by_id["copy_quality"].trigger()
    assert "have not been judged" in ranked.message_bar.text()
    qtbot.keyClick(ranked, Qt.Key.Key_F5)
    assert ranked.pages.current == "quality"
    qtbot.waitUntil(lambda: ranked.quality.quality is not None, timeout=TIMEOUT)
    offered = [action.text() for action in ranked.quality.export.menu().actions()]
    assert offered == ["Copy table of &quality", "Quality as a &table…", "Quality as a &picture…"]
    ranked.actions_by_id["copy_quality"].trigger()
    head, first, *_ = QGuiApplication.clipboard().text().splitlines()
    assert head.split("\t")[:2] == ["Plate", "Light"]
    assert first.split("\t")[0] == "P1"
    out = tmp_path / "quality.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    ranked.actions_by_id["save_quality"].trigger()
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert [row["Plate"] for row in rows] == ["P1", "P2"]
    assert rows[1]["Spread"] == "1.75"
    assert rows[0]["Z′"] == ""
    out = tmp_path / "quality.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    ranked.actions_by_id["save_quality_picture"].trigger()
    assert out.stat().st_size > 1000


def test_choices_are_remembered_for_the_file(page, qtbot):
    page.positive.setCurrentIndex(page.positive.findData("compound:aspirin"))
    page.positive.activated.emit(page.positive.currentIndex())
    page.figure.setCurrentIndex(page.figure.findData("edge"))
    qtbot.waitUntil(lambda: page.quality.positive == "aspirin", timeout=TIMEOUT)
    state = page.view_state()
    page.figure.setCurrentIndex(0)
    page.positive.setCurrentIndex(0)
    page.positive.activated.emit(0)
    qtbot.waitUntil(lambda: page.quality.positive == "", timeout=TIMEOUT)
    page.restore_view_state(state)
    assert page.chosen_figure.key == "edge"
    qtbot.waitUntil(lambda: page.quality.positive == "aspirin", timeout=TIMEOUT)


@pytest.mark.parametrize("state", [{}, {"figure": 7, "table": [], "file": 3}, {"table": {"sort": "x"}}])
def test_a_state_that_does_not_fit_is_dropped(page, state):
    page.restore_view_state(state)
    assert page.chosen_figure in FIGURES


def test_without_a_plate_the_page_says_what_to_do(page, workspace):
    workspace.close_all()
    assert page.pages.text().startswith("Open a plate file")
    assert page.table.keys() == ()


def test_medians_of_lines():
    lines, medians = medians_by_line(np.array([3, 1, 3, 3]), np.array([1.0, 5.0, 2.0, 9.0]))
    assert lines.tolist() == [1, 3]
    assert medians.tolist() == [5.0, 2.0]


@pytest.fixture(scope="module")
def demo():
    from app.tasks import State
    from app.tasks.state import file_token

    path = str(demo_plate())
    return State(), {"path": path, "token": file_token(path)}


def test_the_engine_judges_the_demo_plate(demo):
    from app.tasks import TASKS
    from molphenix_core.progress import silent

    state, which = demo
    found = TASKS["quality"](state, silent, **which)
    n, wells = len(found["barcodes"]), len(found["trend_values"])
    assert found["trend_wells"].shape == (wells,)
    assert all(values.shape == (n,) for values in found["columns"].values())
    assert np.isnan(found["columns"]["z_prime"]).all()
    assert found["reasons"]["z_prime"]["categories"] == [FEW]
    assert np.isfinite(found["columns"]["retrieval"]).all()
    assert not any(light.any() for light in found["lights"].values())


def test_the_engine_measures_against_a_compound_with_any_readout(demo):
    from app.tasks import TASKS
    from molphenix_core.progress import silent

    state, which = demo
    choices = TASKS["quality"](state, silent, **which)
    positive = choices["positives"][0]["key"]
    feature = choices["readouts"][-1]["key"]
    for readout in ("", "distance", feature):
        found = TASKS["quality"](state, silent, **which, positive=positive, readout=readout)
        assert np.isfinite(found["columns"]["z_prime"]).all()
        assert found["positive"] == positive.removeprefix("compound:")
    assert found["readout"] == feature.removeprefix("column:")
