"""The colour bar: what the colours of the wells mean."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.colouring import Colouring
from app.theme import SEQUENTIAL, font, theme_of

__all__ = ["Legend"]

_BAR = 9
_SWATCH = 9
_MARKS = (("none", "no value"), ("-", "negative control"), ("+", "positive"), ("gap", "not in file"))


class Legend(QWidget):
    """A gradient with its limits, or swatches with the names of categories; and what an empty place means."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Colour bar")
        self.setFont(font(self.font(), step=-1))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._colouring: Colouring | None = None

    def set_colouring(self, colouring: Colouring | None) -> None:
        """Explain these colours."""
        self._colouring = colouring
        self.setAccessibleDescription(colouring.title if colouring else "")
        self.updateGeometry()
        self.update()

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
        if self._colouring is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = theme_of(self.palette())
        height = self.fontMetrics().height()
        painter.setPen(QColor(theme.muted))
        painter.drawText(QRectF(0, 0, self.width(), height), Qt.AlignmentFlag.AlignLeft, self._colouring.title)
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
        row = np.ascontiguousarray(np.dstack([SEQUENTIAL[None], np.full((1, 256, 1), 255, np.uint8)]))
        image = QImage(row.data, 256, 1, 1024, QImage.Format.Format_RGBA8888).copy()
        bar = QRectF(left, top + (metrics.height() - _BAR) / 2, max(right - left, 20), _BAR)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(bar, image)
        painter.setPen(QColor(theme.text))
        line = QRectF(0, top, self.width(), metrics.height())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, low)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, high)

    def _paint_marks(self, painter: QPainter) -> None:
        theme = theme_of(self.palette())
        metrics = self.fontMetrics()
        middle = self.height() - metrics.height() / 2 - 1
        x = 0.0
        for mark, text in (
            ("none", "no value"),
            ("-", "negative control"),
            ("+", "positive"),
            ("gap", "not in file"),
        ):
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
                painter.drawRoundedRect(box, 2, 2)
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
