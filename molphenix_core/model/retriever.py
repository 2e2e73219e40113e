"""The retriever: one molecule tower, and one phenomics tower for each embedding space."""

from __future__ import annotations

from collections.abc import Mapping
from math import log

import torch
from torch import Tensor, nn

from molphenix_core.model.towers import MoleculeTower, PhenomicsTower, TowerShape

__all__ = ["Retriever"]


class Retriever(nn.Module):
    """Towers into one joint space, and the learned temperature and bias of the loss.

    Parameters
    ----------
    molecule_features : int
        Width of the molecule features.
    dose_width : int
        Width of the dose encoding.
    spaces : mapping of str to int
        Embedding space to its width.
    shape : TowerShape
    """

    def __init__(
        self, *, molecule_features: int, dose_width: int, spaces: Mapping[str, int], shape: TowerShape
    ) -> None:
        super().__init__()
        self.shape = shape
        self.spaces = dict(spaces)
        self.molecule = MoleculeTower(molecule_features, dose_width, shape)
        self.phenomics = nn.ModuleDict({space: PhenomicsTower(width, shape) for space, width in spaces.items()})
        self.log_scale = nn.Parameter(torch.tensor(log(1 / 0.1)))
        # Most pairs are negative: a bias of the order of log n starts the sigmoid losses near balance.
        self.bias = nn.Parameter(torch.tensor(10.0))

    def scale(self) -> Tensor:
        """Inverse temperature alpha, at most 100 as in CLIP."""
        return self.log_scale.clamp(max=log(100.0)).exp()

    def forward(self, phenotypes: Tensor, features: Tensor, doses: Tensor, space: str) -> tuple[Tensor, Tensor]:
        """Both sides of a batch.

        Parameters
        ----------
        phenotypes : float32 (n, d)
            Embeddings of one space.
        features : float32 (n, F)
            Molecule features.
        doses : float32 (n, C)
            Dose encodings.
        space : str
            The embedding space.

        Returns
        -------
        z_x, z_m : float32 (n, joint)
            Unit vectors of phenotypes and of molecules.

        Raises
        ------
        KeyError
            The space has no tower.
        """
        return self.phenomics[space](phenotypes), self.molecule(features, doses)
