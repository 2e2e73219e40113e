"""The molecule encoder: features of all kinds become coordinates whose dot product is one kernel.

Fingerprints compare by the Tanimoto similarity of their bits, descriptors by a Gaussian of their distance, and the
two count equally. The principal components of that kernel over the training molecules (kernel PCA: Schölkopf et
al., Neural Computation 1998) enter the molecule tower and the kernel head.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from molphenix_core.errors import InputError
from molphenix_core.molecules.features import FeatureSet

__all__ = ["MoleculeEncoder", "MoleculeEncoderConfig", "fit_molecule_encoder"]

_LIMIT = 5.0
_ROWS = 1_000
_TYPES: Mapping[str, type[np.generic]] = {
    "block": np.int32,
    "mean": np.float32,
    "sd": np.float32,
    "bits": np.uint8,
    "real": np.float32,
    "spread": np.float32,
    "centre": np.float32,
    "axes": np.float16,
}


@dataclass(frozen=True)
class MoleculeEncoderConfig:
    """How to fit a molecule encoder.

    Parameters
    ----------
    components : int
        Principal components kept; at most one fewer than there are training molecules.
    """

    components: int = 1024


@dataclass(frozen=True, eq=False)
class MoleculeEncoder:
    """A fitted encoder.

    Parameters
    ----------
    block : int32 (raw width,)
        Number of the block that a raw column belongs to, from one; negative for blocks of counts or bits.
    mean, sd : float32 (real columns,)
        Of the real-valued columns over the training molecules; sd 1 where nothing varies.
    bits : uint8 (n, bytes)
        Which counts of the n training molecules are above zero, packed.
    real : float32 (n, real columns)
        Their real-valued columns, standardised.
    spread : float32 (1,)
        Median squared distance between them: the Gaussian is exp(-squared distance / spread). Zero without any.
    centre : float32 (n + 1,)
        Mean kernel with each training molecule, and the mean of all.
    axes : float16 (n, width)
        Principal axes, scaled so that training molecules have a mean squared norm of one.
    """

    block: NDArray[np.int32]
    mean: NDArray[np.float32]
    sd: NDArray[np.float32]
    bits: NDArray[np.uint8]
    real: NDArray[np.float32]
    spread: NDArray[np.float32]
    centre: NDArray[np.float32]
    axes: NDArray[np.float16]

    @property
    def width(self) -> int:
        """Number of coordinates."""
        return int(self.axes.shape[1])

    def fits(self, feature_set: FeatureSet) -> bool:
        """Whether these are the features that the encoder was fitted to.

        Parameters
        ----------
        feature_set : FeatureSet

        Returns
        -------
        bool
            By the width and kind of each block.
        """
        return np.array_equal(_blocks(feature_set), self.block)

    def transform(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """Encode molecules.

        Parameters
        ----------
        raw : float32 (n, raw width)
            From :meth:`~molphenix_core.molecules.features.FeatureSet.compute`; NaN where missing.

        Returns
        -------
        float32 (n, width)
            Finite.

        Raises
        ------
        InputError
            Another width.
        """
        if raw.ndim != 2 or raw.shape[1] != len(self.block):
            raise InputError("molecule features", "columns", f"shape {raw.shape}", f"(n, {len(self.block)})")
        axes = self.axes.astype(np.float32)
        counts = np.flatnonzero(self.block < 0)
        training = np.unpackbits(self.bits, axis=1, count=len(counts)).astype(np.float32)
        out = np.empty((len(raw), self.width), dtype=np.float32)
        for start in range(0, len(raw), _ROWS):
            rows = raw[start : start + _ROWS]
            kernel = _kernel(
                (rows[:, counts] > 0).astype(np.float32),
                training,
                -self.block[counts],
                _standardised(rows[:, self.block > 0], self.mean, self.sd),
                self.real,
                float(self.spread[0]),
            )
            kernel += self.centre[-1] - self.centre[:-1] - kernel.mean(axis=1, keepdims=True)
            out[start : start + _ROWS] = kernel @ axes
        return out

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Name the constants, to be stored as tensors; :meth:`from_arrays` reads them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[np.generic]], *, source: str = "molecule encoder"
    ) -> MoleculeEncoder:
        """Read what :meth:`to_arrays` gave.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            By attribute; other names are passed over.
        source : str
            Where they come from, for messages.

        Returns
        -------
        MoleculeEncoder

        Raises
        ------
        InputError
            An array is missing, of another type, of a shape that does not fit the others, or holds zero or less
            where it scales.
        """
        for name, kind in _TYPES.items():
            if name not in arrays:
                raise InputError(source, name, "nothing", "an array")
            if arrays[name].dtype != kind:
                raise InputError(source, name, str(arrays[name].dtype), kind.__name__)
        for name, dimensions in (("block", 1), ("axes", 2)):
            if arrays[name].ndim != dimensions:
                raise InputError(source, name, f"shape {arrays[name].shape}", f"dimensions: {dimensions}")
        block = np.asarray(arrays["block"], dtype=np.int32)
        counts, real, n = int((block < 0).sum()), int((block > 0).sum()), len(arrays["axes"])
        shapes = {
            "mean": (real,),
            "sd": (real,),
            "bits": (n, (counts + 7) // 8),
            "real": (n, real),
            "spread": (1,),
            "centre": (n + 1,),
        }
        for name, shape in shapes.items():
            if arrays[name].shape != shape:
                raise InputError(source, name, f"shape {arrays[name].shape}", f"shape {shape}")
        read = cls(**{name: np.asarray(arrays[name]) for name in _TYPES})
        if not (read.sd > 0).all():
            raise InputError(source, "sd", f"{read.sd.min():g}", "numbers above zero")
        if read.spread[0] < 0:
            raise InputError(source, "spread", f"{read.spread[0]:g}", "zero or more")
        return read


def fit_molecule_encoder(
    raw: NDArray[np.float32], feature_set: FeatureSet, config: MoleculeEncoderConfig
) -> MoleculeEncoder:
    """Fit an encoder to training molecules.

    Parameters
    ----------
    raw : float32 (n, feature_set.width)
        Features of the training molecules, each molecule once; NaN where missing.
    feature_set : FeatureSet
        What the columns are.
    config : MoleculeEncoderConfig

    Returns
    -------
    MoleculeEncoder

    Raises
    ------
    InputError
        Another width, fewer than two molecules, or molecules that are all alike.
    """
    if raw.ndim != 2 or raw.shape[1] != feature_set.width or len(raw) < 2:
        raise InputError(
            "molecule features", "training molecules", f"shape {raw.shape}", f"(n, {feature_set.width})"
        )
    block = _blocks(feature_set)
    counts = np.flatnonzero(block < 0)
    bits = raw[:, counts] > 0
    mean, sd = _moments(raw[:, block > 0].astype(np.float64))
    real = _standardised(raw[:, block > 0], mean, sd)
    apart = _squared_distances(real, real)[np.triu_indices(len(raw), 1)]
    spread = float(np.median(apart)) if real.shape[1] else 0.0
    values = bits.astype(np.float32)
    kernel = _kernel(values, values, -block[counts], real, real, spread).astype(np.float64)
    centre = np.append(kernel.mean(axis=0), kernel.mean())
    kernel += centre[-1] - centre[:-1] - kernel.mean(axis=1, keepdims=True)
    variance, vectors = np.linalg.eigh((kernel + kernel.T) / 2)
    variance, vectors = variance[::-1], vectors[:, ::-1]
    if variance[0] < 1e-6:
        raise InputError("molecule features", "training molecules", "no column that varies", "different molecules")
    components = min(config.components, int((variance > 1e-6 * variance[0]).sum()))
    axes = vectors[:, :components] / np.sqrt(variance[:components])
    # The sign of an axis is arbitrary: fix it, so that one input gives one encoder everywhere.
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(components)])
    axes /= np.sqrt(variance[:components].mean() * components / len(raw))
    return MoleculeEncoder(
        block=block,
        mean=mean,
        sd=sd,
        bits=np.packbits(bits, axis=1),
        real=real,
        spread=np.array([spread], dtype=np.float32),
        centre=centre.astype(np.float32),
        axes=axes.astype(np.float16),
    )


def _blocks(feature_set: FeatureSet) -> NDArray[np.int32]:
    """Number of the block of each column, negative for counts, int32 (feature_set.width,)."""
    return np.concatenate(
        [
            np.full(width, -number if counts else number, dtype=np.int32)
            for number, (width, counts) in enumerate(feature_set.layout, start=1)
        ]
    )


def _kernel(
    bits_a: NDArray[np.float32],
    bits_b: NDArray[np.float32],
    block: NDArray[np.int32],
    real_a: NDArray[np.float32],
    real_b: NDArray[np.float32],
    spread: float,
) -> NDArray[np.float32]:
    """Kernel between molecules (n, m): the mean of both kinds where there are both, each one with itself."""
    kinds = []
    if len(block):
        tanimoto = np.zeros((len(bits_a), len(bits_b)), dtype=np.float32)
        for number in np.unique(block):
            a, b = bits_a[:, block == number], bits_b[:, block == number]
            both = a @ b.T
            either = a.sum(axis=1)[:, None] + b.sum(axis=1)[None, :] - both
            # Two molecules without a single bit are alike in that.
            tanimoto += np.where(either > 0, both / np.maximum(either, 1), 1)
        kinds.append(tanimoto / len(np.unique(block)))
    if spread > 0:
        kinds.append(np.exp(-_squared_distances(real_a, real_b) / spread))
    return np.mean(kinds, axis=0, dtype=np.float32) if kinds else np.ones((len(bits_a), len(bits_b)), np.float32)


def _moments(values: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and sd of columns, over what is not missing."""
    missing = ~np.isfinite(values)
    present = np.maximum((~missing).sum(axis=0), 1)
    values[missing] = 0.0
    mean = values.sum(axis=0) / present
    values -= mean
    values[missing] = 0.0
    sd = np.sqrt((values**2).sum(axis=0) / present)
    # Rounding leaves a constant column of large numbers a tiny sd.
    sd[sd <= 1e-6 * np.maximum(1.0, np.abs(mean))] = 1.0
    return mean.astype(np.float32), sd.astype(np.float32)


def _standardised(
    values: NDArray[np.float32], mean: NDArray[np.float32], sd: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Within five standard deviations; a missing value counts as the mean."""
    scaled = np.clip((values - mean) / sd, -_LIMIT, _LIMIT)
    scaled[np.isnan(scaled)] = 0.0
    return scaled.astype(np.float32)


def _squared_distances(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    squared = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None, :] - 2 * (a @ b.T)
    return np.maximum(squared, 0.0)
