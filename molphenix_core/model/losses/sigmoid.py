"""Losses in which each pair is a yes or a no: SigLIP, and S2L in three variants.

None holds the (n, n) logits; time is quadratic in n, memory linear.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from molphenix_core.model.losses.blocks import PositivePairs, sigmoid_loss
from molphenix_core.model.losses.weights import WeightBlock

__all__ = ["s2l", "s2l_soft", "s2l_weighted", "siglip"]


def siglip(phenotypes: Tensor, molecules: Tensor, scale: Tensor, bias: Tensor) -> Tensor:
    """Pairwise sigmoid loss (SigLIP; arXiv 2303.15343), a scalar.

    ``-(1/n) sum_ij log sigmoid(y_ij l_ij)``, y one on the diagonal and minus one elsewhere.

    Parameters
    ----------
    phenotypes, molecules : (n, joint)
        Unit vectors; row i of each is one treatment.
    scale, bias : scalars
        ``l_ij = scale <phenotype_i, molecule_j> - bias``.

    Returns
    -------
    Tensor, scalar
    """

    def positives(
        rows: slice, columns: slice, logits: Tensor
    ) -> tuple[tuple[Tensor, Tensor], Tensor, Tensor] | None:
        if rows != columns:
            return None
        own, index = logits.diagonal(), torch.arange(len(logits), device=logits.device)
        return (index, index), -functional.logsigmoid(own), -torch.sigmoid(-own)

    return sigmoid_loss(phenotypes, molecules, scale, bias, positives)


def s2l(
    phenotypes: Tensor, molecules: Tensor, scale: Tensor, bias: Tensor, weights: Tensor | WeightBlock
) -> Tensor:
    """Soft-weighted sigmoid locked loss, the published log-mixture (MolPhenix; arXiv 2409.08302), a scalar.

    ``-(1/n) sum_ij log[w_ij sigmoid(l_ij) + (1 - w_ij) sigmoid(-l_ij)]``; with identity weights it is
    :func:`siglip`.

    Parameters
    ----------
    phenotypes, molecules : (n, joint)
        Unit vectors; row i of each is one treatment.
    scale, bias : scalars
        ``l_ij = scale <phenotype_i, molecule_j> - bias`` (the printed equation has the sign of b wrong).
    weights : (n, n), or blocks of it on demand
        From :func:`~molphenix_core.model.losses.s2l_weights`; no gradient flows into it.

    Returns
    -------
    Tensor, scalar
    """

    def pair(logits: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        # In logs, so that neither sigmoid underflows; log 0 is -inf, which drops out of logaddexp.
        positive = torch.log(w) + functional.logsigmoid(logits)
        negative = torch.log1p(-w) + functional.logsigmoid(-logits)
        return -torch.logaddexp(positive, negative), torch.sigmoid(logits) - torch.sigmoid(positive - negative)

    return sigmoid_loss(phenotypes, molecules, scale, bias, _weighted_pairs(weights, pair))


def s2l_soft(
    phenotypes: Tensor, molecules: Tensor, scale: Tensor, bias: Tensor, weights: Tensor | WeightBlock
) -> Tensor:
    """S2L as a cross-entropy with soft targets (a variant of arXiv 2409.08302), a scalar.

    ``-(1/n) sum_ij [w_ij log sigmoid(l_ij) + (1 - w_ij) log sigmoid(-l_ij)]``; with identity weights it is
    :func:`siglip`.

    Parameters
    ----------
    phenotypes, molecules : (n, joint)
        Unit vectors; row i of each is one treatment.
    scale, bias : scalars
        ``l_ij = scale <phenotype_i, molecule_j> - bias``.
    weights : (n, n), or blocks of it on demand
        w, as for :func:`s2l`; no gradient flows into it.

    Returns
    -------
    Tensor, scalar
    """
    return s2l_weighted(phenotypes, molecules, scale, bias, weights, gamma=1.0, zeta=1.0)


def s2l_weighted(
    phenotypes: Tensor,
    molecules: Tensor,
    scale: Tensor,
    bias: Tensor,
    weights: Tensor | WeightBlock,
    *,
    gamma: float,
    zeta: float,
) -> Tensor:
    """S2L as a weighted cross-entropy, with the two constants that arXiv 2409.08302 lists, a scalar.

    ``-(1/n) sum_ij [gamma w_ij log sigmoid(l_ij) + (1 - zeta w_ij) log sigmoid(-l_ij)]``. Its printed equation
    lacks gamma and zeta, so where they stand is our reading.

    Parameters
    ----------
    phenotypes, molecules : (n, joint)
        Unit vectors; row i of each is one treatment.
    scale, bias : scalars
        ``l_ij = scale <phenotype_i, molecule_j> - bias``.
    weights : (n, n), or blocks of it on demand
        w, as for :func:`s2l`; no gradient flows into it.
    gamma : float
        Attraction of similar pairs (2.75 was published).
    zeta : float
        Share of its weight by which a similar pair is not repelled, at most one (1.0 was published).

    Returns
    -------
    Tensor, scalar
    """

    def pair(logits: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        attract, repel = gamma * w, 1.0 - zeta * w
        loss = -(attract * functional.logsigmoid(logits) + repel * functional.logsigmoid(-logits))
        return loss, repel * torch.sigmoid(logits) - attract * torch.sigmoid(-logits)

    return sigmoid_loss(phenotypes, molecules, scale, bias, _weighted_pairs(weights, pair))


def _weighted_pairs(
    weights: Tensor | WeightBlock, pair: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
) -> PositivePairs:
    def positives(rows: slice, columns: slice, logits: Tensor) -> tuple[tuple[Tensor, Tensor], Tensor, Tensor]:
        w = weights[rows, columns].detach() if isinstance(weights, Tensor) else weights(rows, columns)
        # A cutoff leaves few pairs with a weight; the others are plain negatives.
        row, column = w.nonzero(as_tuple=True)
        losses, slopes = pair(logits[row, column], w[row, column])
        return (row, column), losses, slopes

    return positives
