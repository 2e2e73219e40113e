"""What the program logged: filtered by level, read in full, copied and saved."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.log_keeper import LogKeeper, LogLine, as_text
from app.numbers import integer
from app.theme import rgb_of, theme_of
from app.views.page_text import Pages
from app.views.panel import Muted
from app.views.splitter import Splitter
from app.views.table import ColumnTable, TableColumn

__all__ = ["LEVELS", "LogWindow"]

LEVELS = {"Everything": logging.INFO, "Warnings and errors": logging.WARNING, "Errors": logging.ERROR}
"""What the log can be filtered by: the least level shown, by its name."""

_MILLISECONDS_TO_REFRESH = 150
_NAMES = {logging.INFO: "information", logging.WARNING: "warning", logging.ERROR: "error"}


class LogWindow(QDialog):
    """The log of this window, which goes on while it is open.

    Parameters
    ----------
    keeper : LogKeeper
    save : callable
        Asks where to and saves the text that it is given.
    hide : callable
        Takes what is private out of a text that leaves the program.
    """

    def __init__(
        self,
        keeper: LogKeeper,
        save: Callable[[str], None],
        hide: Callable[[str], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Log")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._keeper = keeper
        self._save, self._hide = save, hide
        self._lines: list[LogLine] = []
        self._make_widgets()
        self._soon = QTimer(self, singleShot=True, interval=_MILLISECONDS_TO_REFRESH)
        self._soon.timeout.connect(self.refresh)
        keeper.added.connect(self._soon.start)
        self.refresh()

    def _make_widgets(self) -> None:
        self.level = QComboBox()
        self.level.addItems(list(LEVELS))
        self.level.setAccessibleName("Level")
        self.level.setToolTip("How grave a line must be to be shown")
        self.level.currentIndexChanged.connect(self.refresh)
        level = QLabel("&Show")
        level.setBuddy(self.level)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find in the log")
        self.search.setAccessibleName("Find in the log")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self.refresh)
        self.count = Muted(elide=False)
        self.table = ColumnTable("Log")
        self.table.rows_selected.connect(self._show_line)
        self.pages = Pages(self.table)
        self.line = QPlainTextEdit()
        self.line.setReadOnly(True)
        self.line.setAccessibleName("The chosen line in full")
        self.line.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.line.setPlaceholderText("Choose a line to read it in full")
        top = QHBoxLayout()
        top.addWidget(level)
        top.addWidget(self.level)
        top.addWidget(self.search, 1)
        top.addWidget(self.count)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        for text, tip, call in (
            ("&Copy", "Copy the lines that are shown, without folders and structures", self.copy),
            ("&Save…", "Save the lines that are shown as a text file, without folders and structures", self.save),
        ):
            button = buttons.addButton(text, QDialogButtonBox.ButtonRole.ActionRole)
            button.setToolTip(tip)
            button.setAutoDefault(False)
            button.clicked.connect(call)
        buttons.rejected.connect(self.reject)
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        self.splitter = Splitter(Qt.Orientation.Vertical, (self.pages, 3), (self.line, 1))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(10)
        layout.addLayout(top)
        layout.addWidget(self.splitter, 1)
        layout.addWidget(buttons)
        self.splitter.setSizes([320, 130])
        self.resize(860, 600)

    def lines(self) -> list[LogLine]:
        """The lines that are shown, the first one first."""
        return self._lines

    def refresh(self) -> None:
        """Show what has been logged since, or what another filter lets through."""
        least, wanted = LEVELS[self.level.currentText()], self.search.text().casefold()
        everything = list(self._keeper.lines)
        self._lines = [
            line
            for line in everything
            if line.level >= least and wanted in f"{line.text} {line.source}".casefold()
        ]
        at_end = not len(self.table.selected_rows())
        self.table.set_columns(_columns(self._lines))
        self._tint()
        self.count.setText(f"{integer(len(self._lines))} of {integer(len(everything))} lines")
        self.pages.set_text("" if self._lines else "Nothing was logged" if not everything else "No line fits")
        if at_end:
            self.table.scrollToBottom()

    def _tint(self) -> None:
        theme = theme_of(self.palette())
        colours = {logging.WARNING: theme.warning[0], logging.ERROR: theme.error[0]}
        rgb = np.array([rgb_of(colours.get(line.level, theme.base)) for line in self._lines], dtype=np.uint8)
        known = np.array([line.level in colours for line in self._lines], dtype=bool)
        self.table.set_tints("level", rgb.reshape(-1, 3), known)

    def _show_line(self, rows: np.ndarray) -> None:
        self.line.setPlainText(as_text([self._lines[row] for row in rows]).rstrip())

    def copy(self) -> None:
        """Copy the lines that are shown."""
        QGuiApplication.clipboard().setText(self._hide(as_text(self._lines)))

    def save(self) -> None:
        """Ask where to save the lines that are shown."""
        self._save(self._hide(as_text(self._lines)))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "table"):
            self._tint()
        super().changeEvent(event)


def _columns(lines: list[LogLine]) -> tuple[TableColumn, ...]:
    return (
        _texts("when", "When (UTC)", [line.when.replace("T", " ").rstrip("Z") for line in lines]),
        _texts("level", "Level", [_NAMES.get(line.level, logging.getLevelName(line.level)) for line in lines]),
        _texts("source", "From", [line.source for line in lines]),
        _texts("text", "Message", [line.text for line in lines]),
    )


def _texts(key: str, title: str, texts: list[str]) -> TableColumn:
    codes: dict[str, int] = {}
    values = np.array([codes.setdefault(text, len(codes)) for text in texts], dtype=np.int32)
    return TableColumn(key, title, values, "text", categories=tuple(codes))
