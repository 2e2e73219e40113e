"""From structures to mechanisms: which molecule acts through what, and at which concentration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from rdkit.Chem import rdFingerprintGenerator

from molphenix_core.errors import InputError
from molphenix_core.molecules.parallel import map_chunks
from molphenix_core.molecules.standardise import parse
from molphenix_core.progress import Progress, silent
from molphenix_core.simulate.config import SimulationConfig

__all__ = ["SimulatedMolecules", "simulate_molecules"]

_BITS = 2048
_RADIUS = 2
_SUBSTRUCTURES = 32
_ROWS = 10_000


@dataclass(frozen=True, eq=False)
class SimulatedMolecules:
    """How each molecule of a simulated screen acts: the truth.

    p is ``SimulationConfig.mechanisms_a_molecule``; the strongest mechanism comes first.

    Parameters
    ----------
    smiles : tuple of str, (n,)
        Each text once.
    active : bool (n,)
    mechanism : int32 (n, p)
        From 0; -1 where there is none.
    ec50 : float32 (n, p)
        Half-maximal concentration, micromolar; NaN where there is no mechanism.
    slope, top : float32 (n, p)
        Hill slope, and response to infinite concentration (0.5 to 1); NaN where there is no mechanism.
    mechanisms : int
        How many there are in all, K.
    """

    smiles: tuple[str, ...]
    active: NDArray[np.bool_]
    mechanism: NDArray[np.int32]
    ec50: NDArray[np.float32]
    slope: NDArray[np.float32]
    top: NDArray[np.float32]
    mechanisms: int

    def __len__(self) -> int:
        return len(self.smiles)

    def activity(self, molecule: NDArray[np.integer], dose: NDArray[np.floating]) -> NDArray[np.float32]:
        """Activity of treatments through every mechanism, by the Hill equation (Hill, J. Physiol. 1910, 40, iv).

        ``top / (1 + (EC50 / dose) ** slope)``

        Parameters
        ----------
        molecule : int (t,)
            Rows of molecules.
        dose : float (t,)
            Micromolar.

        Returns
        -------
        float32 (t, K)
            From 0 to 1.
        """
        activity = np.zeros((len(molecule), self.mechanisms), dtype=np.float32)
        for column in range(self.mechanism.shape[1]):
            row = np.flatnonzero(self.mechanism[molecule, column] >= 0)
            who = molecule[row]
            ratio = self.ec50[who, column] / dose[row]
            response = self.top[who, column] / (1 + ratio ** self.slope[who, column])
            activity[row, self.mechanism[who, column]] = response
        return activity


def simulate_molecules(
    smiles: Sequence[str],
    config: SimulationConfig,
    *,
    source: str = "structure",
    progress: Progress = silent,
) -> SimulatedMolecules:
    """Decide how molecules act, as a sparse function of their substructures.

    The affinity for a mechanism is a weighted sum of 32 Morgan bits (radius 2) of the list, standardised over it.
    Molecules whose highest affinity is among the lowest ``config.inactive`` of the list are inactive. The others
    act through the mechanisms for which their affinity exceeds that of all inactive molecules, at most
    ``config.mechanisms_a_molecule``: the more it exceeds, the lower the EC50 and the higher the top. Molecules
    that share substructures so act alike.

    Parameters
    ----------
    smiles : sequence of str
        Any; equal texts are one molecule.
    config : SimulationConfig
    source : str
        Where they stand, for the messages.
    progress : callable
        Told the share done; what it raises stops the work.

    Returns
    -------
    SimulatedMolecules
        One row for each different text, in order of appearance; EC50s in micromolar.

    Raises
    ------
    MoleculeError
        A SMILES cannot be parsed; the field names the row, the first being row 1.
    InputError
        No two molecules differ in their substructures.
    """
    first: dict[str, int] = {}
    for row, text in enumerate(smiles, start=1):
        first.setdefault(text, row)
    chunks = map_chunks(
        partial(_packed_fingerprints, source),
        list(first.items()),
        progress=progress,
        message="Simulating: reading structures",
    )
    packed = np.concatenate([np.empty((0, _BITS // 8), dtype=np.uint8), *chunks])
    random = np.random.default_rng([config.seed, 1])
    affinity = _affinities(packed, config.mechanisms, random)
    slopes = random.uniform(*config.slope, config.mechanisms)

    strongest = affinity.max(axis=1)
    order = np.argsort(strongest, kind="stable")
    inactive = round(config.inactive * len(order))
    active = np.ones(len(order), dtype=bool)
    active[order[:inactive]] = False
    threshold = strongest[order[inactive - 1]] if inactive else strongest[order[0]]

    mechanism = np.argsort(-affinity, axis=1, kind="stable")[:, : config.mechanisms_a_molecule]
    excess = np.take_along_axis(affinity, mechanism, axis=1) - threshold
    acts = active[:, None] & (excess > 0)
    # Of two molecules as strong as each other one may be the last inactive one, the other the first active one.
    acts[:, 0] = active
    closeness = 1 - np.exp(-np.maximum(excess, 0))
    low, high = np.log10(config.ec50)
    return SimulatedMolecules(
        smiles=tuple(first),
        active=active,
        mechanism=np.where(acts, mechanism, -1).astype(np.int32),
        ec50=np.where(acts, 10 ** (high - (high - low) * closeness), np.nan).astype(np.float32),
        slope=np.where(acts, slopes[mechanism], np.nan).astype(np.float32),
        top=np.where(acts, 0.5 + 0.5 * closeness, np.nan).astype(np.float32),
        mechanisms=config.mechanisms,
    )


def _packed_fingerprints(source: str, items: Sequence[tuple[str, int]]) -> NDArray[np.uint8]:
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=_RADIUS, fpSize=_BITS)
    bits = [generator.GetFingerprintAsNumPy(parse(text, source=source, field=f"row {row}")) for text, row in items]
    return np.packbits(np.stack(bits), axis=1)


def _affinities(packed: NDArray[np.uint8], mechanisms: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Standardised affinities, (n, mechanisms)."""
    blocks = [slice(start, start + _ROWS) for start in range(0, len(packed), _ROWS)]
    counts = sum((np.unpackbits(packed[b], axis=1).sum(axis=0, dtype=np.int64) for b in blocks), np.zeros(_BITS))
    # A bit that all or none have tells nothing apart; one that half of them have tells most.
    share = counts / max(1, len(packed))
    varies = np.flatnonzero(share * (1 - share) > 0)
    if not len(varies):
        raise InputError("simulation", "smiles", "molecules without a difference", "at least two that differ")
    chance = (share * (1 - share))[varies]
    weights = np.zeros((_BITS, mechanisms))
    for column in weights.T:
        chosen = random.choice(varies, min(_SUBSTRUCTURES, len(varies)), replace=False, p=chance / chance.sum())
        column[chosen] = random.normal(size=len(chosen))
    affinity = np.concatenate([np.unpackbits(packed[b], axis=1) @ weights for b in blocks])
    affinity -= affinity.mean(axis=0)
    return affinity / np.maximum(affinity.std(axis=0), np.finfo(np.float64).tiny)
