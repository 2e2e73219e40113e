"""Versions of what figures depend on, for reports."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from platform import python_version

import molphenix_core

__all__ = ["installed_versions"]

_PACKAGES = ("numpy", "scipy", "torch", "rdkit", "pandas", "scikit-learn", "umap-learn", "matplotlib")


def installed_versions() -> dict[str, str]:
    """Versions of Python, this library and what its figures depend on; those not installed are left out.

    Returns
    -------
    dict of str to str
    """
    out = {"molphenix": molphenix_core.__version__, "Python": python_version()}
    for name in _PACKAGES:
        try:
            out[name] = version(name)
        except PackageNotFoundError:
            continue
    return out
