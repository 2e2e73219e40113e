"""The card of the chosen molecule: what it shows, what a click chooses, what leaves it; and the library's part."""

from __future__ import annotations

import numpy as np
import pytest
from canned_compounds import LIKE_MEASURED, LIKE_PREDICTED
from canned_tasks import MOLECULES
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from app.dragging import MOLFILE, SMILES
from app.views.molecule_large import MoleculeDialog

TIMEOUT = 20_000


@pytest.fixture
def card(ranked):
    """The card, with every section open."""
    for section in ranked.molecule.sections.values():
        section.set_open(True)
    return ranked.molecule


def choose(window, name):
    plate = window.workspace.plate
    names = [plate.treatments["name"][t] for t in range(plate.n_treatments)]
    window.workspace.choose_molecule(plate.molecule(names.index(name)))


def test_properties_and_alerts_are_told(card, ranked, qtbot):
    choose(ranked, "aspirin")
    qtbot.waitUntil(lambda: card.values["formula"].text() == "C9H8O4", timeout=TIMEOUT)
    assert card.values["rotatable_bonds"].text() == "2"
    qtbot.waitUntil(lambda: card.properties.alerts.text() == "none", timeout=TIMEOUT)


def test_identifiers_are_copied_each_by_its_button(card, ranked):
    choose(ranked, "aspirin")
    for what, expected in (("InChIKey", MOLECULES[0][2]), ("SMILES", MOLECULES[0][1])):
        card.identifiers.buttons[what].click()
        assert QGuiApplication.clipboard().text() == expected
    assert card.identifiers.buttons["Plate id"].isHidden()


def test_the_librarys_number_is_looked_up(card, ranked, qtbot):
    value = card.identifiers.values["Library id"]
    choose(ranked, "caffeine")
    qtbot.waitUntil(lambda: value.text() == "C-7", timeout=TIMEOUT)
    assert value.toolTip() == "C-7 in Reference"
    choose(ranked, "aspirin")
    qtbot.waitUntil(lambda: not ranked.workspace.requests.waits_for("card record"), timeout=TIMEOUT)
    assert value.isHidden()


def test_seen_says_what_it_means(card, ranked):
    choose(ranked, "aspirin")
    assert card.badge.text() == "SEEN"
    assert "trained on this molecule" in card.seen.text()
    choose(ranked, "caffeine")
    assert card.badge.text() == "UNSEEN"
    assert "never trained" in card.seen.text()


def test_measured_doses_select_their_wells(card, ranked):
    choose(ranked, "caffeine")
    rows = card.measured.rows
    assert rows.texts() == ["50 nM, p 0.3, 4 wells · distance 1.5", "5 µM, p 0.2, 4 wells · distance 2"]
    rows.setFocus()
    QTest.keyClick(rows, Qt.Key.Key_Down)
    QTest.keyClick(rows, Qt.Key.Key_Return)
    workspace = ranked.workspace
    assert set(workspace.plate.treatment_of_well[workspace.selection].tolist()) == {3}


def test_a_click_on_a_row_chooses_it(card, ranked, hands):
    choose(ranked, "caffeine")
    ranked.grab()
    rows = card.measured.rows
    hands.click(rows.viewport(), rows.visualItemRect(rows.item(0)).center())
    workspace = ranked.workspace
    assert set(workspace.plate.treatment_of_well[workspace.selection].tolist()) == {2}


def test_scores_over_doses_stand_beside_the_library(card, ranked, qtbot):
    choose(ranked, "aspirin")
    qtbot.waitUntil(lambda: "Best at 5 µM: 0.3000" in card.predicted.line.text(), timeout=TIMEOUT)
    assert "higher than every molecule of 3" in card.predicted.line.text()
    assert not card.predicted.chart.isHidden()


def test_neighbours_choose_molecules(card, ranked, qtbot):
    choose(ranked, "aspirin")
    lists = card.neighbours.lists
    qtbot.waitUntil(lambda: lists["library"].count() == 1, timeout=TIMEOUT)
    assert lists["library"].texts() == ["caffeine, 0.42, adenosine antagonist"]
    assert card.neighbours.lines["library"].text() == "Library: nearest of 3"
    lists["training"].setFocus()
    QTest.keyClick(lists["training"], Qt.Key.Key_Return)
    assert ranked.workspace.molecule.name == "paracetamol"
    assert ranked.workspace.molecule.seen is True


