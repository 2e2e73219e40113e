"""The model and the library of the engine's process, loaded when something first needs them.

``MOLPHENIX_MODEL`` and ``MOLPHENIX_LIBRARY`` name other folders than those that ship.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from app.messages import describe_error
from app.session_text import describe_library, describe_model
from molphenix_core.errors import InputError
from molphenix_core.model.bundle import Bundle
from molphenix_core.model.bundle_files import load_bundle
from molphenix_core.progress import Progress
from molphenix_core.resources import default_library, default_model
from molphenix_core.retrieval.library import Library, open_library

__all__ = ["Models"]

T = TypeVar("T")


class _Loaded(Generic[T]):
    """Something loaded once, or the reason why it cannot be used. Stopped on the way, it is loaded next time."""

    def __init__(self, load: Callable[[], T]) -> None:
        self._load = load
        self._value: T | None = None
        self.error: InputError | None = None

    def get(self) -> T | None:
        if self._value is None and self.error is None:
            try:
                self._value = self._load()
            except InputError as error:
                self.error = error
        return self._value


class Models:
    """Model and library; either may be unusable while the other is sound."""

    def __init__(self) -> None:
        self._bundle = _Loaded(lambda: load_bundle(os.environ.get("MOLPHENIX_MODEL") or default_model()))
        self._library = _Loaded(self._open_library)

    def bundle(self, progress: Progress) -> Bundle | None:
        """The model; None where it cannot be used."""
        progress(0.0, "Loading the model")
        return self._bundle.get()

    def library(self, progress: Progress) -> Library | None:
        """The library; None where it cannot be used."""
        self.bundle(progress)
        progress(0.0, "Opening the library")
        return self._library.get()

    def require_library(self, progress: Progress) -> Library:
        """The library.

        Raises
        ------
        InputError
            Why it cannot be used.
        """
        library = self.library(progress)
        if library is None:
            assert self._library.error is not None, "what is not there says why"
            raise self._library.error
        return library

    def describe(self, progress: Progress) -> dict[str, Any]:
        """Words and errors of both, for :class:`app.records.Session`."""
        library, bundle = self.library(progress), self.bundle(progress)
        model, model_detail = describe_model(bundle) if bundle is not None else ("", "")
        line, detail = describe_library(library) if library is not None else ("", "")
        return {
            "model": model,
            "model_detail": model_detail,
            "model_hash": bundle.whole_hash if bundle is not None else "",
            "molecule_path_hash": bundle.molecule_path_hash if bundle is not None else "",
            "model_error": self._bundle.error and describe_error(self._bundle.error),
            "library": line,
            "library_detail": detail,
            "library_hash": library.embeddings_sha256 if library is not None else "",
            "library_error": self._library.error and describe_error(self._library.error),
        }

    def _open_library(self) -> Library:
        library = open_library(os.environ.get("MOLPHENIX_LIBRARY") or default_library())
        bundle = self._bundle.get()
        if bundle is not None:
            library.require(bundle)
        return library
