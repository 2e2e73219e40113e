"""Several plates side by side, of which only those in sight are made and painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from app.colouring import Colouring
from app.open_plate import OpenPlate
from app.views.plate_tile import PlateTile, tile_has_heads, tile_size
from app.views.scroll_bar import SlimScrollBar
from app.workspace import Rows

__all__ = ["PlatePlace", "PlateWall"]

_GAP = 10
SMALLEST, LARGEST = 120, 900
_USUAL = 300
# All plates are made to fit while they stay legible so, and not larger than that.
_LEGIBLE, _LARGE = 240, 640
# Plates made before the window answers again.
_AT_ONCE = 6


@dataclass(frozen=True, eq=False)
class PlatePlace:
    """One physical plate of an open file.

    Parameters
    ----------
    plate : OpenPlate
    barcode : int
    title, subtitle : str
    """

    plate: OpenPlate
    barcode: int
    title: str
    subtitle: str

    @cached_property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        size = self.plate.format(self.barcode)
        return size.rows, size.columns

    @property
    def key(self) -> tuple[str, str, int]:
        """What tells it from all others."""
        return self.plate.path, self.plate.token, self.barcode


class PlateWall(QScrollArea):
    """Plates in rows, as many to a row as there is room for.

    Signals
    -------
    selected(OpenPlate, int, rows)
        The user selected wells on a plate.
    chosen(OpenPlate, int)
        The user wants a plate in the other views.
    replicates_wanted()
    tile_width_changed(int)

    Parameters
    ----------
    colouring : callable
        Colours of the wells of a file.
    selection : callable
        Selected rows of a file.
    """

    selected = Signal(object, int, object)
    chosen = Signal(object, int)
    replicates_wanted = Signal()
    tile_width_changed = Signal(int)

    def __init__(
        self,
        colouring: Callable[[OpenPlate], Colouring],
        selection: Callable[[OpenPlate], Rows],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Plates side by side")
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBar(SlimScrollBar())
        self._colouring, self._selection = colouring, selection
        self._places: tuple[PlatePlace, ...] = ()
        self._rects: list[QRect] = []
        self._tiles: dict[tuple[str, str, int], PlateTile] = {}
        self._current: tuple[str, str, int] | None = None
        self._tile_width = _USUAL
        self._fits = True
        self._canvas = QWidget()
        self._canvas.setBackgroundRole(self.palette().ColorRole.Base)
        self._bring = False
        self._more = QTimer(self, singleShot=True, interval=0)
        self._more.timeout.connect(self._make_visible)
        self.setWidget(self._canvas)
        self.verticalScrollBar().valueChanged.connect(self._make_visible)

    # What is shown --------------------------------------------------------------------------------------

    def set_places(self, places: Sequence[PlatePlace]) -> None:
        """Show these plates, in this order."""
        keys = {place.key for place in places}
        for key in self._tiles.keys() - keys:
            self._drop(key)
        self._places = tuple(places)
        self._lay_out()

    @property
    def places(self) -> tuple[PlatePlace, ...]:
        """The plates that are shown."""
        return self._places

    @property
    def tile_width(self) -> int:
        """Width of a plate."""
        return self._tile_width

    def set_tile_width(self, width: int) -> None:
        """Show all plates larger or smaller, with what was in the middle still there."""
        width = min(max(width, SMALLEST), LARGEST)
        self._fits = False
        self._take_width(width)

    @property
    def fits(self) -> bool:
        """Whether plates are as large as the room allows for all of them."""
        return self._fits

    def fit(self) -> None:
        """Show plates as large as the room allows for all of them, now and when it changes."""
        self._fits = True
        self._lay_out()

    def _fitting_width(self) -> int:
        """The largest width with which all plates are in sight; the usual one where they would be too small."""
        width, height = self.viewport().width(), self.viewport().height()
        if not self._places:
            return self._tile_width
        shape = max((place.shape for place in self._places), key=lambda shape: shape[0] / shape[1])
        best = 0
        for across in range(1, len(self._places) + 1):
            tile = min((width - (across - 1) * _GAP) // across, _LARGE)
            if tile < _LEGIBLE:
                break
            room = (height + _GAP) // -(-len(self._places) // across) - _GAP
            while tile >= _LEGIBLE and tile_size(tile, *shape, self.fontMetrics()).height() > room:
                tile -= 8
            best = max(best, tile)
        return best if best >= _LEGIBLE else _USUAL

    def _take_width(self, width: int) -> None:
        if width == self._tile_width:
            return
        bar = self.verticalScrollBar()
        middle = (bar.value() + self.viewport().height() / 2) / max(self._canvas.height(), 1)
        self._tile_width = width
        had_focus = self.has_focus()
        for key in list(self._tiles):
            self._drop(key)
        self._lay_out()
        bar.setValue(round(middle * self._canvas.height() - self.viewport().height() / 2))
        if had_focus:
            self.show_current()
            self.focus_current()
        self.tile_width_changed.emit(width)

    def tile(self, index: int) -> PlateTile | None:
        """The plate at a place of the order; None until it comes into sight."""
        return self._tiles.get(self._places[index].key)

    @property
    def is_filling(self) -> bool:
        """Whether plates in sight are still to be made."""
        return self._more.isActive()

    def tiles(self) -> tuple[PlateTile, ...]:
        """The plates that have been in sight."""
        return tuple(self._tiles.values())

    def recolour(self) -> None:
        """Take the colours anew."""
        for tile in self._tiles.values():
            tile.map.set_colouring(self._colouring(tile.plate))

    def reselect(self) -> None:
        """Take the selections anew."""
        for tile in self._tiles.values():
            tile.map.set_value(self._selection(tile.plate))

    def set_current(self, plate: OpenPlate | None, barcode: int) -> None:
        """Mark the plate that the other views show, and bring it into sight."""
        self._current = (plate.path, plate.token, barcode) if plate is not None else None
        for key, tile in self._tiles.items():
            tile.set_current(key == self._current)
        self._share_focus()
        self.show_current()

    def show_current(self) -> None:
        """Bring the current plate into sight, now or as soon as there is one."""
        self._bring = not self.isVisible()
        for place, rect in zip(self._places, self._rects, strict=True):
            if place.key == self._current:
                top, bottom = rect.top() - _GAP, rect.bottom() + _GAP
                bar, height = self.verticalScrollBar(), self.viewport().height()
                if top < bar.value():
                    bar.setValue(top)
                elif bottom > bar.value() + height:
                    bar.setValue(min(bottom - height, top))

    def _current_in_sight(self, height: int) -> bool:
        top = self.verticalScrollBar().value()
        return any(
            place.key == self._current and rect.top() < top + height and rect.bottom() > top
            for place, rect in zip(self._places, self._rects, strict=True)
        )

    def has_focus(self) -> bool:
        """Whether one of the plates has the keyboard."""
        return any(tile.map.hasFocus() for tile in self._tiles.values())

    def focus_current(self) -> None:
        """Give the keyboard to the current plate."""
        tile = self._tiles.get(self._current) if self._current is not None else None
        if tile is not None:
            tile.map.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _share_focus(self) -> None:
        # Two stops of the Tab key of which one hands on to the other would hold Shift+Tab up.
        policy = Qt.FocusPolicy.NoFocus if self._current in self._tiles else Qt.FocusPolicy.StrongFocus
        self.setFocusPolicy(policy)

    # Laying out -----------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        fitting = self._fitting_width() if self._fits else self._tile_width
        if fitting != self._tile_width:
            self._tile_width = fitting
            self.tile_width_changed.emit(fitting)
        width = max(self.viewport().width(), SMALLEST)
        across = max(1, (width + _GAP) // (self._tile_width + _GAP))
        # All of the width is used, as long as plates do not grow by more than a little.
        # Fitting plates would be too high if they grew.
        growth = 1.0 if self._fits and self._tile_width != _USUAL else 1.35
        tile = min((width - (across - 1) * _GAP) // across, round(self._tile_width * growth), width)
        self._rects = []
        y = 0
        for start in range(0, len(self._places), across):
            sizes = []
            for place in self._places[start : start + across]:
                sizes.append(tile_size(tile, *place.shape, self.fontMetrics()))
            height = max(size.height() for size in sizes)
            self._rects += [QRect(QPoint(i * (tile + _GAP), y), QSize(tile, height)) for i in range(len(sizes))]
            y += height + _GAP
        self._canvas.resize(width, max(y - _GAP, 0))
        for place, rect in zip(self._places, self._rects, strict=True):
            made = self._tiles.get(place.key)
            if made is not None and made.width() != rect.width():
                # Whether there is room for heads may be another matter now.
                self._drop(place.key)
            elif made is not None:
                made.setGeometry(rect)
        self._make_visible()

    def _make_visible(self) -> None:
        if not self.isVisible():
            return
        sight = QRect(0, self.verticalScrollBar().value(), self._canvas.width(), self.viewport().height())
        made = 0
        for place, rect in zip(self._places, self._rects, strict=True):
            if place.key in self._tiles or not rect.intersects(sight):
                continue
            if made == _AT_ONCE:
                self._more.start()
                return
            self._make(place, rect)
            made += 1

    def _make(self, place: PlatePlace, rect: QRect) -> None:
        plate, barcode = place.plate, place.barcode
        heads = tile_has_heads(rect.width(), place.shape[1])
        tile = PlateTile(plate, barcode, place.title, place.subtitle, heads, self._canvas)
        tile.map.set_colouring(self._colouring(plate))
        tile.map.set_value(self._selection(plate))
        tile.map.selection_changed.connect(lambda rows: self.selected.emit(plate, barcode, rows))
        tile.map.replicates_wanted.connect(self.replicates_wanted)
        tile.chosen.connect(lambda: self.chosen.emit(plate, barcode))
        tile.set_current(place.key == self._current)
        tile.setGeometry(rect)
        tile.show()
        # Made last, it would be the last stop of the window.
        QWidget.setTabOrder(self.verticalScrollBar(), tile.map)
        self._tiles[place.key] = tile
        self._share_focus()

    def _drop(self, key: tuple[str, str, int]) -> None:
        tile = self._tiles.pop(key)
        tile.hide()
        tile.deleteLater()
        self._share_focus()

    # Events ---------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        followed = self._bring or self._current_in_sight(event.oldSize().height())
        self._lay_out()
        if followed:
            self.show_current()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._make_visible()
        if self._bring:
            self.show_current()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_current()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            steps = float(np.clip(event.angleDelta().y() / 120, -3, 3))
            self.set_tile_width(round(self._tile_width * 1.15**steps))
            event.accept()
        else:
            super().wheelEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_canvas"):
            self._lay_out()
