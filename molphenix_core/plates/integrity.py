"""A digest behind the end of a plate file, so that a damaged one is refused before HDF5 looks into it.

HDF5 notices little of the damage to numbers and texts, and some makes its library read for ever. It ignores what
follows a file's own end, and cuts it off when a program opens the file to write: what others edited or wrote
carries no digest and is read unverified.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from molphenix_core.errors import PlateFileError

__all__ = ["seal", "verify"]

_MARK = b"\nmolphenix-sha256 "
_LENGTH = len(_MARK) + 64 + 1
_BLOCK = 2**20


def seal(path: str | Path) -> None:
    """Append the SHA-256 of a closed HDF5 file to it.

    Parameters
    ----------
    path : path
        A file without a digest: a second one would be part of what neither checks.

    Raises
    ------
    OSError
        When the file cannot be read or written.
    """
    path = Path(path)
    digest = _digest(path, path.stat().st_size)
    with path.open("ab") as file:
        file.write(_MARK + digest + b"\n")


def verify(path: str | Path) -> None:
    """Compare a file with the digest at its end; one without is taken as it is.

    Parameters
    ----------
    path : path

    Raises
    ------
    PlateFileError
        When they differ.
    OSError
        When the file cannot be read.
    """
    path = Path(path)
    size = path.stat().st_size - _LENGTH
    if size <= 0:
        return
    with path.open("rb") as file:
        file.seek(size)
        end = file.read(_LENGTH)
    if not end.startswith(_MARK):
        return
    declared, found = end[len(_MARK) : -1], _digest(path, size)
    if declared != found:
        raise PlateFileError(
            path,
            "file",
            f"damaged content (SHA-256 {found[:12].decode()}...)",
            f"what was written ({declared[:12].decode('latin-1')}...): fetch or convert it again",
        )


def _digest(path: Path, size: int) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0 and (block := file.read(min(size, _BLOCK))):
            digest.update(block)
            size -= len(block)
    return digest.hexdigest().encode()
