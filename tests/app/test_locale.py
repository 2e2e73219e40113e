"""A German sees commas; files hold points."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QWidget

from app.exporting.tables import Saved, save_table
from app.exporting.written_text import saved_text
from app.views.chart import Chart
from app.views.table import ColumnTable, TableColumn

ENGLISH = re.compile(r"(?<![\w.,/-])\d+\.\d+(?![\w.])")


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    yield
    QLocale.setDefault(before)


def texts(window: QWidget) -> Iterator[str]:
    """What labels, buttons and tables say, and their tips."""
    for widget in window.findChildren(QWidget):
        yield widget.toolTip()
        if isinstance(widget, QLabel | QAbstractButton):
            yield widget.text()
        elif isinstance(widget, ColumnTable):
            model = widget.model()
            for row in range(min(model.rowCount(), 20)):
                for column in range(model.columnCount()):
                    for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                        yield str(model.index(row, column).data(role) or "")


def test_no_page_shows_a_number_with_a_point(ranked, qtbot):
    for page in ranked.pages.ids:
        ranked.pages.show_page(page)
        qtbot.waitUntil(lambda: not ranked.workspace.can_cancel, timeout=20_000)
        shown = " \n".join(text for text in texts(ranked) if text)
        # Markup holds lengths of its own.
        shown = re.sub(r"<[^>]*>", " ", shown)
        assert not ENGLISH.findall(shown), (page, [line for line in shown.splitlines() if ENGLISH.search(line)])
    assert re.search(r"\d,\d", shown)


def test_axes_of_charts_follow_the_locale(qtbot):
    chart = Chart("Spread", bottom="Plate", left="Spread")
    qtbot.addWidget(chart)
    for side in ("bottom", "left"):
        assert chart.getAxis(side).tickStrings([0.5, 1.5], 1.0, 0.5) == ["0,5", "1,5"]


def test_copied_and_saved_tables_hold_points(ranked, qtbot, tmp_path, monkeypatch):
    ranked.actions_by_id["copy_table"].trigger()
    lines = QApplication.clipboard().text().splitlines()
    assert float(lines[1].split("\t")[lines[0].split("\t").index("score")]) == 0.5
    table = ColumnTable("Doses")
    qtbot.addWidget(table)
    column = TableColumn("dose", "Dose", np.array([0.152, 0.5]))
    table.set_columns([column])
    assert [column.text(row) for row in range(2)] == ["0,152", "0,500"]
    assert table.to_text().splitlines() == ["Dose", "0.152", "0.5"]
    save_table(tmp_path / "doses.csv", [column])
    assert (tmp_path / "doses.csv").read_text() == "Dose\n0.152\n0.5\n"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "wells.csv"), ""))
    ranked.actions_by_id["export_wells"].trigger()
    qtbot.waitUntil((tmp_path / "wells.csv").exists, timeout=20_000)
    assert "0.05" in (tmp_path / "wells.csv").read_text()


def test_what_was_written_is_counted_as_the_user_counts(ranked, qtbot, tmp_path):
    with qtbot.waitSignal(ranked.workspace.exported, timeout=20_000):
        ranked.workspace.export_hits(tmp_path / "all.sdf")
    assert ranked.message_bar.text().startswith("3.082 candidates of 156 treatments written to")
    saved = Saved("x 1.5.csv", 12_345, 1_200)
    assert saved_text(saved).startswith("12.345 rows were written to x 1.5.csv; 1.200 texts")
