"""Lines that tell something without stopping the work: errors over the window, notes over a ranking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from app.engine import EngineError
from app.theme import font, theme_of
from app.views.words import plural

__all__ = ["Banner", "MessageBar", "Offer", "error_text"]

_MILLISECONDS_OF_A_NOTE = 8000
_MESSAGES_SHOWN = 3


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


@dataclass(frozen=True)
class Offer:
    """What the user can do about an error: the word on a button, and what it does."""

    text: str
    call: Callable[[], None]


@dataclass(frozen=True)
class _Message:
    text: str
    tone: str
    details: str = ""
    offer: Offer | None = None


class MessageBar(Banner):
    """The window's own messages: errors and warnings stay until closed, notes go by themselves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("error", parent)
        self._unread: list[_Message] = []
        self._note = ""
        self.offer = QPushButton()
        self.offer.setFlat(True)
        self.offer.clicked.connect(self._take_offer)
        self.details = QPushButton("Copy details")
        self.details.setFlat(True)
        self.details.setToolTip("Copy the technical details for a report")
        self.details.clicked.connect(self._copy_details)
        self.dismiss = QToolButton()
        self.dismiss.setText("✕")
        self.dismiss.setAutoRaise(True)
        self.dismiss.setFont(font(self.font(), step=-1))
        self.dismiss.setAccessibleName("Close message")
        self.dismiss.setToolTip("Close this message")
        self.dismiss.clicked.connect(self._dismiss)
        for button in (self.offer, self.details):
            self.row.addWidget(button)
        self.row.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignTop)
        self._leave = QTimer(self, singleShot=True, interval=_MILLISECONDS_OF_A_NOTE)
        self._leave.timeout.connect(self._drop_note)

    def show_error(self, title: str, error: EngineError, offer: Offer | None = None) -> None:
        """Tell what failed, below what has not been closed yet."""
        details = "" if error.expected else error.trace or error.text
        self._add(_Message(error_text(title, error), "error", details, offer))

    def show_warning(self, text: str, details: str = "") -> None:
        """Tell what is weaker than it should be."""
        self._add(_Message(text, "warning", details))

    def show_note(self, text: str) -> None:
        """Tell what was done; it replaces no error that may be unread."""
        self._note = text
        self._leave.start()
        self._show()

    def clear(self) -> None:
        """Forget all messages."""
        self._unread = []
        self._drop_note()

    def _add(self, message: _Message) -> None:
        # Said twice, it is one thing to read.
        self._unread = [m for m in self._unread if m.text != message.text] + [message]
        self._show()

    def _shown(self) -> list[_Message]:
        return self._unread[-_MESSAGES_SHOWN:]

    def _show(self) -> None:
        shown = self._shown()
        lines = [message.text for message in shown]
        if len(self._unread) > len(shown):
            lines.append(f"and {plural(len(self._unread) - len(shown), 'earlier message')}")
        if self._note:
            lines.append(self._note)
        tones = {message.tone for message in shown}
        offers = [message.offer for message in shown if message.offer is not None]
        self.offer.setVisible(bool(offers))
        self.offer.setText(offers[-1].text if offers else "")
        self.details.setVisible(any(message.details for message in shown))
        self.set_text("\n".join(lines), "error" if "error" in tones else "warning" if tones else "note")

    def _take_offer(self) -> None:
        offered = [message for message in self._shown() if message.offer is not None]
        if offered and offered[-1].offer is not None:
            self._unread.remove(offered[-1])
            self._show()
            offered[-1].offer.call()

    def _copy_details(self) -> None:
        QApplication.clipboard().setText("\n".join(m.details for m in self._shown() if m.details))

    def _dismiss(self) -> None:
        self._unread = self._unread[:-_MESSAGES_SHOWN]
        self._drop_note()

    def _drop_note(self) -> None:
        self._leave.stop()
        self._note = ""
        self._show()
