"""Ranking a 384-well plate against 116,750 molecules, beside one torch product and selection of that size.

Run as ``python -m tests.benchmarks.search``.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from molphenix_core.retrieval.search import top_k

WELLS, MOLECULES, WIDTH, TOP = 384, 116_750, 256, 100
REPEATS = 7
LIMIT = 1.2


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _unit(random: np.random.Generator, rows: int) -> np.ndarray:
    vectors = random.standard_normal((rows, WIDTH), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _describe(name: str, seconds: list[float], reference: list[float]) -> float:
    # Taken in turn, so that another load on the machine slows both of a pair.
    ratio = float(np.median(np.divide(seconds, reference)))
    print(
        f"{name:<46} median {np.median(seconds):.3f} s ({min(seconds):.3f}-{max(seconds):.3f}), ratio {ratio:.2f}"
    )
    return ratio


def _measure(path: Path) -> dict[str, list[float]]:
    """Seconds of each way; its own function, so that the file is no longer mapped when it is deleted."""
    random = np.random.default_rng(0)
    vectors, queries = _unit(random, MOLECULES), _unit(random, WELLS)
    np.save(path, vectors.astype(np.float16))
    mapped = np.load(path, mmap_mode="c")
    left, right = torch.from_numpy(queries), torch.from_numpy(vectors)
    work: dict[str, Callable[[], object]] = {
        "torch: one float32 product, one topk": lambda: torch.topk(left @ right.T, TOP, dim=1),
        "top_k on float16 vectors mapped from disk": lambda: top_k(queries, mapped, TOP),
        "top_k on float32 vectors in memory": lambda: top_k(queries, vectors, TOP),
    }
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for repeat in range(REPEATS + 1):
        for name, call in work.items():
            took = _seconds(call)
            if repeat:
                seconds[name].append(took)
    return seconds


def main() -> None:
    """Measure and print."""
    print(
        f"{WELLS} wells x {MOLECULES:,} molecules x {WIDTH} dimensions, best {TOP}, "
        f"{REPEATS} times, {torch.get_num_threads()} threads"
    )
    with tempfile.TemporaryDirectory() as folder:
        seconds = _measure(Path(folder) / "vectors.npy")
    reference, *others = seconds.items()
    _describe(*reference, reference[1])
    ratios = [_describe(name, times, reference[1]) for name, times in others]
    print(f"limit {LIMIT}: {'held' if ratios[0] <= LIMIT else 'NOT held'}")


if __name__ == "__main__":
    main()
