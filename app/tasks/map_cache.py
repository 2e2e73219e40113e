"""Maps that took long to make, kept by what they were made from."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.caches import cache_folder
from molphenix_core.errors import InputError
from molphenix_core.writing import written_aside

__all__ = ["kept_map"]

_log = logging.getLogger(__name__)
# Of 26,000 wells one takes 200 kB.
_MOST = 64


def kept_map(
    what: str, points: Sequence[NDArray[np.float32]], make: Callable[[], NDArray[np.generic]]
) -> NDArray[np.generic]:
    """What was made of some points before, or is made now.

    Parameters
    ----------
    what : str
        How it is made: a method and its version.
    points : sequence of float32 arrays
        What it is made of, by their content.
    make : callable
        Gives an array with a row for each of the points.
    """
    digest = hashlib.sha256(what.encode())
    for part in points:
        digest.update(str(part.shape).encode())
        digest.update(np.ascontiguousarray(part).view(np.uint8).data)
    folder = cache_folder() / "maps"
    path = folder / f"{digest.hexdigest()}.npy"
    rows = sum(len(part) for part in points)
    kept = _read(path, rows)
    if kept is not None:
        return kept
    made = make()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with written_aside(path) as aside, aside.open("wb") as file:
            np.save(file, made, allow_pickle=False)
        _forget_oldest(folder)
    except (OSError, InputError):
        # A full disk loses nothing that cannot be made again.
        _log.warning("the map was not kept", exc_info=True)
    return made


def _read(path: Path, rows: int) -> NDArray[np.generic] | None:
    try:
        kept: NDArray[np.generic] = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        return None
    except (OSError, EOFError, ValueError):
        _log.warning("a kept map is damaged and is made again: %s", path, exc_info=True)
        return None
    if len(kept) != rows:
        _log.warning("a kept map has %d rows instead of %d and is made again: %s", len(kept), rows, path)
        return None
    path.touch()
    return kept


def _forget_oldest(folder: Path) -> None:
    kept = sorted(folder.glob("*.npy"), key=lambda one: one.stat().st_mtime_ns)
    for path in kept[:-_MOST]:
        path.unlink(missing_ok=True)
