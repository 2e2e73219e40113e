"""The line that filters candidates by structure, and by the mechanism chosen elsewhere."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.candidate_filters import KINDS, CandidateFilters, Found, Kind
from app.icons import icon
from app.numbers import fixed, integer
from app.structure_reader import HEIGHT, WIDTH
from app.theme import font, theme_of
from app.views.fitting import fit_height
from app.views.structure_edit import StructureEdit
from app.workspace import Workspace

__all__ = ["StructureFilter", "found_text"]

_KINDS = {"substructure": "Substructure", "similarity": "Similar to"}
_PLACEHOLDERS = {
    "substructure": "SMARTS, SMILES or a pasted molfile",
    "similarity": "SMILES or a pasted molfile",
}
_TIP = (
    "Show only molecules of the library with this structure.\n"
    "Type SMARTS or SMILES, paste a molfile, or drop a structure here."
)
_LANGUAGES = {
    "SMARTS": (
        "read as SMARTS",
        "Read as SMARTS: an atom without its hydrogens written, as O, matches with or without them, so that "
        "c1ccccc1O finds ethers too; write [OH] for phenols alone",
    ),
    "SMILES": ("read as SMILES", "Read as SMILES: more may hang on each atom of the structure"),
}


def found_text(found: Found) -> str:
    """How many molecules of the library pass a filter, of how many."""
    n, of, by = len(found.rows), integer(found.of), found.by
    text = f"{integer(n)} of {of}"
    if by.text and by.kind == "similarity":
        text += f", similarity ≥ {fixed(by.threshold, 2)}"
    if not found.complete:
        text += f"; time ran out after {integer(found.searched)}"
    return text


def _bare_atom_text(smarts: str) -> str:
    """That an atom of a chain matches whatever hangs on it, where the query holds one that chemists read as OH."""
    bare = re.search(r"[ONS]", re.sub(r"\[[^\]]*\]", "", smarts))
    return f": {bare[0]} matches with or without hydrogens" if bare else ""


class _Picture(QWidget):
    """What is looked for, drawn."""

    def __init__(self, filters: CandidateFilters) -> None:
        super().__init__()
        self._filters = filters
        self.setFixedSize(WIDTH, HEIGHT)
        self.setAccessibleName("Drawing of the query")

    def paintEvent(self, _event: QPaintEvent) -> None:
        read = self._filters.read
        if read is None:
            return
        theme = theme_of(self.palette())
        painter = QPainter(self)
        if self._filters.error:
            # It is the last one that could be read.
            painter.setOpacity(0.35)
        painter.drawImage(0, 0, read.dark if theme.dark else read.light)


class StructureFilter(QWidget):
    """One line, and under it what was found or what is wrong.

    Parameters
    ----------
    workspace : Workspace
        Its chosen molecule can be looked for.
    filters : CandidateFilters
    """

    def __init__(self, workspace: Workspace, filters: CandidateFilters, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Filter by structure")
        self._workspace, self._filters = workspace, filters
        self._series = 1
        self.picture = _Picture(filters)
        self.kind = QComboBox()
        for kind in KINDS:
            self.kind.addItem(_KINDS[kind], kind)
        self.kind.setAccessibleName("Kind of filter")
        self.kind.setToolTip("Molecules that hold the structure as a part, or molecules similar to it as a whole")
        self.edit = StructureEdit()
        self.edit.setAccessibleName("Structure to look for")
        self.edit.setToolTip(_TIP)
        self.edit.setClearButtonEnabled(True)
        self.threshold = QDoubleSpinBox()
        self.threshold.setRange(0.0, 1.0)
        self.threshold.setSingleStep(0.05)
        self.threshold.setDecimals(2)
        self.threshold.setPrefix("≥ ")
        self.threshold.setAccessibleName("Smallest similarity")
        self.threshold.setToolTip(
            "Smallest Tanimoto similarity over counts of circular environments to radius 3; 1 for one structure"
        )
        self.chosen = QToolButton()
        self.chosen.setAutoRaise(True)
        self.chosen.setAccessibleName("Use the chosen molecule")
        self.chosen.setToolTip("Look for the molecule that is shown on the right")
        self.status = QLabel()
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setWordWrap(True)
        self.status.setFont(font(self.font(), step=-0.5))
        self.status.setAccessibleName("Filtered candidates")
        self.status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.mechanism = QToolButton()
        self.mechanism.setAutoRaise(True)
        self.mechanism.setToolTip("Show candidates of all mechanisms again")
        self.clear = QToolButton()
        self.clear.setText("Clear")
        self.clear.setAutoRaise(True)
        self.clear.setAccessibleName("Clear the filter")
        self.clear.setToolTip("Show all candidates again")
        self._lay_out()
        self._connect()
        self._colour()
        self._show_filter()
        self._show_found()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(6)
        for widget, stretch in ((self.kind, 0), (self.edit, 1), (self.threshold, 0), (self.chosen, 0)):
            line.addWidget(widget, stretch)
        under = QHBoxLayout()
        under.setSpacing(6)
        under.addWidget(self.status, 1)
        under.addWidget(self.mechanism)
        under.addWidget(self.clear)
        self.under = QWidget()
        under.setContentsMargins(0, 0, 0, 0)
        self.under.setLayout(under)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addLayout(line)
        column.addWidget(self.under)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(column, 1)

    def _connect(self) -> None:
        filters, workspace = self._filters, self._workspace
        self.kind.activated.connect(lambda _index: filters.set(kind=self.kind.currentData()))
        self.edit.textEdited.connect(lambda text: filters.set(text=text.strip(), drawn=False, series=self._series))
        self.edit.editingFinished.connect(self._end_series)
        self.edit.taken.connect(lambda text, drawn: self.set_query(text, drawn=drawn))
        self.threshold.valueChanged.connect(
            lambda value: filters.set(threshold=round(value, 2), series=self._series)
        )
        self.threshold.editingFinished.connect(self._end_series)
        self.chosen.clicked.connect(self.use_chosen)
        self.mechanism.clicked.connect(lambda: filters.set(mechanism=""))
        self.clear.clicked.connect(filters.clear)
        filters.changed.connect(self._show_filter)
        filters.found_changed.connect(self._show_found)
        workspace.molecule_changed.connect(self._show_molecule)
        self._show_molecule()

    def set_query(self, text: str, kind: Kind | None = None, *, drawn: bool = False) -> None:
        """Look for a structure, as :meth:`app.candidate_filters.CandidateFilters.set_query` says."""
        self._end_series()
        self._filters.set_query(text, kind, drawn=drawn)

    def use_chosen(self) -> None:
        """Look for the molecule that is chosen."""
        molecule = self._workspace.molecule
        if molecule is not None and molecule.smiles:
            self.set_query(molecule.smiles, drawn=True)

    def _end_series(self) -> None:
        self._series += 1

    # Display --------------------------------------------------------------------------------------------

    def _show_molecule(self) -> None:
        molecule = self._workspace.molecule
        self.chosen.setEnabled(molecule is not None and bool(molecule.smiles))

    def _show_filter(self) -> None:
        value = self._filters.value
        self.kind.setCurrentIndex(KINDS.index(value.kind))
        if self.edit.text().strip() != value.text:
            self.edit.setText(value.text)
            self.edit.setCursorPosition(0)
        self.edit.setPlaceholderText(_PLACEHOLDERS[value.kind])
        blocked = self.threshold.blockSignals(True)
        self.threshold.setValue(value.threshold)
        self.threshold.blockSignals(blocked)
        self.threshold.setVisible(value.kind == "similarity")
        self.mechanism.setText(f"{value.mechanism}  ×")
        self.mechanism.setAccessibleName(f"Mechanism {value.mechanism}: show all again")
        self.mechanism.setVisible(bool(value.mechanism))

    def _show_found(self) -> None:
        filters = self._filters
        read, value = filters.read, filters.value
        self.picture.setVisible(read is not None and bool(value.text))
        self.picture.update()
        self.status.setText(self._status())
        self.status.setToolTip(self._explanation())
        self.under.setVisible(not value.empty or bool(filters.error))
        self._colour()

    def _status(self) -> str:
        filters = self._filters
        found = filters.found
        if filters.error:
            if found is None or filters.value.empty:
                return filters.error
            still = found.by.text or found.by.mechanism
            return f"{filters.error} Still filtered by {still}."
        if filters.busy or found is None:
            return filters.progress_text or "Searching…"
        text = found_text(found)
        if filters.read is not None and found.by.kind == "substructure":
            text += f" · {_LANGUAGES[filters.read.language][0]}"
            if filters.read.language == "SMARTS":
                text += _bare_atom_text(found.by.text)
        return text

    def _explanation(self) -> str:
        filters = self._filters
        if filters.error or filters.found is None:
            return self._status()
        by, lines = filters.found.by, []
        if filters.read is not None and by.text and by.kind == "substructure":
            lines.append(_LANGUAGES[filters.read.language][1])
        if by.mechanism:
            lines.append(f"Mechanism, in the words of the curated vocabulary: {by.mechanism}")
        return "\n".join((f"{found_text(filters.found)} molecules of the library", *lines))

    # Colours --------------------------------------------------------------------------------------------

    def _colour(self) -> None:
        theme = theme_of(self.palette())
        self.chosen.setIcon(icon("structure", theme.text, theme.muted))
        self.chosen.setIconSize(QSize(18, 18))
        ink = QColor(theme.error[2] if self._filters.error else theme.muted)
        palette = QPalette()
        # Which of the two a label uses depends on the ground it stands on.
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text):
            palette.setColor(role, ink)
        if self.status.palette().color(QPalette.ColorRole.Text) != ink:
            self.status.setPalette(palette)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in {QEvent.Type.LayoutRequest, QEvent.Type.Resize}:
            fit_height(self)
        return done

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "status"):
            self._colour()
            self.picture.update()
        super().changeEvent(event)
