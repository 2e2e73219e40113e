"""What a process of the engine keeps between requests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from app.models import Models
from molphenix_core.errors import PlateFileError
from molphenix_core.progress import Progress
from molphenix_core.retrieval.workbench import Workbench, open_workbench

__all__ = ["State", "file_token"]

_OPEN_AT_ONCE = 8

T = TypeVar("T")


class State:
    """The model, the library and the plates that are open in this process."""

    def __init__(self) -> None:
        self.models = Models()
        self._workbenches: dict[tuple[str, str], Workbench] = {}
        self._kept: dict[str, tuple[object, object]] = {}

    def keep(self, name: str, of: object, make: Callable[[], T]) -> T:
        """What was made of an object, as an index of the library; made again where that is another object."""
        known = self._kept.get(name)
        if known is None or known[0] is not of:
            known = self._kept[name] = of, make()
        return known[1]  # type: ignore[return-value]

    def workbench(self, path: str, token: str, progress: Progress) -> Workbench:
        """A plate as it was when its token was given out, whatever has become of the file since.

        Raises
        ------
        PlateFileError
            When this process has to read the file, and it is no longer what it was: row numbers of the one
            would name wells of the other.
        """
        if (path, token) not in self._workbenches:
            now = file_token(path)
            if now != token:
                found = "changed since it was opened" if now else "nothing there any more"
                raise PlateFileError(path, "file", found, "the content that is on screen: open it again")
            self._workbenches[path, token] = open_workbench(path, self.models.bundle(progress), progress=progress)
            while len(self._workbenches) > _OPEN_AT_ONCE:
                self._workbenches.pop(next(iter(self._workbenches)))
        return self._workbenches[path, token]


def file_token(path: str) -> str:
    """What tells one content of a file from the next: time of change and size; "" where there is no file."""
    # Taken before the file is read: a change meanwhile can then only make the token too old, never too new.
    try:
        stat = Path(path).stat()
    except OSError:
        return ""
    return f"{stat.st_mtime_ns} {stat.st_size}"
