"""Where held-out treatments found their molecules among those of a reference library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from molphenix_core.model.bundle import Bundle
from molphenix_core.retrieval.chance import top_score_z
from molphenix_core.retrieval.rank import scored_at
from molphenix_core.retrieval.ranking import ACTIVE

__all__ = ["CalibrationRecords", "library_records"]

# Equal embeddings score alike only up to the rounding of a float32 sum.
_TIE = 1e-6


@dataclass(frozen=True, eq=False)
class CalibrationRecords:
    """Held-out rankings: one a treatment, way of scoring and model that ranked it.

    Parameters
    ----------
    decoys : int
        M, molecules of the library other than the true one.
    above : float64 (n,)
        How many of them score above the true one, with half of the ties.
    molecule : str (n,)
        First blocks of the InChIKeys of the true molecules.
    seen : bool (n,)
        Whether the model was trained on the molecule.
    activity : int8 (n,)
        1 active, 0 inactive, -1 without a p-value.
    over_doses : bool (n,)
        Whether each molecule was scored at its best dose of the library's, and not at the treatment's own.
    replicates : int64 (n,)
        Wells averaged.
    top_score_z : float64 (n,)
        Best score of the library, in standard deviations of its scores above their mean.
    distance_to_control : float64 (n,)
        NaN where there are no controls.
    """

    decoys: int
    above: NDArray[np.float64]
    molecule: NDArray[np.str_]
    seen: NDArray[np.bool_]
    activity: NDArray[np.int8]
    over_doses: NDArray[np.bool_]
    replicates: NDArray[np.int64]
    top_score_z: NDArray[np.float64]
    distance_to_control: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.above)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> CalibrationRecords:
        """Some of the records.

        Parameters
        ----------
        rows : bool (n,) or int (m,)
            Which, or their indices.

        Returns
        -------
        CalibrationRecords
            Of m records.
        """
        arrays = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "decoys"}
        return CalibrationRecords(decoys=self.decoys, **arrays)

    @classmethod
    def join(cls, parts: Sequence[CalibrationRecords]) -> CalibrationRecords:
        """Records of several models, of one library, together.

        Parameters
        ----------
        parts : sequence of CalibrationRecords

        Returns
        -------
        CalibrationRecords
            All records, in the order of the parts.

        Raises
        ------
        ValueError
            Without any, or of libraries of different sizes.
        """
        if len({part.decoys for part in parts}) != 1:
            raise ValueError(f"records must be of one library, not of {sorted({p.decoys for p in parts})} decoys")
        arrays = {
            f.name: np.concatenate([getattr(part, f.name) for part in parts])
            for f in fields(cls)
            if f.name != "decoys"
        }
        return cls(decoys=parts[0].decoys, **arrays)


def library_records(
    bundle: Bundle,
    space: str,
    queries: NDArray[np.float32],
    *,
    inchikeys: Sequence[str],
    molecule_features: NDArray[np.float32],
    doses: NDArray[np.float64],
    p_value: NDArray[np.float64],
    seen: bool,
    replicates: NDArray[np.integer],
    distance_to_control: NDArray[np.float64],
    library_inchikeys: Sequence[str],
    library_features: NDArray[np.float32],
    library_doses: NDArray[np.float64],
) -> CalibrationRecords:
    """Rank the molecules of a library for held-out treatments, as a user's wells are ranked.

    A treatment whose dose is within a factor of 1.5 of one of the library's is scored at that one, and every
    treatment also over all doses of the library, as wells of unknown dose are: two records.

    Parameters
    ----------
    bundle : Bundle
        Trained without these treatments.
    space : str
        Embedding space of the queries.
    queries : float32 (n, d)
        Held-out wells averaged within each treatment, prepared for the bundle.
    inchikeys : sequence of str, (n,)
        Of the true molecules.
    molecule_features : float32 (n, F)
        Of the true molecules, as the bundle's ``feature_set`` computes them, not scaled.
    doses : float64 (n,)
        Of the treatments, micromolar, NaN where unknown.
    p_value : float64 (n,)
        Replicate consistency, NaN where there is none.
    seen : bool
        True for treatments on held-out plates whose molecules were trained on, False for unseen scaffolds.
    replicates : int (n,)
        Wells averaged.
    distance_to_control : float64 (n,)
        Of :func:`~molphenix_core.plates.activity.activity`, NaN where unknown.
    library_inchikeys : sequence of str, (m,)
        Each once. A treatment's own molecule is no decoy; stereoisomers of it are, and tie with it.
    library_features : float32 (m, F)
        Not scaled.
    library_doses : float64 (k,)
        Micromolar, of the library as it ships.

    Returns
    -------
    CalibrationRecords

    Raises
    ------
    ValueError
        Arrays of different lengths, or a library of fewer than two molecules.
    UnknownSpaceError
        The bundle has no tower for the space.
    """
    count = len(queries)
    columns = (inchikeys, molecule_features, doses, p_value, replicates, distance_to_control)
    if any(len(column) != count for column in columns):
        raise ValueError(f"{count} queries need as many values: {[len(column) for column in columns]}")
    if len(library_inchikeys) < 2 or len(library_inchikeys) != len(library_features):
        raise ValueError(f"{len(library_inchikeys)} library molecules with {len(library_features)} features")
    grid = np.asarray(library_doses, dtype=np.float64)
    z = bundle.embed_phenotypes(queries, space)
    own = np.einsum("nd,nkd->nk", z, bundle.embed_molecules(bundle.scaler.transform(molecule_features), grid))
    library = bundle.embed_molecules(bundle.scaler.transform(library_features), grid)
    keys = np.asarray(library_inchikeys, dtype=object)
    at = scored_at(doses, count, grid)
    chosen = [(row, int(at[row])) for row in np.flatnonzero(at >= 0).tolist()] + [
        (row, -1) for row in range(count)
    ]
    above, top_z = np.empty(len(chosen)), np.empty(len(chosen))
    decoys = len(keys) - 1
    for place, (row, dose) in enumerate(chosen):
        scores = library[:, dose] @ z[row] if dose >= 0 else (library @ z[row]).max(axis=1)
        true = own[row, dose] if dose >= 0 else own[row].max()
        others = scores[keys != inchikeys[row]]
        higher = int((others > true + _TIE).sum())
        tied = int((others >= true - _TIE).sum()) - higher
        # Without its own molecule in the library there is a decoy more: the same share of one less.
        above[place] = (higher + tied / 2) * decoys / len(others)
        top_z[place] = top_score_z(scores)
    rows = np.array([row for row, _ in chosen], dtype=np.int64)
    activity = np.where(np.isnan(p_value), -1, p_value < ACTIVE).astype(np.int8)
    return CalibrationRecords(
        decoys=decoys,
        above=above,
        molecule=np.array([key[:14] for key in inchikeys], dtype=np.str_)[rows],
        seen=np.full(len(rows), seen),
        activity=activity[rows],
        over_doses=np.array([dose < 0 for _, dose in chosen]),
        replicates=np.asarray(replicates, dtype=np.int64)[rows],
        top_score_z=top_z,
        distance_to_control=np.asarray(distance_to_control, dtype=np.float64)[rows],
    )
