"""Contrastive losses between paired phenotypes and (molecule, dose) treatments.

All take unit vectors ``phenotypes`` and ``molecules`` (n, joint), row i of each being one treatment, and the
two learned scalars ``scale`` (alpha > 0) and ``bias`` (b); ``l_ij = alpha <phenotype_i, molecule_j> - b``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["LossConfig", "contrastive_loss", "info_nce", "s2l", "s2l_weights", "siglip"]

LossName = Literal["info_nce", "siglip", "s2l"]


@dataclass(frozen=True)
class LossConfig:
    """Which loss, and its constants.

    Parameters
    ----------
    name : {"info_nce", "siglip", "s2l"}
    cutoff : float
        S2L: weights below it are set to zero (k; 0.75 was published).
    distance_scale : float
        S2L: c as a multiple of the median squared distance between training treatments.
    """

    name: LossName = "info_nce"
    cutoff: float = 0.9
    distance_scale: float = 0.3


def info_nce(phenotypes: Tensor, molecules: Tensor, scale: Tensor) -> Tensor:
    """Symmetric InfoNCE (CLIP; arXiv 2103.00020): the mean of both directions, a scalar."""
    logits = scale * phenotypes @ molecules.T
    targets = torch.arange(len(logits), device=logits.device)
    return 0.5 * (functional.cross_entropy(logits, targets) + functional.cross_entropy(logits.T, targets))


def siglip(phenotypes: Tensor, molecules: Tensor, scale: Tensor, bias: Tensor) -> Tensor:
    """Pairwise sigmoid loss (SigLIP; arXiv 2303.15343), summed over pairs and divided by n, a scalar."""
    logits = scale * phenotypes @ molecules.T - bias
    signs = 2.0 * torch.eye(len(logits), dtype=logits.dtype, device=logits.device) - 1.0
    return -functional.logsigmoid(signs * logits).sum() / len(logits)


def s2l_weights(embeddings: Tensor, scale: Tensor | float, *, cutoff: float) -> Tensor:
    """Soft targets of S2L from frozen phenomics embeddings (arXiv 2409.08302).

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
    with torch.no_grad():
        squared = torch.cdist(embeddings, embeddings, compute_mode="donot_use_mm_for_euclid_dist").square()
        weights = 1.0 - (4.0 / pi) * torch.arctan(squared / scale)
        weights = torch.where(weights < cutoff, torch.zeros_like(weights), weights)
        return weights.fill_diagonal_(1.0)


def s2l(phenotypes: Tensor, molecules: Tensor, scale: Tensor, bias: Tensor, weights: Tensor) -> Tensor:
    """Soft-weighted sigmoid locked loss, the log-mixture form (arXiv 2409.08302), a scalar.

    ``-(1/n) sum_ij log[w_ij sigmoid(l_ij) + (1 - w_ij) sigmoid(-l_ij)]``; with identity weights it is
    :func:`siglip`.

    Parameters
    ----------
    weights : (n, n)
        From :func:`s2l_weights`.
    """
    logits = scale * phenotypes @ molecules.T - bias
    # In logs, so that neither sigmoid underflows; log 0 is -inf, which drops out of logaddexp.
    positive = torch.log(weights) + functional.logsigmoid(logits)
    negative = torch.log1p(-weights) + functional.logsigmoid(-logits)
    return -torch.logaddexp(positive, negative).sum() / len(logits)


def contrastive_loss(
    config: LossConfig,
    phenotypes: Tensor,
    molecules: Tensor,
    scale: Tensor,
    bias: Tensor,
    *,
    embeddings: Tensor,
    distance_scale: float,
) -> Tensor:
    """The configured loss of one batch, a scalar.

    Parameters
    ----------
    embeddings : (n, d)
        Frozen phenotype embeddings of the batch, for S2L.
    distance_scale : float
        Median squared distance between training treatments.
    """
    if config.name == "info_nce":
        return info_nce(phenotypes, molecules, scale)
    if config.name == "siglip":
        return siglip(phenotypes, molecules, scale, bias)
    weights = s2l_weights(embeddings, config.distance_scale * distance_scale, cutoff=config.cutoff)
    return s2l(phenotypes, molecules, scale, bias, weights)
