"""The colour bar: what the colours of the wells mean."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from app.colouring import Colouring
from app.numbers import integer, number
from app.theme import font, theme_of
from app.views.scale_editor import ScaleEditor, map_image
from app.well_colours import WellColours

__all__ = ["Legend"]

_BAR = 9
_SWATCH = 9
_ARROW = 6
_MARKS = (("none", "no value"), ("-", "negative control"), ("+", "positive"), ("gap", "not in file"))


class Legend(QWidget):
    """A gradient with its limits, or swatches with the names of categories; and what an empty place means.

    Parameters
    ----------
    colours : WellColours or None
        Lets the user change the limits and the colours; None shows them only.
    """

    def __init__(self, colours: WellColours | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Colour bar")
        self.setFont(font(self.font(), step=-1))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._colouring: Colouring | None = None
        self._colours = colours
        self.button = QToolButton(self)
        self.button.setText("Scale…")
        self.button.setAutoRaise(True)
        self.button.setAccessibleName("Colour scale")
        self.button.setToolTip("Limits and colours of the scale")
        self.button.clicked.connect(self.edit_scale)
        self.button.hide()

    def set_colouring(self, colouring: Colouring | None) -> None:
        """Explain these colours."""
        self._colouring = colouring
        told = (
            "" if colouring is None else "\n".join(part for part in (colouring.title, _beyond(colouring)) if part)
        )
        self.setAccessibleDescription(told)
        self.setToolTip(told)
        self.button.setVisible(self._colours is not None and colouring is not None and not colouring.entries)
        self.updateGeometry()
        self.update()

    @property
    def can_edit(self) -> bool:
        """Whether there are limits and colours to choose."""
        return not self.button.isHidden()

    def edit_scale(self) -> None:
        """Open the editor of limits and colours."""
        if self._colours is not None and self.can_edit:
            ScaleEditor(self._colours, lambda: self._colouring, self).show_beside(self.button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_button()
        if self.heightForWidth(self.width()) != self.height():
            # Layouts may have kept the height of another width.
            self.updateGeometry()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "button"):
            self._place_button()

    def _place_button(self) -> None:
        size = self.button.sizeHint()
        height = self.fontMetrics().height() + 4
        self.button.setGeometry(self.width() - size.width(), -2, size.width(), height)

    def heightForWidth(self, width: int) -> int:
        height = self.fontMetrics().height()
        if self._colouring is None:
            return 2 * height + 8
        if self._colouring.entries:
            return int(self._flow(width)[-1][0].bottom()) + height + 10
        return height + 8 + max(_BAR, height) + 8 + height

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(max(self.width(), 240)))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.heightForWidth(max(self.width(), 160)))

    def _flow(self, width: int) -> list[tuple[QRectF, str, str]]:
        metrics = self.fontMetrics()
        height = metrics.height()
        x, y = 0.0, height + 4.0
        placed = []
        for text, colour in self._colouring.entries if self._colouring else ():
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, 150)
            advance = _SWATCH + 5 + metrics.horizontalAdvance(shown) + 12
            if x > 0 and x + advance > width:
                x, y = 0.0, y + height + 2
            placed.append((QRectF(x, y, advance, height), shown, colour))
            x += advance
        return placed

    def paintEvent(self, _event: QPaintEvent) -> None:
        self.paint(QPainter(self))

    def paint(self, painter: QPainter) -> None:
        """Paint the colour bar, on itself or anywhere else."""
        if self._colouring is None:
            return
        painter.setFont(self.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = theme_of(self.palette())
        height = self.fontMetrics().height()
        painter.setPen(QColor(theme.muted))
        room = self.width() - (0 if self.button.isHidden() else self.button.width() + 6)
        title = self.fontMetrics().elidedText(self._colouring.title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(0, 0, room, height), Qt.AlignmentFlag.AlignLeft, title)
        if self._colouring.entries:
            for rect, text, colour in self._flow(self.width()):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colour))
                swatch = QRectF(rect.left(), rect.center().y() - _SWATCH / 2, _SWATCH, _SWATCH)
                painter.drawRoundedRect(swatch, 2, 2)
                painter.setPen(QColor(theme.text))
                painter.drawText(rect.adjusted(_SWATCH + 5, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)
        elif self._colouring.limits is not None:
            self._paint_bar(painter, height + 4)
        self._paint_marks(painter)

    def _paint_bar(self, painter: QPainter, top: int) -> None:
        assert self._colouring is not None
        assert self._colouring.limits is not None
        theme = theme_of(self.palette())
        metrics = self.fontMetrics()
        low, high = self._colouring.limits
        left = metrics.horizontalAdvance(low) + 8
        right = self.width() - metrics.horizontalAdvance(high) - 8
        below, above = self._colouring.beyond
        # Both ends give way to the arrows, so that a bar with one of them keeps its middle.
        give = _ARROW + 2 if below or above else 0
        bar = QRectF(left + give, top + (metrics.height() - _BAR) / 2, max(right - left - 2 * give, 20), _BAR)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(bar, map_image(self._colouring.colours))
        table = self._colouring.colours.table
        painter.setPen(Qt.PenStyle.NoPen)
        for wells, x, way, colour in (
            (below, bar.left() - 1, -1, table[0]),
            (above, bar.right() + 1, 1, table[255]),
        ):
            if wells:
                painter.setBrush(QColor(*(int(v) for v in colour)))
                tip = QPointF(x + way * _ARROW, bar.center().y())
                painter.drawPolygon(QPolygonF([QPointF(x, bar.top()), tip, QPointF(x, bar.bottom())]))
        painter.setPen(QColor(theme.text))
        line = QRectF(0, top, self.width(), metrics.height())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, low)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, high)
        scale = self._colouring.scale
        if scale is not None and scale.centre is not None:
            middle = bar.center().x()
            painter.drawLine(QLineF(middle, bar.top() - 2, middle, bar.bottom() + 2))

    def _paint_marks(self, painter: QPainter) -> None:
        theme = theme_of(self.palette())
        metrics = self.fontMetrics()
        middle = self.height() - metrics.height() / 2 - 1
        x = 0.0
        for mark, text in _MARKS:
            if x + _SWATCH + 5 + metrics.horizontalAdvance(text) > self.width():
                break
            box = QRectF(x, middle - _SWATCH / 2, _SWATCH, _SWATCH)
            if mark == "gap":
                painter.setPen(QPen(QColor(theme.line), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 1.5, 1.5)
            else:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(theme.no_value))
                painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 2, 2)
            if mark in "-+":
                painter.setPen(QPen(QColor(theme.text), 1.2))
                centre = box.center()
                painter.drawLine(QLineF(centre.x() - 2.5, centre.y(), centre.x() + 2.5, centre.y()))
                if mark == "+":
                    painter.drawLine(QLineF(centre.x(), centre.y() - 2.5, centre.x(), centre.y() + 2.5))
            painter.setPen(QColor(theme.muted))
            painter.drawText(
                QRectF(x + _SWATCH + 5, middle - metrics.height() / 2, 200, metrics.height()),
                Qt.AlignmentFlag.AlignVCenter,
                text,
            )
            x += _SWATCH + 5 + metrics.horizontalAdvance(text) + 12


def _beyond(colouring: Colouring) -> str:
    """How many wells the colour bar does not reach, in words."""
    told = []
    if colouring.scale is not None:
        below, above = reversed(colouring.beyond) if colouring.scale.reverse else colouring.beyond
        for wells, way, limit in ((below, "below", colouring.scale.low), (above, "above", colouring.scale.high)):
            if wells:
                told.append(f"{integer(wells)} well{'' if wells == 1 else 's'} {way} {number(limit)}")
        if colouring.scale.centre is not None:
            told.append(f"middle at {number(colouring.scale.centre)}")
    if colouring.unplaced:
        told.append(f"{integer(colouring.unplaced)} not above 0, without a place on a logarithmic scale")
    return ", ".join(told)
