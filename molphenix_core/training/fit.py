"""The training loop."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from molphenix_core.errors import JobError
from molphenix_core.model.losses import LossConfig, contrastive_loss
from molphenix_core.model.retriever import Retriever
from molphenix_core.molecules.doses import DoseEncoding
from molphenix_core.training.batches import (
    Averaging,
    Classes,
    TrainingSet,
    average_replicates,
    epoch_batches,
    treatment_classes,
)
from molphenix_core.training.undersampling import UndersamplingConfig, undersample

__all__ = ["EpochReport", "FitConfig", "choose_device", "fit", "median_squared_distance"]


@dataclass(frozen=True)
class FitConfig:
    """How to train.

    Parameters
    ----------
    epochs : int
        Passes over the treatments.
    batch_size : int
        Treatments a step; each is contrasted with all others of the step.
    learning_rate, weight_decay : float
        Of AdamW; the rate rises over the first tenth of the steps, then falls along a cosine to zero.
    averaging : {"random", "all", "one"}
        See :func:`molphenix_core.training.batches.average_replicates`.
    classes : {"treatment", "molecule"}
        What is told apart. "treatment": a molecule at a dose; its rows under other conditions are never contrasted
        with each other. "molecule": a molecule, whatever the dose, as CLOOME does; the retriever is not told
        doses, and ranks all doses of a molecule alike.
    undersampling : UndersamplingConfig or None
        Leave out inactive treatments; None trains on all.
    dose_dropout : float
        Share of treatments shown without their dose, so that an unknown dose works.
    loss : LossConfig
    seed : int
        Of the weights, the order, the replicates and the dropout.
    threads : int
        Of the CPU. One seed and one number of threads give one result on the CPU.
    device : str
        "auto" (a GPU if there is one), "cpu" or "cuda".
    """

    epochs: int = 100
    batch_size: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    averaging: Averaging = "random"
    classes: Classes = "treatment"
    undersampling: UndersamplingConfig | None = None
    dose_dropout: float = 0.1
    loss: LossConfig = field(default_factory=LossConfig)
    seed: int = 0
    threads: int = 1
    device: str = "auto"


@dataclass(frozen=True)
class EpochReport:
    """What is known after an epoch: its number (from one), its mean loss, and the treatments drawn so far."""

    epoch: int
    loss: float
    samples: int


def choose_device(name: str) -> torch.device:
    """The device of a configuration.

    Parameters
    ----------
    name : {"auto", "cpu", "cuda"}
        "auto" takes a GPU if there is one.

    Returns
    -------
    torch.device

    Raises
    ------
    JobError
        When a GPU is asked for and there is none, or the name is none of the three.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise JobError("job", "fit.device", repr(name), "'auto', 'cpu' or 'cuda'")
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cuda" and not torch.cuda.is_available():
        raise JobError("job", "fit.device", "'cuda' on a computer without a usable GPU", "'auto' or 'cpu'")
    return torch.device(name)


def median_squared_distance(phenotypes: NDArray[np.float32], *, seed: int = 0) -> float:
    """Median squared distance between random pairs of different phenotypes: c of S2L (arXiv 2409.08302).

    Parameters
    ----------
    phenotypes : float32 (n, d)
        Of the training treatments.
    seed : int
        Of the draw of 20,000 pairs.

    Returns
    -------
    float
        In squared units of the embedding.
    """
    random = np.random.default_rng(seed)
    first = random.integers(0, len(phenotypes), 20_000)
    second = random.integers(0, len(phenotypes), 20_000)
    apart = first != second
    squared = ((phenotypes[first[apart]] - phenotypes[second[apart]]).astype(np.float64) ** 2).sum(axis=1)
    return float(np.median(squared))


def fit(
    retriever: Retriever,
    data: Sequence[TrainingSet],
    features: NDArray[np.float32],
    doses: DoseEncoding,
    config: FitConfig,
    *,
    report: Callable[[EpochReport], None] = lambda _: None,
) -> None:
    """Train a retriever in place.

    Parameters
    ----------
    retriever : Retriever
        Freshly made (its weights come from ``torch.manual_seed``, set by the caller) or trained before.
    data : sequence of TrainingSet
        One for each embedding space; the retriever has a tower for each. A step takes treatments of one space.
    features : float32 (n_molecules, F)
        Scaled molecule features; ``data.molecule`` points into them.
    doses : DoseEncoding
    config : FitConfig
    report : callable
        Told of each epoch; it stops the training by raising :class:`molphenix_core.errors.Cancelled`. It may
        evaluate the retriever, which is in evaluation mode then, on the device of the training, and may draw from
        torch's generators: the training goes on as if it had not. It must leave weights and device as they are.

    Raises
    ------
    JobError
        When fewer than two classes are left to train on, their phenotypes are all alike (S2L), the loss is
        no number any more, or the device does not exist.
    """
    classes = [treatment_classes(part, config.classes) for part in data]
    for each in classes:
        _require_two(each, config)
    device = choose_device(config.device)
    threads = torch.get_num_threads()
    torch.set_num_threads(config.threads)
    try:
        _fit(retriever.to(device), data, classes, features, doses, config, report, device)
    finally:
        torch.set_num_threads(threads)
        retriever.to("cpu").eval()


