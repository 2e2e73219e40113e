"""Exact search: every query against every vector, in blocks that fit the memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray

from molphenix_core.progress import Progress, silent

__all__ = ["checked_queries", "score_segments", "top_k"]

# Scores of one round are at most 512 x 131,072 x 4 bytes = 268 MB. Smaller rounds would save memory, but selecting
# the best 100 costs torch more among several short runs than among one long, and on a busy machine its threads
# wait for each other after every call.
_QUERIES = 512
_SEGMENT = 131_072
_CONVERTED = 16_384


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def checked_queries(queries: NDArray[np.floating], width: int) -> NDArray[np.float32]:
    """Queries as float32, which must be finite and as wide as what they are compared with.

    Parameters
    ----------
    queries : float (q, width)
    width : int

    Returns
    -------
    float32 (q, width)
        A writable, contiguous copy.

    Raises
    ------
    ValueError
        They are not.
    """
    # A copy, because torch takes no read-only memory.
    values = np.array(queries, dtype=np.float32, order="C")
    if values.ndim != 2 or values.shape[1] != width:
        raise ValueError(f"queries must be of shape (q, {width}), not {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("queries must be finite")
    return values


def _convert(block: NDArray[np.floating], into: torch.Tensor) -> None:
    if block.flags.writeable:
        into.copy_(torch.from_numpy(block))
    else:
        # torch takes no read-only memory; numpy converts float16 fifteen times more slowly.
        np.copyto(into.numpy(), block)


def score_segments(
    queries: NDArray[np.float32], planes: Sequence[NDArray[np.floating]]
) -> Iterator[tuple[int, torch.Tensor]]:
    """Score queries against vectors, a run of consecutive vectors at a time.

    Parameters
    ----------
    queries : ndarray of float32, (q, d)
        At most a few hundred: all their scores in a run are held at once.
    planes : sequence of ndarray, each (n, d)
        Vectors of the same n items, float16 or float32, mapped or not; an item scores its best plane.

    Yields
    ------
    start : int
        Index of the first item of the run.
    scores : Tensor of float32, (q, m)
        Inner products with the items from ``start``. Overwritten by the next run.
    """
    count, width = planes[0].shape
    rows = torch.from_numpy(queries)
    block = torch.empty(min(_CONVERTED, count), width)
    buffer = torch.empty(len(queries) * min(_SEGMENT, count))
    other = torch.empty(len(queries), len(block)) if len(planes) > 1 else None
    for start in range(0, count, _SEGMENT):
        stop = min(start + _SEGMENT, count)
        # Contiguous also where the last segment is shorter: torch selects among strided rows at twice the cost.
        scores = buffer[: len(queries) * (stop - start)].view(len(queries), stop - start)
        for first in range(start, stop, _CONVERTED):
            last = min(first + _CONVERTED, stop)
            converted = block[: last - first]
            found = scores[:, first - start : last - start]
            for number, plane in enumerate(planes):
                # float16 products take several times as long on a CPU as this and float32 products.
                _convert(plane[first:last], converted)
                if number == 0:
                    torch.mm(rows, converted.T, out=found)
                else:
                    assert other is not None
                    torch.maximum(found, torch.mm(rows, converted.T, out=other[:, : last - first]), out=found)
        yield start, scores


def _best_of(
    queries: NDArray[np.float32], planes: Sequence[NDArray[np.floating]], k: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    scores = torch.empty(len(queries), 0)
    indices = torch.empty(len(queries), 0, dtype=torch.int64)
    for start, segment in score_segments(queries, planes):
        best, place = segment.topk(min(k, segment.shape[1]), dim=1)
        scores, indices = torch.cat([scores, best], dim=1), torch.cat([indices, place + start], dim=1)
        if scores.shape[1] > k:
            scores, kept = scores.topk(k, dim=1)
            indices = indices.gather(1, kept)
    found, score = indices.numpy(), scores.numpy()
    order = np.lexsort((found, -score))
    return np.take_along_axis(found, order, axis=1), np.take_along_axis(score, order, axis=1)


def top_k(
    queries: NDArray[np.floating],
    vectors: NDArray[np.floating] | Sequence[NDArray[np.floating]],
    k: int,
    *,
    progress: Progress = silent,
    threads: int | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find the vectors of largest inner product with each query, exactly.

    Parameters
    ----------
    queries : ndarray, (q, d)
        Converted to float32.
    vectors : ndarray, (n, d), or a sequence of those
        float16 or float32; may be mapped from a file. Several arrays are several vectors of the same n items, of
        which the best counts.
    k : int
        How many; at most n are returned.
    progress : callable
        Told the share of queries done.
    threads : int, optional
        Of torch; its present number by default.

    Returns
    -------
    indices : ndarray of int64, (q, min(k, n))
        Best first; equal scores in order of index. Which of several equal at the last place are in is not defined.
    scores : ndarray of float32, (q, min(k, n))
        Inner products: cosine similarities if all are unit vectors.

    Raises
    ------
    ValueError
        The shapes do not fit, k is below one, or a query is not finite.
    """
    planes = [vectors] if isinstance(vectors, np.ndarray) else list(vectors)
    if not planes or any(plane.ndim != 2 or plane.shape != planes[0].shape for plane in planes):
        raise ValueError(f"vectors must be of one shape (n, d), not {[plane.shape for plane in planes]}")
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    values = checked_queries(queries, planes[0].shape[1])
    k = min(k, len(planes[0]))
    indices = np.empty((len(values), k), dtype=np.int64)
    scores = np.empty((len(values), k), dtype=np.float32)
    with _threads(threads), torch.inference_mode():
        for start in range(0, len(values), _QUERIES):
            rows = slice(start, start + _QUERIES)
            indices[rows], scores[rows] = _best_of(values[rows], planes, k)
            progress(min(1.0, (start + _QUERIES) / len(values)), "Searching the library")
    return indices, scores