def test_similar_wells_are_selected_by_a_click(card, ranked, qtbot):
    choose(ranked, "aspirin")
    lists = card.wells.lists
    qtbot.waitUntil(lambda: lists["predicted"].count() == 1, timeout=TIMEOUT)
    assert "95 % below 0.40" in card.wells.lines["predicted"].text()
    for name, row in (("predicted", LIKE_PREDICTED), ("measured", LIKE_MEASURED)):
        lists[name].setFocus()
        QTest.keyClick(lists[name], Qt.Key.Key_Return)
        assert ranked.workspace.selection.tolist() == [row]


def test_folded_sections_ask_for_nothing(ranked, qtbot):
    qtbot.waitUntil(lambda: not ranked.workspace.requests.waits_for("card scores"), timeout=TIMEOUT)
    assert not ranked.molecule.sections["neighbours"].is_open
    assert ranked.molecule.neighbours.lists["library"].count() == 0
    heading = ranked.molecule.sections["neighbours"].heading
    heading.click()
    qtbot.waitUntil(lambda: ranked.molecule.neighbours.lists["library"].count() == 1, timeout=TIMEOUT)
    assert "neighbours" in ranked.molecule.view_state()["open"]
    ranked.molecule.restore_view_state({"open": ["wells", 3]})
    assert not ranked.molecule.sections["identity"].is_open
    assert ranked.molecule.sections["wells"].is_open
    assert ranked.pages.view_states()["molecule"] == {"open": ["wells"]}
    ranked.pages.restore_view_states({"molecule": {"open": ["identity"]}})
    assert ranked.molecule.sections["identity"].is_open


def test_the_large_card_opens_by_key_and_follows_the_molecule(ranked, qtbot):
    ranked.actions_by_id["show_molecule"].trigger()
    dialog = ranked.findChild(MoleculeDialog)
    assert dialog is not None
    assert dialog.name.text() == ranked.workspace.molecule.name
    choose(ranked, "paracetamol")
    assert dialog.windowTitle() == "paracetamol"
    qtbot.waitUntil(lambda: dialog.properties.values["formula"].text() == "C8H9NO2", timeout=TIMEOUT)
    qtbot.waitUntil(lambda: dialog.wells.lists["measured"].count() == 1, timeout=TIMEOUT)
    ranked.actions_by_id["show_molecule"].trigger()
    assert len([one for one in ranked.findChildren(MoleculeDialog) if one.isVisible()]) == 1
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    choose(ranked, "aspirin")
    assert dialog.windowTitle() == "paracetamol"
    ranked.actions_by_id["show_molecule"].trigger()
    assert dialog.windowTitle() == "aspirin"


def test_it_closes_when_no_molecule_is_chosen(ranked):
    ranked.actions_by_id["show_molecule"].trigger()
    assert ranked.findChild(MoleculeDialog).isVisible()
    ranked.workspace.select_none()
    assert not ranked.findChild(MoleculeDialog).isVisible()


def test_a_click_on_the_structure_enlarges_it(ranked, hands, qtbot):
    hands.click(ranked.molecule.drawing, ranked.molecule.drawing.rect().center())
    qtbot.waitUntil(lambda: ranked.findChild(MoleculeDialog) is not None, timeout=TIMEOUT)


def test_enter_on_a_candidate_opens_its_card(ranked, qtbot):
    cards = ranked.candidates.predicted
    cards.setFocus()
    cards.setCurrentIndex(cards.cards.index(1))
    QTest.keyClick(cards, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ranked.findChild(MoleculeDialog) is not None, timeout=TIMEOUT)
    assert ranked.findChild(MoleculeDialog).name.text() == "aspirin"


def test_the_structure_is_dragged_as_smiles_molfile_and_picture(ranked, qtbot):
    choose(ranked, "aspirin")
    picture = ranked.molecule.drawing
    ranked.grab()
    qtbot.waitUntil(lambda: ranked.structures.idle and not picture.image().isNull(), timeout=TIMEOUT)
    qtbot.waitUntil(lambda: picture.drag().mimeData().hasFormat(MOLFILE), timeout=TIMEOUT)
    data = picture.drag().mimeData()
    assert data.text() == MOLECULES[0][1]
    assert bytes(data.data(SMILES).data()).decode().split()[0] == MOLECULES[0][1]
    assert "V2000" in bytes(data.data(MOLFILE).data()).decode()
    assert data.hasImage()


@pytest.mark.parametrize(("ending", "begin"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".mol", b"aspirin\n")])
def test_the_structure_is_saved(ranked, qtbot, tmp_path, monkeypatch, ending, begin):
    choose(ranked, "aspirin")
    path = tmp_path / f"structure{ending}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(path), ""))
    ranked.actions_by_id["save_structure"].trigger()
    qtbot.waitUntil(path.exists, timeout=TIMEOUT)
    assert path.read_bytes().startswith(begin)
    if ending == ".png":
        image = QImage(str(path))
        assert image.pixelColor(0, 0).name() == "#ffffff"


