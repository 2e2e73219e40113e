"""Points of a map, as the painter takes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["DIAMOND", "DISC", "Points", "Scene"]

DISC, DIAMOND = 0, 1
_SEED = 0


@dataclass(frozen=True, eq=False)
class Points:
    """Points in the order in which they are painted, the last on top.

    Parameters
    ----------
    at : float32 (n, 2)
        Where they are; y grows upwards.
    code : uint8 (n,)
        Index into the palette.
    shape : uint8 (n,)
        :data:`DISC` or :data:`DIAMOND`.
    row : int32 (n,)
        Which of the map's points each is.
    palette : uint8 (k, 3)
        At most 254 colours.
    """

    at: NDArray[np.float32]
    code: NDArray[np.uint8]
    shape: NDArray[np.uint8]
    row: NDArray[np.int32]
    palette: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True, eq=False)
class Scene:
    """All points of a map, in the order of its tables.

    Parameters
    ----------
    at : float32 (n, 2)
        NaN for points that have no place.
    code : uint8 (n,)
        Index into the palette.
    shape : uint8 (n,)
        :data:`DISC` or :data:`DIAMOND`.
    palette : uint8 (k, 3)
        At most 254 colours.
    layer : uint8 (n,)
        Higher ones lie above lower ones.
    shown : bool (n,)
        Which to paint.
    axes : (str, str)
        What stands at the axes of these points.
    title, tip : str
        What these points are, in a line and at length.
    """

    at: NDArray[np.float32]
    code: NDArray[np.uint8]
    shape: NDArray[np.uint8]
    palette: NDArray[np.uint8]
    layer: NDArray[np.uint8]
    shown: NDArray[np.bool_]
    axes: tuple[str, str] = ("", "")
    title: str = ""
    tip: str = ""

    def __len__(self) -> int:
        return len(self.at)

    def in_order(self) -> Points:
        """The points to paint, by layers and within a layer at random.

        In the order of the table the last plate would cover the first, and in the order of the values the rare
        would hide the common; at random each colour has its share of a crowd. The order is always the same one.
        """
        rows = np.flatnonzero(self.shown & np.isfinite(self.at).all(axis=1)).astype(np.int32)
        rows = np.random.default_rng(_SEED).permutation(rows)
        # Within a layer discs lie above diamonds: one shape after the other is painted at once.
        above = 2 * self.layer[rows].astype(np.int16) + (self.shape[rows] == DISC)
        return self._take(rows[np.argsort(above, kind="stable")])

    def some(self, rows: NDArray[np.integer]) -> Points:
        """Those of some points that are shown, diamonds first."""
        kept = np.asarray(rows, dtype=np.int32)
        kept = kept[self.shown[kept] & np.isfinite(self.at[kept]).all(axis=1)]
        return self._take(kept[np.argsort(self.shape[kept] == DISC, kind="stable")])

    def _take(self, rows: NDArray[np.int32]) -> Points:
        return Points(np.ascontiguousarray(self.at[rows]), self.code[rows], self.shape[rows], rows, self.palette)
