"""Dose response: the page over the window's engine, its words, its axis, and what the library's task answers."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import canned_compounds
import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.dose_curves import DoseResponse
from app.theme import CATEGORIES
from app.views.dose_axis import dose_ticks
from app.views.dose_chart import SYMBOLS
from app.views.doses_page import MOST

TIMEOUT = 20_000


@pytest.fixture
def doses(ranked, qtbot):
    """The page on show, with aspirin's curve."""
    ranked.pages.show_page("doses")
    qtbot.waitUntil(lambda: ranked.doses.response is not None, timeout=TIMEOUT)
    return ranked.doses


def select(window, qtbot, rows):
    window.workspace.select(rows)
    page = window.doses
    qtbot.waitUntil(lambda: page.response is not None, timeout=TIMEOUT)


def compound_rows(window, *compounds):
    of_well = window.workspace.plate.treatment_of_well
    return np.flatnonzero(np.isin(of_well // 2, compounds) & (of_well >= 0))


def scene_point(chart, place):
    points, _ = chart.points
    return chart.getViewBox().mapViewToScene(QPointF(*(float(v) for v in points[place])))


def test_nothing_is_asked_before_the_page_is_seen(ranked):
    assert ranked.doses.response is None
    assert not ranked.workspace.requests.waits_for("doses")


def test_the_selected_compounds_curve_covers_its_wells_in_the_whole_file(doses, ranked):
    assert doses.title.text() == "aspirin"
    assert doses.verdict.text() == "EC50 0.5 µM (95 % interval 0.3 to 0.8 µM)"
    assert "8 wells of the whole file, 4 doses, 50 nM to 50 µM" in doses.subline.text()
    points, rows = doses.chart.points
    assert sorted(rows) == compound_rows(ranked, 0).tolist()
    np.testing.assert_allclose(np.unique(points[:, 0]), np.log10(canned_compounds.DOSES))
    assert "negative controls" in doses.legend.accessibleDescription()


def test_several_compounds_are_overlaid_each_with_its_mark(doses, ranked, qtbot):
    select(ranked, qtbot, compound_rows(ranked, 0, 1, 2))
    assert doses.title.text() == "3 compounds"
    assert doses.legend.accessibleDescription().startswith("aspirin, caffeine, paracetamol")
    verdicts = [doses.table.column("verdict").value(row) for row in range(3)]
    assert verdicts == [
        "0.5 µM (0.3 to 0.8 µM)",
        "No change with dose",
        "One dose only: no curve",
    ]
    assert doses.table.column("p").value(1) == 0.4


def test_the_band_of_the_controls_is_always_in_sight_and_a_flat_compound_above_it_is_said(doses, ranked, qtbot):
    select(ranked, qtbot, compound_rows(ranked, 1))
    response = doses.response
    curve = response.curves[0]
    low = float(curve.values.min()) - 9.0
    far = replace(response, curves=(replace(curve, above_controls=True),), controls=(low, low + 1, low + 2))
    doses.chart.set_response(ranked.workspace.plate, far, "Distance")
    (_, _), (bottom, top) = doses.chart.getViewBox().viewRange()
    assert bottom <= low < float(curve.values.max()) <= top
    assert far.curves[0].text.endswith("and lies above the controls at every dose")


def test_there_is_a_colour_and_a_shape_for_each_of_the_most():
    assert len(set(SYMBOLS)) == MOST
    assert len(set(CATEGORIES[:MOST])) == MOST


def test_one_dose_gives_no_curve_and_says_so(doses, ranked, qtbot):
    select(ranked, qtbot, compound_rows(ranked, 2))
    assert doses.verdict.text() == "One dose only: no curve"


def test_a_click_on_a_point_selects_its_well_and_keeps_the_curves(doses, ranked, qtbot):
    select(ranked, qtbot, compound_rows(ranked, 0, 1))
    response = doses.response
    chart = doses.chart
    _, rows = chart.points
    scene = scene_point(chart, 3)
    QTest.mouseClick(
        chart.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, chart.mapFromScene(scene)
    )
    assert len(ranked.workspace.selection) == 1
    assert ranked.workspace.selection[0] in rows
    assert doses.response is response


def test_a_point_says_which_well_it_is(doses):
    place = doses.chart.place_at(scene_point(doses.chart, 0))
    text = doses.chart.well_text(place)
    assert "aspirin" in text
    assert "P1" in text
    assert " µM" in text or " nM" in text
    assert doses.chart.place_at(QPointF(-50, -50)) == -1


def test_the_arrow_keys_go_from_well_to_well_and_enter_selects(doses, ranked):
    doses.chart.setFocus()
    QTest.keyClick(doses.chart, Qt.Key.Key_Right)
    QTest.keyClick(doses.chart, Qt.Key.Key_Right)
    QTest.keyClick(doses.chart, Qt.Key.Key_Return)
    assert len(ranked.workspace.selection) == 1


def test_another_readout_is_asked_for_and_remembered(doses, qtbot):
    state = doses.view_state()
    assert state["readout"] == "distance"
    index = [doses.readout.itemText(i) for i in range(doses.readout.count())].index("Similarity to top dose")
    doses.readout.setCurrentIndex(index)
    doses.readout.activated.emit(index)
    qtbot.waitUntil(lambda: doses.response is not None, timeout=TIMEOUT)
    assert doses.response.readout == "similarity"
    assert doses.view_state()["readout"] == "similarity"
    doses.restore_view_state({"readout": "no such", "table": 7})
    assert doses.readout.currentIndex() == 0


def test_numeric_columns_of_the_wells_are_readouts_too(doses):
    assert "Cell count" in [doses.readout.itemText(i) for i in range(doses.readout.count())]


def test_without_a_selection_the_page_says_what_to_do(doses, ranked):
    ranked.workspace.select_none()
    assert doses.pages.text() == "Select wells of one to six compounds to see how they respond to dose."


def test_a_failure_is_told_in_place_of_the_curve(doses, qtbot):
    index = [doses.readout.itemText(i) for i in range(doses.readout.count())].index("Similarity to prediction")
    doses.readout.setCurrentIndex(index)
    doses.readout.activated.emit(index)
    qtbot.waitUntil(lambda: "predicts nothing" in doses.pages.text(), timeout=TIMEOUT)


@pytest.mark.usefixtures("doses")
def test_curves_and_wells_are_copied_and_saved(ranked, tmp_path, monkeypatch):
    ranked.actions_by_id["copy_curves"].trigger()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 2
    assert "aspirin" in lines[1]
    for action, name in (("save_curve_wells", "wells.csv"), ("save_curves", "curves.csv")):
        path = tmp_path / name
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, path=path, **_k: (str(path), ""))
        ranked.actions_by_id[action].trigger()
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert rows[0]["Compound"] == "aspirin"
        assert len(rows) == (8 if name == "wells.csv" else 1)
    for ending in (".png", ".svg"):
        path = tmp_path / f"picture{ending}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, path=path, **_k: (str(path), ""))
        ranked.actions_by_id["save_curve_picture"].trigger()
        assert path.stat().st_size > 2000


def test_with_no_curve_on_show_the_export_says_so(ranked):
    ranked.actions_by_id["save_curves"].trigger()
    assert "no dose response on show" in ranked.message_bar.text()


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.62, 20.0, [1, 2, 5, 10, 20]),
        (0.05, 50.0, [0.1, 0.3, 1, 3, 10, 30]),
        (0.001, 100.0, [0.001, 0.01, 0.1, 1, 10, 100]),
        (3.0, 3.6, None),
    ],
)
def test_ticks_are_round_numbers(low, high, expected):
    labelled, small = dose_ticks(np.log10(low) - 1e-9, np.log10(high) + 1e-9)
    if expected is not None:
        np.testing.assert_allclose(10 ** np.array(labelled), expected, rtol=1e-6)
    assert not set(labelled) & set(small)


