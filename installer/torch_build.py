"""Which build of torch to ask pip for, and where from.

PyPI holds one build per platform: with CUDA on Linux, without on Windows and macOS. The other build of each
is on PyTorch's own index under a local version label (``2.13.0+cpu``), which pip ranks above the plain
version whenever it sees both. So the other build needs the index to be visible, and PyPI's own build needs
``===``, which no labelled version matches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from installer.process import SetupError

INDEX = "https://download.pytorch.org/whl/"

# The folder of PyTorch's index, or None where PyPI's own build is the one wanted.
_CHANNELS: Mapping[tuple[str, str], str | None] = {
    ("Linux", "cpu"): "cpu",
    ("Linux", "cuda"): None,
    ("Windows", "cpu"): None,
    ("Windows", "cuda"): "cu130",
    ("Darwin", "cpu"): None,
}


@dataclass(frozen=True)
class TorchRequest:
    """What to hand to pip for torch.

    Attributes
    ----------
    requirement : str
        A requirement, as ``torch==2.13.0``.
    index : str or None
        A further index that has the wanted build; None where PyPI has it.
    """

    requirement: str
    index: str | None


def torch_request(constraints: Path, *, system: str, build: str) -> TorchRequest:
    """Return what to ask pip for.

    Parameters
    ----------
    constraints : Path
        The file that pins ``torch==<version>``.
    system : str
        `platform.system()`: "Linux", "Windows" or "Darwin".
    build : str
        "cpu" or "cuda".

    Raises
    ------
    SetupError
        If there is no such build for the system, or `constraints` does not pin torch.
    """
    if (system, build) not in _CHANNELS:
        raise SetupError(f"there is no {build.upper()} build of torch for {system}; use --torch cpu")
    pinned = re.search(r"^torch==([0-9.]+)$", constraints.read_text(encoding="utf-8"), re.MULTILINE)
    if pinned is None:
        raise SetupError(f"{constraints}: found no line `torch==<version>`; set-up expects exactly one")
    channel = _CHANNELS[system, build]
    if channel is None:
        return TorchRequest(f"torch==={pinned[1]}", None)
    return TorchRequest(f"torch=={pinned[1]}", f"{INDEX}{channel}")


def why_unreachable(url: str, *, open_url: Callable[..., object] | None = None) -> str | None:
    """Return why no server answers at `url`, or None when one does.

    Asked once with a short limit, because pip itself would try an absent index five times, for minutes. Any
    answer counts, also a refusal: pip knows proxies and certificates that are not known here.

    Parameters
    ----------
    url : str
        The address.
    open_url : callable, optional
        Stands in for `urllib.request.urlopen`.
    """
    # Imported only here: it would cost every later start 30 ms.
    import urllib.error
    import urllib.request

    open_url = open_url or urllib.request.urlopen
    try:
        open_url(urllib.request.Request(url, method="HEAD"), timeout=5)
    except urllib.error.HTTPError:
        return None
    except urllib.error.URLError as error:
        return None if "CERTIFICATE" in str(error.reason).upper() else str(error.reason)
    except OSError as error:
        return str(error)
    return None
