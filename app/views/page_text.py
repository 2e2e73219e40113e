"""Some content, or the line that says why there is none."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QStackedLayout, QWidget

from app.views.panel import Muted

__all__ = ["Pages"]


class Pages(QWidget):
    """Some content, or a line that says why there is none."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._pages = QStackedLayout(self)
        self._text = Muted(wrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        # A long path or hash must not push the other parts of the window aside.
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._pages.addWidget(content)
        self._pages.addWidget(self._text)

    def set_text(self, text: str) -> None:
        """Show a text instead of the content; the content with an empty one."""
        self._text.setText(text)
        self._text.setAccessibleName(text)
        self._pages.setCurrentIndex(1 if text else 0)

    def text(self) -> str:
        """The text on show, "" while the content is."""
        return self._text.text() if self._pages.currentIndex() == 1 else ""
