"""Candidates for the selected wells, predicted and measured, side by side."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from app.records import Own, Ranking
from app.structures import Structures
from app.theme import font
from app.views.card_list import CardList
from app.views.cards import candidate_card, measured_card
from app.views.message_bar import Banner, error_text
from app.views.panel import Muted, Panel
from app.views.splitter import Splitter
from app.views.words import activity_text, dose_text, ordinal, plural, selection_text
from app.workspace import Workspace

__all__ = ["Candidates", "own_text"]

_PREDICTED = "{}library molecules predicted to look like these wells"
_DISTANCE = (
    "The distance is that of these wells to the five nearest training treatments; its percentile is the share of "
    "training treatments that are as near, or nearer, to those of other molecules. Beyond the 95th, predictions "
    "are extrapolated."
)
_UNKNOWN_SPACE = "The model does not know the embedding space of this plate, so it predicts no candidates."
_MEASURED_STILL = "The nearest measured treatments are found all the same."


def own_text(own: Own) -> str:
    """Where the true molecule stands, beside chance."""
    if own.rank is None:
        return f"True molecule: {own.name}, not among the {own.of:,} molecules of this library"
    return (
        f"True molecule: {own.name}, rank {own.rank:g} of {own.of:,} (top {100 * own.rank / own.of:.2g} %), "
        f"chance median {own.chance_rank:g}"
    )


class _Pages(QWidget):
    """Some content, or a line that says why there is none."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._pages = QStackedLayout(self)
        self._text = Muted(wrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        # A long path or hash must not push the other parts of the window aside.
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._pages.addWidget(content)
        self._pages.addWidget(self._text)

    def set_text(self, text: str) -> None:
        """Show a text instead of the content; the content with an empty one."""
        self._text.setText(text)
        self._pages.setCurrentIndex(1 if text else 0)

    def text(self) -> str:
        return self._text.text() if self._pages.currentIndex() == 1 else ""


class Candidates(QWidget):
    """Both lists, the banner above them and the line about the wells' own molecule."""

    def __init__(self, workspace: Workspace, structures: Structures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Candidates")
        self._workspace = workspace
        self.headline = QLabel()
        self.headline.setFont(font(self.font(), step=2, bold=True))
        self.headline.setTextFormat(Qt.TextFormat.PlainText)
        self.headline.setWordWrap(True)
        self.subline = Muted()
        self.chance = QLabel()
        self.chance.setTextFormat(Qt.TextFormat.PlainText)
        self.chance.setWordWrap(True)
        self.chance.setAccessibleName("Chance")
        self.reach = Muted(wrap=True)
        self.reach.setAccessibleName("What the chance holds for")
        self.banner = Banner("warning")
        self.own_line = Banner("note")
        self.own_button = QToolButton()
        self.own_button.setText("Show")
        self.own_button.setAutoRaise(True)
        self.own_button.setToolTip("Show this molecule on the right, and in the lists where it is among them")
        self.own_button.setAccessibleName("Show the true molecule")
        self.own_button.clicked.connect(self._show_own)
        self.own_line.row.addWidget(self.own_button)
        self.predicted = CardList(structures, name="Predicted candidates")
        self.measured = CardList(structures, name="Nearest measured treatments", wide=True)
        self.predicted_pages, self.measured_pages = _Pages(self.predicted), _Pages(self.measured)
        self.predicted_panel = predicted = Panel(
            "Candidates", badge=("Predicted", "unseen"), explanation=_PREDICTED.format("")
        )
        predicted.body.addWidget(self.predicted_pages)
        measured = Panel(
            "Nearest measured treatments",
            badge=("Measured", "seen"),
            explanation="Measured wells that look like these",
        )
        measured.body.addWidget(self.measured_pages)
        self.splitter = Splitter(Qt.Orientation.Horizontal, (predicted, 3), (measured, 2))
        head = QWidget()
        head.setAutoFillBackground(True)
        head.setBackgroundRole(head.palette().ColorRole.Base)
        column = QVBoxLayout(head)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(5)
        column.addWidget(self.headline)
        column.addWidget(self.subline)
        column.addWidget(self.chance)
        column.addWidget(self.reach)
        column.addWidget(self.own_line)
        column.addWidget(self.banner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        layout.addWidget(head)
        layout.addWidget(self.splitter, 1)
        for cards in (self.predicted, self.measured):
            cards.chosen.connect(workspace.choose_molecule)
        workspace.ranking_changed.connect(self._update)
        workspace.current_changed.connect(self._update)
        workspace.session_changed.connect(self._update)
        workspace.molecule_changed.connect(self._mark)
        self._update()

    def _show_own(self) -> None:
        workspace = self._workspace
        treatments = workspace.selected_treatments()
        if workspace.plate is not None and len(treatments):
            workspace.choose_molecule(workspace.plate.molecule(int(treatments[0])))

    def _mark(self) -> None:
        for cards in (self.predicted, self.measured):
            cards.set_molecule(self._workspace.molecule)

    def _update(self) -> None:
        workspace = self._workspace
        ranking = workspace.ranking
        self.headline.setText(self._headline())
        self.subline.setText(self._subline())
        self.subline.setToolTip(self._subline())
        self.banner.set_text(self._banner())
        self._show_chance(ranking if ranking is not None and ranking.candidates else None)
        # Of one molecule at several doses too; but not where other wells share in the mean.
        whole = workspace.plate is not None and (workspace.plate.treatment_of_well[workspace.selection] >= 0).all()
        own = ranking.own if ranking is not None and whole else None
        self.own_line.set_text(own_text(own) if own is not None else "")
        shown = f"Best {len(ranking.candidates)} of {ranking.library_size:,}: " if ranking else ""
        self.predicted_panel.explain(_PREDICTED.format(shown if ranking and ranking.candidates else ""))
        self.predicted.set_cards(tuple(map(candidate_card, ranking.candidates)) if ranking else ())
        self.measured.set_cards(
            tuple(measured_card(m, i + 1) for i, m in enumerate(ranking.measured)) if ranking else ()
        )
        self.predicted_pages.set_text(self._reason(bool(ranking and ranking.candidates), predicted=True))
        self.measured_pages.set_text(self._reason(bool(ranking and ranking.measured), predicted=False))
        self._mark()

    def _show_chance(self, ranking: Ranking | None) -> None:
        """The chance and what it holds for, or why there is none; and how far the wells are from training."""
        chance = ranking.chance if ranking is not None else None
        calibrated = chance is not None and chance.calibrated
        self.chance.setText(chance.text if chance is not None and calibrated else "")
        self.chance.setVisible(calibrated)
        parts = []
        if chance is not None:
            parts.append(f"Measured for {chance.holds_for}" if calibrated else chance.text.rstrip("."))
        if ranking is not None and ranking.training_percentile is not None:
            parts.append(f"distance to the training data: {ordinal(ranking.training_percentile)} percentile")
        self.reach.setText(" · ".join(parts))
        self.reach.setVisible(bool(parts))
        basis = f"{chance.basis}\n\n{_DISTANCE}" if chance is not None and calibrated else _DISTANCE
        self.chance.setToolTip(basis)
        self.reach.setToolTip(basis)

    def _reason(self, filled: bool, *, predicted: bool) -> str:
        workspace = self._workspace
        if filled:
            return ""
        if workspace.ranking_error is not None:
            if workspace.ranking_error.cancelled:
                return "Stopped. Select wells again to rank them."
            return error_text("Ranking", workspace.ranking_error)
        if workspace.plate is None:
            return "Open a plate file, or drop one here."
        if not len(workspace.selection):
            return "Select wells on the plate map or in the scatter."
        if workspace.ranking is None:
            return "Ranking…"
        if predicted and workspace.session.unusable:
            errors = [e for e in (workspace.session.model_error, workspace.session.library_error) if e]
            return "\n\n".join((f"The {workspace.session.unusable} cannot be used.", *errors, _MEASURED_STILL))
        if predicted and not workspace.plate.space_known:
            return f"{_UNKNOWN_SPACE} {_MEASURED_STILL}"
        return "No candidates." if predicted else "No measured treatment to compare with."

    def _banner(self) -> str:
        ranking, unusable = self._workspace.ranking, self._workspace.session.unusable
        if ranking is None:
            return ""
        without = f"The {unusable} cannot be used, so there are no candidates. {_MEASURED_STILL}"
        return "\n".join(text for text in (without if unusable else "", ranking.note) if text)

    def _headline(self) -> str:
        workspace = self._workspace
        return selection_text(workspace.plate, workspace.selection) if workspace.plate else "No wells selected"

    def _only_treatment(self) -> int | None:
        """The treatment that all selected wells hold; None where there is none, or anything else among them."""
        workspace = self._workspace
        treatments = workspace.selected_treatments()
        if workspace.plate is None or len(treatments) != 1:
            return None
        whole = (workspace.plate.treatment_of_well[workspace.selection] >= 0).all()
        return int(treatments[0]) if whole else None

    def _subline(self) -> str:
        workspace = self._workspace
        n = len(workspace.selection)
        if workspace.plate is None or not n:
            return ""
        facts = [f"Mean of {plural(n, 'well')}" if n > 1 else plural(n, "well")]
        only = self._only_treatment()
        if only is not None:
            facts.append(activity_text(workspace.plate, only))
        elif len(workspace.selected_treatments()):
            facts[0] += f", {plural(len(workspace.selected_treatments()), 'treatment')} among them"
        ranking = workspace.ranking
        if ranking is not None and ranking.candidates:
            scored = ranking.scored_at
            facts.append(f"scored at {dose_text(scored)}" if scored is not None else "scored over all doses")
        if workspace.plate.simulated:
            facts.append("simulated data")
        return " · ".join(facts)
