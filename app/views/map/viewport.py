"""Which part of the plane a map shows, and at what scale."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["Viewport"]

_MARGIN = 0.06
# Further out the points are a speck, further in single precision runs out.
_FURTHEST, _NEAREST = 0.2, 2000.0


@dataclass(frozen=True)
class Viewport:
    """A window on the plane; both axes have one scale, so that distances mean what they seem to.

    Parameters
    ----------
    x, y : float
        What is at the middle, in units of the data; y grows upwards.
    scale : float
        Pixels a unit.
    width, height : int
        Pixels.
    extent : (float, float)
        Across and up, in units of the data: what has to be in sight where all is shown.
    """

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    width: int = 1
    height: int = 1
    extent: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def fitted(cls, points: NDArray[np.floating], width: int, height: int) -> Viewport:
        """The view that shows all points.

        Parameters
        ----------
        points : float (n, 2)
            Those that are not finite are left out.
        width, height : int
            Pixels.
        """
        finite = points[np.isfinite(points).all(axis=1)]
        if not len(finite):
            return cls(width=width, height=height)
        low, high = finite.min(axis=0).astype(np.float64), finite.max(axis=0).astype(np.float64)
        extent = np.maximum(high - low, 1e-9 * max(1.0, float(np.abs(high).max())))
        extent /= 1 - 2 * _MARGIN
        scale = float(min(width / extent[0], height / extent[1]))
        x, y = (low + high) / 2
        return cls(float(x), float(y), scale, width, height, (float(extent[0]), float(extent[1])))

    def refitted(self, width: int, height: int) -> Viewport:
        """The view that shows the same extent in a window of another size; for one that shows all points.

        Parameters
        ----------
        width, height : int
            Pixels.
        """
        across, up = self.extent
        scale = min(max(width, 1) / across, max(height, 1) / up) if across > 0 and up > 0 else self.scale
        return replace(self, scale=scale, width=max(width, 1), height=max(height, 1))

    def to_screen(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Pixels from the upper left corner, float64 (n, 2), of points of the plane, (n, 2)."""
        out = np.empty(points.shape, dtype=np.float64)
        out[:, 0] = (points[:, 0] - self.x) * self.scale + self.width / 2
        out[:, 1] = (self.y - points[:, 1]) * self.scale + self.height / 2
        return out

    def to_plane(self, left: float, top: float) -> tuple[float, float]:
        """The point of the plane at a pixel."""
        return self.x + (left - self.width / 2) / self.scale, self.y - (top - self.height / 2) / self.scale

    def moved(self, right: float, down: float) -> Viewport:
        """The view after the points were moved by some pixels."""
        return replace(self, x=self.x - right / self.scale, y=self.y + down / self.scale)

    def zoomed(self, factor: float, left: float, top: float, home: Viewport) -> Viewport:
        """The view at another scale, with the same point of the plane under a pixel.

        Parameters
        ----------
        factor : float
            Above 1 to come nearer.
        left, top : float
            The pixel.
        home : Viewport
            The view that shows all points: scales are held within 1/5 and 2,000 times its own.
        """
        scale = min(max(self.scale * factor, _FURTHEST * home.scale), _NEAREST * home.scale)
        x, y = self.to_plane(left, top)
        return replace(
            self,
            scale=scale,
            x=x - (left - self.width / 2) / scale,
            y=y + (top - self.height / 2) / scale,
        )

    def resized(self, width: int, height: int) -> Viewport:
        """The same middle and scale in a window of another size."""
        return replace(self, width=max(width, 1), height=max(height, 1))

    def enlarged(self, margin: int) -> Viewport:
        """The view with some pixels more on every side."""
        return self.resized(self.width + 2 * margin, self.height + 2 * margin)

    def offset_in(self, other: Viewport) -> tuple[float, float, float]:
        """Where this view begins in another one, left and top in pixels of that, and its pixels to one of ours."""
        ratio = other.scale / self.scale
        left = (self.x - other.x) * other.scale + other.width / 2 - self.width / 2 * ratio
        top = (other.y - self.y) * other.scale + other.height / 2 - self.height / 2 * ratio
        return left, top, ratio

    def on_grid(self) -> Viewport:
        """The nearest view whose middle is a whole number of pixels from the plane's origin.

        Pictures of such views at one scale agree wherever they overlap, so that nothing flickers while one is
        moved over the other.
        """
        if not math.isfinite(self.x * self.scale + self.y * self.scale):
            return self
        return replace(self, x=round(self.x * self.scale) / self.scale, y=round(self.y * self.scale) / self.scale)
