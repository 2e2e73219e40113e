"""What can go wrong with what comes from outside.

::

    MolPhenixError
    ├── InputError            a file, table, text or setting does not hold what it should
    │   ├── PlateFileError    a plate file
    │   ├── TableError        a profile table, plate map or compound table
    │   ├── MoleculeError     a structure
    │   ├── BundleError       a model bundle
    │   ├── LibraryError      a molecule library or its index
    │   ├── JobError          a training job
    │   └── UnknownSpaceError a plate in an embedding space that the model has no tower for
    └── Cancelled             the user asked to stop
"""

from __future__ import annotations

from pathlib import Path

__all__ = [
    "BundleError",
    "Cancelled",
    "InputError",
    "JobError",
    "LibraryError",
    "MolPhenixError",
    "MoleculeError",
    "PlateFileError",
    "TableError",
    "UnknownSpaceError",
]


class MolPhenixError(Exception):
    """Base of every error that this library raises on purpose. Its text is meant for the user."""


class InputError(MolPhenixError):
    """Something from outside is not what it should be.

    Parameters
    ----------
    source : path or str
        The file (or "clipboard", "command line") at fault.
    field : str
        The column, dataset or key at fault, as the user would find it in that file.
    found, expected : str
        What stands there, and what should.
    """

    def __init__(self, source: str | Path, field: str, found: str, expected: str) -> None:
        self.source = str(source)
        self.field = field
        self.found = found
        self.expected = expected
        super().__init__(f"{self.source}: {field}: found {found}; expected {expected}")

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str, str, str]]:
        return type(self), (self.source, self.field, self.found, self.expected)


class PlateFileError(InputError):
    """A plate file cannot be read."""


class TableError(InputError):
    """A profile table, plate map or compound table cannot be used."""


class MoleculeError(InputError):
    """A structure cannot be parsed or standardised."""


class BundleError(InputError):
    """A model bundle is damaged, foreign or of a newer version."""


class LibraryError(InputError):
    """A molecule library or its index is damaged, foreign or made with another model."""


class JobError(InputError):
    """A training job asks for something that does not exist or does not fit."""


class UnknownSpaceError(InputError):
    """The plate lies in an embedding space for which the model has no tower."""


class Cancelled(MolPhenixError):
    """The user asked to stop; nothing was left half-written."""
