"""The page of the hit lists in the real window: keys, mouse, drops and menus."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QInputDialog, QLineEdit

from app.dragging import molecules_mime, wells_mime
from app.hit_entries import entries_of_rows
from app.views.hit_list_combine import CombineDialog
from app.views.hit_list_report import UnmatchedDialog

AT = "2026-01-31T09:30:00Z"
TIMEOUT = 20_000


@pytest.fixture
def listed(ranked):
    """The page with a list of four wells on show; B06 and B07 hold aspirin, C03 and C04 caffeine."""
    lists = ranked.workspace.hit_lists
    lists.create("Hits", entries_of_rows(ranked.workspace.plate, [10, 11, 12, 13], AT, "selection"))
    ranked.pages.show_page("lists")
    return ranked


def wells(window, name="Hits") -> list[str]:
    return [entry.well for entry in window.workspace.hit_lists[name].entries]


def click_row(window, position: int, modifier=Qt.KeyboardModifier.NoModifier, key: str = "name") -> None:
    table = window.lists.table
    index = table.model().index(position, table.keys().index(key))
    table.scrollTo(index)
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, modifier, table.visualRect(index).center())


def drop(widget, data: QMimeData, point: QPoint) -> None:
    actions = Qt.DropAction.CopyAction
    event = QDropEvent(QPointF(point), actions, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    widget.dropEvent(event)
    assert event.isAccepted()


def texts(window, key: str) -> list[str]:
    table = window.lists.table
    return [table.column(key).text(int(row)) for row in table.rows_in_order()]


def test_hits_are_marked_by_keys_wherever_the_keyboard_is(listed):
    click_row(listed, 0)
    listed.activateWindow()
    listed.lists.filter.setFocus()
    QTest.keyClick(listed.lists.filter, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    assert texts(listed, "status")[0] == "confirmed"
    assert listed.lists.filter.text() == ""


def test_hits_are_shown_with_what_the_open_file_knows_of_them(listed):
    assert texts(listed, "name") == ["aspirin", "aspirin", "caffeine", "caffeine"]
    assert texts(listed, "well") == ["B06", "B07", "C03", "C04"]
    assert texts(listed, "p") == ["0.001", "0.001", "0.3", "0.3"]
    assert texts(listed, "source") == ["selection"] * 4
    assert "4 hits · 4 new" in listed.lists.right.explanation.text()
    listed.workspace.close_all()
    assert texts(listed, "p") == ["–"] * 4
    assert texts(listed, "well") == ["B06", "B07", "C03", "C04"]


def test_the_molecule_of_the_chosen_hit_is_shown(listed):
    click_row(listed, 2)
    assert listed.workspace.molecule == listed.workspace.plate.molecule(
        int(listed.workspace.plate.treatment_of_well[12])
    )
    assert listed.workspace.molecule.name == "caffeine"
    click_row(listed, 0)
    assert listed.workspace.molecule.name == "aspirin"


def test_an_empty_page_says_what_to_do(ranked):
    ranked.pages.show_page("lists")
    assert "There is no hit list yet" in ranked.lists.pages.text()
    ranked.workspace.hit_lists.create("Hits")
    assert "This list is empty" in ranked.lists.pages.text()
    assert not ranked.lists.filter.isVisible()


def test_hits_are_removed_by_a_key_and_come_back(listed):
    actions = listed.actions_by_id
    assert not actions["remove_hits"].isEnabled()
    click_row(listed, 0)
    click_row(listed, 2, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(listed.lists.table, Qt.Key.Key_Delete)
    assert wells(listed) == ["C04"]
    assert actions["undo"].text() == "&Undo remove 3 hits from “Hits”"
    assert not actions["remove_hits"].isEnabled()
    actions["undo"].trigger()
    assert wells(listed) == ["B06", "B07", "C03", "C04"]
    assert actions["redo"].text() == "&Redo remove 3 hits from “Hits”"


def test_a_hidden_page_removes_nothing(listed):
    click_row(listed, 0)
    listed.pages.show_page("candidates")
    assert not listed.actions_by_id["remove_hits"].isEnabled()
    listed.pages.show_page("lists")
    assert listed.actions_by_id["remove_hits"].isEnabled()


def test_a_note_is_written_in_place_as_one_step(listed):
    click_row(listed, 1)
    QTest.keyClick(listed.lists.table, Qt.Key.Key_F2)
    editor = listed.lists.table.viewport().findChild(QLineEdit)
    QTest.keyClicks(editor, "bright")
    before = listed.workspace.undo_stack.count()
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert [entry.note for entry in listed.workspace.hit_lists["Hits"].entries] == ["", "bright", "", ""]
    assert listed.workspace.undo_stack.count() == before + 1
    assert texts(listed, "note") == ["–", "bright", "–", "–"]
    # The hit stays chosen, and Escape leaves what was there.
    assert len(listed.workspace.hit_lists.chosen) == 1
    QTest.keyClick(listed.lists.table, Qt.Key.Key_F2)
    editor = next(one for one in listed.lists.table.viewport().findChildren(QLineEdit) if one.isVisible())
    QTest.keyClicks(editor, "dim")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert listed.workspace.hit_lists["Hits"].entries[1].note == "bright"


def test_a_status_is_chosen_in_place(listed):
    table = listed.lists.table
    index = table.model().index(2, table.keys().index("status"))
    click_row(listed, 2, key="status")
    QTest.mouseDClick(
        table.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        table.visualRect(index).center(),
    )
    combo = table.viewport().findChild(QComboBox)
    combo.setCurrentText("rejected")
    combo.activated.emit(combo.currentIndex())
    assert texts(listed, "status") == ["new", "new", "rejected", "new"]


def test_keys_give_the_selected_hits_a_status(listed):
    click_row(listed, 0)
    click_row(listed, 3, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(listed.lists.table, Qt.Key.Key_3)
    assert texts(listed, "status") == ["confirmed", "new", "new", "confirmed"]
    assert listed.lists.table.selected_rows().tolist() == [0, 3]
    listed.actions_by_id["mark_rejected"].trigger()
    assert texts(listed, "status") == ["rejected", "new", "new", "rejected"]


def test_a_filter_shows_some_and_chooses_no_other(listed):
    click_row(listed, 0)
    listed.lists.filter.setText("caff c04")
    assert texts(listed, "well") == ["C04"]
    assert listed.workspace.hit_lists.chosen == ()
    listed.lists.filter.setText("nothing of this")
    assert "No hit of this list" in listed.lists.pages.text()
    listed.lists.filter.clear()
    assert len(texts(listed, "well")) == 4


def test_wells_and_the_molecule_are_added_to_the_list_on_show(listed):
    workspace = listed.workspace
    workspace.select([12, 16])
    listed.actions_by_id["add_selection"].trigger()
    assert wells(listed) == ["B06", "B07", "C03", "C04", "D03"]
    assert "1 hit added" in listed.message_bar.text()
    assert "1 was there already" in listed.message_bar.text()


def test_the_chosen_molecule_comes_with_the_dose_it_was_found_at(ranked):
    ranked.actions_by_id["add_candidate"].trigger()
    (hit,) = ranked.workspace.hit_lists.current.entries
    assert (hit.name, hit.dose, hit.source, hit.well) == ("caffeine", 5.0, "predicted", "")


def test_all_candidates_that_are_selected_are_added(ranked):
    ranked.candidates.predicted.selectAll()
    ranked.actions_by_id["add_candidate"].trigger()
    added = ranked.workspace.hit_lists.current.entries
    assert [(hit.name, hit.dose, hit.source) for hit in added] == [
        (name, 5.0, "predicted") for name in ("caffeine", "aspirin", "paracetamol")
    ]


def test_candidates_are_dragged_with_their_doses(ranked):
    ranked.candidates.predicted.selectAll()
    data = ranked.candidates.predicted.drag_data(ranked.candidates.predicted.selected())
    assert data.text().startswith("CN1C=NC2")
    drop(ranked.lists.names, data, QPoint(2, 2))
    added = ranked.workspace.hit_lists.current.entries
    assert [(hit.name, hit.dose, hit.source) for hit in added][:2] == [
        ("caffeine", 5.0, "predicted"),
        ("aspirin", 5.0, "predicted"),
    ]


def test_a_candidate_has_a_menu_of_what_can_be_done_with_it(ranked):
    names = [action.objectName() for action in ranked.candidates.predicted.actions()]
    assert names[0] == "add_candidate"
    assert "copy_molfile" in names


def test_another_cell_is_written_only_when_the_first_is_done(listed):
    table = listed.lists.table
    click_row(listed, 0)
    table.edit_cell("note")
    QTest.keyClicks(table.viewport().findChild(QLineEdit), "bright")
    table.edit_cell("status")
    assert listed.workspace.hit_lists["Hits"].entries[0].note == "bright"
    assert [one.isVisible() for one in table.viewport().findChildren(QComboBox)] == [True]


def test_hits_are_shown_on_the_plates(listed):
    listed.workspace.select([1])
    click_row(listed, 1)
    click_row(listed, 2, Qt.KeyboardModifier.ControlModifier)
    listed.actions_by_id["show_hit_wells"].trigger()
    assert listed.workspace.selection.tolist() == [11, 12]
    listed.workspace.close_all()
    listed.actions_by_id["show_hit_wells"].trigger()
    assert "None of these hits" in listed.message_bar.text()


def test_lists_are_made_named_duplicated_and_deleted(ranked, qtbot):
    actions, lists = ranked.actions_by_id, ranked.workspace.hit_lists
    actions["new_empty_list"].trigger()
    names = ranked.lists.names
    editor = names.findChild(QLineEdit)
    QTest.keyClicks(editor, "Mine")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: lists.names == ("Mine",), timeout=TIMEOUT)
    actions["duplicate_list"].trigger()
    assert lists.names == ("Mine", "Mine copy")
    # A taken name is refused, and the old one stands again.
    names.rename_current()
    editor = next(one for one in names.findChildren(QLineEdit) if one.isVisible())
    editor.selectAll()
    QTest.keyClicks(editor, "mine")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "no other list" in ranked.message_bar.text(), timeout=TIMEOUT)
    assert names.item(1).text() == "Mine copy"
    actions["delete_list"].trigger()
    assert lists.names == ("Mine",)
    actions["undo"].trigger()
    assert lists.names == ("Mine", "Mine copy")


def test_a_list_is_chosen_by_a_click(listed):
    lists, names = listed.workspace.hit_lists, listed.lists.names
    lists.create("Empty")
    assert "This list is empty" in listed.lists.pages.text()
    place = names.visualItemRect(names.item(0)).center()
    QTest.mouseClick(names.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert lists.current.name == "Hits"
    assert len(texts(listed, "well")) == 4


def test_wells_are_dropped_on_a_list_and_beside_all(listed):
    workspace, names = listed.workspace, listed.lists.names
    workspace.hit_lists.create("Other")
    data = wells_mime(workspace.plate, [16, 17])
    drop(names, data, names.visualItemRect(names.item(0)).center())
    assert wells(listed) == ["B06", "B07", "C03", "C04", "D03", "D04"]
    drop(names, data, QPoint(5, names.viewport().height() - 2))
    assert workspace.hit_lists.names == ("Hits", "Other", "Hits 2")
    workspace.hit_lists.show("Other")
    drop(listed.lists, data, QPoint(300, 300))
    assert wells(listed, "Other") == ["D03", "D04"]


def test_molecules_are_dropped_with_their_doses(listed):
    candidates = listed.workspace.ranking.candidates
    drop(listed.lists, molecules_mime([(c.molecule, c.dose) for c in candidates], "predicted"), QPoint(300, 300))
    added = listed.workspace.hit_lists["Hits"].entries[4:]
    assert [(hit.name, hit.dose, hit.source) for hit in added] == [
        (c.molecule.name, c.dose, "predicted") for c in candidates
    ]


def test_structures_that_no_file_holds_are_read(listed, qtbot):
    QGuiApplication.clipboard().setText("CCO ethanol\nInChI=1S/CH4/h1H4\nCN1C=NC2=C1C(=O)N(C)C(=O)N2C\nC1CC")
    listed.actions_by_id["paste_hits"].trigger()
    lists = listed.workspace.hit_lists
    qtbot.waitUntil(lambda: len(lists["Hits"].entries) == 7, timeout=TIMEOUT)
    added = {(hit.name, hit.smiles) for hit in lists["Hits"].entries[4:]}
    # That of the open file keeps the name that it has there.
    assert added == {("ethanol", "CCO"), ("", "C"), ("caffeine", "CN1C=NC2=C1C(=O)N(C)C(=O)N2C")}
    report = listed.findChild(UnmatchedDialog)
    assert report.table.column("text").value(0) == "C1CC"
    assert report.table.column("line").value(0) == 4
    report.close()


def test_a_file_of_structures_is_dropped(listed, qtbot, tmp_path):
    from molphenix_core.molecules.exchange import to_molfile

    path = tmp_path / "some.sdf"
    path.write_text(to_molfile("CCO", "ethanol") + "$$$$\n" + "no structure\n\n\nM  END\n$$$$\n")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    drop(listed.lists, data, QPoint(300, 300))
    lists = listed.workspace.hit_lists
    qtbot.waitUntil(lambda: len(lists["Hits"].entries) == 5, timeout=TIMEOUT)
    assert lists["Hits"].entries[4].source == "some.sdf"
    report = listed.findChild(UnmatchedDialog)
    assert report.table.column("text").value(0) == "some.sdf, record 2"
    report.close()


def test_what_is_not_matched_is_told_by_line_and_can_be_copied(listed):
    QGuiApplication.clipboard().setText("aspirin\nxylitol\nP9\tA01")
    listed.actions_by_id["paste_hits"].trigger()
    report = listed.findChild(UnmatchedDialog)
    report.table.copy()
    assert QGuiApplication.clipboard().text().splitlines()[1:] == [
        "2\txylitol\tno molecule of the open files has this name or structure",
        "3\tP9 A01\tno open file has a plate P9",
    ]
    report.close()


def test_rows_are_dragged_out_and_a_click_still_selects(listed, monkeypatch):
    dragged: list[QMimeData] = []
    monkeypatch.setattr("app.views.drag_out.QDrag.setMimeData", lambda _drag, data: dragged.append(data))
    monkeypatch.setattr("app.views.drag_out.QDrag.exec", lambda *_a: Qt.DropAction.CopyAction)
    table = listed.lists.table
    click_row(listed, 0)
    click_row(listed, 1, Qt.KeyboardModifier.ShiftModifier)
    start = table.visualRect(table.model().index(1, 1)).center()
    QTest.mousePress(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(table.viewport(), start + QPoint(40, 0))
    assert dragged[0].text().splitlines()[1].startswith("P1\tB06\taspirin")
    QTest.mouseRelease(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    assert table.selected_rows().tolist() == [0, 1]
    click_row(listed, 1)
    assert table.selected_rows().tolist() == [1]


def test_two_lists_are_combined_with_their_counts_before(listed, qtbot):
    lists = listed.workspace.hit_lists
    lists.create("Two", entries_of_rows(listed.workspace.plate, [13, 16], AT))
    lists.show("Hits")
    dialog = CombineDialog(lists, listed)
    qtbot.addWidget(dialog)
    assert dialog.by.currentText() == "The compound and its dose"
    assert "count as one hit" in dialog.counted.text()
    dialog.by.setCurrentText("The well")
    assert "Every well" in dialog.counted.text()
    counts = {how: button.text().rpartition("(")[2].rstrip(")") for how, button in dialog.choices.items()}
    assert counts == {"union": "5", "intersection": "1", "difference": "3", "symmetric difference": "4"}
    dialog.choices["difference"].click()
    assert dialog.name.text() == "Hits − Two"
    assert [hit.well for hit in dialog.combine().entries] == ["B06", "B07", "C03"]
    dialog.second.setCurrentText("Hits")
    assert not dialog.buttons.button(dialog.buttons.StandardButton.Ok).isEnabled()


def test_several_hits_get_one_note(listed, monkeypatch):
    monkeypatch.setattr(QInputDialog, "getText", lambda *_a, **_k: ("both", True))
    click_row(listed, 0)
    click_row(listed, 1, Qt.KeyboardModifier.ShiftModifier)
    listed.actions_by_id["note_hits"].trigger()
    assert texts(listed, "note") == ["both", "both", "–", "–"]


def test_smiles_of_the_hits_are_copied_once_each(listed):
    listed.actions_by_id["copy_hits_smiles"].trigger()
    assert QGuiApplication.clipboard().text().count("\n") == 1


def test_how_the_page_was_left_comes_back(listed):
    listed.lists.filter.setText("asp")
    listed.lists.table.set_hidden({"source"})
    state = listed.lists.view_state()
    listed.lists.filter.clear()
    listed.lists.table.set_hidden(())
    listed.lists.restore_view_state(state)
    assert listed.lists.filter.text() == "asp"
    assert "source" not in [column.key for column in listed.lists.table.shown_columns()]
    listed.lists.restore_view_state({"table": 3, "filter": [], "splitter": ["a"], "picks": 1})
    assert listed.lists.filter.text() == "asp"


@pytest.mark.parametrize("ending", ["csv", "xlsx", "sdf"])
def test_a_list_is_exported(listed, qtbot, tmp_path, monkeypatch, ending):
    out = tmp_path / f"list.{ending}"
    monkeypatch.setattr("app.commands.picks.ask_save_path", lambda *_: str(out))
    with qtbot.waitSignal(listed.workspace.exported, timeout=TIMEOUT) as told:
        listed.actions_by_id["export_hit_list"].trigger()
    assert told.args == [str(out), 4]
    if ending == "xlsx":
        assert out.read_bytes()[:2] == b"PK"
    else:
        text = out.read_text(encoding="utf-8")
        assert "aspirin" in text
        assert "BSYNRYMUTXBXSQ-UHFFFAOYSA-N" in text
        assert text.count("$$$$") == (4 if ending == "sdf" else 0)
        # The same name, unit and all, in every format.
        assert (">  <Dose (µM)>" if ending == "sdf" else ",Dose (µM),") in text
    name = listed.workspace.hit_lists.current.name
    assert listed.message_bar.text() == f"4 hits of {name} written to {out}"


def test_every_control_has_a_name(listed):
    for widget in (listed.lists.table, listed.lists.names, listed.lists.filter):
        assert widget.accessibleName()
    assert np.all([button.accessibleName() for button in listed.lists.findChildren(type(listed.lists.filter))])
