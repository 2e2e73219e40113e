"""Several files of different sizes: every view shows one file with its own wells, at every moment."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPointF
from PySide6.QtWidgets import QApplication

from app.records import Molecule

TIMEOUT = 20_000


@pytest.fixture
def two(ranked, qtbot, tmp_path):
    """A file of 42 wells with its last one selected, and one of 21 wells, which is the current one."""
    ranked.workspace.select([41])
    (tmp_path / "small.h5ad").touch()
    with qtbot.waitSignal(ranked.workspace.opened, timeout=TIMEOUT):
        ranked.workspace.open([tmp_path / "small.h5ad"])
    return ranked


def _click(window, hands, file: int, plate: int) -> None:
    tree = window.plate_list
    item = tree.topLevelItem(file).child(plate)
    tree.scrollToItem(item)
    hands.click(tree.viewport(), tree.visualItemRect(item).center())


def _consistent(window) -> None:
    workspace = window.workspace
    n = len(workspace.plate)
    assert (workspace.selection < n).all()
    assert window.scatter.plate is workspace.plate
    assert window.scatter.value().tolist() == workspace.selection.tolist()
    assert window.plate_view.map.value().tolist() == workspace.selection.tolist()


def test_a_click_on_a_plate_of_a_smaller_file_takes_no_rows_along(two, hands):
    workspace = two.workspace
    small = workspace.selection.tolist()
    _consistent(two)
    _click(two, hands, 0, 1)
    assert workspace.plate is workspace.plates[0]
    assert workspace.selection.tolist() == [41]
    _consistent(two)
    _click(two, hands, 1, 0)
    assert workspace.plate is workspace.plates[1]
    assert workspace.selection.tolist() == small
    _consistent(two)


def test_no_signal_comes_between_a_plate_and_its_selection(two, hands):
    workspace = two.workspace
    own = {len(plate): workspace.selection.tolist() for plate in workspace.plates[1:]} | {42: [41], 0: []}
    heard = []

    def hear() -> None:
        n = len(workspace.plate) if workspace.plate is not None else 0
        heard.append(workspace.selection.tolist() == own[n] and workspace.ranking is None)

    signals = (workspace.plates_changed, workspace.current_changed, workspace.selection_changed)
    for signal in signals:
        signal.connect(hear)
    _click(two, hands, 0, 0)
    _click(two, hands, 1, 0)
    _click(two, hands, 0, 0)
    two.actions_by_id["close"].trigger()
    assert workspace.plate is workspace.plates[0]
    two.actions_by_id["close"].trigger()
    assert len(heard) >= 12
    assert all(heard)


def test_equal_rows_of_two_files_have_rankings_of_their_own(two, qtbot, hands):
    workspace = two.workspace
    workspace.select([9])
    _click(two, hands, 0, 0)
    workspace.select([9])
    qtbot.waitUntil(lambda: workspace.ranking is not None, timeout=TIMEOUT)
    _click(two, hands, 1, 0)
    assert workspace.selection.tolist() == [9]
    assert workspace.ranking is None
    qtbot.waitUntil(lambda: workspace.ranking is not None, timeout=TIMEOUT)


def test_nothing_of_one_molecule_stays_beside_the_next(ranked, qtbot):
    panel, workspace = ranked.molecule, ranked.workspace
    workspace.choose_molecule(workspace.plate.molecule(0))
    qtbot.waitUntil(lambda: panel.values["formula"].text() == "C9H8O4", timeout=TIMEOUT)
    known = panel.identifiers.values
    assert known["InChIKey"].toolTip() == "BSYNRYMUTXBXSQ-UHFFFAOYSA-N"
    workspace.choose_molecule(Molecule(name="", smiles="", inchikey="", mechanism="", seen=None))
    assert known["InChIKey"].text() == known["SMILES"].text() == "not known"
    assert known["InChIKey"].toolTip() == known["SMILES"].toolTip() == ""
    assert panel.properties.isHidden()
    assert {value.text() for value in panel.values.values()} == {"not available"}
    assert panel.name.text() == "Unnamed molecule"
    assert panel.mechanism.text() == "Mechanism unknown"
    assert panel.badge.isHidden()
    assert not panel.identifiers.buttons["SMILES"].isEnabled()


class _Painted(QObject):
    """What was painted of a widget."""

    def __init__(self, widget) -> None:
        super().__init__(widget)
        self.regions: list = []
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.regions.append(event.region())
        return False


@pytest.mark.parametrize("rows", [[], [8]])
def test_places_of_wells_that_are_selected_no_more_are_painted_again(ranked, qtbot, rows):
    scatter, workspace = ranked.scatter, ranked.workspace
    plot, pca = scatter.plot, workspace.plate.pca
    workspace.select_all()
    QApplication.processEvents()
    before = workspace.selection
    painted = _Painted(plot.viewport())
    workspace.select(rows)
    qtbot.waitUntil(lambda: bool(painted.regions), timeout=TIMEOUT)
    for row in np.setdiff1d(before, rows):
        at = plot.mapFromScene(scatter.view.mapViewToScene(QPointF(float(pca[row, 0]), float(pca[row, 1]))))
        assert any(region.contains(at) for region in painted.regions), row
