"""What a search over structures needs of them, computed once and kept in a file."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import rdkit
from numpy.typing import NDArray
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator
from scipy.sparse import csr_array

from molphenix_core.errors import LibraryError
from molphenix_core.molecules.parallel import map_chunks
from molphenix_core.molecules.standardise import parse
from molphenix_core.progress import Progress, silent
from molphenix_core.writing import written_aside

__all__ = [
    "PATTERN_BITS",
    "PreparedStructures",
    "count_environments",
    "prepare_structures",
    "read_prepared",
    "structures_hash",
    "write_prepared",
]

PATTERN_BITS = 2048
# The fingerprint of FeatureSet's block "morgan", so that similarities are those shown elsewhere.
_MORGAN_RADIUS = 3
_MORGAN_BITS = 2048

_FORMAT = "molphenix prepared structures 1"


@dataclass(frozen=True, eq=False)
class PreparedStructures:
    """Structures with two fingerprints each.

    Attributes
    ----------
    smiles : list of str
        As RDKit writes them.
    patterns : ndarray of uint8, (n, 256)
        RDKit's pattern fingerprints, eight bits to a byte.
    counts : scipy.sparse.csr_array of uint8, (n, 2048)
        Counts of circular environments to radius 3, up to 255.
    """

    smiles: list[str]
    patterns: NDArray[np.uint8]
    counts: csr_array

    def __len__(self) -> int:
        return len(self.smiles)


@lru_cache(maxsize=1)
def _generator() -> rdFingerprintGenerator.FingerprintGenerator64:
    return rdFingerprintGenerator.GetMorganGenerator(radius=_MORGAN_RADIUS, fpSize=_MORGAN_BITS)


def count_environments(mol: Chem.Mol) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Count the circular environments of a molecule.

    Parameters
    ----------
    mol : rdkit.Chem.Mol

    Returns
    -------
    ndarray of int32, (k,)
        Bits, each once.
    ndarray of uint8, (k,)
        Counts, up to 255.
    """
    found = _generator().GetCountFingerprint(mol).GetNonzeroElements()
    counts = np.minimum(np.fromiter(found.values(), dtype=np.int64, count=len(found)), 255)
    return np.fromiter(found, dtype=np.int32, count=len(found)), counts.astype(np.uint8)


_Chunk = list[tuple[str, bytes, NDArray[np.int32], NDArray[np.uint8]]]


def _prepare_chunk(smiles: Sequence[tuple[int, str]]) -> _Chunk:
    rows = []
    for number, text in smiles:
        mol = parse(text, source="library", field=f"row {number}")
        pattern = DataStructs.BitVectToBinaryText(Chem.PatternFingerprint(mol, PATTERN_BITS))
        rows.append((Chem.MolToSmiles(mol), pattern, *count_environments(mol)))
    return rows


def prepare_structures(
    smiles: Sequence[str], *, processes: int | None = None, progress: Progress = silent
) -> PreparedStructures:
    """Compute what a search needs; about 0.5 ms a molecule.

    Parameters
    ----------
    smiles : sequence of str, (n,)
        Of a library.
    processes : int, optional
        By default one up to 5,000 structures, else one per processor.
    progress : callable
        Told the share done; what it raises stops the work.

    Returns
    -------
    PreparedStructures

    Raises
    ------
    MoleculeError
        A SMILES cannot be parsed; the field names the row, the first being row 1.
    """
    texts: list[str] = []
    patterns: list[bytes] = []
    bits, counts = [np.empty(0, np.int32)], [np.empty(0, np.uint8)]
    lengths = [0]
    for chunk in map_chunks(
        _prepare_chunk,
        list(enumerate(smiles, start=1)),
        processes=processes,
        progress=progress,
        message="Preparing structures for searching",
    ):
        for text, pattern, row_bits, row_counts in chunk:
            texts.append(text)
            patterns.append(pattern)
            bits.append(row_bits)
            counts.append(row_counts)
            lengths.append(len(row_bits))
    return PreparedStructures(
        texts,
        np.frombuffer(b"".join(patterns), np.uint8).reshape(len(texts), PATTERN_BITS // 8),
        csr_array(
            (np.concatenate(counts), np.concatenate(bits), np.cumsum(lengths)), shape=(len(texts), _MORGAN_BITS)
        ),
    )


def structures_hash(smiles: Sequence[str]) -> str:
    """Identify structures and what is computed of them.

    Parameters
    ----------
    smiles : sequence of str

    Returns
    -------
    str
        SHA-256 of the SMILES in their order, the version of RDKit and of this module.
    """
    digest = hashlib.sha256(f"{_FORMAT}\n{rdkit.__version__}\n".encode())
    digest.update("\n".join(smiles).encode())
    return digest.hexdigest()


def write_prepared(prepared: PreparedStructures, path: str | Path, key: str) -> None:
    """Keep what was prepared, aside and then renamed, with its hash beside it (``.json``).

    Parameters
    ----------
    prepared : PreparedStructures
    path : path
        The file (``.npz``), in a folder that is there.
    key : str
        Of :func:`structures_hash`.

    Raises
    ------
    LibraryError
        It cannot be written there.
    """
    path = Path(path)
    with written_aside(path, LibraryError) as part, part.open("wb") as file:
        np.savez(
            file,
            smiles=np.frombuffer("\n".join(prepared.smiles).encode(), np.uint8),
            patterns=prepared.patterns,
            counts=prepared.counts.data,
            bits=prepared.counts.indices.astype(np.int32),
            starts=prepared.counts.indptr.astype(np.int64),
        )
    entry = {"format": _FORMAT, "key": key, "sha256": _sha256(path)}
    with written_aside(path.with_suffix(".json"), LibraryError) as part:
        part.write_text(json.dumps(entry), encoding="utf-8")


def read_prepared(path: str | Path, key: str) -> PreparedStructures:
    """Read what :func:`write_prepared` kept, after comparing its hash.

    Parameters
    ----------
    path : path
        The file.
    key : str
        Of the structures that are to be searched.

    Returns
    -------
    PreparedStructures

    Raises
    ------
    LibraryError
        It is not there, damaged, or of other structures.
    """
    path = Path(path)
    try:
        entry = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        digest = _sha256(path)
    except (OSError, ValueError, RecursionError) as error:
        raise LibraryError(path, "file", str(error), "structures prepared for searching") from error
    wanted = {"format": _FORMAT, "key": key, "sha256": digest}
    if entry != wanted:
        raise LibraryError(path, "hash", repr(entry)[:200], repr(wanted))
    try:
        with np.load(path, allow_pickle=False) as stored:
            text = stored["smiles"].tobytes().decode()
            smiles = text.split("\n") if text else []
            shape = (len(smiles), _MORGAN_BITS)
            counts = csr_array((stored["counts"], stored["bits"], stored["starts"]), shape=shape)
            return PreparedStructures(smiles, stored["patterns"].reshape(len(smiles), PATTERN_BITS // 8), counts)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise LibraryError(path, "arrays", str(error), "structures prepared for searching") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
