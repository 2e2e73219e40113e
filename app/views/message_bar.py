"""Lines that tell something without stopping the work: errors over the window, notes over a ranking."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from app.engine import EngineError
from app.error_report import Problem
from app.theme import font, theme_of
from app.views.labels import FittingLabel
from app.views.words import plural

__all__ = ["Banner", "MessageBar", "Offer", "error_text"]

_log = logging.getLogger(__name__)
_MILLISECONDS_OF_A_NOTE = 8000
_LINES_SHOWN = 3


def error_text(title: str, error: EngineError) -> str:
    """What went wrong, as one or two lines for the user."""
    if error.fields:
        source, field, found, expected = (error.fields[k] for k in ("source", "field", "found", "expected"))
        opening = title.startswith("Opening ")
        what = f"{Path(source).name} could not be opened" if opening else f"{title} failed: {source}"
        # Of a file as a whole there is no field to look for.
        where = "" if field == "file" else f"{field}: "
        return f"{what}: {where}found {found}, expected {expected}" + (f" ({source})" if opening else "")
    if error.expected:
        return error.text
    defect = "This is a defect of the program: please report it."
    return f"{title} failed: {error.text or error.kind}\n{defect}"


class Banner(QWidget):
    """A tinted line of text; hidden while it has none. The tone is the theme's name for its colours."""

    def __init__(self, tone: str = "warning", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone = tone
        self.label = FittingLabel()
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
    """What the user can do about a message: the word on a button, and what it does."""

    text: str
    call: Callable[[], None]


@dataclass(frozen=True)
class _Message:
    text: str
    tone: str
    details: str = ""
    offers: tuple[Offer, ...] = ()
    source: str = ""
    problem: Problem | None = None


class MessageBar(Banner):
    """The window's own messages: errors and warnings stay until closed, notes go by themselves.

    All of them are logged.

    Signals
    -------
    report_wanted(Problem)
        The user asks what to tell of a defect.
    """

    report_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("error", parent)
        self._unread: list[_Message] = []
        self._note = ""
        self._lines: list[tuple[str, str]] = []
        self.label.setTextFormat(Qt.TextFormat.RichText)
        # However much there is to say, the plate map keeps its room; the tool tip has all of it.
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.label.setMaximumHeight(_LINES_SHOWN * self.label.fontMetrics().lineSpacing() + 4)
        self.offer, self.other_offer = QPushButton(), QPushButton()
        for place, button in enumerate((self.offer, self.other_offer)):
            button.setFlat(True)
            button.clicked.connect(lambda _=False, place=place: self._take_offer(place))
        self.details = QPushButton("Copy details")
        self.details.setFlat(True)
        self.details.clicked.connect(self._tell_details)
        self.dismiss = QToolButton()
        self.dismiss.setText("✕")
        self.dismiss.setAutoRaise(True)
        self.dismiss.setFont(font(self.font(), step=-1))
        self.dismiss.setAccessibleName("Close message")
        self.dismiss.setToolTip("Close this message")
        self.dismiss.clicked.connect(self._dismiss)
        for button in (self.offer, self.other_offer, self.details):
            self.row.addWidget(button)
        self.row.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignTop)
        self._leave = QTimer(self, singleShot=True, interval=_MILLISECONDS_OF_A_NOTE)
        self._leave.timeout.connect(self._drop_note)

    def show_error(self, title: str, error: EngineError, offer: Offer | None = None) -> None:
        """Tell what failed, below what has not been closed yet."""
        problem = None if error.expected else Problem.of(title, error)
        _log.error("%s: %s: %s", title, error.kind, error.text, extra={"trace": error.trace if problem else ""})
        details = "" if problem is None else error.trace or error.text
        source = error.fields.get("source", "")
        self._add(_Message(error_text(title, error), "error", details, (offer,) if offer else (), source, problem))

    def show_warning(self, text: str, details: str = "", source: str = "", offers: Sequence[Offer] = ()) -> None:
        """Tell what is weaker than it should be; of two offers one can be taken."""
        _log.warning("%s", details or text)
        self._add(_Message(text, "warning", details, tuple(offers), source))

    def forget(self, source: str) -> None:
        """Drop what was said of a file: it was opened again."""
        self._unread = [message for message in self._unread if message.source != source]
        self._show()

    def show_note(self, text: str) -> None:
        """Tell what was done; it replaces no error that may be unread."""
        _log.info("%s", text)
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
        # The note and the count of what is not shown take a line each.
        room = _LINES_SHOWN - bool(self._note)
        return self._unread if len(self._unread) <= room else self._unread[1 - room :]

    def text(self) -> str:
        return "\n".join(text for text, _ in self._lines)

    def _recolour(self) -> None:
        super()._recolour()
        self._paint_lines()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._paint_lines()

    def _paint_lines(self) -> None:
        """Each line in the colour of its kind; as long as there is room."""
        theme, metrics = theme_of(QApplication.palette()), self.label.fontMetrics()
        # A little less for a line alone, which is broken at spaces.
        alone = len(self._lines) == 1
        room = int(self.label.width() * (0.9 * _LINES_SHOWN if alone else 1))
        painted = []
        for text, tone in self._lines:
            shown = metrics.elidedText(" ".join(text.split()), Qt.TextElideMode.ElideRight, max(room, 100))
            painted.append(f'<span style="color:{getattr(theme, tone)[2]}">{escape(shown)}</span>')
        self.label.setText("<br>".join(painted))

    def _show(self) -> None:
        shown = self._shown()
        lines = [(message.text, message.tone) for message in shown]
        if len(self._unread) > len(shown):
            lines.append((f"and {plural(len(self._unread) - len(shown), 'earlier message')}", "note"))
        if self._note:
            lines.append((self._note, "note"))
        self._lines = lines
        tones = {message.tone for message in shown}
        offers = next((message.offers for message in reversed(shown) if message.offers), ())
        for place, button in enumerate((self.offer, self.other_offer)):
            text = offers[place].text if place < len(offers) else ""
            button.setVisible(bool(text))
            button.setText(text)
            button.setAccessibleName(text or "Offer")
        self.details.setVisible(any(message.details for message in shown))
        problem = self._problem() is not None
        self.details.setText("Report…" if problem else "Copy details")
        tip = "Read what to tell the developers, without folders and structures" if problem else "Copy all of it"
        self.details.setToolTip(tip)
        self.setToolTip("\n".join(f"<p>{escape(text)}</p>" for text, _ in lines))
        self.set_text(self.text(), "error" if "error" in tones else "warning" if tones else "note")

    def _take_offer(self, place: int) -> None:
        offered = [message for message in self._shown() if message.offers]
        if offered and place < len(offered[-1].offers):
            self._unread.remove(offered[-1])
            self._show()
            offered[-1].offers[place].call()

    def _problem(self) -> Problem | None:
        """The last defect that is shown."""
        return next((m.problem for m in reversed(self._shown()) if m.problem is not None), None)

    def _tell_details(self) -> None:
        problem = self._problem()
        if problem is not None:
            self.report_wanted.emit(problem)
            return
        QApplication.clipboard().setText("\n".join(m.details for m in self._shown() if m.details))

    def _dismiss(self) -> None:
        self._unread = self._unread[: -len(self._shown()) or None]
        self._drop_note()

    def _drop_note(self) -> None:
        self._leave.stop()
        self._note = ""
        self._show()
