"""A map of treatments in two dimensions, for colouring by activity and by dose."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molphenix_core.paper.extra import missing

__all__ = ["treatment_map"]

_MOST = 2000
_NEIGHBOURS = 15
_MIN_DISTANCE = 0.1


def treatment_map(
    z_m: NDArray[np.floating],
    p_value: NDArray[np.float64],
    dose: NDArray[np.float64],
    *,
    held_out: NDArray[np.bool_],
    seed: int = 0,
    most: int = _MOST,
) -> dict[str, Any]:
    """Place treatments by UMAP (cosine, 15 neighbours, minimum distance 0.1) and by principal components.

    Parameters
    ----------
    z_m : float (n, width)
        Unit vectors.
    p_value : float64 (n,)
        Of activity; NaN where there is none.
    dose : float64 (n,)
        Micromolar; NaN where unknown.
    held_out : bool (n,)
        Which are of molecules that the retriever was not trained on.
    seed : int
    most : int
        Of more treatments than this, as many are drawn.

    Returns
    -------
    dict
        ``treatments`` (n) and ``shown`` (m); ``p_value`` and ``dose``, lists of m numbers or None; ``held_out``,
        list of m booleans; ``pca``, m pairs of coordinates, and ``pca_variance``, the share of the variance on
        either; ``umap``, m pairs (None for a treatment without neighbours). Where umap-learn is not installed,
        ``umap`` is ``{"not_available": reason}``; with fewer than four treatments, so is the whole.

    References
    ----------
    McInnes, Healy and Melville, arXiv 1802.03426.
    """
    if len(z_m) < 4:
        return {"not_available": f"{len(z_m)} treatments"}
    kept = np.arange(len(z_m))
    if len(z_m) > most:
        kept = np.sort(np.random.default_rng(seed).choice(len(z_m), size=most, replace=False))
    values = z_m[kept].astype(np.float64)
    centred = values - values.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    variance = s**2 / max(float((s**2).sum()), 1e-30)
    return {
        "treatments": len(z_m),
        "shown": len(kept),
        "p_value": _numbers(p_value[kept]),
        "dose": _numbers(dose[kept]),
        "held_out": [bool(value) for value in held_out[kept]],
        "pca": _points(u[:, :2] * s[:2]),
        "pca_variance": [round(float(value), 4) for value in variance[:2]],
        "umap": _umap(values, seed),
    }


def _umap(values: NDArray[np.float64], seed: int) -> list[list[float] | None] | dict[str, str]:
    reason = missing("umap-learn")
    if reason is not None:
        return {"not_available": reason}
    with warnings.catch_warnings():
        # It says at every import that it could do more with TensorFlow.
        warnings.simplefilter("ignore", ImportWarning)
        from umap import UMAP
    # By PCA, since the spectral start falls back to random, with a warning, where the graph has several parts.
    # One job, which a seed demands.
    mapper = UMAP(
        n_neighbors=min(_NEIGHBOURS, len(values) - 1),
        min_dist=_MIN_DISTANCE,
        metric="cosine",
        init="pca",
        random_state=seed,
        n_jobs=1,
    )
    return _points(mapper.fit_transform(values.astype(np.float32)))


def _points(values: NDArray[np.floating]) -> list[list[float] | None]:
    return [[round(float(x), 3), round(float(y), 3)] if np.isfinite([x, y]).all() else None for x, y in values]


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else float(f"{value:.4g}") for value in values]
