"""The page Hits over an engine with canned answers, and the engine's tasks on the demo plate."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from app import settings
from app.demo import demo_plate
from app.engine import Engine
from app.views.hit_calling_curve import thresholds
from app.views.hit_calling_page import HitCallingPage
from app.views.hit_calling_rule import read_rule
from app.workspace import Workspace
from molphenix_core.plates.hit_rule import CRITERIA, HitRule

TIMEOUT = 20_000
FIELDS = [criterion.field for criterion in CRITERIA]


# The workspace is the module's, with both its engines.
SHARED_WINDOW = True


@pytest.fixture(scope="module")
def workspace(qapp):
    """One for all tests of the page, for its engines take their time to start."""
    assert qapp is not None
    engine = Engine("canned_tasks", name="engine")
    workspace = Workspace(engine)
    yield workspace
    workspace.close()
    engine.close()


@pytest.fixture
def page(workspace, qtbot, tmp_path):
    """The page with the six treatments of :mod:`canned_tasks`, their PAINS looked up and the hits grouped."""
    with qtbot.waitSignal(workspace.opened, timeout=TIMEOUT):
        workspace.open([tmp_path / "screen.h5ad"])
    page = HitCallingPage(workspace)
    page.resize(745, 830)
    page.show()
    qtbot.waitUntil(lambda: "pains" in page.calling.columns and grouped(page), timeout=TIMEOUT)
    yield page
    page.hide()
    workspace.undo_stack.clear()
    workspace.close_all()
    page.deleteLater()


def grouped(page):
    groups = page.calling.groups
    return groups is not None and np.array_equal(groups.treatments, page.calling.hits)


def verdicts(page):
    """Treatment and verdict, in the order of the table."""
    rows = page.table.rows_in_order().tolist()
    doses = page.table.column("concentration").values
    named = [(page.table.column("name").text(row), doses[row] > 1) for row in rows]
    return [
        (f"{name}{' high' if high else ''}", page.table.column("verdict").text(row))
        for row, (name, high) in zip(rows, named, strict=True)
    ]


def reasons(page):
    return [page.table.column("reason").text(row) for row in range(6)]


def falls(page):
    return [page.form.bars[field].text() for field in FIELDS]


def test_the_default_rule_calls_the_one_hit_and_says_why_others_are_none(page):
    assert page.rule_panel.explanation.text() == "1 of 6 treatments are hits (17 %)"
    assert verdicts(page)[0] == ("aspirin high", "hit")
    assert {verdict for _, verdict in verdicts(page)[1:]} == {"no hit"}
    assert reasons(page) == [
        *("q-value 0.6 above 0.05", "–", "q-value 0.6 above 0.05"),
        *("q-value 0.5 above 0.05", "q-value 0.5 above 0.05", "no q-value"),
    ]


def test_the_funnel_counts_where_treatments_fall(page):
    assert falls(page)[:2] == ["0 fail", "5 fail"]
    assert page.form.bars["max_q"].accessibleName() == "5 treatments fall at q-value, 83 % of 6"
    assert page.form.total.text() == "1 hit"


def test_a_limit_that_is_typed_is_applied_at_once(page, qtbot):
    box = page.form.limits["max_q"]
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "0.5")
    # No engine is asked: the verdicts are those of the new rule before the next key.
    assert [name for name, verdict in verdicts(page) if verdict == "hit"] == [
        *("aspirin high", "caffeine high", "paracetamol")
    ]
    assert page.rule_panel.explanation.text().startswith("3 of 6")
    qtbot.waitUntil(lambda: grouped(page), timeout=TIMEOUT)


def test_a_criterion_can_be_switched_off_and_on(page, qtbot):
    check = page.form.checks["max_q"]
    qtbot.mouseClick(check, Qt.MouseButton.LeftButton, pos=check.rect().center() / 4)
    check.click() if check.isChecked() else None
    assert page.calling.rule.max_q is None
    assert not page.form.limits["max_q"].isEnabled()
    assert page.form.total.text() == "6 hits"
    page.form.checks["min_distance"].click()
    assert page.calling.rule.min_distance == 2.0
    assert [name for name, verdict in verdicts(page) if verdict == "hit"] == ["aspirin high", "caffeine high"]


def test_with_nothing_asked_the_page_says_that_all_pass(page):
    for field in ("max_q", "min_replicates"):
        page.form.checks[field].click()
    assert page.rule_panel.explanation.text() == "Nothing is asked of the 6 treatments: all are called hits"


def test_what_the_file_cannot_answer_is_disabled_and_says_why(page):
    form = page.form
    for field, reason in (
        ("min_relative_cell_count", "No column of cell counts in this file"),
        ("exclude_autofluorescent", "No column of autofluorescence in this file"),
    ):
        assert not form.checks[field].isEnabled()
        assert form.checks[field].toolTip() == reason
        assert form.bars[field].text() == reason
    assert form.checks["max_q"].isEnabled()


def test_a_rule_that_the_file_cannot_answer_is_kept_for_the_next(page):
    page.calling.set_rule(HitRule(max_q=None, min_relative_cell_count=0.5, exclude_autofluorescent=True))
    assert page.calling.effective == HitRule(max_q=None)
    assert page.form.total.text() == "6 hits"
    assert page.calling.rule.min_relative_cell_count == 0.5


def test_a_column_of_cell_counts_is_chosen(page, qtbot):
    button, menu = page.form.columns["relative_cell_count"], page.form.menus["relative_cell_count"]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    found, chosen = menu.actions()
    assert (found.isChecked(), chosen.text()) == (True, "cell count")
    assert menu.isVisible()
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(chosen).center())
    qtbot.waitUntil(lambda: page.form.checks["min_relative_cell_count"].isEnabled(), timeout=TIMEOUT)
    page.form.checks["min_relative_cell_count"].click()
    assert reasons(page)[1] == "relative cell count 0.3 below 0.5"
    assert {"relative_cell_count", "pains"} <= set(page.table.keys())
    assert page.calling.columns["pains"].tolist()[2:4] == [1.0, 1.0]


def test_pains_leave_out_and_unknown_structures_are_not_checked(page):
    page.form.checks["max_q"].click()
    page.form.checks["exclude_pains"].click()
    assert [name for name, verdict in verdicts(page) if verdict == "no hit"] == ["caffeine high", "caffeine"]
    assert reasons(page)[2:4] == ["PAINS", "PAINS"]
    unchecked = page.table.column("not_checked")
    assert [unchecked.text(row) for row in (0, 2, 4)] == ["–", "–", "PAINS"]
    assert page.table_panel.explanation.text() == "PAINS not known of 2"
    alerts = page.table.column("pains")
    assert [alerts.text(row) for row in (0, 2, 4)] == ["none", "quinone_A(370)", "–"]


def test_changes_of_the_rule_are_undone_one_by_one(page, workspace, qtbot):
    box = page.form.limits["max_q"]
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "0.55")
    page.form.checks["exclude_pains"].click()
    assert page.calling.rule == HitRule(max_q=0.55, exclude_pains=True)
    workspace.undo_stack.undo()
    assert page.calling.rule == HitRule(max_q=0.55)
    # What was typed in one go is undone in one go.
    workspace.undo_stack.undo()
    assert page.calling.rule == HitRule()
    assert page.form.limits["max_q"].value() == 0.05
    workspace.undo_stack.redo()
    workspace.undo_stack.redo()
    assert page.form.checks["exclude_pains"].isChecked()
    assert "hit rule" in workspace.undo_stack.undoText()


def test_chosen_treatments_are_selected_as_wells_and_back(page, workspace, qtbot):
    table = page.table
    hit = int(table.rows_in_order()[0])
    rect = table.visualRect(table.model().index(0, 0))
    workspace.select_none()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert set(workspace.plate.treatment_of_well[workspace.selection]) == {hit}
    assert len(workspace.selection) == 4
    workspace.select(np.flatnonzero(workspace.plate.treatment_of_well == 4))
    assert table.selected_rows().tolist() == [4]


def test_hits_are_grouped_by_phenotype(page, workspace, qtbot):
    page.form.limits["max_q"].setValue(0.5)
    qtbot.waitUntil(lambda: grouped(page), timeout=TIMEOUT)
    clusters = page.clusters
    assert [clusters.table.column("size").text(row) for row in (0, 1)] == ["2", "1"]
    assert clusters.table.column("names").text(0) == "aspirin, caffeine"
    assert "similarity 0.42 and above, reached by 1 % of pairs of inactive" in clusters.explanation.text()
    labels = page.table.column("cluster")
    assert [labels.text(row) for row in (0, 1, 3, 4)] == ["–", "1", "1", "2"]
    rect = clusters.table.visualRect(clusters.table.model().index(0, 0))
    qtbot.mouseClick(clusters.table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert workspace.selected_treatments().tolist() == [1, 3]
    clusters.map.cluster_chosen.emit(2)
    assert workspace.selected_treatments().tolist() == [4]
    page.form.limits["max_q"].setValue(0.0)
    qtbot.waitUntil(lambda: page.clusters.pages.text() == "No hits to group", timeout=TIMEOUT)


def test_the_hit_rate_changes_along_the_limit_which_can_be_dragged(page, hands):
    curve = page.curve
    assert curve.values[[0, -1]].tolist() == [0.0, 1.0]
    assert curve.rates[-1] == pytest.approx(100 * 5 / 6)
    assert curve.limit.value() == 0.05
    assert page.curve_panel.explanation.text() == "17 % with q-value at most 0.05"
    view = curve.getViewBox()
    start, end = (curve.mapFromScene(view.mapViewToScene(QPointF(x, 40.0))) for x in (0.05, 0.55))
    hands.drag(curve.viewport(), start, end)
    assert page.calling.rule.max_q == pytest.approx(0.55, abs=0.03)
    assert page.form.limits["max_q"].value() == pytest.approx(page.calling.rule.max_q)
    assert page.form.total.text() == "3 hits"


def test_the_curve_follows_the_limit_that_is_edited(page):
    page.form.checks["min_distance"].click()
    assert page.curved.currentData() == "min_distance"
    page.form.checks["min_distance"].click()
    assert not page.curve.limit.isVisible()
    assert page.curve_panel.explanation.text() == "17 %, with no limit on distance to control"


def test_thresholds_are_few_and_hold_the_loosest():
    q = next(criterion for criterion in CRITERIA if criterion.field == "max_q")
    at = thresholds(q, np.random.default_rng(0).uniform(0.1, 0.9, 5000))
    assert len(at) <= 162
    assert at[[0, -1]].tolist() == [0.0, 1.0]
    replicates = CRITERIA[0]
    assert thresholds(replicates, np.array([2.0, 4.0, np.nan])).tolist() == [1.0, 2.0, 4.0]


def test_a_hit_list_is_made_of_the_hits_and_the_table_saved(ranked, qtbot, tmp_path, monkeypatch):
    ranked.actions_by_id["copy_hit_calls"].trigger()
    assert "No hits have been called" in ranked.message_bar.text()
    ranked.pages.show_page("hits")
    page = ranked.hit_calling
    qtbot.waitUntil(lambda: "pains" in page.calling.columns and grouped(page), timeout=TIMEOUT)
    qtbot.mouseClick(page.new_list, Qt.MouseButton.LeftButton)
    made = ranked.workspace.hit_lists.current
    assert made.name == "Hits of screen"
    (entry,) = made.entries
    assert (entry.name, entry.dose, entry.well, entry.barcode) == ("aspirin", 5.0, "B06", "P1")
    assert entry.note == "4 wells, q-value 0.01, distance to control 9, cluster 1"
    ranked.actions_by_id["select_none"].trigger()
    ranked.actions_by_id["select_hits"].trigger()
    assert ranked.workspace.selected_treatments().tolist() == [1]
    out = tmp_path / "calls.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    ranked.actions_by_id["save_hit_calls"].trigger()
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert [row["Verdict"] for row in rows] == ["no hit", "hit", *["no hit"] * 4]
    assert rows[0]["Reason"] == "q-value 0.6 above 0.05"
    assert rows[1]["SMILES"] == "CC(=O)Oc1ccccc1C(=O)O"
    ranked.actions_by_id["copy_hit_calls"].trigger()
    assert QGuiApplication.clipboard().text().splitlines()[1].startswith("no hit\taspirin")
    page.form.checks["exclude_pains"].click()
    ranked.actions_by_id["undo"].trigger()
    assert page.calling.rule == HitRule()
    page.calling.set_rule(HitRule(max_q=0.2))
    ranked.close()
    assert settings.load().views["hits"]["rule"]["max_q"] == 0.2


def test_rule_and_columns_are_remembered(page, workspace):
    page.calling.set_rule(HitRule(max_q=None, min_distance=3.5, exclude_pains=True))
    page.curved.setCurrentIndex(page.curved.findData("min_distance"))
    page.calling.choose_column("relative_cell_count", "Metadata_cell_count")
    state = page.view_state()
    other = HitCallingPage(workspace)
    other.restore_view_state(state)
    assert other.calling.rule == page.calling.rule
    assert other.curved.currentData() == "min_distance"
    assert other.calling.chosen == {"relative_cell_count": "Metadata_cell_count"}
    other.deleteLater()


@pytest.mark.parametrize(
    ("stored", "rule"),
    [
        ({}, HitRule()),
        ({"max_q": 0.2, "min_replicates": 3}, HitRule(max_q=0.2, min_replicates=3)),
        ({"max_q": None}, HitRule(max_q=None)),
        ({"max_q": 7, "min_distance": "far", "min_replicates": 0}, HitRule()),
        ({"exclude_pains": 1, "max_q": True, "min_distance": float("nan")}, HitRule()),
        ({"exclude_pains": True, "unknown": 3}, HitRule(exclude_pains=True)),
    ],
)
def test_of_a_remembered_rule_what_does_not_fit_is_dropped(stored, rule):
    assert read_rule(stored) == rule


@pytest.mark.parametrize("state", [{}, {"rule": 3, "curve": 7, "table": []}, {"columns": {"a": 3}, "file": "x"}])
def test_a_state_that_does_not_fit_is_dropped(page, state):
    page.restore_view_state(state)
    assert page.calling.rule == HitRule()


def test_what_was_asked_of_a_file_is_not_used_for_the_next(page, workspace, qtbot, tmp_path):
    page.hide()
    with qtbot.waitSignal(workspace.opened, timeout=TIMEOUT):
        workspace.open([tmp_path / "other.h5ad"])
    page.show()
    assert workspace.requests.waits_for("pains")
    page.hide()
    with qtbot.waitSignal(workspace.opened, timeout=TIMEOUT):
        workspace.open([tmp_path / "small.h5ad"])
    assert not any(workspace.requests.waits_for(purpose) for purpose in ("pains", "hit table"))
    assert not page.calling.ready
    assert page.table.keys() == ()


def test_without_a_plate_the_page_says_what_to_do(page, workspace):
    workspace.close_all()
    assert page.pages.text().startswith("Open a plate file")
    assert page.hit_entries() == ()
    assert page.columns() == ()


@pytest.fixture(scope="module")
def demo():
    from app.tasks import State
    from app.tasks.state import file_token

    path = str(demo_plate())
    return State(), {"path": path, "token": file_token(path)}


def test_the_engine_gathers_and_groups_hits_of_the_demo_plate(demo):
    from app.tasks import TASKS
    from molphenix_core.plates.hit_rule import failed_criterion
    from molphenix_core.progress import silent

    state, which = demo
    found = TASKS["hit_table"](state, silent, **which)
    assert set(found["reasons"]) == {"relative_cell_count", "autofluorescent"}
    hits = np.flatnonzero(failed_criterion(found["columns"], HitRule()) < 0)
    assert 0 < len(hits) < len(found["columns"]["q_value"])
    groups = TASKS["hit_clusters"](state, silent, **which, treatments=hits)
    assert groups["size"].sum() == len(hits)
    assert sorted(groups["order"].tolist()) == list(range(len(hits)))
    np.testing.assert_allclose(np.diag(groups["similarity"]), 1.0, atol=1e-5)


def test_the_engine_says_why_a_column_cannot_be_used(demo):
    from app.tasks import TASKS
    from molphenix_core.progress import silent

    state, which = demo
    found = TASKS["hit_table"](state, silent, **which, cell_count="Metadata_moa", autofluorescence="nothing")
    assert "expected a finite number" in found["reasons"]["relative_cell_count"]
    assert "no such column" in found["reasons"]["autofluorescent"]


def test_the_engine_looks_up_pains():
    from app.tasks import TASKS
    from molphenix_core.progress import silent

    found = TASKS["pains"](None, silent, smiles=["O=C1C=CC(=O)C=C1", "CCO", "no structure"])
    np.testing.assert_array_equal(found["flags"], [1.0, 0.0, np.nan])
    assert found["names"][0].startswith("quinone")