def test_the_inchikey_is_copied_by_command(ranked):
    choose(ranked, "aspirin")
    ranked.actions_by_id["copy_inchikey"].trigger()
    assert QGuiApplication.clipboard().text() == MOLECULES[0][2]


def test_the_context_menu_holds_the_windows_commands(ranked):
    panel = ranked.molecule
    at = panel.rect().center()
    QApplication.sendEvent(panel, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, panel.mapToGlobal(at)))
    menu = next(one for one in panel.findChildren(QMenu) if one.isVisible())
    texts = [action.objectName() for action in menu.actions() if not action.isSeparator()]
    assert texts[0] == "show_molecule"
    assert {"copy_smiles", "copy_molfile", "copy_inchi", "save_structure"} <= set(texts)
    menu.close()
    QApplication.sendPostedEvents(menu, QEvent.Type.DeferredDelete)


# The engine's part ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine():
    """The tasks over the demo plate."""
    from shipped import demo_plate

    from app.tasks import TASKS, State
    from app.tasks.state import file_token
    from molphenix_core.progress import silent

    path, state = str(demo_plate()), State()

    class Asked:
        workbench = state.workbench(path, file_token(path), silent)

        @staticmethod
        def plate(task, **arguments):
            return TASKS[task](state, silent, path=path, token=file_token(path), **arguments)

        @staticmethod
        def molecule(task, **arguments):
            return TASKS[task](state, silent, **arguments)

    return Asked


def first(engine, name):
    table = engine.workbench.treatments
    return table[table["name"] == name].iloc[-1]


def test_scores_are_those_of_the_ranking(engine):
    treatment = first(engine, "Lestaurtinib")
    rows = np.flatnonzero(engine.workbench.treatment_of_well == treatment.name)
    found = engine.plate("molecule_scores", rows=rows, smiles=treatment["smiles"])
    ranking = engine.plate("rank", rows=rows, top=3)
    best = next(c for c in ranking["candidates"] if c["inchikey"] == treatment["inchikey"])
    at = int(np.flatnonzero(found["doses"] == best["dose"])[0])
    assert found["scores"][at] == pytest.approx(best["score"], abs=2e-4)
    assert found["share_above"][at] == pytest.approx((best["rank"] - 1) / found["compared"], abs=1e-9)
    assert (np.diff(found["library"], axis=1) >= 0).all()


def test_wells_like_a_seen_molecule_begin_with_its_own(engine):
    treatment = first(engine, "Lestaurtinib")
    found = engine.plate("similar_wells", smiles=treatment["smiles"], key=treatment["inchikey"])
    of_well, keys = engine.workbench.treatment_of_well, engine.workbench.treatments["key"]
    predicted = [keys[of_well[row]] for row in found["predicted"]["rows"]]
    assert predicted[0] == treatment["key"]
    assert len(set(predicted)) == len(predicted)
    measured = [keys[of_well[row]] for row in found["measured"]["rows"]]
    assert treatment["key"] not in measured
    assert (np.diff(found["measured"]["similarity"]) <= 0).all()
    assert found["measured"]["middle"] < found["measured"]["high"]


def test_a_molecule_that_was_not_measured_has_no_measured_likeness(engine):
    found = engine.plate("similar_wells", smiles="CCO", key="LFQSCWFLJHTTHZ-UHFFFAOYSA-N")
    assert found["measured"]["reason"] == "it is in no well of this file"
    assert len(found["predicted"]["rows"]) == 8


def test_neighbours_are_others_by_tanimoto(engine):
    treatment = first(engine, "Lestaurtinib")
    found = engine.molecule("molecule_neighbours", smiles=treatment["smiles"], inchikey=treatment["inchikey"])
    for name in ("library", "training"):
        part = found[name]
        assert all(one["inchikey"] != treatment["inchikey"] for one in part["molecules"])
        assert (np.diff(part["similarity"]) <= 0).all()
        assert 0.3 < part["similarity"][0] < 1
    assert all(one["seen"] for one in found["training"]["molecules"])


def test_the_library_knows_its_molecules_by_number(engine):
    known = engine.molecule("library_record", inchikey=first(engine, "Lestaurtinib")["inchikey"])
    assert known["compound_id"]
    assert known["library"]
    assert engine.molecule("library_record", inchikey="none") == {"library": "", "compound_id": ""}
