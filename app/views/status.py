"""The line at the foot of the window: what is selected, which model and library, what the engine does."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QStatusBar, QToolButton, QWidget

from app.engine import Engine, Request
from app.views.panel import Muted
from app.views.words import plural
from app.workspace import Workspace

__all__ = ["StatusLine"]

# Shorter work would only flicker.
_MILLISECONDS_TO_SHOW = 250

_IDLE = "Engine idle"


class StatusLine(QStatusBar):
    """Facts on the left, the engine on the right with progress and Cancel."""

    def __init__(self, workspace: Workspace, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Status")
        self.setSizeGripEnabled(False)
        self.setContentsMargins(0, 2, 8, 2)
        self._workspace = workspace
        self.selection, self.model, self.library = QLabel(), Muted(), Muted()
        self.engine = QLabel(_IDLE)
        for label, name in (
            (self.selection, "Selection"),
            (self.model, "Model"),
            (self.library, "Library"),
            (self.engine, "Engine"),
        ):
            label.setAccessibleName(name)
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress")
        self.progress.setRange(0, 100)
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(140, 8)
        self.cancel = QToolButton()
        self.cancel.setText("Cancel")
        self.cancel.setAutoRaise(True)
        self.cancel.setToolTip("Stop what the engine does")
        self.cancel.clicked.connect(workspace.cancel)
        self.addWidget(_spaced(self.selection))
        self.addWidget(_line())
        self.addWidget(self.model, 3)
        self.addWidget(_line())
        self.addWidget(self.library, 2)
        for widget in (self.engine, self.progress, self.cancel):
            self.addPermanentWidget(widget)
        self._late = QTimer(self, singleShot=True, interval=_MILLISECONDS_TO_SHOW)
        self._late.timeout.connect(lambda: self._show_busy(True))
        # What the user waits for is told before what runs behind it.
        self._engines = (engine, workspace.requests.background)
        self._told: dict[Engine, tuple[str, float]] = {}
        self._show_busy(False)
        for one in self._engines:
            one.busy_changed.connect(lambda busy, one=one: self._busy(one, busy))
            one.progressed.connect(
                lambda request, share, text, one=one: self._progressed(one, request, share, text)
            )
        workspace.selection_changed.connect(self._update)
        workspace.current_changed.connect(self._update)
        workspace.session_changed.connect(self._update)
        self._update()

    def _update(self) -> None:
        workspace, session = self._workspace, self._workspace.session
        wells, treatments = len(workspace.selection), len(workspace.selected_treatments())
        self.selection.setText(f"{plural(wells, 'well')}, {plural(treatments, 'treatment')}")
        self.model.setText(session.model or _without("model", session.model_error))
        self.model.setToolTip(session.model_detail or session.model_error)
        self.library.setText(session.library or _without("library", session.library_error))
        self.library.setToolTip(session.library_detail or session.library_error)

    def _busy(self, engine: Engine, busy: bool) -> None:
        if busy:
            self._late.start()
            return
        self._told.pop(engine, None)
        if any(one.running for one in self._engines):
            self._show_busy(self.progress.isVisible())
        else:
            self._late.stop()
            self._show_busy(False)

    def _show_busy(self, busy: bool) -> None:
        told = next((self._told[one] for one in self._engines if one in self._told), ("Engine starting", 0.0))
        text, share = told if busy else (_IDLE, 0.0)
        self.progress.setVisible(busy)
        self.cancel.setVisible(busy and self._workspace.can_cancel)
        self.engine.setText(text)
        # Qt paints the bar at once whenever it is told another value.
        self.progress.setValue(round(100 * share))

    def _progressed(self, engine: Engine, request: Request, share: float, text: str) -> None:
        self._told[engine] = (text or request.title, share)
        self._show_busy(self.progress.isVisible())


def _without(part: str, error: str) -> str:
    return f"The {part} cannot be used" if error else f"no {part} loaded"


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.VLine)
    line.setFrameShadow(QFrame.Shadow.Plain)
    line.setForegroundRole(line.palette().ColorRole.Mid)
    return line


def _spaced(label: QLabel) -> QLabel:
    label.setContentsMargins(10, 0, 4, 0)
    label.setAlignment(Qt.AlignmentFlag.AlignVCenter)
    return label
