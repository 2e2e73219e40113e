"""Which points lie within a line drawn around them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["inside_polygon"]


def inside_polygon(points: NDArray[np.floating], polygon: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Points inside a closed line, by the even-odd rule.

    Each side of the polygon looks only at the points between its ends' heights, which stand side by side once the
    points are sorted: a million points and a lasso of hundreds of sides take a few tenths of a second.

    Parameters
    ----------
    points : float (n, 2)
    polygon : float (m, 2)
        Its corners in order; the last is joined to the first. Fewer than three hold nothing.

    Returns
    -------
    bool (n,)
    """
    inside = np.zeros(len(points), dtype=bool)
    if len(polygon) < 3 or not len(points):
        return inside
    corners = np.asarray(polygon, dtype=np.float64)
    low, high = corners.min(axis=0), corners.max(axis=0)
    within = np.flatnonzero(((points >= low) & (points <= high)).all(axis=1))
    order = within[np.argsort(points[within, 1])]
    x, y = points[order, 0].astype(np.float64), points[order, 1].astype(np.float64)
    odd = np.zeros(len(order), dtype=bool)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 == y1:
            continue
        # Half open, so that a ray through a corner crosses the line once.
        first, last = np.searchsorted(y, sorted((y0, y1)), side="left")
        if first < last:
            part = slice(int(first), int(last))
            odd[part] ^= x[part] < x0 + (y[part] - y0) * ((x1 - x0) / (y1 - y0))
    inside[order] = odd
    return inside
