"""The rule of the window: what of it a file can answer, how it is remembered, and how changes are undone."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from PySide6.QtGui import QUndoCommand

from molphenix_core.errors import InputError
from molphenix_core.plates.hit_rule import CRITERIA, Criterion, HitRule

__all__ = ["RuleChange", "asks", "effective", "read_rule", "switched"]

_OFF = {"min_replicates": 1, "exclude_pains": False, "exclude_autofluorescent": False}
_MERGED = 7_411
# What is typed or dragged in one go is undone in one go.
_SECONDS_OF_ONE_GO = 2.0


def asks(rule: HitRule, criterion: Criterion) -> bool:
    """Whether a rule asks for something."""
    value = getattr(rule, criterion.field)
    return value is not None and value != _OFF.get(criterion.field)


def switched(rule: HitRule, criterion: Criterion, value: float | int | bool | None) -> HitRule:
    """The rule with another limit of one criterion; None switches it off.

    Raises
    ------
    InputError
        A number outside its range.
    """
    changed: dict[str, Any] = {criterion.field: _OFF.get(criterion.field) if value is None else value}
    return dataclasses.replace(rule, **changed)


def effective(rule: HitRule, columns: Collection[str]) -> HitRule:
    """What is left of a rule where treatments have these columns alone."""
    for criterion in CRITERIA:
        if criterion.column not in columns:
            rule = switched(rule, criterion, None)
    return rule


def read_rule(stored: Mapping[str, Any]) -> HitRule:
    """The rule that was remembered; what does not fit is as it is by default."""
    rule = HitRule()
    for criterion in CRITERIA:
        if criterion.field not in stored:
            continue
        value = stored[criterion.field]
        kinds = bool if criterion.kind == "flag" else (int, float, type(None))
        if not isinstance(value, kinds) or (criterion.kind != "flag" and isinstance(value, bool)):
            continue
        try:
            rule = switched(
                rule, criterion, int(value) if criterion.field == "min_replicates" and value else value
            )
        except InputError:
            continue
    return rule


class RuleChange(QUndoCommand):
    """From one rule to another; changes of one number in one go are one."""

    page = "hits"

    def __init__(self, before: HitRule, after: HitRule, use: Callable[[HitRule], None]) -> None:
        self.fields = frozenset(c.title for c in CRITERIA if getattr(before, c.field) != getattr(after, c.field))
        super().__init__(f"hit rule: {', '.join(sorted(self.fields))}")
        self._before, self.after, self._use = before, after, use
        self._made = time.monotonic()

    def id(self) -> int:
        """Changes of rules may be joined to one."""
        return _MERGED

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Join a change that follows at once."""
        if not isinstance(other, RuleChange) or other.fields != self.fields or len(self.fields) != 1:
            return False
        if other._made - self._made > _SECONDS_OF_ONE_GO:
            return False
        self.after, self._made = other.after, other._made
        self.setObsolete(self.after == self._before)
        return True

    def redo(self) -> None:
        self._use(self.after)

    def undo(self) -> None:
        self._use(self._before)
