"""Every command with its keys, and what mouse and keys do in the views."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QTextBrowser, QVBoxLayout, QWidget

from app.actions import MENUS, RECENT, SEPARATOR
from app.theme import theme_of
from app.views.palette import plain
from app.views.scroll_bar import SlimScrollBar

__all__ = ["VIEWS", "ShortcutsDialog", "shortcut_lists"]

VIEWS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Plate map",
        (
            ("Click", "Select a well"),
            ("Drag", "Select a rectangle of wells"),
            ("Ctrl + click or drag", "Add to the selection"),
            ("Alt + click or drag", "Take from the selection"),
            ("Click on a row letter or column number", "Select the row or column"),
            ("Double click", "Select the replicates of a well"),
            ("Arrow keys, Home, End", "Go to another well"),
            ("Shift + arrow keys", "Extend the selection"),
            ("Space", "Add the well under the cursor, or take it out"),
        ),
    ),
    (
        "Map",
        (
            ("Drag", "Select with the lasso or rectangle"),
            ("Ctrl or Alt + drag", "Add to the selection, or take from it"),
            ("Space + drag", "Move the map"),
            ("Wheel, + and −", "Nearer and farther"),
            ("Arrow keys", "Move the map"),
            ("Home, or double click on the ground", "Show all of it"),
            ("Enter", "Select the point nearest to the middle"),
        ),
    ),
    (
        "Tables",
        (
            ("Click on a header", "Sort; again: the other way round"),
            ("Shift + click on a header", "Sort by a further column"),
            ("Left, Right", "Go to another column"),
            ("Alt + Up, Alt + Down", "Sort by the column that the keyboard is on; again: no longer"),
            ("Shift + Alt + Up or Down", "Sort by it as a further column"),
            ("Right click on a header", "Show and hide columns"),
            ("Shift or Ctrl + click", "Select several rows"),
            ("Ctrl+A", "Select all rows"),
            ("Ctrl+C", "Copy the selected rows, for a spreadsheet"),
            ("Enter", "Open the row"),
        ),
    ),
    (
        "Everywhere",
        (
            ("Tab, Shift + Tab", "Go to the next control, or back"),
            ("Alt + underlined letter", "Open a menu, or go to a control"),
            ("Files dropped on the window", "Open them"),
        ),
    ),
)
"""What mouse and keys do where they are no commands, by view."""


def shortcut_lists(actions: Mapping[str, QAction]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Commands by menu: name, keys ("" for none) and tip.

    Parameters
    ----------
    actions : mapping of str to QAction
        By their ids in the registry.
    """
    lists = []
    for title, entries in MENUS:
        rows = []
        for entry in entries:
            if entry not in {SEPARATOR, RECENT}:
                action = actions[entry]
                keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
                # The tool tip repeats the keys.
                tip = action.toolTip().removesuffix(f" ({keys})") if keys else action.toolTip()
                rows.append((plain(action.text()), keys, tip))
        lists.append((plain(title), rows))
    return lists


class ShortcutsDialog(QDialog):
    """The list, with a field to find in it.

    Parameters
    ----------
    actions : mapping of str to QAction
    """

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions = actions
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a command or a key")
        self.search.setAccessibleName("Find a command or a key")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._show)
        self.text = QTextBrowser()
        self.text.setAccessibleName("Keyboard shortcuts")
        self.text.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.text.setVerticalScrollBar(SlimScrollBar())
        self.text.document().setDocumentMargin(12)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("&Copy", QDialogButtonBox.ButtonRole.ActionRole)
        copy.setToolTip("Copy the list as a table, for a spreadsheet")
        copy.setAutoDefault(False)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.as_table()))
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addWidget(self.search)
        layout.addWidget(self.text, 1)
        layout.addWidget(buttons)
        self._show()
        self.resize(680, 700)

    def _rows(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """What fits the words typed: keys and what they do, by menu or view."""
        words = self.search.text().casefold().split()
        everything = [
            (title, [(keys, name) for name, keys, _ in rows]) for title, rows in shortcut_lists(self._actions)
        ] + [(title, list(rows)) for title, rows in VIEWS]
        found = []
        for title, rows in everything:
            fitting = [
                row for row in rows if all(word in f"{title} {row[0]} {row[1]}".casefold() for word in words)
            ]
            if fitting:
                found.append((title, fitting))
        return found

    def _show(self) -> None:
        theme = theme_of(self.palette())
        parts = []
        for title, rows in self._rows():
            lines = "".join(
                f'<tr><td width="55%" style="padding:3px 12px 3px 0">{escape(does)}</td>'
                f'<td style="padding:3px 0;color:{theme.muted}">{escape(keys) or "–"}</td></tr>'
                for keys, does in rows
            )
            parts.append(f"<h3>{escape(title)}</h3><table width='100%' cellspacing='0'>{lines}</table>")
        self.text.setHtml("".join(parts) or "<p>No command fits.</p>")

    def as_table(self) -> str:
        """The list as tab-separated values."""
        lines = ["where\twhat\tkeys"]
        lines += [f"{title}\t{does}\t{keys}" for title, rows in self._rows() for keys, does in rows]
        return "\n".join(lines)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "text"):
            self._show()
        super().changeEvent(event)
