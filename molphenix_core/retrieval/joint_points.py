"""Wells and library molecules as points of one space."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from molphenix_core.errors import InputError
from molphenix_core.plates.projection import Flat, centred_units, principal_components
from molphenix_core.progress import Progress, silent
from molphenix_core.retrieval.library import Library

__all__ = ["joint_components", "joint_points", "nearest_doses"]

_ROWS = 16_384


def joint_points(
    wells: NDArray[np.float32], molecules: NDArray[np.floating]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Wells and molecules on common ground: each side about its own mean, at unit length.

    Parts of the joint vectors that are zero in all wells belong to other embedding spaces and are left out.

    Parameters
    ----------
    wells : float32 (n, width)
        In the joint space.
    molecules : float (m, width)
        Of the library, at one dose each.

    Returns
    -------
    float32 (n, used), float32 (m, used)
        Unit vectors.
    """
    used = np.flatnonzero((wells != 0).any(axis=0)) if len(wells) else np.arange(wells.shape[1])
    return centred_units(wells[:, used]), centred_units(molecules[:, used])


def joint_components(wells: NDArray[np.float32], molecules: NDArray[np.float32]) -> Flat:
    """Principal components of wells and molecules, which count alike, each side at its own spread.

    Both sides lie mostly outside any plane, the wells more so: at one scale they would be a speck among the
    molecules. What either side shows is in which direction from its mean a point lies, as cosine compares it.

    Parameters
    ----------
    wells : float32 (n, d)
    molecules : float32 (m, d)
        Of :func:`joint_points`.

    Returns
    -------
    Flat
        Wells, then molecules; the root mean square distance from the origin is 1 on either side.
    """
    flat = principal_components([wells, molecules])
    sides = np.split(flat.coordinates, [len(wells)])
    spread = [max(float(np.sqrt((side**2).sum(axis=1).mean())), 1e-12) if len(side) else 1.0 for side in sides]
    return Flat(np.concatenate([side / s for side, s in zip(sides, spread, strict=True)]), flat.shares)


def nearest_doses(
    library: Library, query: NDArray[np.float32], *, progress: Progress = silent
) -> NDArray[np.intp]:
    """The dose at which each molecule of a library comes nearest to some wells.

    Parameters
    ----------
    library : Library
    query : float32 (width,)
        The wells' mean in the joint space.
    progress : callable
        Told the share done.

    Returns
    -------
    intp (n_molecules,)
        Which of the library's doses.

    Raises
    ------
    InputError
        The query is of another width than the library.
    """
    if query.shape != (library.width,):
        raise InputError("wells", "joint space", f"shape {query.shape}", f"({library.width},), as the library")
    best = np.zeros(len(library), dtype=np.intp)
    for start in range(0, len(library), _ROWS):
        progress(start / len(library), "Finding each molecule's best dose")
        part = slice(start, start + _ROWS)
        scores = [library.embeddings[dose, part].astype(np.float32) @ query for dose in range(len(library.doses))]
        best[part] = np.argmax(scores, axis=0)
    return best
