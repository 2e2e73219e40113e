"""Kernel ridge regression from (molecule, dose) to phenotype: the strong opponent at this size of data.

Kernel: Tanimoto on Morgan counts (radius 3), times a Gaussian of the difference in log10 dose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molphenix_core.model.kernel_head import dose_kernel
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.molecules.similarity import tanimoto

__all__ = ["KernelRidge", "cosine_scores", "fit_kernel_ridge", "morgan_counts"]

_DOSE_WIDTH = 0.5  # in log10 units
_RIDGE = 0.3


@dataclass(frozen=True, eq=False)
class KernelRidge:
    """A fitted regression.

    Parameters
    ----------
    counts : float32 (n, width)
        Morgan counts of the training treatments.
    log_dose : float64 (n,)
        log10 micromolar, NaN where unknown.
    dual : float64 (n, d)
    mean : float64 (d,)
        Mean training phenotype; predictions are relative to it.
    """

    counts: NDArray[np.float32]
    log_dose: NDArray[np.float64]
    dual: NDArray[np.float64]
    mean: NDArray[np.float64]

    def predict(self, counts: NDArray[np.float32], log_dose: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predict phenotypes, less the mean training phenotype: ``k(m, m') k(c, c') dual``.

        Parameters
        ----------
        counts : float32 (m, width)
            Morgan counts.
        log_dose : float64 (m,)
            log10 micromolar, NaN where unknown: as near to every dose.

        Returns
        -------
        float64 (m, d)
        """
        return _kernel(counts, log_dose, self.counts, self.log_dose) @ self.dual


def morgan_counts(smiles: list[str]) -> NDArray[np.float32]:
    """Morgan counts, radius 3.

    Parameters
    ----------
    smiles : list of str, (n,)
        Standardised.

    Returns
    -------
    float32 (n, 2048)

    Raises
    ------
    MoleculeError
        A SMILES cannot be parsed.
    """
    return FeatureSet(("morgan",)).compute(smiles)


def _kernel(
    counts_a: NDArray[np.float32],
    dose_a: NDArray[np.float64],
    counts_b: NDArray[np.float32],
    dose_b: NDArray[np.float64],
) -> NDArray[np.float64]:
    nearness = dose_kernel(dose_a, dose_b, _DOSE_WIDTH)
    unique_a, row_a = np.unique(counts_a, axis=0, return_inverse=True)
    unique_b, row_b = np.unique(counts_b, axis=0, return_inverse=True)
    return tanimoto(unique_a, unique_b)[np.ix_(row_a.ravel(), row_b.ravel())].astype(np.float64) * nearness


def fit_kernel_ridge(
    counts: NDArray[np.float32], log_dose: NDArray[np.float64], phenotypes: NDArray[np.floating]
) -> KernelRidge:
    """Fit on training treatments: ``dual = (K + ridge I)^-1 (phenotypes - mean)``.

    The kernel on molecules is the Tanimoto similarity of counts (Ralaivola et al., Neural Networks 18:1093, 2005).

    Parameters
    ----------
    counts : float32 (n, width)
        Morgan counts.
    log_dose : float64 (n,)
        log10 micromolar, NaN where unknown.
    phenotypes : float (n, d)

    Returns
    -------
    KernelRidge
    """
    target = phenotypes.astype(np.float64)
    mean = target.mean(axis=0)
    kernel = _kernel(counts, log_dose, counts, log_dose)
    dual = np.linalg.solve(kernel + _RIDGE * np.eye(len(kernel)), target - mean)
    return KernelRidge(counts=counts, log_dose=log_dose, dual=dual, mean=mean)


def cosine_scores(queries: NDArray[np.floating], candidates: NDArray[np.floating]) -> NDArray[np.float64]:
    """Cosine similarity of every query with every candidate; zero for a zero vector.

    Parameters
    ----------
    queries : float (n, d)
    candidates : float (m, d)

    Returns
    -------
    float64 (n, m)
    """
    a = queries / np.maximum(np.linalg.norm(queries, axis=1, keepdims=True), 1e-12)
    b = candidates / np.maximum(np.linalg.norm(candidates, axis=1, keepdims=True), 1e-12)
    return a.astype(np.float64) @ b.astype(np.float64).T
