"""Points to pixels, in numpy: what a worker thread does while the window goes on.

Every point leaves its number in the small cells that its disc covers, later ones over earlier ones; the picture is
the mean of the cells' colours, which makes the edges smooth. One disc takes about a hundred cells and a million
points take a hundredth of a second a cell, so discs shrink as points become many. Where points lie on each other,
the shade says how many.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.views.map.points import DIAMOND, DISC, Points
from app.views.map.viewport import Viewport

__all__ = ["CRISP", "Style", "radius_for", "rasterise"]

CRISP = 20_000
"""Up to so many points in sight are painted as full discs with a rim."""

_LARGEST, _SMALLEST = 4.5, 0.75
# Discs in a worker's time: cells written by all points together.
_CELLS = 24_000_000
_CHUNK = 400_000
_EMPTY, _RIM = 255, 254
# How much of its colour a lone point shows where shade means density; a crowd of so many shows all.
_LONE, _CROWD = 0.6, 30.0


@dataclass(frozen=True)
class Style:
    """How points are painted.

    Parameters
    ----------
    ground, rim : (int, int, int)
        Colours behind the points and of the rim around crisp ones.
    ratio : float
        Pixels of the device to one of the view.
    radius : float or None
        Of a disc in pixels of the view; by the number of points in sight where None.
    rim_width : float
        In pixels of the view.
    transparent : bool
        Whether the ground is left out, for a picture over another.
    """

    ground: tuple[int, int, int]
    rim: tuple[int, int, int]
    ratio: float = 1.0
    radius: float | None = None
    rim_width: float = 0.8
    transparent: bool = False


def radius_for(count: int) -> float:
    """Radius of a disc, in pixels, when so many points are in sight."""
    if count <= CRISP:
        # From 4.5 at a few hundred to 3 at twenty thousand.
        return _LARGEST - 1.5 * min(1.0, max(0.0, math.log10(max(count, 1) / 300) / math.log10(CRISP / 300)))
    return max(_SMALLEST, 3.0 * math.sqrt(CRISP / count))


def rasterise(points: Points, view: Viewport, style: Style) -> NDArray[np.uint8]:
    """Paint points.

    Parameters
    ----------
    points : Points
        The last on top.
    view : Viewport
        In pixels of the view.
    style : Style

    Returns
    -------
    uint8 (height, width, 4)
        Blue, green, red and alpha, multiplied by alpha: what Qt calls ARGB32_Premultiplied on common processors.
    """
    width, height = round(view.width * style.ratio), round(view.height * style.ratio)
    at, keep = _in_sight(points, view, style)
    code, shape = points.code[keep], points.shape[keep]
    radius = (style.radius if style.radius is not None else radius_for(len(at))) * style.ratio
    crisp = len(at) <= CRISP or style.radius is not None
    fine = _fineness(len(at), radius)
    cells = np.full((height * fine, width * fine), _EMPTY, dtype=np.uint8)
    rim = style.rim_width * style.ratio if crisp else 0.0
    _stamp(cells, at * fine, code, shape, radius * fine, rim * fine)
    shade = None if crisp else _shade(at, radius, width, height)
    return _picture(cells, fine, points.palette, shade, style)


def _in_sight(points: Points, view: Viewport, style: Style) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Device pixels of the points that the view may show, and which those are."""
    # Single precision, from the middle of the view: a million points in a few milliseconds.
    scale = np.float32(view.scale * style.ratio)
    x = (points.at[:, 0] - np.float32(view.x)) * scale + np.float32(view.width * style.ratio / 2)
    y = (np.float32(view.y) - points.at[:, 1]) * scale + np.float32(view.height * style.ratio / 2)
    reach = np.float32((_LARGEST + 2) * 2 * style.ratio)
    inside = (x > -reach) & (x < view.width * style.ratio + reach)
    inside &= (y > -reach) & (y < view.height * style.ratio + reach)
    keep = np.flatnonzero(inside)
    return np.stack([x[keep], y[keep]], axis=1), keep


def _fineness(count: int, radius: float) -> int:
    """Cells along one side of a pixel."""
    for fine in (4, 3, 2):
        if count * math.pi * (radius * fine) ** 2 <= _CELLS:
            return fine
    return 1


