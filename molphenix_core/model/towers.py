"""The two projection towers: residual or plain MLPs into one unit sphere.

The published sizes are second-hand (six blocks and a linear layer on the phenomics side, one block and a linear
layer on the molecule side); widths, dropout and norms were never published, so they are parameters here.
The plain MLP is the molecule encoder of CLOOME (Nat. Commun. 2023): layers of linear map, batch norm and ReLU.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["MoleculeTower", "PhenomicsTower", "ResidualBlock", "TowerKind", "TowerShape"]

TowerKind = Literal["residual", "mlp"]


@dataclass(frozen=True)
class TowerShape:
    """Size of the towers.

    Parameters
    ----------
    joint : int
        Dimension of the joint space.
    width : int
        Of the hidden layers.
    molecule_blocks, phenomics_blocks : int
        Residual blocks of each tower. Of kind "mlp": hidden layers of each, the one that takes the features in
        counted; with 0 the tower is linear.
    dropout : float
        Probability, in the hidden layers.
    input_dropout : float
        Probability, on the features that enter.
    kind : {"residual", "mlp"}
        Residual blocks with layer norm and GELU, or a plain MLP with batch norm and ReLU.
    """

    joint: int = 256
    width: int = 512
    molecule_blocks: int = 1
    phenomics_blocks: int = 1
    dropout: float = 0.1
    input_dropout: float = 0.0
    kind: TowerKind = "residual"


class ResidualBlock(nn.Module):
    """``h + W2 dropout(gelu(W1 norm(h)))``."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, width)
        self.outer = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden: Tensor) -> Tensor:
        """Add to a representation what the block makes of it.

        Parameters
        ----------
        hidden : float32 (..., width)

        Returns
        -------
        float32 (..., width)
        """
        return hidden + self.outer(self.dropout(functional.gelu(self.inner(self.norm(hidden)))))


class _Head(nn.Module):
    """Residual blocks, a norm, and a linear layer onto the unit sphere."""

    def __init__(self, shape: TowerShape, blocks: int) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*(ResidualBlock(shape.width, shape.dropout) for _ in range(blocks)))
        self.norm = nn.LayerNorm(shape.width)
        self.out = nn.Linear(shape.width, shape.joint)

    def forward(self, hidden: Tensor) -> Tensor:
        return functional.normalize(self.out(self.norm(self.blocks(hidden))), dim=-1)


class _RowNorm(nn.Module):
    """Batch norm of the last axis over all others, so that (n, k, width) counts as n k rows.

    PyTorch's own takes the second axis of such an input for the features, and counts batches in an integer that
    the float16 of a stored bundle cannot hold.
    """

    _MOMENTUM = 0.1

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))
        self.mean: Tensor
        self.variance: Tensor
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("variance", torch.ones(width))

    def forward(self, hidden: Tensor) -> Tensor:
        """(..., width) to the same; in training by the batch's own mean and variance."""
        rows = functional.batch_norm(
            hidden.flatten(0, -2),
            self.mean,
            self.variance,
            self.weight,
            self.bias,
            training=self.training,
            momentum=self._MOMENTUM,
        )
        return rows.view_as(hidden)


class _PlainHead(nn.Module):
    """What follows the first linear map of a plain MLP, ending on the unit sphere."""

    def __init__(self, shape: TowerShape, hidden: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for layer in range(hidden):
            if layer > 0:
                layers.append(nn.Linear(shape.width, shape.width))
            layers += [_RowNorm(shape.width), nn.ReLU(), nn.Dropout(shape.dropout)]
        self.hidden = nn.Sequential(*layers)
        self.out = nn.Linear(shape.width, shape.joint)

    def forward(self, hidden: Tensor) -> Tensor:
        return functional.normalize(self.out(self.hidden(hidden)), dim=-1)


def _head(shape: TowerShape, blocks: int) -> nn.Module:
    return _PlainHead(shape, blocks) if shape.kind == "mlp" else _Head(shape, blocks)


class MoleculeTower(nn.Module):
    """(molecule features, dose encoding) to the unit sphere.

    The first layer is ``W_m m + W_c f(c)``, so that a library pushes its molecules through ``W_m`` once and
    each further dose costs one cheap sum before the head.

    Parameters
    ----------
    features : int
        Width of the molecule features.
    doses : int
        Width of the dose encoding.
    shape : TowerShape
    """

    def __init__(self, features: int, doses: int, shape: TowerShape) -> None:
        super().__init__()
        self.input_dropout = nn.Dropout(shape.input_dropout)
        self.molecule = nn.Linear(features, shape.width)
        self.dose = nn.Linear(doses, shape.width, bias=False)
        self.head = _head(shape, shape.molecule_blocks)

    def forward(self, features: Tensor, doses: Tensor) -> Tensor:
        """Embed molecules, each at one dose.

        Parameters
        ----------
        features : float32 (n, F)
            Molecule features.
        doses : float32 (n, C)
            Dose encodings.

        Returns
        -------
        float32 (n, joint)
            Unit vectors.
        """
        return self.head(self.molecule(self.input_dropout(features)) + self.dose(doses))

    def over_doses(self, features: Tensor, doses: Tensor) -> Tensor:
        """Embed molecules, each at all of some doses.

        Parameters
        ----------
        features : float32 (n, F)
            Molecule features.
        doses : float32 (k, C)
            Dose encodings.

        Returns
        -------
        float32 (n, k, joint)
            Unit vectors.
        """
        return self.head(self.molecule(features)[:, None, :] + self.dose(doses)[None, :, :])


class PhenomicsTower(nn.Module):
    """Phenotype embeddings of one space to the unit sphere.

    Parameters
    ----------
    features : int
        Width of the embedding space.
    shape : TowerShape
    """

    def __init__(self, features: int, shape: TowerShape) -> None:
        super().__init__()
        self.input_dropout = nn.Dropout(shape.input_dropout)
        self.phenotype = nn.Linear(features, shape.width)
        self.head = _head(shape, shape.phenomics_blocks)

    def forward(self, phenotypes: Tensor) -> Tensor:
        """Embed phenotypes.

        Parameters
        ----------
        phenotypes : float32 (n, d)
            Embeddings of the tower's space.

        Returns
        -------
        float32 (n, joint)
            Unit vectors.
        """
        return self.head(self.phenotype(self.input_dropout(phenotypes)))
