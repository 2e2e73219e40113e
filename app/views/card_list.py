"""A scrolling list or grid of structure cards."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QDrag, QResizeEvent
from PySide6.QtWidgets import QListView, QWidget

from app.dragging import molecules_mime
from app.records import Molecule
from app.structures import Structures
from app.views.cards import CARD, Card, CardDelegate, CardModel
from app.views.scroll_bar import SlimScrollBar

__all__ = ["CardList"]

_SMALLEST = 162
# A single card in a line would else be mostly picture.
_HIGHEST_PICTURE = 150


class CardList(QListView):
    """Cards in as many columns as fit, or one below the other.

    Parameters
    ----------
    structures : Structures
        Where the pictures come from.
    wide : bool
        One column, with the words beside the structure.

    Attributes
    ----------
    drag_data : callable
        What molecules are when they are dragged; who knows their doses may say more than that.
    """

    chosen = Signal(object)
    """The molecule of the current card."""
    selection_changed = Signal()
    """Other cards are selected."""

    def __init__(
        self, structures: Structures, *, name: str, wide: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._wide = wide
        self.cards = CardModel()
        self.setModel(self.cards)
        self._delegate = CardDelegate(structures, wide=wide, parent=self)
        self.setItemDelegate(self._delegate)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        # Ctrl and Shift add cards: what they have in common is worked out elsewhere.
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setDragEnabled(True)
        self.setDragDropMode(QListView.DragDropMode.DragOnly)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBar(SlimScrollBar())
        self.verticalScrollBar().setSingleStep(24)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(self.horizontalScrollBarPolicy().ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(self.verticalScrollBarPolicy().ScrollBarAlwaysOn)
        self.setMinimumWidth(_SMALLEST + 24)
        self.drag_data: Callable[[Sequence[Molecule]], QMimeData] = _without_doses
        structures.drawn.connect(self.viewport().update)
        self.selectionModel().currentChanged.connect(self._changed)
        self.selectionModel().selectionChanged.connect(self.selection_changed)

    def set_cards(self, cards: tuple[Card, ...]) -> None:
        """Show other cards, from the top."""
        if self.cards.set_cards(cards):
            self.scrollToTop()
            # The model tells nobody that with its rows their selection is gone.
            self.selection_changed.emit()

    def current(self) -> Molecule | None:
        """The molecule of the current card."""
        index = self.currentIndex()
        return index.data(CARD).molecule if index.isValid() else None

    def selected(self) -> list[Molecule]:
        """Molecules of the selected cards, from the top."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [self.cards.cards[row].molecule for row in rows]

    def startDrag(self, _actions: Qt.DropAction) -> None:
        """Drag the selected molecules: to a hit list, a filter or another program."""
        drag = QDrag(self)
        drag.setMimeData(self.drag_data(self.selected()))
        drag.exec(Qt.DropAction.CopyAction)

    def set_molecule(self, molecule: Molecule | None) -> None:
        """Mark the card of a molecule that was chosen elsewhere."""
        current = self.current()
        if current is not None and molecule is not None and current.key == molecule.key:
            return
        rows = [i for i, card in enumerate(self.cards.cards) if molecule and card.molecule.key == molecule.key]
        blocked = self.selectionModel().blockSignals(True)
        self.setCurrentIndex(self.cards.index(rows[0]) if rows else QModelIndex())
        if not rows:
            self.clearSelection()
        self.selectionModel().blockSignals(blocked)
        self.selection_changed.emit()
        self.viewport().update()

    def _changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(current.data(CARD).molecule)

    def _fit(self) -> None:
        line = self.fontMetrics().height()
        width = self.viewport().width() - 2
        if self._wide:
            size = QSize(max(width, _SMALLEST), self._delegate.lines * (line + 2) + 30)
        else:
            side = width // max(1, width // _SMALLEST)
            size = QSize(side, min(int(side * 0.62), _HIGHEST_PICTURE) + self._delegate.lines * (line + 3) + 28)
        if size != self._delegate.size:
            self._delegate.size = size
            self.setGridSize(size)
            self.scheduleDelayedItemsLayout()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            self._fit()
        super().changeEvent(event)


def _without_doses(molecules: Sequence[Molecule]) -> QMimeData:
    return molecules_mime([(molecule, None) for molecule in molecules])
