"""The two projection towers: residual MLPs into one unit sphere.

The published sizes are second-hand (six blocks and a linear layer on the phenomics side, one block and a linear
layer on the molecule side); widths, dropout and norms were never published, so they are parameters here.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional

__all__ = ["MoleculeTower", "PhenomicsTower", "ResidualBlock", "TowerShape"]


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
        Residual blocks of each tower.
    dropout : float
        Probability, in the hidden layers.
    input_dropout : float
        Probability, on the features that enter.
    """

    joint: int = 256
    width: int = 512
    molecule_blocks: int = 1
    phenomics_blocks: int = 1
    dropout: float = 0.1
    input_dropout: float = 0.0


class ResidualBlock(nn.Module):
    """``h + W2 dropout(gelu(W1 norm(h)))``."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, width)
        self.outer = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden: Tensor) -> Tensor:
        """(n, width) to (n, width)."""
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
        self.head = _Head(shape, shape.molecule_blocks)

    def forward(self, features: Tensor, doses: Tensor) -> Tensor:
        """Features (n, F) and dose encodings (n, C) to unit vectors (n, joint)."""
        return self.head(self.molecule(self.input_dropout(features)) + self.dose(doses))

    def over_doses(self, features: Tensor, doses: Tensor) -> Tensor:
        """Features (n, F), each at all of the dose encodings (k, C): unit vectors (n, k, joint)."""
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
        self.head = _Head(shape, shape.phenomics_blocks)

    def forward(self, phenotypes: Tensor) -> Tensor:
        """(n, d) to unit vectors (n, joint)."""
        return self.head(self.phenotype(self.input_dropout(phenotypes)))
