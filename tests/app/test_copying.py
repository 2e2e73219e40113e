"""What stands in the clipboard for other programs."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QGuiApplication, QImage

from app.copying import on_white
from app.dragging import MOLFILE, SMILES

TIMEOUT = 20_000


@pytest.fixture
def copied(ranked, qtbot):
    """Copies as some command does: the clipboard's mime data."""

    def copy(action: str):
        with qtbot.waitSignal(ranked.commands.edit.copier.copied, timeout=TIMEOUT):
            ranked.actions_by_id[action].trigger()
        return QGuiApplication.clipboard().mimeData()

    return copy


def test_a_structure_is_copied_as_text(copied, ranked):
    data = copied("copy_smiles")
    assert data.text() == ranked.workspace.molecule.smiles
    assert bytes(data.data(SMILES).data()).decode() == data.text()
    assert copied("copy_inchi").text().startswith("InChI=1S/C8H10N4O2/")


def test_a_molfile_is_text_and_a_structure_for_drawing_programs(copied):
    data = copied("copy_molfile")
    lines = data.text().splitlines()
    assert lines[0] == "caffeine"
    assert lines[3].endswith("V2000")
    assert lines[-1] == "M  END"
    assert bytes(data.data(MOLFILE).data()).decode() == data.text()


def test_a_picture_is_black_on_white(copied):
    data = copied("copy_structure")
    image = QImage(data.imageData())
    assert (image.width(), image.height()) == (960, 720)
    assert image.pixelColor(0, 0) == QColor("white")
    assert data.text().startswith("CN1C=NC2")


def test_what_was_asked_for_earlier_does_not_replace_what_was_copied_later(ranked, copied, qtbot):
    ranked.actions_by_id["copy_molfile"].trigger()
    assert copied("copy_smiles").text() == ranked.workspace.molecule.smiles
    # The engine answers in order: when this is here, the molfile was too.
    request = ranked.drawing_engine.submit("inchi", title="", smiles="CCO")
    with qtbot.waitSignal(request.finished, timeout=TIMEOUT):
        pass
    assert QGuiApplication.clipboard().text() == ranked.workspace.molecule.smiles


def test_a_structure_that_cannot_be_read_is_told(ranked, qtbot):
    from app.records import Molecule

    with qtbot.waitSignal(ranked.commands.edit.copier.failed, timeout=TIMEOUT):
        ranked.commands.edit.copier.copy_inchi(Molecule("odd", "C1CC"))
    assert "C1CC" in ranked.message_bar.text()


def test_transparency_becomes_white():
    image = QImage(2, 2, QImage.Format.Format_ARGB32)
    image.fill(0)
    assert on_white(image).pixelColor(1, 1) == QColor("white")
