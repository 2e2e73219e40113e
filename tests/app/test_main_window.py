"""The whole window over an engine whose tasks answer without the library: what is shown, and what is done."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from canned_tasks import MOLECULES
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog

from app import settings
from app.views.cards import CARD

TIMEOUT = 20_000


def opened(window, qtbot, path: Path) -> None:
    path.touch()
    with qtbot.waitSignal(window.workspace.opened, timeout=TIMEOUT):
        window.workspace.open([path])


def test_opening_shows_the_plate_and_ranks_its_most_active_treatment(ranked):
    workspace = ranked.workspace
    assert workspace.plate is not None
    assert {workspace.plate.well(int(r)) for r in workspace.selection} == {"B06", "B07"}
    assert len(workspace.selection) == 4
    assert ranked.windowTitle().startswith("screen")
    assert ranked.candidates.headline.text() == "aspirin, 5 µM"
    assert ranked.candidates.subline.text() == (
        "Mean of 4 wells · activity p = 0.001, q = 0.01, against other treatments at the same position"
        " · scored at 5 µM"
    )
    assert ranked.plate_view.title.text() == "P1"


def test_candidates_show_rank_name_score_dose_mechanism_and_seen(ranked):
    cards = ranked.candidates.predicted.cards
    texts = [cards.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(cards.rowCount())]
    assert texts == [
        "number 1, caffeine, score 0.5000, at 5 µM, adenosine antagonist, nearest trained 0.06 aspirin, UNSEEN",
        "number 2, aspirin, score 0.4000, at 5 µM, COX inhibitor, SEEN",
        "number 3, paracetamol, score 0.3000, at 5 µM, mechanism unknown, nearest trained 0.40 aspirin, UNSEEN",
    ]
    assert [cards.index(row).data(CARD).own for row in range(3)] == ["", "in these wells", ""]
    measured = ranked.candidates.measured.cards
    assert (
        measured.index(0)
        .data(Qt.ItemDataRole.AccessibleTextRole)
        .startswith("number 1, aspirin, similarity 0.900, 50 nM")
    )


def test_the_true_molecule_is_told_with_its_rank_and_chance(ranked):
    assert ranked.candidates.own_line.text() == ("True molecule: aspirin, rank 2 of 3 (top 67 %), chance median 2")


def test_the_banner_stands_over_inactive_wells_only(ranked, qtbot):
    assert ranked.candidates.banner.text() == ""
    workspace = ranked.workspace
    with qtbot.waitSignal(workspace.ranking_changed):
        workspace.select([8])
    assert workspace.ranking is None
    assert ranked.candidates.predicted_pages.text() == "Ranking…"
    qtbot.waitUntil(lambda: workspace.ranking is not None, timeout=TIMEOUT)
    assert "inactive" in ranked.candidates.banner.text()
    assert ranked.candidates.subline.text().startswith("1 well · activity p = 0.4, q = 0.6")


def test_structures_are_drawn_for_the_cards(ranked, qtbot):
    ranked.grab()
    qtbot.waitUntil(lambda: ranked.structures.idle, timeout=TIMEOUT)
    cards = ranked.candidates.predicted
    image = cards.viewport().grab().toImage()
    rect = cards.visualRect(cards.cards.index(0)).adjusted(12, 12, -12, -90)
    colours = {
        image.pixel(x, y) for x in range(rect.left(), rect.right(), 2) for y in range(rect.top(), rect.bottom(), 2)
    }
    assert len(colours) > 10


def test_one_molecule_is_chosen_in_every_view(ranked, qtbot, hands):
    predicted, measured = ranked.candidates.predicted, ranked.candidates.measured
    assert ranked.molecule.name.text() == "caffeine"
    hands.click(predicted.viewport(), predicted.visualRect(predicted.cards.index(1)).center())
    assert ranked.workspace.molecule is not None
    assert ranked.workspace.molecule.name == "aspirin"
    assert ranked.molecule.name.text() == "aspirin"
    assert measured.current() is not None
    assert measured.current().name == "aspirin"
    qtbot.waitUntil(lambda: ranked.molecule.values["formula"].text() == "C9H8O4", timeout=TIMEOUT)
    assert ranked.molecule.values["molecular_weight"].text() == "180.16 g/mol"


def test_the_wells_own_molecule_is_one_click_away(ranked, hands):
    hands.click(ranked.candidates.own_button, ranked.candidates.own_button.rect().center())
    assert ranked.molecule.name.text() == "aspirin"


def test_one_selection_in_map_scatter_and_status(ranked, hands):
    workspace = ranked.workspace
    rows = workspace.plate.rows_on(0)[8:10]
    ranked.scatter.selection_changed.emit(rows)
    assert ranked.plate_view.map.value().tolist() == rows.tolist()
    well = ranked.plate_view.map.cell_rect(2, 2).center().toPoint()
    hands.click(ranked.plate_view.map, well)
    assert ranked.scatter.value().tolist() == workspace.selection.tolist()
    assert len(workspace.selection) == 1
    assert ranked.statusBar().selection.text() == "1 well, 1 treatment"


def test_scatter_points_select_wells(ranked):
    from PySide6.QtTest import QTest

    scatter, plate = ranked.scatter, ranked.workspace.plate
    plot = scatter.plot
    row = int(plate.pca[:, 0].argmax())
    scene = scatter.view.mapViewToScene(QPointF(*(float(v) for v in plate.pca[row])))
    QTest.mouseClick(
        plot.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, plot.mapFromScene(scene)
    )
    assert ranked.workspace.selection.tolist() == [row]


def test_dragging_in_the_scatter_selects_a_rectangle(ranked, hands):
    scatter, plate = ranked.scatter, ranked.workspace.plate
    plot = scatter.plot
    corner = plot.mapFromScene(scatter.view.sceneBoundingRect().topLeft())
    end = plot.mapFromScene(scatter.view.sceneBoundingRect().bottomRight())
    hands.drag(plot.viewport(), corner, end)
    assert len(ranked.workspace.selection) == len(plate)


def test_a_double_click_in_the_scatter_shows_all_wells_again(ranked, qtbot):
    scatter, plate = ranked.scatter, ranked.workspace.plate
    scatter.view.setRange(xRange=(0, 0.1), yRange=(0, 0.1))
    middle = scatter.plot.mapFromScene(scatter.view.sceneBoundingRect().center())
    qtbot.mouseDClick(scatter.plot.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseRelease(scatter.plot.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    (left, right), (bottom, top) = scatter.view.viewRange()
    assert left < plate.pca[:, 0].min()
    assert right > plate.pca[:, 0].max()
    assert bottom < plate.pca[:, 1].min()
    assert top > plate.pca[:, 1].max()


@pytest.mark.parametrize(
    ("rows", "headline", "subline"),
    [
        (range(8, 16), "4 treatments", "Mean of 8 wells, 4 treatments among them"),
        ([8, 10], "2 wells: 1 of aspirin 50 nM, 1 of aspirin 5 µM", "Mean of 2 wells, 2 treatments among them"),
        ([0, 1], "2 negative controls", "Mean of 2 wells"),
        ([20], "1 positive control", "1 well"),
        ([0, 8, 9, 20], "4 wells: 2 of aspirin 50 nM, 1 negative control, 1 positive control", None),
        ([0, 1, *range(8, 16)], "10 wells: 8 wells of 4 treatments, 2 negative controls", None),
        ([], "No wells selected", ""),
    ],
)
def test_a_selection_is_called_what_it_is(ranked, rows, headline, subline):
    ranked.workspace.select(rows)
    assert ranked.candidates.headline.text() == headline
    assert "p =" not in ranked.candidates.subline.text()
    if subline is not None:
        assert ranked.candidates.subline.text() == subline


def test_the_true_molecule_is_not_told_of_a_mean_with_controls(ranked, qtbot):
    workspace = ranked.workspace
    assert ranked.candidates.own_line.text()
    workspace.select([0, *workspace.selection])
    qtbot.waitUntil(lambda: workspace.ranking is not None, timeout=TIMEOUT)
    assert workspace.ranking.own is not None
    assert ranked.candidates.own_line.text() == ""
    assert ranked.candidates.own_line.isHidden()


def test_with_nothing_selected_every_view_says_so(ranked):
    ranked.actions_by_id["select_none"].trigger()
    candidates = ranked.candidates
    assert candidates.headline.text() == "No wells selected"
    assert candidates.subline.text() == candidates.banner.text() == candidates.own_line.text() == ""
    assert candidates.predicted_pages.text() == candidates.measured_pages.text()
    assert candidates.predicted_pages.text().startswith("Select wells")
    assert ranked.statusBar().selection.text() == "0 wells, 0 treatments"
    assert not ranked.molecule.empty.isHidden()
    assert ranked.molecule.name.isHidden()
    for name in ("copy_smiles", "copy_table", "replicates", "select_none"):
        assert not ranked.actions_by_id[name].isEnabled()


def test_with_the_last_file_closed_nothing_of_it_stays(ranked):
    ranked.actions_by_id["close"].trigger()
    assert ranked.candidates.predicted_pages.text() == "Open a plate file, or drop one here."
    assert ranked.molecule.name.isHidden()
    assert not ranked.plate_view.colour_by.isEnabled()
    assert ranked.plate_view.map.value().tolist() == ranked.scatter.value().tolist() == []
    assert not ranked.actions_by_id["export"].isEnabled()


def test_a_long_reason_does_not_push_the_other_parts_aside(ranked, qapp):
    before = [splitter.sizes() for splitter in ranked.splitters]
    ranked.candidates.predicted_pages.set_text("x" * 500)
    qapp.processEvents()
    assert [splitter.sizes() for splitter in ranked.splitters] == before


def test_both_themes_reach_every_view(ranked, qapp):
    from app import theme

    for colours in (theme.DARK, theme.LIGHT):
        theme.apply(qapp, colours)
        qapp.processEvents()
        for view in (ranked.plate_list, ranked.molecule, ranked.candidates.measured, ranked.scatter.plot):
            image = view.grab().toImage()
            corner = image.pixelColor(image.width() - 2, image.height() - 2).lightness()
            assert (corner < 128) is colours.dark, type(view).__name__


def test_ctrl_c_in_the_candidates_copies_the_structure(ranked, qtbot):
    QGuiApplication.clipboard().clear()
    cards = ranked.candidates.predicted
    cards.setFocus()
    qtbot.keyClick(cards, Qt.Key.Key_Down)
    qtbot.keyClick(cards, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == ranked.workspace.molecule.smiles


def test_replicates_on_every_plate_are_added(ranked):
    workspace = ranked.workspace
    workspace.select([8])
    ranked.actions_by_id["replicates"].trigger()
    assert len(workspace.selection) == 4
    assert set(workspace.plate.plate_of_well[workspace.selection]) == {0, 1}


def test_the_plate_list_switches_plates_and_keeps_the_selection(ranked, hands):
    tree = ranked.plate_list
    second = tree.topLevelItem(0).child(1)
    assert (second.text(0), second.text(1)) == ("P2", "21 wells")
    before = ranked.workspace.selection.tolist()
    hands.click(tree.viewport(), tree.visualItemRect(second).center())
    assert ranked.workspace.barcode == 1
    assert ranked.plate_view.title.text() == "P2"
    assert ranked.workspace.selection.tolist() == before


def test_two_files_keep_their_own_selection(ranked, qtbot, tmp_path):
    workspace = ranked.workspace
    first = workspace.plate
    workspace.select([9])
    opened(ranked, qtbot, tmp_path / "other.h5ad")
    assert workspace.plate is not first
    workspace.show(first)
    assert workspace.selection.tolist() == [9]
    ranked.actions_by_id["close"].trigger()
    assert [p.name for p in workspace.plates] == ["other"]


def test_a_bad_file_is_told_and_what_was_open_stays(ranked, qtbot, tmp_path):
    before = ranked.workspace.plate
    bad = tmp_path / "bad.h5ad"
    bad.touch()
    with qtbot.waitSignal(ranked.workspace.failed, timeout=TIMEOUT):
        ranked.workspace.open([bad])
    text = ranked.message_bar.text()
    for words in (str(bad), "X", "NaN in 3 of 96 wells", "finite numbers"):
        assert words in text
    assert "Traceback" not in text
    assert ranked.workspace.plate is before
    assert ranked.workspace.ranking is not None
    qtbot.mouseClick(ranked.message_bar.dismiss, Qt.MouseButton.LeftButton)
    assert ranked.message_bar.text() == ""


def test_a_dropped_file_is_opened(window, qtbot, tmp_path):
    path = tmp_path / "dropped.h5ad"
    path.touch()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    with qtbot.waitSignal(window.workspace.opened, timeout=TIMEOUT):
        window.dropEvent(event)
    assert window.plate_list.topLevelItem(0).text(0) == "dropped"


def test_stale_rankings_are_not_shown(ranked, qtbot):
    workspace = ranked.workspace
    seen = []
    workspace.ranking_changed.connect(lambda: seen.append(workspace.ranking))
    for row in (8, 9, 10):
        workspace.select([row])
    qtbot.waitUntil(lambda: workspace.ranking is not None, timeout=TIMEOUT)
    assert len([r for r in seen if r is not None]) == 1


@pytest.mark.parametrize("name", ["hits.csv", "hits.sdf"])
def test_hits_are_exported_where_the_user_says(ranked, qtbot, tmp_path, monkeypatch, name):
    out = tmp_path / name
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    with qtbot.waitSignal(ranked.workspace.exported, timeout=TIMEOUT):
        qtbot.keyClick(ranked, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert out.is_file()
    told = "3,082 candidates of 156 treatments written to {}; 38 without a structure left out"
    assert ranked.message_bar.text() == told.format(out)


def test_an_export_that_fails_is_told(ranked, qtbot, tmp_path):
    with qtbot.waitSignal(ranked.workspace.failed, timeout=TIMEOUT):
        ranked.workspace.export_hits(tmp_path / "nowhere" / "hits.csv")
    assert "no such folder" in ranked.message_bar.text()


def test_smiles_and_table_are_copied(ranked):
    ranked.actions_by_id["copy_smiles"].trigger()
    assert QGuiApplication.clipboard().text() == ranked.workspace.molecule.smiles
    assert ranked.message_bar.text() == "SMILES copied"
    ranked.actions_by_id["copy_table"].trigger()
    rows = list(csv.DictReader(io.StringIO(QGuiApplication.clipboard().text()), delimiter="\t"))
    assert len(rows) == 3 + 2
    assert rows[0] == {
        "list": "predicted",
        "rank": "1",
        "name": "caffeine",
        "score": "0.5",
        "similarity": "",
        "dose_micromolar": "5",
        "mechanism": "adenosine antagonist",
        "seen": "unseen",
        "smiles": MOLECULES[1][1],
        "inchikey": MOLECULES[1][2],
    }
    assert [rows[3][name] for name in ("list", "score", "similarity")] == ["measured", "", "0.9"]
    assert float(rows[3]["dose_micromolar"]) == 0.05


def test_colours_are_chosen_once_for_map_and_scatter_and_remembered(ranked):
    box = ranked.plate_view.colour_by
    box.setFocus()
    box.setCurrentIndex(box.findText("Mechanism of action"))
    box.activated.emit(box.currentIndex())
    assert ranked.workspace.colour_by == "column:Metadata_moa"
    ranked.close()
    assert settings.load().colour_by == "column:Metadata_moa"


def test_recent_files_are_remembered(ranked, tmp_path):
    ranked.close()
    assert settings.load().recent_files == (str(tmp_path / "screen.h5ad"),)


def test_help_tells_what_scores_mean(ranked):
    from PySide6.QtWidgets import QDialog, QTextBrowser

    ranked.actions_by_id["scores"].trigger()
    dialog = ranked.findChild(QDialog)
    text = dialog.findChild(QTextBrowser).toPlainText()
    for words in ("cosine", "not a probability", "UNSEEN", "p = 0.1"):
        assert words in text
    dialog.close()
