"""Structures of a library made searchable: by substructure and by similarity."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, DataStructs
from rdkit.Chem import rdSubstructLibrary
from scipy.sparse import csc_array

from molphenix_core.molecules.prepared_structures import (
    PATTERN_BITS,
    PreparedStructures,
    count_environments,
    prepare_structures,
)
from molphenix_core.molecules.standardise import parse
from molphenix_core.molecules.substructure import SubstructureFilter
from molphenix_core.progress import Progress, silent

__all__ = ["StructureIndex", "SubstructureMatches", "build_structure_index"]

# Between two looks at the clock; about 20 ms.
_STEP = 2_000

# Up to this many molecules are kept ready (15 kB each) instead of read from their SMILES again at each search.
_KEPT_READY = 5_000


@dataclass(frozen=True, eq=False)
class SubstructureMatches:
    """What a search found.

    Attributes
    ----------
    rows : ndarray of int64, (k,)
        Rows with the substructure, ascending.
    searched : int
        How many rows were looked at, from the first.
    complete : bool
        False where time ran out before the last row.
    """

    rows: NDArray[np.int64]
    searched: int
    complete: bool


@dataclass(frozen=True, eq=False)
class StructureIndex:
    """Structures with fingerprints that rule most of them out; about 1 kB a molecule in large libraries.

    Made by :func:`build_structure_index`. Any number of searches may use it at a time.

    Attributes
    ----------
    patterns : rdkit SubstructLibrary
        SMILES and RDKit's pattern fingerprints.
    counts : scipy.sparse.csc_array of uint8, (n, 2048)
        Counts of circular environments to radius 3, up to 255.
    totals : ndarray of float32, (n,)
        Sum of a molecule's counts.
    """

    patterns: rdSubstructLibrary.SubstructLibrary
    counts: csc_array
    totals: NDArray[np.float32]

    @classmethod
    def assemble(cls, prepared: PreparedStructures) -> StructureIndex:
        """Make an index of what was prepared, or kept in a file since; about 5 us a molecule in large libraries.

        Parameters
        ----------
        prepared : PreparedStructures

        Returns
        -------
        StructureIndex
        """
        ready = len(prepared) <= _KEPT_READY
        molecules = rdSubstructLibrary.MolHolder() if ready else rdSubstructLibrary.CachedTrustedSmilesMolHolder()
        patterns = rdSubstructLibrary.PatternHolder(PATTERN_BITS)
        for text, pattern in zip(prepared.smiles, prepared.patterns, strict=True):
            if ready:
                molecules.AddMol(Chem.MolFromSmiles(text))
            else:
                molecules.AddSmiles(text)
            patterns.AddFingerprint(DataStructs.CreateFromBinaryText(pattern.tobytes()))
        return cls(
            rdSubstructLibrary.SubstructLibrary(molecules, patterns),
            prepared.counts.tocsc(),
            np.asarray(prepared.counts.sum(axis=1, dtype=np.float32)),
        )

    def __len__(self) -> int:
        return len(self.totals)

    def substructure(
        self, wanted: SubstructureFilter, *, seconds: float = 10.0, progress: Progress = silent
    ) -> SubstructureMatches:
        """Find the molecules that hold a substructure.

        Parameters
        ----------
        wanted : SubstructureFilter
        seconds : float
            After which the search gives what it has; looked at every 2,000 molecules.
        progress : callable
            Told the share done; what it raises stops the search.

        Returns
        -------
        SubstructureMatches
        """
        end = time.monotonic() + seconds
        found = []
        stop = 0
        while stop < len(self) and (stop == 0 or time.monotonic() < end):
            start, stop = stop, min(stop + _STEP, len(self))
            found.append(
                self.patterns.GetMatches(
                    wanted.query, start, stop, useChirality=False, numThreads=-1, maxResults=stop - start
                )
            )
            progress(stop / len(self), "Searching substructures")
        rows = np.array([row for each in found for row in each], dtype=np.int64)
        return SubstructureMatches(np.sort(rows), stop, stop == len(self))

    def similarity(self, smiles: str) -> NDArray[np.float32]:
        """Tanimoto similarity of every molecule to one, over counts of circular environments.

        Parameters
        ----------
        smiles : str
            SMILES of the molecule to compare with.

        Returns
        -------
        ndarray of float32, (n,)
            0 to 1, as :func:`molphenix_core.molecules.similarity.tanimoto` gives over the feature block "morgan".

        Raises
        ------
        MoleculeError
            The SMILES cannot be parsed.
        """
        bits, counts = count_environments(parse(smiles))
        minima = np.zeros(len(self), dtype=np.float32)
        for bit, count in zip(bits, counts, strict=True):
            part = slice(self.counts.indptr[bit], self.counts.indptr[bit + 1])
            # Within a column each row stands once.
            minima[self.counts.indices[part]] += np.minimum(self.counts.data[part], count)
        maxima = self.totals + np.float32(counts.sum()) - minima
        return np.divide(minima, maxima, out=minima, where=maxima > 0)


def build_structure_index(
    smiles: Sequence[str], *, processes: int | None = None, progress: Progress = silent
) -> StructureIndex:
    """Make structures searchable.

    Parameters
    ----------
    smiles : sequence of str, (n,)
        Of a library.
    processes : int, optional
        By default one up to 5,000 structures, else one per processor.
    progress : callable
        Told the share done.

    Returns
    -------
    StructureIndex

    Raises
    ------
    MoleculeError
        A SMILES cannot be parsed; the field names the row, the first being row 1.
    """
    return StructureIndex.assemble(prepare_structures(smiles, processes=processes, progress=progress))
