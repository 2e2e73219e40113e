"""Building a molecule library: standardise, merge, embed, write aside, rename."""

from __future__ import annotations

import json
import math
import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molphenix_core.errors import InputError, LibraryError, MoleculeError
from molphenix_core.molecules.properties import property_table
from molphenix_core.molecules.standardise import STANDARDISER, StandardMolecule, standardise_many
from molphenix_core.progress import Progress, silent
from molphenix_core.retrieval.library import (
    COLUMNS,
    EMBEDDINGS,
    FORMAT,
    MANIFEST,
    MOLECULES,
    REJECTED,
    VERSION,
    MoleculeEncoder,
    file_sha256,
    read_manifest,
)

__all__ = ["LibraryReport", "build_library"]

# Above the number from which features are worth processes; raw features of a block take 180 MB.
_BLOCK = 10_000

# Shares of the whole at which each part is done.
_STANDARDISING = 0.15
_EMBEDDED = 0.95


@dataclass(frozen=True)
class LibraryReport:
    """What came of building a library.

    Attributes
    ----------
    path : Path
        Its folder.
    molecules : int
        Different molecules in it.
    merged : int
        Rows that were a molecule already there.
    rejected : int
        Rows that are no molecule; ``rejected.csv`` in the folder says why.
    doses : tuple of float
        Micromolar; NaN is the unknown dose.
    size : int
        Bytes on disk.
    """

    path: Path
    molecules: int
    merged: int
    rejected: int
    doses: tuple[float, ...]
    size: int

    def __str__(self) -> str:
        """For people."""
        grid = ", ".join("unknown" if dose != dose else f"{dose:g}" for dose in self.doses)
        lines = [f"{self.path}: {self.molecules:,} molecules at {grid} micromolar, {self.size / 1e6:.1f} MB"]
        if self.merged:
            lines.append(f"  {self.merged:,} rows were a molecule already there")
        if self.rejected:
            lines.append(f"  {self.rejected:,} rows are no molecule; {self.path / REJECTED} says why")
        return "\n".join(lines)