@pytest.mark.parametrize(
    ("ec50", "interval", "text"),
    [
        (2.0, (1.0, 4.0), "EC50 2 µM (95 % interval 1 to 4 µM)"),
        (2.0, (0.0, 4.0), "EC50 2 µM (95 % interval up to 4 µM, open below)"),
        (2.0, (0.0, np.inf), "EC50 2 µM (95 % interval open on both sides)"),
        (80.0, (30.0, np.inf), "EC50 above the highest dose, 50 µM (95 % interval from 30 µM, open above)"),
        (0.01, (0.0, 0.1), "EC50 below the lowest dose, 50 nM (95 % interval up to 0.1 µM, open below)"),
    ],
)
def test_an_ec50_is_told_with_its_interval(ec50, interval, text):
    fit = canned_compounds._fit()
    fit |= {"ec50": ec50, "is_extrapolated": not 0.05 <= ec50 <= 50}
    fit["intervals"]["ec50"] = list(interval)
    packed = {
        "readout": "distance",
        "compounds": 1,
        "controls": None,
        "series": [
            {
                "key": "k",
                "name": "n",
                "condition": "U2OS",
                "rows": np.arange(4),
                "doses": np.array(canned_compounds.DOSES),
                "values": np.ones(4),
                "mean_doses": np.array(canned_compounds.DOSES),
                "means": np.ones(4),
                "fit": fit,
                "flat_p": None,
                "reason": "",
            }
        ],
    }
    curve = DoseResponse.unpack(packed).curves[0]
    assert curve.text == text
    assert curve.title == "n (U2OS)"


