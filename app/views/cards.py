"""Structure cards: the model of a list of them, and how one is painted."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.numbers import fixed
from app.records import Candidate, Measured, Molecule
from app.structures import Structures
from app.theme import Theme, font, theme_of
from app.views.words import dose_text, nearest_text, plural

__all__ = ["Card", "CardDelegate", "CardModel", "candidate_card", "measured_card", "shown_figure"]

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
CARD = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Card:
    """One structure and the lines beside it.

    Parameters
    ----------
    head : str
        What stands before the name, as a rank.
    figure : str
        The number that ranks it, with its name.
    detail : str
        Dose and the like.
    own : str
        How it is related to the molecule that the selected wells hold, "" where it is not.
    foot : str
        Where it was measured, or what in the training data is most like it.
    short_foot : str
        The same as the card has room for.
    note : str
        The same at length, for the tip.
    outside : bool
        Whether it is unlike anything in the training data.
    """

    molecule: Molecule
    head: str
    figure: str
    detail: str
    own: str
    foot: str = ""
    short_foot: str = ""
    note: str = ""
    outside: bool = False

    @property
    def mechanism(self) -> str:
        return self.molecule.mechanism or "mechanism unknown"


def candidate_card(candidate: Candidate) -> Card:
    """Card of a predicted candidate."""
    # A molecule that was trained on is its own nearest.
    nearest = candidate.nearest if not candidate.molecule.seen else None
    return Card(
        molecule=candidate.molecule,
        head=f"{candidate.rank}",
        # With a kernel head scores are small: three decimals make a third of the best neighbours equal.
        figure=f"score {fixed(candidate.score, 4)}",
        detail=f"at {dose_text(candidate.dose)}" if candidate.dose is not None else "",
        own="in these wells" if candidate.own else "",
        foot=f"nearest trained {fixed(nearest.similarity, 2)} {nearest.name}" if nearest else "",
        short_foot=f"nearest {fixed(nearest.similarity, 2)} {nearest.name}" if nearest else "",
        note=nearest_text(nearest) if nearest else "",
        outside=nearest is not None and nearest.outside,
    )


def measured_card(measured: Measured, place: int) -> Card:
    """Card of a measured treatment."""
    return Card(
        molecule=measured.molecule,
        head=f"{place}",
        figure=f"similarity {fixed(measured.similarity, 3)}",
        detail=dose_text(measured.dose),
        own="same molecule" if measured.own else "",
        foot=f"{plural(measured.n_wells, 'well')}, {measured.origin}",
        # Of which model is in the tip, and the same for all of them.
        short_foot=f"{plural(measured.n_wells, 'well')}, {measured.origin.partition(' of ')[0]}",
        note=f"{plural(measured.n_wells, 'well')}, {measured.origin}",
    )


class CardModel(QAbstractListModel):
    """A list of cards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: tuple[Card, ...] = ()

    def set_cards(self, cards: tuple[Card, ...]) -> bool:
        """Show other cards, or more on the same ones; whether they are others."""
        other = [card.molecule.key for card in cards] != [card.molecule.key for card in self._cards]
        if other:
            self.beginResetModel()
            self._cards = cards
            self.endResetModel()
        elif cards:
            # What is selected stays so.
            self._cards = cards
            self.dataChanged.emit(self.index(0), self.index(len(cards) - 1))
        return other

    @property
    def cards(self) -> tuple[Card, ...]:
        return self._cards

    def flags(self, index: _Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._cards)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        card = self._cards[index.row()]
        if role == CARD:
            return card
        if role == Qt.ItemDataRole.DisplayRole:
            return card.molecule.name or card.molecule.smiles
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = (
                f"number {card.head}",
                card.molecule.name,
                card.figure,
                card.detail,
                card.mechanism,
                card.foot,
            )
            return ", ".join(word for word in (*words, _seen(card.molecule)[0]) if word)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tooltip(card)
        return None


def _seen(molecule: Molecule) -> tuple[str, str, str]:
    """Badge, its tone and what it means."""
    if molecule.seen is None:
        return "", "neutral", ""
    if molecule.seen:
        return "SEEN", "seen", "the model was trained on this molecule"
    return "UNSEEN", "unseen", "the model was never trained on this molecule"


def _tooltip(card: Card) -> str:
    lines = [card.molecule.name or "unnamed", f"{card.figure} {card.detail}".strip(), card.mechanism]
    lines += [line for line in (_seen(card.molecule)[2], card.molecule.smiles) if line]
    lines[1:1] = [line for line in (card.own, card.note) if line]
    return "\n".join(lines)


