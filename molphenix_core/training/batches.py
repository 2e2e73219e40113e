"""Training treatments, and how batches are drawn from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Averaging", "TrainingSet", "average_replicates", "batch_count", "epoch_batches"]

Averaging = Literal["random", "all", "one"]


@dataclass(frozen=True)
class TrainingSet:
    """Treatments of one embedding space, as arrays.

    Parameters
    ----------
    space : str
        Identifier of the embedding space.
    wells : float32 (n_wells, d)
        Embeddings, the wells of a treatment next to each other.
    starts : int64 (n_treatments + 1,)
        Treatment i owns wells ``starts[i]`` to ``starts[i + 1]``; each has at least one.
    molecule : int64 (n_treatments,)
        Row of its molecule among the molecule features.
    dose : float64 (n_treatments,)
        Micromolar, NaN where unknown.
    """

    space: str
    wells: NDArray[np.float32]
    starts: NDArray[np.int64]
    molecule: NDArray[np.int64]
    dose: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.molecule)

    def mean(self) -> NDArray[np.float32]:
        """Phenotypes averaged over all replicates, float32 (n_treatments, d)."""
        sums = np.add.reduceat(self.wells.astype(np.float64), self.starts[:-1], axis=0)
        return (sums / np.diff(self.starts)[:, None]).astype(np.float32)


def average_replicates(
    data: TrainingSet, averaging: Averaging, random: np.random.Generator
) -> NDArray[np.float32]:
    """One phenotype a treatment, float32 (n_treatments, d).

    Parameters
    ----------
    averaging : {"random", "all", "one"}
        "random": the mean of a random subset, of random size, of the replicates (the published "random batch
        averaging"); "all": of all of them; "one": a single random replicate.
    """
    if averaging == "all":
        return data.mean()
    counts = np.diff(data.starts)
    owner = np.repeat(np.arange(len(data)), counts)
    # The first `size` replicates of a random order: a uniform random subset of that size.
    rank = np.empty(len(owner), dtype=np.int64)
    rank[np.lexsort((random.random(len(owner)), owner))] = np.arange(len(owner)) - data.starts[owner]
    size = random.integers(1, counts + 1) if averaging == "random" else np.ones_like(counts)
    weight = (rank < size[owner]).astype(np.float64) / size[owner]
    return np.add.reduceat(data.wells * weight[:, None], data.starts[:-1], axis=0).astype(np.float32)


def epoch_batches(n: int, batch_size: int, random: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Draw every treatment once, in random order, in batches of nearly equal size.

    Parameters
    ----------
    n : int
        Number of treatments.
    batch_size : int
        Treatments a batch, as nearly as equal batches allow.
    random : numpy.random.Generator

    Yields
    ------
    int64 (about batch_size,)
        Rows of the treatments; at least two a batch where n is two or more, as one alone has nothing to be
        contrasted with.
    """
    yield from np.array_split(random.permutation(n), batch_count(n, batch_size))


def batch_count(n: int, batch_size: int) -> int:
    """Number of batches that :func:`epoch_batches` makes of n treatments."""
    return max(1, min(round(n / max(1, batch_size)), n // 2))
