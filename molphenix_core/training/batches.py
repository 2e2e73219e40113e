"""Training treatments, and how batches are drawn from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Averaging", "Classes", "TrainingSet", "average_replicates", "epoch_batches", "treatment_classes"]

Averaging = Literal["random", "all", "one"]
Classes = Literal["treatment", "molecule"]


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
        Micromolar, NaN where unknown. A molecule and dose may come more than once: under other conditions.
    p_value : float64 (n_treatments,) or None
        Of activity, by :func:`molphenix_core.plates.activity.activity` over these wells; NaN where a treatment has
        none. None where they were not asked for.
    """

    space: str
    wells: NDArray[np.float32]
    starts: NDArray[np.int64]
    molecule: NDArray[np.int64]
    dose: NDArray[np.float64]
    p_value: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.molecule)

    def mean(self) -> NDArray[np.float32]:
        """Phenotypes averaged over all replicates, float32 (n_treatments, d)."""
        sums = np.add.reduceat(self.wells.astype(np.float64), self.starts[:-1], axis=0)
        return (sums / np.diff(self.starts)[:, None]).astype(np.float32)


def average_replicates(
    data: TrainingSet, averaging: Averaging, random: np.random.Generator
) -> NDArray[np.float32]:
    """One phenotype a treatment.

    Parameters
    ----------
    data : TrainingSet
    averaging : {"random", "all", "one"}
        "random": the mean of a random subset, of random size, of the replicates (the published "random batch
        averaging", arXiv 2409.08302); "all": of all of them; "one": a single random replicate.
    random : numpy.random.Generator

    Returns
    -------
    float32 (n_treatments, d)
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


def treatment_classes(data: TrainingSet, kind: Classes) -> NDArray[np.int64]:
    """Which treatments are the same to the molecule tower, so that none is a negative of another of its class.

    Parameters
    ----------
    data : TrainingSet
    kind : {"treatment", "molecule"}
        "treatment": those of one molecule at one dose, whatever the cell line or time point; unknown doses count
        as one dose. "molecule": those of one molecule.

    Returns
    -------
    int64 (n_treatments,)
        Classes, numbered from 0.
    """
    keys = data.molecule
    if kind == "treatment":
        doses, dose = np.unique(data.dose, return_inverse=True)
        keys = keys * len(doses) + dose
    return np.unique(keys, return_inverse=True)[1].astype(np.int64)


def epoch_batches(
    classes: NDArray[np.int64], batch_size: int, random: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Draw the treatments in random order, in batches of nearly equal size that hold each class at most once.

    Every treatment is drawn once where its class is no larger than the number of batches. So that it is, batches
    are made smaller than asked for, but not below half of that: one compound measured a hundred times must not
    shrink all batches. Of a class still larger a random part comes, in each epoch another.

    Parameters
    ----------
    classes : int64 (n_treatments,)
        From :func:`treatment_classes`.
    batch_size : int
        Treatments a batch, as nearly as the classes allow; there cannot be more than classes.
    random : numpy.random.Generator

    Yields
    ------
    int64 (about batch_size,)
        Rows of the treatments, at least two; sizes differ by at most one. Nothing where there are fewer than two
        classes, as one class alone has nothing to be contrasted with.
    """
    order = random.permutation(len(classes))
    _, member, sizes = np.unique(classes[order], return_inverse=True, return_counts=True)
    if len(sizes) < 2:
        return
    count = _batch_count(sizes, batch_size)
    # One class after another, in random order, dealt out in turn: members of one fall into different batches.
    by_class = np.argsort(random.permutation(len(sizes))[member], kind="stable")
    member = member[by_class]
    first = np.flatnonzero(np.diff(member, prepend=-1))
    place = np.arange(len(member)) - np.repeat(first, sizes[member[first]])
    drawn = order[by_class[place < count]]
    for turn in range(count):
        yield drawn[turn::count]


def _batch_count(sizes: NDArray[np.intp], batch_size: int) -> int:
    """Number of batches for classes of these sizes, two or more."""
    n, largest = int(sizes.sum()), int(sizes.max())
    wanted = max(1, round(n / max(2, min(batch_size, len(sizes)))))
    # With more batches than either limit, some batch would be left with a single treatment.
    return min(max(wanted, min(largest, 2 * wanted)), n // 2, n - largest)
