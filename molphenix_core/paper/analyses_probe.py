"""Does the place of a molecule at a dose say whether it will be active? A logistic regression asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molphenix_core.molecules.scaffolds import scaffold_folds
from molphenix_core.paper.extra import missing

__all__ = ["WAYS", "ProbeFold", "pooled_probe", "probe_scores"]

WAYS = ("training molecules", "held-out molecules, cross-fitted")
"""What the regressions are fitted on."""

_FOLDS = 5
_INNER = 3
_STRENGTHS = (0.001, 0.01, 0.1, 1.0)
_SHUFFLES = 5
_DRAWS = 1000
_FEWEST = 10  # held-out molecules with an active, and with an inactive treatment


@dataclass(frozen=True, eq=False)
class ProbeFold:
    """Treatments with an activity p-value, as one trained retriever sees them.

    Parameters
    ----------
    inputs : mapping of str to float (n, width)
        Several descriptions of the treatments, finite; alike named in all folds. The first is compared with each
        other one, and fitted to shuffled activities as well.
    active : bool (n,)
    molecule : int (n,)
        Numbers that mean the same in all folds.
    scaffold : sequence of str, (n,)
    held_out : bool (n,)
        Of molecules that the retriever was not trained on; the others are of its training molecules.
    """

    inputs: Mapping[str, NDArray[np.floating]]
    active: NDArray[np.bool_]
    molecule: NDArray[np.integer]
    scaffold: Sequence[str]
    held_out: NDArray[np.bool_]

    def __post_init__(self) -> None:
        for name, values in self.inputs.items():
            if not np.isfinite(values).all():
                raise ValueError(f"{name}: all numbers must be finite")


def probe_scores(fold: ProbeFold, *, seed: int = 0) -> dict[str, Any]:
    """Score the held-out treatments of a fold by logistic regressions from each input to activity.

    They are fitted in two ways. On the training molecules: their places the retriever has learned by heart, so
    that they may promise more than those of new molecules keep. And on the held-out molecules alone, cross-fitted
    over five folds of their scaffolds: few, but as new as those that are predicted. Inputs are standardised by
    what is fitted on; the regularisation is the best of four on three inner folds of the scaffolds of the training
    molecules.

    Parameters
    ----------
    fold : ProbeFold
    seed : int
        Of inner folds and shuffles.

    Returns
    -------
    dict
        Of the m held-out treatments, as JSON values: ``molecule`` and ``active`` (lists of m), ``part`` (by way,
        which model scored each), ``scores`` (by way and input); ``shuffled``, of five fits of the first input to
        activities shuffled among treatments, a list of ``active`` and ``scores`` (by way). Or ``not_available``.

    References
    ----------
    The probe of activity in arXiv 2409.08302.
    """
    reason = missing("scikit-learn")
    if reason is not None:
        return {"not_available": reason}
    train, test = ~fold.held_out, fold.held_out
    if not test.any():
        return {"not_available": "no held-out treatment has an activity p-value (that takes replicates)"}
    inner, outer = _inner(fold, train, _INNER, seed), _inner(fold, test, _FOLDS, seed)

    def fitted(name: str, active: NDArray[np.bool_]) -> dict[str, list[float]]:
        values = fold.inputs[name]
        strength = _strength(values[train], active[train], inner)
        ways = (
            _fit_predict(values[train], active[train], values[test], strength),
            _cross_fitted(values[test], active[test], outer, strength),
        )
        return {way: [float(f"{s:.6g}") for s in scores] for way, scores in zip(WAYS, ways, strict=True)}

    random = np.random.default_rng(seed)
    shuffled = []
    for _ in range(_SHUFFLES):
        active = random.permutation(fold.active)
        scores = fitted(next(iter(fold.inputs)), active)
        shuffled.append({"active": active[test].astype(int).tolist(), "scores": scores})
    by_input = {name: fitted(name, fold.active) for name in fold.inputs}
    return {
        "molecule": fold.molecule[test].tolist(),
        "active": fold.active[test].astype(int).tolist(),
        "part": {WAYS[0]: [0] * len(outer), WAYS[1]: outer.tolist()},
        "scores": {way: {name: scores[way] for name, scores in by_input.items()} for way in WAYS},
        "shuffled": shuffled,
    }


def pooled_probe(folds: Sequence[Mapping[str, Any]], *, seed: int = 0) -> dict[str, Any]:
    """How well activity was predicted, over all folds together.

    The area under the ROC curve counts pairs of an active and an inactive treatment that one model scored, since
    the scores of two models have no common zero.

    Parameters
    ----------
    folds : sequence of dict
        From :func:`probe_scores`, of one set of molecules.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict
        ``treatments``, ``active``, ``molecules`` (held out, in all folds); ``fits``, by each of :data:`WAYS`:
        ``auc``, by input ``value`` and 95 % ``interval`` by bootstrap over molecules; ``difference``, the same of
        the first input less each other one; and ``shuffled``, ``mean``, ``lowest`` and ``highest`` area of five
        fits to shuffled activities. Or ``not_available``.
    """
    found = [fold for fold in folds if "not_available" not in fold]
    if not found:
        return {"not_available": "; ".join(sorted({fold["not_available"] for fold in folds}))}
    molecule = np.concatenate([fold["molecule"] for fold in found])
    active = np.concatenate([fold["active"] for fold in found]).astype(bool)
    counts = [len(np.unique(molecule[active == kind])) for kind in (True, False)]
    if min(counts) < _FEWEST:
        return {
            "not_available": f"{counts[0]} held-out molecules with an active and {counts[1]} with an inactive "
            f"treatment; {_FEWEST} of each are needed"
        }
    weights = _weights(molecule, seed)
    fits: dict[str, Any] = {}
    for way in WAYS:
        part = np.concatenate([number * _FOLDS + np.array(fold["part"][way]) for number, fold in enumerate(found)])
        areas = {
            name: _areas(np.concatenate([fold["scores"][way][name] for fold in found]), active, part, weights)
            for name in found[0]["scores"][way]
        }
        chance = [
            float(
                _areas(
                    np.concatenate([fold["shuffled"][turn]["scores"][way] for fold in found]),
                    np.concatenate([fold["shuffled"][turn]["active"] for fold in found]).astype(bool),
                    part,
                    weights[:1],
                )[0]
            )
            for turn in range(_SHUFFLES)
        ]
        first, *others = areas
        fits[way] = {
            "auc": {name: _with_interval(values) for name, values in areas.items()},
            "difference": {name: _with_interval(areas[first] - areas[name]) for name in others},
            "shuffled": {
                "mean": round(float(np.mean(chance)), 4),
                "lowest": round(min(chance), 4),
                "highest": round(max(chance), 4),
            },
        }
    return {
        "treatments": len(active),
        "active": int(active.sum()),
        "molecules": len(np.unique(molecule)),
        "fits": fits,
    }


def _inner(fold: ProbeFold, kept: NDArray[np.bool_], folds: int, seed: int) -> NDArray[np.int64]:
    """Scaffold folds of some treatments, balanced by molecules."""
    rows = np.flatnonzero(kept)
    _, first, place = np.unique(fold.molecule[rows], return_index=True, return_inverse=True)
    return scaffold_folds([fold.scaffold[rows[row]] for row in first], folds=folds, seed=seed)[place]


def _strength(values: NDArray[np.floating], active: NDArray[np.bool_], inner: NDArray[np.int64]) -> float:
    everything = np.ones((1, len(active)))
    areas = [
        _areas(_cross_fitted(values, active, inner, strength), active, inner, everything)[0]
        for strength in _STRENGTHS
    ]
    return _STRENGTHS[0] if np.isnan(areas).all() else _STRENGTHS[int(np.nanargmax(areas))]


def _cross_fitted(
    values: NDArray[np.floating], active: NDArray[np.bool_], fold: NDArray[np.int64], strength: float
) -> NDArray[np.float64]:
    scores = np.zeros(len(active))
    for number in np.unique(fold):
        kept = fold != number
        scores[~kept] = _fit_predict(values[kept], active[kept], values[~kept], strength)
    return scores


def _fit_predict(
    train: NDArray[np.floating], active: NDArray[np.bool_], test: NDArray[np.floating], strength: float
) -> NDArray[np.float64]:
    from sklearn.linear_model import LogisticRegression

    if active.all() or not active.any():
        return np.zeros(len(test))
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    deviation = np.where(deviation > 1e-9, deviation, 1.0)
    model = LogisticRegression(C=strength, max_iter=5000).fit((train - mean) / deviation, active)
    return model.decision_function((test - mean) / deviation)


def _weights(molecule: NDArray[np.integer], seed: int) -> NDArray[np.float64]:
    """How often each treatment counts: once in the first row, then in bootstraps of molecules (draws + 1, n)."""
    names, group = np.unique(molecule, return_inverse=True)
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), size=_DRAWS)
    return np.concatenate([np.ones((1, len(group))), drawn[:, group]])


def _areas(
    scores: NDArray[np.float64],
    active: NDArray[np.bool_],
    part: NDArray[np.int64],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Area under the ROC curve within parts, for each row of weights; NaN where it counts no pair."""
    won, pairs = np.zeros(len(weights)), np.zeros(len(weights))
    for number in np.unique(part):
        positive, negative = (np.flatnonzero((part == number) & (active == kind)) for kind in (True, False))
        above = scores[positive, None] - scores[negative]
        outcome = (above > 0) + 0.5 * (above == 0)
        won += ((weights[:, positive] @ outcome) * weights[:, negative]).sum(axis=1)
        pairs += weights[:, positive].sum(axis=1) * weights[:, negative].sum(axis=1)
    return np.divide(won, pairs, out=np.full(len(weights), np.nan), where=pairs > 0)


def _with_interval(values: NDArray[np.float64]) -> dict[str, Any]:
    low, high = np.nanpercentile(values[1:], [2.5, 97.5])
    return {"value": round(float(values[0]), 4), "interval": [round(float(low), 4), round(float(high), 4)]}
