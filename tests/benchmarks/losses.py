"""Memory and time of the losses on a large batch, beside the plain formulas that hold the matrix of logits.

Run as ``python -m tests.benchmarks.losses``, or with a number of pairs and of repeats.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from math import pi

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from molphenix_core.model.losses import LossConfig, contrastive_loss

PAIRS, JOINT, REPEATS = 16_384, 256, 3
CUTOFF, DISTANCE = 0.9, 0.3 * 2 * JOINT
LIMITS = {"siglip": (0.1, 0.6), "s2l": (0.1, 0.6), "info_nce": None}


def _siglip(x: Tensor, m: Tensor, scale: Tensor, bias: Tensor, _: Tensor) -> Tensor:
    signs = 2.0 * torch.eye(len(x)) - 1.0
    return -functional.logsigmoid(signs * (scale * x @ m.T - bias)).sum() / len(x)


def _s2l(x: Tensor, m: Tensor, scale: Tensor, bias: Tensor, embeddings: Tensor) -> Tensor:
    # One single-precision product is the cheapest plain way to all distances.
    squared = torch.cdist(embeddings, embeddings, compute_mode="use_mm_for_euclid_dist").square()
    weights = 1.0 - (4.0 / pi) * torch.arctan(squared / DISTANCE)
    weights = torch.where(weights < CUTOFF, 0.0, weights).fill_diagonal_(1.0)
    logits = scale * x @ m.T - bias
    positive = torch.log(weights) + functional.logsigmoid(logits)
    negative = torch.log1p(-weights) + functional.logsigmoid(-logits)
    return -torch.logaddexp(positive, negative).sum() / len(x)


def _info_nce(x: Tensor, m: Tensor, scale: Tensor, _bias: Tensor, _: Tensor) -> Tensor:
    logits, own = scale * x @ m.T, torch.arange(len(x))
    return 0.5 * (functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own))


PLAIN: dict[str, Callable[..., Tensor]] = {"siglip": _siglip, "s2l": _s2l, "info_nce": _info_nce}


def _peak() -> int:
    """Peak memory of this process in KiB (macOS counts bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def _worker(name: str, way: str, pairs: int) -> None:
    random = torch.Generator().manual_seed(0)
    x, m, embeddings = (torch.randn(pairs, JOINT, generator=random) for _ in range(3))
    x, m = (functional.normalize(part, dim=1).requires_grad_() for part in (x, m))
    # Groups of four treatments that look alike, so that S2L has weights between zero and one.
    embeddings = embeddings[: pairs // 4].repeat(4, 1) + 0.1 * embeddings
    scale, bias = (torch.tensor(10.0, requires_grad=True) for _ in range(2))
    config = LossConfig(name, cutoff=CUTOFF, distance_scale=1.0)  # type: ignore[arg-type]

    def step(x: Tensor, m: Tensor, embeddings: Tensor) -> Tensor:
        if way == "plain":
            loss = PLAIN[name](x, m, scale, bias, embeddings)
        else:
            loss = contrastive_loss(config, x, m, scale, bias, embeddings=embeddings, distance_scale=DISTANCE)
        loss.backward()
        return loss

    # The libraries' own start-up is not the loss's.
    step(*(part[:64].detach().requires_grad_(i < 2) for i, part in enumerate((x, m, embeddings))))
    base, wall, processor = _peak(), time.perf_counter(), time.process_time()
    loss = step(x, m, embeddings)
    print(_peak() - base, time.perf_counter() - wall, time.process_time() - processor, repr(loss.item()))


def _run(name: str, way: str, pairs: int) -> list[float]:
    command = [sys.executable, "-m", "tests.benchmarks.losses", "--worker", name, way, str(pairs)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [float(value) for value in output.split()]


def main(pairs: int = PAIRS, repeats: int = REPEATS) -> None:
    """Measure and print."""
    print(
        f"forward and backward, {pairs:,} pairs x {JOINT} dimensions, {repeats} times, a process each, "
        f"{torch.get_num_threads()} threads; medians"
    )
    for name, limits in LIMITS.items():
        # Taken in turn, so that another load on the machine slows both of a pair.
        runs = [[_run(name, way, pairs) for way in ("plain", "blocks")] for _ in range(repeats)]
        plain, blocks = np.median(runs, axis=0)
        memory, wall, processor = np.median(np.array(runs)[:, 1, :3] / np.array(runs)[:, 0, :3], axis=0)
        print(
            f"{name:<9} plain {plain[0] / 1024:6.0f} MiB {plain[1]:6.2f} s, blocks {blocks[0] / 1024:4.0f} MiB "
            f"{blocks[1]:6.2f} s; ratio of memory {memory:.3f}, of time {wall:.2f} (of processor time "
            f"{processor:.2f}), values apart {abs(blocks[3] / plain[3] - 1):.0e}"
        )
        if limits is not None:
            print(
                f"          limits {limits[0]}, {limits[1]}: "
                f"{'held' if memory <= limits[0] and wall <= limits[1] else 'NOT held'}"
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        _worker(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        main(*map(int, sys.argv[1:]))
