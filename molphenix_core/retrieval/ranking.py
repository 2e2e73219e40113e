"""Ranking a selection of wells: predicted candidates and nearest measured treatments, each labelled as such."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.model.bundle import Bundle
from molphenix_core.progress import Progress, silent
from molphenix_core.retrieval.applicability import (
    NearestTraining,
    TrainingDomain,
    WellApplicability,
    training_domain,
)
from molphenix_core.retrieval.chance import Chance, NoChance
from molphenix_core.retrieval.library import Library
from molphenix_core.retrieval.measured import nearest_measured
from molphenix_core.retrieval.rank import rank_molecules, rank_of_molecule
from molphenix_core.retrieval.ranking_chance import held_out_plates, ranking_chance
from molphenix_core.retrieval.ranking_notes import ACTIVE, ranking_note
from molphenix_core.retrieval.stored_calibration import calibration_of
from molphenix_core.retrieval.workbench import Workbench, measured_references, replicates_of

__all__ = ["ACTIVE", "TrueMolecule", "WellRanking", "rank_queries", "rank_wells"]

_MEASURED = 50
_MEASURED_COLUMNS = (
    "rank",
    "name",
    "smiles",
    "inchikey",
    "similarity",
    "dose",
    "mechanism",
    "n_wells",
    "origin",
    "own",
)


@dataclass(frozen=True)
class TrueMolecule:
    """Where the wells' own molecule stands among the candidates.

    Parameters
    ----------
    name, key : str
        Name and InChIKey.
    rank : float or None
        From 1, halves with ties; None where the library does not hold the molecule.
    of : int
        Number of molecules in the library.
    nearest : NearestTraining or None
        Training molecule that is most like it.
    """

    name: str
    key: str
    rank: float | None
    of: int
    nearest: NearestTraining | None = None

    @property
    def chance_rank(self) -> float:
        """Median rank of a random order."""
        return (self.of + 1) / 2


@dataclass(frozen=True, eq=False)
class WellRanking:
    """Candidates for the mean phenotype of some wells.

    Parameters
    ----------
    candidates : pandas.DataFrame
        Predicted, best first: ``rank``, ``molecule`` (row of the library), ``name``, ``smiles``, ``inchikey``,
        ``score`` (cosine), ``dose`` (micromolar, NaN for the unknown dose), ``mechanism``, ``seen``, ``own``, and
        the columns of :meth:`~molphenix_core.retrieval.applicability.TrainingDomain.nearest_molecules`. Empty
        where the retriever does not know the space.
    measured : pandas.DataFrame
        Nearest measured treatments, best first, one a molecule: ``rank``, ``name``, ``smiles``, ``inchikey``,
        ``similarity`` (cosine), ``dose``, ``mechanism``, ``n_wells``, ``origin``, ``own`` (same
        molecule, another dose), and the same columns (NaN without a structure or a retriever).
    scored_at : float
        Dose at which all candidates were scored, micromolar; NaN where each was scored at its best.
    own : TrueMolecule or None
        None where the wells hold no or several molecules with a structure.
    chance : Chance or NoChance
        That the true molecule is among the first percent, calibrated for such rankings; or why there is none.
    applicability : WellApplicability or None
        How far the mean of the wells is from the training treatments; None where these are not known.
    note : str
        What a reader must know before believing the ranking; "" where nothing.
    n_wells, n_treatments : int
    """

    candidates: pd.DataFrame
    measured: pd.DataFrame
    scored_at: float
    own: TrueMolecule | None
    chance: Chance | NoChance
    applicability: WellApplicability | None
    note: str
    n_wells: int
    n_treatments: int


def rank_wells(
    workbench: Workbench,
    rows: NDArray[np.integer],
    bundle: Bundle | None,
    library: Library | None,
    *,
    top: int = 100,
    progress: Progress = silent,
) -> WellRanking:
    """Rank the molecules of a library, and the measured treatments, for the mean of some wells.

    The same as :func:`rank_queries` of one query.

    Parameters
    ----------
    workbench : Workbench
    rows : int (n,)
        Rows of the wells in the plate, one at least; their prepared embeddings are averaged to one phenotype.
    bundle : Bundle or None
        The one that the workbench was opened with; None ranks measured treatments only.
    library : Library or None
        Embedded by the bundle; None ranks measured treatments only.
    top : int
        Predicted candidates, at most all molecules of the library.
    progress : callable
        Told the share done.

    Returns
    -------
    WellRanking

    Raises
    ------
    ValueError
        When there are no wells.
    LibraryError
        When the library was made with another model.
    """
    return rank_queries(workbench, [rows], bundle, library, top=top, progress=progress)[0]


def rank_queries(
    workbench: Workbench,
    queries: Sequence[NDArray[np.integer]],
    bundle: Bundle | None,
    library: Library | None,
    *,
    top: int = 100,
    progress: Progress = silent,
) -> list[WellRanking]:
    """Rank molecules and measured treatments for several phenotypes at once.

    Parameters
    ----------
    workbench : Workbench
    queries : sequence of int (n,)
        Wells of each query; replicates and treatments alike are averaged to one phenotype.
    bundle : Bundle or None
        The one that the workbench was opened with; None ranks measured treatments only.
    library : Library or None
        Embedded by the bundle; None ranks measured treatments only.
    top : int
        Predicted candidates a query, at most all molecules of the library.
    progress : callable
        Told the share done.

    Returns
    -------
    list of WellRanking
        One a query, in their order.

    Raises
    ------
    ValueError
        When a query has no wells.
    LibraryError
        When the library was made with another model.
    BundleError
        When the bundle's card holds something else than calibrations or held-out plates.
    """
    if any(len(rows) == 0 for rows in queries):
        raise ValueError("no wells to rank")
    values = workbench.prepared.embeddings
    phenotypes = np.array([values[rows].mean(axis=0, dtype=np.float64) for rows in queries], dtype=np.float32)
    facts = [replicates_of(workbench, rows) for rows in queries]
    doses = np.array([dose for _, dose in facts])
    own_keys = [_own_key(workbench, rows) for rows in queries]
    predicted = z = None
    applicability: list[WellApplicability | None] = [None] * len(queries)
    if workbench.space_known and bundle is not None:
        applicability = training_domain(bundle).distances(phenotypes, workbench.prepared.space)
    if workbench.space_known and bundle is not None and library is not None:
        library.require(bundle)
        z = bundle.embed_phenotypes(phenotypes, workbench.prepared.space)
        place = pd.Index(library.molecules["inchikey"]).get_indexer(pd.Index(own_keys, dtype=object))
        ranks = rank_of_molecule(z, library, place, doses=doses)
        predicted = rank_molecules(z, library, doses=doses, top=top, progress=progress)
        calibration = calibration_of(bundle, workbench.prepared.space)
        measured_on = held_out_plates(bundle)
    references, measured_values = measured_references(workbench, bundle)
    rankings = []
    for query, rows in enumerate(queries):
        treatments, own_key = facts[query][0], own_keys[query]
        candidates, scored_at, own = _no_candidates(), float("nan"), None
        chance: Chance | NoChance = NoChance("there are no predicted candidates.")
        if predicted is not None and library is not None and z is not None:
            scored_at = float(predicted.scored_at[query])
            at = library.doses[predicted.dose_index[query]]
            candidates = _candidates(library, predicted.molecule[query], at, predicted.score[query], own_key)
            chance = ranking_chance(
                calibration, workbench, rows, library, z[query], scored_at, applicability[query], measured_on
            )
            if own_key is not None:
                rank = None if np.isnan(ranks[query]) else float(ranks[query])
                name = workbench.treatments["name"].iloc[int(treatments[0])]
                own = TrueMolecule(str(own_key if name is None else name), own_key, rank, len(library))
        rankings.append(
            WellRanking(
                candidates=candidates,
                measured=_measured(references, measured_values, phenotypes[query], treatments, own_key),
                scored_at=scored_at,
                own=own,
                chance=chance,
                applicability=applicability[query],
                note=ranking_note(workbench, library, rows, treatments, applicability[query]),
                n_wells=len(rows),
                n_treatments=len(treatments),
            )
        )
    return _with_nearest(rankings, workbench, own_keys, training_domain(bundle))


def _with_nearest(
    rankings: list[WellRanking],
    workbench: Workbench,
    own_keys: list[str | None],
    domain: TrainingDomain,
) -> list[WellRanking]:
    """The same with the nearest training molecule of everything in them; each structure is compared once."""
    own_smiles = dict(zip(workbench.treatments["inchikey"], workbench.treatments["smiles"], strict=True))
    smiles = {text for one in rankings for table in (one.candidates, one.measured) for text in table["smiles"]}
    smiles |= {own_smiles[key] for key in own_keys if key is not None}
    unique = sorted(text for text in smiles if isinstance(text, str))
    found = domain.nearest_molecules(unique).set_axis(unique)

    def beside(table: pd.DataFrame) -> pd.DataFrame:
        nearest = found.reindex(table["smiles"])
        nearest["outside"] = nearest["outside"].eq(True)
        return pd.concat([table, nearest.set_axis(table.index)], axis=1)

    out = []
    for one, key in zip(rankings, own_keys, strict=True):
        own = one.own
        if own is not None and key is not None:
            own = replace(own, nearest=NearestTraining.of(found.loc[[own_smiles[key]]].iloc[0]))
        out.append(replace(one, candidates=beside(one.candidates), measured=beside(one.measured), own=own))
    return out


def _own_key(workbench: Workbench, rows: NDArray[np.integer]) -> str | None:
    """InChIKey of the one molecule in all of the wells; None where there is none, or several."""
    treatments = np.unique(workbench.treatment_of_well[rows])
    if treatments[0] < 0:
        return None
    keys = workbench.treatments["inchikey"].iloc[treatments]
    return str(keys.iloc[0]) if keys.notna().all() and keys.nunique() == 1 else None


def _no_candidates() -> pd.DataFrame:
    names = ["rank", "molecule", "name", "smiles", "inchikey", "score", "dose", "mechanism", "seen", "own"]
    return pd.DataFrame(columns=names)


def _candidates(
    library: Library,
    molecules: NDArray[np.int64],
    doses: NDArray[np.float64],
    scores: NDArray[np.float32],
    own_key: str | None,
) -> pd.DataFrame:
    table = library.molecules.iloc[molecules]
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(molecules) + 1),
            "molecule": molecules,
            "name": table["name"].to_numpy(),
            "smiles": table["smiles"].to_numpy(),
            "inchikey": table["inchikey"].to_numpy(),
            "score": scores,
            "dose": doses,
            "mechanism": table["mechanism"].to_numpy(),
            "seen": table["seen"].to_numpy(dtype=bool),
            "own": (table["inchikey"] == own_key).to_numpy(dtype=bool),
        }
    )


def _measured(
    table: pd.DataFrame,
    values: NDArray[np.float32],
    phenotype: NDArray[np.float32],
    treatments: NDArray[np.int32],
    own_key: str | None,
) -> pd.DataFrame:
    if table.empty:
        return pd.DataFrame(columns=list(_MEASURED_COLUMNS))
    doses = table["concentration"].to_numpy(np.float64)
    selected = table[table["treatment"].isin(treatments)]
    own = table["treatment"].isin(treatments).to_numpy(copy=True)
    for key, at in zip(selected["inchikey"], selected["concentration"], strict=True):
        # The bundle's reference of the same treatment is the query once more, not a finding.
        own |= (table["inchikey"] == key).to_numpy() & (np.isclose(doses, at, rtol=0.05, equal_nan=True))
    found = nearest_measured(
        phenotype[None],
        values,
        query_group=np.array([1]),
        reference_group=own.astype(np.int64),
        top=len(values),
    )
    index = found.index[0][found.index[0] >= 0]
    # Six doses of one molecule are one finding: each stands once, with the treatment that is nearest.
    molecule = table["inchikey"].where(table["inchikey"].notna(), table["key"]).iloc[index]
    kept = np.flatnonzero(~molecule.duplicated().to_numpy())[:_MEASURED]
    index, similarity = index[kept], found.similarity[0][kept]
    hits = table.iloc[index]
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(index) + 1),
            "name": hits["name"].to_numpy(),
            "smiles": hits["smiles"].to_numpy(),
            "inchikey": hits["inchikey"].to_numpy(),
            "similarity": similarity,
            "dose": hits["concentration"].to_numpy(np.float64),
            "mechanism": hits["mechanism"].to_numpy(),
            "n_wells": hits["n_wells"].to_numpy(),
            "origin": hits["origin"].to_numpy(),
            "own": (hits["inchikey"] == own_key).to_numpy(dtype=bool),
        }
    )
