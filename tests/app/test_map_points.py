"""Points of the map as pixels, and found again by where they are."""

from __future__ import annotations

import numpy as np
import pytest

from app.views.map.gestures import ADD, REMOVE, REPLACE, combine
from app.views.map.lasso import inside_polygon
from app.views.map.point_index import PointIndex
from app.views.map.points import DIAMOND, DISC, Points, Scene
from app.views.map.rasterise import CRISP, Style, radius_for, rasterise
from app.views.map.viewport import Viewport

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
RED, BLUE = (213, 94, 0), (0, 114, 178)
PALETTE = np.array([RED, BLUE], dtype=np.uint8)


def scene(at, code, shape=DISC, layer=0, shown=True) -> Scene:
    n = len(at)

    def full(value, dtype):
        return np.broadcast_to(np.asarray(value, dtype=dtype), n).copy()

    return Scene(
        np.asarray(at, dtype=np.float32),
        full(code, np.uint8),
        full(shape, np.uint8),
        PALETTE,
        full(layer, np.uint8),
        full(shown, bool),
    )


def view(width=60, height=40) -> Viewport:
    """One pixel a unit, the origin in the middle."""
    return Viewport(0.0, 0.0, 1.0, width, height)


def paint(points: Points, **style) -> np.ndarray:
    """Red, green and blue."""
    pixels = rasterise(points, style.pop("at", view()), Style(WHITE, WHITE, **style))
    return pixels[:, :, 2::-1].astype(int)


def test_a_point_is_a_disc_of_its_own_colour_where_it_lies():
    image = paint(scene([[10, 5]], 0).in_order())
    # Up is less far down; the edges are mixed with the ground and nothing else.
    assert tuple(image[15, 40]) == RED
    painted = np.argwhere((image != 255).any(axis=2))
    assert np.abs(painted - [15, 40]).max() <= radius_for(1) + 1
    mixed = image[tuple(painted.T)]
    share = (255 - mixed) / (255 - np.array(RED))
    assert np.allclose(share, share[:, :1], atol=0.03)
    assert 0.05 < share.min() < share.max() == 1


def test_a_diamond_has_corners_and_a_disc_is_round():
    disc, diamond = (paint(scene([[0, 0]], 0, shape).in_order(), radius=8.0) for shape in (DISC, DIAMOND))
    corner = (20 - 5, 30 + 5)
    assert tuple(disc[corner]) == RED
    assert tuple(diamond[corner]) != RED
    assert tuple(diamond[20, 30]) == RED


def test_nothing_is_painted_where_nothing_is_shown():
    hidden = scene([[0, 0], [5, 5], [np.nan, 0]], 0, shown=[False, False, True])
    assert not len(hidden.in_order())
    assert (paint(hidden.in_order()) == 255).all()
    outside = scene([[1000, 0], [0, -1000]], 0)
    assert (paint(outside.in_order()) == 255).all()


def test_higher_layers_lie_on_top_whatever_the_order():
    for codes in ([0, 1], [1, 0]):
        points = scene([[0, 0], [0, 0]], codes, layer=[code == 1 for code in codes]).in_order()
        assert tuple(paint(points)[20, 30]) == BLUE


@pytest.mark.parametrize("order", [1, -1])
def test_neither_colour_of_a_crowd_hides_the_other(order):
    at = np.random.default_rng(1).normal(scale=60, size=(20_000, 2))
    codes = (np.arange(20_000) < 10_000).astype(np.uint8)[::order]
    image = paint(scene(at, codes).in_order(), at=view(300, 200)).reshape(-1, 3)
    red, blue = ((image == colour).all(axis=1).sum() for colour in (RED, BLUE))
    assert red > 1000
    assert 0.85 < red / blue < 1.18


def test_where_many_points_lie_the_colour_is_full_and_a_lone_point_is_pale():
    random = np.random.default_rng(2)
    crowd = random.normal(scale=3, size=(CRISP + 10_000, 2)) - [15, 0]
    image = paint(scene(np.vstack([crowd, [[20, 10]]]), 0).in_order())
    assert tuple(image[20, 15]) == RED
    lone = image[10, 50]
    assert (lone > np.array(RED)).any()
    assert (lone < 255).any()


def test_a_picture_and_one_of_a_moved_view_agree_where_they_overlap():
    at = np.random.default_rng(3).normal(scale=15, size=(250, 2))
    points = scene(at, 0).in_order()
    here = Viewport(0.3, -0.2, 1.7, 60, 40)
    left = rasterise(points, here.on_grid(), Style(WHITE, WHITE))
    right = rasterise(points, here.moved(-10, 4).on_grid(), Style(WHITE, WHITE))
    assert np.array_equal(left[:-4, 10:], right[4:, :-10])


