"""Which contrastive loss, and its constants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from molphenix_core.errors import JobError

__all__ = ["LossConfig", "LossName"]

LossName = Literal[
    "info_nce",
    "hopfield_clip",
    "info_loob",
    "cloob",
    "dcl",
    "cwcl",
    "siglip",
    "s2l",
    "s2l_soft",
    "s2l_weighted",
]


@dataclass(frozen=True)
class LossConfig:
    """Which loss, and its constants; each is used by the losses it names and by no other.

    Parameters
    ----------
    name : LossName
        The formula of each stands at the function of that name.
    cutoff : float
        S2L: weights below it are set to zero (k; 0.75 was published).
    distance_scale : float
        S2L: c as a multiple of the median squared distance between training treatments.
    gamma, zeta : float
        Weighted S2L: how much a similar pair attracts, and how much of its repulsion it is spared (0 to 1).
    inverse_temperature : float
        InfoLOOB, CLOOB and DCL. Fixed, not learned: without the positive in the denominator a separated batch
        loses without bound as the scale grows.
    beta : float
        Hopfield-CLIP and CLOOB: the inverse temperature of the Hopfield retrieval.

    Raises
    ------
    JobError
        When a constant lies where its loss is not defined or has no minimum.
    """

    name: LossName = "info_nce"
    cutoff: float = 0.9
    distance_scale: float = 0.3
    gamma: float = 2.75
    zeta: float = 1.0
    inverse_temperature: float = 14.3
    beta: float = 14.3

    def __post_init__(self) -> None:
        for field in ("distance_scale", "gamma", "inverse_temperature", "beta"):
            if not getattr(self, field) > 0:
                raise JobError("job", f"fit.loss.{field}", str(getattr(self, field)), "more than 0")
        for field in ("cutoff", "zeta"):
            if not 0 <= getattr(self, field) <= 1:
                raise JobError("job", f"fit.loss.{field}", str(getattr(self, field)), "0 to 1")
