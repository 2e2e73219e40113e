"""A destination plate of a cherry pick: which wells fill, and which stay empty."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from app.cherry_pick import Transfer
from app.numbers import integer
from app.theme import font, theme_of
from molphenix_core.plates.wells import PlateFormat, parse_well, row_label, well_name

__all__ = ["PickPicture"]

_HEAD = 20


class PickPicture(QWidget):
    """The wells of one destination plate; a tip says what goes there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Destination plate")
        self.setMouseTracking(True)
        self.setMinimumSize(240, 170)
        self._format: PlateFormat | None = None
        self._filled: dict[tuple[int, int], Transfer] = {}
        self._skipped: frozenset[tuple[int, int]] = frozenset()

    def set_plate(
        self, plate: PlateFormat | None, transfers: Sequence[Transfer], skipped: Collection[str]
    ) -> None:
        """Show what goes onto one plate."""
        positions = {parse_well(t.destination_well): t for t in transfers}
        self._format = plate
        self._filled = {position: t for position, t in positions.items() if position is not None}
        self._skipped = frozenset(p for p in map(parse_well, skipped) if p is not None)
        self.setAccessibleDescription(
            f"{integer(len(self._filled))} wells are filled" if plate is not None else ""
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(330, 230)

    def _step(self) -> float:
        assert self._format is not None
        return min(
            (self.width() - _HEAD - 2) / self._format.columns, (self.height() - _HEAD - 2) / self._format.rows
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        plate = self._format
        if plate is None:
            return
        theme, step = theme_of(self.palette()), self._step()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_heads(painter, plate, step)
        painter.setPen(Qt.PenStyle.NoPen)
        gap = 1.0 if step > 6 else 0.5
        for row in range(plate.rows):
            for column in range(plate.columns):
                rect = QRectF(_HEAD + column * step, _HEAD + row * step, step, step).adjusted(gap, gap, -gap, -gap)
                if (row, column) in self._filled:
                    painter.setBrush(QColor(theme.accent))
                elif (row, column) in self._skipped:
                    painter.setBrush(QColor(theme.warning[1]))
                else:
                    painter.setBrush(QColor(theme.no_value))
                painter.drawRoundedRect(rect, step / 5, step / 5)

    def _paint_heads(self, painter: QPainter, plate: PlateFormat, step: float) -> None:
        """Names of some rows and columns: as many as stand apart."""
        painter.setPen(QColor(theme_of(self.palette()).muted))
        painter.setFont(font(self.font(), step=-2))
        every = next(n for n in (1, 2, 4, 6, 8, 12, 48) if n * step >= painter.fontMetrics().height() + 2)
        for row in range(0, plate.rows, every):
            rect = QRectF(0, _HEAD + row * step, _HEAD - 4, step)
            painter.drawText(
                rect.adjusted(0, -6, 0, 6),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                row_label(row),
            )
        for column in range(0, plate.columns, every):
            rect = QRectF(_HEAD + column * step, 0, step, _HEAD - 3)
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
            painter.drawText(rect.adjusted(-10, 0, 10, 0), flags, str(column + 1))

    def _tip_at(self, point: QPointF) -> str:
        if self._format is None:
            return ""
        step = self._step()
        position = int((point.y() - _HEAD) // step), int((point.x() - _HEAD) // step)
        if not (0 <= position[0] < self._format.rows and 0 <= position[1] < self._format.columns):
            return ""
        transfer = self._filled.get(position)
        if transfer is None:
            return f"{well_name(*position)}: {'skipped' if position in self._skipped else 'empty'}"
        source = f"{transfer.source_barcode} {transfer.source_well}"
        return "\n".join(filter(None, (f"{well_name(*position)}: from {source}", transfer.entry.name)))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._tip_at(QPointF(event.pos())), self)
            return True
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        return super().event(event)
