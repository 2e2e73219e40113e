"""Scores of every molecule of a library for some wells, at every dose: what a table of the whole library shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molphenix_core.model.bundle import Bundle
from molphenix_core.progress import Progress, silent
from molphenix_core.retrieval.applicability import training_domain
from molphenix_core.retrieval.library import Library
from molphenix_core.retrieval.rank import scored_at
from molphenix_core.retrieval.ranking_chance import chance_of_ranks, held_out_plates
from molphenix_core.retrieval.search import score_segments
from molphenix_core.retrieval.stored_calibration import calibration_of
from molphenix_core.retrieval.workbench import Workbench, replicates_of

__all__ = ["LibraryScores", "score_library"]


@dataclass(frozen=True, eq=False)
class LibraryScores:
    """Scores of a library's n molecules for the mean phenotype of some wells.

    Parameters
    ----------
    at_doses : float32 (k, n)
        Cosine similarity at each of the library's doses.
    dose_index : int
        The dose at which every molecule is scored, since the wells' own is near it; -1 where each is scored at
        whichever fits best.
    order : int64 (n,)
        Molecules, best first; equal ones in the order of the library.
    chance : float64 (n,)
        That the true molecule is among the first 1, 2, ... n; NaN where no chance was measured for such wells.
    """

    at_doses: NDArray[np.float32]
    dose_index: int
    order: NDArray[np.int64]
    chance: NDArray[np.float64]

    @property
    def score(self) -> NDArray[np.float32]:
        """What the molecules are ranked by, float32 (n,)."""
        return self.at_doses[self.dose_index] if self.dose_index >= 0 else self.at_doses.max(axis=0)


def score_library(
    workbench: Workbench,
    rows: NDArray[np.integer],
    bundle: Bundle,
    library: Library,
    *,
    progress: Progress = silent,
) -> LibraryScores:
    """Score every molecule of a library, as :func:`~molphenix_core.retrieval.ranking.rank_wells` ranks them.

    Parameters
    ----------
    workbench : Workbench
        Of a plate whose space the bundle knows.
    rows : int (m,)
        Rows of the wells in the plate, one at least; their prepared embeddings are averaged.
    bundle : Bundle
        The one that the workbench was opened with.
    library : Library
        Embedded by the bundle.
    progress : callable
        Told the share done, often enough to stop it.

    Returns
    -------
    LibraryScores

    Raises
    ------
    ValueError
        When there are no wells, or the bundle does not know their space.
    LibraryError
        When the library was made with another model.
    """
    if not len(rows):
        raise ValueError("no wells to rank")
    if not workbench.space_known:
        raise ValueError("the bundle does not know the space of these wells")
    library.require(bundle)
    values = workbench.prepared.embeddings[rows]
    phenotype = values.mean(axis=0, dtype=np.float64).astype(np.float32)[None]
    query = bundle.embed_phenotypes(phenotype, workbench.prepared.space)
    dose_index = int(scored_at([replicates_of(workbench, rows)[1]], 1, library.doses)[0])
    at_doses = np.empty((len(library.doses), len(library)), dtype=np.float32)
    for dose, plane in enumerate(library.embeddings):
        for start, scores in score_segments(query, [plane]):
            at_doses[dose, start : start + scores.shape[1]] = scores[0].numpy()
            progress((dose + (start + scores.shape[1]) / len(library)) / len(at_doses), "Scoring the library")
    ranked_by = at_doses[dose_index] if dose_index >= 0 else at_doses.max(axis=0)
    chance = chance_of_ranks(
        calibration_of(bundle, workbench.prepared.space),
        workbench,
        rows,
        library,
        query[0],
        float(library.doses[dose_index]) if dose_index >= 0 else float("nan"),
        training_domain(bundle).distances(phenotype, workbench.prepared.space)[0],
        held_out_plates(bundle),
    )
    return LibraryScores(at_doses, dose_index, np.argsort(-ranked_by, kind="stable"), chance)
