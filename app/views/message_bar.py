"""Lines that tell something without stopping the work: errors over the window, notes over a ranking."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from app.engine import EngineError
from app.theme import font, theme_of

__all__ = ["Banner", "MessageBar", "error_text"]

_MILLISECONDS_OF_A_NOTE = 8000


def error_text(title: str, error: EngineError) -> str:
    """What went wrong, as one or two lines for the user."""
    if error.fields:
        fields = error.fields
        what = f"{fields['source']} was not used: {fields['field']}"
        return f"{what}\nFound {fields['found']}. Expected {fields['expected']}."
    if error.expected:
        return error.text
    defect = "This is a defect of the program; its details can be copied for a report."
    return f"{title} failed: {error.text or error.kind}\n{defect}"


class Banner(QWidget):
    """A tinted line of text; hidden while it has none. The tone is the theme's name for its colours."""

    def __init__(self, tone: str = "warning", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone = tone
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(12, 7, 8, 7)
        self.row.setSpacing(8)
        self.row.addWidget(self.label, 1)
        self.hide()

    def text(self) -> str:
        """What it says, "" while hidden."""
        return self.label.text() if not self.isHidden() else ""

    def set_text(self, text: str, tone: str | None = None) -> None:
        """Show a text, or hide with an empty one."""
        self._tone = tone or self._tone
        self.label.setText(text)
        self.setAccessibleName(text)
        self._recolour()
        self.setVisible(bool(text))
        self.update()

    def _recolour(self) -> None:
        palette = QApplication.palette()
        palette.setColor(palette.ColorRole.WindowText, QColor(getattr(theme_of(palette), self._tone)[2]))
        if self.label.palette() != palette:
            self.label.setPalette(palette)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._recolour()
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        ground, edge, _ = getattr(theme_of(self.palette()), self._tone)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(edge), 1))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 6, 6)


class MessageBar(Banner):
    """The window's own messages: errors stay until closed, notes go by themselves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("error", parent)
        self._trace = ""
        self.details = QPushButton("Copy details")
        self.details.setFlat(True)
        self.details.setToolTip("Copy the technical details for a report")
        self.details.clicked.connect(lambda: QApplication.clipboard().setText(self._trace))
        self.dismiss = QToolButton()
        self.dismiss.setText("✕")
        self.dismiss.setAutoRaise(True)
        self.dismiss.setFont(font(self.font(), step=-1))
        self.dismiss.setAccessibleName("Close message")
        self.dismiss.setToolTip("Close this message")
        self.dismiss.clicked.connect(lambda: self.set_text(""))
        self.row.addWidget(self.details)
        self.row.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignTop)
        self._leave = QTimer(self, singleShot=True, interval=_MILLISECONDS_OF_A_NOTE)
        self._leave.timeout.connect(lambda: self.set_text(""))

    def show_error(self, title: str, error: EngineError) -> None:
        """Tell what failed."""
        self._leave.stop()
        self._trace = error.trace or error.text
        self.details.setVisible(not error.expected)
        self.set_text(error_text(title, error), "error")

    def show_warning(self, text: str) -> None:
        """Tell what is weaker than it should be."""
        self._leave.stop()
        self.details.hide()
        self.set_text(text, "warning")

    def show_note(self, text: str) -> None:
        """Tell what was done."""
        self.details.hide()
        self.set_text(text, "note")
        self._leave.start()
