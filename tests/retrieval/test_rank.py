from __future__ import annotations

from unittest import mock

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from molphenix_core.retrieval import rank, search
from molphenix_core.retrieval.build import build_library
from molphenix_core.retrieval.library import Library, open_library
from molphenix_core.retrieval.rank import rank_molecules, rank_of_molecule, scored_at


def _queries(count: int, width: int = 8) -> NDArray[np.float32]:
    vectors = np.random.default_rng(5).normal(size=(count, width)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _scores(queries: NDArray[np.float32], library: Library) -> NDArray[np.float64]:
    """Every score (q, doses, molecules), by brute force."""
    return np.einsum("qd,knd->qkn", queries.astype(np.float64), library.embeddings.astype(np.float64))


@pytest.mark.parametrize(
    ("dose", "index"),
    [
        (1.0, 1),
        (1.04, 1),
        (0.7, 1),
        (1.5, 1),
        (1 / 1.5, 1),
        (0.15, 0),
        (14.9, 2),
        (1.51, -1),
        (3.0, -1),
        (0.01, -1),
        (1e3, -1),
        (np.nan, -1),
    ],
)
def test_a_dose_is_scored_at_the_nearest_of_the_grid_within_a_factor(dose: float, index: int) -> None:
    assert scored_at([dose], 1, np.array([0.1, 1.0, 10.0])).tolist() == [index]


def test_unknown_doses_of_queries_and_grids_never_meet() -> None:
    assert scored_at([np.nan, 1.0], 2, np.array([np.nan])).tolist() == [-1, -1]
    assert scored_at([np.nan, 1.0], 2, np.array([np.nan, 1.0])).tolist() == [-1, 1]
    assert scored_at(None, 2, np.array([1.0])).tolist() == [-1, -1]


@pytest.mark.parametrize("doses", [[0.0], [-1.0], [np.inf], [1.0, 1.0]])
def test_doses_that_cannot_be_are_refused(library: Library, doses: list[float]) -> None:
    with pytest.raises(ValueError, match="doses must be"):
        rank_molecules(_queries(1), library, doses=doses)


@pytest.mark.parametrize("held_whole", [True, False])
def test_ranking_equals_brute_force_at_known_and_unknown_doses(
    library: Library, monkeypatch: pytest.MonkeyPatch, held_whole: bool
) -> None:
    if not held_whole:
        monkeypatch.setattr(rank, "_HELD_WHOLE", 0)
    queries = _queries(9)
    doses = [1.0, np.nan, 0.1, 10.2, np.nan, 3.2, 0.98, 0.13, 500.0]
    shares: list[float] = []
    ranking = rank_molecules(queries, library, doses=doses, top=7, progress=lambda share, _: shares.append(share))
    np.testing.assert_array_equal(ranking.scored_at, [1, np.nan, 0.1, 10, np.nan, np.nan, 1, 0.1, np.nan])
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)

    every = _scores(queries, library)
    at = {0.1: 0, 1.0: 1, 10.0: 2}
    for row, dose in enumerate(ranking.scored_at):
        exact = every[row, at[dose]] if np.isfinite(dose) else every[row].max(axis=0)
        molecules = ranking.molecule[row]
        assert molecules.tolist() == np.argsort(-exact, kind="stable")[:7].tolist()
        np.testing.assert_allclose(ranking.score[row], exact[molecules], atol=1e-6)
        expected = every[row][:, molecules].argmax(axis=0) if np.isnan(dose) else [at[dose]] * 7
        np.testing.assert_array_equal(ranking.dose_index[row], expected)


def test_a_molecule_stands_once_however_many_doses(library: Library) -> None:
    ranking = rank_molecules(_queries(4), library, top=1000)
    assert ranking.molecule.shape == (4, len(library))
    assert (np.sort(ranking.molecule, axis=1) == np.arange(len(library))).all()
    assert len(np.unique(ranking.dose_index)) > 1


def test_no_queries_give_an_empty_ranking(library: Library) -> None:
    ranking = rank_molecules(_queries(0), library, top=5)
    assert ranking.molecule.shape == ranking.score.shape == (0, 5)


@pytest.mark.parametrize("doses", [None, [1.0, np.nan, 10.0, 0.1, np.nan]])
def test_rank_of_a_molecule_is_its_place_in_the_ranking(library: Library, doses: list[float] | None) -> None:
    queries = _queries(5)
    whole = rank_molecules(queries, library, doses=doses, top=len(library))
    for place in (0, 3, len(library) - 1):
        with mock.patch.multiple(search, _SEGMENT=20, _CONVERTED=7), mock.patch.object(rank, "_ROWS", 2):
            found = rank_of_molecule(queries, library, whole.molecule[:, place], doses=doses)
        assert found.tolist() == [place + 1] * 5


def test_no_molecule_has_no_rank(library: Library) -> None:
    ranks = rank_of_molecule(_queries(3), library, np.array([-1, 4, -1]))
    assert np.isnan(ranks).tolist() == [True, False, True]


def test_half_of_the_ties_count(tmp_path: object, records: pd.DataFrame) -> None:
    class Ties:
        """Embeds all molecules alike but the first, which points the other way."""

        molecule_path_hash, width = "ties", 2

        def is_seen(self, inchikey: str | None) -> bool:
            return inchikey is None

        def molecule_features(self, smiles: list[str], **_: object) -> NDArray[np.float32]:
            return np.array([[-1.0, 0.0] if text == "C" else [0.6, 0.8] for text in smiles], dtype=np.float32)

        def embed_molecules(
            self, features: NDArray[np.float32], doses: NDArray[np.float64]
        ) -> NDArray[np.float32]:
            return np.repeat(features[:, None], len(doses), axis=1)

    build_library(records, Ties(), tmp_path / "ties", doses=[1.0], name="", source="", licence="")  # type: ignore
    library = open_library(tmp_path / "ties")  # type: ignore[operator]
    first = library.molecules["smiles"].tolist().index("C")
    other = (first + 1) % len(library)
    toward, away = np.array([[1.0, 0.0]], dtype=np.float32), np.array([[-1.0, 0.0]], dtype=np.float32)
    count = len(library)
    assert rank_of_molecule(toward, library, np.array([first])).tolist() == [count]
    assert rank_of_molecule(away, library, np.array([first])).tolist() == [1]
    assert rank_of_molecule(toward, library, np.array([other])).tolist() == [1 + (count - 2) / 2]
    assert rank_of_molecule(away, library, np.array([other])).tolist() == [2 + (count - 2) / 2]


@pytest.mark.parametrize("index", [np.array([50]), np.array([-2]), np.array([0, 1]), np.array([0.0])])
def test_an_index_beyond_the_library_is_refused(library: Library, index: np.ndarray) -> None:
    assert len(library) == 50
    with pytest.raises(ValueError, match="molecule_index"):
        rank_of_molecule(_queries(1), library, index)


def test_queries_of_another_width_are_refused(library: Library) -> None:
    with pytest.raises(ValueError, match=r"\(q, 8\)"):
        rank_molecules(_queries(1, 9), library)
