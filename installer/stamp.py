"""The stamp in ``.venv`` that says what was installed, so that a second start installs nothing."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

STAMP_NAME = "molphenix-setup.json"
RUNNING_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

# What decides the content of the environment. The interpreter counts by its minor version: wheels are built
# per minor version, and a security release of Python must not cost a reinstallation.
_INPUTS = ("pyproject.toml", "installer/constraints.txt")


@dataclass(frozen=True)
class Stamp:
    """A finished set-up.

    Attributes
    ----------
    key : str
        `fingerprint` of what was installed.
    torch : str
        The build of torch that was asked for, "cpu" or "cuda".
    platforms : tuple of str
        Qt platforms ("offscreen", "xcb", ...) whose system libraries were found complete.
    """

    key: str
    torch: str
    platforms: tuple[str, ...] = ()


def fingerprint(root: Path, *, torch: str, python: str = RUNNING_PYTHON) -> str:
    """Hash of everything that decides what the environment of `root` must contain.

    Parameters
    ----------
    root : Path
        The checkout. Its place counts, since the editable install points to it.
    torch : str
        The build of torch, "cpu" or "cuda".
    python : str
        Major and minor version of the interpreter, as "3.12".

    Returns
    -------
    str
        SHA-256, hexadecimal.
    """
    digest = hashlib.sha256()
    for part in (str(root), torch, python):
        digest.update(part.encode() + b"\0")
    for name in _INPUTS:
        digest.update((root / name).read_bytes() + b"\0")
    return digest.hexdigest()


def read_stamp(folder: Path) -> Stamp | None:
    """Return the stamp in the environment `folder`, or None when there is none that can be read.

    A damaged stamp counts as none: the cost is one set-up, which finds most things in place.
    """
    try:
        fields = json.loads((folder / STAMP_NAME).read_text(encoding="utf-8"))
        return Stamp(
            key=str(fields["key"]),
            torch=str(fields["torch"]),
            platforms=tuple(str(name) for name in fields["platforms"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_stamp(folder: Path, stamp: Stamp) -> None:
    """Write `stamp` into the environment `folder`, aside first, so that it is whole or absent."""
    aside = folder / (STAMP_NAME + ".part")
    aside.write_text(json.dumps(asdict(stamp), indent=2) + "\n", encoding="utf-8")
    aside.replace(folder / STAMP_NAME)


def remove_stamp(folder: Path) -> None:
    """Remove the stamp, before anything is installed: an interrupted set-up must leave none."""
    (folder / STAMP_NAME).unlink(missing_ok=True)