@pytest.fixture(scope="module")
def task():
    """The engine's task over the demo plate."""
    from shipped import demo_plate

    from app.tasks import TASKS, State
    from app.tasks.state import file_token
    from molphenix_core.progress import silent

    path, state = str(demo_plate()), State()
    workbench = state.workbench(path, file_token(path), silent)

    def ask(names: list[str], readout: str):
        table = workbench.treatments
        wanted = np.flatnonzero(table["name"].isin(names))
        rows = np.flatnonzero(np.isin(workbench.treatment_of_well, wanted))
        answer = TASKS["dose_response"](
            state,
            silent,
            path=path,
            token=file_token(path),
            rows=rows[:1] if len(names) == 1 else rows,
            readout=readout,
        )
        return DoseResponse.unpack(answer), workbench

    return ask


def test_the_task_takes_all_wells_of_the_compound(task):
    found, workbench = task(["Lestaurtinib"], "distance")
    (curve,) = found.curves
    assert curve.name == "Lestaurtinib"
    assert len(curve.rows) == 12
    assert len(curve.mean_doses) == 6
    distance = workbench.treatments.set_index(["name", "concentration"])["distance_to_control"]
    squared = (curve.values[curve.doses == 20.0] ** 2).mean()
    assert np.sqrt(squared) == pytest.approx(distance["Lestaurtinib", 20.0], rel=1e-4)
    assert found.controls is not None
    assert found.controls[0] < 1 < found.controls[2]


@pytest.mark.parametrize("readout", ["similarity", "predicted"])
def test_an_active_compound_grows_alike_with_dose(task, readout):
    (curve,) = task(["Lestaurtinib"], readout)[0].curves
    assert curve.fit is not None
    assert curve.means[-1] > curve.means[0]
    assert np.abs(curve.values[np.isfinite(curve.values)]).max() <= 1


def test_of_many_compounds_the_most_active_are_drawn(task):
    found, workbench = task(workbench_names(task), "distance")
    assert found.compounds == 26
    assert len(found.curves) == MOST
    p = workbench.treatments.groupby("name")["p_value"].min()
    assert max(p[curve.name] for curve in found.curves) <= p.sort_values().iloc[MOST]


def workbench_names(task) -> list[str]:
    return sorted(set(task(["Lestaurtinib"], "distance")[1].treatments["name"]))


def test_a_plate_without_controls_gives_a_reason(tmp_path: Path):
    from simulated_plates import simulated_plate

    from app.tasks import TASKS, State
    from app.tasks.state import file_token
    from molphenix_core.plates.files import write_plate
    from molphenix_core.progress import silent

    plate = simulated_plate(molecules=30)
    path = tmp_path / "bare.h5ad"
    write_plate(plate.take(plate.is_treated), path)
    answer = TASKS["dose_response"](
        State(), silent, path=str(path), token=file_token(str(path)), rows=np.array([0]), readout="distance"
    )
    (curve,) = DoseResponse.unpack(answer).curves
    assert "fewer than two negative controls" in curve.text
    assert answer["controls"] is None
