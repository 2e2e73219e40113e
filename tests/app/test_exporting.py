"""Tables, pictures and where they are saved to."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFileDialog, QLabel, QMessageBox

from app.exporting.ask import ask_save_path, plain_name
from app.exporting.pictures import save_picture
from app.exporting.tables import save_table
from app.exporting.written_text import saved_text
from molphenix_core.errors import Cancelled, InputError
from molphenix_core.molecules.depict import depict_png
from molphenix_core.spreadsheet import guarded


@dataclass
class Column:
    title: str
    values: np.ndarray
    kind: str = "number"
    unit: str = ""
    categories: tuple[str, ...] | None = field(default=None)


def texts(title: str, values: list[str | None]) -> Column:
    known = tuple(dict.fromkeys(v for v in values if v is not None))
    codes = [known.index(v) if v is not None else -1 for v in values]
    return Column(title, np.array(codes, dtype=np.int32), "text", "", known)


COLUMNS = (
    texts("Name", ["aspirin", "=1+1", None, "'=2"]),
    Column("Dose", np.array([0.05, 5.0, math.nan, math.inf]), unit="µM"),
    Column("Score", np.array([0.1, 0.2, 0.3, 0.4], dtype=np.float32)),
    Column("Seen", np.array([1.0, 0.0, math.nan, 1.0]), "flag"),
    Column("Wells", np.array([1, 2, 3, 4])),
)


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_csv_holds_whole_numbers_and_no_formula(tmp_path):
    path = tmp_path / "hits.csv"
    saved = save_table(path, COLUMNS)
    assert read_csv(path) == [
        ["Name", "Dose (µM)", "Score", "Seen", "Wells"],
        ["aspirin", "0.05", "0.1", "true", "1"],
        ["'=1+1", "5", "0.2", "false", "2"],
        ["", "", "0.3", "", "3"],
        ["''=2", "inf", "0.4", "true", "4"],
    ]
    assert (saved.rows, saved.guarded) == (4, 2)
    assert "2 texts with an apostrophe in front" in saved_text(saved)


@pytest.mark.parametrize("begin", list("=+-@\t\r\n"))
def test_every_sign_that_begins_a_formula_is_guarded(begin):
    assert guarded(f"{begin}cmd") == f"'{begin}cmd"


@given(st.text(max_size=20))
def test_taking_the_apostrophe_off_gives_back_every_text(text):
    safe = guarded(text)
    assert text == (safe[1:] if safe != text else text)
    # What begins with an apostrophe and a formula can only be guarded: nothing else looks like it.
    assert (safe != text) or not text.startswith("'=")


def test_rows_are_written_in_the_order_given(tmp_path):
    path = tmp_path / "hits.csv"
    save_table(path, COLUMNS, np.array([2, 0]))
    assert [row[4] for row in read_csv(path)] == ["Wells", "3", "1"]


def test_workbook_holds_values_as_what_they_are(tmp_path):
    path = tmp_path / "hits.xlsx"
    saved = save_table(path, COLUMNS)
    sheet = openpyxl.load_workbook(path).active
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[0]] == ["Name", "Dose (µM)", "Score", "Seen", "Wells"]
    assert [[cell.value for cell in row] for row in rows[1:]] == [
        ["aspirin", 0.05, 0.1, True, 1],
        ["=1+1", 5, 0.2, False, 2],
        [None, None, 0.3, None, 3],
        ["'=2", "inf", 0.4, True, 4],
    ]
    # A text, not a formula with that result.
    assert rows[2][0].data_type == "s" or rows[2][0].data_type == "inlineStr"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:E5"
    assert saved.guarded == 0


def test_workbook_holds_pictures_of_structures(tmp_path):
    path = tmp_path / "hits.xlsx"
    picture = depict_png("CC(=O)Oc1ccccc1C(=O)O", width=150, height=100, scale=2)
    save_table(path, COLUMNS, np.array([0, 2]), pictures=[picture, None])
    sheet = openpyxl.load_workbook(path).active
    assert sheet["A1"].value == "Structure"
    assert sheet["B2"].value == "aspirin"
    (image,) = sheet._images
    assert (image.anchor._from.row, image.anchor._from.col) == (1, 0)
    assert QImage.fromData(BytesIO(image._data()).getvalue()).width() == 300
    # The picture lies within its cell.
    assert image.anchor.to.row == 1
    assert image.anchor.to.col == 0


@pytest.mark.parametrize("name", ["hits.csv", "hits.xlsx"])
def test_what_is_cancelled_leaves_nothing(tmp_path, name):
    def stop(_share: float, _text: str) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        save_table(tmp_path / name, COLUMNS, progress=stop)
    assert not list(tmp_path.iterdir())


def test_what_a_workbook_cannot_hold_is_refused(tmp_path):
    with pytest.raises(InputError, match="1,048,576; expected at most 1,048,575"):
        save_table(tmp_path / "a.xlsx", [Column("x", np.zeros(1_048_576))])
    with pytest.raises(InputError, match="Name, row 1: found 40,000 characters"):
        save_table(tmp_path / "a.xlsx", [texts("Name", ["x" * 40_000])])
    with pytest.raises(InputError, match=r"found \.txt; expected \.csv or \.xlsx"):
        save_table(tmp_path / "a.txt", COLUMNS)
    assert not list(tmp_path.iterdir())


@pytest.fixture
def label(qtbot) -> QLabel:
    label = QLabel("B07")
    qtbot.addWidget(label)
    label.resize(120, 40)
    label.show()
    return label


def test_png_has_two_pixels_for_each(label, tmp_path):
    save_picture(label, tmp_path / "map.png")
    image = QImage(str(tmp_path / "map.png"))
    assert (image.width(), image.height()) == (240, 80)
    assert len({image.pixel(x, y) for x in range(240) for y in range(80)}) > 2


def test_svg_keeps_its_text(label, tmp_path):
    save_picture(label, tmp_path / "map.svg")
    assert "B07" in (tmp_path / "map.svg").read_text()
    renderer = QSvgRenderer(str(tmp_path / "map.svg"))
    assert renderer.isValid()
    assert renderer.viewBox().width() == 120


def test_other_pictures_and_empty_views_are_refused(label, tmp_path):
    with pytest.raises(InputError, match=r"found \.gif; expected \.png or \.svg"):
        save_picture(label, tmp_path / "map.gif")
    label.resize(0, 0)
    with pytest.raises(InputError, match="a view without any size"):
        save_picture(label, tmp_path / "map.png")


ENDINGS = {".csv": "Values", ".xlsx": "Workbook"}


def test_folder_is_remembered_and_the_ending_added(window, tmp_path, monkeypatch):
    asked = []

    def answer(_parent: object, _title: str, start: str, filters: str) -> tuple[str, str]:
        asked.append((start, filters))
        return str(tmp_path / "hits"), "Workbook (*.xlsx)"

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    assert ask_save_path(window.candidates, "Save", "hits.xlsx", ENDINGS) == str(tmp_path / "hits.xlsx")
    assert asked == [(str(Path.home() / "hits.xlsx"), "Workbook (*.xlsx);;Values (*.csv)")]
    assert window.settings.folder == str(tmp_path)


def test_a_file_that_gets_its_ending_later_is_not_replaced_unasked(window, tmp_path, monkeypatch):
    (tmp_path / "hits.csv").write_text("mine")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "hits"), "Values (*.csv)"))
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    assert ask_save_path(window, "Save", "hits.csv", ENDINGS) == ""
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    assert ask_save_path(window, "Save", "hits.csv", ENDINGS) == str(tmp_path / "hits.csv")


def test_names_of_files_are_plain():
    assert plain_name("P1/B07: JQ1 (+)") == "P1_B07_ JQ1 ___"
    assert plain_name("///", "hits") == "___"
    assert plain_name("  ", "hits") == "hits"


def test_long_tables_and_workbooks_are_written_by_the_engine(window, qtbot, tmp_path, monkeypatch):
    long = [Column("Number", np.arange(30_000))]
    for name, columns, rows in (("few.csv", COLUMNS, 4), ("few.xlsx", COLUMNS, 4), ("long.csv", long, 30_000)):
        path = tmp_path / name
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=path: (str(path), ""))
        window.commands.export.write_table("Export", "few", columns)
        # The engine has only what the window's own process need not do at once.
        assert path.exists() == (name == "few.csv")
        qtbot.waitUntil(lambda path=path: str(path) in window.message_bar.text(), timeout=20_000)
        assert f"{rows:,} rows were written" in window.message_bar.text()


def test_a_table_that_cannot_be_written_is_told(window, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "a.csv"), ""))
    window.commands.export.write_table("Export", "few", COLUMNS)
    window.commands.export.write_picture("Picture", "few", window)
    assert "Export failed" in window.message_bar.text()
    assert "expected a place to write to" in window.message_bar.text()
