from __future__ import annotations

from unittest import mock

import numpy as np
import pytest

from molphenix_core.retrieval import measured
from molphenix_core.retrieval.measured import nearest_measured


def test_equals_brute_force_without_the_own_treatment() -> None:
    random = np.random.default_rng(3)
    queries, references = random.normal(size=(11, 5)), random.normal(size=(40, 5)) * 7
    own, group = random.integers(0, 6, 11), random.integers(0, 6, 40)
    shares: list[float] = []
    with mock.patch.object(measured, "_ROWS", 4):
        found = nearest_measured(
            queries,
            references,
            query_group=own,
            reference_group=group,
            top=6,
            progress=lambda share, _: shares.append(share),
        )
    assert shares == [4 / 11, 8 / 11, 1]
    for row in range(11):
        cosine = references @ queries[row] / np.linalg.norm(references, axis=1) / np.linalg.norm(queries[row])
        cosine[group == own[row]] = -np.inf
        expected = np.argsort(-cosine, kind="stable")[:6]
        assert found.index[row].tolist() == expected.tolist()
        np.testing.assert_allclose(found.similarity[row], cosine[expected], atol=1e-6)


def test_where_fewer_are_left_there_is_none() -> None:
    found = nearest_measured(
        [[1.0, 0.0]], [[1.0, 0.0], [1.0, 1.0], [0.0, 0.0]], query_group=[3], reference_group=[3, 2, 3], top=9
    )
    assert found.index.tolist() == [[1, -1, -1]]
    np.testing.assert_allclose(found.similarity, [[0.5**0.5, np.nan, np.nan]], rtol=1e-6)


def test_a_query_without_treatment_is_compared_with_all_and_zeros_are_like_nothing() -> None:
    found = nearest_measured(
        [[1.0, 0.0], [0.0, 0.0]], [[-1.0, 0.0], [0.0, 0.0]], query_group=[-1, -1], reference_group=[-1, -1]
    )
    assert found.index.tolist() == [[1, 0], [0, 1]]
    assert found.similarity.tolist() == [[0, -1], [0, 0]]


def test_equals_come_in_order_of_index() -> None:
    found = nearest_measured(np.ones((1, 2)), np.ones((5, 2)), query_group=[0], reference_group=[1] * 5, top=3)
    assert found.index.tolist() == [[0, 1, 2]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"queries": np.ones((1, 3))}, "one width"),
        ({"queries": np.array([[np.nan, 1]])}, "finite"),
        ({"references": np.array([[np.inf, 1]] * 2)}, "finite"),
        ({"query_group": [0, 1]}, "query_group"),
        ({"reference_group": [0.5, 1]}, "reference_group"),
        ({"top": 0}, "at least 1"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, object], message: str) -> None:
    given = {
        "queries": np.ones((1, 2)),
        "references": np.ones((2, 2)),
        "query_group": [0],
        "reference_group": [0, 1],
    }
    given.update(change)
    with pytest.raises(ValueError, match=message):
        nearest_measured(given.pop("queries"), given.pop("references"), **given)  # type: ignore[arg-type]
