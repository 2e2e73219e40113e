"""A molecule library: structures at several doses, embedded once by one model, mapped from disk.

A folder of four files::

    manifest.json      what it is, with which model it was made, and the hash of each file
    embeddings.npy     float16 (doses, molecules, dimension): one dose is one run of the file, so that ranking at
                       one dose reads no other
    molecules.parquet  one row for each molecule; libraries of earlier versions lack the properties
    rejected.csv       the rows of the source that are no molecules, and why
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from molphenix_core.errors import LibraryError
from molphenix_core.molecules.properties import PROPERTIES
from molphenix_core.progress import Progress, silent

__all__ = [
    "EMBEDDINGS",
    "FORMAT",
    "MANIFEST",
    "MOLECULES",
    "REJECTED",
    "VERSION",
    "Library",
    "MoleculeEncoder",
    "file_sha256",
    "open_library",
    "verify_library",
]

FORMAT = "molphenix-library"
VERSION = 1
MANIFEST = "manifest.json"
EMBEDDINGS = "embeddings.npy"
MOLECULES = "molecules.parquet"
REJECTED = "rejected.csv"

COLUMNS = ("smiles", "inchikey", "name", "mechanism", "compound_id", "seen")

_SMALL = 64 * 2**20


class MoleculeEncoder(Protocol):
    """The molecule side of a model, as far as libraries need it."""

    @property
    def molecule_path_hash(self) -> str:
        """Identifies everything between a SMILES with a dose and its place in the joint space."""

    @property
    def width(self) -> int:
        """Dimension of the joint space."""

    def is_seen(self, inchikey: str | None) -> bool:
        """Whether the model was trained on a molecule.

        Parameters
        ----------
        inchikey : str or None
            Of the standardised molecule; None is never seen.

        Returns
        -------
        bool
        """

    def molecule_features(
        self, smiles: Sequence[str], *, processes: int | None = None, progress: Progress = silent
    ) -> NDArray[np.float32]:
        """Features of molecules, as :meth:`embed_molecules` takes them.

        Parameters
        ----------
        smiles : sequence of str, (n,)
            Standardised.
        processes : int, optional
            The encoder decides by default.
        progress : callable
            Told the share done.

        Returns
        -------
        float32 (n, F)
        """

    def embed_molecules(self, features: NDArray[np.float32], doses: NDArray[np.float64]) -> NDArray[np.float32]:
        """Every molecule at every dose.

        Parameters
        ----------
        features : float32 (n, F)
        doses : float64 (k,)
            Micromolar, NaN for an unknown dose.

        Returns
        -------
        float32 (n, k, width)
            Unit vectors.
        """


@dataclass(frozen=True, eq=False)
class Library:
    """An open library.

    Attributes
    ----------
    path : Path
        Its folder.
    name, source, licence : str
        As given when it was built.
    simulated : bool
        Whether its molecules are made up.
    molecule_path_hash : str
        Of the model that embedded it.
    doses : ndarray of float64, (k,)
        Micromolar; NaN is the embedding at an unknown dose.
    embeddings : ndarray of float16, (k, n, width)
        Unit vectors, mapped from disk.
    embeddings_sha256 : str
        Hash of their file.
    """

    path: Path
    name: str
    source: str
    licence: str
    simulated: bool
    molecule_path_hash: str
    doses: NDArray[np.float64]
    embeddings: NDArray[np.float16]
    embeddings_sha256: str

    def __len__(self) -> int:
        """Count the molecules."""
        return int(self.embeddings.shape[1])

    @property
    def width(self) -> int:
        """Dimension of the joint space."""
        return int(self.embeddings.shape[2])

    @cached_property
    def molecules(self) -> pd.DataFrame:
        """One row a molecule, in the order of the embeddings, read when first asked for.

        ``smiles`` and ``inchikey`` (standardised), ``name``, ``mechanism``, ``compound_id`` (empty where unknown),
        and ``seen`` (bool): whether the model was trained on it. Where :attr:`has_properties`, also the columns
        :data:`~molphenix_core.molecules.properties.PROPERTIES`, float32.

        Raises
        ------
        LibraryError
            The table is damaged.
        """
        path = self.path / MOLECULES
        try:
            table = pd.read_parquet(path)
        except (OSError, ValueError, pa.ArrowException) as error:
            raise LibraryError(path, "file", str(error), "a Parquet table") from error
        if tuple(table.columns) not in (COLUMNS, (*COLUMNS, *PROPERTIES)):
            found = ", ".join(map(str, table.columns))
            raise LibraryError(path, "columns", found, ", ".join((*COLUMNS, *PROPERTIES)))
        for column in PROPERTIES:
            if column in table and table[column].dtype.kind != "f":
                raise LibraryError(path, column, str(table[column].dtype), "numbers")
        if len(table) != len(self):
            raise LibraryError(path, "rows", f"{len(table):,}", f"{len(self):,}, one for each embedding")
        return table

    @property
    def has_properties(self) -> bool:
        """Whether the table holds molecular weights and the like: libraries of earlier versions do not."""
        return PROPERTIES[0] in self.molecules

    def require(self, encoder: MoleculeEncoder) -> None:
        """Make sure that a model embedded this library, or one with the same molecule path.

        Parameters
        ----------
        encoder : MoleculeEncoder
            The model whose phenotypes are to be compared with the library.

        Raises
        ------
        LibraryError
            Another did: scores between them would mean nothing.
        """
        if encoder.molecule_path_hash != self.molecule_path_hash:
            raise LibraryError(
                self.path / MANIFEST,
                "molecule_path_hash",
                self.molecule_path_hash,
                f"{encoder.molecule_path_hash}, the model's: build the library again with this model",
            )


def file_sha256(path: Path) -> str:
    """Hash a file's content.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str
        SHA-256, 64 hexadecimal digits.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _value(path: Path, manifest: Mapping[str, Any], key: str, kind: type | tuple[type, ...], expected: str) -> Any:
    value = manifest.get(key)
    # To Python, True is also an integer.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise LibraryError(path, key, "nothing" if value is None else repr(value)[:80], expected)
    return value


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a library's manifest, as far as saying whether it is one.

    Raises
    ------
    LibraryError
        The folder is no library, or one of a newer version.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LibraryError(folder, MANIFEST, "no such file", "the folder of a molecule library") from error
    except (OSError, ValueError, RecursionError) as error:
        raise LibraryError(path, "file", str(error), "the manifest of a molecule library") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        found = repr(manifest.get("format") if isinstance(manifest, dict) else manifest)[:80]
        raise LibraryError(path, "format", found, repr(FORMAT))
    version = _value(path, manifest, "version", int, "a whole number")
    if version != VERSION:
        raise LibraryError(
            path, "version", str(version), f"{VERSION}: it was made by another version of the program"
        )
    return manifest


