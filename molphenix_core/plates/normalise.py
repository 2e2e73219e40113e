"""Normalising wells to the negative controls of their plate, and sphering them to those of their batch.

Robust standardisation follows Caicedo et al., Nature Methods 14:849 (2017); sphering to controls ("typical
variation normalisation") follows Ando et al., bioRxiv 161422 (2017).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molphenix_core.plates.plate import BATCH, PLATE, Plate

__all__ = [
    "ROBUST",
    "SPHERED",
    "NormalisationWarning",
    "Sphering",
    "fit_sphering",
    "normalise_to_controls",
    "sphere_to_controls",
]

ROBUST = "robust-to-controls"
SPHERED = "sphered-to-controls"
_MAD_TO_SD = 1.4826  # median absolute deviation of a normal distribution is sd / 1.4826
_FEWEST_CONTROLS = 4


class NormalisationWarning(UserWarning):
    """A normalisation had too few negative controls and did something weaker."""


def _groups(plate: Plate, column: str) -> dict[str, NDArray[np.intp]]:
    if column not in plate.wells:
        return {"": np.arange(len(plate))}
    labels = plate.wells[column].fillna("").astype(str).to_numpy()
    return {str(label): np.flatnonzero(labels == label) for label in np.unique(labels)}


def normalise_to_controls(plate: Plate) -> Plate:
    """Robust z-scores of every feature against the negative controls of the same physical plate.

    ``(x - median) / (1.4826 * MAD)``, both over the plate's negative controls; a feature that does not vary
    among them takes the spread over all wells of that plate. A plate normalised so before is returned as it is.

    Parameters
    ----------
    plate : Plate
        Embeddings (n_wells, d).

    Returns
    -------
    Plate
        Embeddings float32 (n_wells, d), with ``"robust-to-controls"`` added to the normalisation state.

    Warns
    -----
    NormalisationWarning
        For each plate with fewer than four negative controls: it is normalised to all of its wells, which
        assumes that most treatments do nothing.
    """
    if ROBUST in (plate.embedding.normalisation or ()):
        return plate
    values = plate.embeddings.astype(np.float64)
    out = np.empty(values.shape, dtype=np.float32)
    for barcode, rows in _groups(plate, PLATE).items():
        reference = rows[plate.is_negative_control[rows]]
        if len(reference) < _FEWEST_CONTROLS:
            warnings.warn(
                f"plate {barcode or '(unnamed)'} has {len(reference)} negative controls "
                f"(at least {_FEWEST_CONTROLS} needed): normalised to all of its {len(rows)} wells instead",
                NormalisationWarning,
                stacklevel=2,
            )
            reference = rows
        median, spread = _robust(values[reference])
        flat = spread <= 1e-9
        if flat.any():
            spread = np.where(flat, _robust(values[rows])[1], spread)
        out[rows] = (values[rows] - median) / np.where(spread <= 1e-9, 1.0, spread)
    return plate.with_embeddings(out, plate.embedding.after(ROBUST))


def _robust(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    median = np.median(values, axis=0)
    return median, _MAD_TO_SD * np.median(np.abs(values - median), axis=0)


@dataclass(frozen=True)
class Sphering:
    """A fitted whitening: ``(x - mean) @ matrix``.

    Parameters
    ----------
    mean : float64 (d,)
    matrix : float64 (d, d)
        Symmetric (ZCA), so that features keep their meaning.
    """

    mean: NDArray[np.float64]
    matrix: NDArray[np.float64]

    def apply(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """Sphere values.

        Parameters
        ----------
        values : float (n, d)

        Returns
        -------
        float32 (n, d)
        """
        return ((values - self.mean) @ self.matrix).astype(np.float32)


def fit_sphering(controls: NDArray[np.floating], *, regularisation: float = 0.1) -> Sphering:
    """Whitening (ZCA) under which negative controls (n, d) have unit covariance.

    Parameters
    ----------
    controls : float (n, d)
    regularisation : float
        Added to every eigenvalue of the covariance, in units of the squared features (robust z-scores:
        of the order of one), so that directions in which controls hardly vary are not blown up.

    Returns
    -------
    Sphering
    """
    values = np.asarray(controls, dtype=np.float64)
    mean = values.mean(axis=0)
    covariance = np.cov(values - mean, rowvar=False, bias=True).reshape(values.shape[1], -1)
    eigenvalues, vectors = np.linalg.eigh(covariance)
    scale = 1.0 / np.sqrt(np.maximum(eigenvalues, 0.0) + regularisation)
    return Sphering(mean=mean, matrix=(vectors * scale) @ vectors.T)


def sphere_to_controls(plate: Plate, *, regularisation: float = 0.1) -> Plate:
    """Sphere every batch to its own negative controls. A plate sphered before is returned as it is.

    A batch with too few controls is sphered to those of all batches: half-sphered numbers would not compare.

    Parameters
    ----------
    plate : Plate
        Embeddings (n_wells, d), robust z-scores; without ``Metadata_Batch`` all wells are one batch.
    regularisation : float
        See :func:`fit_sphering`.

    Returns
    -------
    Plate
        Embeddings float32 (n_wells, d), with ``"sphered-to-controls"`` added to the normalisation state.

    Warns
    -----
    NormalisationWarning
        For each batch with fewer than four negative controls; with fewer than four in all batches together
        nothing is sphered, and the state does not change either.
    """
    if SPHERED in (plate.embedding.normalisation or ()):
        return plate
    every = np.flatnonzero(plate.is_negative_control)
    if len(every) < _FEWEST_CONTROLS:
        warnings.warn(
            f"{len(every)} negative controls (at least {_FEWEST_CONTROLS} needed): not sphered",
            NormalisationWarning,
            stacklevel=2,
        )
        return plate
    out = np.empty_like(plate.embeddings)
    for batch, rows in _groups(plate, BATCH).items():
        controls = rows[plate.is_negative_control[rows]]
        if len(controls) < _FEWEST_CONTROLS:
            warnings.warn(
                f"batch {batch or '(unnamed)'} has {len(controls)} negative controls "
                f"(at least {_FEWEST_CONTROLS} needed): sphered to those of all batches instead",
                NormalisationWarning,
                stacklevel=2,
            )
            controls = every
        sphering = fit_sphering(plate.embeddings[controls], regularisation=regularisation)
        out[rows] = sphering.apply(plate.embeddings[rows])
    return plate.with_embeddings(out, plate.embedding.after(SPHERED))
