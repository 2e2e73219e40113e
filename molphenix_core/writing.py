"""Writing so that nothing of the user's is ever half-written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from molphenix_core.errors import InputError

__all__ = ["require_writable", "written_aside"]


@contextmanager
def written_aside(path: str | Path, error: type[InputError] = InputError) -> Iterator[Path]:
    """Give a temporary file beside ``path`` to write, which takes its place when all went well.

    Parameters
    ----------
    path : path
        What is to be written.
    error : type
        The subclass of :class:`~molphenix_core.errors.InputError` to raise.

    Yields
    ------
    Path
        The temporary file, gone if the block raises.

    Raises
    ------
    InputError (or the subclass given)
        When it cannot be written there. What stood at ``path`` before is untouched.
    """
    path = Path(path)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            temporary.chmod(0o644)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as cause:
        raise error(path, "file", cause.strerror or str(cause), "a place to write to") from cause


def require_writable(folder: str | Path, error: type[InputError] = InputError) -> None:
    """Make sure that a folder, which need not exist yet, can be written into, before long work begins.

    Parameters
    ----------
    folder : path
    error : type
        The subclass of :class:`~molphenix_core.errors.InputError` to raise.

    Raises
    ------
    InputError (or the subclass given)
        When it cannot.
    """
    place = Path(folder)
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as cause:
        raise error(folder, "folder", cause.strerror or str(cause), "a folder to write into") from cause
