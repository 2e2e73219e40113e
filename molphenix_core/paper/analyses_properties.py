"""Do neighbours in the joint space have like properties? Those of held-out molecules are predicted from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from molphenix_core.molecules.similarity import tanimoto

__all__ = ["MEAN", "PropertyFold", "pooled_properties", "predict_properties"]

MEAN = "mean of training"
"""The input that asks no neighbours."""

_NEIGHBOURS = 10
_DRAWS = 1000
_FEWEST = 20


@dataclass(frozen=True, eq=False)
class PropertyFold:
    """Where one trained retriever places n molecules.

    Parameters
    ----------
    z_m : mapping of str to float (n, width)
        Unit vectors at each implied dose, alike named in all folds.
    train, held_out : bool (n,)
        Whose properties are looked up, and whose are predicted; no molecule is both.
    """

    z_m: Mapping[str, NDArray[np.floating]]
    train: NDArray[np.bool_]
    held_out: NDArray[np.bool_]

    def __post_init__(self) -> None:
        if (self.train & self.held_out).any():
            raise ValueError("no molecule may be both trained on and held out")


def predict_properties(
    fold: PropertyFold,
    counts: NDArray[np.float32],
    properties: Mapping[str, NDArray[np.float64]],
    *,
    seed: int = 0,
) -> dict[str, Any]:
    """Predict properties of held-out molecules as the mean of the ten nearest training molecules.

    Parameters
    ----------
    fold : PropertyFold
        Of n molecules; nearest by cosine.
    counts : float32 (n, width)
        Morgan counts; nearest by Tanimoto, beside.
    properties : mapping of str to float64 (n,)
        One that is NaN for any molecule is left out.
    seed : int
        Of the shuffle.

    Returns
    -------
    dict
        As JSON values, of the m held-out molecules: ``training`` (how many), ``molecule`` (list of m rows of
        ``counts``), ``truth`` (by property, list of m) and ``predicted`` (by property and input). Inputs: the keys
        of ``z_m``; "Tanimoto"; "shuffled", the first of ``z_m`` with properties shuffled among the training
        molecules; "mean of training", no neighbours at all. Or ``not_available``.
    """
    training = int(fold.train.sum())
    if training < _FEWEST or not fold.held_out.any():
        return {"not_available": f"{training} training and {int(fold.held_out.sum())} held-out molecules"}
    nearest = _nearest(fold, counts)
    random = np.random.default_rng(seed)
    truth: dict[str, list[float]] = {}
    predicted: dict[str, dict[str, list[float]]] = {}
    for name, values in properties.items():
        if np.isnan(values).any():
            continue
        known = values[fold.train]
        means = {label: known[rows].mean(axis=1) for label, rows in nearest.items()}
        means["shuffled"] = random.permutation(known)[next(iter(nearest.values()))].mean(axis=1)
        means[MEAN] = np.full(int(fold.held_out.sum()), known.mean())
        truth[name] = _rounded(values[fold.held_out])
        predicted[name] = {label: _rounded(each) for label, each in means.items()}
    return {
        "training": training,
        "molecule": np.flatnonzero(fold.held_out).tolist(),
        "truth": truth,
        "predicted": predicted,
    }


def pooled_properties(folds: Sequence[Mapping[str, Any]], *, seed: int = 0) -> dict[str, Any]:
    """How well properties were predicted, over all folds together.

    Parameters
    ----------
    folds : sequence of dict
        From :func:`predict_properties`, of the same molecules, properties and inputs.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict
        ``neighbours``; ``training``, the fewest in a fold; ``held_out``, molecules in all folds; ``rows``, one a
        property that varies and an input: ``property``, ``input``; ``r2``, one less the squared error over the
        variance of the held-out molecules, negative when worse than their mean; ``spearman``, None where all
        predictions of a fold are equal; and ``r2_interval`` and ``spearman_interval``, 95 % by bootstrap over
        held-out molecules. Or ``not_available``.
    """
    found = [fold for fold in folds if "not_available" not in fold]
    if not found:
        return {"not_available": "; ".join(sorted({fold["not_available"] for fold in folds}))}
    names, group = np.unique(np.concatenate([fold["molecule"] for fold in found]), return_inverse=True)
    if len(names) < _FEWEST:
        return {"not_available": f"{len(names)} held-out molecules"}
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), size=_DRAWS)
    weights = np.concatenate([np.ones((1, len(group))), drawn[:, group]])
    weights /= weights.sum(axis=1, keepdims=True)
    rows: list[dict[str, Any]] = []
    for name, inputs in found[0]["predicted"].items():
        truth = np.concatenate([fold["truth"][name] for fold in found])
        if np.ptp(truth) == 0:
            continue
        for label in inputs:
            values = np.concatenate([fold["predicted"][name][label] for fold in found])
            figures = _figures(values, truth, weights, ranked=label != MEAN)
            rows.append({"property": name, "input": label, **figures})
    return {
        "neighbours": _NEIGHBOURS,
        "training": min(fold["training"] for fold in found),
        "held_out": len(names),
        "rows": rows,
    }


def _nearest(fold: PropertyFold, counts: NDArray[np.float32]) -> dict[str, NDArray[np.intp]]:
    """By input the nearest training molecules of each held-out one, intp (m, 10)."""
    similarity = {name: values[fold.held_out] @ values[fold.train].T for name, values in fold.z_m.items()}
    similarity["Tanimoto"] = tanimoto(counts[fold.held_out], counts[fold.train])
    return {name: np.argsort(-s, axis=1, kind="stable")[:, :_NEIGHBOURS] for name, s in similarity.items()}


def _figures(
    predicted: NDArray[np.float64], truth: NDArray[np.float64], weights: NDArray[np.float64], *, ranked: bool
) -> dict[str, Any]:
    """From rows of weights, each of sum 1: the sample itself first, then its bootstraps."""
    truth, predicted = truth - truth.mean(), predicted - truth.mean()
    variance = weights @ truth**2 - (weights @ truth) ** 2
    r2 = 1 - (weights @ (predicted - truth) ** 2) / np.maximum(variance, 1e-12)
    out = {"r2": round(float(r2[0]), 4), "r2_interval": _interval(r2[1:])}
    if not ranked or np.ptp(predicted) == 0:
        return {**out, "spearman": None, "spearman_interval": None}
    # Ranks within the whole sample stand for ranks within each draw.
    a, b = rankdata(predicted) / len(truth), rankdata(truth) / len(truth)
    mean_a, mean_b = weights @ a, weights @ b
    covariance = weights @ (a * b) - mean_a * mean_b
    spread = np.sqrt(np.maximum((weights @ a**2 - mean_a**2) * (weights @ b**2 - mean_b**2), 1e-24))
    spearman = covariance / spread
    return {**out, "spearman": round(float(spearman[0]), 4), "spearman_interval": _interval(spearman[1:])}


def _interval(values: NDArray[np.float64]) -> list[float]:
    return [round(float(end), 4) for end in np.percentile(values, [2.5, 97.5])]


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return [float(f"{value:.6g}") for value in values]
