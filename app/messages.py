"""How the window and its engine process talk: JSON over a pipe, large arrays as files to map.

Nothing is pickled: a damaged or hostile plate can at worst make the engine send a wrong number, never code.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import traceback
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molphenix_core.errors import InputError

__all__ = ["describe_error", "pack", "unpack"]

_ARRAY = "__array__"
_BYTES = "__bytes__"
_MAP_FROM = 1 << 20


def pack(message: dict[str, Any], folder: Path) -> bytes:
    """Write a message as JSON; its arrays become ``.npy`` files in a folder, its bytes base64.

    Raises
    ------
    TypeError
        For a value that is neither JSON, bytes nor an array.
    """

    def default(value: object) -> object:
        if isinstance(value, np.ndarray):
            name = f"{secrets.token_hex(8)}.npy"
            np.save(folder / name, value, allow_pickle=False)
            return {_ARRAY: name}
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, bytes):
            return {_BYTES: base64.b64encode(value).decode("ascii")}
        raise TypeError(f"cannot send {type(value).__name__} between processes")

    return json.dumps(message, default=default).encode()


def unpack(data: bytes, folder: Path) -> dict[str, Any]:
    """Read what :func:`pack` wrote, taking its arrays out of the folder (read-only, mapped when large)."""

    def hook(item: dict[str, Any]) -> Any:
        if len(item) == 1:
            if _ARRAY in item:
                return _take_array(folder / Path(item[_ARRAY]).name)
            if _BYTES in item:
                return base64.b64decode(item[_BYTES])
        return item

    message: dict[str, Any] = json.loads(data, object_hook=hook)
    return message


def _take_array(path: Path) -> NDArray[Any]:
    large = path.stat().st_size >= _MAP_FROM
    array = np.load(path, mmap_mode="r" if large else None, allow_pickle=False)
    # Windows cannot remove a file that is mapped: there it goes with its folder, when the engine closes.
    if not large or os.name != "nt":
        path.unlink()
    array.flags.writeable = False
    return array


def describe_error(error: BaseException) -> dict[str, Any]:
    """What the window needs of an error: ``class``, ``text``, ``fields`` and ``trace``."""
    fields: dict[str, str] = {}
    if isinstance(error, InputError):
        fields = {
            "source": error.source,
            "field": error.field,
            "found": error.found,
            "expected": error.expected,
        }
    trace = "".join(traceback.format_exception(error))
    return {"class": type(error).__name__, "text": str(error), "fields": fields, "trace": trace}
