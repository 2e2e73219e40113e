"""Making a hit list of two others, with the counts before it is made."""

from __future__ import annotations

from typing import cast

from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.hit_entries import HitList, Identity
from app.hit_lists import SIGNS, Combination, HitLists
from app.numbers import integer
from app.views.panel import Muted

__all__ = ["CombineDialog"]

_SAID: dict[Combination, str] = {
    "union": "in either of them",
    "intersection": "in both",
    "difference": "in the first, not in the second",
    "symmetric difference": "in one of them only",
}
_BY: dict[Identity, str] = {"treatment": "The compound and its dose", "well": "The well"}
_COUNTED: dict[Identity, str] = {
    "treatment": "Replicate wells of one compound and dose count as one hit: the first well stays.",
    "well": "Every well is a hit of its own: replicates of one compound and dose all stay.",
}


class CombineDialog(QDialog):
    """Union, intersection and differences of two lists.

    Parameters
    ----------
    lists : HitLists
    """

    def __init__(self, lists: HitLists, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Combine hit lists")
        self._lists = lists
        self.first, self.second, self.by = QComboBox(), QComboBox(), QComboBox()
        self.name = QLineEdit()
        self._named = False
        self._by_chosen = False
        self.counted = Muted(wrap=True)
        self._group = QButtonGroup(self)
        self.choices: dict[Combination, QRadioButton] = {}
        form = QFormLayout()
        form.addRow("&First list", self.first)
        form.addRow("&Second list", self.second)
        form.addRow("Hits are the &same by", self.by)
        form.addRow("", self.counted)
        for how in SIGNS:
            button = self.choices[how] = QRadioButton()
            self._group.addButton(button)
            form.addRow("Hits that are" if how == "union" else "", button)
            button.toggled.connect(self._preview)
        form.addRow("&Name", self.name)
        self.error = Muted(wrap=True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText("&Make list")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self.error)
        layout.addWidget(self.buttons)
        self._fill()

    def _fill(self) -> None:
        names, current = self._lists.names, self._lists.current
        for box in (self.first, self.second):
            box.addItems(names)
        for by, text in _BY.items():
            self.by.addItem(text, by)
        if current is not None:
            self.first.setCurrentText(current.name)
            others = [name for name in names if name != current.name]
            self.second.setCurrentText(others[0] if others else current.name)
        self.choices["union"].setChecked(True)
        self._suit_lists()
        for box in (self.first, self.second):
            box.currentIndexChanged.connect(self._suit_lists)
        for box in (self.first, self.second, self.by):
            box.currentIndexChanged.connect(self._preview)
        self.by.activated.connect(self._choose_by)
        self.name.textEdited.connect(self._name_written)
        self._preview()

    def _choose_by(self) -> None:
        self._by_chosen = True

    def _suit_lists(self) -> None:
        """Compare compounds where both lists have some, until the user says what to compare."""
        names = {self.first.currentText(), self.second.currentText()} - {""}
        if names and not self._by_chosen:
            known = all(any(entry.molecule_key for entry in self._lists[name].entries) for name in names)
            self.by.setCurrentIndex(self.by.findData("treatment" if known else "well"))

    @property
    def how(self) -> Combination:
        """Which way is chosen."""
        return next(how for how, button in self.choices.items() if button.isChecked())

    @property
    def _identity(self) -> Identity:
        return cast(Identity, self.by.currentData())

    def _name_written(self) -> None:
        self._named = bool(self.name.text().strip())
        self._preview()

    def _preview(self) -> None:
        if not any(button.isChecked() for button in self.choices.values()) or not self.first.count():
            return
        a, b = self.first.currentText(), self.second.currentText()
        self.counted.setText(_COUNTED[self._identity])
        for how, button in self.choices.items():
            count = len(self._lists.combined(how, a, b, by=self._identity))
            button.setText(f"{_SAID[how]}  ({integer(count)})")
        if not self._named:
            self.name.setText(self._lists.unused_name(f"{a} {SIGNS[self.how]} {b}"[:150]))
        wrong = self._wrong(a, b)
        self.error.setText(wrong)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not wrong)

    def _wrong(self, a: str, b: str) -> str:
        """Why no list can be made, "" where one can."""
        if a == b:
            return "Choose two different lists."
        name = self.name.text().strip()
        if not name:
            return "The new list needs a name."
        taken = name.casefold() in {other.casefold() for other in self._lists.names}
        return "There is a list of this name already." if taken else ""

    def combine(self) -> HitList:
        """Make the list; see :meth:`app.hit_lists.HitLists.combine` for what is raised."""
        a, b = self.first.currentText(), self.second.currentText()
        return self._lists.combine(self.how, a, b, by=self._identity, name=self.name.text().strip())
