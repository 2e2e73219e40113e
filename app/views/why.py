"""Why the chosen candidate ranks where it does: the parts of its score, and who pulls at it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.engine import EngineError
from app.numbers import fixed, integer
from app.records import Molecule
from app.theme import font, theme_of
from app.views.labels import FittingLabel
from app.views.panel import Muted
from app.views.words import dose_text
from app.workspace import Workspace

__all__ = ["WhyPanel", "score_text", "sentence"]

_PURPOSE = "explain"
# Smaller shares of the positive parts are no reason worth a sentence.
_TELLING = 0.25
# Of the strongest pull: what is less is told together.
_WORTH_A_LINE = 0.05
# The library keeps predictions as float16; scores that differ by more are not of the same thing.
_ROUNDING = 1e-3
_BAR = 4
_LEAST = 80
_METHOD = (
    "The score is a sum. The model predicts the phenotype of a molecule from those of its training molecules, "
    "each weighted by how alike the structures and the doses are: what one of them adds is its pull. Towers are "
    "the neural networks beside that. The parts are exact; they say what the model did, not that it is right."
)


def sentence(why: dict[str, Any]) -> str:
    """The first reason in words; what stands out where one training molecule does."""
    if why["without"]:
        return f"The score is not taken apart: {why['without']}. The training molecules nearest in structure:"
    pulls = [one for one in why["training"] if one["pull"] is not None and one["pull"] > 0]
    gained = sum(one["pull"] for one in pulls) + max(why["towers"], 0.0) + max(why["shared"], 0.0)
    if not pulls or pulls[0]["pull"] < _TELLING * gained:
        return "No single training molecule decides: many add a little each."
    first = pulls[0]
    if first["structure"] is not None and first["structure"] > 0.999:
        looks = f"similarity {fixed(first['phenotype'], 2)}"
        return f"Mostly because the model was trained on {first['name']} itself: those wells and these, {looks}."
    alike = "" if first["structure"] is None else f" of Tanimoto {fixed(first['structure'], 2)}"
    looks = "look like these" if first["phenotype"] > 0.3 else "look somewhat like these"
    return (
        f"Mostly because of {first['name']}, a training molecule{alike}, whose wells {looks} "
        f"(similarity {fixed(first['phenotype'], 2)})."
    )


def score_text(exact: float, ranked: float | None, dose: float | None) -> str:
    """Headline of the sum: the score as the ranking tells it, and what the parts add up to where that differs.

    Parameters
    ----------
    exact : float
        The sum of the parts.
    ranked : float or None
        The score of the candidate, whose prediction the library keeps rounded.
    dose : float or None
        Micromolar.
    """
    at = "with no dose told" if dose is None else f"at {dose_text(dose)}"
    told = fixed(exact, 4)
    if ranked is not None and abs(ranked - exact) < _ROUNDING and fixed(ranked, 4) != told:
        return f"Score {fixed(ranked, 4)} {at}; {told} before the library rounds its predictions, the sum of:"
    return f"Score {told} {at}, the sum of:"


class _Part(QWidget):
    """One part of the score: its name, a bar from the common zero, its number, and facts below."""

    chosen = Signal()

    def __init__(self, name: str, facts: str, value: float | None, scale: tuple[float, float], link: bool) -> None:
        super().__init__()
        self._name, self._facts, self._value, self._scale, self._link = name, facts, value, scale, link
        self._hover = False
        said = name if value is None else f"{name}: {fixed(value, 4)}"
        self.setAccessibleName(f"{said}. {facts}" if facts else said)
        self.setToolTip(self.accessibleName() + ("\nClick to see this molecule" if link else ""))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        if link:
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        bar = _BAR + 3 if self._value is not None else 0
        return QSize(200, line + bar + (line if self._facts else 0) + 5)

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST, self.sizeHint().height())

    def enterEvent(self, _event: QEnterEvent) -> None:
        self._hover = self._link
        self.update()

    def leaveEvent(self, _event: QEvent) -> None:
        self._hover = False
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._link and event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.pos()):
            self.chosen.emit()

    def keyPressEvent(self, event: Any) -> None:
        if self._link and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.chosen.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = theme_of(self.palette())
        painter = QPainter(self)
        metrics, width = self.fontMetrics(), self.width()
        line, top = metrics.height(), 1
        centre, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        text = width
        painter.setPen(QColor(theme.text))
        if self._value is not None:
            text -= metrics.horizontalAdvance("-0.0000") + 8
            painter.drawText(0, top, width, line, centre | right, fixed(self._value, 4))
        painter.setPen(QColor(theme.accent if self._hover else theme.text))
        name = metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, text)
        painter.drawText(0, top, text, line, centre, name)
        top += line
        if self._value is not None:
            low, high = self._scale
            zero, end = (round((at - low) / (high - low) * (width - 1)) for at in (0.0, self._value))
            painter.fillRect(0, top + 1, width, _BAR, QColor(theme.no_value))
            ink = QColor(theme.accent if self._value >= 0 else theme.warning[2])
            painter.fillRect(min(zero, end), top + 1, max(1, abs(end - zero)), _BAR, ink)
            painter.fillRect(zero, top - 1, 1, _BAR + 4, QColor(theme.muted))
            top += _BAR + 3
        if self._facts:
            painter.setFont(font(self.font(), step=-0.5))
            painter.setPen(QColor(theme.muted))
            facts = painter.fontMetrics().elidedText(self._facts, Qt.TextElideMode.ElideRight, width)
            painter.drawText(0, top, width, line, centre, facts)
        if self.hasFocus():
            painter.setPen(QColor(theme.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class WhyPanel(QWidget):
    """The score of the chosen molecule for the selected wells, taken apart; hidden where there is none."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Why it ranks here")
        self._workspace = workspace
        self._asked: tuple[object, ...] | None = None
        self.title = FittingLabel("Why it ranks here")
        self.title.setWordWrap(True)
        self.title.setFont(font(self.font(), bold=True))
        self.title.setToolTip(_METHOD)
        self.words = FittingLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setToolTip(_METHOD)
        self.words.setAccessibleName("Reason")
        self.score = Muted(wrap=True)
        self._parts = QVBoxLayout()
        self._parts.setSpacing(3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.title)
        layout.addWidget(self.words)
        layout.addWidget(self.score)
        layout.addLayout(self._parts)
        workspace.molecule_changed.connect(self._update)
        workspace.ranking_changed.connect(self._update)
        self._update()

    def parts(self) -> list[str]:
        """What each line says, as a screen reader tells it."""
        items = (self._parts.itemAt(i) for i in range(self._parts.count()))
        return [widget.accessibleName() for item in items if item is not None and (widget := item.widget())]

    def _dose(self) -> float | None:
        """The dose at which the molecule was scored, micromolar; None where that is unknown."""
        ranking, molecule = self._workspace.ranking, self._workspace.molecule
        if ranking is None or molecule is None:
            return None
        if ranking.scored_at is not None:
            return ranking.scored_at
        return next((one.dose for one in ranking.candidates if one.molecule.key == molecule.key), None)

    def _ranked_score(self) -> float | None:
        """The score that the cards tell of the molecule; None where it is on none."""
        ranking, molecule = self._workspace.ranking, self._workspace.molecule
        if ranking is None or molecule is None:
            return None
        return next((one.score for one in ranking.candidates if one.molecule.key == molecule.key), None)

    def _update(self) -> None:
        workspace = self._workspace
        plate, molecule, ranking = workspace.plate, workspace.molecule, workspace.ranking
        if plate is None or molecule is None or not molecule.smiles or ranking is None or not ranking.candidates:
            self._asked = None
            workspace.requests.withdraw(_PURPOSE)
            self.hide()
            return
        dose = self._dose()
        wanted = (plate.token, plate.path, workspace.selection.tobytes(), molecule.key, dose)
        if wanted == self._asked:
            return
        self._asked = wanted
        workspace.ask(
            _PURPOSE,
            "explain",
            "Taking the score apart",
            lambda why: self._show(why, dose),
            self._refuse,
            path=plate.path,
            token=plate.token,
            rows=workspace.selection,
            smiles=molecule.smiles,
            dose=dose,
        )

    def _refuse(self, _error: EngineError) -> None:
        # The workspace tells the error; old reasons must not stand beside another molecule.
        self._asked = None
        self.hide()

    def _clear(self) -> None:
        while (item := self._parts.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()

    def _show(self, why: dict[str, Any], dose: float | None) -> None:
        self._clear()
        if "score" not in why:
            self.hide()
            return
        self.words.setText(sentence(why))
        self.score.setText(score_text(why["score"], self._ranked_score(), dose) if not why["without"] else "")
        self.score.setVisible(not why["without"])
        training = why["training"]
        if not why["without"]:
            worth = _WORTH_A_LINE * max((abs(one["pull"]) for one in training), default=0.0)
            small = [one for one in training if abs(one["pull"]) < worth]
            training = [one for one in training if one not in small]
            others, rest = why["others"] + len(small), why["rest"] + sum(one["pull"] for one in small)
        told = [one["pull"] for one in training if one["pull"] is not None]
        values = [*told, why["towers"], why["shared"], why["far"], 0.0]
        values += [] if why["without"] else [rest]
        scale = (min(values), max(*values, 1e-6))
        for one in training:
            facts = []
            if one["structure"] is not None:
                facts.append(f"Tanimoto {fixed(one['structure'], 2)}")
            facts.append(f"wells alike {fixed(one['phenotype'], 2)}")
            if one["dose"] is not None:
                facts.append(f"at {dose_text(one['dose'])}")
            self._add(one["name"], " · ".join(facts), one["pull"], scale, one)
        if not why["without"]:
            if others:
                self._add(f"{integer(others)} other training molecules", "", rest, scale)
            self._add("Towers", "", why["towers"], scale)
            self._add("All molecules at this dose", "", why["shared"], scale)
            self._add("Unusual prediction", "", why["far"], scale)
        self.show()

    def _add(
        self,
        name: str,
        facts: str,
        value: float | None,
        scale: tuple[float, float],
        one: dict[str, Any] | None = None,
    ) -> None:
        part = _Part(name, facts, value, scale, link=one is not None and bool(one["smiles"]))
        if one is not None:
            molecule = Molecule(
                one["name"] or "", one["smiles"] or "", one["inchikey"] or "", one["mechanism"] or "", seen=True
            )
            part.chosen.connect(lambda: self._workspace.choose_molecule(molecule))
        self._parts.addWidget(part)