def _doses(path: Path, manifest: Mapping[str, Any]) -> NDArray[np.float64]:
    expected = "a list of different doses in micromolar, null for an unknown dose"
    values = _value(path, manifest, "doses", list, expected)
    for value in values:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if value is not None and not (number and math.isfinite(value) and value > 0):
            raise LibraryError(path, "doses", repr(values)[:80], expected)
    if not values or len(set(values)) < len(values):
        raise LibraryError(path, "doses", repr(values)[:80], expected)
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _files(folder: Path, manifest: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    path = folder / MANIFEST
    expected = "size and SHA-256 of " + ", ".join((EMBEDDINGS, MOLECULES, REJECTED))
    listed = _value(path, manifest, "files", dict, expected)
    files = {}
    for name in (EMBEDDINGS, MOLECULES, REJECTED):
        entry = listed.get(name)
        if not (
            isinstance(entry, dict)
            and isinstance(entry.get("bytes"), int)
            and isinstance(entry.get("sha256"), str)
        ):
            raise LibraryError(path, f"files.{name}", repr(entry)[:80], expected)
        files[name] = entry["bytes"], entry["sha256"]
    return files


def _check_sizes(folder: Path, files: Mapping[str, tuple[int, str]]) -> None:
    for name, (size, _) in files.items():
        path = folder / name
        if not path.is_file():
            raise LibraryError(path, "file", "no such file", f"{size:,} bytes")
        if path.stat().st_size != size:
            raise LibraryError(
                path, "size", f"{path.stat().st_size:,} bytes", f"{size:,} bytes: the file is damaged"
            )


def verify_library(path: str | Path, *, progress: Progress = silent) -> None:
    """Compare every file of a library with its hash.

    Parameters
    ----------
    path : path
        Folder of the library.
    progress : callable
        Told the share of files done.

    Raises
    ------
    LibraryError
        A file is missing or damaged.
    """
    folder = Path(path)
    files = _files(folder, read_manifest(folder))
    _check_sizes(folder, files)
    for done, (name, (_, expected)) in enumerate(files.items(), start=1):
        found = file_sha256(folder / name)
        if found != expected:
            raise LibraryError(folder / name, "SHA-256", found, f"{expected}: the file is damaged")
        progress(done / len(files), "Verifying the library")


def open_library(path: str | Path, *, verify: Literal["quick", "full"] = "quick") -> Library:
    """Open a library: the table of molecules is read when first asked for, the embeddings as they are used.

    Parameters
    ----------
    path : path
        Its folder.
    verify : {"quick", "full"}
        ``"quick"`` compares sizes and shapes, and hashes too where the files are under 64 MB together; ``"full"``
        compares the hashes of files of any size, at about a gigabyte a second.

    Returns
    -------
    Library
        Embeddings float16 (k, n, width), mapped from disk.

    Raises
    ------
    LibraryError
        It is no library, of a newer version, or damaged.
    """
    folder = Path(path)
    manifest = read_manifest(folder)
    source = folder / MANIFEST
    files = _files(folder, manifest)
    _check_sizes(folder, files)
    if verify == "full" or sum(size for size, _ in files.values()) < _SMALL:
        verify_library(folder)

    doses = _doses(source, manifest)
    count = _value(source, manifest, "count", int, "the number of molecules")
    width = _value(source, manifest, "dimension", int, "the dimension of the joint space")
    try:
        # Copy-on-write: torch takes no read-only memory, and the file stays as it is.
        embeddings = np.load(folder / EMBEDDINGS, mmap_mode="c", allow_pickle=False)
    except (OSError, EOFError, ValueError) as error:
        raise LibraryError(folder / EMBEDDINGS, "file", str(error), "a NumPy array") from error
    shape = (len(doses), count, width)
    if embeddings.dtype != np.float16 or embeddings.shape != shape or not embeddings.flags.c_contiguous:
        raise LibraryError(
            folder / EMBEDDINGS,
            "array",
            f"{embeddings.dtype} of shape {embeddings.shape}",
            f"float16 of shape {shape}",
        )
    return Library(
        path=folder,
        name=_value(source, manifest, "name", str, "a text"),
        source=_value(source, manifest, "source", str, "a text"),
        licence=_value(source, manifest, "licence", str, "a text"),
        simulated=_value(source, manifest, "simulated", bool, "true or false"),
        molecule_path_hash=_value(source, manifest, "molecule_path_hash", str, "a text"),
        doses=doses,
        embeddings=embeddings,
        embeddings_sha256=files[EMBEDDINGS][1],
    )
