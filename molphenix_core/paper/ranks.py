"""The ranks of held-out treatments by several methods, as JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molphenix_core.evaluation.held_out import HeldOut
from molphenix_core.evaluation.recall import collapse_doses, ranks_of_true

__all__ = [
    "DOSE_HIDDEN",
    "HELD_OUT",
    "HELD_OUT_PLATES",
    "LAYOUT_ONLY",
    "POSITION_ONLY",
    "TOWERS",
    "UNSEEN_SCAFFOLDS",
    "gallery_ranks",
]

UNSEEN_SCAFFOLDS = "unseen scaffolds"
HELD_OUT_PLATES = "held-out plates"
HELD_OUT = "held out"

TOWERS = "towers"
POSITION_ONLY = "position only"
LAYOUT_ONLY = "layout only"
DOSE_HIDDEN = "towers, dose hidden"
"""Of a held-out dose: the same queries, ranked without telling the towers the dose."""


def gallery_ranks(
    held_out: HeldOut,
    galleries: Mapping[str, NDArray[np.bool_] | None],
    scores: Mapping[str, NDArray[np.floating]],
    missing: Mapping[str, str],
) -> dict[str, Any]:
    """Rank the true candidates of a split in each gallery.

    Parameters
    ----------
    held_out : HeldOut
        n treatments; query i and candidate i are the same.
    galleries : mapping of str to bool (n,) or None
        Which treatments make each; None where that cannot be known.
    scores : mapping of str to float (n, n)
        By method; row a phenotype, column a candidate.
    missing : mapping of str to str
        By method, why there are no scores.

    Returns
    -------
    dict
        ``galleries``: by name, of m treatments, ``molecule`` int (m,) and by method the ranks ``forward``
        (phenotype to treatment), ``reverse`` (treatment to phenotype) and ``by_molecule`` (phenotype to molecule,
        by its best dose), each (m,); or ``not_available``, with the number of treatments. ``missing`` as given.
    """
    out: dict[str, Any] = {}
    for name, kept in galleries.items():
        rows = np.flatnonzero(kept) if kept is not None else np.arange(0)
        if len(rows) < 2:
            why = "no activity p-values" if kept is None else f"{len(rows)} treatments"
            out[name] = {"not_available": why}
            continue
        molecule = held_out.molecule[rows]
        out[name] = {
            "molecule": molecule.tolist(),
            "methods": {method: _ranks(matrix[np.ix_(rows, rows)], molecule) for method, matrix in scores.items()},
        }
    return {"galleries": out, "missing": dict(missing)}


def _ranks(scores: NDArray[np.floating], molecule: NDArray[np.int64]) -> dict[str, list[float]]:
    own = np.arange(len(scores))
    collapsed, molecules = collapse_doses(scores, molecule)
    return {
        "forward": ranks_of_true(scores, own).tolist(),
        "reverse": ranks_of_true(scores.T, own).tolist(),
        "by_molecule": ranks_of_true(collapsed, np.searchsorted(molecules, molecule)).tolist(),
    }
