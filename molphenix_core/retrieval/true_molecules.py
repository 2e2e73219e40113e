"""Where the true molecule of every treatment of a plate stands in the library, and how sure one may be of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from molphenix_core.model.bundle import Bundle
from molphenix_core.progress import Progress, silent
from molphenix_core.retrieval.applicability import training_domain
from molphenix_core.retrieval.chance import Chance
from molphenix_core.retrieval.library import Library
from molphenix_core.retrieval.rank import rank_of_molecule, scored_at
from molphenix_core.retrieval.ranking_chance import held_out_plates, ranking_chance
from molphenix_core.retrieval.stored_calibration import calibration_of
from molphenix_core.retrieval.workbench import Workbench

__all__ = ["true_molecules"]

_AT_ONCE = 256


def true_molecules(
    workbench: Workbench, bundle: Bundle | None, library: Library | None, *, progress: Progress = silent
) -> pd.DataFrame:
    """Rank the molecule that each treatment is known to hold, for the mean of its replicates.

    The ranks and chances are those of :func:`~molphenix_core.retrieval.ranking.rank_queries`, without its lists of
    candidates.

    Parameters
    ----------
    workbench : Workbench
    bundle : Bundle or None
        The one that the workbench was opened with.
    library : Library or None
        Embedded by the bundle.
    progress : callable
        Told the share done.

    Returns
    -------
    pandas.DataFrame
        A row a treatment: ``rank`` (from 1, halves with ties; NaN where the library does not hold the molecule, or
        none is known), ``of`` (molecules in the library), ``chance``, ``chance_low``, ``chance_high`` (that the
        true molecule is among the first ``chance_first``, calibrated on held-out treatments; NaN where it was not
        measured for such) and ``note`` (why one of them is missing).

    Raises
    ------
    LibraryError
        When the library was made with another model.
    BundleError
        When the bundle's card holds something else than calibrations or held-out plates.
    """
    table = pd.DataFrame(index=range(len(workbench.treatments)))
    for name in ("rank", "chance", "chance_low", "chance_high", "chance_first"):
        table[name] = np.nan
    table["of"] = 0 if library is None else len(library)
    table["note"] = ""
    missing = _why_none(workbench, bundle, library)
    if bundle is None or library is None or missing:
        table["note"] = missing
        return table
    if table.empty:
        return table
    library.require(bundle)
    space = workbench.prepared.space
    phenotypes = workbench.treatment_means()
    z = bundle.embed_phenotypes(phenotypes, space)
    doses = workbench.treatments["concentration"].to_numpy(np.float64)
    place = pd.Index(library.molecules["inchikey"]).get_indexer(pd.Index(workbench.treatments["inchikey"]))
    ranks = np.full(len(table), np.nan)
    for start in range(0, len(table), _AT_ONCE):
        progress(0.5 * start / len(table), "Ranking true molecules")
        part = slice(start, start + _AT_ONCE)
        ranks[part] = rank_of_molecule(z[part], library, place[part], doses=doses[part])
    table["rank"] = ranks
    applicability = training_domain(bundle).distances(phenotypes, space)
    calibration, measured_on = calibration_of(bundle, space), held_out_plates(bundle)
    chosen = scored_at(doses, len(table), library.doses)
    at = np.where(chosen >= 0, library.doses[chosen], np.nan)
    order = np.argsort(workbench.treatment_of_well, kind="stable")
    first = np.searchsorted(workbench.treatment_of_well[order], np.arange(len(table) + 1))
    found = []
    for treatment in range(len(table)):
        progress(0.5 + 0.5 * treatment / len(table), "Looking up chances")
        rows = order[first[treatment] : first[treatment + 1]]
        found.append(
            ranking_chance(
                calibration,
                workbench,
                rows,
                library,
                z[treatment],
                float(at[treatment]),
                applicability[treatment],
                measured_on,
            )
        )
    for name, figure in (
        ("chance", "probability"),
        ("chance_low", "low"),
        ("chance_high", "high"),
        ("chance_first", "r"),
    ):
        table[name] = [getattr(one, figure) if isinstance(one, Chance) else np.nan for one in found]
    table["note"] = [
        "" if isinstance(one, Chance) and not np.isnan(rank) else _note(one, rank, key)
        for one, rank, key in zip(found, table["rank"], workbench.treatments["inchikey"], strict=True)
    ]
    return table


def _why_none(workbench: Workbench, bundle: Bundle | None, library: Library | None) -> str:
    if bundle is None:
        return "no retriever is loaded"
    if not workbench.space_known:
        return workbench.space_reason
    return "no library is open" if library is None else ""


def _note(chance: object, rank: float, key: str | None) -> str:
    notes = []
    if np.isnan(rank):
        notes.append("its molecule is not known" if key is None else "the library does not hold its molecule")
    if not isinstance(chance, Chance):
        notes.append(str(getattr(chance, "text", "")))
    return "; ".join(notes)
