"""Whether the packages of the extra ``paper`` are there: the rest of the library does without them."""

from __future__ import annotations

from importlib.util import find_spec

from molphenix_core.errors import InputError

__all__ = ["missing", "require"]

_MODULES = {"jinja2": "jinja2", "matplotlib": "matplotlib", "scikit-learn": "sklearn", "umap-learn": "umap"}


def missing(package: str) -> str | None:
    """Why an analysis cannot be made, in words for the report; None where its package is installed.

    Parameters
    ----------
    package : str
        As it is called on PyPI: "umap-learn".

    Returns
    -------
    str or None
    """
    if find_spec(_MODULES[package]) is not None:
        return None
    return f"{package} is not installed (pip install 'molphenix[paper]')"


def require(*packages: str) -> None:
    """Make sure that packages are installed, before long work begins.

    Parameters
    ----------
    *packages : str
        As they are called on PyPI.

    Raises
    ------
    InputError
        Naming the first that is not.
    """
    for package in packages:
        if missing(package) is not None:
            raise InputError("this installation", "package", f"no {package}", "pip install 'molphenix[paper]'")
