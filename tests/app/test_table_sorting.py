"""Order of rows by several keys."""

from __future__ import annotations

import numpy as np
import pytest

from app.views.table.columns import TableColumn, text_ranks
from app.views.table.sorting import sort_order


def test_without_keys_rows_stay_in_their_order():
    assert sort_order([], 3).tolist() == [0, 1, 2]


@pytest.mark.parametrize("descending", [False, True])
def test_missing_numbers_come_last_either_way(descending):
    values = np.array([2.0, np.nan, 1.0, np.nan, 3.0])
    order = sort_order([(values, descending)], 5).tolist()
    assert order == ([4, 0, 2, 1, 3] if descending else [2, 0, 4, 1, 3])


@pytest.mark.parametrize("kind", ["few ties", "many ties"])
@pytest.mark.parametrize("directions", [(False, False), (True, False), (False, True), (True, True)])
def test_several_keys_give_the_order_of_lexsort(kind, directions):
    rng = np.random.default_rng(0)
    n = 2000
    first = rng.integers(0, 1500 if kind == "few ties" else 5, n).astype(float)
    first[rng.random(n) < 0.05] = np.nan
    second = rng.integers(-4, 4, n)
    third = rng.normal(size=n).astype(np.float32)
    keys = [(first, directions[0]), (second, directions[1]), (third, False)]
    signed = [-values if down else values for values, down in keys]
    assert sort_order(keys, n).tolist() == np.lexsort(signed[::-1]).tolist()


def test_equal_rows_keep_their_place():
    values = np.array([1.0, 0.0, 1.0, 0.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
    assert sort_order([(values, False)], 10).tolist() == [1, 3, 0, 2, 4, 5, 6, 7, 8, 9]


def test_texts_are_sorted_without_regard_to_capitals_and_missing_ones_last():
    texts = ("beta", "Alpha", "gamma")
    column = TableColumn("t", "T", np.array([0, -1, 2, 1], dtype=np.int32), "text", categories=texts)
    assert sort_order([(column.sort_key(), False)], 4).tolist() == [3, 0, 2, 1]
    assert sort_order([(column.sort_key(), True)], 4).tolist() == [2, 0, 3, 1]
    assert text_ranks(("b", "A", "a")).tolist() == [1, 0, 0]


def test_ranks_that_came_with_the_column_are_used():
    ranks = np.array([2, 0, 1])
    column = TableColumn("t", "T", np.array([0, 1, 2]), "text", categories=("a", "b", "c"), ranks=ranks)
    assert sort_order([(column.sort_key(), False)], 3).tolist() == [1, 2, 0]


def test_a_column_says_what_is_wrong_with_it():
    with pytest.raises(ValueError, match=r"'x'.*one dimension"):
        TableColumn("x", "X", np.zeros((2, 2)))
    with pytest.raises(ValueError, match="categories"):
        TableColumn("x", "X", np.zeros(2, dtype=np.int32), "text")