def test_twice_the_pixels_on_a_fine_screen_and_no_ground_in_an_overlay():
    points = scene([[0, 0]], 0).in_order()
    pixels = rasterise(points, view(), Style(WHITE, BLACK, ratio=2.0, radius=5.0, rim_width=2.0, transparent=True))
    assert pixels.shape == (80, 120, 4)
    assert pixels[0, 0].tolist() == [0, 0, 0, 0]
    assert pixels[40, 60].tolist() == [*RED[::-1], 255]
    assert pixels[40, 60 + 12].tolist() == [0, 0, 0, 255]


# Where points are ---------------------------------------------------------------------------------------


def crossings(point, polygon) -> bool:
    """The even-odd rule as textbooks have it, point by point."""
    inside = False
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if (y0 > point[1]) != (y1 > point[1]) and point[0] < x0 + (point[1] - y0) * (x1 - x0) / (y1 - y0):
            inside = not inside
    return inside


@pytest.mark.parametrize("seed", range(4))
def test_a_lasso_holds_what_the_even_odd_rule_says(seed):
    random = np.random.default_rng(seed)
    points, polygon = random.uniform(-1, 1, (400, 2)), random.uniform(-1, 1, (12, 2))
    wanted = [crossings(point, polygon) for point in points]
    assert inside_polygon(points, polygon).tolist() == wanted
    found = PointIndex(points.astype(np.float32)).in_polygon(polygon)
    assert found.tolist() == np.flatnonzero([crossings(p, polygon) for p in points.astype(np.float32)]).tolist()


def test_a_line_that_is_no_area_holds_nothing():
    assert not inside_polygon(np.zeros((3, 2)), np.array([[0.0, 0.0], [1.0, 1.0]])).any()
    assert not len(PointIndex(np.zeros((3, 2), dtype=np.float32)).in_polygon(np.zeros((2, 2))))


def test_the_nearest_point_within_reach_and_all_within_a_rectangle():
    at = np.random.default_rng(5).normal(size=(3000, 2)).astype(np.float32)
    index = PointIndex(at)
    for x, y in ((0.0, 0.0), (1.3, -0.4), (9.0, 9.0)):
        distance = np.hypot(at[:, 0] - x, at[:, 1] - y)
        wanted = int(distance.argmin()) if distance.min() <= 0.2 else -1
        assert index.nearest(x, y, 0.2) == wanted
    inside = ((at >= [-0.5, -1]) & (at <= [0.25, 0.5])).all(axis=1)
    assert index.in_rectangle(0.25, 0.5, -0.5, -1).tolist() == np.flatnonzero(inside).tolist()


def test_no_points_are_nowhere():
    index = PointIndex(np.empty((0, 2), dtype=np.float32))
    assert index.nearest(0, 0, 1) == -1
    assert not len(index.in_rectangle(0, 0, 1, 1))


def test_zooming_keeps_what_is_under_the_pointer_and_ends_somewhere():
    at = np.array([[0.0, 0.0], [10.0, 4.0]])
    home = Viewport.fitted(at, 200, 100)
    near = home.zoomed(3.0, 150, 20, home)
    assert near.to_plane(150, 20) == pytest.approx(home.to_plane(150, 20))
    assert near.scale == pytest.approx(3 * home.scale)
    far = home.zoomed(1e-9, 0, 0, home)
    assert 0 < far.scale < home.scale
    assert home.zoomed(1e9, 0, 0, home).scale < 1e5 * home.scale
    inside = home.to_screen(at)
    assert (inside >= 0).all()
    assert (inside <= [200, 100]).all()


@pytest.mark.parametrize("points", [np.empty((0, 2)), np.full((2, 2), np.nan), np.zeros((3, 2))])
def test_a_view_of_nothing_or_of_one_place_is_a_view(points):
    fitted = Viewport.fitted(points, 100, 80)
    assert np.isfinite([fitted.x, fitted.y, fitted.scale]).all()
    assert fitted.refitted(50, 40).width == 50


def test_points_join_a_selection_or_leave_it():
    selection, rows = np.array([1, 3, 5]), np.array([3, 4])
    assert combine(selection, rows, REPLACE).tolist() == [3, 4]
    assert combine(selection, rows, ADD).tolist() == [1, 3, 4, 5]
    assert combine(selection, rows, REMOVE).tolist() == [1, 5]
    # A second click with Ctrl undoes the first.
    assert combine(selection, np.array([3]), ADD).tolist() == [1, 5]
