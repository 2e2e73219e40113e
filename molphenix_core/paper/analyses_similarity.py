"""How alike the phenotypes of two treatments are, by cosine and by arctan-L2, for each kind of pair.

The paper weights the negatives of S2L by arctan-L2 because the cosine cannot tell two inactive treatments from an
active and an inactive one (arXiv 2409.08302, guideline 2).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from molphenix_core.model.losses.weights import s2l_weights

__all__ = ["KINDS", "pair_similarities"]

KINDS = ("active-active", "active-inactive", "inactive-inactive")

_MOST = 1000  # treatments; they make half a million pairs
_FEWEST = 5
_BINS = 400
_DRAWS = 200
_QUANTILES = np.linspace(0.0, 1.0, 101)


def pair_similarities(
    phenotype: NDArray[np.floating],
    p_value: NDArray[np.float64],
    molecule: NDArray[np.integer],
    *,
    scale: float,
    threshold: float,
    seed: int = 0,
    most: int = _MOST,
) -> dict[str, Any]:
    """Distributions of cosine and arctan-L2 over pairs of treatments of different molecules.

    Parameters
    ----------
    phenotype : float (n, d)
        Frozen embeddings, averaged over replicates; never trained projections.
    p_value : float64 (n,)
        Of activity; treatments without one are left out.
    molecule : int (n,)
        A molecule at two doses makes no pair.
    scale : float
        c of arctan-L2: median squared distance over a null set.
    threshold : float
        p below it is active.
    seed : int
    most : int
        Of more treatments than this, as many are drawn.

    Returns
    -------
    dict
        ``active``, ``inactive``: treatments; ``scale``; ``kinds``: of each of :data:`KINDS` the number of
        ``pairs`` and the percentiles 0 to 100 of ``cosine`` and ``arctan`` (101 numbers each); ``separations``:
        for each measure the chance that a pair of inactive-inactive is more alike than one of active-inactive
        (area under the ROC curve; 0.5 when the measure cannot tell them apart), ``value`` with 95 % ``interval``
        by bootstrap over molecules, and under ``difference`` that of arctan less that of cosine. Or
        ``not_available``.
    """
    rows = np.flatnonzero(~np.isnan(p_value))
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(seed).choice(rows, size=most, replace=False))
    active = p_value[rows] < threshold
    if min(active.sum(), (~active).sum()) < _FEWEST:
        return {"not_available": f"{int(active.sum())} active and {int((~active).sum())} inactive treatments"}
    if not scale > 0:
        return {"not_available": "phenotypes that are all alike"}
    values = np.asarray(phenotype[rows], dtype=np.float64)
    units = values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)
    first, second = np.triu_indices(len(rows), k=1)
    apart = molecule[rows][first] != molecule[rows][second]
    first, second = first[apart], second[apart]
    # With a cutoff of -1 no weight is set to zero.
    weights = s2l_weights(torch.from_numpy(values), scale, cutoff=-1.0).numpy()
    measures = {"cosine": (units @ units.T)[first, second], "arctan": weights[first, second]}
    kind = 2 - active[first].astype(int) - active[second].astype(int)
    return {
        "active": int(active.sum()),
        "inactive": int((~active).sum()),
        "scale": float(f"{scale:.4g}"),
        "kinds": {
            name: {
                "pairs": int((kind == number).sum()),
                **{
                    measure: [round(float(q), 4) for q in np.quantile(pairs[kind == number], _QUANTILES)]
                    for measure, pairs in measures.items()
                },
            }
            for number, name in enumerate(KINDS)
        },
        "separations": _separations(measures, kind, (first, second), molecule[rows], seed),
    }


def _separations(
    measures: dict[str, NDArray[np.float64]],
    kind: NDArray[np.int64],
    pairs: tuple[NDArray[np.intp], NDArray[np.intp]],
    molecule: NDArray[np.integer],
    seed: int,
) -> dict[str, Any]:
    names, group = np.unique(molecule, return_inverse=True)
    random = np.random.default_rng(seed)
    # How often each molecule was drawn, the sample itself first.
    drawn = [
        np.ones(len(names)),
        *random.multinomial(len(names), np.full(len(names), 1 / len(names)), size=_DRAWS),
    ]
    values: dict[str, NDArray[np.float64]] = {}
    for measure, pair_values in measures.items():
        # On a grid of ranks, so that both measures are cut equally fine.
        edges = np.quantile(pair_values, np.linspace(0, 1, _BINS + 1)[1:-1])
        place = np.searchsorted(edges, pair_values, side="right") + _BINS * kind
        areas = []
        for count in drawn:
            weight = count[group]
            histogram = np.bincount(place, weight[pairs[0]] * weight[pairs[1]], minlength=_BINS * len(KINDS))
            _, mixed, inactive = histogram.reshape(len(KINDS), _BINS)
            won = inactive @ (np.cumsum(mixed) - 0.5 * mixed)
            areas.append(won / max(inactive.sum() * mixed.sum(), 1e-12))
        values[measure] = np.array(areas)
    values["difference"] = values["arctan"] - values["cosine"]
    return {
        name: {
            "value": round(float(areas[0]), 4),
            "interval": [round(float(end), 4) for end in np.percentile(areas[1:], [2.5, 97.5])],
        }
        for name, areas in values.items()
    }
