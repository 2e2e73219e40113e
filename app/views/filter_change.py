"""Changes of the filter of a list, to be undone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from app.views.table.filtering import RowFilter

__all__ = ["RowFilterChange"]

_ID = 7002


class RowFilterChange(QUndoCommand):
    """From one filter to another; what is typed into one field, one after the other, is one change.

    Parameters
    ----------
    use : callable
        Takes the filter.
    before, after : RowFilter
    of : str
        What is filtered, as "candidates".
    page : str
        The page that it stands on.
    """

    def __init__(
        self,
        use: Callable[[RowFilter], None],
        before: RowFilter,
        after: RowFilter,
        of: str = "candidates",
        page: str = "candidates",
    ) -> None:
        super().__init__(_words(after, of))
        self._use, self._before, self._after, self.page = use, before, after, page

    def id(self) -> int:
        return _ID

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, RowFilterChange) or other.page != self.page:
            return False
        ours, theirs = _changed(self._before, self._after), _changed(other._before, other._after)
        if len(ours) != 1 or ours != theirs:
            return False
        self._after = other._after
        self.setText(other.text())
        self.setObsolete(self._after == self._before)
        return True

    def redo(self) -> None:
        self._use(self._after)

    def undo(self) -> None:
        self._use(self._before)


def _words(after: RowFilter, of: str) -> str:
    if after.empty:
        return f"clearing of the filter of {of}"
    return f"filter of {of} " + (f"“{after.text}”" if after.text else "by range")


def _changed(before: RowFilter, after: RowFilter) -> set[str]:
    """What differs: "text", or keys of ranges."""
    keys = before.ranges.keys() | after.ranges.keys()
    ranges = {f"range {key}" for key in keys if before.ranges.get(key) != after.ranges.get(key)}
    return ranges | ({"text"} if before.text != after.text else set())
