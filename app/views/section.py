"""A heading that folds what stands below it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.theme import font

__all__ = ["Section"]


class Section(QWidget):
    """Some content under a heading, shown or folded away.

    Signals
    -------
    folded(bool)
        The user folded it or opened it.
    """

    folded = Signal(bool)

    def __init__(self, title: str, content: QWidget, *, open_: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content = content
        self.heading = QToolButton()
        self.heading.setText(title)
        self.heading.setAccessibleName(title)
        self.heading.setAutoRaise(True)
        self.heading.setCheckable(True)
        self.heading.setFont(font(self.font(), bold=True))
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.heading.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.heading.setStyleSheet("QToolButton { border: none; padding: 2px 0; text-align: left; }")
        self.heading.clicked.connect(self._clicked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.heading)
        layout.addWidget(content)
        self.set_open(open_)

    @property
    def is_open(self) -> bool:
        """Whether the content is shown."""
        return self.heading.isChecked()

    def set_open(self, open_: bool) -> None:
        """Show the content, or fold it away."""
        self.heading.setChecked(open_)
        self.heading.setArrowType(Qt.ArrowType.DownArrow if open_ else Qt.ArrowType.RightArrow)
        self.heading.setToolTip(f"{'Fold' if open_ else 'Show'} “{self.heading.text()}”")
        self.content.setVisible(open_)

    def _clicked(self, checked: bool) -> None:
        self.set_open(checked)
        self.folded.emit(not checked)