def build_library(
    records: pd.DataFrame,
    encoder: MoleculeEncoder,
    out: str | Path,
    *,
    doses: Sequence[float],
    name: str,
    source: str,
    licence: str,
    simulated: bool = False,
    processes: int | None = None,
    progress: Progress = silent,
) -> LibraryReport:
    """Build a library that :func:`molphenix_core.retrieval.library.open_library` opens.

    Rows of one molecule (by InChIKey) become one; of each column the first value that is not empty is kept.

    Parameters
    ----------
    records : pandas.DataFrame
        Columns ``smiles`` and ``name``; perhaps ``mechanism``, ``compound_id``, and ``seen`` (bool), whether
        the model was trained on the molecule, which the encoder says where the column is missing.
    encoder : MoleculeEncoder
        The molecule side of a model.
    out : path
        Folder to write. One that is there is replaced if it is a library or empty; nothing else is touched.
    doses : sequence of float, (k,)
        One grid for all molecules, micromolar; NaN for the unknown dose.
    name, source, licence : str
        What it is, where it comes from and under which terms.
    simulated : bool
        Whether the molecules are made up.
    processes : int, optional
        For standardising and features: by default one up to 5,000 structures, else one per processor.
    progress : callable
        Told the share done. If it raises, nothing is left behind.

    Returns
    -------
    LibraryReport

    Raises
    ------
    InputError
        A column is missing, a dose is not above zero or comes twice, or no row is a molecule.
    LibraryError
        ``out`` is something else than a library, or cannot be written.
    """
    out = Path(out)
    grid = _grid(doses)
    for column in ("smiles", "name"):
        if column not in records:
            raise InputError(source, column, "no such column", "a column " + column)
    _check_replaceable(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryError(out, "folder", error.strerror or str(error), "a folder to write into") from error

    table, rejected, merged = _standardised(records, source, processes, progress)
    if table.empty:
        reason = f": the first is {rejected['reason'].iloc[0]}" if len(rejected) else ""
        raise InputError(source, "smiles", f"no molecule in {len(records):,} rows{reason}", "at least one")
    if "seen" not in records:
        table["seen"] = [encoder.is_seen(inchikey) for inchikey in table["inchikey"]]

    aside = out.parent / f".{out.name}.{uuid.uuid4().hex[:8]}.partial"
    try:
        aside.mkdir()
        _embed(aside / EMBEDDINGS, table["smiles"].tolist(), encoder, grid, processes, progress)
        counted = property_table(
            table["smiles"].tolist(),
            processes=processes,
            progress=lambda share, message: progress(_EMBEDDED + (1 - _EMBEDDED) * share, message),
        )
        pd.concat([table[list(COLUMNS)], counted], axis=1).to_parquet(aside / MOLECULES, index=False)
        rejected.to_csv(aside / REJECTED, index=False)
        files = {
            file: {"bytes": (aside / file).stat().st_size, "sha256": file_sha256(aside / file)}
            for file in (EMBEDDINGS, MOLECULES, REJECTED)
        }
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "name": name,
            "source": source,
            "licence": licence,
            "simulated": simulated,
            "molecule_path_hash": encoder.molecule_path_hash,
            "standardiser": STANDARDISER,
            "doses": [None if math.isnan(dose) else dose for dose in grid.tolist()],
            "count": len(table),
            "dimension": encoder.width,
            "files": files,
        }
        text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
        (aside / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
        _replace(aside, out)
    except OSError as error:
        raise LibraryError(out, "folder", str(error), "a folder that can be written") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return LibraryReport(
        path=out,
        molecules=len(table),
        merged=merged,
        rejected=len(rejected),
        doses=tuple(grid.tolist()),
        size=sum(path.stat().st_size for path in out.iterdir()),
    )


def _grid(doses: Sequence[float]) -> NDArray[np.float64]:
    grid = np.asarray(doses, dtype=np.float64)
    usable = np.isnan(grid) | (np.isfinite(grid) & (grid > 0))
    if grid.ndim != 1 or not grid.size or not usable.all() or len(np.unique(grid)) < len(grid):
        raise InputError(
            "library", "doses", str(list(doses)), "different concentrations above zero, NaN for unknown"
        )
    return grid


def _check_replaceable(out: Path) -> None:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    try:
        read_manifest(out)
    except LibraryError as error:
        raise LibraryError(
            out, "folder", "something that is no library of this version", "a new folder, or a library to replace"
        ) from error


def _standardised(
    records: pd.DataFrame, source: str, processes: int | None, progress: Progress
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Table of different molecules, table of rejected rows, and how many rows were merged."""
    results = standardise_many(
        records["smiles"].tolist(),
        source=source,
        processes=processes,
        progress=lambda share, message: progress(_STANDARDISING * share, message),
    )
    texts = pd.DataFrame(
        {
            column: records[column].fillna("").astype(str).str.strip() if column in records else ""
            for column in ("name", "mechanism", "compound_id")
        },
        index=records.index,
    ).reset_index(drop=True)
    good = np.array([isinstance(result, StandardMolecule) for result in results], dtype=bool)
    rejected = pd.DataFrame(
        [
            (
                row,
                texts["name"][row - 1],
                texts["compound_id"][row - 1],
                records["smiles"].iloc[row - 1],
                str(result),
            )
            for row, result in enumerate(results, start=1)
            if isinstance(result, MoleculeError)
        ],
        columns=["row", "name", "compound_id", "smiles", "reason"],
    )
    molecules = [result for result in results if isinstance(result, StandardMolecule)]
    table = texts[good].replace("", None).reset_index(drop=True)
    table.insert(0, "inchikey", [molecule.inchikey for molecule in molecules])
    table.insert(0, "smiles", [molecule.smiles for molecule in molecules])
    if "seen" in records:
        table["seen"] = records["seen"].to_numpy(dtype=bool)[good]
    how = {column: "max" if column == "seen" else "first" for column in table.columns if column != "inchikey"}
    merged = table.groupby("inchikey", sort=False, as_index=False).agg(how)
    # A candidate needs something to be called by.
    merged["name"] = merged["name"].fillna(merged["compound_id"]).fillna(merged["inchikey"])
    columns = ["name", "mechanism", "compound_id"]
    merged[columns] = merged[columns].fillna("").astype(str)
    return merged, rejected, len(table) - len(merged)


def _embed(
    path: Path,
    smiles: list[str],
    encoder: MoleculeEncoder,
    doses: NDArray[np.float64],
    processes: int | None,
    progress: Progress,
) -> None:
    shape = (len(doses), len(smiles), encoder.width)
    embeddings = np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=shape)
    for start in range(0, len(smiles), _BLOCK):
        block = smiles[start : start + _BLOCK]

        def report(share: float, message: str, start: int = start, count: int = len(block)) -> None:
            done = (start + share * count) / len(smiles)
            progress(_STANDARDISING + (_EMBEDDED - _STANDARDISING) * done, message)

        features = encoder.molecule_features(block, processes=processes, progress=report)
        vectors = encoder.embed_molecules(features, doses)
        if vectors.shape != (len(block), len(doses), encoder.width) or not np.isfinite(vectors).all():
            raise LibraryError(
                path, "embeddings", f"shape {vectors.shape} or values that are not finite", "finite unit vectors"
            )
        embeddings[:, start : start + len(block)] = vectors.transpose(1, 0, 2)
        report(1.0, "Embedding molecules")
    embeddings.flush()


def _replace(aside: Path, out: Path) -> None:
    if not out.exists():
        aside.rename(out)
        return
    old = out.parent / f".{out.name}.{uuid.uuid4().hex[:8]}.old"
    out.rename(old)
    try:
        aside.rename(out)
    except OSError:
        old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
