"""Contrastive losses between paired phenotypes and (molecule, dose) treatments, behind one interface.

All take unit vectors ``phenotypes`` and ``molecules`` (n, joint), row i of each being one treatment, and return
a scalar. :func:`contrastive_loss` calls the one that a :class:`LossConfig` names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

from molphenix_core.errors import JobError
from molphenix_core.model.losses.config import LossConfig, LossName
from molphenix_core.model.losses.sigmoid import s2l, s2l_soft, s2l_weighted, siglip
from molphenix_core.model.losses.softmax import cloob, cwcl, dcl, hopfield_clip, info_loob, info_nce
from molphenix_core.model.losses.weights import WeightBlock, cwcl_factor, s2l_weight_block, s2l_weights

__all__ = [
    "LossConfig",
    "LossName",
    "cloob",
    "contrastive_loss",
    "cwcl",
    "cwcl_factor",
    "dcl",
    "hopfield_clip",
    "info_loob",
    "info_nce",
    "s2l",
    "s2l_soft",
    "s2l_weighted",
    "s2l_weights",
    "siglip",
]


@dataclass(frozen=True, eq=False)
class _Batch:
    x: Tensor
    m: Tensor
    scale: Tensor
    bias: Tensor
    embeddings: Tensor
    distance_scale: float

    def fixed(self, config: LossConfig) -> Tensor:
        return self.scale.new_tensor(config.inverse_temperature)

    def weights(self, config: LossConfig) -> WeightBlock:
        if not self.distance_scale > 0:
            raise JobError("job", "data", "treatments most of which are alike", "phenotypes that differ, for S2L")
        return s2l_weight_block(self.embeddings, config.distance_scale * self.distance_scale, cutoff=config.cutoff)


_LOSSES: Mapping[LossName, Callable[[LossConfig, _Batch], Tensor]] = {
    "info_nce": lambda _, b: info_nce(b.x, b.m, b.scale),
    "hopfield_clip": lambda c, b: hopfield_clip(b.x, b.m, b.scale, beta=c.beta),
    "info_loob": lambda c, b: info_loob(b.x, b.m, b.fixed(c)),
    "cloob": lambda c, b: cloob(b.x, b.m, b.fixed(c), beta=c.beta),
    "dcl": lambda c, b: dcl(b.x, b.m, b.fixed(c)),
    "cwcl": lambda _, b: cwcl(b.x, b.m, b.scale, cwcl_factor(b.embeddings)),
    "siglip": lambda _, b: siglip(b.x, b.m, b.scale, b.bias),
    "s2l": lambda c, b: s2l(b.x, b.m, b.scale, b.bias, b.weights(c)),
    "s2l_soft": lambda c, b: s2l_soft(b.x, b.m, b.scale, b.bias, b.weights(c)),
    "s2l_weighted": lambda c, b: s2l_weighted(b.x, b.m, b.scale, b.bias, b.weights(c), gamma=c.gamma, zeta=c.zeta),
}


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
    config : LossConfig
    phenotypes, molecules : (n, joint)
        Unit vectors; row i of each is one treatment.
    scale, bias : scalars
        Learned: alpha > 0, which the losses with a fixed inverse temperature ignore, and b, of the sigmoid losses.
    embeddings : (n, d)
        Frozen phenotype embeddings of the batch, for S2L and CWCL; no gradient flows into them.
    distance_scale : float
        Median squared distance between training treatments, for S2L.

    Returns
    -------
    Tensor, scalar

    Raises
    ------
    JobError
        For S2L, when the distance is zero.
    """
    return _LOSSES[config.name](config, _Batch(phenotypes, molecules, scale, bias, embeddings, distance_scale))
