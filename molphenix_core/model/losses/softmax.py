"""Losses that pick the true partner among all others: InfoNCE, InfoLOOB, CLOOB, Hopfield-CLIP, DCL and CWCL.

Batches beyond a few thousand pairs go by blocks: time is quadratic in n, memory linear.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from molphenix_core.model.losses.blocks import logsumexps

__all__ = ["cloob", "cwcl", "dcl", "hopfield_clip", "info_loob", "info_nce"]

# Up to here the (n, n) logits are small, and torch's fused cross-entropy is fastest.
_WHOLE = 2048


def info_nce(phenotypes: Tensor, molecules: Tensor, scale: Tensor) -> Tensor:
    """Symmetric InfoNCE (CLIP; arXiv 2103.00020): the mean of both directions, a scalar.

    ``-(1/2n) sum_i [log(exp l_ii / sum_j exp l_ij) + log(exp l_ii / sum_j exp l_ji)]``

    Parameters
    ----------
    phenotypes, molecules : (n, joint)
        Unit vectors; row i of each is one treatment.
    scale : scalar
        ``l_ij = scale <phenotype_i, molecule_j>``.

    Returns
    -------
    Tensor, scalar
    """
    if len(phenotypes) <= _WHOLE:
        logits = scale * phenotypes @ molecules.T
        targets = torch.arange(len(logits), device=logits.device)
        return 0.5 * (functional.cross_entropy(logits, targets) + functional.cross_entropy(logits.T, targets))
    by_phenotype, by_molecule = logsumexps(phenotypes, molecules, scale)
    return (0.5 * (by_phenotype + by_molecule) - _own(phenotypes, molecules, scale)).mean()


def hopfield_clip(phenotypes: Tensor, molecules: Tensor, scale: Tensor, *, beta: float) -> Tensor:
    """InfoNCE on Hopfield-retrieved pairs (the ablation of CLOOB; arXiv 2110.11316), a scalar.

    The mean of two directions: U_x against U_m, and V_m against V_x; see :func:`cloob`.

    Parameters
    ----------
    phenotypes, molecules : (n, joint)
        Unit vectors; row i of each is one treatment.
    scale : scalar
        The inverse temperature of the loss.
    beta : float
        The inverse temperature of the retrieval.

    Returns
    -------
    Tensor, scalar
    """
    total = torch.zeros((), dtype=phenotypes.dtype, device=phenotypes.device)
    for anchors, partners in _retrieved_pairs(phenotypes, molecules, beta):
        by_anchor, _ = logsumexps(anchors, partners, scale)
        total = total + 0.5 * (by_anchor - _own(anchors, partners, scale)).mean()
    return total


def info_loob(phenotypes: Tensor, molecules: Tensor, scale: Tensor) -> Tensor:
    """InfoLOOB, InfoNCE that leaves the positive out of the sum (CLOOB; arXiv 2110.11316), a scalar.

    ``-(1 / (scale n)) sum_i [log(exp l_ii / sum_{j != i} exp l_ij) + log(exp l_ii / sum_{j != i} exp l_ji)]``:
    the sum of both directions times the temperature, as its authors released it.

    Parameters
    ----------
    phenotypes, molecules : (n, joint), n >= 2
        Unit vectors; row i of each is one treatment.
    scale : scalar
        The inverse temperature; ``l_ij = scale <phenotype_i, molecule_j>``.

    Returns
    -------
    Tensor, scalar
    """
    by_phenotype, by_molecule = logsumexps(phenotypes, molecules, scale, leave_one_out=True)
    return (by_phenotype + by_molecule - 2 * _own(phenotypes, molecules, scale)).mean() / scale


def cloob(phenotypes: Tensor, molecules: Tensor, scale: Tensor, *, beta: float) -> Tensor:
    """InfoLOOB on Hopfield-retrieved pairs (CLOOB; arXiv 2110.11316), a scalar.

    With ``U_q = retrieve(q from the phenotypes)`` and ``V_q = retrieve(q from the molecules)``, where a query q
    retrieves ``softmax(beta q P^T) P`` from stored patterns P, scaled to unit length:
    ``-(1 / (scale n)) sum_i [log(exp l(U_xi, U_mi) / sum_{j != i} exp l(U_xi, U_mj))
    + log(exp l(V_mi, V_xi) / sum_{j != i} exp l(V_mi, V_xj))]``, ``l(a, b) = scale <a, b>``.

    Parameters
    ----------
    phenotypes, molecules : (n, joint), n >= 2
        Unit vectors; row i of each is one treatment.
    scale : scalar
        The inverse temperature of the loss.
    beta : float
        The inverse temperature of the retrieval.

    Returns
    -------
    Tensor, scalar
    """
    total = torch.zeros((), dtype=phenotypes.dtype, device=phenotypes.device)
    for anchors, partners in _retrieved_pairs(phenotypes, molecules, beta):
        by_anchor, _ = logsumexps(anchors, partners, scale, leave_one_out=True)
        total = total + (by_anchor - _own(anchors, partners, scale)).mean() / scale
    return total


def dcl(phenotypes: Tensor, molecules: Tensor, scale: Tensor) -> Tensor:
    """Decoupled contrastive loss (DCL; arXiv 2110.06848), the mean of both directions, a scalar.

    ``(1/2n) sum_i [-l(x_i, m_i) + log sum_{j != i} (exp l(x_i, m_j) + exp l(x_i, x_j))]`` and the same with x and
    m exchanged. The two modalities stand for its two views, so that, as in its equation, an anchor's negatives
    are those of both; over the other modality alone it would be :func:`info_loob`.

    Parameters
    ----------
    phenotypes, molecules : (n, joint), n >= 2
        Unit vectors; row i of each is one treatment.
    scale : scalar
        The inverse temperature; ``l(a, b) = scale <a, b>``.

    Returns
    -------
    Tensor, scalar
    """
    across = logsumexps(phenotypes, molecules, scale, leave_one_out=True)
    own = _own(phenotypes, molecules, scale)
    total = torch.zeros((), dtype=phenotypes.dtype, device=phenotypes.device)
    for anchors, by_anchor in zip((phenotypes, molecules), across, strict=True):
        within, _ = logsumexps(anchors, anchors, scale, leave_one_out=True)
        total = total + 0.5 * (torch.logaddexp(by_anchor, within) - own).mean()
    return total


def cwcl(phenotypes: Tensor, molecules: Tensor, scale: Tensor, factor: Tensor) -> Tensor:
    """Continuously weighted contrastive loss (CWCL; arXiv 2309.14580), the mean of both directions, a scalar.

    From the phenotypes, whose encoder is pre-trained, soft targets:
    ``-(1/n) sum_i (1 / sum_j w_ij) sum_j w_ij log(exp l_ij / sum_k exp l_ik)``; from the molecules plain
    InfoNCE. With identity weights it is :func:`info_nce`.

    Parameters
    ----------
    phenotypes, molecules : (n, joint)
        Unit vectors; row i of each is one treatment.
    scale : scalar
        ``l_ij = scale <phenotype_i, molecule_j>``.
    factor : (n, r)
        F with ``w = F F^T``, from :func:`~molphenix_core.model.losses.cwcl_factor`; no gradient flows into it.

    Returns
    -------
    Tensor, scalar
    """
    factor = factor.detach()
    # A mean of logits over j is the logit of the mean molecule, so no row of w is ever needed.
    mean_molecule = (factor @ (factor.T @ molecules)) / (factor @ factor.sum(dim=0))[:, None]
    by_phenotype, by_molecule = logsumexps(phenotypes, molecules, scale)
    weighted = (by_phenotype - _own(phenotypes, mean_molecule, scale)).mean()
    return 0.5 * (weighted + (by_molecule - _own(phenotypes, molecules, scale)).mean())


def _own(first: Tensor, second: Tensor, scale: Tensor) -> Tensor:
    return scale * (first * second).sum(dim=1)


def _retrieved_pairs(phenotypes: Tensor, molecules: Tensor, beta: float) -> tuple[tuple[Tensor, Tensor], ...]:
    """(U_x, U_m) and (V_m, V_x) of :func:`cloob`."""
    return (
        (_retrieve(phenotypes, phenotypes, beta), _retrieve(molecules, phenotypes, beta)),
        (_retrieve(molecules, molecules, beta), _retrieve(phenotypes, molecules, beta)),
    )


def _retrieve(queries: Tensor, stored: Tensor, beta: float) -> Tensor:
    # torch's attention goes by blocks itself, given a batch and a head.
    stored = stored[None, None]
    found = functional.scaled_dot_product_attention(queries[None, None], stored, stored, scale=beta)
    return functional.normalize(found[0, 0], dim=1)
