"""Bring features of different kinds to one scale, with constants from the training molecules alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molphenix_core.errors import InputError
from molphenix_core.molecules.features import FeatureSet

__all__ = ["FeatureScaler"]

_LIMIT = 5.0
_ROWS = 1_000


@dataclass(frozen=True, eq=False)
class FeatureScaler:
    """Feature scaling fitted on training molecules.

    Counts and bits: ``log(1 + count)``, less the mean. Real numbers: less the mean, over the standard deviation,
    held within 5 either way; a missing one counts as the mean. Each block is then scaled to a mean squared row
    norm of one over the training molecules, so that none drowns the others by its width. Columns that are
    constant there go.

    Attributes
    ----------
    kept : ndarray of bool, (raw width,)
        Columns that stay.
    counts : ndarray of bool, (width,)
        Which of them hold counts or bits.
    mean, sd : ndarray of float64, (width,)
        Of the column, after the logarithm for counts; the sd of a count is one.
    limit : ndarray of float64, (width,)
        Infinite for counts.
    weight : ndarray of float64, (width,)
        Equal within a block.
    """

    kept: NDArray[np.bool_]
    counts: NDArray[np.bool_]
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    limit: NDArray[np.float64]
    weight: NDArray[np.float64]

    @classmethod
    def fit(cls, raw: NDArray[np.float32], feature_set: FeatureSet, *, outside_width: int = 0) -> FeatureScaler:
        """Take the constants from training molecules.

        Parameters
        ----------
        raw : ndarray of float32, (n, feature_set.width + outside_width)
            Features of the training molecules, each molecule once; NaN where missing.
        feature_set : FeatureSet
            What the first columns are.
        outside_width : int
            Number of further columns, an outside embedding, scaled as real numbers.

        Returns
        -------
        FeatureScaler

        Raises
        ------
        InputError
            Another width, no rows, or a block in which nothing varies.
        """
        layout = [*feature_set.layout, *([(outside_width, False)] if outside_width else [])]
        expected = sum(width for width, _ in layout)
        if raw.ndim != 2 or raw.shape[1] != expected or len(raw) == 0:
            raise InputError("molecule features", "training molecules", f"shape {raw.shape}", f"(n, {expected})")
        counts = np.concatenate([np.full(width, is_count) for width, is_count in layout])
        block = np.repeat(np.arange(len(layout)), [width for width, _ in layout])

        values = raw.astype(np.float64)
        values[:, counts] = np.log1p(values[:, counts])
        missing = ~np.isfinite(values)
        present = np.maximum((~missing).sum(axis=0), 1)
        values[missing] = 0.0
        mean = values.sum(axis=0) / present
        values -= mean
        values[missing] = 0.0
        sd = np.sqrt((values**2).sum(axis=0) / present)
        # Rounding leaves a constant column of large numbers a tiny sd.
        kept = sd > 1e-6 * np.maximum(1.0, np.abs(mean))
        sd[counts] = 1.0

        limit = np.where(counts, np.inf, _LIMIT)
        weight = np.ones(expected)
        for number in range(len(layout)):
            columns = kept & (block == number)
            if not columns.any():
                raise InputError(
                    "molecule features",
                    f"block {number + 1}",
                    "no column that varies",
                    "different training molecules",
                )
            scaled = np.clip(values[:, columns] / sd[columns], -limit[columns], limit[columns])
            weight[columns] = 1 / np.sqrt((scaled**2).sum(axis=1).mean())
        return cls(kept, counts[kept], mean[kept], sd[kept], limit[kept], weight[kept])

    @property
    def width(self) -> int:
        """Number of columns that stay."""
        return len(self.mean)

    def fits(self, feature_set: FeatureSet) -> bool:
        """Whether these are the features that the constants were taken from.

        Parameters
        ----------
        feature_set : FeatureSet

        Returns
        -------
        bool
            By the number of columns, and by which of them hold counts.
        """
        counts = np.concatenate([np.full(width, is_count) for width, is_count in feature_set.layout])
        return len(counts) == len(self.kept) and np.array_equal(counts[self.kept], self.counts)

    def transform(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scale features.

        Parameters
        ----------
        raw : ndarray of float32, (n, raw width)
            As in :meth:`fit`.

        Returns
        -------
        ndarray of float32, (n, width)
            Finite.

        Raises
        ------
        InputError
            Another width.
        """
        if raw.ndim != 2 or raw.shape[1] != len(self.kept):
            raise InputError("molecule features", "columns", f"shape {raw.shape}", f"(n, {len(self.kept)})")
        scaled = np.empty((len(raw), self.width), dtype=np.float32)
        for start in range(0, len(raw), _ROWS):
            values = raw[start : start + _ROWS, self.kept].astype(np.float64)
            values[:, self.counts] = np.log1p(values[:, self.counts])
            values = np.clip((values - self.mean) / self.sd, -self.limit, self.limit)
            values[np.isnan(values)] = 0.0
            scaled[start : start + _ROWS] = values * self.weight
        return scaled

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Name the constants, to be stored as tensors.

        Returns
        -------
        dict of str to ndarray
            By attribute, types and shapes as there; :meth:`from_arrays` reads it.
        """
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[np.generic]], *, source: str = "feature scaler"
    ) -> FeatureScaler:
        """Read what :meth:`to_arrays` gave.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            By attribute; other names are passed over.
        source : str
            Where they come from, for messages.

        Returns
        -------
        FeatureScaler

        Raises
        ------
        InputError
            An array is missing, of another type or length, or holds zero or less where it scales.
        """
        kinds = {field.name: np.bool_ if field.name in ("kept", "counts") else np.float64 for field in fields(cls)}
        for name, kind in kinds.items():
            if name not in arrays:
                raise InputError(source, name, "nothing", "an array")
            array = arrays[name]
            if array.dtype != kind or array.ndim != 1:
                raise InputError(
                    source, name, f"{array.dtype} of shape {array.shape}", f"one-dimensional {kind.__name__}"
                )
        width = int(np.count_nonzero(arrays["kept"]))
        for name in kinds:
            if name != "kept" and len(arrays[name]) != width:
                raise InputError(source, name, f"{len(arrays[name])} values", f"{width}, one for each kept column")
        values: dict[str, NDArray[Any]] = {
            name: np.asarray(arrays[name], dtype=kind) for name, kind in kinds.items()
        }
        for name in ("sd", "limit", "weight"):
            if not (values[name] > 0).all():
                raise InputError(source, name, f"{values[name].min():g}", "numbers above zero")
        return cls(**values)
