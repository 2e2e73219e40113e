"""A part of the window: a title line over some content, on its own ground."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.theme import Theme, font, set_colours, theme_of
from app.views.labels import FittingLabel, ShortLabel

__all__ = ["Badge", "Muted", "Panel"]

# Letters of a heading that are always seen; longer ones, as some barcodes, are elided where there is no room.
_TITLE = 24


class Muted(FittingLabel):
    """A label in the quieter colour, elided on the right where the room is short, wrapped, or neither."""

    def __init__(
        self, text: str = "", parent: QWidget | None = None, *, wrap: bool = False, elide: bool = True
    ) -> None:
        super().__init__(text, parent)
        self.setWordWrap(wrap)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._elide = elide and not wrap
        self._recolour()
        if self._elide:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def _recolour(self) -> None:
        # Which of the two a label uses depends on the ground it stands on.
        set_colours(self, {QPalette.ColorRole.WindowText: "muted", QPalette.ColorRole.Text: "muted"})

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._recolour()
        super().changeEvent(event)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(20, hint.height()) if self._elide else hint

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._elide:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        elided = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, elided)


class Badge(QWidget):
    """A word on a tinted ground, as SEEN; the colours are named by the theme."""

    def __init__(self, text: str = "", tone: str = "neutral", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._tone = text, tone
        self.setFont(font(self.font(), step=-1.5, bold=True))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def set(self, text: str, tone: str) -> None:
        """Change the word and its colours."""
        self._text, self._tone = text, tone
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        """The word."""
        return self._text

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text) + 12, metrics.height() + 3)

    def paintEvent(self, _event: QPaintEvent) -> None:
        paint_badge(QPainter(self), self, self._text, self._tone, theme_of(self.palette()))


def paint_badge(painter: QPainter, widget: QWidget, text: str, tone: str, theme: Theme) -> None:
    """Paint a badge over a whole widget."""
    ground, ink = getattr(theme, tone)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ground))
    painter.drawRoundedRect(widget.rect(), 4, 4)
    painter.setPen(QColor(ink))
    painter.drawText(widget.rect(), Qt.AlignmentFlag.AlignCenter, text)


class Panel(QWidget):
    """Title, an optional badge and explanation, and content below.

    Parameters
    ----------
    title : str
        The heading; also the accessible name.
    explanation : str
        One line in the quieter colour.
    badge : (str, str) or None
        A word and the theme's name for its colours.
    """

    def __init__(
        self,
        title: str,
        *,
        explanation: str = "",
        badge: tuple[str, str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self.palette().ColorRole.Base)
        self.title = ShortLabel(title, least=_TITLE)
        self.title.setFont(font(self.font(), step=0.5, bold=True))
        self.explanation = Muted(explanation)
        self.explanation.setFont(font(self.font(), step=-0.5))
        self.explain(explanation)
        self.header = QHBoxLayout()
        self.header.setSpacing(8)
        self.header.addWidget(self.title)
        if badge is not None:
            self.header.addWidget(Badge(*badge))
        self.header.addStretch(1)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(6)
        layout.addLayout(self.header)
        layout.addWidget(self.explanation)
        layout.addLayout(self.body, 1)

    def explain(self, text: str) -> None:
        """Change the line under the title; a capital begins it."""
        text = text[:1].upper() + text[1:]
        self.explanation.setText(text)
        self.explanation.setToolTip(text)
        self.explanation.setVisible(bool(text))
