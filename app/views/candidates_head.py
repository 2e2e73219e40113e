"""The lines above the candidates: what is selected, how active it is, and what the ranking is worth."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QToolButton, QVBoxLayout, QWidget

from app.numbers import integer, number, percent
from app.records import Own, Ranking
from app.theme import font
from app.views.message_bar import Banner
from app.views.panel import Muted
from app.views.words import activity_text, dose_text, ordinal, plural, selection_text
from app.workspace import Workspace

__all__ = ["MEASURED_STILL", "CandidatesHead", "own_text"]

MEASURED_STILL = "The nearest measured treatments are found all the same."
_DISTANCE = (
    "The distance is that of these wells to the five nearest training treatments; its percentile is the share of "
    "training treatments that are as near, or nearer, to those of other molecules. Beyond the 95th, predictions "
    "are extrapolated."
)


def own_text(own: Own) -> str:
    """Where the true molecule stands, beside chance."""
    if own.rank is None:
        return f"True molecule: {own.name}, not among the {integer(own.of)} molecules of this library"
    return (
        f"True molecule: {own.name}, rank {number(own.rank, 7)} of {integer(own.of)} "
        f"(top {percent(own.rank / own.of)}), chance median {number(own.chance_rank, 7)}"
    )


class CandidatesHead(QWidget):
    """Headline, activity, chance, the wells' own molecule and warnings."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self.palette().ColorRole.Base)
        self.headline = QLabel()
        self.headline.setFont(font(self.font(), step=2, bold=True))
        self.headline.setTextFormat(self.headline.textFormat().PlainText)
        self.headline.setWordWrap(True)
        self.subline = Muted(wrap=True)
        self.chance = QLabel()
        self.chance.setTextFormat(self.chance.textFormat().PlainText)
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
        self._compact = False
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(5)
        for part in (self.headline, self.subline, self.chance, self.reach, self.own_line, self.banner):
            column.addWidget(part)

    def set_compact(self, compact: bool) -> None:
        """Use fewer words, where the window is low; the tips have them all."""
        if compact != self._compact:
            self._compact = compact
            self.update_texts()

    def update_texts(self) -> None:
        """Say what is selected and ranked now."""
        workspace = self._workspace
        ranking = workspace.ranking
        self.headline.setText(self._headline())
        self.subline.setText(self._subline())
        self.subline.setVisible(bool(self.subline.text()))
        note = self._banner()
        # What follows the colon explains.
        self.banner.set_text(
            "\n".join(line.partition(":")[0] for line in note.split("\n")) if self._compact else note
        )
        self.banner.setToolTip(note)
        self._show_chance(ranking if ranking is not None and ranking.candidates else None)
        # Of one molecule at several doses too; but not where other wells share in the mean.
        whole = workspace.plate is not None and (workspace.plate.treatment_of_well[workspace.selection] >= 0).all()
        own = ranking.own if ranking is not None and whole else None
        self.own_line.set_text(own_text(own) if own is not None else "")

    def _show_own(self) -> None:
        workspace = self._workspace
        treatments = workspace.selected_treatments()
        if workspace.plate is not None and len(treatments):
            workspace.choose_molecule(workspace.plate.molecule(int(treatments[0])))

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
        whole = " · ".join(parts)
        if self._compact and chance is not None and not calibrated:
            # Why there is none is in the tip.
            parts[0] = chance.text.partition(":")[0]
        self.reach.setText(" · ".join(parts))
        self.reach.setVisible(bool(parts))
        basis = f"{chance.basis}\n\n{_DISTANCE}" if chance is not None and calibrated else _DISTANCE
        self.chance.setToolTip(basis)
        self.reach.setToolTip(basis if whole == self.reach.text() else f"{whole}\n\n{basis}")

    def _banner(self) -> str:
        ranking, unusable = self._workspace.ranking, self._workspace.session.unusable
        if ranking is None:
            return ""
        without = f"The {unusable} cannot be used, so there are no candidates. {MEASURED_STILL}"
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
