"""Hits of a whole plate as a table."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from molphenix_core.model.bundle import Bundle
from molphenix_core.plates.plate import PLATE, WELL
from molphenix_core.progress import Progress, silent
from molphenix_core.retrieval.chance import Chance
from molphenix_core.retrieval.library import Library
from molphenix_core.retrieval.ranking import WellRanking, rank_queries, rank_wells
from molphenix_core.retrieval.workbench import Workbench

__all__ = ["hits_table", "selection_hits"]

_QUERY = (
    "query_plates",
    "query_wells",
    "query_name",
    "query_smiles",
    "query_dose_micromolar",
    "query_replicates",
    "query_p_value",
    "query_q_value",
    "query_null",
    "query_distance_to_control",
    "query_seen_in_training",
    "true_molecule_rank",
    "library_size",
    "library",
    "model",
    "scored_at_micromolar",
    "chance",
    "chance_holds_for",
    "chance_percent",
    "chance_percent_low",
    "chance_percent_high",
    "chance_first",
    "query_training_distance_percentile",
    "query_outside_training",
    "note",
    "simulated",
)
_HIT = (
    "kind",
    "hit_rank",
    "hit_name",
    "hit_smiles",
    "hit_inchikey",
    "hit_cosine",
    "hit_dose_micromolar",
    "hit_mechanism",
    "hit_seen_in_training",
    "hit_is_own_molecule",
    "hit_origin",
    "hit_nearest_training",
    "hit_nearest_training_similarity",
    "hit_nearest_training_percentile",
    "hit_outside_training",
)


def hits_table(
    workbench: Workbench,
    bundle: Bundle | None,
    library: Library | None,
    *,
    by: Literal["treatment", "well"] = "treatment",
    rows: np.ndarray | None = None,
    top: int = 10,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Rank every treatment, or every treated well, of a plate.

    Parameters
    ----------
    workbench : Workbench
    bundle : Bundle or None
        The one that the workbench was opened with; None gives measured hits only.
    library : Library or None
        Embedded by the bundle; None gives measured hits only.
    by : {"treatment", "well"}
        Whether replicates are averaged.
    rows : int (n,), optional
        Only the treatments or wells among these wells; a treatment always with all of its replicates.
    top : int
        Hits a query, of each kind.
    progress : callable
        Told the share done.

    Returns
    -------
    pandas.DataFrame
        A row a hit. ``query_*`` describe the wells, ``kind`` is "predicted" or "measured", ``hit_*`` the hit;
        ``true_molecule_rank`` of ``library_size`` is empty where the library does not hold the wells' molecule.
        Columns named ``..._micromolar`` are doses, NaN where unknown. ``chance`` words the calibrated chance that
        the true molecule is among the ``chance_first`` best of the library, or why there is none;
        ``chance_holds_for`` names the kind of held-out treatments that it was measured on; its numbers are in
        percent. ``..._percentile`` are those of :mod:`molphenix_core.retrieval.applicability`. No rows where no
        well holds a treatment.

    Raises
    ------
    LibraryError
        When the library was made with another model.
    """
    chosen = np.arange(len(workbench.plate)) if rows is None else np.asarray(rows)
    of = workbench.treatment_of_well[chosen]
    if by == "well":
        queries = [np.array([row]) for row in chosen[of >= 0]]
    else:
        queries = [np.flatnonzero(workbench.treatment_of_well == t) for t in np.unique(of[of >= 0])]
    if not queries:
        return pd.DataFrame(columns=[*_QUERY, *_HIT])
    rankings = rank_queries(workbench, queries, bundle, library, top=top, progress=progress)
    parts = [
        _hits(workbench, wells, ranking, bundle, library, top)
        for wells, ranking in zip(queries, rankings, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)


def selection_hits(
    workbench: Workbench,
    rows: np.ndarray,
    bundle: Bundle | None,
    library: Library | None,
    *,
    top: int = 100,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Rank molecules for the mean of some wells, as the window does for a selection.

    Parameters
    ----------
    workbench : Workbench
    rows : int (n,)
        Rows of the wells, one at least, of whatever treatments.
    bundle, library : Bundle, Library or None
        As for :func:`hits_table`.
    top : int
        Hits of each kind.
    progress : callable
        Told the share done.

    Returns
    -------
    pandas.DataFrame
        As of :func:`hits_table`; what describes a treatment is empty where the wells hold none or several.

    Raises
    ------
    LibraryError
        When the library was made with another model.
    """
    wells = np.asarray(rows)
    ranking = rank_wells(workbench, wells, bundle, library, top=top, progress=progress)
    return _hits(workbench, wells, ranking, bundle, library, top)


def _hits(
    workbench: Workbench,
    wells: np.ndarray,
    ranking: WellRanking,
    bundle: Bundle | None,
    library: Library | None,
    top: int,
) -> pd.DataFrame:
    held = np.unique(workbench.treatment_of_well[wells])
    one = len(held) == 1 and held[0] >= 0
    treatment = workbench.treatments.iloc[int(held[0])] if one else dict.fromkeys(workbench.treatments)
    obs = workbench.plate.wells.iloc[wells]
    kinds = []
    for kind, table, score in (
        ("predicted", ranking.candidates, "score"),
        ("measured", ranking.measured.head(top), "similarity"),
    ):
        kinds.append(
            pd.DataFrame(
                {
                    "kind": kind,
                    "hit_rank": table["rank"],
                    "hit_name": table["name"],
                    "hit_smiles": table["smiles"],
                    "hit_inchikey": table["inchikey"],
                    "hit_cosine": table[score],
                    "hit_dose_micromolar": table["dose"],
                    "hit_mechanism": table["mechanism"],
                    "hit_seen_in_training": table["seen"] if kind == "predicted" else None,
                    "hit_is_own_molecule": table["own"],
                    "hit_origin": "library" if kind == "predicted" else table.get("origin"),
                    "hit_nearest_training": table["nearest_training"],
                    "hit_nearest_training_similarity": table["nearest_training_similarity"],
                    "hit_nearest_training_percentile": table["nearest_training_percentile"],
                    "hit_outside_training": table["outside"],
                }
            ).astype(object)
        )
    hits = pd.concat(kinds, ignore_index=True)
    chance = ranking.chance if isinstance(ranking.chance, Chance) else None
    domain = ranking.applicability
    query = {
        "query_plates": " ".join(dict.fromkeys(str(p) for p in obs[PLATE].dropna())),
        "query_wells": " ".join(
            f"{barcode}:{well}" for barcode, well in zip(obs[PLATE], obs[WELL], strict=True) if well is not None
        ),
        "query_name": treatment["name"],
        "query_smiles": treatment["smiles"],
        "query_dose_micromolar": treatment["concentration"],
        "query_replicates": len(wells),
        "query_p_value": treatment["p_value"],
        "query_q_value": treatment["q_value"],
        "query_null": treatment["null"],
        "query_distance_to_control": treatment["distance_to_control"],
        "query_seen_in_training": treatment["seen"],
        "true_molecule_rank": None if ranking.own is None else ranking.own.rank,
        "library_size": None if library is None else len(library),
        "library": None if library is None else library.name,
        "model": None if bundle is None else f"{bundle.name} ({(bundle.whole_hash or 'unsaved')[:12]})",
        "scored_at_micromolar": ranking.scored_at,
        "chance": ranking.chance.text,
        "chance_holds_for": None if chance is None else chance.stratum.in_words,
        "chance_percent": None if chance is None else 100 * chance.probability,
        "chance_percent_low": None if chance is None else 100 * chance.low,
        "chance_percent_high": None if chance is None else 100 * chance.high,
        "chance_first": None if chance is None else chance.r,
        "query_training_distance_percentile": None if domain is None else domain.percentile,
        "query_outside_training": None if domain is None else domain.is_outside,
        "note": ranking.note,
        "simulated": workbench.plate.simulated,
    }
    for place, (name, value) in enumerate(query.items()):
        hits.insert(place, name, pd.Series([value] * len(hits), dtype=object))
    return hits
