"""A masked autoencoder over the features of a profile: the learned rival of sphered PCA.

Masked autoencoders (He et al., CVPR 2022) over image patches are what the published method takes its phenotypes
from; here the same task is set over profile features: hide some, and predict them from the others. No structure
takes part.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import erf
from torch import nn

from molphenix_core.errors import InputError
from molphenix_core.plates.encoder import aligned_profiles, holds_profiles, training_profiles
from molphenix_core.plates.normalise import ROBUST
from molphenix_core.plates.plate import EmbeddingInfo, Plate

__all__ = ["MaskedAutoencoder", "MaskedAutoencoderConfig", "fit_masked_autoencoder"]


@dataclass(frozen=True)
class MaskedAutoencoderConfig:
    """How to pre-train; the defaults were chosen on inner scaffold folds.

    Parameters
    ----------
    width : int
        Of the hidden layer on either side of the bottleneck.
    bottleneck : int
        Width of the embedding.
    masked : float
        Share of features hidden from the encoder, in each step and well anew, in (0, 1).
    epochs, batch_size : int
        Passes over the training wells, and wells a step.
    learning_rate, weight_decay : float
        Of AdamW; the rate rises over the first tenth of the steps, then falls along a cosine to zero.
    shrinkage : float
        Of the sphering of the bottleneck, as in :func:`~molphenix_core.plates.encoder.fit_profile_encoder`.
    limit : float
        Robust z-scores are clipped to [-limit, limit].
    seed : int
        Of weights, order and masks.
    """

    width: int = 512
    bottleneck: int = 256
    masked: float = 0.25
    epochs: int = 60
    batch_size: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 0.1
    shrinkage: float = 0.3
    limit: float = 5.0
    seed: int = 0


@dataclass(frozen=True, eq=False)
class MaskedAutoencoder:
    """The encoding half of a fitted masked autoencoder, its bottleneck sphered: a frozen profile encoder.

    ``x @ weight_linear + gelu(x @ weight_in + bias_in) @ weight_out + bias_out`` of clipped robust z-scores x,
    nothing masked. The scaling of the input and the sphering of the output are part of the weights.

    Parameters
    ----------
    feature_names : tuple of str
        The d input features, in order. A plate is aligned to them by name.
    weight_linear : float32 (d, k)
    weight_in : float32 (d, width)
    bias_in : float32 (width,)
    weight_out : float32 (width, k)
    bias_out : float32 (k,)
    limit : float
        Robust z-scores are clipped to [-limit, limit] first.
    """

    feature_names: tuple[str, ...]
    weight_linear: NDArray[np.float32]
    weight_in: NDArray[np.float32]
    bias_in: NDArray[np.float32]
    weight_out: NDArray[np.float32]
    bias_out: NDArray[np.float32]
    limit: float = 5.0

    @cached_property
    def identity(self) -> str:
        """Name with a hash of everything that determines the output, "masked-autoencoder:0a1b2c3d4e5f"."""
        digest = hashlib.sha256("\n".join(self.feature_names).encode())
        digest.update(np.float64(self.limit).tobytes())
        for array in (self.weight_linear, self.weight_in, self.bias_in, self.weight_out, self.bias_out):
            digest.update(np.ascontiguousarray(array, dtype="<f4").tobytes())
        return f"masked-autoencoder:{digest.hexdigest()[:12]}"

    @property
    def output_names(self) -> tuple[str, ...]:
        """Names of the k output columns."""
        return tuple(f"latent_{i + 1:03d}" for i in range(self.weight_out.shape[1]))

    @property
    def output_info(self) -> EmbeddingInfo:
        """What a plate encoded by this encoder says of its embedding."""
        return EmbeddingInfo(encoder=self.identity, version="1", normalisation=(ROBUST, "encoded"))

    @property
    def space(self) -> str:
        """Identifier of the embedding space that it writes."""
        return self.output_info.space(self.output_names)

    def accepts(self, plate: Plate) -> bool:
        """Whether a plate holds all input features by names that mean something, not sphered or encoded yet.

        Parameters
        ----------
        plate : Plate

        Returns
        -------
        bool
        """
        return holds_profiles(plate, self.feature_names)

    def encode(self, plate: Plate) -> Plate:
        """Normalise a plate of profiles to its controls (unless that was done) and encode it.

        Parameters
        ----------
        plate : Plate
            CellProfiler profiles with all d features; further ones are passed over.

        Returns
        -------
        Plate
            Embeddings float32 (n_wells, k).

        Raises
        ------
        UnknownSpaceError
            As :meth:`molphenix_core.plates.encoder.ProfileEncoder.encode`.
        """
        values = aligned_profiles(plate, self.feature_names, limit=self.limit)
        hidden = _gelu(values @ self.weight_in + self.bias_in)
        encoded = values @ self.weight_linear + hidden @ self.weight_out + self.bias_out
        return plate.with_embeddings(encoded, self.output_info, self.output_names)


def _gelu(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return (values * 0.5 * (1.0 + erf(values / np.float32(math.sqrt(2))))).astype(np.float32)


class _Network(nn.Module):
    """Encoder and decoder, each a linear map and a two-layer correction to it.

    The encoder is told which features are hidden. Without the linear maps replicates are found less well.
    """

    def __init__(self, features: int, width: int, bottleneck: int) -> None:
        super().__init__()
        self.into = nn.Linear(2 * features, width)
        self.out = nn.Linear(width, bottleneck)
        self.linear = nn.Linear(features, bottleneck, bias=False)
        self.decoder = nn.Sequential(nn.Linear(bottleneck, width), nn.GELU(), nn.Linear(width, features))
        self.linear_decoder = nn.Linear(bottleneck, features, bias=False)

    def forward(self, values: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        seen = values * (1 - hidden)
        correction = self.out(nn.functional.gelu(self.into(torch.cat([seen, hidden], dim=1))))
        latent = self.linear(seen) + correction
        reconstructed: torch.Tensor = self.linear_decoder(latent) + self.decoder(latent)
        return reconstructed


def fit_masked_autoencoder(
    plate: Plate,
    config: MaskedAutoencoderConfig,
    *,
    report: Callable[[int, float], None] = lambda _, __: None,
) -> MaskedAutoencoder:
    """Pre-train on the treated wells of training plates, without looking at any structure.

    The loss is the squared error of the hidden features, all features on one scale: those that respond to
    treatment vary more, and weigh more. The same plate, configuration and version of torch give the same encoder:
    training takes one CPU thread.

    Parameters
    ----------
    plate : Plate
        Training wells, normalised to their controls or not yet; controls are not trained on, as
        :func:`~molphenix_core.plates.encoder.fit_profile_encoder` does not either.
    config : MaskedAutoencoderConfig
    report : callable
        Told of each epoch (from 1) and its mean loss; stops the training by raising
        :class:`molphenix_core.errors.Cancelled`.

    Returns
    -------
    MaskedAutoencoder
        With embeddings (k = ``bottleneck``) sphered on the training wells.

    Raises
    ------
    UnknownSpaceError
        When the plate was sphered or encoded before.
    InputError
        When it has fewer than two treated wells, they are all alike, or a setting is out of its range.
    """
    _check(config)
    values = training_profiles(plate, limit=config.limit)
    mean, scale = values.mean(axis=0), float(values.std(axis=0).mean())
    scaled = torch.from_numpy(((values - mean) / scale).astype(np.float32))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            network = _pretrain(scaled, config, report)
    finally:
        torch.set_num_threads(threads)
    # With nothing hidden the second half of the input is zero: its weights are not needed any more.
    weight_in = _weights(network.into)[: values.shape[1]] / scale
    bias_in = network.into.bias.detach().numpy() - mean @ weight_in
    weight_linear, weight_out = _weights(network.linear) / scale, _weights(network.out)
    hidden = _gelu((values @ weight_in + bias_in).astype(np.float32)).astype(np.float64)
    centre, sphering = _sphering(values @ weight_linear + hidden @ weight_out, config.shrinkage)
    return MaskedAutoencoder(
        feature_names=plate.feature_names,
        weight_linear=(weight_linear @ sphering).astype(np.float32),
        weight_in=weight_in.astype(np.float32),
        bias_in=bias_in.astype(np.float32),
        weight_out=(weight_out @ sphering).astype(np.float32),
        bias_out=(-centre @ sphering).astype(np.float32),
        limit=config.limit,
    )


def _weights(layer: nn.Linear) -> NDArray[np.float64]:
    """Of a layer, float64 (inputs, outputs)."""
    return layer.weight.detach().numpy().astype(np.float64).T


def _check(config: MaskedAutoencoderConfig) -> None:
    if not 0 < config.masked < 1:
        raise InputError("masked autoencoder", "masked", repr(config.masked), "a share between 0 and 1")
    for name in ("width", "bottleneck", "epochs", "batch_size"):
        if getattr(config, name) < 1:
            raise InputError("masked autoencoder", name, repr(getattr(config, name)), "1 or more")


def _pretrain(
    values: torch.Tensor, config: MaskedAutoencoderConfig, report: Callable[[int, float], None]
) -> _Network:
    network = _Network(values.shape[1], config.width, config.bottleneck)
    optimiser = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    steps = config.epochs * math.ceil(len(values) / config.batch_size)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, steps))
    for epoch in range(1, config.epochs + 1):
        total = 0.0
        for rows in torch.randperm(len(values)).split(config.batch_size):
            batch = values[rows]
            hidden = (torch.rand_like(batch) < config.masked).float()
            error = hidden * (network(batch, hidden) - batch) ** 2
            loss = error.sum() / hidden.sum().clamp(min=1)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            schedule.step()
            total += float(loss.detach()) * len(rows)
        report(epoch, total / len(values))
    return network


def _rate(step: int, steps: int) -> float:
    warm = max(1, steps // 10)
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def _sphering(values: NDArray[np.float64], shrinkage: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean (k,) and whitening matrix (k, k) with a share of the mean eigenvalue added to each."""
    mean = values.mean(axis=0)
    variances, axes = np.linalg.eigh(np.atleast_2d(np.cov(values, rowvar=False, bias=True)))
    variances = np.maximum(variances, 0.0)[::-1]
    axes = axes[:, ::-1]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return mean, axes / np.sqrt(variances + shrinkage * variances.mean() + 1e-12)
