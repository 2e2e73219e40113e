"""What the commands of ``molphenix`` share: options, and how they are read."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from molphenix_core.errors import InputError
from molphenix_core.progress import silent
from molphenix_core.resources import default_model

if TYPE_CHECKING:
    from molphenix_core.model.bundle import Bundle

__all__ = ["LibraryFolder", "Model", "open_model", "parse_doses", "parse_pairs", "progress_line"]

Model = Annotated[Path | None, typer.Option("--model", help="Model bundle; the one that ships by default.")]
LibraryFolder = Annotated[Path | None, typer.Option("--library", help="Library; the one that ships by default.")]


def open_model(model: Path | None) -> Bundle:
    """Load a bundle.

    Parameters
    ----------
    model : Path or None
        Its folder; None takes the one that ships.

    Returns
    -------
    Bundle

    Raises
    ------
    BundleError
        When it is not what it should be.
    """
    from molphenix_core.model.bundle_files import load_bundle

    return load_bundle(model if model is not None else default_model())


def progress_line() -> Callable[[float, str], None]:
    """Make a line that rewrites itself on a terminal, and nothing where there is none.

    Returns
    -------
    callable
        Told the share done, 0 to 1, and a message.
    """
    if not sys.stderr.isatty():
        return silent

    def show(share: float, message: str) -> None:
        end = "\n" if share >= 1 else ""
        print(f"\r{100 * share:3.0f} %  {message:<60.60}", end=end, file=sys.stderr, flush=True)

    return show


def parse_pairs(values: list[str]) -> dict[str, str]:
    """Read ``FIELD=COLUMN`` options.

    Parameters
    ----------
    values : list of str

    Returns
    -------
    dict of str to str
        Column by field.

    Raises
    ------
    InputError
        When one is not of that form.
    """
    pairs = {}
    for value in values:
        name, sign, column = value.partition("=")
        if not sign or not name or not column:
            raise InputError("command line", "--column", repr(value), "FIELD=COLUMN, as Metadata_Well=position")
        pairs[name] = column
    return pairs


def parse_doses(text: str) -> tuple[float, ...]:
    """Read doses.

    Parameters
    ----------
    text : str
        Micromolar, separated by commas; "unknown" for none.

    Returns
    -------
    tuple of float
        NaN for "unknown".

    Raises
    ------
    InputError
        When one is no number.
    """
    try:
        return tuple(float("nan") if dose.strip() == "unknown" else float(dose) for dose in text.split(","))
    except ValueError as error:
        raise InputError("command line", "--doses", repr(text), "numbers such as 0.1,1,10") from error
