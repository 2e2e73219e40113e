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

from app.records import Candidate, Measured, Molecule
from app.structures import Structures
from app.theme import Theme, font, theme_of
from app.views.words import dose_text, plural

__all__ = ["Card", "CardDelegate", "CardModel", "candidate_card", "measured_card"]

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
    origin : str
        Where it was measured.
    """

    molecule: Molecule
    head: str
    figure: str
    detail: str
    own: str
    origin: str = ""

    @property
    def mechanism(self) -> str:
        return self.molecule.mechanism or "mechanism unknown"


def candidate_card(candidate: Candidate) -> Card:
    """Card of a predicted candidate."""
    return Card(
        molecule=candidate.molecule,
        head=f"{candidate.rank}",
        figure=f"score {candidate.score:.3f}",
        detail=f"at {dose_text(candidate.dose)}" if candidate.dose is not None else "",
        own="in these wells" if candidate.own else "",
    )


def measured_card(measured: Measured, place: int) -> Card:
    """Card of a measured treatment."""
    return Card(
        molecule=measured.molecule,
        head=f"{place}",
        figure=f"similarity {measured.similarity:.3f}",
        detail=dose_text(measured.dose),
        own="same molecule" if measured.own else "",
        origin=f"{plural(measured.n_wells, 'well')}, {measured.origin}",
    )


class CardModel(QAbstractListModel):
    """A list of cards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: tuple[Card, ...] = ()

    def set_cards(self, cards: tuple[Card, ...]) -> None:
        """Show other cards."""
        self.beginResetModel()
        self._cards = cards
        self.endResetModel()

    @property
    def cards(self) -> tuple[Card, ...]:
        return self._cards

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
            words = (f"number {card.head}", card.molecule.name, card.figure, card.detail, card.mechanism)
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
    lines[1:1] = [line for line in (card.own, card.origin) if line]
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
        self.size = QSize(200, 232)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return self.size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        card: Card = index.data(CARD)
        widget: QWidget = option.widget  # type: ignore[attr-defined]
        theme = theme_of(widget.palette())
        state = option.state  # type: ignore[attr-defined]
        rect = QRectF(option.rect).adjusted(3, 3, -3, -3)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, rect, card, theme, state)
        inner = rect.adjusted(10, 8, -10, -8).toRect()
        lines = 3 * QFontMetrics(widget.font()).height() + 10
        if self._wide:
            picture = QRect(inner.left() - 4, inner.top() - 2, int(inner.width() * 0.36), inner.height() + 4)
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

    def _paint_structure(
        self, painter: QPainter, rect: QRect, card: Card, theme: Theme, widget: QWidget
    ) -> None:
        ratio = widget.devicePixelRatioF()
        pixmap = self._structures.pixmap(card.molecule.smiles, rect.size(), scale=ratio, dark=theme.dark)
        if pixmap is not None and not pixmap.isNull():
            painter.drawPixmap(rect.topLeft(), pixmap)
        elif pixmap is not None:
            painter.setPen(QColor(theme.muted))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "no structure")

    def _paint_words(
        self, painter: QPainter, rect: QRect, card: Card, theme: Theme, widget: QWidget
    ) -> None:
        badge, tone, _ = _seen(card.molecule)
        line = rect.height() // 3
        top = QRect(rect.left(), rect.top(), rect.width(), line)
        painter.setFont(font(widget.font(), step=-1))
        painter.setPen(QColor(theme.muted))
        advance = painter.fontMetrics().horizontalAdvance(card.head)
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, card.head)
        right = 0
        if badge:
            small = font(widget.font(), step=-2, bold=True)
            right = QFontMetrics(small).horizontalAdvance(badge) + 10
            box = QRect(top.right() - right + 1, top.top() + 1, right, line - 3)
            _paint_tag(painter, box, badge, getattr(theme, tone), small)
        painter.setFont(font(widget.font(), bold=True))
        painter.setPen(QColor(theme.text))
        _paint_elided(painter, top.adjusted(advance + 6, 0, -right - 6, 0), card.molecule.name or "unnamed")
        painter.setFont(widget.font())
        middle = top.translated(0, line)
        _paint_elided(painter, middle, card.figure)
        words = [word for word in (card.detail, card.mechanism) if word]
        last = top.translated(0, 2 * line)
        if card.own:
            used = painter.fontMetrics().horizontalAdvance(f"{card.figure}  ")
            painter.setPen(QColor(theme.seen[1]))
            painter.setFont(font(widget.font(), step=-0.5, bold=True))
            wide = painter.fontMetrics().horizontalAdvance(card.own)
            if used + wide <= middle.width():
                painter.drawText(middle.adjusted(used, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, card.own)
            else:
                _paint_elided(painter, last, card.own)
                words, last = words[:1], last.adjusted(wide + 6, 0, 0, 0)
        painter.setFont(font(widget.font(), step=-0.5))
        painter.setPen(QColor(theme.muted))
        _paint_elided(painter, last, " · ".join(words))


def _paint_elided(painter: QPainter, rect: QRect, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, shown)


def _paint_tag(painter: QPainter, rect: QRect, text: str, tone: tuple[str, str], small: object) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tone[0]))
    painter.drawRoundedRect(rect, 4, 4)
    painter.setPen(QColor(tone[1]))
    painter.setFont(small)  # type: ignore[arg-type]
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
