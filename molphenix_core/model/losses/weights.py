"""Likeness of the frozen phenotypes of two treatments: soft targets of S2L and CWCL, never with a gradient."""

from __future__ import annotations

from collections.abc import Callable
from math import pi

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["WeightBlock", "cwcl_factor", "s2l_weight_block", "s2l_weights"]

WeightBlock = Callable[[slice, slice], Tensor]
"""Rows and columns of an (n, n) matrix of weights, made when they are asked for: (r, c)."""


def s2l_weight_block(embeddings: Tensor, scale: Tensor | float, *, cutoff: float) -> WeightBlock:
    """The soft targets of S2L, a block at a time: the (n, n) matrix of :func:`s2l_weights` is never held.

    Parameters
    ----------
    embeddings : (n, d)
        Frozen; never the trained projections.
    scale : float
        c, the median squared distance over a null set.
    cutoff : float
        k.

    Returns
    -------
    callable
        Slices of rows (r) and columns (c) to weights (r, c), without gradient.
    """
    embeddings = embeddings.detach()
    # Products are fast but cancel between near neighbours, whose weights matter most; in double they do not.
    exact = embeddings.double()
    squares = exact.square().sum(dim=1)

    def block(rows: slice, columns: slice) -> Tensor:
        with torch.no_grad():
            squared = squares[rows, None] + squares[columns]
            squared.addmm_(exact[rows], exact[columns].T, alpha=-2).clamp_(min=0)
            weights = 1.0 - (4.0 / pi) * torch.arctan(squared.to(embeddings.dtype) / scale)
            weights.masked_fill_(weights < cutoff, 0.0)
            if rows == columns:
                weights.fill_diagonal_(1.0)
            return weights

    return block


def s2l_weights(embeddings: Tensor, scale: Tensor | float, *, cutoff: float) -> Tensor:
    """Soft targets of S2L from frozen phenomics embeddings (MolPhenix; arXiv 2409.08302).

    ``w_ij = 1 - (4 / pi) arctan(||x_i - x_j||^2 / c)``, zero below the cutoff, one on the diagonal.

    Parameters
    ----------
    embeddings : (n, d)
        Frozen; never the trained projections.
    scale : float
        c, the median squared distance over a null set.
    cutoff : float
        k.

    Returns
    -------
    Tensor (n, n), without gradient
    """
    everything = slice(0, len(embeddings))
    return s2l_weight_block(embeddings, scale, cutoff=cutoff)(everything, everything)


def cwcl_factor(embeddings: Tensor) -> Tensor:
    """F with ``F F^T = w`` for the weights of CWCL, ``w_ij = cos(x_i, x_j) / 2 + 1 / 2`` (arXiv 2309.14580).

    A factor, so that ``w @ molecules`` takes time and memory linear in n.

    Parameters
    ----------
    embeddings : (n, d)
        Frozen; never the trained projections.

    Returns
    -------
    Tensor (n, d + 1), without gradient
    """
    unit = functional.normalize(embeddings.detach(), dim=1)
    return torch.cat([unit, torch.ones_like(unit[:, :1])], dim=1) * 0.5**0.5