def _stamp(
    cells: NDArray[np.uint8],
    at: NDArray[np.float32],
    code: NDArray[np.uint8],
    shape: NDArray[np.uint8],
    radius: float,
    rim: float,
) -> None:
    """Leave each point's code in the cells of its stamp, point by point."""
    stamps = {kind: _stamp_cells(kind, radius, rim) for kind in (DISC, DIAMOND)}
    kinds = [kind for kind in stamps if (shape == kind).any()]
    border = max(int(np.abs(offsets).max()) for offsets, _ in stamps.values()) + 1
    height, width = cells.shape
    # A border that is cut off again spares every stamp the question whether it is inside.
    wide = np.full((height + 2 * border, width + 2 * border), _EMPTY, dtype=np.uint8)
    column = np.clip(np.floor(at[:, 0]).astype(np.int64), -1, width) + border
    row = np.clip(np.floor(at[:, 1]).astype(np.int64), -1, height) + border
    outside = (at[:, 0] < -border) | (at[:, 0] > width + border) | (at[:, 1] < -border)
    outside |= at[:, 1] > height + border
    middle = (row * wide.shape[1] + column)[~outside]
    code, shape = code[~outside], shape[~outside]
    flat = wide.reshape(-1)
    for start, stop, kind in _runs(shape, kinds):
        offsets, is_rim = stamps[kind]
        places = offsets[:, 0] * wide.shape[1] + offsets[:, 1]
        step = max(1, _CHUNK // len(places))
        for first in range(start, stop, step):
            part = slice(first, min(first + step, stop))
            values = np.where(is_rim[None, :], np.uint8(_RIM), code[part, None])
            flat[middle[part, None] + places[None, :]] = values
    cells[:] = wide[border:-border, border:-border]


def _runs(shape: NDArray[np.uint8], kinds: list[int]) -> list[tuple[int, int, int]]:
    """Stretches of one shape; of shapes that alternate, one kind after the other would paint in a false order."""
    if not len(shape):
        return []
    if len(kinds) == 1:
        return [(0, len(shape), kinds[0])]
    ends = np.append(np.flatnonzero(np.diff(shape)) + 1, len(shape))
    starts = np.concatenate([[0], ends[:-1]])
    return [(int(a), int(b), int(shape[a])) for a, b in zip(starts, ends, strict=True)]


def _stamp_cells(kind: int, radius: float, rim: float) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Rows and columns of a stamp around its middle cell, and which belong to the rim."""
    outer = radius + rim
    span = math.ceil(outer)
    grid = np.mgrid[-span : span + 1, -span : span + 1].reshape(2, -1).T
    distance = np.abs(grid).sum(axis=1) / 1.1 if kind == DIAMOND else np.hypot(grid[:, 0], grid[:, 1])
    inside = distance <= max(outer - 0.25, 0.0)
    return grid[inside], (distance > radius)[inside] if rim else np.zeros(int(inside.sum()), dtype=bool)


def _shade(at: NDArray[np.float32], radius: float, width: int, height: int) -> NDArray[np.float32]:
    """How full of colour each pixel is painted, float32 (height, width): by the points around it."""
    column = np.clip(at[:, 0].astype(np.int32), 0, width - 1)
    row = np.clip(at[:, 1].astype(np.int32), 0, height - 1)
    count = np.bincount(row * width + column, minlength=width * height).reshape(height, width)
    reach = max(1, round(radius))
    mean = _blur(count.astype(np.float32), reach) * np.float32((2 * reach + 1) ** 2)
    share = np.log1p(np.maximum(mean - 1, 0)) / np.float32(math.log1p(_CROWD))
    return np.asarray(_LONE + (1 - _LONE) * np.minimum(share, 1), dtype=np.float32)


def _blur(image: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Mean over squares."""
    for axis in (0, 1):
        padding = [(0, 0), (0, 0)]
        padding[axis] = (reach + 1, reach)
        sums = np.cumsum(np.pad(image, padding, mode="edge"), axis=axis, dtype=np.float64)
        upper = np.take(sums, range(2 * reach + 1, sums.shape[axis]), axis=axis)
        lower = np.take(sums, range(0, sums.shape[axis] - 2 * reach - 1), axis=axis)
        image = ((upper - lower) / (2 * reach + 1)).astype(np.float32)
    return image


def _picture(
    cells: NDArray[np.uint8],
    fine: int,
    palette: NDArray[np.uint8],
    shade: NDArray[np.float32] | None,
    style: Style,
) -> NDArray[np.uint8]:
    """The mean colour of each pixel's cells over the ground."""
    colours = np.zeros((256, 4), dtype=np.uint16)
    colours[: len(palette), :3] = palette[:, ::-1]
    colours[:, 3] = 255
    colours[_RIM, :3] = style.rim[::-1]
    ground = np.array([*style.ground[::-1], 255], dtype=np.uint16)
    colours[_EMPTY] = 0 if style.transparent else ground
    height, width = cells.shape[0] // fine, cells.shape[1] // fine
    # Four sums of 16 bits in one number: a lookup a cell, not four.
    packed = colours.view(np.uint64).ravel()
    total = np.zeros((height, width), dtype=np.uint64)
    for down in range(fine):
        for right in range(fine):
            total += packed[cells[down::fine, right::fine]]
    image = total.view(np.uint16).reshape(height, width, 4) // (fine * fine)
    if shade is not None:
        weight = shade[:, :, None]
        image = np.rint(image * weight + (0 if style.transparent else ground) * (1 - weight))
    return np.ascontiguousarray(image.astype(np.uint8))
