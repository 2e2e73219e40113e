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
_LONE, _CROWD = 0.6, 40
# Rows of pixels.
_BAND = 32


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
    """Radius of a disc, in pixels, when so many points are in sight: in steps, so that it seldom changes."""
    if count <= CRISP:
        # From 4.5 at a few hundred to 3 at twenty thousand.
        share = math.log10(max(count, 300) / 300) / math.log10(CRISP / 300)
        return round(2 * (_LARGEST - 1.5 * share)) / 2
    return max(_SMALLEST, round(4 * 3.0 * math.sqrt(CRISP / count)) / 4)


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


def _in_sight(points: Points, view: Viewport, style: Style) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Device pixels of the points that the view may show, and which those are."""
    # In double precision, or a point would be rounded another way in the picture of the next view.
    scale = view.scale * style.ratio
    x = points.at[:, 0] * np.float64(scale)
    x += view.width * style.ratio / 2 - view.x * scale
    y = points.at[:, 1] * np.float64(-scale)
    y += view.height * style.ratio / 2 + view.y * scale
    reach = (_LARGEST + 2) * 2 * style.ratio
    inside = (x > -reach) & (x < view.width * style.ratio + reach)
    inside &= (y > -reach) & (y < view.height * style.ratio + reach)
    keep = np.flatnonzero(inside)
    return np.stack([x[keep], y[keep]], axis=1), keep


def _fineness(count: int, radius: float) -> int:
    """Cells along one side of a pixel."""
    for fine in (3, 2):
        if count * math.pi * (radius * fine) ** 2 <= _CELLS:
            return fine
    return 1


def _stamp(
    cells: NDArray[np.uint8],
    at: NDArray[np.float64],
    code: NDArray[np.uint8],
    shape: NDArray[np.uint8],
    radius: float,
    rim: float,
) -> None:
    """Leave each point's code in the cells of its stamp, point by point."""
    stamps = {kind: _stamp_cells(kind, radius, rim) for kind in (DISC, DIAMOND)}
    kinds = [kind for kind in stamps if (shape == kind).any()]
    reach = max(int(np.abs(offsets).max()) for offsets, _ in stamps.values()) + 1
    height, width = cells.shape
    # A border that is cut off again spares every stamp the question whether it is inside.
    border = 2 * reach
    wide = np.full((height + 2 * border, width + 2 * border), _EMPTY, dtype=np.uint8)
    column, row = np.floor(at).astype(np.int64).T
    near = (column >= -reach) & (column < width + reach) & (row >= -reach) & (row < height + reach)
    middle = ((row + border) * wide.shape[1] + column + border)[near]
    code, shape = code[near], shape[near]
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


def _shade(at: NDArray[np.float64], radius: float, width: int, height: int) -> NDArray[np.uint16]:
    """How full of colour each pixel is painted, uint16 (height, width) of 256: by the points around it."""
    column = np.clip(at[:, 0].astype(np.int32), 0, width - 1)
    row = np.clip(at[:, 1].astype(np.int32), 0, height - 1)
    count = np.bincount(row * width + column, minlength=width * height).reshape(height, width)
    reach = max(1, round(radius))
    around = _sums(np.minimum(count, _CROWD).astype(np.uint16), reach)
    share = np.log(np.maximum(np.arange(_CROWD + 1), 1)) / math.log(_CROWD)
    table = np.rint(256 * (_LONE + (1 - _LONE) * share)).astype(np.uint16)
    return table[np.minimum(around, _CROWD)]


def _sums(image: NDArray[np.uint16], reach: int) -> NDArray[np.uint16]:
    """Sums over squares of so many pixels to each side."""
    for axis in (0, 1):
        total = image.copy()
        for step in range(1, reach + 1):
            here, there = [slice(None)] * 2, [slice(None)] * 2
            here[axis], there[axis] = slice(step, None), slice(None, -step)
            total[tuple(here)] += image[tuple(there)]
            total[tuple(there)] += image[tuple(here)]
        image = total
    return image


def _picture(
    cells: NDArray[np.uint8],
    fine: int,
    palette: NDArray[np.uint8],
    shade: NDArray[np.uint16] | None,
    style: Style,
) -> NDArray[np.uint8]:
    """The mean colour of each pixel's cells over the ground."""
    colours = np.zeros((256, 4), dtype=np.uint16)
    colours[: len(palette), :3] = palette[:, ::-1]
    colours[:, 3] = 255
    colours[_RIM, :3] = style.rim[::-1]
    ground = np.array([*style.ground[::-1], 255], dtype=np.uint16)
    if style.transparent:
        ground[:] = 0
    colours[_EMPTY] = ground
    # Four sums of 16 bits in one number: a lookup a cell, not four.
    packed = colours.view(np.uint64).ravel()
    height, width = cells.shape[0] // fine, cells.shape[1] // fine
    picture = np.empty((height, width, 4), dtype=np.uint8)
    # In bands that stay in the processor's cache.
    for top in range(0, height, _BAND):
        band = cells[top * fine : (top + _BAND) * fine]
        total = packed[band[::fine, ::fine]]
        for place in range(1, fine * fine):
            total += packed[band[place // fine :: fine, place % fine :: fine]]
        image = total.view(np.uint16).reshape(-1, width, 4)
        if fine > 1:
            image //= np.uint16(fine * fine)
        if shade is not None:
            weight = shade[top : top + _BAND, :, None]
            image *= weight
            image += ground * (256 - weight)
            image >>= 8
        picture[top : top + _BAND] = image
    return picture
