"""Phenotypes laid flat and grouped: principal components, neighbours, UMAP and clusters."""

from __future__ import annotations

import numpy as np
import pytest

from molphenix_core.errors import Cancelled, InputError
from molphenix_core.plates.density_clusters import density_clusters
from molphenix_core.plates.neighbour_map import MAP_MOST, neighbour_map
from molphenix_core.plates.neighbours import nearest_neighbours
from molphenix_core.plates.projection import centred_units, draw_in, principal_components


def unit(values: np.ndarray) -> np.ndarray:
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def blobs(
    sizes: tuple[int, ...], *, width: int = 12, spread: float = 0.15, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    label = np.repeat(np.arange(len(sizes)), sizes)
    middles = np.linalg.qr(random.normal(size=(width, width)))[0][: len(sizes)]
    return unit(middles[label] + random.normal(scale=spread, size=(len(label), width))), label


def test_principal_components_are_those_of_a_singular_value_decomposition() -> None:
    values = np.random.default_rng(0).normal(size=(200, 6)) * [5, 3, 1, 1, 1, 1]
    flat = principal_components([values])
    centred = values - values.mean(axis=0)
    _, s, axes = np.linalg.svd(centred, full_matrices=False)
    assert np.allclose(np.abs(flat.coordinates), np.abs(centred @ axes[:2].T), atol=1e-4)
    assert flat.shares == pytest.approx((s**2 / (s**2).sum())[:2])
    again = principal_components([values])
    assert np.array_equal(again.coordinates, flat.coordinates)


def test_groups_count_alike_however_many_points_each_has() -> None:
    random = np.random.default_rng(1)
    many = random.normal(size=(5000, 3)) * [1, 3, 0.1]
    few = random.normal(size=(20, 3)) * [30, 1, 0.1]
    flat = principal_components([many, few])
    # The few spread most along the first column, which 5,000 points would hide.
    assert np.corrcoef(np.abs(flat.coordinates[5000:, 0]), np.abs(few[:, 0] - few[:, 0].mean()))[0, 1] > 0.9
    assert np.array_equal(
        principal_components([many, few[:0]]).coordinates, principal_components([many]).coordinates
    )


def test_no_points_and_one_column_have_a_plane_too() -> None:
    assert principal_components([np.empty((0, 4))]).coordinates.shape == (0, 2)
    one = principal_components([np.arange(5.0)[:, None]])
    assert np.allclose(one.coordinates[:, 0], [-2, -1, 0, 1, 2])
    assert not one.coordinates[:, 1].any()


def test_a_dead_well_does_not_take_the_axes_for_itself() -> None:
    values = np.random.default_rng(2).normal(size=(100, 5))
    dead = np.vstack([values, [[1000.0] * 5]])
    length = np.linalg.norm(draw_in(dead), axis=1)
    assert length.max() == pytest.approx(5 * np.median(length), rel=1e-4)


def test_units_about_the_mean() -> None:
    units = centred_units(np.random.default_rng(3).normal(size=(50, 4)) + 10)
    assert np.allclose(np.linalg.norm(units, axis=1), 1, atol=1e-6)
    assert np.linalg.norm(units.mean(axis=0)) < 0.3
    assert not centred_units(np.ones((3, 4))).any()


def test_neighbours_are_those_of_all_distances() -> None:
    units, _ = blobs((30, 30))
    index, distance = nearest_neighbours(units, 5)
    whole = 1 - units @ units.T
    assert index[:, 0].tolist() == list(range(60))
    assert np.allclose(distance, np.sort(whole, axis=1)[:, :5].clip(0), atol=1e-5)
    assert (np.diff(distance, axis=1) >= 0).all()
    other, _ = nearest_neighbours(units[:4], 1, among=units[10:])
    assert other[:, 0].tolist() == (units[:4] @ units[10:].T).argmax(axis=1).tolist()
    assert nearest_neighbours(units[:3], 9)[0].shape == (3, 3)


def test_a_map_keeps_neighbours_together_and_is_the_same_each_time() -> None:
    units, label = blobs((40, 40, 40))
    start = principal_components([units]).coordinates
    told: list[float] = []
    placed = neighbour_map([units], start, progress=lambda share, _text: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1
    middles = np.array([placed[label == one].mean(axis=0) for one in range(3)])
    nearest = np.linalg.norm(placed[:, None] - middles, axis=2).argmin(axis=1)
    assert (nearest == label).mean() > 0.98
    assert np.array_equal(placed, neighbour_map([units], start))


def test_two_groups_that_are_like_only_themselves_still_lie_over_each_other() -> None:
    units, label = blobs((60, 60), width=11)
    # The same two clusters once more, with a part that sets all of one group apart from all of the other.
    first = unit(np.hstack([units, np.full((120, 1), 2.0)]))
    second = unit(np.hstack([units, np.full((120, 1), -2.0)]))
    start = principal_components([first, second]).coordinates
    placed = neighbour_map([first, second], start)
    one, other = placed[:120], placed[120:]
    for kind in (0, 1):
        here, there = one[label == kind].mean(axis=0), other[label == kind].mean(axis=0)
        elsewhere = other[label != kind].mean(axis=0)
        assert np.linalg.norm(here - there) < np.linalg.norm(here - elsewhere)


def test_a_map_can_be_stopped_while_it_is_laid_out() -> None:
    units, _ = blobs((40, 40))

    def stop(share: float, _text: str) -> None:
        if share > 0.6:
            raise Cancelled("Stopped")

    with pytest.raises(Cancelled):
        neighbour_map([units], principal_components([units]).coordinates, progress=stop)


@pytest.mark.parametrize("count", [3, MAP_MOST + 1])
def test_too_few_or_too_many_points_for_a_map(count: int) -> None:
    with pytest.raises(InputError, match="points"):
        neighbour_map([np.zeros((count, 1), dtype=np.float32)], np.zeros((count, 2)))


def test_clusters_are_found_largest_first_and_lone_points_are_in_none() -> None:
    units, label = blobs((30, 50, 20), width=30, spread=0.02)
    lone = unit(np.random.default_rng(4).normal(size=(200, 30)))
    found = density_clusters(np.vstack([units, lone]))
    order = {1: 0, 0: 1, 2: 2}
    assert all(np.bincount(found[:100][label == kind] + 1).argmax() - 1 == place for kind, place in order.items())
    assert (found[100:] == -1).mean() > 0.9
    assert found.dtype == np.int32


def test_few_points_are_in_no_cluster_and_twins_do_not_disturb() -> None:
    assert density_clusters(np.eye(5, dtype=np.float32)).tolist() == [-1] * 5
    twins = unit(np.repeat(np.random.default_rng(5).normal(size=(2, 8)), 40, axis=0))
    assert set(density_clusters(twins)) == {0, 1}
