"""How far a query and its candidates are from what the retriever was trained on.

Both are given as percentiles among the training data themselves: a phenotype's distance to the training
treatments among the distances that these have to each other, and a molecule's similarity to the nearest training
molecule among the similarities that training molecules have to the nearest one of another scaffold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.model.bundle import Bundle
from molphenix_core.molecules.features import FeatureSet
from molphenix_core.molecules.scaffolds import scaffold_groups
from molphenix_core.molecules.similarity import nearest, tanimoto
from molphenix_core.plates.plate import INCHIKEY, NAME, SMILES, Plate

__all__ = ["FAR", "NEIGHBOURS", "NearestTraining", "TrainingDomain", "WellApplicability", "training_domain"]

NEIGHBOURS = 5
"""Training treatments that the distance of a phenotype is averaged over."""

FAR = 95.0
"""Percentile of distance beyond which, or of similarity below the rest to 100, something lies outside."""

_MORGAN = FeatureSet(("morgan",))


@dataclass(frozen=True)
class WellApplicability:
    """How far a phenotype is from the training treatments of its space.

    Parameters
    ----------
    distance : float
        Mean Euclidean distance to the five nearest training treatments, in the prepared space.
    percentile : float
        Percent of the training treatments that are as near, or nearer, to the five nearest of other molecules.
    treatments : int
        Training treatments of the space.
    """

    distance: float
    percentile: float
    treatments: int

    @property
    def is_outside(self) -> bool:
        """Whether it is farther than 95 % of the training treatments are."""
        return self.percentile > FAR

    @property
    def note(self) -> str:
        """What a reader must know; "" where it is inside."""
        if not self.is_outside:
            return ""
        return (
            f"Outside the training data: farther from the training treatments than {self.percentile:.3g} % of "
            "these are from each other, so that predictions are extrapolated."
        )


@dataclass(frozen=True)
class NearestTraining:
    """The training molecule most similar to some molecule.

    Parameters
    ----------
    name : str
    similarity : float
        Tanimoto on Morgan counts.
    percentile : float
        Percent of the training molecules whose nearest one of another scaffold is as similar, or less.
    is_outside : bool
        Whether that is below 5.
    """

    name: str
    similarity: float
    percentile: float
    is_outside: bool

    @classmethod
    def of(cls, row: pd.Series) -> NearestTraining | None:
        """From a row of :meth:`TrainingDomain.nearest_molecules`.

        Parameters
        ----------
        row : pandas.Series

        Returns
        -------
        NearestTraining or None
            None where nothing is known.
        """
        if row["nearest_training"] is None:
            return None
        return cls(
            name=str(row["nearest_training"]),
            similarity=float(row["nearest_training_similarity"]),
            percentile=float(row["nearest_training_percentile"]),
            is_outside=bool(row["outside"]),
        )


class TrainingDomain:
    """The training molecules and treatments of a bundle, prepared for comparison.

    Parameters
    ----------
    references : mapping of str to Plate
        By embedding space, the training treatments as measured.

    Raises
    ------
    MoleculeError
        A reference holds a structure that RDKit cannot read.
    """

    def __init__(self, references: Mapping[str, Plate]) -> None:
        self._references = dict(references)
        # The same molecules come up again and again: a library's best for every selection.
        self._nearest: dict[str, tuple[int, float]] = {}
        self._distances: dict[str, NDArray[np.float64]] = {}

    @cached_property
    def molecules(self) -> pd.DataFrame:
        """Training molecules of all spaces: ``inchikey``, ``name`` (the key where there is none), ``smiles``."""
        wells = [reference.wells[[INCHIKEY, NAME, SMILES]] for reference in self._references.values()]
        if not wells:
            return pd.DataFrame({"inchikey": [], "name": [], "smiles": []}, dtype=object)
        every = pd.concat(wells)
        every = every[every[SMILES].notna() & every[INCHIKEY].notna()].drop_duplicates(INCHIKEY)
        return pd.DataFrame(
            {
                "inchikey": every[INCHIKEY].to_numpy(object),
                "name": every[NAME].where(every[NAME].notna(), every[INCHIKEY]).to_numpy(object),
                "smiles": every[SMILES].to_numpy(object),
            }
        )

    @cached_property
    def _counts(self) -> NDArray[np.float32]:
        return _MORGAN.compute(self.molecules["smiles"].tolist(), processes=1)

    @cached_property
    def _similarities(self) -> NDArray[np.float32]:
        """Of each training molecule to the nearest one of another scaffold, ascending."""
        table = self.molecules
        groups = np.asarray(scaffold_groups(table["smiles"].tolist(), table["inchikey"].tolist()))
        similarity = tanimoto(self._counts, self._counts)
        similarity[groups[:, None] == groups[None, :]] = -1.0
        best = similarity.max(axis=1)
        return np.sort(best[best >= 0])

    def similarities_to(self, smiles: str) -> pd.Series:
        """Compare one molecule with every training molecule.

        Parameters
        ----------
        smiles : str
            Standardised.

        Returns
        -------
        pandas.Series
            Tanimoto on Morgan counts of radius 3, float32, by InChIKey in the order of :attr:`molecules`.

        Raises
        ------
        MoleculeError
            The SMILES cannot be read.
        """
        if not len(self.molecules):
            return pd.Series([], dtype=np.float32)
        similarity = tanimoto(_MORGAN.compute([smiles], processes=1), self._counts)[0]
        return pd.Series(similarity, index=self.molecules["inchikey"])

    def nearest_molecules(self, smiles: Sequence[str]) -> pd.DataFrame:
        """Find the training molecule most similar to each of some molecules.

        Parameters
        ----------
        smiles : sequence of str, (n,)
            Standardised.

        Returns
        -------
        pandas.DataFrame
            One row each: ``nearest_training`` (its name), ``nearest_training_similarity`` (Tanimoto on Morgan
            counts of radius 3), ``nearest_training_percentile`` (percent of the training molecules whose nearest
            one of another scaffold is as similar, or less), and ``outside`` (whether that is below 5). Without
            training molecules the name is None, the numbers NaN and ``outside`` False.

        Raises
        ------
        MoleculeError
            A SMILES cannot be read.
        """
        count = len(smiles)
        name: NDArray[Any] = np.full(count, None, dtype=object)
        similarity, percentile = np.full(count, np.nan), np.full(count, np.nan)
        if count and len(self.molecules):
            new = list(dict.fromkeys(text for text in smiles if text not in self._nearest))
            if new:
                row, found = nearest(_MORGAN.compute(new, processes=1), self._counts)
                self._nearest.update(zip(new, zip(row.tolist(), found.tolist(), strict=True), strict=True))
            name = self.molecules["name"].to_numpy(object)[[self._nearest[text][0] for text in smiles]]
            similarity = np.array([self._nearest[text][1] for text in smiles])
            if len(self._similarities):
                below = np.searchsorted(self._similarities, similarity.astype(np.float32), side="right")
                percentile = 100 * below / len(self._similarities)
        return pd.DataFrame(
            {
                "nearest_training": name,
                "nearest_training_similarity": similarity,
                "nearest_training_percentile": percentile,
                "outside": percentile < 100 - FAR,
            }
        )

    def distances(self, phenotypes: NDArray[np.float32], space: str) -> list[WellApplicability | None]:
        """Measure how far phenotypes are from the training treatments.

        Parameters
        ----------
        phenotypes : float32 (n, d)
            In the prepared space, wells or means of wells. A mean of fewer wells is noisier, and farther.
        space : str
            Its identifier.

        Returns
        -------
        list of WellApplicability or None
            None where the bundle has no training treatments of the space, or of fewer than six molecules.
        """
        if (reference := self._references.get(space)) is None:
            return [None] * len(phenotypes)
        training = reference.embeddings.astype(np.float64)
        if space not in self._distances:
            molecule = reference.wells[INCHIKEY].str[:14].to_numpy(object)
            among = _euclidean(training, training)
            among[molecule[:, None] == molecule[None, :]] = np.inf
            own = _mean_of_nearest(among)
            self._distances[space] = np.sort(own[np.isfinite(own)])
        known = self._distances[space]
        if not len(known):
            return [None] * len(phenotypes)
        found = _mean_of_nearest(_euclidean(phenotypes.astype(np.float64), training))
        percentile = 100 * np.searchsorted(known, found, side="right") / len(known)
        return [
            WellApplicability(float(d), float(p), len(training)) for d, p in zip(found, percentile, strict=True)
        ]


def _euclidean(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    square = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None, :] - 2 * a @ b.T
    return np.asarray(np.sqrt(np.maximum(square, 0)))


def _mean_of_nearest(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    if distances.shape[1] < NEIGHBOURS:
        return np.full(len(distances), np.inf)
    return np.asarray(np.partition(distances, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS].mean(axis=1))


# What is kept here must not hold its bundle, or neither would ever go.
_DOMAINS: WeakKeyDictionary[Bundle, TrainingDomain] = WeakKeyDictionary()


def training_domain(bundle: Bundle | None) -> TrainingDomain:
    """The training domain of a bundle, made once for as long as the bundle lives.

    Parameters
    ----------
    bundle : Bundle or None

    Returns
    -------
    TrainingDomain
        An empty one without a bundle.
    """
    if bundle is None:
        return TrainingDomain({})
    domain = _DOMAINS.get(bundle)
    if domain is None:
        domain = _DOMAINS[bundle] = TrainingDomain(bundle.references)
    return domain
