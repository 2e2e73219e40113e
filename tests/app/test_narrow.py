"""Where room is short or letters are large, what tells most is still whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from app.main_window import MainWindow
from app.records import Molecule
from app.views.cards import Card, shown_figure
from app.views.combo import Combo
from app.views.labels import FittingLabel, ShortLabel

LONG = Molecule(
    "Desmethylpentachlorometoclopramidehydrobromide",
    "CC(=O)OC1=CC=CC=C1C(=O)O",
    "",
    "phosphodiesteraseinhibitorofthethirdkind",
    seen=False,
)


@pytest.fixture(params=[1.0, 1.6])
def scaled(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    """The font of the program, as large as it is and as one who sees less well has it."""
    before = QFont(qapp.font())
    larger = QFont(before)
    larger.setPointSizeF(before.pointSizeF() * request.param)
    qapp.setFont(larger)
    yield
    qapp.setFont(before)


@pytest.mark.usefixtures("scaled")
def test_the_card_is_never_wider_than_its_room(request, qtbot) -> None:
    ranked: MainWindow = request.getfixturevalue("ranked")
    card = ranked.molecule
    for section in card.sections.values():
        section.set_open(True)
    ranked.workspace.choose_molecule(LONG)
    qtbot.waitUntil(lambda: card.values["molecular_weight"].text() not in {"", "…"}, timeout=20_000)
    qtbot.waitUntil(lambda: bool(card.why.parts()), timeout=20_000)
    card.setMinimumWidth(0)
    card.setParent(None)
    qtbot.addWidget(card)
    card.setFixedWidth(200)
    card.resize(200, 700)
    card.show()
    column, viewport = card.findChild(QWidget, "card column"), card.findChild(QWidget, "qt_scrollarea_viewport")
    assert column is not None
    assert viewport is not None
    qtbot.waitUntil(lambda: viewport.width() < 200, timeout=20_000)
    assert column.width() <= viewport.width()
    right = column.mapToGlobal(QPoint(column.width(), 0)).x()
    for part in (card.name, card.mechanism, card.why, card.properties, card.identifiers, card.drawing):
        assert part.mapToGlobal(QPoint(part.width(), 0)).x() <= right
    assert card.values["molecular_weight"].shown() == card.values["molecular_weight"].text()
    # A name without a gap is broken, not cut.
    assert card.name.height() >= 2 * card.name.fontMetrics().height()


@pytest.mark.usefixtures("scaled")
def test_what_wells_are_coloured_by_is_whole(request) -> None:
    ranked: MainWindow = request.getfixturevalue("ranked")
    view = ranked.plate_view
    view.title.setText("BR00114092-BR00114095-2026")
    view.setParent(None)
    view.resize(view.minimumSizeHint())
    view.show()
    assert view.colour_by.currentText() == "Activity p"
    field = view.colour_by.lineEdit()
    assert field.fontMetrics().horizontalAdvance("Activity p") <= field.width() - 4
    assert "…" in view.title.shown()
    view.close()
    view.deleteLater()


def test_a_short_title_stands_in_for_a_long_one(qtbot) -> None:
    label = ShortLabel("Molecular weight", short="MW", least=2)
    qtbot.addWidget(label)
    label.resize(label.sizeHint())
    assert label.shown() == "Molecular weight"
    label.resize(label.minimumSizeHint().width() + 12, 20)
    label.show()
    assert label.shown() == "MW"
    QApplication.sendEvent(label, QHelpEvent(QEvent.Type.ToolTip, QPoint(2, 2), QPoint(2, 2)))
    assert QToolTip.text() == "Molecular weight"
    QToolTip.hideText()


def test_a_long_word_is_broken(qtbot) -> None:
    label = FittingLabel(LONG.name)
    label.setWordWrap(True)
    qtbot.addWidget(label)
    one = label.fontMetrics().height()
    assert label.minimumSizeHint().width() <= 40
    assert label.heightForWidth(90) >= 3 * one
    label.resize(90, label.heightForWidth(90))
    picture = label.grab().toImage()
    last = [picture.pixelColor(x, y) for x in range(60) for y in range(picture.height() - one, picture.height())]
    assert len(set(map(str, last))) > 1


def test_a_box_says_that_its_text_is_cut(qtbot) -> None:
    box = Combo()
    qtbot.addWidget(box)
    box.setToolTip("The number a well that Z′ is made of")
    box.addItem("Axis between the controls")
    box.resize(400, 30)
    assert box.shown() == "Axis between the controls"
    box.resize(140, 30)
    box.show()
    assert box.shown().startswith("Axis")
    assert box.shown().endswith("…")
    box.grab()
    QApplication.sendEvent(box, QHelpEvent(QEvent.Type.ToolTip, QPoint(2, 2), QPoint(2, 2)))
    assert QToolTip.text().startswith("Axis between the controls\n")
    QToolTip.hideText()


def test_of_a_score_the_number_is_whole(qapp) -> None:
    card = Card(LONG, "1", "score 0.1149", "", "")
    metrics = QFontMetrics(qapp.font())
    assert shown_figure(card, metrics, 200) == "score 0.1149"
    assert shown_figure(card, metrics, metrics.horizontalAdvance("score 0.1")) == "0.1149"
    similar = dataclasses.replace(card, figure="similarity 0.455")
    assert shown_figure(similar, metrics, metrics.horizontalAdvance("similarity")) == "0.455"
