"""A heading that folds what stands below it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.theme import font, theme_of

__all__ = ["Heading", "Section"]


class Heading(QToolButton):
    """A triangle and bold words at the left edge, in the colours of the theme."""

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + metrics.height() + 8, metrics.height() + 6)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self.fontMetrics().height()
        middle, arm = QPointF(side / 2 - 2, self.height() / 2), side * 0.2
        corners = [QPointF(-arm, -arm * 0.6), QPointF(arm, -arm * 0.6), QPointF(0, arm * 0.7)]
        if not self.isChecked():
            corners = [QPointF(corner.y(), corner.x()) for corner in corners]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.muted))
        painter.drawPolygon(QPolygonF([middle + corner for corner in corners]))
        painter.setPen(QColor(theme.accent if self.underMouse() else theme.text))
        room = self.rect().adjusted(side, 0, 0, 0)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if self.hasFocus():
            painter.setPen(QColor(theme.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


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
        self.heading = Heading()
        self.heading.setText(title)
        self.heading.setAccessibleName(title)
        self.heading.setAutoRaise(True)
        self.heading.setCheckable(True)
        self.heading.setFont(font(self.font(), bold=True))
        self.heading.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
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
        self.heading.setToolTip(f"{'Fold' if open_ else 'Show'} “{self.heading.text()}”")
        self.content.setVisible(open_)

    def _clicked(self, checked: bool) -> None:
        self.set_open(checked)
        self.folded.emit(not checked)
