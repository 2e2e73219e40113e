"""A digest of everything in a plate file, so that a damaged one is refused rather than read wrongly.

HDF5 notices damage to its own structure, not to numbers and texts. The digest stands in an attribute of the
file's root: tools that rewrite the file, such as anndata, leave it out, and what they wrote is read unverified.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from molphenix_core.errors import PlateFileError

__all__ = ["seal", "verify"]

_SEAL = "molphenix-sha256"
_SLAB_BYTES = 2**24


def seal(file: h5py.File) -> None:
    """Write the digest of a file that is otherwise complete."""
    file.attrs[_SEAL] = _digest(file)


def verify(source: str | Path, file: h5py.File) -> None:
    """Compare the digest of a file with the one it carries; a file without one is taken as it is.

    Raises
    ------
    PlateFileError
        When they differ.
    """
    declared = file.attrs.get(_SEAL)
    if declared is None:
        return
    found = _digest(file)
    if declared != found:
        raise PlateFileError(
            source,
            "file",
            f"content with the SHA-256 {found[:12]}...",
            f"{str(declared)[:12]}... as it was written: the file was damaged, or edited by another program",
        )


def _digest(file: h5py.File) -> str:
    digest = hashlib.sha256()
    _add(digest, "", file)
    return digest.hexdigest()


def _add(digest: Any, path: str, node: h5py.Group | h5py.Dataset) -> None:
    attributes = {name: np.asarray(node.attrs[name]).tolist() for name in sorted(node.attrs) if name != _SEAL}
    is_group = isinstance(node, h5py.Group)
    what = sorted(node) if is_group else [str(node.dtype), list(node.shape)]
    digest.update(json.dumps([path, what, attributes], sort_keys=True, default=str).encode() + b"\n")
    if is_group:
        for name in what:
            _add(digest, f"{path}/{name}", node[name])
    elif h5py.check_string_dtype(node.dtype) is not None:
        digest.update(json.dumps(node.asstr()[...].tolist()).encode())
    elif node.ndim == 0:
        digest.update(np.asarray(node[()]).tobytes())
    else:
        row = max(1, node.dtype.itemsize * int(np.prod(node.shape[1:])))
        rows = max(1, _SLAB_BYTES // row)
        for start in range(0, node.shape[0], rows):
            digest.update(np.ascontiguousarray(node[start : start + rows]).data)
