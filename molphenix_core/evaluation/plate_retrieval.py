"""How well each plate of a run finds the replicates of its wells on the other plates."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.evaluation.replicate_retrieval import (
    Scores,
    WellLabels,
    cosine_scores,
    nearness_scores,
    replicate_retrieval,
)
from molphenix_core.plates.activity import centre_on_controls
from molphenix_core.plates.plate import PLATE, Plate
from molphenix_core.plates.treatments import Treatments
from molphenix_core.progress import Progress, silent

__all__ = ["plate_retrieval"]


def plate_retrieval(
    plate: Plate, treatments: Treatments, *, other_positions: bool = False, progress: Progress = silent
) -> pd.DataFrame:
    """Mean average precision of finding replicates on other plates, by the plate that asks.

    Every treated well is a query, the treated wells of the other plates are the candidates, ranked by the cosine
    similarity of embeddings less the mean control of their plate. Where replicates share a well position, as in
    most screens, position effects find them too; beside the figure stands what nearness of position alone finds.

    Parameters
    ----------
    plate : Plate
        Embeddings in which cosine similarity means something, such as robust z-scores or the retriever's.
    treatments : Treatments
        Of the same plate.
    other_positions : bool
        Leave out candidates at the position of the query: position effects then help nobody, but a screen with one
        layout has no replicates left.
    progress : callable
        Told after every block of queries, so that a large run can be stopped.

    Returns
    -------
    pandas.DataFrame
        Index ``plate``, one row each. ``retrieval``, ``retrieval_position_only`` and ``retrieval_chance`` are
        means over the plate's treatments of the means over each one's wells, float64, NaN without a query;
        ``queries`` counts the wells that have a replicate on another plate.
    """
    rows = np.flatnonzero(treatments.of_well >= 0)
    number = {barcode: at for at, barcode in enumerate(plate.barcodes)}
    asking = np.array([number.get(barcode, -1) for barcode in plate.wells[PLATE].iloc[rows]], dtype=np.int64)
    same = treatments.of_well[rows]
    each = np.arange(len(rows))
    # Results name the treatment of a query and not its well; a number for each well in its place tells both.
    labels = WellLabels(same=same, treatment=each, molecule=same, plate=asking, position=plate.positions[rows])
    columns = {}
    done = 0

    def told(scores: Scores) -> Scores:
        def ask(block: NDArray[np.intp]) -> NDArray[np.floating]:
            nonlocal done
            progress(done / max(2 * len(rows), 1), "replicates on other plates")
            done += len(block)
            return scores(block)

        return ask

    for name, scores in (
        ("retrieval", cosine_scores(centre_on_controls(plate)[rows])),
        ("retrieval_position_only", nearness_scores(labels.position)),
    ):
        results = replicate_retrieval(told(scores), labels, other_positions=other_positions)
        by = pd.DataFrame({"plate": asking[results.treatment], "treatment": results.molecule})
        columns[name] = by.assign(value=results.average_precision)
        columns["retrieval_chance"] = by.assign(value=results.chance_precision)
    index = pd.Index(list(plate.barcodes), name="plate", dtype=object)
    table = pd.DataFrame(index=index)
    for name, found in columns.items():
        means = found.groupby(["plate", "treatment"])["value"].mean().groupby(level="plate").mean()
        table[name] = means.reindex(range(len(index))).to_numpy(np.float64)
    queries = columns["retrieval"]["plate"].value_counts().reindex(range(len(index)), fill_value=0)
    table["queries"] = queries.to_numpy(np.int64)
    return table
