"""A million texts without a million Python strings: one run of UTF-8 with the places where each begins."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

__all__ = ["PackedTexts"]

# Capitals of ASCII to their small letters; other bytes as they are.
_SMALL = np.arange(256, dtype=np.uint8)
_SMALL[ord("A") : ord("Z") + 1] += ord("a") - ord("A")


class PackedTexts(Sequence[str]):
    """Texts by their number.

    Parameters
    ----------
    data : uint8 (m,)
        All of them in UTF-8, one after the other.
    starts : int64 (n + 1,)
        Where each begins, and where the last one ends.
    ranks : int32 (n,)
        Place of each in the order of texts; equal ones share theirs.
    """

    def __init__(self, data: NDArray[np.uint8], starts: NDArray[np.int64], ranks: NDArray[np.int32]) -> None:
        self.ranks = ranks
        self._data = data
        self._starts = starts

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> PackedTexts:
        return cls(packed["data"], packed["starts"], packed["ranks"])

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        index %= len(self)
        return self._data[self._starts[index] : self._starts[index + 1]].tobytes().decode()

    @cached_property
    def _folded(self) -> NDArray[np.uint8]:
        return _SMALL[self._data]

    def containing(self, part: str) -> NDArray[np.bool_]:
        """Which texts have a part in them, bool (n,); capitals of ASCII make no difference."""
        pattern = np.frombuffer(part.encode(), dtype=np.uint8)
        found = np.zeros(len(self), dtype=bool)
        if not len(pattern):
            return ~found
        pattern = _SMALL[pattern]
        data = self._folded
        last = len(data) - len(pattern) + 1
        if last <= 0:
            return found
        places = np.flatnonzero(data[:last] == pattern[0])
        for offset, byte in enumerate(pattern[1:].tolist(), start=1):
            places = places[data[places + offset] == byte]
        rows = np.searchsorted(self._starts, places, side="right") - 1
        # Not where the end of one text and the beginning of the next make up the part.
        found[rows[places + len(pattern) <= self._starts[rows + 1]]] = True
        return found

    def row_of(self, text: str) -> int | None:
        """The first row that is exactly this text."""
        wanted = text.encode()
        for match in re.finditer(re.escape(wanted), self._data.data) if wanted else ():
            row = int(np.searchsorted(self._starts, match.start(), side="right")) - 1
            if self._starts[row] == match.start() and self._starts[row + 1] == match.end():
                return row
        return None
