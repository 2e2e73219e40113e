"""The figures of a retriever on held-out treatments, beside its rivals, as one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molphenix_core.evaluation.collapsed_chance import collapsed_top
from molphenix_core.evaluation.recall import collapse_doses, ranks_of_true, retrieval_figures
from molphenix_core.plates.plate import Plate
from molphenix_core.plates.treatments import Treatments

__all__ = ["HeldOut", "figures_table", "position_means", "shared_position_scores"]


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Held-out treatments: query i and candidate i are the same treatment.

    Parameters
    ----------
    name : str
        Of the split, such as "unseen scaffolds".
    treatments : int64 (n,)
        Rows of the treatment table.
    molecule : int64 (n,)
    dose : float64 (n,)
        Micromolar.
    active : bool (n,) or None
        Which make the "active" gallery; None where p-values are not available.
    """

    name: str
    treatments: NDArray[np.int64]
    molecule: NDArray[np.int64]
    dose: NDArray[np.float64]
    active: NDArray[np.bool_] | None


def figures_table(held_out: HeldOut, scores: Mapping[str, NDArray[np.floating]]) -> list[dict[str, object]]:
    """Figures of every method on the galleries "all" and "active".

    Parameters
    ----------
    held_out : HeldOut
    scores : mapping of str to float (n, n)
        By method; row a phenotype, column a candidate (molecule, dose).

    Returns
    -------
    list of dict
        A row a gallery and method, with the fields of
        :class:`~molphenix_core.evaluation.recall.RetrievalFigures` for phenotype to molecule, the recall of the
        reverse direction, and the recall of molecules with their doses collapsed. A gallery that cannot be
        made says so under ``not_available``.
    """
    rows: list[dict[str, object]] = []
    n = len(held_out.treatments)
    galleries: dict[str, NDArray[np.intp] | None] = {
        "all": np.arange(n),
        "active": None if held_out.active is None else np.flatnonzero(held_out.active),
    }
    for gallery, kept in galleries.items():
        head = {"split": held_out.name, "gallery": gallery}
        if kept is None or len(kept) < 2:
            count = 0 if kept is None else len(kept)
            rows.append({**head, "not_available": f"{count} treatments with an activity p-value below the limit"})
            continue
        molecule = held_out.molecule[kept]
        for method, matrix in scores.items():
            part = matrix[np.ix_(kept, kept)]
            rows.append({**head, "method": method, **_figures(part, molecule)})
    return rows


def _figures(scores: NDArray[np.floating], molecule: NDArray[np.int64]) -> dict[str, object]:
    own = np.arange(len(scores))
    collapsed, molecules = collapse_doses(scores, molecule)
    true_molecule = np.searchsorted(molecules, molecule)
    ranks = ranks_of_true(collapsed, true_molecule)
    k = int(np.ceil(0.01 * len(molecules)))
    chance = collapsed_top(np.bincount(true_molecule), k)
    reverse = retrieval_figures(scores.T, own, molecule)
    return {
        **retrieval_figures(scores, own, molecule).to_dict(),
        "reverse_recall_top_1_percent": round(reverse.recall_top_1_percent, 4),
        "molecule_recall_top_1_percent": round(float((ranks <= k).mean()), 4),
        # For a method that scores each dose; told none, a method gives each molecule one score and has k / M.
        "molecule_recall_chance": round(float(chance[true_molecule].mean()), 4),
    }


def _position_code(plate: Plate) -> NDArray[np.int64]:
    return plate.positions[:, 0].astype(np.int64) * 1000 + plate.positions[:, 1]


def position_means(
    plate: Plate,
    treatments: Treatments,
    *,
    query_wells: NDArray[np.bool_],
    training: NDArray[np.bool_],
    rows: Sequence[int] | NDArray[np.integer],
) -> NDArray[np.float32]:
    """What the well position alone says of a phenotype.

    For each treatment, the mean embedding of the training wells of *other* treatments at the positions of its
    query wells; the mean of all training wells where there is none. Scored through the same towers as the real
    phenotype, this shows how much of a retrieval comes from positions.

    Parameters
    ----------
    plate : Plate
        Embeddings (n_wells, d).
    treatments : Treatments
        Of the plate.
    query_wells, training : bool (n_wells,)
        Held-out and training wells.
    rows : int (n,)
        Treatments.

    Returns
    -------
    float32 (n, d)
    """
    code = _position_code(plate)
    trained = np.flatnonzero(training)
    at = {int(c): trained[code[trained] == c] for c in np.unique(code[trained])}
    overall = plate.embeddings[training].mean(axis=0)
    out = np.empty((len(rows), plate.embeddings.shape[1]), dtype=np.float32)
    for number, row in enumerate(rows):
        means = []
        for c in code[query_wells & (treatments.of_well == row)]:
            wells = at.get(int(c), trained[:0])
            wells = wells[treatments.of_well[wells] != row]
            means.append(plate.embeddings[wells].mean(axis=0) if len(wells) else overall)
        out[number] = np.mean(means, axis=0)
    return out


def shared_position_scores(
    plate: Plate,
    treatments: Treatments,
    query_wells: NDArray[np.bool_],
    candidate_wells: NDArray[np.bool_],
    rows: NDArray[np.integer],
) -> NDArray[np.float64]:
    """Scores by layout alone: the share of a query's wells at a position that the candidate has in training.

    Parameters
    ----------
    plate : Plate
        Of n_wells.
    treatments : Treatments
        Of the plate.
    query_wells, candidate_wells : bool (n_wells,)
        Held-out and training wells.
    rows : int (n,)
        Treatments, both queries and candidates.

    Returns
    -------
    float64 (n, n)
        From 0 to 1, queries by candidates.
    """
    code = _position_code(plate)

    def members(wells: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
        return [code[(treatments.of_well == row) & wells] for row in rows]

    queries, candidates = members(query_wells), [set(c.tolist()) for c in members(candidate_wells)]
    return np.array([[float(np.mean([p in c for p in q])) for c in candidates] for q in queries])
