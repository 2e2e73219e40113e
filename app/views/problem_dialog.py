"""A report of a problem, to be read before it is sent."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

__all__ = ["ProblemDialog"]

_EXPLANATION = (
    "This text tells the developers what happened. Folders, names of files and users, and structures are replaced "
    "by words in angle brackets. Nothing is sent by itself: read it, add what you did, then copy or save it."
)


class ProblemDialog(QDialog):
    """The text of a report, which the user may change.

    Parameters
    ----------
    text : str
        Of :func:`app.error_report.problem_report`.
    save : callable
        Asks where to and saves the text that it is given.
    """

    def __init__(self, text: str, save: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Report a problem")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        explanation = QLabel(_EXPLANATION)
        explanation.setWordWrap(True)
        self.text = QPlainTextEdit(text)
        self.text.setAccessibleName("Report of the problem")
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        # Tab goes on to the buttons.
        self.text.setTabChangesFocus(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("&Copy", QDialogButtonBox.ButtonRole.ActionRole)
        copy.setToolTip("Copy the report as it stands")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        keep = buttons.addButton("&Save…", QDialogButtonBox.ButtonRole.ActionRole)
        keep.setToolTip("Save the report as a text file")
        keep.clicked.connect(lambda: save(self.text.toPlainText()))
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addWidget(explanation)
        layout.addWidget(self.text, 1)
        layout.addWidget(buttons)
        copy.setDefault(True)
        self.resize(760, 600)
