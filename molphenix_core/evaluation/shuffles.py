"""Controls that must fail: training data with what carries the signal shuffled away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from molphenix_core.training.batches import TrainingSet

__all__ = ["shuffle_doses", "shuffle_structures"]


def shuffle_structures(data: TrainingSet, seed: int) -> TrainingSet:
    """Give every molecule's phenotypes, with their doses, to another molecule.

    All treatments of a molecule move together, so doses, dose responses and the number of treatments of each
    class stay as they were: only the structure says nothing any more. A retriever trained on this finds unseen
    molecules no better than strength by dose allows.

    Parameters
    ----------
    data : TrainingSet
    seed : int

    Returns
    -------
    TrainingSet
        With another ``molecule``, int64 (n_treatments,); the rest is shared with ``data``. No molecule keeps its
        phenotypes where there are two or more.
    """
    molecules, owner = np.unique(data.molecule, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(molecules))
    # A random cycle: a plain permutation leaves about one molecule in its place.
    taken = np.empty_like(molecules)
    taken[order] = molecules[np.roll(order, 1)]
    return replace(data, molecule=taken[owner])


def shuffle_doses(data: TrainingSet, seed: int) -> TrainingSet:
    """Permute the doses of each molecule among its own treatments.

    Structures keep their phenotypes: only which dose caused which is lost.

    Parameters
    ----------
    data : TrainingSet
    seed : int

    Returns
    -------
    TrainingSet
        With another ``dose``, float64 (n_treatments,) in micromolar; the rest is shared with ``data``. A molecule
        of a single treatment keeps its dose.
    """
    by_molecule = np.argsort(data.molecule, kind="stable")
    at_random = np.lexsort((np.random.default_rng(seed).random(len(data)), data.molecule))
    dose = np.empty_like(data.dose)
    dose[by_molecule] = data.dose[at_random]
    return replace(data, dose=dose)