def _fit(
    retriever: Retriever,
    data: Sequence[TrainingSet],
    classes: Sequence[NDArray[np.int64]],
    features: NDArray[np.float32],
    doses: DoseEncoding,
    config: FitConfig,
    report: Callable[[EpochReport], None],
    device: torch.device,
) -> None:
    random = np.random.default_rng(config.seed)
    torch.manual_seed(config.seed)
    if config.classes == "molecule":
        # Doses are never shown, so that what a known one would add to the first layer would stay as it was drawn.
        with torch.no_grad():
            retriever.molecule.dose.weight.zero_()
    unknown = torch.from_numpy(doses.encode(np.array([np.nan]))).to(device)
    dose_dropout = 1.0 if config.classes == "molecule" else config.dose_dropout
    molecules = torch.from_numpy(features).to(device)
    encoded = [torch.from_numpy(doses.encode(part.dose)).to(device) for part in data]
    molecule = [torch.from_numpy(part.molecule).to(device) for part in data]
    distance = [median_squared_distance(part.mean()) for part in data]
    optimiser = _optimiser(retriever, config)
    samples = 0
    for epoch in range(1, config.epochs + 1):
        retriever.train()
        phenotypes = [torch.from_numpy(average_replicates(p, config.averaging, random)).to(device) for p in data]
        batches = _batches(data, classes, config, random)
        total, drawn = torch.zeros((), device=device), sum(len(rows) for _, rows in batches)
        for step, turn in enumerate(random.permutation(len(batches)), start=(epoch - 1) * len(batches)):
            part, rows = batches[turn]
            batch = torch.from_numpy(rows).to(device)
            dropped = torch.rand(len(rows), 1, device=device) < dose_dropout
            dose = torch.where(dropped, unknown, encoded[part][batch])
            seen = phenotypes[part][batch]
            z_x, z_m = retriever(seen, molecules[molecule[part][batch]], dose, data[part].space)
            loss = contrastive_loss(
                config.loss,
                z_x,
                z_m,
                retriever.scale(),
                retriever.bias,
                embeddings=seen,
                distance_scale=distance[part],
            )
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(retriever.parameters(), 1.0)
            for group in optimiser.param_groups:
                group["lr"] = config.learning_rate * _rate(step, config.epochs * len(batches))
            optimiser.step()
            total += loss.detach() * len(rows)
        mean = float(total) / drawn
        if not math.isfinite(mean):
            raise JobError("job", f"training, epoch {epoch}", f"a loss of {mean}", "a number; try a lower rate")
        samples += drawn
        _tell(report, EpochReport(epoch=epoch, loss=mean, samples=samples), retriever, device)


def _batches(
    data: Sequence[TrainingSet],
    classes: Sequence[NDArray[np.int64]],
    config: FitConfig,
    random: np.random.Generator,
) -> list[tuple[int, NDArray[np.int64]]]:
    """The batches of one epoch: numbers of a set, and rows of it."""
    out: list[tuple[int, NDArray[np.int64]]] = []
    for number, part in enumerate(data):
        kept = undersample(part, config.undersampling, random)
        here = classes[number][kept]
        _require_two(here, config)
        out += [(number, kept[rows]) for rows in epoch_batches(here, config.batch_size, random)]
    return out


def _require_two(classes: NDArray[np.int64], config: FitConfig) -> None:
    distinct = len(np.unique(classes))
    if distinct < 2:
        found = f"{len(classes)} training treatments of {distinct} classes"
        raise JobError("job", "data", found, f"at least two {config.classes}s in each space")


def _optimiser(retriever: Retriever, config: FitConfig) -> torch.optim.Optimizer:
    decayed = [p for p in retriever.parameters() if p.ndim >= 2]
    plain = [p for p in retriever.parameters() if p.ndim < 2]
    return torch.optim.AdamW(
        [{"params": decayed, "weight_decay": config.weight_decay}, {"params": plain, "weight_decay": 0.0}],
        lr=config.learning_rate,
    )


def _tell(
    report: Callable[[EpochReport], None], epoch: EpochReport, retriever: Retriever, device: torch.device
) -> None:
    retriever.eval()
    with torch.random.fork_rng(devices=[torch.cuda.current_device()] if device.type == "cuda" else []):
        report(epoch)


def _rate(step: int, steps: int) -> float:
    warm = max(1, steps // 10)
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))
