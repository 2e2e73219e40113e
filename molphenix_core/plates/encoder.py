"""The profile encoder: a CellProfiler-like profile in, a compact plate embedding out.

It stands where the published method has its frozen image encoder: fitted once, without structures, on
training wells only, then frozen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from molphenix_core.errors import InputError, UnknownSpaceError
from molphenix_core.plates.normalise import ROBUST, normalise_to_controls
from molphenix_core.plates.plate import EmbeddingInfo, Plate

__all__ = [
    "ProfileEncoder",
    "aligned_profiles",
    "fit_embedding_encoder",
    "fit_profile_encoder",
    "holds_profiles",
    "training_profiles",
]

_PROFILES = "cellprofiler"


@dataclass(frozen=True)
class ProfileEncoder:
    """Sphered PCA of robustly normalised, clipped profiles, or of the embeddings of one space as they are.

    Parameters
    ----------
    feature_names : tuple of str
        The d input features, in order. A plate of profiles is aligned to them by name.
    mean : float32 (d,)
    matrix : float32 (d, k)
        Principal axes divided by the (shrunk) standard deviation along them.
    limit : float
        Robust z-scores are clipped to [-limit, limit] first: dead or out-of-focus wells reach thousands.
        Embeddings are not clipped.
    input_space : str
        The embedding space that is encoded; "" for CellProfiler profiles.
    """

    feature_names: tuple[str, ...]
    mean: NDArray[np.float32]
    matrix: NDArray[np.float32]
    limit: float = 5.0
    input_space: str = ""

    @cached_property
    def identity(self) -> str:
        """Name with a hash of everything that determines the output, such as "sphered-pca:0a1b2c3d4e5f"."""
        digest = hashlib.sha256("\n".join(self.feature_names).encode())
        digest.update(np.float64(self.limit).tobytes())
        digest.update(self.input_space.encode())
        digest.update(np.ascontiguousarray(self.mean, dtype="<f4").tobytes())
        digest.update(np.ascontiguousarray(self.matrix, dtype="<f4").tobytes())
        return f"sphered-pca:{digest.hexdigest()[:12]}"

    @property
    def output_names(self) -> tuple[str, ...]:
        """Names of the k output columns."""
        return tuple(f"component_{i + 1:03d}" for i in range(self.matrix.shape[1]))

    @property
    def output_info(self) -> EmbeddingInfo:
        """What a plate encoded by this encoder says of its embedding."""
        steps = ("encoded",) if self.input_space else (ROBUST, "encoded")
        return EmbeddingInfo(encoder=self.identity, version="1", normalisation=steps)

    @property
    def space(self) -> str:
        """Identifier of the embedding space that it writes."""
        return self.output_info.space(self.output_names)

    def accepts(self, plate: Plate) -> bool:
        """Whether a plate is in the input space, or holds all input features by name, not sphered or encoded.

        Parameters
        ----------
        plate : Plate

        Returns
        -------
        bool
        """
        if self.input_space:
            return plate.space == self.input_space
        return holds_profiles(plate, self.feature_names)

    def encode(self, plate: Plate) -> Plate:
        """Normalise a plate of profiles to its controls (unless that was done) and encode it.

        Parameters
        ----------
        plate : Plate
            In the input space; or CellProfiler profiles with all d input features, further ones being passed
            over.

        Returns
        -------
        Plate
            Embeddings float32 (n_wells, k).

        Raises
        ------
        UnknownSpaceError
            When input features are missing, the names carry no meaning to align by, or the plate was sphered or
            encoded before.

        Warns
        -----
        NormalisationWarning
            As :func:`~molphenix_core.plates.normalise.normalise_to_controls`.
        """
        if not self.input_space:
            values = aligned_profiles(plate, self.feature_names, limit=self.limit)
        elif plate.space == self.input_space:
            values = plate.embeddings
        else:
            raise UnknownSpaceError(plate.source or "plate", "embedding space", plate.space, self.input_space)
        encoded = ((values - self.mean) @ self.matrix).astype(np.float32)
        return plate.with_embeddings(encoded, self.output_info, self.output_names)


def holds_profiles(plate: Plate, feature_names: Sequence[str]) -> bool:
    """Whether a plate holds profiles with these features by names that mean something, not encoded yet.

    Parameters
    ----------
    plate : Plate
    feature_names : sequence of str
        Those that it must have; it may have others.

    Returns
    -------
    bool
    """
    return (
        plate.embedding.encoder == _PROFILES
        and _before_encoding(plate)
        and set(feature_names) <= set(plate.feature_names)
    )


def aligned_profiles(plate: Plate, feature_names: Sequence[str], *, limit: float) -> NDArray[np.float32]:
    """Profiles as an encoder takes them: its features in its order, normalised to controls, clipped.

    Parameters
    ----------
    plate : Plate
        CellProfiler profiles with all d features; further ones are passed over.
    feature_names : sequence of str
        The d features.
    limit : float
        Robust z-scores are clipped to [-limit, limit].

    Returns
    -------
    float32 (n_wells, d)

    Raises
    ------
    UnknownSpaceError
        As :meth:`ProfileEncoder.encode`.
    """
    if not holds_profiles(plate, feature_names):
        raise _refusal(plate, feature_names)
    place = {name: column for column, name in enumerate(plate.feature_names)}
    columns = [place[name] for name in feature_names]
    aligned = plate.with_embeddings(plate.embeddings[:, columns], plate.embedding, tuple(feature_names))
    return np.clip(normalise_to_controls(aligned).embeddings, -limit, limit)


def training_profiles(plate: Plate, *, limit: float) -> NDArray[np.float64]:
    """Treated wells of training plates, normalised to controls and clipped, to fit an encoder to.

    Parameters
    ----------
    plate : Plate
        Normalised to its controls or not yet.
    limit : float
        Robust z-scores are clipped to [-limit, limit].

    Returns
    -------
    float64 (n_treated, d)

    Raises
    ------
    UnknownSpaceError, InputError
        As :func:`fit_profile_encoder`.
    """
    if not _before_encoding(plate):
        steps = ", ".join(plate.embedding.normalisation or ())
        raise UnknownSpaceError(
            plate.source or "plate", "uns/embedding/normalisation", steps, f"none, or {ROBUST} alone"
        )
    plate = normalise_to_controls(plate)
    wells = int(plate.is_treated.sum())
    if wells < 2:
        raise InputError(
            plate.source or "plate", "obs", f"{wells} treated wells", "two or more to fit an encoder to"
        )
    values = np.clip(plate.embeddings[plate.is_treated].astype(np.float64), -limit, limit)
    if not np.ptp(values, axis=0).any():
        raise InputError(plate.source or "plate", "X", "treated wells that are all alike", "profiles that vary")
    return values


def _refusal(plate: Plate, feature_names: Sequence[str]) -> UnknownSpaceError:
    source, embedding = plate.source or "plate", plate.embedding
    if embedding.encoder != _PROFILES:
        return UnknownSpaceError(
            source, "uns/embedding/encoder", repr(embedding.encoder), f"{_PROFILES!r}: profiles to encode"
        )
    if not _before_encoding(plate):
        steps = ", ".join(embedding.normalisation or ())
        return UnknownSpaceError(source, "uns/embedding/normalisation", steps, f"none, or {ROBUST} alone")
    present = set(plate.feature_names)
    missing = [name for name in feature_names if name not in present]
    return UnknownSpaceError(
        source,
        "var_names",
        f"{len(missing)} of {len(feature_names)} input features missing, the first {missing[0]!r}",
        "the CellProfiler features of this encoder",
    )


def _before_encoding(plate: Plate) -> bool:
    """Whether profiles are as measured, normalised to controls, or of a state that nobody knows."""
    return plate.embedding.normalisation in (None, (), (ROBUST,))


def fit_profile_encoder(
    plate: Plate, *, components: int = 128, shrinkage: float = 0.3, limit: float = 5.0
) -> ProfileEncoder:
    """Fit a sphered PCA on the treated wells of training plates.

    Parameters
    ----------
    plate : Plate
        Training wells, normalised to their controls or not yet.
    components : int
        Width of the embedding; at most the rank of the data.
    shrinkage : float
        Share of the mean kept eigenvalue added to each before whitening: with none, weak components, mostly
        noise, weigh as much as strong ones.
    limit : float
        See :class:`ProfileEncoder`.

    Returns
    -------
    ProfileEncoder
        Mean (d,) and matrix (d, k), with k at most ``components``.

    Raises
    ------
    UnknownSpaceError
        When the plate was sphered or encoded before.
    InputError
        When it has fewer than two treated wells, or they are all alike.

    Warns
    -----
    NormalisationWarning
        As :func:`~molphenix_core.plates.normalise.normalise_to_controls`.
    """
    values = training_profiles(plate, limit=limit)
    mean, matrix = _sphered_pca(values, components, shrinkage)
    return ProfileEncoder(feature_names=plate.feature_names, mean=mean, matrix=matrix, limit=limit)


def fit_embedding_encoder(plate: Plate, *, components: int = 128, shrinkage: float = 0.3) -> ProfileEncoder:
    """Fit a sphered PCA on the treated wells of a plate that is an embedding already, or a treatment-level table.

    Parameters
    ----------
    plate : Plate
        Training wells or treatments; embeddings float32 (n, d), taken as they are.
    components, shrinkage
        As in :func:`fit_profile_encoder`.

    Returns
    -------
    ProfileEncoder
        Of this embedding space and no other.

    Raises
    ------
    InputError
        When there are fewer than two treated rows, or they are all alike.
    """
    values = plate.embeddings[plate.is_treated].astype(np.float64)
    if len(values) < 2 or not np.ptp(values, axis=0).any():
        found = f"{len(values)} treated wells" if len(values) < 2 else "treated wells that are all alike"
        raise InputError(plate.source or "plate", "X", found, "two or more that vary, to fit an encoder to")
    mean, matrix = _sphered_pca(values, components, shrinkage)
    return ProfileEncoder(plate.feature_names, mean, matrix, input_space=plate.space)


def _sphered_pca(
    values: NDArray[np.float64], components: int, shrinkage: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean (d,) and matrix (d, k) of profiles (n, d)."""
    mean = values.mean(axis=0)
    _, singular, axes = np.linalg.svd(values - mean, full_matrices=False)
    components = min(components, int((singular > 1e-6 * singular[0]).sum()))
    variances = singular[:components] ** 2 / len(values)
    # The sign of a singular vector is arbitrary: fix it, so that one input gives one encoder everywhere.
    axes = (
        axes[:components] * np.sign(axes[np.arange(components), np.abs(axes[:components]).argmax(axis=1)])[:, None]
    )
    matrix = axes.T / np.sqrt(variances + shrinkage * variances.mean())
    return mean.astype(np.float32), matrix.astype(np.float32)
