"""The hit lists of a window: a document whose every change can be undone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Literal, get_args

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.hit_entries import (
    STATUSES,
    HitEntry,
    HitList,
    Identity,
    Status,
    difference,
    intersection,
    now,
    symmetric_difference,
    union,
    without_duplicates,
)
from app.numbers import integer
from molphenix_core.errors import InputError

__all__ = ["SIGNS", "Combination", "HitLists"]

Lists = tuple[HitList, ...]
Combination = Literal["union", "intersection", "difference", "symmetric difference"]

_COMBINE = {
    "union": union,
    "intersection": intersection,
    "difference": difference,
    "symmetric difference": symmetric_difference,
}
SIGNS: dict[Combination, str] = {
    "union": "∪",
    "intersection": "∩",
    "difference": "−",
    "symmetric difference": "△",
}
"""How the ways to combine two lists are written."""


class _Edit(QUndoCommand):
    """A change from one state to another: lists are immutable, so states share what they have in common."""

    page = "lists"

    def __init__(self, text: str, before: Lists, after: Lists, use: Callable[[Lists, str], None]) -> None:
        super().__init__(text)
        self._before, self._after, self._use = before, after, use

    def redo(self) -> None:
        self._use(self._after, self.text())

    def undo(self) -> None:
        self._use(self._before, f"undone: {self.text()}")


class HitLists(QObject):
    """Named hit lists in the order they were made.

    Signals
    -------
    changed()
        Any list, or which there are.
    current_changed()
        Which one is shown, or that one's name.
    chosen_changed()
        :attr:`chosen` is another.
    edited(str, tuple of str)
        What was done, as "remove 3 hits from “Hits”", or "undone: " and that; and the hashes of the plate files
        of the hits that came, went or changed.

    Parameters
    ----------
    undo : QUndoStack
        Takes every change; it may be shared with other documents of the window.
    """

    changed = Signal()
    current_changed = Signal()
    chosen_changed = Signal()
    edited = Signal(str, object)

    def __init__(self, undo: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = undo
        self._lists: Lists = ()
        self._current = ""
        self._chosen: tuple[Hashable, ...] = ()

    # Reading --------------------------------------------------------------------------------------------

    @property
    def lists(self) -> Lists:
        """All of them."""
        return self._lists

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(one.name for one in self._lists)

    def __getitem__(self, name: str) -> HitList:
        """One list by its name.

        Raises
        ------
        InputError
            There is none of that name.
        """
        for one in self._lists:
            if one.name == name:
                return one
        raise InputError("hit lists", "name", repr(name)[:60], "one of " + (", ".join(self.names) or "none yet"))

    @property
    def current(self) -> HitList | None:
        """The one that is shown; None without any."""
        return self[self._current] if self._current else None

    @property
    def chosen(self) -> tuple[Hashable, ...]:
        """Hits of the current list that the user means, by their identities, in the order they are shown."""
        return self._chosen

    def choose(self, identities: Iterable[Hashable]) -> None:
        """Say which hits of the current list the user means; no change to the document."""
        chosen = tuple(identities)
        if chosen != self._chosen:
            self._chosen = chosen
            self.chosen_changed.emit()

    def chosen_entries(self) -> tuple[HitEntry, ...]:
        """The hits that the user means; with none chosen all of the current list."""
        entries = self.current.entries if self.current is not None else ()
        if not self._chosen:
            return entries
        known = {entry.identity: entry for entry in entries}
        return tuple(known[identity] for identity in self._chosen if identity in known)

    def show(self, name: str) -> None:
        """Make a list the current one; no change to the document."""
        self._set_current(self[name].name)

    def unused_name(self, name: str = "Hits") -> str:
        """The name, or with a number behind it where there is such a list."""
        known = {other.casefold() for other in self.names}
        number, free = 1, name
        while free.casefold() in known:
            number += 1
            free = f"{name} {number}"
        return free

    # Whole lists ----------------------------------------------------------------------------------------

    def create(self, name: str, entries: Iterable[HitEntry] = ()) -> HitList:
        """Make a list, which becomes the current one.

        Raises
        ------
        InputError
            The name is empty or taken (whatever its case).
        """
        made = HitList(self._free(name), now(), without_duplicates(entries))
        self._push(f"new list “{made.name}”", (*self._lists, made))
        self._set_current(made.name)
        return made

    def rename(self, name: str, to: str) -> None:
        """Give a list another name; see :meth:`create` for what is refused."""
        old = self[name]
        renamed = dataclasses.replace(old, name=self._free(to, but=name))
        if renamed != old:
            self._replace(f"rename “{name}”", old, renamed)

    def duplicate(self, name: str) -> HitList:
        """Make a list with the same hits, notes and status, which becomes the current one."""
        return self.create(self.unused_name(f"{name[:190]} copy"), self[name].entries)

    def delete(self, name: str) -> None:
        """Take a list away."""
        gone = self[name]
        self._push(f"delete “{name}”", tuple(one for one in self._lists if one is not gone))

    def combine(self, how: Combination, a: str, b: str, *, by: Identity, name: str = "") -> HitList:
        """Make a list of two others; see :func:`app.hit_entries.union` for ``by``.

        Parameters
        ----------
        how : {"union", "intersection", "difference", "symmetric difference"}
        a, b : str
            Names of lists; order, notes and status are those of ``a`` first.
        by : {"well", "treatment"}
        name : str
            Of the new list; "" makes one of both names.

        Returns
        -------
        HitList
        """
        entries = self.combined(how, a, b, by=by)
        return self.create(name or self.unused_name(f"{a} {SIGNS[how]} {b}"[:150]), entries)

    def combined(self, how: Combination, a: str, b: str, *, by: Identity) -> tuple[HitEntry, ...]:
        """What :meth:`combine` would make a list of."""
        for field, value, allowed in (("how", how, get_args(Combination)), ("by", by, get_args(Identity))):
            if value not in allowed:
                raise InputError("hit lists", field, repr(value)[:60], "one of " + ", ".join(allowed))
        return _COMBINE[how](self[a].entries, self[b].entries, by)

    # Entries of a list ----------------------------------------------------------------------------------

    def add(self, name: str, entries: Iterable[HitEntry]) -> int:
        """Add hits at the end of a list, but for those that it has.

        Returns
        -------
        int
            How many were new to it.
        """
        old = self[name]
        more = without_duplicates([*old.entries, *entries])
        added = len(more) - len(old.entries)
        if added:
            self._replace(f"add {_count(added)} to “{name}”", old, dataclasses.replace(old, entries=more))
        return added

    def remove(self, name: str, identities: Collection[Hashable]) -> int:
        """Take hits out of a list, by :attr:`~app.hit_entries.HitEntry.identity`; returns how many."""
        old, gone = self[name], set(identities)
        left = tuple(entry for entry in old.entries if entry.identity not in gone)
        removed = len(old.entries) - len(left)
        if removed:
            self._replace(f"remove {_count(removed)} from “{name}”", old, dataclasses.replace(old, entries=left))
        return removed

    def set_note(self, name: str, identities: Collection[Hashable], note: str) -> None:
        """Write a note on some hits of a list, in place of the one they had."""
        self._mark("note on {} in", name, identities, lambda entry: entry.saying(note=note))

    def set_status(self, name: str, identities: Collection[Hashable], status: Status) -> None:
        """Give some hits of a list a status, one of :data:`app.hit_entries.STATUSES`."""
        if status not in STATUSES:
            raise InputError("hit list", "status", repr(status)[:60], "one of " + ", ".join(STATUSES))
        self._mark(
            f"mark {{}} as {status} in",
            name,
            identities,
            lambda entry: entry.saying(status=status),
        )

    def load(self, lists: Iterable[HitList], current: str = "") -> None:
        """Take the lists of a saved session in place of all; what was done before can no longer be undone."""
        lists = tuple(lists)
        names = [one.name.casefold() for one in lists]
        if len(set(names)) < len(names):
            raise InputError("hit lists", "name", "a name twice", "each list with a name of its own")
        if current and current not in {one.name for one in lists}:
            raise InputError("hit lists", "current", repr(current)[:60], "one of the lists")
        self.undo_stack.clear()
        self._current = current or (lists[-1].name if lists else "")
        self._lists = lists
        self.changed.emit()
        self.current_changed.emit()

    # Changes --------------------------------------------------------------------------------------------

    def _free(self, name: str, but: str = "") -> str:
        name = name.strip()
        if name.casefold() in {other.casefold() for other in self.names if other != but}:
            raise InputError("hit lists", "name", repr(name)[:60], "a name that no other list has")
        return name

    def _mark(
        self, text: str, name: str, identities: Collection[Hashable], change: Callable[[HitEntry], HitEntry]
    ) -> None:
        old, meant = self[name], set(identities)
        entries, changed = list(old.entries), 0
        for place, entry in enumerate(old.entries):
            if entry.identity in meant and (new := change(entry)) is not entry:
                entries[place] = new
                changed += 1
        if changed:
            step = f"{text.format(_count(changed))} “{name}”"
            self._replace(step, old, dataclasses.replace(old, entries=tuple(entries)))

    def _replace(self, text: str, old: HitList, new: HitList) -> None:
        self._push(text, tuple(new if one is old else one for one in self._lists))

    def _push(self, text: str, after: Lists) -> None:
        self.undo_stack.push(_Edit(text, self._lists, after, self._use))

    def _use(self, lists: Lists, what: str) -> None:
        before, self._lists = self._lists, lists
        current = _follow(self._current, before, lists)
        if current != self._current:
            self._current = current
            self.changed.emit()
            self.current_changed.emit()
        else:
            self.changed.emit()
        self._drop_chosen()
        self.edited.emit(what, _plates_of_change(before, lists))

    def _drop_chosen(self) -> None:
        """Of the chosen hits, keep those that the current list has."""
        if self._chosen:
            known = {entry.identity for entry in self.current.entries} if self.current is not None else set()
            self.choose(identity for identity in self._chosen if identity in known)

    def _set_current(self, name: str) -> None:
        if name != self._current:
            self._current = name
            self.current_changed.emit()
            self._drop_chosen()


def _plates_of_change(before: Lists, after: Lists) -> tuple[str, ...]:
    # By their ids: states share the lists and the hits that are the same.
    same = {id(one) for one in before} & {id(one) for one in after}
    was, then = ({id(e): e for one in s if id(one) not in same for e in one.entries} for s in (before, after))
    changed = [was.get(key) or then[key] for key in was.keys() ^ then.keys()]
    return tuple(sorted({entry.plate_sha256 for entry in changed if entry.plate_sha256}))


def _count(n: int) -> str:
    return f"{integer(n)} hit{'' if n == 1 else 's'}"


def _follow(name: str, before: Lists, after: Lists) -> str:
    """The current list after a change: the same one under its new name, or the one that took its place."""
    if not name and after:
        return after[-1].name
    if name in {one.name for one in after}:
        return name
    place = next((i for i, one in enumerate(before) if one.name == name), 0)
    return after[min(place, len(after) - 1)].name if after else ""
