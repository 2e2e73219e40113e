"""The form of the rule: each criterion with its limit and how many treatments fall at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QGridLayout, QLabel, QMenu, QSpinBox, QToolButton, QWidget

from app.views.hit_calling_funnel import FunnelBar
from app.views.hit_calling_rule import asks, switched
from molphenix_core.plates.hit_rule import CRITERIA, Criterion, HitRule

__all__ = ["RuleForm"]

_LABELS = {
    "min_replicates": "&Replicates at least",
    "max_q": "&q-value at most",
    "min_distance": "&Distance at least",
    "min_relative_cell_count": "&Cell count at least",
    "exclude_pains": "No P&AINS",
    "exclude_autofluorescent": "Not a&utofluorescent",
}
_TIPS = {
    "min_replicates": "Fewest wells of a treatment",
    "max_q": "Largest q-value of replicate consistency (Benjamini-Hochberg): the expected share of treatments "
    "that do nothing among those that pass",
    "min_distance": "Smallest distance to the mean negative control; 1 is a treatment that does nothing",
    "min_relative_cell_count": "Smallest cell count relative to the negative controls; fewer cells are toxicity",
    "exclude_pains": "Leave out structures with a PAINS substructure (Baell and Holloway 2010): a reason to look "
    "twice, not a verdict",
    "exclude_autofluorescent": "Leave out treatments whose wells were measured to be autofluorescent",
}
# What a criterion asks when it is first switched on.
_USUAL = {"min_replicates": 2, "max_q": 0.05, "min_distance": 2.0, "min_relative_cell_count": 0.5}
_COLUMNS = ("relative_cell_count", "autofluorescent")
_FIND = "As found by name"


class RuleForm(QWidget):
    """One line a criterion.

    Signals
    -------
    rule_edited(object, str)
        The user changed the rule: the new one, and the field that was changed.
    column_chosen(str, str)
        The user chose the column of the wells that a criterion reads.
    """

    rule_edited = Signal(object, str)
    column_chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Hit rule")
        self._rule = HitRule()
        self._reasons: dict[str, str] = {}
        self.checks: dict[str, QCheckBox] = {}
        self.limits: dict[str, QSpinBox | QDoubleSpinBox] = {}
        self.columns: dict[str, QToolButton] = {}
        self.menus: dict[str, QMenu] = {}
        self.bars: dict[str, FunnelBar] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(2, 1)
        for row, criterion in enumerate(CRITERIA):
            self._add(row, criterion)
        self.total = FunnelBar("are hits", ("hit", "hits"), "accent")
        label = QLabel("Hits")
        self._grid.addWidget(label, len(CRITERIA), 0, 1, 2)
        self._grid.addWidget(self.total, len(CRITERIA), 2)

    def _add(self, row: int, criterion: Criterion) -> None:
        field = criterion.field
        check = QCheckBox(_LABELS[field])
        check.setToolTip(_TIPS[field])
        check.clicked.connect(lambda on: self._switch(criterion, on))
        self.checks[field] = check
        self._grid.addWidget(check, row, 0)
        if criterion.kind != "flag":
            box = _limit_box(criterion)
            box.setToolTip(_TIPS[field])
            box.setAccessibleName(_LABELS[field].replace("&", ""))
            box.valueChanged.connect(lambda value: self._set(criterion, value))
            self.limits[field] = box
            self._grid.addWidget(box, row, 1)
        if criterion.column in _COLUMNS:
            column = QToolButton()
            column.setText("…")
            column.setAutoRaise(True)
            column.setAccessibleName(f"Column of {criterion.title}")
            menu = self.menus[criterion.column] = QMenu(column)
            # Not as the button's own menu: its mark would lie upon the text.
            column.clicked.connect(lambda: menu.popup(column.mapToGlobal(column.rect().bottomLeft())))
            self.columns[criterion.column] = column
            self._grid.addWidget(column, row, 3)
        self.bars[field] = FunnelBar(f"fall at {criterion.title}", ("fails", "fail"))
        self._grid.addWidget(self.bars[field], row, 2)
        self._grid.setRowMinimumHeight(row, self.limits["min_replicates"].sizeHint().height())

    # Editing --------------------------------------------------------------------------------------------

    def _switch(self, criterion: Criterion, on: bool) -> None:
        value = None
        if on:
            value = True if criterion.kind == "flag" else self.limits[criterion.field].value()
        self._edit(switched(self._rule, criterion, value), criterion)

    def _set(self, criterion: Criterion, value: float) -> None:
        if asks(self._rule, criterion):
            self._edit(switched(self._rule, criterion, value), criterion)

    def _edit(self, rule: HitRule, criterion: Criterion) -> None:
        if rule != self._rule:
            self._rule = rule
            self.rule_edited.emit(rule, criterion.field)

    # Showing --------------------------------------------------------------------------------------------

    def set_rule(self, rule: HitRule) -> None:
        """Show a rule; nobody is told."""
        self._rule = rule
        for criterion in CRITERIA:
            check, on = self.checks[criterion.field], asks(rule, criterion)
            check.setChecked(on)
            box = self.limits.get(criterion.field)
            if box is not None:
                if on:
                    with QSignalBlocker(box):
                        box.setValue(getattr(rule, criterion.field))
                box.setEnabled(on and check.isEnabled())

    def set_reasons(self, reasons: Mapping[str, str]) -> None:
        """Disable what the file cannot answer, and say why."""
        self._reasons = dict(reasons)
        for criterion in CRITERIA:
            reason = reasons.get(criterion.column, "")
            check = self.checks[criterion.field]
            check.setEnabled(not reason)
            tip = f"{reason[:1].upper()}{reason[1:]}" if reason else _TIPS[criterion.field]
            check.setToolTip(tip)
            check.setAccessibleDescription(reason)
            box = self.limits.get(criterion.field)
            if box is not None:
                box.setEnabled(not reason and asks(self._rule, criterion))
                box.setToolTip(tip)

    def set_columns(self, names: Sequence[str], used: Mapping[str, str]) -> None:
        """Offer columns of the wells for the criteria that read one."""
        for key, button in self.columns.items():
            menu = self.menus[key]
            menu.clear()
            group = QActionGroup(menu)
            for name in ("", *names):
                action = QAction(_words(name) or _FIND, group, checkable=True, checked=name == used.get(key, ""))
                action.triggered.connect(lambda _, key=key, name=name: self.column_chosen.emit(key, name))
                menu.addAction(action)
            button.setVisible(bool(names))
            read = _words(used.get(key, ""))
            button.setToolTip(
                f"Read from {read}; choose another column" if read else "Choose the column of the wells"
            )

    def set_funnel(self, falls: NDArray[np.int64], total: int, asked: Mapping[str, bool]) -> None:
        """Show how many treatments fall at each criterion, and how many are left."""
        before = 0
        for criterion, count in zip(CRITERIA, falls.tolist(), strict=True):
            self.bars[criterion.field].set_share(before, count, total, asked=asked[criterion.field])
            before += count
            self.bars[criterion.field].set_note(self._reasons.get(criterion.column, ""))
        self.total.set_share(0, total - before, total)


class _Limit(QDoubleSpinBox):
    """A limit without zeros behind it."""

    def textFromValue(self, value: float) -> str:
        return self.locale().toString(value, "g", 6)


def _words(column: str) -> str:
    return column.removeprefix("Metadata_").replace("_", " ")


def _limit_box(criterion: Criterion) -> QSpinBox | QDoubleSpinBox:
    if criterion.field == "min_replicates":
        whole = QSpinBox()
        whole.setRange(2, 999)
        whole.setValue(int(_USUAL[criterion.field]))
        return whole
    box = _Limit()
    decimals, most, step = {"max_q": (4, 1.0, 0.01), "min_distance": (2, 9999.0, 0.1)}.get(
        criterion.field, (2, 99.0, 0.05)
    )
    box.setDecimals(decimals)
    box.setRange(0.0, most)
    box.setSingleStep(step)
    box.setValue(_USUAL[criterion.field])
    return box
