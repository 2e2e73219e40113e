"""Plate files: HDF5 in AnnData's on-disk form, with the embedding space named in ``uns["embedding"]``."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from molphenix_core.errors import PlateFileError
from molphenix_core.plates.anndata_layout import read_table, refuse_outside_links, write_dict, write_table
from molphenix_core.plates.check import check_embeddings, check_names, checked_wells
from molphenix_core.plates.integrity import seal, verify
from molphenix_core.plates.plate import EmbeddingInfo, Plate
from molphenix_core.writing import written_aside

__all__ = ["read_plate", "write_plate"]

_ROWS_A_CHUNK = 1024
# What h5py raises, according to where in a file the damage lies.
_DAMAGE = (
    OSError,
    RuntimeError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    MemoryError,
    OverflowError,
)


def write_plate(plate: Plate, path: str | Path) -> None:
    """Write a plate file, aside first and then renamed, so that no half file is ever seen.

    Parameters
    ----------
    plate : Plate
        Embeddings are written as float32 (n_wells, d), at least one well and one feature.
    path : path
        The file to write, ``.h5ad``; one that is there is replaced.

    Raises
    ------
    PlateFileError
        When the wells or the embeddings break the contract, or the file cannot be written.
    """
    path = Path(path)
    wells = checked_wells(path, plate.wells)
    values = np.ascontiguousarray(plate.embeddings, dtype=np.float32)
    if values.ndim != 2 or len(values) != len(wells):
        raise PlateFileError(path, "X", f"shape {values.shape}", f"({len(wells)}, d), one row a well")
    check_embeddings(path, values, wells)
    check_names(path, wells, plate.feature_names, values.shape[1])
    with written_aside(path, PlateFileError) as temporary:
        with h5py.File(temporary, "w") as file:
            _write(file, plate, wells, values)
        seal(temporary)


def _write(file: h5py.File, plate: Plate, wells: pd.DataFrame, values: np.ndarray) -> None:
    file.attrs["encoding-type"] = "anndata"
    file.attrs["encoding-version"] = "0.1.0"
    chunk = (min(_ROWS_A_CHUNK, len(values)), values.shape[1])
    x = file.create_dataset("X", data=values, chunks=chunk)
    x.attrs["encoding-type"] = "array"
    x.attrs["encoding-version"] = "0.2.0"
    write_table(file, "obs", wells)
    write_table(file, "var", pd.DataFrame(index=list(plate.feature_names)))
    steps = plate.embedding.normalisation
    embedding: dict[str, object] = {
        "space": plate.space,
        "encoder": plate.embedding.encoder,
        "version": plate.embedding.version,
        "normalisation_known": steps is not None,
        "normalisation": list(steps or ()),
    }
    write_dict(file, "uns", {"embedding": embedding, "simulated": plate.simulated})
    for name in ("layers", "obsm", "obsp", "varm", "varp"):
        write_dict(file, name, {})


def read_plate(path: str | Path) -> Plate:
    """Read and check a plate file.

    Parameters
    ----------
    path : path
        An ``.h5ad`` file: ``X`` (n_wells, d) of finite numbers, ``obs`` with the columns of
        :class:`~molphenix_core.plates.plate.Plate`, ``var`` with the feature names.

    Returns
    -------
    Plate
        Embeddings float32 (n_wells, d), concentrations in micromolar, ``source`` the path.

    Raises
    ------
    PlateFileError
        Naming file, field, found and expected.
    """
    path = Path(path)
    if not path.is_file():
        raise PlateFileError(path, "file", "nothing there", "a plate file (.h5ad)")
    try:
        verify(path)
    except OSError as error:
        raise PlateFileError(path, "file", error.strerror or str(error), "a readable file") from error
    if not h5py.is_hdf5(path):
        raise PlateFileError(path, "file", "no HDF5 signature", "an HDF5 plate file (.h5ad); convert tables first")
    try:
        with h5py.File(path, "r") as file:
            refuse_outside_links(path, file)
            return _read(path, file)
    except _DAMAGE as error:
        raise PlateFileError(path, "file", f"damaged HDF5 ({error})", "a whole plate file") from error


def _read(path: Path, file: h5py.File) -> Plate:
    x = file.get("X")
    if x is None:
        raise PlateFileError(path, "X", "nothing", "the embeddings, one row a well")
    if not isinstance(x, h5py.Dataset) or x.ndim != 2 or x.dtype.kind not in "fiu":
        found = f"{x.dtype} {x.shape}" if isinstance(x, h5py.Dataset) else "a sparse or nested matrix"
        raise PlateFileError(path, "X", found, "a dense matrix of numbers (wells, features)")
    if x.id.get_storage_size() * 100 < x.size * x.dtype.itemsize:
        raise PlateFileError(path, "X", f"shape {x.shape} but hardly any data", "the embeddings, one row a well")
    wells = read_table(path, file, "obs", x.shape[0])
    features = read_table(path, file, "var", x.shape[1])
    wells = checked_wells(path, wells)
    values = np.ascontiguousarray(x[...], dtype=np.float32)
    check_embeddings(path, values, wells)
    names = tuple(str(name) for name in features.index)
    check_names(path, wells, names, x.shape[1])
    info, simulated = _read_info(path, file, names)
    return Plate(
        wells=wells,
        embeddings=values,
        feature_names=names,
        embedding=info,
        source=str(path),
        simulated=simulated,
    )


def _text(node: object, default: str) -> str:
    if isinstance(node, h5py.Dataset) and node.shape == () and h5py.check_string_dtype(node.dtype):
        return str(node.asstr()[()])
    return default


def _flag(node: object) -> bool:
    return isinstance(node, h5py.Dataset) and node.shape == () and node.dtype.kind in "biu" and bool(node[()])


def _read_info(path: Path, file: h5py.File, names: tuple[str, ...]) -> tuple[EmbeddingInfo, bool]:
    simulated = _flag(file.get("uns/simulated"))
    group = file.get("uns/embedding")
    if not isinstance(group, h5py.Group):
        return EmbeddingInfo(), simulated
    steps: tuple[str, ...] | None = None
    if _flag(group.get("normalisation_known")):
        listed = group.get("normalisation")
        if not isinstance(listed, h5py.Dataset) or listed.ndim != 1:
            raise PlateFileError(path, "uns/embedding/normalisation", "no list", "the steps applied, as texts")
        steps = tuple(str(step) for step in listed.asstr()[...])
    info = EmbeddingInfo(
        encoder=_text(group.get("encoder"), "unknown"),
        version=_text(group.get("version"), ""),
        normalisation=steps,
    )
    declared = _text(group.get("space"), "")
    if declared and declared != info.space(names):
        raise PlateFileError(
            path,
            "uns/embedding/space",
            declared,
            f"{info.space(names)}, the hash of the encoder, normalisation and feature names in this file",
        )
    return info, simulated