class CardDelegate(QStyledItemDelegate):
    """Paints cards; structures come from the drawing engine when they are first on screen.

    Parameters
    ----------
    structures : Structures
        Where the pictures come from.
    wide : bool
        Whether the lines stand beside the structure rather than below it.
    """

    def __init__(self, structures: Structures, *, wide: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._structures = structures
        self._wide = wide
        self.lines = 5
        self.size = QSize(200, 232)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        return self.size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        card: Card = index.data(CARD)
        widget: QWidget = option.widget
        theme = theme_of(widget.palette())
        state = option.state
        rect = QRectF(option.rect).adjusted(3, 3, -3, -3)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, rect, card, theme, state)
        inner = rect.adjusted(10, 8, -10, -8).toRect()
        lines = self.lines * (QFontMetrics(widget.font()).height() + 3)
        if self._wide:
            picture = QRect(
                inner.left() - 4,
                inner.top() - 2,
                int(inner.width() * (0.36 if inner.width() > 220 else 0.28)),
                inner.height() + 4,
            )
            text = inner.adjusted(picture.width() + 4, 0, 0, 0)
            text.setTop(inner.top() + max(0, (inner.height() - lines) // 2))
        else:
            picture = inner.adjusted(-4, 0, 4, -lines - 4)
            text = QRect(inner.left(), inner.bottom() - lines + 1, inner.width(), lines)
        self._paint_structure(painter, picture, card, theme, widget)
        self._paint_words(painter, text, card, theme, widget)
        painter.restore()

    def _paint_ground(
        self, painter: QPainter, rect: QRectF, card: Card, theme: Theme, state: QStyle.StateFlag
    ) -> None:
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        hover = bool(state & QStyle.StateFlag.State_MouseOver)
        edge = theme.accent if chosen else theme.seen[1] if card.own else theme.muted if hover else theme.line
        painter.setPen(QPen(QColor(edge), 2 if chosen or card.own else 1))
        painter.setBrush(QColor(theme.tint if chosen else theme.base))
        painter.drawRoundedRect(rect, 7, 7)

    def _paint_structure(self, painter: QPainter, rect: QRect, card: Card, theme: Theme, widget: QWidget) -> None:
        ratio = widget.devicePixelRatioF()
        pixmap = self._structures.pixmap(
            card.molecule.smiles, rect.size(), scale=ratio, dark=theme.dark, marked=True
        )
        if pixmap is not None and not pixmap.isNull():
            painter.drawPixmap(rect.topLeft(), pixmap)
        elif pixmap is not None:
            painter.setPen(QColor(theme.muted))
            text = "cannot be drawn" if card.molecule.smiles else "no structure"
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_words(self, painter: QPainter, rect: QRect, card: Card, theme: Theme, widget: QWidget) -> None:
        height = rect.height() // self.lines
        line = [QRect(rect.left(), rect.top() + i * height, rect.width(), height) for i in range(self.lines)]
        self._paint_name(painter, line[0], card, theme, widget)
        figure = line[1].adjusted(0, 0, -self._paint_badge(painter, line[1], card, theme, widget), 0)
        painter.setFont(widget.font())
        painter.setPen(QColor(theme.text))
        _paint_elided(painter, figure, shown_figure(card, painter.fontMetrics(), figure.width()))
        dose = line[2]
        if card.own:
            painter.setFont(font(widget.font(), step=-0.5, bold=True))
            painter.setPen(QColor(theme.seen[1]))
            _paint_elided(painter, dose, card.own)
            dose = dose.adjusted(painter.fontMetrics().horizontalAdvance(card.own) + 6, 0, 0, 0)
        painter.setFont(font(widget.font(), step=-0.5))
        painter.setPen(QColor(theme.muted))
        whole = painter.fontMetrics().horizontalAdvance(card.detail) <= dose.width()
        _paint_elided(painter, dose, card.detail if whole else card.detail.removeprefix("at "))
        below = line[3] if card.short_foot else line[3].united(line[4])
        _paint_wrapped(painter, below, card.mechanism, 1 if card.short_foot else 2)
        if card.outside:
            painter.setPen(QColor(theme.warning[2]))
        _paint_elided(painter, line[-1], card.short_foot)

    def _paint_name(self, painter: QPainter, line: QRect, card: Card, theme: Theme, widget: QWidget) -> None:
        painter.setFont(font(widget.font(), step=-1))
        painter.setPen(QColor(theme.muted))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, card.head)
        room = line.adjusted(painter.fontMetrics().horizontalAdvance(card.head) + 6, 0, 0, 0)
        name = card.molecule.name or "unnamed"
        painter.setPen(QColor(theme.text))
        painter.setFont(font(widget.font(), bold=True))
        if painter.fontMetrics().horizontalAdvance(name) > room.width():
            # A step smaller a name of 22 letters is still whole.
            painter.setFont(font(widget.font(), step=-1.5, bold=True))
        _paint_elided(painter, room, name)

    def _paint_badge(self, painter: QPainter, line: QRect, card: Card, theme: Theme, widget: QWidget) -> int:
        """Paint SEEN or UNSEEN at the end of a line: the room it takes."""
        text, tone, _ = _seen(card.molecule)
        if not text:
            return 0
        small = font(widget.font(), step=-2, bold=True)
        width = QFontMetrics(small).horizontalAdvance(text) + 10
        box = QRect(line.right() - width + 1, line.top() + 2, width, line.height() - 3)
        ground, ink = getattr(theme, tone)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(ink))
        painter.setFont(small)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        return width + 4


def shown_figure(card: Card, metrics: QFontMetrics, room: int) -> str:
    """The score or similarity; without its word where the room is short: the number is the telling part."""
    return card.figure if metrics.horizontalAdvance(card.figure) <= room else card.figure.rpartition(" ")[2]


def _paint_wrapped(painter: QPainter, rect: QRect, text: str, lines: int) -> None:
    """Paint a text over some lines, the rest of it elided on the last one."""
    metrics = painter.fontMetrics()
    height = rect.height() // lines
    words = text.split()
    for place in range(lines):
        taken = len(words)
        while (
            place < lines - 1 and taken > 1 and metrics.horizontalAdvance(" ".join(words[:taken])) > rect.width()
        ):
            taken -= 1
        at = QRect(rect.left(), rect.top() + place * height, rect.width(), height)
        _paint_elided(painter, at, " ".join(words[:taken]))
        words = words[taken:]


def _paint_elided(painter: QPainter, rect: QRect, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, shown)
