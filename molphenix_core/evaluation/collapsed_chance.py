"""What random scores recall when the doses of each molecule are collapsed to its best one.

A molecule with more doses in the gallery has more draws, so that its best one ranks higher by chance alone: the
chance of a top k among M molecules is k / M only where all have equally many.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

__all__ = ["collapsed_reciprocal_rank", "collapsed_top"]

_NODES = 400  # of equal counts, the chance among 3,000 molecules is k / M to six digits


def collapsed_top(counts: NDArray[np.integer], k: int) -> NDArray[np.float64]:
    """Chance of each molecule to be in the top k by its best dose, if scores are random.

    Parameters
    ----------
    counts : int (n_molecules,)
        Candidates (doses) of each molecule in the gallery, one at least.
    k : int

    Returns
    -------
    float64 (n_molecules,)
        Sums to the smaller of k and n_molecules.

    Notes
    -----
    Scores are independent and uniform, as only their order counts. The best of n lies at u with density
    n u^(n - 1); given u, another molecule of m doses is ahead with probability 1 - u^m, each by itself. So the
    number of those ahead is a sum of binomials, one for each number of doses, and the chance is the integral over
    u of the probability that it stays below k, by Gauss-Legendre quadrature.
    """
    return _of_each(counts, k)


def collapsed_reciprocal_rank(counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """Expected reciprocal rank of each molecule by its best dose, if scores are random.

    Parameters
    ----------
    counts : int (n_molecules,)
        Candidates (doses) of each molecule in the gallery, one at least.

    Returns
    -------
    float64 (n_molecules,)

    Notes
    -----
    As :func:`collapsed_top`; of the number b ahead, the mean of 1 / (1 + b) is the integral of its generating
    function from 0 to 1.
    """
    return _of_each(counts, None)


def _of_each(counts: NDArray[np.integer], k: int | None) -> NDArray[np.float64]:
    kinds, of, members = np.unique(counts, return_inverse=True, return_counts=True)
    key = tuple((int(doses), int(molecules)) for doses, molecules in zip(kinds, members, strict=True))
    return np.array(_of_kinds(key, k))[of]


@cache
def _of_kinds(kinds: tuple[tuple[int, int], ...], k: int | None) -> tuple[float, ...]:
    """By kind (doses, molecules with so many): the chance of the top k, or the mean reciprocal rank for None."""
    x, weight = _nodes(_NODES)
    out = []
    for own, _ in kinds:
        # v = u^own is uniform; v = 1 - x^3 puts most nodes where u is near one and the ranks are decided.
        ahead_of = (1 - x**3) ** (1 / own)
        others = [(1 - ahead_of**doses, molecules - (doses == own)) for doses, molecules in kinds]
        inner = _reciprocal(others) if k is None else _fewer_than(k, others)
        out.append(float((weight * 3 * x**2 * inner).sum()))
    return tuple(out)


def _fewer_than(k: int, others: list[tuple[NDArray[np.float64], int]]) -> NDArray[np.float64]:
    """Probability that fewer than k of the others are ahead, at each node."""
    below = np.arange(k)
    total = np.zeros((_NODES, k))
    total[:, 0] = 1
    for chance, molecules in others:
        here = binom.pmf(below, molecules, chance[:, None])
        total = np.stack([(total[:, : b + 1] * here[:, b::-1]).sum(axis=1) for b in below], axis=1)
    return np.asarray(total.sum(axis=1))


def _reciprocal(others: list[tuple[NDArray[np.float64], int]]) -> NDArray[np.float64]:
    """Mean of 1 / (1 + number ahead), at each node."""
    t, weight = _nodes(_NODES)
    # The generating function is steep at one.
    at = 1 - t**3
    product = np.ones((_NODES, _NODES))
    for chance, molecules in others:
        product *= (1 - chance[:, None] * (1 - at)) ** molecules
    return np.asarray((product * weight * 3 * t**2).sum(axis=1))


@cache
def _nodes(count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes and weights of Gauss and Legendre from 0 to 1."""
    x, weight = np.polynomial.legendre.leggauss(count)
    return (x + 1) / 2, weight / 2
