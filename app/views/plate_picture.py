"""One physical plate as a heat map, painted as one image."""

from __future__ import annotations

from html import escape

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.colouring import Colouring
from app.open_plate import OpenPlate
from app.theme import theme_of
from app.views.plate_heads import head_size, paint_heads
from app.views.plate_image import plate_grid, rings_image, wells_image
from app.views.words import well_text
from molphenix_core.plates.wells import row_label

__all__ = ["NO_ROWS", "PlatePicture"]

NO_ROWS = np.empty(0, dtype=np.intp)


class PlatePicture(QWidget):
    """Heat map of one physical plate, with what is selected and what is known of the well under the pointer.

    Parameters
    ----------
    heads : bool
        Whether rows and columns are named, where there is room.
    """

    def __init__(self, parent: QWidget | None = None, *, heads: bool = True) -> None:
        super().__init__(parent)
        self._heads = heads
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._plate: OpenPlate | None = None
        self._colouring: Colouring | None = None
        # Row of the plate's table at each position, -1 where no well was published or read.
        self._grid: NDArray[np.intp] = np.full((0, 0), -1, dtype=np.intp)
        self._selected = np.zeros((0, 0), dtype=bool)
        self._elsewhere = NO_ROWS
        self._image: QImage | None = None
        self._rings: QImage | None = None
        self._cursor = (0, 0)
        self._band: QRect | None = None
        self._hover: tuple[int, int] | None = None

    # What is shown --------------------------------------------------------------------------------------

    def set_plate(self, plate: OpenPlate | None, barcode: int) -> None:
        """Show one physical plate of a file."""
        self._plate = plate
        self._grid = np.full((0, 0), -1, dtype=np.intp) if plate is None else plate_grid(plate, barcode)
        self._selected = np.zeros(self._grid.shape, dtype=bool)
        self._cursor = (0, 0)
        self._image = self._rings = self._hover = self._band = None
        self.updateGeometry()
        self.update()

    def set_colouring(self, colouring: Colouring | None) -> None:
        """Paint the wells in these colours, one for each row of the plate's table."""
        self._colouring = colouring
        self._image = None
        self.update()

    def value(self) -> NDArray[np.intp]:
        """Selected rows of the plate's table."""
        return np.union1d(self._grid[self._selected], self._elsewhere)

    def set_value(self, rows: NDArray[np.intp]) -> None:
        """Show a selection."""
        self._selected = np.zeros(self._grid.shape, dtype=bool)
        self._elsewhere = NO_ROWS
        if self._plate is not None and len(rows):
            # By a mask: a sorted search for each of many plates would take a while.
            chosen = np.zeros(len(self._plate), dtype=bool)
            chosen[rows] = True
            self._selected = chosen[self._grid] & (self._grid >= 0)
            chosen[self._grid[self._selected]] = False
            self._elsewhere = np.flatnonzero(chosen)
        self._rings = None
        if self._selected.any() and not self._selected[self._cursor]:
            row, column = np.unravel_index(self._selected.argmax(), self._selected.shape)
            self._cursor = (int(row), int(column))
        self.update()

    # Geometry -------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(440, 310)

    def minimumSizeHint(self) -> QSize:
        return QSize(260, 180)

    def _layout(self) -> tuple[float, float, float]:
        """Left edge, top edge and side of the cells."""
        rows, columns = self._grid.shape
        head_width, head_height = head_size(self.fontMetrics()) if self._heads else (0, 0)
        side = min((self.width() - head_width) / max(columns, 1), (self.height() - head_height) / max(rows, 1))
        # Whole device pixels, so that all cells are equal and their edges sharp.
        ratio = self.devicePixelRatioF()
        side = max(np.floor(side * ratio) / ratio, 3.0)
        left = max(float(head_width), (self.width() - side * columns + head_width) / 2)
        return np.floor(left), float(head_height), float(side)

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where a position is painted."""
        left, top, side = self._layout()
        return QRectF(left + column * side, top + row * side, side, side)

    def _cell_at(self, point: QPointF | QPoint) -> tuple[int, int]:
        """Row and column at a point; -1 for a head, past the end beyond the plate."""
        left, top, side = self._layout()
        return int(np.floor((point.y() - top) / side)), int(np.floor((point.x() - left) / side))

    def _inside(self, cell: tuple[int, int]) -> bool:
        return 0 <= cell[0] < self._grid.shape[0] and 0 <= cell[1] < self._grid.shape[1]

    def _rectangle(self, a: tuple[int, int], b: tuple[int, int]) -> NDArray[np.bool_]:
        chosen = np.zeros(self._grid.shape, dtype=bool)
        (top, bottom), (left, right) = sorted((a[0], b[0])), sorted((a[1], b[1]))
        chosen[max(top, 0) : bottom + 1, max(left, 0) : right + 1] = True
        return chosen & (self._grid >= 0)

    def _within_band(self) -> NDArray[np.bool_]:
        if self._band is None:
            return np.zeros(self._grid.shape, dtype=bool)
        return self._rectangle(self._cell_at(self._band.topLeft()), self._cell_at(self._band.bottomRight()))

    # Painting -------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = theme_of(self.palette())
        if not self._grid.size:
            painter.setPen(QColor(theme.muted))
            text = "Open a plate to begin" if self._plate is None else "These wells have no plate positions"
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
            return
        left, top, side = self._layout()
        if self._heads:
            chosen = np.any(self._selected, axis=1), np.any(self._selected, axis=0)
            paint_heads(painter, chosen, QPointF(left, top), side, self.font(), theme)
        ratio = self.devicePixelRatioF()
        if self._image is None and self._plate is not None:
            pixels = round(side * ratio)
            self._image = wells_image(self._grid, self._colouring, self._plate.kind, pixels, ratio, theme)
        if self._image is not None:
            painter.drawImage(QPointF(left, top), self._image)
        self._paint_selection(painter)
        if self._band is not None:
            colour = QColor(theme.accent)
            painter.setPen(QPen(colour, 1))
            colour.setAlphaF(0.15)
            painter.setBrush(colour)
            painter.drawRect(QRectF(self._band).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_selection(self, painter: QPainter) -> None:
        theme = theme_of(self.palette())
        left, top, side = self._layout()
        ratio = self.devicePixelRatioF()
        chosen = self._selected if self._band is None else self._selected | self._within_band()
        if chosen.any():
            rings = self._rings if self._band is None else None
            if rings is None:
                rings = rings_image(chosen, round(side * ratio), ratio, theme)
            self._rings = rings if self._band is None else None
            painter.drawImage(QPointF(left, top), rings)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._hover is not None and self._band is None:
            painter.setPen(QPen(QColor(theme.accent), 1.2))
            painter.drawRoundedRect(self.cell_rect(*self._hover), side * 0.22, side * 0.22)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 1.4, Qt.PenStyle.DotLine))
            painter.drawRect(self.cell_rect(*self._cursor).adjusted(-1, -1, 1, 1))

    # Events ---------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._image = self._rings = None
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in {QEvent.Type.PaletteChange, QEvent.Type.FontChange}:
            self._image = self._rings = None
            self.update()
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            text = self.tooltip_at(event.pos())  # type: ignore[attr-defined]
            if text:
                QToolTip.showText(event.globalPos(), text, self)  # type: ignore[attr-defined]
            else:
                QToolTip.hideText()
            return True
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._image = self._rings = None
        return super().event(event)

    def tooltip_at(self, point: QPoint) -> str:
        """What is known of the well under a point, as rich text."""
        cell = self._cell_at(point)
        if self._plate is None or not self._inside(cell):
            return ""
        well = int(self._grid[cell])
        if well < 0:
            return f"<b>{row_label(cell[0])}{cell[1] + 1:02d}</b><br>not in this file"
        text = well_text(self._plate, well)
        if self._colouring is not None and self._colouring.label and not self._colouring.told:
            text += f"<br>{escape(self._colouring.described(well))}"
        return text
