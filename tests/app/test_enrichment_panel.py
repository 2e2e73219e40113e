"""Mechanisms of the best candidates: one line, a table that unfolds, and a click that filters."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint

from app.candidate_filters import CandidateFilters
from app.structure_reader import StructureReader
from app.views.enrichment_panel import EnrichmentPanel, summary_text


@pytest.fixture
def panel(ranked, qtbot) -> EnrichmentPanel:
    filters = CandidateFilters(ranked.workspace, StructureReader(ranked.drawing_engine, ranked), ranked)
    panel = EnrichmentPanel(ranked.workspace, filters)
    panel.filters = filters
    qtbot.addWidget(panel)
    panel.resize(700, 300)
    panel.show()
    qtbot.waitUntil(lambda: "fold" in panel.summary.text() or "enriched" in panel.summary.text(), timeout=30_000)
    return panel


def test_the_line_names_what_is_enriched_and_the_table_unfolds(panel):
    assert panel.summary.text() == "COX inhibitor, 4-fold (q 0.02)"
    assert not panel.table.isVisible()
    panel.unfold.click()
    assert panel.table.isVisible()
    assert panel.table.keys() == ("mechanism", "in_top", "expected", "fold", "p", "q", "in_library")
    assert "2 of 3 library molecules with a known mechanism, each counted once" in panel.note.text()


def test_fewer_of_the_top_are_tested_on_request(panel, ranked, qtbot):
    panel.unfold.click()
    asked = []
    ranked.workspace.engine.progressed.connect(lambda request, _share, _text: asked.append(request.title))
    panel.top.setValue(5)
    # The ranking has three: nothing new to ask.
    assert asked == []
    panel.top.setMinimum(2)
    panel.top.setValue(2)
    qtbot.waitUntil(lambda: panel.summary.text() == "none is enriched; smallest q 0.5")


def test_a_click_filters_by_the_mechanism(panel, ranked, hands):
    panel.unfold.click()
    table = panel.table
    row = table.column("mechanism").categories.index("COX inhibitor")
    at = int(list(table.rows_in_order()).index(row))
    rect = table.visualRect(table.model().index(at, 0))
    hands.click(table.viewport(), rect.center() - QPoint(10, 0))
    assert panel.filters.value.mechanism == "COX inhibitor"
    ranked.workspace.undo_stack.undo()
    assert panel.filters.value.mechanism == ""
    assert not len(table.selected_rows())


def test_no_candidates_no_panel(panel, ranked):
    ranked.workspace.close_all()
    assert not panel.isVisible()


def test_what_was_on_show_is_remembered(panel):
    panel.unfold.click()
    panel.top.setValue(50)
    state = panel.view_state()
    panel.restore_view_state({"unfolded": "yes", "top": True})
    assert (panel.unfolded, panel.top.value()) == (False, 50)
    panel.top.setValue(20)
    panel.restore_view_state(state)
    assert (panel.unfolded, panel.top.value()) == (True, 50)


def test_words_where_nothing_is_known_or_enriched():
    found = {"top": 40, "top_annotated": 0, "q_value": []}
    assert summary_text(found) == "no mechanism is known of the top 40"
    found = {"top": 40, "top_annotated": 3, "q_value": []}
    assert summary_text(found) == "none is enriched"
